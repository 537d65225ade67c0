"""What the stream's machine asks its shell to do, and what it tells about itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gigmarket.client.hearing import Item


@dataclass(frozen=True, slots=True)
class Ask:
    """Get a ticket, then call `ticketed` or `refused`."""


@dataclass(frozen=True, slots=True)
class Open:
    """Open a socket, then call `opened`, `receive` for each frame, and `closed`."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send a frame on the open socket."""

    frame: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drop:
    """Let go of the socket, or of the attempt to open one, without waiting for the other side."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand this to whoever follows the stream, after what was delivered before."""

    item: Item


@dataclass(frozen=True, slots=True)
class Answer:
    """A command's end: its data, or the problem of its refusal."""

    id: str
    data: Any
    problem: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Renew:
    """Get a new session, then call `refresh` with a ticket of it, or `not_renewed`."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the stream is. `waiting` comes back by itself; `logged-out` and `stopped` do not."""

    name: Literal["connecting", "live", "waiting", "logged-out", "stopped"]
    code: int | None = None
    """The close code that led here."""
    problem: Mapping[str, Any] | None = None
    resumed: bool | None = None
    """When live: whether the missed events follow (or a snapshot came)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a correct server does not do, already made good: for logs and referees.

    `duplicate`: an event came again; `gap`: one was left out; `late`: one that a ping told of did not come;
    `unreadable`: a frame was not gig.v1.
    """

    kind: Literal["duplicate", "gap", "late", "unreadable"]
    detail: str


Action = Ask | Open | Send | Drop | Deliver | Answer | Renew | Status | Fault
