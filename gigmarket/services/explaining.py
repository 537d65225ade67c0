"""Telling everyone concerned why: from a round's record where there is one, else from the rules asked now."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import NotFound
from gigmarket.domain.explanation import Considered, Explanation
from gigmarket.domain.geo import metres_between
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, OfferId, Role, WorkerId
from gigmarket.domain.offer import Offer
from gigmarket.domain.policy import Policy
from gigmarket.domain.shortfall import advice, shortfall, steps
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.why import (
    Facts,
    by_hand,
    facts_of,
    for_employer_by_hand,
    for_employer_of_offer,
    for_staff,
    for_worker,
    forgotten,
    minutes,
)
from gigmarket.domain.worker import Worker
from gigmarket.services.boards import judge_now
from gigmarket.services.market import Market
from gigmarket.services.placing import way_of, whereabouts
from gigmarket.services.road_advice import site_reached
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from gigmarket.wire.values import masked
from gigmarket.wire.why import (
    AdviceView,
    ConsideredView,
    DrawView,
    GigWhyView,
    Number,
    PastOffer,
    StepView,
    WhyView,
)

DESK = (Role.STAFF, Role.CLERK)


@dataclass(frozen=True, slots=True)
class Known:
    """What SQL knows about a worker's chance at a gig."""

    gig: Gig
    worker: Worker
    explanation: Explanation | None
    asked: bool
    history: Sequence[tuple[Offer, datetime | None]]

    @property
    def by_hand(self) -> Offer | None:
        """The newest offer between the two, if a desk made it."""
        newest = self.history[0][0] if self.history else None
        return newest if newest is not None and newest.placed_by is not None else None


def why_offer(tx: Transaction, rules: Rules, actor: Actor, offer_id: OfferId) -> ConsideredView | WhyView:
    """Why this worker was made this offer; its employer hears nothing of the worker but minutes of travel.

    Raises NotFound for anyone but the worker, the employer, staff and clerks.
    """
    offer = tx.offers.get(offer_id)
    if actor.role not in DESK and str(actor.account) not in (offer.worker, offer.employer):
        raise NotFound("no such offer")
    why = _by_hand(offer, actor.role) if offer.placed_by else _by_round(tx, rules, actor, offer)
    return why.model_copy(update={"delivered_at": tx.offers.delivered_at(offer_id)})


def _by_round(tx: Transaction, rules: Rules, actor: Actor, offer: Offer) -> ConsideredView | WhyView:
    explanation = tx.explanations.of_round(offer.gig, offer.round) if offer.round else None
    person = _in(explanation, offer.worker)
    if explanation is None or person is None:
        said, numbers = forgotten(offer.travel_s), _way(offer.travel_s)
        return WhyView(
            reason="offered", zh=said.zh, en=said.en, basis="now", at=offer.created_at, numbers=numbers
        )
    if actor.role is Role.EMPLOYER:
        said = for_employer_of_offer(offer.travel_s)
        return WhyView(
            reason=person.verdict.value,
            zh=said.zh,
            en=said.en,
            basis="recorded",
            at=explanation.at,
            numbers=_way(offer.travel_s),
        )
    gig, worker = tx.gigs.get(offer.gig), tx.workers.get(offer.worker)
    if actor.role in DESK:
        return _considered(explanation, person, gig, worker, rules.policy)
    return _recorded(explanation, person, gig, worker, rules.policy)


async def why_not(market: Market, worker_id: WorkerId, gig_id: GigId) -> WhyView:
    """Why this worker did, or did not, get this gig, for the worker.

    Raises NotFound for a gig that the worker was never considered for and that is not open near here.
    """
    known = await market.store.read(_known, worker_id, gig_id)
    if known.by_hand is not None:
        return _by_hand(known.by_hand, Role.WORKER)
    person = _in(known.explanation, worker_id)
    if known.explanation is not None and person is not None:
        return _recorded(known.explanation, person, known.gig, known.worker, market.rules.policy)
    now = market.clock()
    if known.gig.free_seats() < 1 or now >= known.gig.recruit_until:
        if not known.asked:
            raise NotFound("no such gig")
        return _judged(known, Verdict.DECLINED, {}, market.rules.policy, now)
    if not known.asked and not await _near(market, known):
        raise NotFound("no such gig")
    verdict, numbers = await _ask_rules(market, worker_id, gig_id)
    return _judged(known, verdict, numbers, market.rules.policy, now)


async def why_gig(market: Market, actor: Actor, gig_id: GigId, worker_id: WorkerId | None) -> GigWhyView:
    """Why a gig is not full, for its employer; with people by masked name, or one asked for, on a desk.

    Raises NotFound for another's gig, or an unknown worker.
    """
    desk = actor.role in DESK
    gig, told = await market.store.read(_why_gig, market.rules, gig_id, desk, market.clock())
    if not desk and str(gig.employer) != actor.account:
        raise NotFound("no such gig")
    if not desk or worker_id is None:
        return told
    known = await market.store.read(_known, worker_id, gig_id)
    person = _in(known.explanation, worker_id)
    policy = market.rules.policy
    if known.by_hand is not None:
        hand = _by_hand(known.by_hand, actor.role).model_dump()
        one = ConsideredView(**hand, worker_id=worker_id, name=masked(known.worker.name))
    elif known.explanation is not None and person is not None:
        one = _considered(known.explanation, person, gig, known.worker, policy)
    else:
        verdict, numbers = await _ask_rules(market, worker_id, gig_id)
        if verdict is Verdict.OUTSIDE_CIRCLE:
            numbers |= await _way_beyond(market, known)
        one = _judged_for_desk(known, verdict, numbers, policy, market.clock())
    return told.model_copy(update={"worker": one, "history": [_past(*each) for each in known.history]})


async def _ask_rules(market: Market, worker: WorkerId, gig: GigId) -> tuple[Verdict, dict[str, Number]]:
    verdict, numbers = await judge_now(market, worker, gig)
    return verdict, dict(numbers)


async def _way_beyond(market: Market, known: Known) -> dict[str, Number]:
    """The way of somebody whom the rules left out for it: they look no further than the circle, a desk asks how
    far it is.
    """
    here = await whereabouts(market, known.worker)
    if here is None:
        return {}
    way = await asyncio.to_thread(way_of, market.router, known.gig.draft.site.position, known.worker.mode, here)
    return {"travel_s": way.travel_s, "estimated": int(way.estimated)}


def _known(tx: Transaction, worker_id: WorkerId, gig_id: GigId) -> Known:
    gig, worker = tx.gigs.get(gig_id), tx.workers.get(worker_id)
    pending = tx.offers.pending_of([worker_id]).get(worker_id)
    asked = gig_id in tx.offers.refused([gig_id]).get(worker_id, frozenset())
    found = tx.explanations.considering(gig_id, worker_id)
    history = tx.offers.of_pair(gig_id, worker_id)
    return Known(gig, worker, found, asked or (pending is not None and pending.gig == gig_id), history)


async def _near(market: Market, known: Known) -> bool:
    """Whether the gig is within the widest circle that a worker could ever say yes to, as the crow flies."""
    worker = known.worker
    here = (await market.index.positions([worker.id])).get(worker.id, worker.presence.position)
    if here is None:
        return False
    widest_m = market.router.radius_m(worker.mode, 2 * market.rules.policy.circle_most_s)
    return metres_between(here, known.gig.draft.site.position) <= widest_m


def _why_gig(tx: Transaction, rules: Rules, gig_id: GigId, desk: bool, now: datetime) -> tuple[Gig, GigWhyView]:
    gig, latest = tx.gigs.get(gig_id), tx.explanations.latest(gig_id)
    told = gig_view(gig, latest, rules, now)
    if desk and latest is not None:
        people = tx.workers.get_many([person.worker for person in latest.considered])
        considered = [
            _considered(latest, person, gig, people[person.worker], rules.policy)
            for person in latest.considered
            if person.worker in people
        ]
        told = told.model_copy(update={"considered": considered})
    return gig, told


def gig_view(gig: Gig, latest: Explanation | None, rules: Rules, now: datetime) -> GigWhyView:
    """Why a gig is not full, by its latest round where there was one."""
    funnel = latest.funnel if latest else None
    circle_s = latest.circle_s if latest else rules.policy.circle_s
    reached = site_reached(rules, gig.draft.site.position)
    reason = shortfall(gig, funnel, circle_s, reached)
    return GigWhyView(
        gig_id=gig.id,
        reason=reason.code,
        zh=reason.words.zh,
        en=reason.words.en,
        basis="recorded" if latest else "now",
        at=latest.at if latest else now,
        numbers={
            "free_seats": gig.free_seats(),
            "asked": gig.reserved,
            "circle_min": minutes(circle_s),
            "estimated": int(latest.estimated) if latest else None,
        },
        steps=[StepView(step=s.code, zh=s.words.zh, en=s.words.en, count=s.count) for s in steps(funnel or {})],
        advice=[
            AdviceView(code=a.code, zh=a.words.zh, en=a.words.en, workers=a.workers)
            for a in (advice(funnel or {}) if reached and gig.free_seats() > 0 else ())
        ],
    )


def _by_hand(offer: Offer, reader: Role) -> WhyView:
    theirs = reader is Role.EMPLOYER
    said = for_employer_by_hand(offer.travel_s) if theirs else by_hand(offer.placed_reason)
    return WhyView(
        reason="by_hand",
        zh=said.zh,
        en=said.en,
        basis="recorded",
        at=offer.created_at,
        numbers=_way(offer.travel_s),
    )


def _past(offer: Offer, delivered_at: datetime | None) -> PastOffer:
    return PastOffer(
        offer_id=offer.id,
        status=offer.status,
        created_at=offer.created_at,
        delivered_at=delivered_at,
        answered_at=offer.answered_at,
        declined_for=offer.reason,
        by_hand=offer.placed_reason if offer.placed_by else None,
    )


def _in(explanation: Explanation | None, worker: WorkerId) -> Considered | None:
    if explanation is None:
        return None
    return next((person for person in explanation.considered if person.worker == worker), None)


def _way(travel_s: float | None) -> dict[str, Number]:
    return {"travel_min": None if travel_s is None else minutes(travel_s)}


def _numbers(facts: Facts) -> dict[str, Number]:
    """What the worker's own screen may show: minutes, fen, and of whoever went first only minutes of travel."""
    first = facts.first_travel_s if facts.verdict is Verdict.OTHERS_FIRST else None
    return {
        **_way(facts.travel_s),
        "circle_min": minutes(facts.limit_s),
        "waited_min": round(facts.waited_s / 60),
        "pay_fen": facts.pay_fen,
        "floor_fen": facts.floor_fen,
        "first_travel_min": None if first is None else minutes(first),
    }


def _draw(explanation: Explanation, person: Considered) -> DrawView | None:
    if person.cost_s is None:
        return None
    return DrawView(round=explanation.round, ticket=person.ticket, seed=explanation.seed)


def _recorded(
    explanation: Explanation, person: Considered, gig: Gig, worker: Worker, policy: Policy
) -> WhyView:
    facts = facts_of(explanation, person, gig, worker, policy)
    said = for_worker(facts)
    return WhyView(
        reason=person.verdict.value,
        zh=said.zh,
        en=said.en,
        basis="recorded",
        at=explanation.at,
        numbers=_numbers(facts),
        draw=_draw(explanation, person),
    )


def _considered(
    explanation: Explanation, person: Considered, gig: Gig, worker: Worker, policy: Policy
) -> ConsideredView:
    facts = facts_of(explanation, person, gig, worker, policy)
    said = for_staff(facts)
    return ConsideredView(
        worker_id=worker.id,
        name=masked(worker.name),
        reason=person.verdict.value,
        zh=said.zh,
        en=said.en,
        basis="recorded",
        at=explanation.at,
        numbers={
            "travel_s": person.travel_s,
            "circle_s": facts.limit_s,
            "cost_s": person.cost_s,
            "credit_s": person.credit_s,
            "waited_s": person.waited_s,
            "share": round(person.share, 4),
        },
        draw=_draw(explanation, person),
    )


def _facts_now(
    known: Known, verdict: Verdict, numbers: dict[str, Number], policy: Policy, now: datetime
) -> Facts:
    worker, since = known.worker, known.worker.presence.since
    circle_s = numbers.get("circle_s") or policy.circle_s
    return Facts(
        verdict=verdict,
        mode=worker.mode,
        trade=known.gig.draft.trade,
        travel_s=numbers.get("travel_s"),
        limit_s=min(circle_s, worker.reach_s or circle_s),
        waited_s=max(0.0, (now - since).total_seconds()) if since else 0.0,
        pay_fen=known.gig.due_fen(),
        floor_fen=worker.floor_wage_fen,
        least_party=known.gig.least_party(),
        recorded=False,
        policy=policy,
    )


def _judged(
    known: Known, verdict: Verdict, numbers: dict[str, Number], policy: Policy, now: datetime
) -> WhyView:
    facts = _facts_now(known, verdict, numbers, policy, now)
    said = for_worker(facts)
    return WhyView(reason=verdict.value, zh=said.zh, en=said.en, basis="now", at=now, numbers=_numbers(facts))


def _judged_for_desk(
    known: Known, verdict: Verdict, numbers: dict[str, Number], policy: Policy, now: datetime
) -> ConsideredView:
    facts = _facts_now(known, verdict, numbers, policy, now)
    said = for_staff(facts)
    return ConsideredView(
        worker_id=known.worker.id,
        name=masked(known.worker.name),
        reason=verdict.value,
        zh=said.zh,
        en=said.en,
        basis="now",
        at=now,
        numbers={**numbers, "circle_s": facts.limit_s},
    )
