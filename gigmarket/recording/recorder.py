"""Writing recordings: buffered, rotated by local day and by size, pseudonymous, never more than was agreed."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta, tzinfo
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import orjson

from gigmarket.domain.policy import Policy
from gigmarket.recording.lines import (
    FORMAT,
    KINDS,
    Answered,
    Closed,
    Gig,
    Gone,
    Header,
    Line,
    Round,
    Work,
    Worker,
)

GRID_PLACES = 3
"""Decimals of a degree that are kept: 0.001° is 111 m north and 98 m east at Zhangshu."""
_TAGS: Mapping[type, bytes] = {of: b'{"t":"%s",' % kind.encode() for kind, of in KINDS.items()}
_PACK = 1 << 16
_TRAILER = 64
"""Bytes that the end of a gzip stream may take."""


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
        self._file: _File | None = None
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
        if self._file and (day > self._file.day or self._file.size >= self._most_bytes - _TRAILER):
            self._end()
        for _ in range(2):
            if self._file is None:
                self._file = self._open(day, line.at)
            text = self._file.text(line)
            if not text or self._file.put(text, self._most_bytes - _TRAILER):
                return
            self._end()
        self.dropped += 1

    def _open(self, day: str, at: float) -> _File:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._prune(self._most_files - 1)
        offset = datetime.fromtimestamp(at, self._zone).utcoffset() or timedelta()
        header = Header(
            at, FORMAT, day, int(offset.total_seconds()), self._software, self._estimated, self._policy
        )
        return _File(*_next_part(self._folder, day), day, _encode(header))

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


def _encode(line: Line) -> bytes:
    # Columns of a round hold numpy's numbers.
    return _TAGS[type(line)] + orjson.dumps(line, option=orjson.OPT_SERIALIZE_NUMPY)[1:] + b"\n"


class _File:
    """One open part: its key, what it has told already, and a stream that can be read up to the last sync."""

    def __init__(self, path: Path, file: BinaryIO, day: str, header: bytes) -> None:
        self.path, self.day = path, day
        self.size = 0
        self._file = file
        self._stream = zlib.compressobj(6, wbits=31)
        self._key = secrets.token_bytes(32)
        self._names: dict[tuple[bytes, str], str] = {}
        self._gigs: dict[str, Gig] = {}
        self._workers: dict[str, Worker] = {}
        self._unpacked = 0
        self.put(header, len(header) + _TRAILER)

    def text(self, line: Line) -> bytes:
        """The line as it will stand in the file; empty when the file has it already or does not know whose."""
        told = self._told(line)
        return _encode(told) if told else b""

    def put(self, text: bytes, most_bytes: int) -> bool:
        """Append a line; False when the file might grow beyond `most_bytes` by it."""
        # What the compressor still holds may come out as long as it went in.
        if self.size + self._unpacked + len(text) > most_bytes:
            self.sync()
            if self.size + len(text) > most_bytes:
                return False
        self._unpacked += len(text) + 8
        self._append(self._stream.compress(text))
        if self._unpacked > _PACK:
            self.sync()
        return True

    def sync(self) -> None:
        """Everything put so far can be read, whatever happens next."""
        if self._unpacked:
            self._append(self._stream.flush(zlib.Z_SYNC_FLUSH))
            self._file.flush()
            self._unpacked = 0

    def end(self) -> None:
        """Finish the file properly."""
        self._append(self._stream.flush(zlib.Z_FINISH))
        self._file.close()

    def abandon(self) -> None:
        """Leave the file as it is."""
        try:
            self._file.close()
        except OSError:
            return

    def _append(self, packed: bytes) -> None:
        self._file.write(packed)
        self.size += len(packed)

    def _told(self, line: Line) -> Line | None:
        match line:
            case Gig():
                return self._gig(line)
            case Worker():
                return self._worker(line)
            case Round():
                return self._round(line)
            case Gone():
                known = self._workers.pop(line.worker, None)
                return replace(line, worker=self._name(b"worker", line.worker)) if known else None
            case Closed():
                known_gig = line.gig in self._gigs
                return replace(line, gig=self._name(b"gig", line.gig)) if known_gig else None
            case Answered() | Work():
                # Without the offer's own line in this file nobody could tell what it belongs to.
                if (b"worker", line.worker) not in self._names or line.gig not in self._gigs:
                    return None
                return replace(
                    line, gig=self._name(b"gig", line.gig), worker=self._name(b"worker", line.worker)
                )
            case Header():
                return None

    def _gig(self, gig: Gig) -> Gig | None:
        coarse = replace(gig, at=0.0, lat=round(gig.lat, GRID_PLACES), lng=round(gig.lng, GRID_PLACES))
        if self._gigs.get(gig.gig) == coarse:
            return None
        self._gigs[gig.gig] = coarse
        return replace(coarse, at=gig.at, gig=self._name(b"gig", gig.gig))

    def _worker(self, worker: Worker) -> Worker | None:
        coarse = replace(
            worker, at=0.0, share=0.0, credit_s=0.0, busy=(), lat=round(worker.lat, GRID_PLACES),
            lng=round(worker.lng, GRID_PLACES), trades=tuple(sorted(worker.trades)),
            groups=tuple(sorted(worker.groups)),
        )  # fmt: skip
        if self._workers.get(worker.worker) == coarse:
            return None
        self._workers[worker.worker] = coarse
        return replace(
            coarse,
            at=worker.at,
            worker=self._name(b"worker", worker.worker),
            crew=None if worker.crew is None else self._name(b"crew", worker.crew),
            share=round(worker.share, 4),
            credit_s=round(worker.credit_s, 1),
            busy=worker.busy,
        )

    def _round(self, done: Round) -> Round:
        offers = tuple(
            replace(
                offer,
                gig=self._name(b"gig", offer.gig),
                worker=self._name(b"worker", offer.worker),
                travel_s=round(offer.travel_s, 1),
                cost_s=round(offer.cost_s, 1),
            )
            for offer in done.offers
        )
        return replace(done, gigs=tuple(self._name(b"gig", gig) for gig in done.gigs), offers=offers)

    def _name(self, kind: bytes, name: str) -> str:
        found = self._names.get((kind, name))
        if found is None:
            found = blake2b(name.encode(), key=self._key, person=kind, digest_size=8).hexdigest()
            self._names[kind, name] = found
        return found
