"""What one client saw and was promised: the evidence that the checker lays beside the SQL file."""

import zlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

SNAPSHOT = "snapshot"
KEPT = 2_000
"""Events and accepts remembered per client, newest last: a demo may run for days."""


@dataclass(slots=True)
class Accept:
    """One accept: when it was sent (Unix seconds), until when the server had promised the seat, the outcome.

    `outcome` is "ok", a problem's code, or None when no answer came.
    """

    offer: str
    expires_at: float
    sent_at: float
    outcome: str | None = None
    assignment: str | None = None


@dataclass(slots=True)
class ClientRecord:
    """A client's stream as received: `events` holds (seq, kind, checksum of the data), a snapshot as a mark."""

    principal: str
    events: deque[tuple[int, str, int]] = field(default_factory=lambda: deque(maxlen=KEPT))
    faults: list[str] = field(default_factory=list)
    accepts: deque[Accept] = field(default_factory=lambda: deque(maxlen=KEPT))
    held: int = 0
    connected_since: float | None = None
    """Unix seconds since which the socket has been up without a break; None while it is down."""
    closed_at: float = 0.0

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "principal": self.principal,
            "events": list(self.events),
            "faults": self.faults[:50],
            "accepts": [[a.offer, a.expires_at, a.sent_at, a.outcome, a.assignment] for a in self.accepts],
            "held": self.held,
            "connected_since": self.connected_since,
            "closed_at": self.closed_at,
        }

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "ClientRecord":
        """From JSON."""
        return cls(
            principal=plain["principal"],
            events=deque((seq, kind, checksum) for seq, kind, checksum in plain["events"]),
            faults=plain["faults"],
            accepts=deque(Accept(*accept) for accept in plain["accepts"]),
            held=plain["held"],
            connected_since=plain["connected_since"],
            closed_at=plain["closed_at"],
        )


def checksum(data: Any) -> int:
    """A checksum of a JSON value that does not depend on the order of members."""
    return zlib.crc32(orjson.dumps(data, option=orjson.OPT_SORT_KEYS))


def write(path: Path, summary: dict[str, Any], records: Sequence[ClientRecord]) -> None:
    """Hand a run over to the checker."""
    path.write_bytes(orjson.dumps({"summary": summary, "clients": [record.plain() for record in records]}))


def read(path: Path) -> tuple[dict[str, Any], list[ClientRecord]]:
    """What `write` wrote."""
    found = orjson.loads(path.read_bytes())
    return found["summary"], [ClientRecord.of(plain) for plain in found["clients"]]
