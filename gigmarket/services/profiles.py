"""What a worker's own screens and the hall's board show of a worker, and telling them when it changes."""

from collections.abc import Sequence
from dataclasses import replace

from gigmarket.domain import fairness
from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.ids import WorkerId, station_principal, worker_principal
from gigmarket.domain.worker import Presence, Worker
from gigmarket.services import crew_views
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.events import HallEvent, HallWorker, PresenceEvent, ProfileEvent
from gigmarket.wire.people import PresenceView, WorkerView
from gigmarket.wire.values import masked


def profile(tx: Transaction, worker_id: WorkerId) -> WorkerView:
    """A worker's own profile. Raises NotFound."""
    worker = tx.workers.get(worker_id)
    return view(worker, presence(tx, worker), tx.workers.pin_hash(worker_id) is not None)


def view(worker: Worker, shown: PresenceView, has_pin: bool) -> WorkerView:
    """A profile from what was read of the worker."""
    return WorkerView(
        id=worker.id,
        name=worker.name,
        trades=sorted(worker.trades),
        mode=worker.mode,
        floor_wage_fen=worker.floor_wage_fen,
        reach_s=worker.reach_s,
        groups=group_codes(worker.groups),
        presence=shown,
        has_pin=has_pin,
    )


def presence(tx: Transaction, worker: Worker) -> PresenceView:
    """Whether the worker gets offers now: the stored wish with what is pending and under way."""
    offered = worker.id in tx.offers.pending_of([worker.id])
    working = tx.assignments.working_of([worker.id]).get(worker.id, [])
    return PresenceView.of(worker, offered, on_site(working))


def on_site(working: Sequence[Assignment]) -> bool:
    """Whether a worker with these assignments is at work."""
    return any(assignment.status is AssignmentStatus.CHECKED_IN for assignment in working)


def hall_worker(worker: Worker) -> HallWorker:
    """A worker as the hall's board shows one: by masked name."""
    since = worker.presence.since
    return HallWorker(
        id=worker.id,
        name=masked(worker.name),
        since=since.isoformat() if since else "",
        trades=sorted(worker.trades),
    )


def group_codes(groups: frozenset[str]) -> Sequence[str]:
    """Codes in the order in which screens list them."""
    return [code for code in fairness.GROUPS if code in groups]


def tell_presence(tx: Transaction, before: Worker, after: Worker) -> PresenceView:
    """Put a changed presence on the worker's stream, if anybody follows it, and on the halls' boards."""
    shown = presence(tx, after)
    if _wish(before.presence) != _wish(after.presence) and followed(tx, after.id):
        tx.tell(worker_principal(after.id), "presence.updated", encode(PresenceEvent(presence=shown)))
    if before.presence.wanted != after.presence.wanted and after.crew is not None:
        crew_views.tell(tx, after.crew)
    left, joined = before.presence.station, after.presence.station
    if left is not None and left != joined:
        _tell_hall(tx, "hall.left", before)
    elif left is not None and hall_worker(before) != hall_worker(after):
        _tell_hall(tx, "hall.updated", after)
    if joined is not None and left != joined:
        _tell_hall(tx, "hall.joined", after)
    return shown


def tell_profile(tx: Transaction, worker_id: WorkerId) -> WorkerView:
    """Put a changed profile on the worker's stream, if anybody follows it. Returns it."""
    shown = profile(tx, worker_id)
    if followed(tx, worker_id):
        tx.tell(worker_principal(worker_id), "me.updated", encode(ProfileEvent(me=shown)))
    return shown


def follow(tx: Transaction, worker_id: WorkerId) -> None:
    """Somebody is about to hold this worker's state: from now on the stream tells what they do themselves."""
    # Their row is held, so that no change falls between this and the snapshot that follows.
    tx.workers.lock(worker_id)
    tx.streams.begin(str(worker_principal(worker_id)))


def followed(tx: Transaction, worker_id: WorkerId) -> bool:
    """Whether anybody may hold a state of this worker's stream."""
    return tx.streams.begun(str(worker_principal(worker_id)))


def followed_many(tx: Transaction, worker_ids: Sequence[WorkerId]) -> list[bool]:
    """The same for many, in order, in one statement."""
    begun = tx.streams.heads([str(worker_principal(worker_id)) for worker_id in worker_ids])
    return [str(worker_principal(worker_id)) in begun for worker_id in worker_ids]


def _wish(presence: Presence) -> Presence:
    return replace(presence, seen_at=None)


def _tell_hall(tx: Transaction, kind: str, worker: Worker) -> None:
    station = worker.presence.station
    if station is not None:
        tx.tell(station_principal(station), kind, encode(HallEvent(worker=hall_worker(worker))))
