"""Workers' profiles and presence, one transaction each; the dispatcher brings the index up to date after it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gigmarket.domain import fairness
from gigmarket.domain import worker as workers
from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Invalid
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import StationId, WorkerId
from gigmarket.domain.policy import DEFAULT, Policy
from gigmarket.services import profiles
from gigmarket.services.accounts import refuse_suspended
from gigmarket.services.fairness import count_wait
from gigmarket.services.names import rename_worker
from gigmarket.services.offers import withdraw_pending
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from gigmarket.wire.people import PresenceView, ProfileIn, WorkerView


def set_profile(
    tx: Transaction, worker_id: WorkerId, asked: ProfileIn, policy: Policy = DEFAULT, by: Actor | None = None
) -> WorkerView:
    """What the worker does and how they travel; a limit of the way that is not sent stays. `by`: whose session
    it was. Raises Invalid.
    """
    if by is not None and by.via is not None:
        tx.accounts.audit(by, "worker.profile", worker_id, tx.now())
    before = tx.workers.lock(worker_id)
    worker = workers.set_profile(before, frozenset(asked.trades), asked.mode, asked.floor_wage_fen)
    if "reach_s" in asked.model_fields_set:
        worker = workers.set_reach(worker, asked.reach_s, policy)
    tx.workers.save(worker)
    if asked.name is not None and asked.name != worker.name:
        rename_worker(tx, worker_id, asked.name)
        worker = replace(worker, name=asked.name)
    if worker.presence.wanted:
        tx.redispatch(worker=worker_id)
    if worker == before:
        return profiles.profile(tx, worker_id)
    profiles.tell_presence(tx, before, worker)
    return profiles.tell_profile(tx, worker_id)


def go_available(
    tx: Transaction, actor: Actor, position: Position | None, until: datetime | None, in_hall: bool
) -> PresenceView:
    """Ask for work: from a position, or in the hall of the station whose kiosk this session came from.

    Raises Invalid without trades or position, Unauthenticated for a suspended account.
    """
    refuse_suspended(tx, actor.account)
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
    tx.redispatch(worker=worker.id)
    return profiles.tell_presence(tx, before, worker)


def go_offline(tx: Transaction, worker_id: WorkerId, forgotten_by: Policy | None = None) -> PresenceView:
    """Stop asking for work; a pending offer is withdrawn and its seat offered to the next.

    With `forgotten_by` it is the clock that decides: who was silent was available until last heard of.
    """
    withdraw_pending(tx, [worker_id])
    before = tx.workers.lock(worker_id)
    # A claim may have come between; from here on every claim passes over the worker (as in `crews`).
    withdraw_pending(tx, [worker_id])
    count_wait(tx, before, fairness.available_until(before.presence, tx.now(), forgotten_by))
    worker = workers.go_offline(before)
    tx.workers.save(worker)
    tx.redispatch(worker=worker_id)
    return profiles.tell_presence(tx, before, worker)


def forgotten(tx: Transaction, rules: Rules, limit: int = 200) -> list[WorkerId]:
    """Workers who were not heard of for long or whose named hours are over."""
    now, policy = tx.now(), rules.policy
    phone = now - timedelta(seconds=max(policy.forget_s, policy.fresh_s))
    hall = now - timedelta(seconds=max(policy.forget_s, policy.hall_fresh_s))
    return tx.workers.forgotten(phone, now, limit, hall)


def forget_due(tx: Transaction, rules: Rules, limit: int = 200, found: Sequence[WorkerId] | None = None) -> int:
    """Set these workers offline, or all who are `forgotten`, as far as they still are; returns how many."""
    now, policy = tx.now(), rules.policy
    gone = 0
    for worker_id in sorted(forgotten(tx, rules, limit) if found is None else found):
        # Only his row, held, is sure: he may have come back since they were looked for.
        if workers.is_forgotten(tx.workers.lock(worker_id).presence, now, policy):
            go_offline(tx, worker_id, policy)
            gone += 1
    return gone
