"""Commands without an answer yet: sent again after each reconnect, given up after a while."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gigmarket.wire.codec import encode
from gigmarket.wire.frames import MAX_FRAME_BYTES

COMMAND_S = 20.0
MOST_OF_KEY = 64


@dataclass(frozen=True, slots=True)
class _Waiting:
    frame: Mapping[str, Any]
    until: float


class Commands:
    """By id, oldest first. The id is the idempotency key: a repeat is answered with the first result."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, id: str, op: str, args: Mapping[str, Any], now: float) -> Mapping[str, Any]:
        """Wait for the answer for 20 s; the frame to send. Raises ValueError when no server would take it."""
        frame = {"t": "command", "id": id, "op": op, "args": dict(args)}
        if not 1 <= len(id) <= MOST_OF_KEY:
            raise ValueError(f"a key has 1 to {MOST_OF_KEY} characters")
        if len(encode(frame)) > MAX_FRAME_BYTES:
            raise ValueError(f"a command has at most {MAX_FRAME_BYTES} bytes")
        self._waiting[id] = _Waiting(frame, now + COMMAND_S)
        return frame

    def settle(self, id: str) -> bool:
        """The command is over; whether anybody still waited for it."""
        return self._waiting.pop(id, None) is not None

    def frames(self) -> Iterator[Mapping[str, Any]]:
        """The frames to send again."""
        return (waiting.frame for waiting in self._waiting.values())

    def given_up(self, now: float | None = None) -> list[str]:
        """Ids whose time is over (all of them without `now`); they are forgotten."""
        ids = [id for id, waiting in self._waiting.items() if now is None or waiting.until <= now]
        for id in ids:
            del self._waiting[id]
        return ids

    def next(self) -> float | None:
        """When the oldest is given up."""
        return next((waiting.until for waiting in self._waiting.values()), None)
