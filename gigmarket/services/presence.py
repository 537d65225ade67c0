"""Workers' profiles and presence, one transaction each; the dispatcher brings the index up to date after it."""

from datetime import datetime, timedelta

from gigmarket.domain import fairness
from gigmarket.domain import worker as workers
from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.errors import Invalid
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import AccountId, StationId, WorkerId, station_principal, worker_principal
from gigmarket.domain.policy import DEFAULT, Policy
from gigmarket.domain.worker import Worker
from gigmarket.services.fairness import count_wait, group_codes
from gigmarket.services.offers import withdraw_pending
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.events import HallEvent, HallWorker, PresenceEvent
from gigmarket.wire.people import PresenceView, ProfileIn, WorkerView
from gigmarket.wire.values import masked


def set_profile(tx: Transaction, worker_id: WorkerId, asked: ProfileIn, policy: Policy = DEFAULT) -> WorkerView:
    """What the worker does and how they travel; a limit of the way that is not sent stays. Raises Invalid."""
    worker = tx.workers.lock(worker_id)
    worker = workers.set_profile(worker, frozenset(asked.trades), asked.mode, asked.floor_wage_fen)
    if "reach_s" in asked.model_fields_set:
        worker = workers.set_reach(worker, asked.reach_s, policy)
    tx.workers.save(worker)
    if asked.name is not None:
        tx.accounts.rename(AccountId(worker_id), asked.name)
    if worker.presence.wanted:
        tx.redispatch(worker=worker_id)
    return profile(tx, worker_id)


def go_available(
    tx: Transaction, actor: Actor, position: Position | None, until: datetime | None, in_hall: bool
) -> PresenceView:
    """Ask for work: from a position, or in the hall of the station whose kiosk this session came from.

    Raises Invalid without trades or position.
    """
    station: StationId | None = None
    if in_hall:
        if actor.station is None:
            raise Invalid.field("in_hall", "is for workers identified at a station's kiosk")
        station = actor.station
        position = tx.stations.get(station).position
    if position is None:
        raise Invalid.field("position", "is needed to be available")
    before = tx.workers.lock(actor.worker())
    worker = workers.go_available(before, position, until, station, tx.now())
    tx.workers.save(worker)
    _tell_halls(tx, before, worker)
    tx.redispatch(worker=worker.id)
    return presence(tx, worker)


def go_offline(tx: Transaction, worker_id: WorkerId, forgotten_by: Policy | None = None) -> PresenceView:
    """Stop asking for work; a pending offer is withdrawn and its seat offered to the next.

    With `forgotten_by` it is the clock that decides: who was silent was available until last heard of.
    """
    withdraw_pending(tx, worker_id)
    before = tx.workers.lock(worker_id)
    count_wait(tx, before, fairness.available_until(before.presence, tx.now(), forgotten_by))
    worker = workers.go_offline(before)
    tx.workers.save(worker)
    _tell_halls(tx, before, worker)
    tx.redispatch(worker=worker_id)
    now_is = presence(tx, worker)
    if forgotten_by is not None:
        tx.tell(worker_principal(worker_id), "presence.updated", encode(PresenceEvent(presence=now_is)))
    return now_is


def forget_due(tx: Transaction, rules: Rules, limit: int = 200) -> int:
    """Set workers offline who were not heard of for long or whose named hours are over; returns how many."""
    now, policy = tx.now(), rules.policy
    phone = now - timedelta(seconds=max(policy.forget_s, policy.fresh_s))
    hall = now - timedelta(seconds=max(policy.forget_s, policy.hall_fresh_s))
    gone = sorted(tx.workers.forgotten(phone, now, limit, hall))
    for worker_id in gone:
        go_offline(tx, worker_id, policy)
    return len(gone)


def profile(tx: Transaction, worker_id: WorkerId) -> WorkerView:
    """A worker's own profile."""
    worker = tx.workers.get(worker_id)
    return WorkerView(
        id=worker.id,
        name=worker.name,
        trades=sorted(worker.trades),
        mode=worker.mode,
        floor_wage_fen=worker.floor_wage_fen,
        reach_s=worker.reach_s,
        groups=group_codes(worker.groups),
        presence=presence(tx, worker),
        has_pin=tx.workers.pin_hash(worker_id) is not None,
    )


def presence(tx: Transaction, worker: Worker) -> PresenceView:
    """Whether the worker gets offers now: the stored wish with what is pending and under way."""
    offered = worker.id in tx.offers.pending_of([worker.id])
    working = tx.assignments.working_of([worker.id]).get(worker.id, [])
    return PresenceView.of(worker, offered, any(a.status is AssignmentStatus.CHECKED_IN for a in working))


def hall_worker(worker: Worker) -> HallWorker:
    """A worker as the hall's board shows one: by masked name."""
    since = worker.presence.since
    return HallWorker(
        id=worker.id,
        name=masked(worker.name),
        since=since.isoformat() if since else "",
        trades=sorted(worker.trades),
    )


def _tell_halls(tx: Transaction, before: Worker, after: Worker) -> None:
    left, joined = before.presence.station, after.presence.station
    if left is not None and left != joined:
        tx.tell(station_principal(left), "hall.left", encode(HallEvent(worker=hall_worker(before))))
    if joined is not None and left != joined:
        tx.tell(station_principal(joined), "hall.joined", encode(HallEvent(worker=hall_worker(after))))
