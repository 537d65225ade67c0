"""Telling everyone concerned why: from a round's record where there is one, else from the rules asked now."""

from datetime import datetime

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import NotFound
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, OfferId, Role, WorkerId
from gigmarket.domain.offer import Offer
from gigmarket.domain.why import for_employer_of_offer, forgotten
from gigmarket.services import why_views
from gigmarket.services.hindsight import judge, judge_for_desk, known_of, may_know
from gigmarket.services.market import Market
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from gigmarket.wire.why import ConsideredView, GigWhyView, WhyView

DESK = (Role.STAFF, Role.CLERK)


def why_offer(tx: Transaction, rules: Rules, actor: Actor, offer_id: OfferId) -> ConsideredView | WhyView:
    """Why this worker was made this offer; its employer hears nothing of the worker but minutes of travel.

    Raises NotFound for anyone but the worker, the employer, staff and clerks.
    """
    offer = tx.offers.get(offer_id)
    if actor.role not in DESK and str(actor.account) not in (offer.worker, offer.employer):
        raise NotFound("no such offer")
    why = why_views.placed(offer, actor.role) if offer.placed_by else _by_round(tx, rules, actor, offer)
    return why.model_copy(update={"delivered_at": tx.offers.delivered_at(offer_id)})


def _by_round(tx: Transaction, rules: Rules, actor: Actor, offer: Offer) -> ConsideredView | WhyView:
    explanation = tx.explanations.of_round(offer.gig, offer.round) if offer.round else None
    person = explanation.of(offer.worker) if explanation else None
    if explanation is None or person is None:
        said, numbers = forgotten(offer.travel_s), why_views.way(offer.travel_s)
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
            numbers=why_views.way(offer.travel_s),
        )
    gig, worker = tx.gigs.get(offer.gig), tx.workers.get(offer.worker)
    if actor.role in DESK:
        return why_views.considered(explanation, person, gig, worker, rules.policy)
    return why_views.recorded(explanation, person, gig, worker, rules.policy)


async def why_not(market: Market, worker_id: WorkerId, gig_id: GigId) -> WhyView:
    """Why this worker did, or did not, get this gig, for the worker.

    Raises NotFound for a gig that is none of the worker's business.
    """
    known = await market.store.read(known_of, worker_id, gig_id)
    policy, now = market.rules.policy, market.clock()
    if known.by_hand is not None:
        return why_views.placed(known.by_hand, Role.WORKER)
    if known.explanation is not None:
        if known.person is not None:
            return why_views.recorded(known.explanation, known.person, known.gig, known.worker, policy)
        return why_views.lost_the_draw(known.explanation, known, policy)
    if not await may_know(market, known, now):
        raise NotFound("no such gig")
    return why_views.judged(known, await judge(market, known, now), now)


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
        one = why_views.named(why_views.placed(known.by_hand, actor.role), known.worker)
    elif known.explanation is None:
        one = why_views.judged_for_desk(known, await judge_for_desk(market, known, now), now)
    elif known.person is not None:
        one = why_views.considered(known.explanation, known.person, gig, known.worker, policy)
    else:
        one = why_views.named(
            why_views.lost_the_draw(known.explanation, known, policy, desk=True), known.worker
        )
    return told.model_copy(update={"worker": one, "history": [why_views.past(*each) for each in known.history]})


def _why_gig(tx: Transaction, rules: Rules, gig_id: GigId, desk: bool, now: datetime) -> tuple[Gig, GigWhyView]:
    gig, latest = tx.gigs.get(gig_id), tx.explanations.latest(gig_id)
    told = why_views.gig_view(gig, latest, rules, now)
    if desk and latest is not None:
        people = tx.workers.get_many([person.worker for person in latest.considered])
        considered = [
            why_views.considered(latest, person, gig, people[person.worker], rules.policy)
            for person in latest.considered
            if person.worker in people
        ]
        told = told.model_copy(update={"considered": considered})
    return gig, told
