"""Feeds the ledger of workers' days, and keeps the list of who belongs to a priority group."""

from dataclasses import replace
from datetime import datetime

from gigmarket.domain import fairness
from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.errors import Invalid
from gigmarket.domain.ids import WorkerId
from gigmarket.domain.worker import Worker
from gigmarket.services import profiles
from gigmarket.store.transaction import Transaction
from gigmarket.wire.fairness import GroupsIn, GroupsView


def count_wait(tx: Transaction, worker: Worker, until: datetime) -> None:
    """The worker, whose row is held, stops being available: the stretch goes into the ledger."""
    tx.days.add(fairness.waited(worker, until, at_work_since(tx, worker.id)))


def count_work(tx: Transaction, done: Assignment) -> None:
    """Work on a site is over: it goes into the ledger, and who stays available waits anew from then on."""
    if done.status is not AssignmentStatus.COMPLETED or not done.checked_in_at or not done.checked_out_at:
        return
    worker = tx.workers.lock(done.worker)
    wait = fairness.waited(worker, done.checked_out_at, done.checked_in_at)
    work = fairness.worked(worker.id, done.checked_in_at, done.checked_out_at)
    if done.handed_in_at is not None and not wait:
        known = tx.days.of(worker.id, work[0].day) if work else {}
        work = [fairness.told_later(row, known.get(row.day)) for row in work]
    tx.days.add([*wait, *work])
    since = worker.presence.since
    if since is not None and since < done.checked_out_at:
        anew = replace(worker, presence=replace(worker.presence, since=done.checked_out_at))
        tx.workers.save(anew)
        profiles.tell_presence(tx, worker, anew)


def at_work_since(tx: Transaction, worker: WorkerId) -> datetime | None:
    """Since when the worker has been on a site; None for anybody else."""
    working = tx.assignments.working_of([worker]).get(worker, [])
    return min((a.checked_in_at for a in working if a.checked_in_at is not None), default=None)


def set_groups(tx: Transaction, actor: Actor, worker_id: WorkerId, asked: GroupsIn) -> GroupsView:
    """Enter a worker's priority groups from a document. Raises Invalid for an unknown group, NotFound.

    Audited with the groups and the kind of document that proves them: codes only, no words of the clerk's.
    """
    unknown = sorted(set(asked.groups) - fairness.GROUPS.keys())
    if unknown:
        raise Invalid.field("groups", f"unknown group {unknown[0]!r}; GET /api/v1/rules lists them")
    worker = tx.workers.lock(worker_id)
    tx.workers.save(replace(worker, groups=frozenset(asked.groups)))
    words = ",".join(sorted(set(asked.groups))) or "none"
    tx.accounts.audit(actor, f"worker.groups {words} {asked.document}", worker_id, tx.now())
    if worker.presence.wanted:
        tx.redispatch(worker=worker_id)
    if worker.groups != frozenset(asked.groups):
        profiles.tell_profile(tx, worker_id)
    return groups_of(tx, worker_id)


def groups_of(tx: Transaction, worker_id: WorkerId) -> GroupsView:
    """A worker's priority groups. Raises NotFound."""
    return GroupsView(worker_id=worker_id, groups=profiles.group_codes(tx.workers.get(worker_id).groups))
