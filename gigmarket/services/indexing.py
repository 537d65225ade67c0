"""Keeps the live index and the roster equal to SQL: the dispatcher edits both, servers only add heartbeats."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.policy import Policy
from gigmarket.live.index import Placement
from gigmarket.live.roster import Roster
from gigmarket.live.roster_columns import Entry
from gigmarket.services.entries import entry_of, look_up
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.wire.bus import Move

NEAR = 50
"""Open gigs looked at again for each worker who became available."""
AT_ONCE = 500
"""Workers read at once in a rebuild: some tens of milliseconds, then the lease and the bus have their turn."""


async def sync_workers(market: Market, roster: Roster, changed: Iterable[WorkerId]) -> set[GigId]:
    """Bring index and roster up to date with SQL for these workers; returns the open gigs near those free."""
    ids = sorted(set(changed))
    if not ids:
        return set()
    now = market.clock()
    entries = await market.store.read(_entries, ids, market.rules.policy, now)
    gone = [worker for worker in ids if worker not in entries]
    roster.remove(gone)
    roster.put(entries.values())
    free = [entry for entry in entries.values() if not _at_work(entry)]
    placed = [(entry, _placement_in(roster, entry)) for entry in free]
    absent = [*gone, *(entry.worker for entry in entries.values() if _at_work(entry))]
    if absent:
        await market.index.remove(absent)
    if placed:
        await market.index.put_many([there for _, there in placed])
    circles = [
        (there.position, market.router.radius_m(entry.mode, max(entry.reach, market.rules.policy.circle_s)))
        for entry, there in placed
        if not entry.offered
    ]
    return await market.index.gigs_around(circles, NEAR)


async def rebuild(market: Market, roster: Roster, epoch: str) -> tuple[int, int]:
    """Fill an empty or foreign index and the roster from SQL: open gigs, and everyone who wants work and was
    heard of lately, from where the index itself knows better, if it still does.

    Returns how many workers and gigs. Heartbeats that arrive meanwhile only make it fresher.
    """
    now = market.clock()
    ids, open_gigs = await market.store.read(_everything, now, market.rules.policy)
    roster.clear()
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        roster.put((await market.store.read(_entries, some, market.rules.policy, now)).values())
        # Processes that do one thing at a time read without ever yielding.
        await asyncio.sleep(0)
    await _take_over(market, roster, now)
    await market.index.clear()
    entries = [entry for entry in roster.columns.entries if entry is not None and not _at_work(entry)]
    await market.index.put_many([_placement_in(roster, entry) for entry in entries])
    await market.index.put_gigs([(gig.id, gig.draft.site.position) for gig in open_gigs])
    await market.index.mark(epoch)
    return len(entries), len(open_gigs)


async def _take_over(market: Market, roster: Roster, now: datetime) -> None:
    """Places and signs of life that came by heartbeat are fresher than SQL's, if the index still has them."""
    # What the index holds for longer, as for a hall, is SQL's own word.
    latest = (now + timedelta(seconds=market.rules.policy.fresh_s)).timestamp()
    known = list(roster.columns.row_of)
    until = await market.index.fresh_until(known)
    places = await market.index.positions(list(until))
    roster.move(Move(worker, places.get(worker), min(at.timestamp(), latest)) for worker, at in until.items())


def _placement_in(roster: Roster, entry: Entry) -> Placement:
    """Where and how fresh the roster has the worker by now."""
    columns, row = roster.columns, roster.columns.row_of[entry.worker]
    fresh_until = datetime.fromtimestamp(float(columns.at.fresh[row]), UTC)
    return Placement(entry.worker, columns.place(row), entry.trades, fresh_until)


def _at_work(entry: Entry) -> bool:
    """At work a worker is not available: he leaves the index, and stays in the roster for what comes after."""
    return entry.working > 0


async def index_gigs(market: Market, dirty: set[GigId], found: Sequence[Gig]) -> None:
    """Open gigs with free seats are in the index, the other dirty ones are not."""
    closed = dirty - {gig.id for gig in found}
    if closed:
        await market.index.remove_gigs(sorted(closed))
    if found:
        await market.index.put_gigs([(gig.id, gig.draft.site.position) for gig in found])


def _entries(
    tx: Transaction, ids: Sequence[WorkerId], policy: Policy, now: datetime
) -> Mapping[WorkerId, Entry]:
    facts = look_up(tx, ids, policy, now)
    found = ((worker.id, entry_of(worker, facts, policy, now)) for worker in facts.workers.values())
    return {worker: entry for worker, entry in found if entry is not None}


def _everything(tx: Transaction, now: datetime, policy: Policy) -> tuple[list[WorkerId], list[Gig]]:
    oldest = now - timedelta(seconds=max(policy.fresh_s, policy.hall_fresh_s) + policy.seen_every_s)
    return [worker.id for worker in tx.workers.wanted(oldest)], tx.gigs.with_free_seats(now)
