"""Open gigs inside a worker's circle, for the worker's own list."""

from collections import Counter
from collections.abc import Sequence

from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.worker import Worker
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.wire.gigs import GigCard
from gigmarket.wire.work import NearbyGig, NearbyPage, OtherTrade

MOST = 100


async def gigs_nearby(market: Market, worker_id: WorkerId) -> NearbyPage:
    """Gigs of the worker's trades within the circle by the worker's own mode, nearest first, and how many there
    are of other trades, most seats first: an empty list must not look like an empty city.

    Empty while the worker has never shared a position. Raises LiveDown.
    """
    worker = await market.store.read(_worker, worker_id)
    here = (await market.index.positions([worker_id])).get(worker_id, worker.presence.position)
    if here is None:
        return NearbyPage(items=[], next=None, others=[])
    limit_s = market.rules.policy.circle_s
    found = await market.index.gigs_near(here, market.router.radius_m(worker.mode, limit_s), MOST * 2)
    gigs, names = await market.store.read(_cards, [gig for gig, _ in found])
    near: list[NearbyGig] = []
    other_gigs, other_seats = Counter[str](), Counter[str]()
    for gig in gigs:
        seconds = market.router.reach(gig.draft.site.position, worker.mode, limit_s).seconds(here)
        trade, free = gig.draft.trade, gig.free_seats()
        if seconds is None or free < 1:
            continue
        if trade not in worker.trades:
            other_gigs[trade] += 1
            other_seats[trade] += free
            continue
        card = GigCard.of(gig, names[gig.employer])
        near.append(
            NearbyGig(
                gig=card,
                travel_s=round(seconds),
                estimated=market.router.estimated,
                free_seats=free,
            )
        )
    others = [
        OtherTrade(trade=trade, gigs=other_gigs[trade], seats=seats)
        for trade, seats in other_seats.most_common()
    ]
    return NearbyPage(items=sorted(near, key=lambda item: item.travel_s)[:MOST], next=None, others=others)


def _worker(tx: Transaction, worker_id: WorkerId) -> Worker:
    return tx.workers.get(worker_id)


def _cards(tx: Transaction, ids: Sequence[GigId]) -> tuple[list[Gig], dict[str, str]]:
    gigs = list(tx.gigs.get_many(ids).values())
    accounts = tx.accounts.get_many([gig.employer for gig in gigs])
    return gigs, {key: account.name for key, account in accounts.items()}
