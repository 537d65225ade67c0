"""Writing recordings: buffered, rotated by local day and by size, never more than was agreed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from gigmarket.domain.policy import Policy
from gigmarket.recording.lines import FORMAT, Gone, Header, Line, Worker
from gigmarket.recording.part import TRAILER, Part


class Recorder:
    """Takes lines on the event loop (`add`, cheap) and writes them elsewhere (`flush`, blocking).

    A file is one part of one local day of `zone`, at most `most_bytes` long; `most_files` are kept, the oldest
    are removed. Ids become pseudonyms under a key that exists in memory only and only as long as its file is
    open, so nobody can follow a person from one file to the next. Sites and workers stand on a 100 m grid.
    """

    def __init__(
        self,
        folder: Path,
        policy: Policy,
        *,
        estimated: bool,
        software: str,
        zone: tzinfo,
        most_bytes: int = 64 * 1024 * 1024,
        most_files: int = 14,
        most_pending: int = 200_000,
    ) -> None:
        self._folder = folder
        self._policy = asdict(policy)
        self._estimated, self._software, self._zone = estimated, software, zone
        self._most_bytes, self._most_files, self._most_pending = most_bytes, most_files, most_pending
        self._pending: list[Line] = []
        self._known: set[str] = set()
        self._file: Part | None = None
        self._handing, self._writing = Lock(), Lock()
        self.dropped = 0
        """Lines left out because nobody flushed in time, or the disk refused them."""

    def add(self, lines: Iterable[Line]) -> None:
        """Take lines with real ids and exact positions, oldest first. Never blocks, never raises."""
        with self._handing:
            for line in lines:
                if len(self._pending) >= self._most_pending:
                    self.dropped += 1
                    continue
                if isinstance(line, Worker):
                    self._known.add(line.worker)
                elif isinstance(line, Gone):
                    self._known.discard(line.worker)
                self._pending.append(line)

    def knows(self, worker: str) -> bool:
        """Whether this worker stands in the current file already: only his changes need to be added."""
        return worker in self._known

    def flush(self) -> None:
        """Write what was taken so far; call it every few seconds, in a thread.

        Raises OSError when the folder or disk refuses: those lines are lost, the next flush begins a file.
        """
        with self._writing:
            with self._handing:
                lines, self._pending = self._pending, []
            left = len(lines)
            try:
                for line in lines:
                    self._write(line)
                    left -= 1
                if self._file:
                    self._file.sync()
            except Exception:
                self.dropped += left
                self._forget()
                raise

    def close(self) -> None:
        """Write the rest and end the file. Raises OSError as `flush` does."""
        self.flush()
        with self._writing:
            self._end()

    def _write(self, line: Line) -> None:
        day = datetime.fromtimestamp(line.at, self._zone).date().isoformat()
        # A clock that steps back over midnight stays in the file it has.
        if self._file and (day > self._file.day or self._file.size >= self._most_bytes - TRAILER):
            self._end()
        for _ in range(2):
            if self._file is None:
                self._file = self._open(day, line.at)
            text = self._file.text(line)
            if not text or self._file.put(text, self._most_bytes - TRAILER):
                return
            self._end()
        self.dropped += 1

    def _open(self, day: str, at: float) -> Part:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._prune(self._most_files - 1)
        offset = datetime.fromtimestamp(at, self._zone).utcoffset() or timedelta()
        header = Header(
            at, FORMAT, day, int(offset.total_seconds()), self._software, self._estimated, self._policy
        )
        return Part(*_next_part(self._folder, day), day, header)

    def _prune(self, keep: int) -> None:
        for path in recordings(self._folder)[: -keep or None]:
            path.unlink(missing_ok=True)

    def _end(self) -> None:
        if self._file:
            file, self._file = self._file, None
            self._known = set()
            file.end()

    def _forget(self) -> None:
        if self._file:
            self._known = set()
            self._file.abandon()
            self._file = None


def recordings(folder: Path) -> list[Path]:
    """The recordings in a folder, oldest first."""
    return sorted(folder.glob("rounds-????-??-??.*.jsonl.gz"))


def _next_part(folder: Path, day: str) -> tuple[Path, BinaryIO]:
    taken = sorted(folder.glob(f"rounds-{day}.*.jsonl.gz"))
    part = int(taken[-1].name.split(".")[1]) + 1 if taken else 1
    while True:
        path = folder / f"rounds-{day}.{part:04}.jsonl.gz"
        try:
            file = path.open("xb")
        except FileExistsError:
            part += 1
            continue
        path.chmod(0o600)
        return path, file
