"""Principals who follow their streams: connected or away, by the server's own catching up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import Role, StreamOwner
from gigmarket.services import accounts, profiles
from gigmarket.services.market import outgoing_of
from gigmarket.services.snapshots import catch_up, snapshot
from gigmarket.store.streams import StreamEvent
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import decode, encode
from gigmarket.wire.events import KINDS
from gigmarket.wire.framing import payload_of
from tests.law.engine import Engine
from tests.services.town import Town

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Follower:
    """One client: what it holds is `seq` here, and a state in the engine under `name`."""

    name: str
    actor: Actor
    epoch: str = ""
    seq: int = 0
    connected: bool = False

    @property
    def principal(self) -> str:
        return str(self.actor.principal())


@dataclass
class Law:
    """A town whose followers are told of everything, and checked against fresh snapshots."""

    town: Town
    engine: Engine
    followers: list[Follower] = field(default_factory=list)
    kinds: dict[str, set[str]] = field(default_factory=dict)
    """Kinds of event seen, with the kinds of principal that were told."""
    resumed: int = 0
    restarted: int = 0

    def follow(self, actor: Actor) -> Follower:
        """A new client of this actor's stream, connected for the first time."""
        follower = Follower(f"{actor.role}-{len(self.followers)}", actor)
        self.followers.append(follower)
        self.connect(follower)
        return follower

    def connect(self, follower: Follower) -> None:
        """A ticket, then hello with what the client holds; what it holds then must be a new client's state."""
        self._log_in_again(follower)
        town, actor = self.town, follower.actor
        # As POST /ws-tickets does.
        if actor.role is Role.WORKER and not town.see(profiles.followed, actor.worker()):
            town.do(profiles.follow, actor.worker())
        known = (follower.epoch, follower.seq) if follower.epoch else (None, None)
        found = town.see(catch_up, actor, *known)
        fresh = decode(encode(town.see(snapshot, actor)))
        if found.resumed:
            self._tell(follower, found.events)
            self.resumed += 1
        elif follower.epoch:
            # The snapshot replaces what is held; that what is held would have come to the same is the law.
            self._tell(follower, self._missed(follower))
            self.restarted += 1
        if follower.epoch:
            self.engine.equals(follower.name, actor.role, fresh, f"{follower.name} comes back")
        if found.state is not None:
            self.engine.begin(follower.name, actor.role, decode(encode(found.state)))
        follower.epoch, follower.seq, follower.connected = found.epoch, found.head, True

    def disconnect(self, follower: Follower) -> None:
        """The client hears nothing until it connects again."""
        follower.connected = False

    def do(self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One use case, committed, and everybody connected told."""
        before = len(self.town.events)
        try:
            return self.town.do(fn, *args, **kwargs)
        finally:
            self.deliver(self.town.events[before:])

    def deliver(self, events: list[StreamEvent]) -> None:
        """Tell those who are connected."""
        for event in events:
            owner, _, _ = event.principal.partition(":")
            self.kinds.setdefault(event.kind, set()).add(owner)
            KINDS[event.kind].data[StreamOwner(owner)].model_validate_json(event.data)
        for follower in self.followers:
            if follower.connected:
                self._tell(follower, [e for e in events if e.principal == follower.principal])

    def check(self, note: str, *followers: Follower) -> None:
        """Each of these (or everybody connected) holds what a new client gets."""
        for follower in followers or self.followers:
            if follower.connected:
                fresh = decode(encode(self.town.see(snapshot, follower.actor)))
                self.engine.equals(follower.name, follower.actor.role, fresh, f"{note}: {follower.name}")

    def _log_in_again(self, follower: Follower) -> None:
        town, actor = self.town, follower.actor
        if town.see(lambda tx: tx.accounts.session_end(actor.session, town.now)) is None:
            account = town.see(lambda tx: tx.accounts.get(actor.account))
            session = town.do(accounts.open_session, town.rules, account, None, actor.station, actor.via)
            follower.actor = town.see(accounts.authenticate, session.token, town.now)

    def _tell(self, follower: Follower, events: Any) -> None:
        for event in events:
            assert event.seq == follower.seq + 1, f"{follower.name} holds {follower.seq}, got {event.seq}"
            follower.seq = event.seq
            self.engine.event(follower.name, decode(payload_of(outgoing_of(event)[2])))

    def _missed(self, follower: Follower) -> list[StreamEvent]:
        events = self.town.events
        return [e for e in events if e.principal == follower.principal and e.seq > follower.seq]
