"""One part of a day's recording: a file in which ids are pseudonyms of its own and places stand on a grid."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

import orjson

from gigmarket.recording.lines import KINDS, Answered, Closed, Gig, Gone, Header, Line, Round, Work, Worker

GRID_PLACES = 3
"""Decimals of a degree that are kept: 0.001° is 111 m north and 98 m east at Zhangshu."""
TRAILER = 64
"""Bytes that the end of a gzip stream may take."""
_TAGS: Mapping[type, bytes] = {of: b'{"t":"%s",' % kind.encode() for kind, of in KINDS.items()}
_PACK = 1 << 16


class Part:
    """One open part: its key, what it has told already, and a stream that can be read up to the last sync."""

    def __init__(self, path: Path, file: BinaryIO, day: str, header: Header) -> None:
        self.path, self.day = path, day
        self.size = 0
        self._file = file
        self._stream = zlib.compressobj(6, wbits=31)
        self._key = secrets.token_bytes(32)
        self._names: dict[tuple[bytes, str], str] = {}
        self._gigs: dict[str, Gig] = {}
        self._workers: dict[str, Worker] = {}
        self._unpacked = 0
        first = _encode(header)
        self.put(first, len(first) + TRAILER)

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


def _encode(line: Line) -> bytes:
    # Columns of a round hold numpy's numbers.
    return _TAGS[type(line)] + orjson.dumps(line, option=orjson.OPT_SERIALIZE_NUMPY)[1:] + b"\n"
