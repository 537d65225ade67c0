"""What a principal's screen starts from: the whole state as of one seq, read in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import Assignment, AssignmentChanged
from gigmarket.domain.errors import Unauthenticated
from gigmarket.domain.ids import Role, WorkerId
from gigmarket.domain.offer import Offer, OfferExtended
from gigmarket.services import accounts, profiles
from gigmarket.services.feeds import People
from gigmarket.services.stations import station_view
from gigmarket.store.streams import StreamEvent
from gigmarket.store.transaction import Transaction
from gigmarket.wire.frames import REPLAY_EVENTS, REPLAY_S
from gigmarket.wire.gigs import GigView
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


def catch_up(tx: Transaction, actor: Actor, epoch: str | None, seq: int | None) -> Catchup:
    """Continue a stream after `seq` of `epoch`, or start it: one consistent read.

    Up to 300 events of the last 5 minutes are replayed; beyond that a snapshot, never a silent gap. Raises
    Unauthenticated when the session has ended since the ticket was issued.
    """
    expires_at = session_end(tx, actor)
    principal = str(actor.principal())
    current, head = tx.streams.epoch(), tx.streams.head(principal)
    if epoch == current and seq is not None and head - REPLAY_EVENTS <= seq <= head:
        events = tx.streams.after(principal, seq, REPLAY_EVENTS)
        young = not events or events[0].at >= tx.now() - timedelta(seconds=REPLAY_S)
        if young and len(events) == head - seq:
            return Catchup(current, head, True, tuple(events), None, expires_at)
    return Catchup(current, head, False, (), snapshot(tx, actor), expires_at)


def session_end(tx: Transaction, actor: Actor) -> datetime:
    """When this session ends. Raises Unauthenticated when it has."""
    expires_at = tx.accounts.session_end(actor.session, tx.now())
    if expires_at is None:
        raise Unauthenticated("the session has ended: log in again")
    return expires_at


def snapshot(tx: Transaction, actor: Actor) -> dict[str, Any]:
    """The whole state of one role's screen, shaped as the events that keep it up to date."""
    make: Callable[[Transaction, Actor], View] = {
        Role.WORKER: _worker,
        Role.EMPLOYER: _employer,
        Role.CLERK: _station,
        Role.KIOSK: _station,
        Role.STAFF: lambda _tx, _actor: StaffState(),
    }[actor.role]
    return dict(make(tx, actor))


def worker_offers(tx: Transaction, worker: WorkerId) -> list[OfferView]:
    """A worker's pending offers."""
    pending = list(tx.offers.pending_of([worker]).values())
    people = People(tx, [OfferExtended(offer) for offer in pending])
    return [OfferView.of(offer, people.card(offer.gig)) for offer in pending]


def worker_assignments(tx: Transaction, found: Sequence[Assignment]) -> list[AssignmentView]:
    """A worker's assignments with each gig's site and the employer's phone."""
    people = People(tx, [AssignmentChanged(assignment) for assignment in found])
    return [AssignmentView.of(a, people.person(a), people.card(a.gig, accepted=True)) for a in found]


def employer_assignments(tx: Transaction, found: Sequence[Assignment]) -> list[AssignmentView]:
    """An employer's assignments with each worker's name and phone."""
    people = People(tx, [AssignmentChanged(assignment) for assignment in found])
    return [AssignmentView.of(a, people.person(a)) for a in found]


def _worker(tx: Transaction, actor: Actor) -> WorkerState:
    worker = actor.worker()
    found = tx.assignments.of_worker(worker, None, RECENT)
    if len(found) == RECENT:
        working = tx.assignments.working_of([worker]).get(worker, [])
        found.extend(each for each in working if each.id < found[RECENT - 1].id)
    return WorkerState(
        me=profiles.profile(tx, worker),
        offers=worker_offers(tx, worker),
        assignments=worker_assignments(tx, found),
    )


def _employer(tx: Transaction, actor: Actor) -> EmployerState:
    employer = actor.employer()
    posted = tx.gigs.of_employer(employer, None, RECENT)
    if len(posted) == RECENT:
        posted.extend(tx.gigs.under_way(employer, posted[-1].id))
    found = tx.assignments.of_employer(employer, None, RECENT)
    if len(found) == RECENT:
        found.extend(tx.assignments.under_way(employer, found[-1].id))
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
