"""The janitor: takes ghosts out of the index, sets forgotten workers offline, deletes what has had its day,
keeps a sample of the market each minute, and moves SQLite's log into its file, so that nobody who waits for a
commit has to.
"""

import asyncio
import logging
from datetime import timedelta

from gigmarket.domain.calendar import day_of
from gigmarket.services import history, presence
from gigmarket.services.market import Market
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from workers.loop import every

log = logging.getLogger("gigmarket.janitor")

PAUSE_S = 5.0
CHECKPOINT_S = 0.5
SAMPLE_S = 60.0
KEPT = timedelta(hours=24)
"""Answers to idempotency keys, and events; a client that was away longer gets a snapshot."""
BATCH = 100
"""Rows of one kind that a transaction deletes: whoever writes waits for it, 2 to 5 ms a kind on SQLite."""
AT_ONCE = 20
"""Forgotten workers of one transaction, 1 to 2 ms each."""
GAP_S = 0.02
"""From one such transaction to the next: others write in between."""
MOST = 50
"""Transactions that delete in one step."""


async def step(market: Market) -> None:
    """One round of cleaning, in small transactions. Everybody who wants work is looked through in a read: with
    50,000 of them it takes 12 ms, in which nobody else could write.
    """
    found = await market.store.read(presence.forgotten, market.rules)
    gone = 0
    for first in range(0, len(found), AT_ONCE):
        few = found[first : first + AT_ONCE]
        gone += await market.transact(presence.forget_due, market.rules, found=few)
        await asyncio.sleep(GAP_S)
    deleted = await _delete(market)
    # Last, since SQL has to be cleaned while the live store is away.
    stale = await market.index.sweep(market.clock())
    if stale or gone or deleted:
        log.info("%d stale in the index, %d set offline, %d old rows deleted", len(stale), gone, deleted)


async def checkpoint(market: Market) -> None:
    """Keep the log short."""
    await market.store.checkpoint()


async def main(market: Market, stop: asyncio.Event) -> None:
    """Clean every few seconds until stopped."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(every(market, stop, PAUSE_S, step))
        tasks.create_task(every(market, stop, CHECKPOINT_S, checkpoint))
        tasks.create_task(every(market, stop, SAMPLE_S, history.sample))


async def _delete(market: Market) -> int:
    deleted = 0
    for _ in range(MOST):
        some = await market.transact(_delete_old, market.rules)
        deleted += some
        if some < BATCH:
            break
        await asyncio.sleep(GAP_S)
    return deleted


def _delete_old(tx: Transaction, rules: Rules) -> int:
    before = tx.now() - KEPT
    explained = tx.now() - timedelta(days=rules.policy.explained_days)
    return (
        tx.idempotency.forget(before, BATCH)
        + tx.streams.forget(before, BATCH)
        + tx.accounts.delete_sessions(before)
        + tx.passes.forget(before)
        + tx.explanations.forget(explained, BATCH)
        + tx.draws.forget(explained)
        + tx.days.forget(day_of(explained), BATCH)
    )
