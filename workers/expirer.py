"""The expirer: closes offers and gigs whose time is over. One process decides expiry by the store's clock."""

import asyncio

from gigmarket.services import assignments, gigs, offers
from gigmarket.services.market import Market
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from workers.loop import every

PAUSE_S = 0.5
AT_ONCE = 20
"""Of one transaction, 1 to 2 ms each: when hundreds of gigs begin at eight, others write in between."""
GAP_S = 0.005
"""From one such transaction to the next."""


async def step(market: Market) -> None:
    """Look for what is due in a read, and only then take the write lock, for a few at a time."""
    offers_due, gigs_due, assignments_due = await market.store.read(_due, market.rules)
    while offers_due:
        offers_due = await market.transact(offers.expire_due, market.rules, AT_ONCE) >= AT_ONCE
        await asyncio.sleep(GAP_S)
    while assignments_due:
        assignments_due = await market.transact(assignments.pass_time_due, market.rules, AT_ONCE) >= AT_ONCE
        await asyncio.sleep(GAP_S)
    while gigs_due:
        gigs_due = await market.transact(gigs.pass_time_due, market.rules, AT_ONCE) >= AT_ONCE
        await asyncio.sleep(GAP_S)


async def main(market: Market, stop: asyncio.Event) -> None:
    """Step twice a second until stopped."""
    await every(market, stop, PAUSE_S, step)


def _due(tx: Transaction, rules: Rules) -> tuple[bool, bool, bool]:
    now, patience_s = tx.now(), rules.policy.auto_check_out_s
    return (
        bool(tx.offers.due(now, 1)),
        bool(tx.gigs.due(now, 1)),
        bool(tx.assignments.due(now, 1, patience_s)),
    )
