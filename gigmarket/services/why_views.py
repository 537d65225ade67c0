"""Why, as its reader sees it: the views of records, of draws and of what the rules say now."""

from datetime import datetime

from gigmarket.domain.draw import key_of, tickets_of
from gigmarket.domain.explanation import Considered, Explanation
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import Role
from gigmarket.domain.offer import Offer
from gigmarket.domain.policy import Policy
from gigmarket.domain.sentence import minutes
from gigmarket.domain.shortfall import Shortfall, advice, shortfall, steps
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.why import by_hand, for_employer_by_hand, for_staff, for_worker
from gigmarket.domain.why_facts import Facts, facts_of, facts_of_lot
from gigmarket.domain.worker import Worker
from gigmarket.services.hindsight import Known, Numbers
from gigmarket.services.reasons import LOTS
from gigmarket.services.road_advice import site_reached
from gigmarket.services.rules import Rules
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


def placed(offer: Offer, reader: Role) -> WhyView:
    """Why, of an offer that a desk made by hand."""
    theirs = reader is Role.EMPLOYER
    said = for_employer_by_hand(offer.travel_s) if theirs else by_hand(offer.placed_reason)
    return WhyView(
        reason="by_hand",
        zh=said.zh,
        en=said.en,
        basis="recorded",
        at=offer.created_at,
        numbers=way(offer.travel_s),
    )


def past(offer: Offer, delivered_at: datetime | None) -> PastOffer:
    """An earlier offer of the gig to this worker, for a desk."""
    return PastOffer(
        offer_id=offer.id,
        status=offer.status,
        created_at=offer.created_at,
        delivered_at=delivered_at,
        answered_at=offer.answered_at,
        declined_for=offer.reason,
        by_hand=offer.placed_reason if offer.placed_by else None,
    )


def way(travel_s: float | None) -> dict[str, Number]:
    """Whole minutes of travel, where they are known."""
    return {"travel_min": None if travel_s is None else minutes(travel_s)}


def _numbers(facts: Facts) -> dict[str, Number]:
    """What the worker's own screen may show: minutes, fen, and of whoever went first only minutes of travel."""
    first = facts.first_travel_s if facts.verdict is Verdict.OTHERS_FIRST else None
    return {
        **way(facts.travel_s),
        "circle_min": minutes(facts.limit_s),
        "waited_min": minutes(facts.waited_s),
        "pay_fen": facts.pay_fen,
        "floor_fen": facts.floor_fen,
        "first_travel_min": None if first is None else minutes(first),
    }


def _draw(explanation: Explanation, person: Considered, policy: Policy) -> DrawView | None:
    if person.cost_s is None:
        return None
    last = explanation.last_drawn()
    drawn = explanation.alike > 1 and last is not None and last.alike(person, policy.alike_s)
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
    return _ticket(explanation, key, mine, explanation.last_drawn()) if mine > highest else None


def recorded(explanation: Explanation, person: Considered, gig: Gig, worker: Worker, policy: Policy) -> WhyView:
    """Why, for the worker, as a round recorded it."""
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


def lost_the_draw(explanation: Explanation, known: Known, policy: Policy, desk: bool = False) -> WhyView:
    """Why, of somebody of whom a round kept no more than his lot."""
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
        draw=_ticket(explanation, key, ticket, explanation.last_drawn()),
    )


def named(why: WhyView, worker: Worker) -> ConsideredView:
    """A reason as a desk sees it: with the worker, by masked name."""
    return ConsideredView(**why.model_dump(), worker_id=worker.id, name=masked(worker.name))


def considered(
    explanation: Explanation, person: Considered, gig: Gig, worker: Worker, policy: Policy
) -> ConsideredView:
    """Why, for a desk, as a round recorded it."""
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


def judged(known: Known, found: tuple[Facts, Numbers] | Shortfall, now: datetime) -> WhyView:
    """Why, for the worker, by the rules as they stand now."""
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


def judged_for_desk(known: Known, found: tuple[Facts, Numbers] | Shortfall, now: datetime) -> ConsideredView:
    """The same for a desk."""
    if isinstance(found, Shortfall):
        return named(_over(found, now), known.worker)
    facts, numbers = found
    said, reason = for_staff(facts), facts.verdict.value
    shown = {**numbers, "circle_s": facts.limit_s}
    why = WhyView(reason=reason, zh=said.zh, en=said.en, basis="now", at=now, numbers=shown)
    return named(why, known.worker)


def _over(found: Shortfall, now: datetime) -> WhyView:
    return WhyView(reason=found.code, zh=found.words.zh, en=found.words.en, basis="now", at=now, numbers={})
