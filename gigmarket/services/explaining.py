"""Telling everyone concerned why: from a round's record where there is one, else from the rules asked now."""

from datetime import datetime

from gigmarket.domain.actor import Actor
from gigmarket.domain.draw import key_of, tickets_of
from gigmarket.domain.errors import NotFound
from gigmarket.domain.explanation import Considered, Explanation
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, OfferId, Role, WorkerId
from gigmarket.domain.offer import Offer
from gigmarket.domain.policy import Policy
from gigmarket.domain.sentence import minutes
from gigmarket.domain.shortfall import Shortfall, advice, shortfall, steps
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.why import (
    by_hand,
    for_employer_by_hand,
    for_employer_of_offer,
    for_staff,
    for_worker,
    forgotten,
)
from gigmarket.domain.why_facts import Facts, alike, facts_of, facts_of_lot
from gigmarket.domain.worker import Worker
from gigmarket.services.hindsight import Known, Numbers, judge, judge_for_desk, known_of, may_know
from gigmarket.services.market import Market
from gigmarket.services.reasons import LOTS
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
    person = explanation.of(offer.worker) if explanation else None
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

    Raises NotFound for a gig that is none of the worker's business.
    """
    known = await market.store.read(known_of, worker_id, gig_id)
    policy, now = market.rules.policy, market.clock()
    if known.by_hand is not None:
        return _by_hand(known.by_hand, Role.WORKER)
    if known.explanation is not None:
        if known.person is not None:
            return _recorded(known.explanation, known.person, known.gig, known.worker, policy)
        return _lost_the_draw(known.explanation, known, policy)
    if not await may_know(market, known, now):
        raise NotFound("no such gig")
    return _judged(known, await judge(market, known, now), now)


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
    known = await market.store.read(known_of, worker_id, gig_id)
    now, policy = market.clock(), market.rules.policy
    if known.by_hand is not None:
        one = _named(_by_hand(known.by_hand, actor.role), known.worker)
    elif known.explanation is None:
        one = _judged_for_desk(known, await judge_for_desk(market, known, now), now)
    elif known.person is not None:
        one = _considered(known.explanation, known.person, gig, known.worker, policy)
    else:
        one = _named(_lost_the_draw(known.explanation, known, policy, desk=True), known.worker)
    return told.model_copy(update={"worker": one, "history": [_past(*each) for each in known.history]})


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


def _way(travel_s: float | None) -> dict[str, Number]:
    return {"travel_min": None if travel_s is None else minutes(travel_s)}


def _numbers(facts: Facts) -> dict[str, Number]:
    """What the worker's own screen may show: minutes, fen, and of whoever went first only minutes of travel."""
    first = facts.first_travel_s if facts.verdict is Verdict.OTHERS_FIRST else None
    return {
        **_way(facts.travel_s),
        "circle_min": minutes(facts.limit_s),
        "waited_min": minutes(facts.waited_s),
        "pay_fen": facts.pay_fen,
        "floor_fen": facts.floor_fen,
        "first_travel_min": None if first is None else minutes(first),
    }


def _draw(explanation: Explanation, person: Considered, policy: Policy) -> DrawView | None:
    if person.cost_s is None:
        return None
    last = explanation.last_in()
    drawn = explanation.alike > 1 and last is not None and alike(last, person, policy)
    return _ticket(explanation, person.key, person.ticket, last if drawn else None)


def _ticket(explanation: Explanation, key: int, ticket: float, last: Considered | None) -> DrawView:
    """What was drawn with this key; `last`: the last one in, where the draw decided."""
    return DrawView(
        round=explanation.round,
        ticket=ticket,
        seed=explanation.seed,
        key=str(key),
        cut=last.ticket if last else None,
        alike=explanation.alike if last else None,
    )


def _unlisted(explanation: Explanation | None, key: int) -> DrawView | None:
    """The ticket of a worker of whom nothing is kept, where so many were alike that the highest were left out:
    higher than all that were kept, or the worker was not alike.
    """
    if explanation is None or len(explanation.lots) < LOTS:
        return None
    mine, highest = tickets_of(explanation.seed, [key, explanation.lots[-1].key])
    return _ticket(explanation, key, mine, explanation.last_in()) if mine > highest else None


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
        draw=_draw(explanation, person, policy),
    )


def _lost_the_draw(explanation: Explanation, known: Known, policy: Policy, desk: bool = False) -> WhyView:
    facts, key = facts_of_lot(explanation, known.gig, known.worker, policy), key_of(known.worker.id)
    said = for_staff(facts) if desk else for_worker(facts)
    (ticket,) = tickets_of(explanation.seed, [key])
    return WhyView(
        reason=facts.verdict.value,
        zh=said.zh,
        en=said.en,
        basis="recorded",
        at=explanation.at,
        numbers={**_numbers(facts), "waited_min": None},
        draw=_ticket(explanation, key, ticket, explanation.last_in()),
    )


def _named(why: WhyView, worker: Worker) -> ConsideredView:
    return ConsideredView(**why.model_dump(), worker_id=worker.id, name=masked(worker.name))


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
        draw=_draw(explanation, person, policy),
    )


def _judged(known: Known, found: tuple[Facts, Numbers] | Shortfall, now: datetime) -> WhyView:
    if isinstance(found, Shortfall):
        return _over(found, now)
    facts, _ = found
    said, first = for_worker(facts), facts.verdict is Verdict.OTHERS_FIRST
    return WhyView(
        reason=facts.verdict.value,
        zh=said.zh,
        en=said.en,
        basis="now",
        at=now,
        numbers=_numbers(facts),
        draw=_unlisted(known.deciding, key_of(known.worker.id)) if first else None,
    )


def _judged_for_desk(known: Known, found: tuple[Facts, Numbers] | Shortfall, now: datetime) -> ConsideredView:
    if isinstance(found, Shortfall):
        return _named(_over(found, now), known.worker)
    facts, numbers = found
    said, reason = for_staff(facts), facts.verdict.value
    shown = {**numbers, "circle_s": facts.limit_s}
    why = WhyView(reason=reason, zh=said.zh, en=said.en, basis="now", at=now, numbers=shown)
    return _named(why, known.worker)


def _over(found: Shortfall, now: datetime) -> WhyView:
    return WhyView(reason=found.code, zh=found.words.zh, en=found.words.en, basis="now", at=now, numbers={})
