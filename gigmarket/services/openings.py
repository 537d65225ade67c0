"""What could be done by hand: the gigs there are for a worker, and the workers there are for a gig."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from gigmarket.domain.calendar import day_of
from gigmarket.domain.geo import Position, metres_between
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.placing import Pair, concerns, obstacle
from gigmarket.domain.policy import Policy
from gigmarket.domain.worker import Worker
from gigmarket.live.connection import LiveDown
from gigmarket.services.market import Market
from gigmarket.services.placing import Way, pair_of, way_of, whereabouts
from gigmarket.services.queues import LONG_WAIT, waits
from gigmarket.store.transaction import Transaction
from gigmarket.travel.router import Router
from gigmarket.wire.desk import CandidateView, ChanceView, FindGigsIn, FoundGigView, Ground, OpeningView
from gigmarket.wire.values import WageView, masked

NEAREST = 40
"""Gigs looked at for a worker, and workers for a gig."""
FOUND_FOR = timedelta(days=14)
"""Gigs posted earlier are not looked through."""
DAYS = 7
"""Without an offer: a week, today included."""
LONGEST = 400
"""So many of the longest waiting are looked at for those of a gig's trade."""


async def openings(market: Market, worker_id: WorkerId) -> list[OpeningView]:
    """Open gigs for a worker: those that nothing forbids first, then the nearest. Raises NotFound."""
    worker, gigs = await market.store.read(_gigs, worker_id)
    here = await whereabouts(market, worker)
    if here is not None:
        gigs = sorted(gigs, key=lambda gig: metres_between(here, gig.draft.site.position))
    near = gigs[:NEAREST]
    sites = [gig.draft.site.position for gig in near]
    ways = await asyncio.to_thread(_ways, market.router, worker, here, sites)
    return await market.store.read(_openings, market.rules.policy, worker, near, ways)


async def candidates(market: Market, gig_id: GigId) -> list[CandidateView]:
    """Workers for a gig: those that nothing forbids first, then the longest waiting. Raises NotFound."""
    gig, workers = await market.store.read(_workers, gig_id)
    places = {worker.id: worker.presence.position for worker in workers}
    with suppress(LiveDown):
        places |= await market.index.positions([worker.id for worker in workers])
    ways = await asyncio.to_thread(_ways_to, market.router, gig, workers, places)
    return await market.store.read(_candidates, market.rules.policy, gig, workers, ways)


def find(tx: Transaction, asked: FindGigsIn) -> list[FoundGigView]:
    """Gigs of the last days by words, the newest first."""
    found = tx.gigs.recent(tx.now() - FOUND_FOR, asked.words.strip(), NEAREST)
    return [
        FoundGigView(
            gig_id=gig.id,
            title=gig.draft.title,
            employer=employer,
            status=gig.status,
            posted_at=gig.posted_at,
            starts_at=gig.draft.starts_at,
        )
        for gig, employer in found
    ]


def _gigs(tx: Transaction, worker_id: WorkerId) -> tuple[Worker, list[Gig]]:
    return tx.workers.get(worker_id), tx.gigs.with_free_seats(tx.now())


def _ways(router: Router, worker: Worker, here: Position | None, sites: Sequence[Position]) -> list[Way | None]:
    return [None if here is None else way_of(router, site, worker.mode, here) for site in sites]


def _openings(
    tx: Transaction, policy: Policy, worker: Worker, gigs: Sequence[Gig], ways: Sequence[Way | None]
) -> list[OpeningView]:
    employers = tx.accounts.get_many([gig.employer for gig in gigs])
    grounds = grounds_of(tx, [worker])[worker.id]
    found = [
        OpeningView(
            **_chance(tx, policy, pair_of(tx, gig, worker, way), way, grounds).model_dump(),
            gig_id=gig.id,
            title=gig.draft.title,
            trade=gig.draft.trade,
            employer=employers[gig.employer].name,
            starts_at=gig.draft.starts_at,
            ends_at=gig.draft.ends_at,
            wage=WageView.of(gig.draft.wage),
            free_seats=gig.free_seats(),
        )
        for gig, way in zip(gigs, ways, strict=True)
    ]
    return sorted(found, key=lambda one: (one.obstacle is not None, len(one.concerns), one.travel_s or 0))


def _workers(tx: Transaction, gig_id: GigId) -> tuple[Gig, list[Worker]]:
    gig = tx.gigs.get(gig_id)
    waiting = [entry.what for entry in tx.queues.waiting(waits(tx)).page(None, LONGEST)]
    skilled = [one.worker for one in waiting if gig.draft.trade in one.trades]
    others = [one.worker for one in waiting if gig.draft.trade not in one.trades]
    names = (skilled + others)[:NEAREST]
    known = tx.workers.get_many(names)
    return gig, [known[name] for name in names]


def _ways_to(
    router: Router, gig: Gig, workers: Sequence[Worker], places: Mapping[WorkerId, Position | None]
) -> list[Way | None]:
    site = gig.draft.site.position
    return [
        None if (here := places[worker.id]) is None else way_of(router, site, worker.mode, here)
        for worker in workers
    ]


def _candidates(
    tx: Transaction, policy: Policy, gig: Gig, workers: Sequence[Worker], ways: Sequence[Way | None]
) -> list[CandidateView]:
    grounds = grounds_of(tx, workers)
    found = [
        CandidateView(
            **_chance(tx, policy, pair_of(tx, gig, worker, way), way, grounds[worker.id]).model_dump(),
            worker_id=worker.id,
            name=masked(worker.name),
            trades=sorted(worker.trades),
            since=worker.presence.since,
            station_id=worker.presence.station,
        )
        for worker, way in zip(workers, ways, strict=True)
    ]
    # They come the longest waiting first, and sorting keeps that among equals.
    return sorted(found, key=lambda one: (one.obstacle is not None, len(one.concerns)))


def grounds_of(tx: Transaction, workers: Sequence[Worker]) -> dict[WorkerId, list[Ground]]:
    """Which reasons are so. Nobody who came this week has been a week without an offer."""
    now = tx.now()
    offered = tx.days.standings([worker.id for worker in workers], day_of(now), DAYS)
    accounts = tx.accounts.get_many([worker.id for worker in workers])
    found: dict[WorkerId, list[Ground]] = {}
    for worker in workers:
        waited, standing = _waited(worker, now), offered.get(worker.id)
        long_ago = accounts[worker.id].created_at <= now - timedelta(days=DAYS)
        so = {
            Ground.LONG_WAIT: waited is not None and waited >= LONG_WAIT,
            Ground.WEEK_WITHOUT: long_ago and (standing is None or standing.offers == 0),
        }
        found[worker.id] = [ground for ground, true in so.items() if true]
    return found


def _waited(worker: Worker, now: datetime) -> timedelta | None:
    presence = worker.presence
    return now - presence.since if presence.wanted and presence.since is not None else None


def _chance(
    tx: Transaction, policy: Policy, pair: Pair, way: Way | None, grounds: Sequence[Ground]
) -> ChanceView:
    now = tx.now()
    waited = _waited(pair.worker, now)
    # At the desk somebody who stopped looking may still say yes, so that alone is no obstacle here.
    return ChanceView(
        obstacle=obstacle(pair, True, now, policy),
        concerns=concerns(pair, now, policy),
        grounds=grounds,
        waited_s=None if waited is None else int(waited.total_seconds()),
        travel_s=None if way is None else way.travel_s,
        estimated=way is None or way.estimated,
    )
