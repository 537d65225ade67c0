"""What a principal's screen starts from: the whole state as of one seq, read in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import Assignment, AssignmentChanged
from gigmarket.domain.errors import NotFound, Refusal, Unauthenticated
from gigmarket.domain.facts import Fact
from gigmarket.domain.ids import Role, WorkerId
from gigmarket.domain.offer import Offer, OfferExtended
from gigmarket.domain.worker import Worker
from gigmarket.services import accounts, crew_views, profiles
from gigmarket.services.feeds import People
from gigmarket.services.stations import station_view
from gigmarket.store.streams import StreamEvent
from gigmarket.store.transaction import Transaction
from gigmarket.wire.frames import REPLAY_EVENTS, REPLAY_S
from gigmarket.wire.gigs import GigView
from gigmarket.wire.people import PresenceView, WorkerView
from gigmarket.wire.states import RECENT, EmployerState, StaffState, StationState, WorkerState
from gigmarket.wire.values import View
from gigmarket.wire.work import AssignmentView, OfferView, SeatOfferView


@dataclass(frozen=True, slots=True)
class Catchup:
    """How a stream goes on: the missed events when they are few and young, else the whole state."""

    epoch: str
    head: int
    resumed: bool
    events: tuple[StreamEvent, ...]
    state: dict[str, Any] | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose stream goes on after `seq` of `epoch`, or starts."""

    actor: Actor
    epoch: str | None
    seq: int | None


def catch_up(tx: Transaction, actor: Actor, epoch: str | None, seq: int | None) -> Catchup:
    """Continue a stream after `seq` of `epoch`, or start it: one consistent read.

    Up to 300 events of the last 5 minutes are replayed; beyond that a snapshot, never a silent gap. Raises
    Unauthenticated when the session has ended since the ticket was issued.
    """
    found = catch_up_many(tx, [Asked(actor, epoch, seq)])[0]
    if isinstance(found, Refusal):
        raise found
    return found


def catch_up_many(tx: Transaction, asked: Sequence[Asked]) -> list[Catchup | Refusal]:
    """The same for many, in order, in the few statements of one; what `catch_up` raises stands in its place."""
    now, epoch = tx.now(), tx.streams.epoch()
    ends = tx.accounts.session_ends([one.actor.session for one in asked], now)
    heads = tx.streams.heads(sorted({str(one.actor.principal()) for one in asked}))
    found: list[Catchup | Refusal | None] = []
    for one in asked:
        principal = str(one.actor.principal())
        head, expires_at = heads.get(principal, 0), ends.get(one.actor.session)
        if expires_at is None:
            found.append(Unauthenticated("the session has ended: log in again"))
        elif (missed := _missed(tx, principal, head, one, epoch, now)) is not None:
            found.append(Catchup(epoch, head, True, missed, None, expires_at))
        else:
            found.append(None)
    fresh = [one.actor for one, known in zip(asked, found, strict=True) if known is None]
    states = iter(_snapshots(tx, fresh))
    return [
        _started(one, next(states), epoch, heads, ends) if known is None else known
        for one, known in zip(asked, found, strict=True)
    ]


def _missed(
    tx: Transaction, principal: str, head: int, asked: Asked, epoch: str, now: datetime
) -> tuple[StreamEvent, ...] | None:
    """What happened after the place that is held; None when the whole state must be sent."""
    if asked.epoch != epoch or asked.seq is None or not head - REPLAY_EVENTS <= asked.seq <= head:
        return None
    if asked.seq == head:
        return ()
    events = tx.streams.after(principal, asked.seq, REPLAY_EVENTS)
    young = not events or events[0].at >= now - timedelta(seconds=REPLAY_S)
    return tuple(events) if young and len(events) == head - asked.seq else None


def _started(
    asked: Asked,
    state: dict[str, Any] | Refusal,
    epoch: str,
    heads: Mapping[str, int],
    ends: Mapping[str, datetime],
) -> Catchup | Refusal:
    if isinstance(state, Refusal):
        return state
    head = heads.get(str(asked.actor.principal()), 0)
    return Catchup(epoch, head, False, (), state, ends[asked.actor.session])


def session_end(tx: Transaction, actor: Actor) -> datetime:
    """When this session ends. Raises Unauthenticated when it has."""
    expires_at = tx.accounts.session_end(actor.session, tx.now())
    if expires_at is None:
        raise Unauthenticated("the session has ended: log in again")
    return expires_at


def snapshot(tx: Transaction, actor: Actor) -> dict[str, Any]:
    """The whole state of one role's screen, shaped as the events that keep it up to date. Raises NotFound."""
    state = _snapshots(tx, [actor])[0]
    if isinstance(state, Refusal):
        raise state
    return state


def _snapshots(tx: Transaction, actors: Sequence[Actor]) -> list[dict[str, Any] | Refusal]:
    """Workers, of whom there are thousands, in one read for all; each of the others by itself."""
    workers = _workers(tx, [actor.worker() for actor in actors if actor.role is Role.WORKER])
    make: Mapping[Role, Callable[[Transaction, Actor], View]] = {
        Role.EMPLOYER: _employer,
        Role.CLERK: _station,
        Role.KIOSK: _station,
        Role.STAFF: lambda _tx, _actor: StaffState(),
    }
    states: list[dict[str, Any] | Refusal] = []
    for actor in actors:
        if actor.role is Role.WORKER:
            state = workers.get(actor.worker())
            states.append(NotFound("no such worker") if state is None else dict(state))
        else:
            try:
                states.append(dict(make[actor.role](tx, actor)))
            except Refusal as refusal:
                states.append(refusal)
    return states


def worker_offers(tx: Transaction, worker: WorkerId) -> list[OfferView]:
    """A worker's pending offers."""
    pending = list(tx.offers.pending_of([worker]).values())
    people = People(tx, [OfferExtended(offer) for offer in pending])
    return [OfferView.of(offer, people.card(offer.gig)) for offer in pending]


def worker_assignments(tx: Transaction, found: Sequence[Assignment]) -> list[AssignmentView]:
    """A worker's assignments with each gig's site and the employer's phone."""
    return _assignment_views(People(tx, [AssignmentChanged(assignment) for assignment in found]), found)


def employer_assignments(tx: Transaction, found: Sequence[Assignment]) -> list[AssignmentView]:
    """An employer's assignments with each worker's name and phone."""
    people = People(tx, [AssignmentChanged(assignment) for assignment in found])
    return [AssignmentView.of(a, people.person(a)) for a in found]


def _workers(tx: Transaction, ids: Sequence[WorkerId]) -> dict[WorkerId, WorkerState]:
    """The states of those of these workers who exist."""
    found = tx.workers.get_many(ids)
    with_pin, pending = tx.workers.with_pin(ids), tx.offers.pending_of(ids)
    working, newest = tx.assignments.working_of(ids), tx.assignments.newest_of(ids, RECENT)
    full = {worker: recent[-1].id for worker, recent in newest.items() if len(recent) == RECENT}
    for worker, older in tx.assignments.open_of(list(full)).items():
        newest[worker].extend(each for each in older if each.id < full[worker])
    offers: list[Fact] = [OfferExtended(offer) for offer in pending.values()]
    crews = crew_views.of_workers(tx, list(found.values()))
    people = People(tx, [*offers, *(AssignmentChanged(each) for recent in newest.values() for each in recent)])
    return {
        id: WorkerState(
            me=_me(worker, id in pending, working.get(id, []), id in with_pin),
            offers=[OfferView.of(pending[id], people.card(pending[id].gig))] if id in pending else [],
            assignments=_assignment_views(people, newest.get(id, [])),
            crew=crews.get(id),
        )
        for id, worker in found.items()
    }


def _me(worker: Worker, offered: bool, working: Sequence[Assignment], has_pin: bool) -> WorkerView:
    presence = PresenceView.of(worker, offered, profiles.on_site(working))
    return profiles.view(worker, presence, has_pin)


def _assignment_views(people: People, found: Sequence[Assignment]) -> list[AssignmentView]:
    return [AssignmentView.of(a, people.person(a), people.card(a.gig, accepted=True)) for a in found]


def _employer(tx: Transaction, actor: Actor) -> EmployerState:
    employer = actor.employer()
    posted = tx.gigs.of_employer(employer, None, RECENT)
    if len(posted) == RECENT:
        posted.extend(tx.gigs.under_way(employer, posted[-1].id))
    found = tx.assignments.of_employer(employer, None, RECENT)
    if len(found) == RECENT:
        found.extend(tx.assignments.under_way(employer, found[-1].id))
    if len(posted) >= RECENT:
        shown = {gig.id for gig in posted}
        posted.extend(tx.gigs.get_many(sorted({one.gig for one in found if one.lasts} - shown)).values())
    return EmployerState(
        me=accounts.me(tx, actor),
        gigs=[GigView.of(gig) for gig in posted],
        assignments=employer_assignments(tx, found),
        offers=_seats(tx, tx.offers.pending_of_employer(employer)),
    )


def _station(tx: Transaction, actor: Actor) -> StationState:
    station = actor.at_station()
    return StationState(
        station=station_view(tx.stations.get(station)),
        hall=[profiles.hall_worker(worker) for worker in tx.workers.in_hall(station)],
        offers=_seats(tx, tx.offers.pending_at(station)),
    )


def _seats(tx: Transaction, pending: Sequence[Offer]) -> list[SeatOfferView]:
    people = tx.accounts.get_many([offer.worker for offer in pending])
    return [SeatOfferView.of(offer, people[offer.worker].name) for offer in pending]
