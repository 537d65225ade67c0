"""Keeps the live index equal to SQL: the dispatcher is its only editor, servers only add heartbeats."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.policy import Policy
from gigmarket.domain.worker import Worker
from gigmarket.live.index import Placement
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction


async def sync_workers(market: Market, changed: Iterable[WorkerId]) -> set[GigId]:
    """Bring the index up to date with SQL for these workers; returns the open gigs near those now available."""
    ids = sorted(set(changed))
    if not ids:
        return set()
    now = market.clock()
    workers, engaged = await market.store.read(_presence, ids)
    placements = {
        worker.id: placement
        for worker in workers.values()
        if worker.id not in engaged and (placement := placement_of(worker, market.rules.policy, now))
    }
    gone = [worker for worker in ids if worker not in placements]
    if gone:
        await market.index.remove(gone)
    if placements:
        await market.index.put_many(list(placements.values()))
    near: set[GigId] = set()
    for placement in placements.values():
        reach = market.router.radius_m(workers[placement.worker].mode, market.rules.policy.circle_s)
        near.update(gig for gig, _ in await market.index.gigs_near(placement.position, reach, 50))
    return near


async def rebuild(market: Market, epoch: str) -> tuple[int, int]:
    """Fill an empty or foreign index from SQL: open gigs, and everyone who wants work and was heard of lately.

    Returns how many workers and gigs. Heartbeats that arrive meanwhile only make it fresher.
    """
    now = market.clock()
    workers, engaged, open_gigs = await market.store.read(_everything, now, market.rules.policy)
    await market.index.clear()
    await market.index.put_many(
        [
            placement
            for worker in workers
            if worker.id not in engaged and (placement := placement_of(worker, market.rules.policy, now))
        ]
    )
    await market.index.put_gigs([(gig.id, gig.draft.site.position) for gig in open_gigs])
    await market.index.mark(epoch)
    return len(workers), len(open_gigs)


def placement_of(worker: Worker, policy: Policy, now: datetime) -> Placement | None:
    """A worker as the index holds one, or None when the worker does not belong there.

    SQL hears of a connected worker only every `seen_every_s`, so its word counts that much longer.
    """
    presence = worker.presence
    fresh_until = presence.fresh_until(policy)
    if not presence.wanted or presence.position is None or fresh_until is None:
        return None
    fresh_until += timedelta(seconds=policy.seen_every_s)
    if fresh_until <= now:
        return None
    return Placement(worker.id, presence.position, worker.trades, fresh_until)


async def index_gigs(market: Market, dirty: set[GigId], found: Sequence[Gig]) -> None:
    """Open gigs with free seats are in the index, the other dirty ones are not."""
    closed = dirty - {gig.id for gig in found}
    if closed:
        await market.index.remove_gigs(sorted(closed))
    if found:
        await market.index.put_gigs([(gig.id, gig.draft.site.position) for gig in found])


def _presence(tx: Transaction, ids: Sequence[WorkerId]) -> tuple[dict[WorkerId, Worker], frozenset[WorkerId]]:
    return tx.workers.get_many(ids), _engaged(tx.assignments.working_of(ids))


def _everything(
    tx: Transaction, now: datetime, policy: Policy
) -> tuple[list[Worker], frozenset[WorkerId], list[Gig]]:
    oldest = now - timedelta(seconds=max(policy.fresh_s, policy.hall_fresh_s) + policy.seen_every_s)
    return tx.workers.wanted(oldest), tx.assignments.checked_in_workers(), tx.gigs.with_free_seats(now)


def _engaged(working: Mapping[WorkerId, Sequence[Assignment]]) -> frozenset[WorkerId]:
    return frozenset(
        worker
        for worker, found in working.items()
        if any(assignment.status is AssignmentStatus.CHECKED_IN for assignment in found)
    )
