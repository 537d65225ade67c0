"""A town for use cases: a SQLite file, a clock that the test moves, and short ways to people and gigs."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from gigmarket.domain.actor import Actor
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.gig import Draft, Gig, Site, Wage, WageUnit
from gigmarket.domain.ids import AccountId, GigId, OfferId, Role, StationId, WorkerId
from gigmarket.domain.matching import Proposal
from gigmarket.domain.offer import Offer
from gigmarket.domain.trade import TRADES
from gigmarket.live.roster import Roster
from gigmarket.services import accounts, gigs, presence
from gigmarket.services.claims import claim
from gigmarket.services.rules import Rules
from gigmarket.store.database import Store
from gigmarket.store.engine import sqlite_url
from gigmarket.store.streams import StreamEvent
from gigmarket.store.transaction import Committed, Transaction
from gigmarket.wire.codec import decode
from gigmarket.wire.people import ProfileIn

P = ParamSpec("P")
T = TypeVar("T")

MORNING = datetime(2026, 7, 31, 0, 0, tzinfo=UTC)
CENTRE = Position(28.06, 115.55)


@dataclass
class Town:
    """Use cases run as in the server, one transaction each; `events` is what their commits told."""

    path: Path
    now: datetime = MORNING
    events: list[StreamEvent] = field(default_factory=list)
    woken: list[Committed[Any]] = field(default_factory=list)
    _phones: Any = field(default_factory=lambda: count(13800000000))

    def __post_init__(self) -> None:
        self.roster = Roster([trade.code for trade in TRADES])
        self.rules = Rules(rng=random.Random(7))
        self.store = Store(sqlite_url(self.path), clock=lambda: self.now)
        self.token = self.do(lambda tx: tx.fence.take("zhangshu", "the test"))

    def do(self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One use case in one transaction, committed."""
        done = self.store.transact_now(fn, *args, **kwargs)
        self.events.extend(done.aftermath.events)
        self.woken.append(done)
        return done.value

    def see(self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read."""
        return self.store.read_now(fn, *args, **kwargs)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def person(self, role: Role, name: str = "张三", station: str | None = None) -> Actor:
        """Somebody new with a session."""
        home = StationId(station) if station else None
        account = self.do(accounts.find_or_create, self.rules, role, name, str(next(self._phones)), home)
        session = self.do(accounts.open_session, self.rules, account)
        return self.see(accounts.authenticate, session.token, self.now)

    def worker(self, available: bool = True, where: Position = CENTRE, name: str = "张三") -> Actor:
        """A porter on an e-bike, available at the centre."""
        actor = self.person(Role.WORKER, name)
        profile = ProfileIn(trades=["porter", "packer"], mode=Mode.EBIKE)
        self.do(presence.set_profile, actor.worker(), profile)
        if available:
            self.do(presence.go_available, actor, where, None, False)
        return actor

    def employer(self) -> Actor:
        """An employer."""
        return self.person(Role.EMPLOYER, "药都物流")

    def gig(
        self,
        employer: Actor,
        headcount: int = 1,
        starts_in_h: float = 1,
        hours: float = 4,
        where: Position = CENTRE,
        min_crew: int = 1,
    ) -> GigId:
        """Porters wanted, at the centre unless told."""
        start = self.now + timedelta(hours=starts_in_h)
        draft = Draft(
            title="搬运药材",
            trade="porter",
            headcount=headcount,
            site=Site(where, "药都大道 1 号"),
            starts_at=start,
            ends_at=start + timedelta(hours=hours),
            wage=Wage(18000, WageUnit.DAY),
            min_crew=min_crew,
        )
        return GigId(self.do(gigs.post, self.rules, employer.employer(), draft).id)

    def offer(self, gig: GigId, worker: Actor, travel_s: int = 300) -> OfferId:
        """What a round would do: claim a seat of the gig for this worker."""
        made = self.do(claim, self.rules, self.token, [proposal(gig, worker, travel_s)])
        assert made == 1
        return self.pending(worker)

    def pending(self, worker: Actor) -> OfferId:
        """The worker's pending offer."""
        return self.see(lambda tx: tx.offers.pending_of([worker.worker()])[worker.worker()].id)

    def get_gig(self, gig: GigId) -> Gig:
        """The gig as stored."""
        return self.see(lambda tx: tx.gigs.get(gig))

    def get_offer(self, offer: OfferId) -> Offer:
        """The offer as stored."""
        return self.see(lambda tx: tx.offers.get(offer))

    def told(self, actor: Actor, since: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """Kinds and data of the events on somebody's stream, from the n-th of all on."""
        principal = str(actor.principal())
        return [(e.kind, decode(e.data)) for e in self.events[since:] if e.principal == principal]

    def kinds(self, actor: Actor, since: int = 0) -> list[str]:
        """Kinds of the events on somebody's stream."""
        return [kind for kind, _ in self.told(actor, since)]


def proposal(gig: GigId, worker: Actor, travel_s: int = 300) -> Proposal:
    """A round's proposal of this seat to this worker."""
    return Proposal(gig, WorkerId(worker.account), travel_s, cost_s=float(travel_s))


def at_kiosk(worker: Actor, station: str, kiosk: str) -> Actor:
    """The same worker in a session of a station's kiosk."""
    return Actor(worker.account, worker.role, worker.session, StationId(station), AccountId(kiosk))
