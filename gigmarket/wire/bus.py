"""What travels between processes: events, each with the frame its sockets will get, and wake-up calls."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from pydantic import TypeAdapter

from gigmarket.domain.geo import Position
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.wire.codec import decode, encode

Outgoing = tuple[str, int, bytes]
"""One event on its way: whose stream, which seq, and its WebSocket frame, ready to be sent.

A plain tuple: each process makes one for each event and phone, and one with names takes three times as long.
"""


@dataclass(frozen=True, slots=True)
class Wake:
    """Gigs and workers the dispatcher should look at again. Those of the `gigs` that are new come as they were
    `posted`, so that nobody has to read them.
    """

    gigs: tuple[GigId, ...]
    workers: tuple[WorkerId, ...]
    posted: tuple[Gig, ...] = ()


_WAKE = TypeAdapter(Wake)


def pack(events: Iterable[Outgoing]) -> bytes:
    """One bus message: a line of JSON with all principals, all seqs and all sizes, then the frames.

    A frame is built once, in the process that committed its event, for every socket of every process.
    """
    principals, seqs, frames = zip(*events, strict=True)
    return b"%b\n%b" % (encode((principals, seqs, [len(frame) for frame in frames])), b"".join(frames))


def unpack(message: bytes) -> list[Outgoing]:
    """The events of a bus message. Raises ValueError for anything else."""
    principals, seqs, sizes, start = _header(message)
    ends = list(accumulate(sizes, initial=start))
    if ends[-1] != len(message):
        raise ValueError("not a bus message")
    frames = [message[begin:end] for begin, end in pairwise(ends)]
    return list(zip(principals, seqs, frames, strict=True))


def unpack_names(message: bytes) -> Iterator[tuple[str, int]]:
    """Principal and seq of each event of a bus message, its frames unread. Raises ValueError as `unpack`."""
    principals, seqs, _, _ = _header(message)
    return zip(principals, seqs, strict=True)


def _header(message: bytes) -> tuple[list[str], list[int], list[int], int]:
    """Principals, seqs, sizes, and where the frames begin."""
    start = message.find(b"\n") + 1
    match decode(message[:start]):
        case [[*principals], [*seqs], [*sizes]] if len(principals) == len(seqs) == len(sizes):
            return principals, seqs, sizes, start
    raise ValueError("not a bus message")


class Move(NamedTuple):
    """A sign of life: fresh until when (seconds since 1970), and the place when it may have changed.

    A tuple: every position of every phone makes one, and a frozen dataclass takes twice as long.
    """

    worker: WorkerId
    position: Position | None
    fresh_until: float


def pack_moves(moves: Iterable[Move]) -> bytes:
    """Many signs of life as one bus message."""
    return encode(
        [
            [move.worker, *((at.lat, at.lng) if (at := move.position) else (None, None)), move.fresh_until]
            for move in moves
        ]
    )


def unpack_moves(message: bytes) -> list[Move]:
    """The signs of life of a bus message. Raises ValueError or TypeError for anything else."""
    return [
        Move(WorkerId(worker), None if lat is None else Position(lat, lng), fresh_until)
        for worker, lat, lng, fresh_until in decode(message)
    ]


def pack_wake(wake: Wake) -> bytes:
    """A wake-up call as JSON."""
    return encode(wake)


def unpack_wake(message: bytes) -> Wake:
    """A wake-up call from JSON. Raises ValueError for anything else."""
    return _WAKE.validate_json(message)
