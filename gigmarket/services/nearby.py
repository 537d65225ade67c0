"""Open gigs inside a worker's circle, for the worker's own list."""

from collections.abc import Sequence

from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.worker import Worker
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.wire.gigs import GigCard
from gigmarket.wire.work import NearbyGig

MOST = 100


async def gigs_nearby(market: Market, worker_id: WorkerId) -> list[NearbyGig]:
    """Gigs of the worker's trades within the circle by the worker's own mode, nearest first.

    Empty while the worker has never shared a position. Raises LiveDown.
    """
    worker = await market.store.read(_worker, worker_id)
    here = (await market.index.positions([worker_id])).get(worker_id, worker.presence.position)
    if here is None:
        return []
    limit_s = market.rules.policy.circle_s
    found = await market.index.gigs_near(here, market.router.radius_m(worker.mode, limit_s), MOST * 2)
    gigs, names = await market.store.read(_cards, [gig for gig, _ in found])
    near = []
    for gig in gigs:
        seconds = market.router.reach(gig.draft.site.position, worker.mode, limit_s).seconds(here)
        if seconds is None or gig.draft.trade not in worker.trades or gig.free_seats() < 1:
            continue
        card = GigCard.of(gig, names[gig.employer])
        near.append(
            NearbyGig(
                gig=card,
                travel_s=round(seconds),
                estimated=market.router.estimated,
                free_seats=gig.free_seats(),
            )
        )
    return sorted(near, key=lambda item: item.travel_s)[:MOST]


def _worker(tx: Transaction, worker_id: WorkerId) -> Worker:
    return tx.workers.get(worker_id)


def _cards(tx: Transaction, ids: Sequence[GigId]) -> tuple[list[Gig], dict[str, str]]:
    gigs = list(tx.gigs.get_many(ids).values())
    accounts = tx.accounts.get_many([gig.employer for gig in gigs])
    return gigs, {key: account.name for key, account in accounts.items()}
