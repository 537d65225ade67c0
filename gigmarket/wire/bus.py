"""What travels between processes: events, each with the frame its sockets will get, and wake-up calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gigmarket.domain.geo import Position
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.wire.codec import decode, encode


class Outgoing(NamedTuple):
    """One event on its way: whose stream, which seq, and the encoded `event` frame. A tuple, since it is made
    for each event in each process, and a frozen dataclass takes twice as long.
    """

    principal: str
    seq: int
    frame: bytes


@dataclass(frozen=True, slots=True)
class Wake:
    """Gigs and workers the dispatcher should look at again."""

    gigs: tuple[GigId, ...] = ()
    workers: tuple[WorkerId, ...] = ()


def pack(events: Iterable[Outgoing]) -> bytes:
    """One bus message: a header line and a frame line per event (JSON has no raw line feed).

    A frame is encoded once, in the process that committed it.
    """
    lines: list[bytes] = []
    for event in events:
        lines.append(b"%s %d" % (event.principal.encode(), event.seq))
        lines.append(event.frame)
    return b"\n".join(lines)


def unpack(message: bytes) -> list[Outgoing]:
    """The events of a bus message. Raises ValueError for anything else."""
    lines = message.split(b"\n")
    if len(lines) % 2:
        raise ValueError("not a bus message")
    events = []
    for header, frame in zip(lines[::2], lines[1::2], strict=True):
        principal, _, seq = header.rpartition(b" ")
        events.append(Outgoing(principal.decode(), int(seq), frame))
    return events


@dataclass(frozen=True, slots=True)
class Move:
    """A sign of life: fresh until when (seconds since 1970), and the place when it may have changed."""

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
    return encode({"gigs": wake.gigs, "workers": wake.workers})


def unpack_wake(message: bytes) -> Wake:
    """A wake-up call from JSON. Raises ValueError or KeyError for anything else."""
    value = decode(message)
    return Wake(tuple(map(GigId, value["gigs"])), tuple(map(WorkerId, value["workers"])))
