"""The client's side of `gig.v1` as a pure machine: frames, closes and the clock in, things to do out.

Nothing here waits, sends or reads a clock; `now` is monotonic seconds. `static/lib/stream.js` is the same
machine in the browser, and tests/conformance holds both to one behaviour.
"""

import random
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from gigmarket.client.actions import (
    Action,
    Answer,
    Ask,
    Deliver,
    Drop,
    Fault,
    Open,
    Renew,
    Send,
    Status,
)
from gigmarket.client.backoff import backoff
from gigmarket.client.commands import Commands
from gigmarket.client.deadlines import Deadlines
from gigmarket.client.hearing import Event, Heard, Unreadable, hear
from gigmarket.client.lifetime import Lifetime
from gigmarket.client.place import Place, Step
from gigmarket.client.refusals import unreachable
from gigmarket.wire.closing import Close, comes_back
from gigmarket.wire.frames import (
    PROTOCOL,
    ErrorFrame,
    Ping,
    Refreshed,
    Result,
    Snapshot,
    State,
    Welcome,
)

WELCOME_S = 15.0
GRACE_S = 10.0
"""Silence for a heartbeat and this long more means that the line is dead."""
BEHIND_S = 5.0
STEADY_S = 5.0
"""A connection that has lived this long forgets the failures before it."""
ACK_S = 2.0
RATE_ATTEMPT = 5
"""The pause after a close for too many frames is drawn from this try's window at least."""


class Phase(Enum):
    """Where a stream stands between its start and its end."""

    STILL = auto()
    ASKING = auto()
    OPENING = auto()
    GREETING = auto()
    LIVE = auto()
    WAITING = auto()


class Stream:
    """One principal's stream: each event once and in order, or a snapshot where history can't be replayed.

    `renews`: ask for a new session in time.
    """

    def __init__(self, rng: random.Random, renews: bool = False) -> None:
        self.phase = Phase.STILL
        self.place = Place()
        self.commands = Commands()
        self._rng = rng
        self._renews = renews
        self._lifetime = Lifetime()
        self._attempt = 0
        self._ticket = ""
        self._deadlines = Deadlines()
        self._heartbeat_s = 0.0
        self._problem: dict[str, Any] | None = None
        self._out: list[Action] = []

    @property
    def due(self) -> float | None:
        """When to call `tick` at the latest; None when nothing happens by itself."""
        moments = (self._deadlines.next(), self.commands.next())
        return min((at for at in moments if at is not None), default=None)

    def start(self) -> list[Action]:
        """Connect now, also after `stop` or a final close."""
        self._drop()
        self._ask()
        return self._taken()

    def stop(self) -> list[Action]:
        """Let go and stay away; commands without an answer are given up."""
        self._drop()
        self.phase = Phase.STILL
        self._give_up(self.commands.given_up(), unreachable())
        return self._taken()

    def nudge(self) -> list[Action]:
        """The network is back: do not sit out the pause."""
        if self.phase is Phase.WAITING:
            self._attempt = 0
            self._ask()
        return self._taken()

    def lost(self, now: float) -> list[Action]:
        """The network is gone, whatever the socket says: come back when it is there."""
        if self._has_socket():
            self._resume(now)
        return self._taken()

    def ticketed(self, ticket: str, now: float) -> list[Action]:
        """A ticket came: open a socket and say hello on it."""
        if self.phase is Phase.ASKING:
            self.phase = Phase.OPENING
            self._ticket = ticket
            self._deadlines.set("silence", now + WELCOME_S)
            self._out.append(Open())
        return self._taken()

    def refused(self, problem: Mapping[str, Any], retry_after_s: float, now: float) -> list[Action]:
        """No ticket: 401 and 403 mean that the session is over, anything else that it is worth trying again."""
        if self.phase is Phase.ASKING:
            if problem.get("status") in (401, 403):
                self._end(Status("logged-out", problem=problem))
            else:
                self._retry(Status("waiting", problem=problem), now, retry_after_s)
        return self._taken()

    def opened(self) -> list[Action]:
        """The socket is open."""
        if self.phase is Phase.OPENING:
            self.phase = Phase.GREETING
            hello = {"t": "hello", "v": PROTOCOL, "ticket": self._ticket, **self.place.resume()}
            self._out.append(Send(hello))
        return self._taken()

    def receive(self, raw: str | bytes, now: float) -> list[Action]:
        """A frame of the open socket. One that is not gig.v1 ends the connection, which comes back."""
        if self.phase is Phase.LIVE:
            self._deadlines.set("silence", now + self._heartbeat_s + GRACE_S)
        elif self.phase is not Phase.GREETING:
            return []
        try:
            frame = hear(raw)
        except Unreadable as error:
            self._out.append(Fault("unreadable", str(error)))
            self._resume(now)
        else:
            if frame is not None:
                self._heard(frame, now)
        return self._taken()

    def closed(self, code: int, now: float) -> list[Action]:
        """The socket is closed, or could not be opened (1006)."""
        if not self._has_socket():
            return []
        problem = self._problem
        self._let_go()
        if code == Close.REVOKED:
            self._end(Status("logged-out", code, problem))
        elif not comes_back(code):
            self._end(Status("stopped", code, problem))
        else:
            if code == Close.RATE:
                self._attempt = max(self._attempt, RATE_ATTEMPT)
            self._retry(Status("waiting", code, problem), now)
        return self._taken()

    def tick(self, now: float) -> list[Action]:
        """Whatever is due by now."""
        self._give_up(self.commands.given_up(now), unreachable())
        while (name := self._deadlines.pop(now)) is not None:
            match name:
                case "retry":
                    self._ask()
                case "silence":
                    self._resume(now)
                case "behind":
                    told = f"{BEHIND_S:.0f} s after a ping of {self.place.head}, held {self.place.seq}"
                    self._out.append(Fault("late", told))
                    self._resume(now)
                case "steady":
                    self._attempt = 0
                case "ack":
                    self._out.append(Send({"t": "ack", "seq": self.place.seq}))
                case "renew":
                    self._out.append(Renew())
        return self._taken()

    def command(self, id: str, op: str, args: Mapping[str, Any], now: float) -> list[Action]:
        """Ask for an operation; `Answer` tells how it went, within 20 s. Raises ValueError for one too long."""
        frame = self.commands.add(id, op, args, now)
        if self.phase is Phase.LIVE:
            self._out.append(Send(frame))
        return self._taken()

    def position(self, lat: float, lng: float, datum: str) -> list[Action]:
        """The newest position; lost without harm when there is no connection."""
        if self.phase is Phase.LIVE:
            self._out.append(Send({"t": "position", "lat": lat, "lng": lng, "datum": datum}))
        return self._taken()

    def refresh(self, ticket: str) -> list[Action]:
        """Go on under this ticket's session. Without a connection the next hello does that anyway."""
        if self.phase is Phase.LIVE:
            self._out.append(Send({"t": "refresh", "ticket": ticket}))
        return self._taken()

    def not_renewed(self, now: float) -> list[Action]:
        """No new session came: try again in time."""
        if self._renews and self.phase is Phase.LIVE:
            self._deadlines.set("renew", self._lifetime.again(now))
        return self._taken()

    def pause(self) -> None:
        """Frames are not read for a while, because nobody takes the events: silence means nothing now."""
        self._deadlines.cancel("silence")
        self._deadlines.cancel("behind")

    def go_on(self, now: float) -> None:
        """Frames are read again."""
        if self._has_socket():
            self._deadlines.set("silence", now + self._heartbeat_s + GRACE_S)
            self._watch_head(now)

    def _heard(self, frame: Heard, now: float) -> None:
        match frame:
            case Event():
                self._event(frame, now)
            case Ping():
                self._out.append(Send({"t": "pong"}))
                self.place.head = frame.seq
                self._watch_head(now)
            case Result():
                self._answered(frame)
            case State():
                self._out.append(Deliver(frame))
            case Welcome():
                self._welcome(frame, now)
            case Snapshot():
                self._snapshot(frame, now)
            case Refreshed(expires_at=expires_at):
                self._renew_at(self._lifetime.extend(expires_at, now))
            case ErrorFrame():
                self._problem = frame.problem.model_dump(exclude_none=True)

    def _welcome(self, frame: Welcome, now: float) -> None:
        self.place.begin(frame.epoch, frame.resumed)
        self._heartbeat_s = float(frame.heartbeat_s)
        self._deadlines.set("silence", now + self._heartbeat_s + GRACE_S)
        self._deadlines.set("steady", now + STEADY_S)
        self._renew_at(self._lifetime.begin(frame.expires_at, frame.now, now))
        if frame.resumed:
            self._ready(resumed=True, now=now)

    def _snapshot(self, frame: Snapshot, now: float) -> None:
        early = self.place.restart(frame.seq)
        self._out.append(Deliver(frame))
        if self.phase is Phase.GREETING:
            self._ready(resumed=False, now=now)
        for event in early:
            if self.phase is Phase.LIVE:
                self._event(event, now)

    def _ready(self, resumed: bool, now: float) -> None:
        self.phase = Phase.LIVE
        self._out.append(Status("live", resumed=resumed))
        self._out.extend(Send(frame) for frame in self.commands.frames())
        self._ack_soon(now)

    def _ack_soon(self, now: float) -> None:
        """Say what is held, a snapshot too: until then staff see its offers as not delivered."""
        if self.place.seq and "ack" not in self._deadlines:
            self._deadlines.set("ack", now + ACK_S)

    def _event(self, frame: Event, now: float) -> None:
        held = self.place.seq
        match self.place.step(frame):
            case Step.NEXT:
                self._out.append(Deliver(frame))
                if not self.place.behind():
                    self._deadlines.cancel("behind")
                self._ack_soon(now)
            case Step.KNOWN:
                self._out.append(Fault("duplicate", f"held {held}, got {frame.seq} again"))
            case Step.GAP:
                self._out.append(Fault("gap", f"held {held}, got {frame.seq}"))
                self._resume(now)
            case Step.HELD:
                pass

    def _watch_head(self, now: float) -> None:
        if self.place.behind() and "behind" not in self._deadlines:
            self._deadlines.set("behind", now + BEHIND_S)

    def _answered(self, frame: Result) -> None:
        if not self.commands.settle(frame.id):
            return
        if frame.ok:
            self._out.append(Answer(frame.id, frame.data, None))
        else:
            problem = unreachable() if frame.problem is None else frame.problem.model_dump(exclude_none=True)
            self._out.append(Answer(frame.id, None, problem))

    def _renew_at(self, at: float) -> None:
        if self._renews:
            self._deadlines.set("renew", at)

    def _ask(self) -> None:
        self.phase = Phase.ASKING
        self._deadlines.clear()
        self._out += (Status("connecting"), Ask())

    def _resume(self, now: float) -> None:
        self._drop()
        self._retry(Status("waiting"), now)

    def _retry(self, status: Status, now: float, at_least_s: float = 0.0) -> None:
        self.phase = Phase.WAITING
        self._out.append(status)
        self._deadlines.set("retry", now + at_least_s + backoff(self._attempt, self._rng))
        self._attempt += 1

    def _end(self, status: Status) -> None:
        self.phase = Phase.STILL
        self._deadlines.clear()
        self._out.append(status)
        self._give_up(self.commands.given_up(), dict(status.problem or unreachable()))

    def _give_up(self, ids: list[str], problem: dict[str, Any]) -> None:
        self._out.extend(Answer(id, None, problem) for id in ids)

    def _drop(self) -> None:
        if self._has_socket() or self.phase is Phase.ASKING:
            self._out.append(Drop())
        self._let_go()

    def _let_go(self) -> None:
        self._deadlines.clear()
        self.place.break_off()
        self._problem = None

    def _has_socket(self) -> bool:
        return self.phase in (Phase.OPENING, Phase.GREETING, Phase.LIVE)

    def _taken(self) -> list[Action]:
        taken, self._out = self._out, []
        return taken
