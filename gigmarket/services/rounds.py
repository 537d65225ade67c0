"""A round of dispatch: what changed → candidates in the circle → the best assignment → one fenced claim."""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gigmarket.domain.geo import Mode
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId
from gigmarket.domain.matching import (
    OpenGig,
    Pair,
    Plan,
    judge,
    plan_round,
)
from gigmarket.domain.policy import Policy
from gigmarket.live.index import Query
from gigmarket.services.candidates import look_up, weigh
from gigmarket.services.claims import claim
from gigmarket.services.indexing import index_gigs
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction

SPARE = 4
"""Workers looked at beyond those per seat, so that one seat has a choice, too."""


@dataclass(slots=True)
class RoundReport:
    """What a round did: gigs looked at, pairs weighed, offers made and proposals that came too late."""

    gigs: int = 0
    pairs: int = 0
    offered: int = 0
    lost: int = 0
    plans: list[Plan] = field(default_factory=list)


async def run_round(market: Market, token: int, dirty: Iterable[GigId], seed: int) -> RoundReport:
    """Offer the free seats of these gigs to the best workers in their circles.

    `token` is this dispatcher's fencing number: Fenced is raised when a newer one took over. Raises LiveDown,
    Unavailable. A gig whose nearest candidates did not fill it is looked at again further out.
    """
    now = market.clock()
    found = await market.store.read(_open_gigs, sorted(set(dirty)), now)
    report = await _offer(market, token, found, seed, now)
    # After the offers, since nobody looks a gig up before the next round.
    await index_gigs(market, set(dirty), found)
    return report


async def _offer(market: Market, token: int, found: Sequence[Gig], seed: int, now: datetime) -> RoundReport:
    report = RoundReport()
    open_gigs = {gig.id: _open_gig(gig) for gig in found}
    report.gigs = len(open_gigs)
    widest = max(market.router.radius_m(mode, market.rules.policy.circle_s) for mode in Mode)
    rings = _rings(market.rules.policy, widest)
    waiting = dict(open_gigs)
    for last, (radius_m, per_seat) in ((i == len(rings) - 1, ring) for i, ring in enumerate(rings)):
        if not waiting:
            break
        pairs, more = await _pairs(market, list(waiting.values()), radius_m, per_seat, now)
        report.pairs += len(pairs)
        if radius_m < widest:
            more = set(waiting)
        waiting = {} if last else _short(pairs, waiting, more, market.rules.policy, now)
        enough = [pair for pair in pairs if pair.gig.id not in waiting]
        plan = plan_round(enough, market.rules.policy, now, random.Random(seed))  # noqa: S311
        report.plans.append(plan)
        if plan.proposals:
            made = await market.transact(claim, market.rules, token, plan.proposals, market.router.estimated)
            report.offered += made
            report.lost += len(plan.proposals) - made
    return report


def _open_gigs(tx: Transaction, ids: Sequence[GigId], now: datetime) -> list[Gig]:
    found = tx.gigs.get_many(ids)
    return [gig for gig in found.values() if gig.free_seats() > 0 and now < gig.recruit_until]


def _rings(policy: Policy, widest_m: float) -> list[tuple[float, int]]:
    """How far to look, and for how many workers per seat: near first, since cost follows the area's density."""
    return [
        (min(1500.0, widest_m), policy.considered_per_seat),
        (widest_m, policy.considered_per_seat * 4),
        (widest_m, policy.considered_per_seat * 64),
    ]


async def _pairs(
    market: Market, wanted: Sequence[OpenGig], radius_m: float, per_seat: int, now: datetime
) -> tuple[list[Pair], set[GigId]]:
    """The pairs to judge, and the gigs around which more workers stand than were asked for."""
    queries = [Query(gig.trade, gig.site, radius_m, per_seat * gig.seats + SPARE) for gig in wanted]
    found = await market.index.near_many(queries, now)
    names = sorted({near.worker for nears in found for near in nears})
    if not names:
        return [], set()
    facts = await market.store.read(look_up, names, [gig.id for gig in wanted])
    # On roads a new site is a search of its own: off the loop with it.
    weighing = (wanted, found, facts, market.router, market.rules.policy)
    pairs = weigh(*weighing) if market.router.estimated else await asyncio.to_thread(weigh, *weighing)
    more = {
        query_gig.id
        for query_gig, query, nears in zip(wanted, queries, found, strict=True)
        if len(nears) >= query.count
    }
    return pairs, more


def _short(
    pairs: Sequence[Pair], waiting: Mapping[GigId, OpenGig], more: set[GigId], policy: Policy, now: datetime
) -> dict[GigId, OpenGig]:
    """The gigs with fewer possible workers than seats and more workers to ask further out."""
    possible: dict[GigId, int] = dict.fromkeys(waiting, 0)
    for pair in pairs:
        possible[pair.gig.id] += judge(pair, policy, now) is None
    return {gig_id: gig for gig_id, gig in waiting.items() if gig_id in more and possible[gig_id] < gig.seats}


def _open_gig(gig: Gig) -> OpenGig:
    draft = gig.draft
    return OpenGig(
        id=gig.id,
        employer=gig.employer,
        trade=draft.trade,
        site=draft.site.position,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        recruit_until=gig.recruit_until,
        pay_fen=gig.due_fen(),
        seats=gig.free_seats(),
    )
