"""Reasons for whom no round kept by name: the rules asked now, or as of the round that gave the seats away."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gigmarket.domain.draw import key_of
from gigmarket.domain.explanation import Considered, Explanation, Lot
from gigmarket.domain.geo import metres_between
from gigmarket.domain.gig import Gig, GigStatus
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.offer import Offer
from gigmarket.domain.policy import Policy
from gigmarket.domain.shortfall import POSSIBLE, Shortfall, shortfall
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.why_facts import Facts, limit_of
from gigmarket.domain.worker import Worker
from gigmarket.services.boards import judge_now
from gigmarket.services.market import Market
from gigmarket.services.placing import way_of, whereabouts
from gigmarket.store.transaction import Transaction
from gigmarket.wire.why import Number

Numbers = dict[str, Number]


@dataclass(frozen=True, slots=True)
class Known:
    """What SQL knows about a worker's chance at a gig: `explanation` is the newest that has the worker or the
    worker's lot, `deciding` the newest by which somebody was offered a seat, or else the newest. `asked`: the
    worker had his chance.
    """

    gig: Gig
    worker: Worker
    explanation: Explanation | None
    deciding: Explanation | None
    asked: bool
    history: Sequence[tuple[Offer, datetime | None]]

    @property
    def by_hand(self) -> Offer | None:
        """The newest offer between the two, if a desk made it."""
        newest = self.history[0][0] if self.history else None
        return newest if newest is not None and newest.placed_by is not None else None

    @property
    def person(self) -> Considered | None:
        """The worker as a round saw them."""
        return self.explanation.of(self.worker.id) if self.explanation else None

    @property
    def lot(self) -> Lot | None:
        """The lot that the worker lost the draw with, when that is all a round kept."""
        return self.explanation.lot(key_of(self.worker.id)) if self.explanation else None

    def open(self, now: datetime) -> bool:
        """Whether the gig may be offered to somebody now."""
        return self.gig.free_seats() > 0 and self.recruiting(now)

    def recruiting(self, now: datetime) -> bool:
        """Whether a seat is free, or may be again: a pending offer only reserves it."""
        return self.gig.status is GigStatus.OPEN and now < self.gig.recruit_until


def known_of(tx: Transaction, worker_id: WorkerId, gig_id: GigId) -> Known:
    """What is known about this worker and this gig. Raises NotFound for either."""
    gig, worker = tx.gigs.get(gig_id), tx.workers.get(worker_id)
    pending = tx.offers.pending_of([worker_id]).get(worker_id)
    asked = gig_id in tx.offers.refused([gig_id]).get(worker_id, frozenset())
    return Known(
        gig,
        worker,
        explanation=tx.explanations.considering(gig_id, worker_id),
        deciding=tx.explanations.deciding(gig_id) or tx.explanations.latest(gig_id),
        asked=asked or (pending is not None and pending.gig == gig_id),
        history=tx.offers.of_pair(gig_id, worker_id),
    )


async def judge(market: Market, known: Known, now: datetime) -> tuple[Facts, Numbers] | Shortfall:
    """What the rules say: now while the gig may be offered, or before any round; else as of the round that
    decided about it. A Shortfall where the gig is over, or no rule forbade an offer and no round made any.
    """
    policy = market.rules.policy
    if known.open(now):
        verdict, numbers = await _ask_rules(market, known, None)
        return _facts(known, verdict, numbers, policy, now), numbers
    if known.asked:
        return _facts(known, Verdict.DECLINED, {}, policy, now), {}
    decided = known.deciding
    if decided is None and not known.recruiting(now):
        return _over(known.gig)
    verdict, numbers = await _ask_rules(market, known, decided)
    if verdict is not Verdict.OFFERED:
        return _facts(known, verdict, numbers, policy, decided.at if decided else now), numbers
    if decided is None or not decided.funnel.get(Verdict.OFFERED, 0):
        return _over(known.gig)
    return _facts(known, Verdict.OTHERS_FIRST, numbers, policy, decided.at, decided), numbers


async def judge_for_desk(market: Market, known: Known, now: datetime) -> tuple[Facts, Numbers] | Shortfall:
    """The same with the way of somebody whom the rules left out for it: they look no further than the circle, a
    desk asks how far it is.
    """
    found = await judge(market, known, now)
    if isinstance(found, Shortfall):
        return found
    facts, numbers = found
    if facts.verdict is not Verdict.OUTSIDE_CIRCLE or (here := await whereabouts(market, known.worker)) is None:
        return found
    site = known.gig.draft.site.position
    way = await asyncio.to_thread(way_of, market.router, site, known.worker.mode, here)
    told = {**numbers, "travel_s": way.travel_s, "estimated": int(way.estimated)}
    return replace(facts, travel_s=way.travel_s), told


async def may_know(market: Market, known: Known, now: datetime) -> bool:
    """Whether the gig is any business of the worker's: asked about it, of its trade, or near while it recruits,
    be its last seats reserved by pending offers or not: that changes by the minute. A gig of another trade that
    is full or over was never open to the worker.
    """
    if known.asked or known.gig.draft.trade in known.worker.trades:
        return True
    return known.recruiting(now) and await _near(market, known)


def _over(gig: Gig) -> Shortfall:
    """Why nobody is asked about a gig any more whose seats no round gave away."""
    return shortfall(gig if gig.free_seats() < 1 else replace(gig, status=GigStatus.EXPIRED), None, 0.0)


async def _near(market: Market, known: Known) -> bool:
    """Whether the gig is within the widest circle that a worker could ever say yes to, as the crow flies."""
    here = await whereabouts(market, known.worker)
    if here is None:
        return False
    widest_m = market.router.radius_m(known.worker.mode, 2 * market.rules.policy.circle_most_s)
    return metres_between(here, known.gig.draft.site.position) <= widest_m


async def _ask_rules(market: Market, known: Known, after: Explanation | None) -> tuple[Verdict, Numbers]:
    verdict, numbers = await judge_now(market, known.worker.id, known.gig.id, after)
    return verdict, dict(numbers)


def _facts(
    known: Known,
    verdict: Verdict,
    numbers: Numbers,
    policy: Policy,
    at: datetime,
    first: Explanation | None = None,
) -> Facts:
    """`first`: the round that offered the seats to others."""
    worker, since = known.worker, known.worker.presence.since
    funnel, last = (first.funnel, first.last_in()) if first else ({}, None)
    return Facts(
        verdict=verdict,
        mode=worker.mode,
        trade=known.gig.draft.trade,
        travel_s=numbers.get("travel_s"),
        limit_s=limit_of(worker, numbers.get("circle_s") or policy.circle_s, policy),
        waited_s=max(0.0, (at - since).total_seconds()) if since else 0.0,
        pay_fen=known.gig.due_fen(),
        floor_fen=worker.floor_wage_fen,
        first_travel_s=last.travel_s if last else None,
        fitting=sum(funnel.get(each, 0) for each in POSSIBLE),
        asked=funnel.get(Verdict.OFFERED, 0),
        least_party=known.gig.least_party(),
        recorded=False,
        policy=policy,
    )
