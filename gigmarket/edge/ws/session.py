"""One connection of `gig.v1` as a pure machine: frames and ticks in, things to do out. A type per phase.

Nothing here waits, sends or reads a clock; `now` is monotonic seconds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import ValidationError

from gigmarket.domain.errors import Invalid, RateLimited, Refusal, Unauthenticated
from gigmarket.wire import problems
from gigmarket.wire.closing import Close
from gigmarket.wire.codec import decode
from gigmarket.wire.frames import (
    CLIENT_FRAME,
    MAX_FRAME_BYTES,
    Ack,
    ClientFrame,
    Command,
    Hello,
    Pong,
    PositionFrame,
    Refresh,
)

HELLO_S = 10.0
HEARTBEAT_S = 25
EARLY_S = HEARTBEAT_S / 2
"""So much earlier the first ping of a connection may come: never before the end of HELLO_S, up to which a phase
that waits for hello has promised to be quiet.
"""
PONG_S = 8.0
SEEN_S = 1.0
"""So long after a ping nearly every client has answered: what the others take is seen from here on."""
COMMANDS_PER_MINUTE = 100
FRAMES_PER_MINUTE = 600
_MINUTE_S = 60.0 + 1e-6
"""With room for what adding 600 tenths of a second rounds."""
_validate: Callable[[Any], ClientFrame] = CLIENT_FRAME.validator.validate_python
"""Without the adapter's own layer, a fifth of what understanding a frame takes."""
_PONG, _PONGED = b'{"t":"pong"}', Pong(t="pong")


@dataclass(frozen=True, slots=True)
class Redeem:
    """Let the ticket's owner in, and continue the stream after what the client holds."""

    ticket: str
    epoch: str | None
    seq: int | None


@dataclass(frozen=True, slots=True)
class Renew:
    """Go on under the session of this ticket."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Call:
    """Perform a command and answer it under its id."""

    id: str
    op: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer a command at once: it is not carried out."""

    id: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Alive:
    """The client is still there, and says no more than that; where it is, a `PositionFrame` tells."""


@dataclass(frozen=True, slots=True)
class Received:
    """The client holds everything up to `seq`."""

    seq: int


@dataclass(frozen=True, slots=True)
class SendPing:
    """Ping with the stream's head."""


@dataclass(frozen=True, slots=True)
class SeeWhatIsTaken:
    """The client has not answered a ping yet: remember how much it has taken."""


@dataclass(frozen=True, slots=True)
class End:
    """Close, after telling the problem if the client caused it."""

    code: Close
    problem: dict[str, Any] | None = None


Action = Redeem | Renew | Call | Refuse | Alive | PositionFrame | Received | SendPing | SeeWhatIsTaken | End

_ALIVE, _PING, _SEE = (Alive(),), (SendPing(),), (SeeWhatIsTaken(),)


def spend(spent_until: float, per_minute: int, now: float) -> float | None:
    """One use of a bucket that holds a minute's uses and fills evenly: until when it is spent then, or None
    when that would be more than a minute from now. One number is the bucket (cell rate algorithm, ITU-T I.371).
    """
    after = max(spent_until, now) + 60 / per_minute
    return None if after - now > _MINUTE_S else after


@dataclass(frozen=True, slots=True)
class Waiting:
    """Before hello: only hello is understood, and only for so long.

    The first ping comes `early_s` (at most EARLY_S) seconds early: a crowd that comes at once is not pinged at
    once ever after.
    """

    since: float
    early_s: float = 0.0

    def receive(self, raw: str | bytes, now: float) -> tuple["Phase", tuple[Action, ...]]:
        """The first frame must be hello."""
        frame = _parse(raw)
        if isinstance(frame, End):
            return Ended(), (frame,)
        if not isinstance(frame, Hello):
            refusal = Unauthenticated("the first frame must be hello with a ticket")
            return Ended(), (End(Close.BAD_FRAME, problems.problem(refusal)),)
        return Live(now, now, pinged_at=now - self.early_s), (Redeem(frame.ticket, frame.epoch, frame.seq),)

    def tick(self, now: float) -> tuple["Phase", tuple[Action, ...]]:
        """A client that does not say hello in time is closed."""
        if now - self.since > HELLO_S:
            return Ended(), (End(Close.SILENT),)
        return self, ()

    def due(self) -> float:
        """Before this a tick does nothing."""
        return self.since + HELLO_S


class Live(NamedTuple):
    """After hello: commands, acks, pongs and positions, within their rates (`spend`). `seen`: since the ping
    there was a look at what the client takes.
    """

    commands: float
    frames: float
    pinged_at: float
    awaiting_pong: bool = False
    seen: bool = False

    def receive(self, raw: str | bytes, now: float) -> tuple["Phase", tuple[Action, ...]]:
        """Any frame but a second hello. Every frame is a sign of life."""
        frame = _PONGED if raw == _PONG else _parse(raw)
        if isinstance(frame, End):
            return Ended(), (frame,)
        frames = spend(self.frames, FRAMES_PER_MINUTE, now)
        if frames is None:
            return Ended(), (too_many_frames(),)
        # Not by `_replace`, which takes longer: every frame of every phone comes this way.
        alive = Live(self.commands, frames, self.pinged_at)
        match frame:
            case PositionFrame():
                return alive, (frame,)
            case Pong():
                return alive, _ALIVE
            case Ack(seq=seq):
                return alive, (Received(seq),)
            case Command():
                return alive._command(frame, now)
            case Refresh(ticket=ticket):
                return alive, (Renew(ticket),)
            case Hello():
                refusal = Invalid("hello was said already")
                return Ended(), (End(Close.BAD_FRAME, problems.problem(refusal)),)

    def tick(self, now: float) -> tuple["Phase", tuple[Action, ...]]:
        """Ping when it is time; close a client that owes a pong for too long."""
        since = now - self.pinged_at
        if not self.awaiting_pong:
            if since < HEARTBEAT_S:
                return self, ()
            return self._replace(pinged_at=now, awaiting_pong=True, seen=False), _PING
        if since > PONG_S:
            return Ended(), (End(Close.SILENT),)
        if self.seen or since < SEEN_S:
            return self, ()
        return self._replace(seen=True), _SEE

    def owes(self, now: float) -> bool:
        """Whether a pong is overdue."""
        return self.awaiting_pong and now - self.pinged_at > PONG_S

    def patient(self, now: float) -> "Live":
        """As if pinged just now: that nothing was heard was not for want of life."""
        return self._replace(pinged_at=now, seen=False)

    def due(self) -> float:
        """Before this a tick does nothing."""
        if not self.awaiting_pong:
            return self.pinged_at + HEARTBEAT_S
        return self.pinged_at + (PONG_S if self.seen else SEEN_S)

    def _command(self, frame: Command, now: float) -> tuple["Phase", tuple[Action, ...]]:
        commands = spend(self.commands, COMMANDS_PER_MINUTE, now)
        if commands is None:
            refusal = RateLimited(f"at most {COMMANDS_PER_MINUTE} commands a minute", 60 / COMMANDS_PER_MINUTE)
            return self, (Refuse(frame.id, refusal),)
        return self._replace(commands=commands), (Call(frame.id, frame.op, frame.args),)


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing more is heard or said."""

    def receive(self, _raw: str | bytes, _now: float) -> tuple["Phase", tuple[Action, ...]]:
        """Frames on their way when the close was decided are dropped."""
        return self, ()

    def tick(self, _now: float) -> tuple["Phase", tuple[Action, ...]]:
        """Nothing is due."""
        return self, ()

    def due(self) -> float:
        """Never."""
        return math.inf


Phase = Waiting | Live | Ended


def too_many_frames() -> End:
    """What comes of more than FRAMES_PER_MINUTE."""
    refusal = RateLimited(f"at most {FRAMES_PER_MINUTE} frames a minute", 60 / FRAMES_PER_MINUTE)
    return End(Close.RATE, problems.problem(refusal))


def _parse(raw: str | bytes) -> ClientFrame | End:
    if len(raw if isinstance(raw, bytes) else raw.encode()) > MAX_FRAME_BYTES:
        return _bad(Invalid(f"a frame has at most {MAX_FRAME_BYTES} bytes"))
    try:
        value = decode(raw)
    except ValueError:
        return _bad(Invalid("a frame must be JSON"))
    if not isinstance(value, dict):
        return _bad(Invalid("a frame must be a JSON object"))
    if value.get("t") == "hello" and value.get("v", "gig.v1") != "gig.v1":
        return End(Close.VERSION, problems.problem(Invalid.field("v", "this server speaks gig.v1")))
    try:
        return _validate(value)
    except ValidationError as error:
        return _bad(problems.invalid(error))


def _bad(refusal: Refusal) -> End:
    return End(Close.BAD_FRAME, problems.problem(refusal))
