"""Answering offers. Each function is one transaction, read from top to bottom."""

from gigmarket.domain import assignment as assignments
from gigmarket.domain import gig as gigs
from gigmarket.domain import offer as offers
from gigmarket.domain.errors import NotFound
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import AssignmentId, GigId, OfferId, WorkerId, new_id, station_principal
from gigmarket.domain.offer import DeclineReason, Offer, OfferStatus
from gigmarket.services.feeds import People, announce
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.events import AssignmentEvent
from gigmarket.wire.work import (
    AssignmentAnswer,
    AssignmentView,
    OfferAnswer,
    OfferView,
)


def accept(tx: Transaction, rules: Rules, by: WorkerId, offer_id: OfferId) -> AssignmentAnswer:
    """Take the reserved seat. Asked again, it gives the same assignment.

    Raises OfferClosed, GigClosed, Overlap; NotFound for another worker's offer.
    """
    offer, gig = _lock(tx, by, offer_id)
    if offer.status is OfferStatus.ACCEPTED and (earlier := tx.assignments.of_offer(offer.id)):
        return _answer(People(tx, [assignments.AssignmentCreated(earlier)], [gig]), earlier)
    now = tx.now()
    offer, offer_facts = offers.accept(offer, by, now)
    gig, gig_facts = gigs.fill(gig)
    assignment_id = AssignmentId(new_id(now, rules.rng))
    assignment, facts = assignments.from_offer(offer, gig, assignment_id, now)
    tx.offers.save(offer)
    tx.gigs.save(gig)
    tx.assignments.add(assignment)
    people = announce(tx, (*offer_facts, *facts, *gig_facts), [gig])
    answer = _answer(people, assignment)
    if offer.station is not None:
        called = AssignmentEvent(assignment=answer.assignment.model_copy(update={"gig": None}))
        tx.tell(station_principal(offer.station), "assignment.created", encode(called))
    return answer


def decline(
    tx: Transaction, rules: Rules, by: WorkerId, offer_id: OfferId, reason: DeclineReason | None
) -> OfferAnswer:
    """Say no: the seat is offered to the next at once. Raises OfferClosed, NotFound."""
    offer, gig = _lock(tx, by, offer_id)
    offer, facts = offers.decline(offer, by, reason, tx.now())
    gig = gigs.release(gig)
    tx.offers.save(offer)
    tx.gigs.save(gig)
    people = announce(tx, facts, [gig])
    return OfferAnswer(offer=OfferView.of(offer, people.card(gig.id)))


def extend(tx: Transaction, rules: Rules, by: WorkerId, offer_id: OfferId) -> OfferAnswer:
    """再想想, once. Raises OfferClosed, NotFound."""
    offer, gig = _lock(tx, by, offer_id)
    offer, facts = offers.extend(offer, by, tx.now(), gig.draft.ends_at, rules.policy)
    tx.offers.save(offer)
    people = announce(tx, facts, [gig])
    return OfferAnswer(offer=OfferView.of(offer, people.card(gig.id)))


def expire_due(tx: Transaction, rules: Rules, limit: int = 200) -> int:
    """Close offers whose time is over and free their seats; returns how many."""
    by_gig: dict[GigId, list[OfferId]] = {}
    for offer in tx.offers.due(tx.now(), limit):
        by_gig.setdefault(offer.gig, []).append(offer.id)
    closed = 0
    for gig_id, gig in tx.gigs.lock_many(list(by_gig)).items():
        now = tx.now()
        facts: list[offers.OfferFact] = []
        ended = []
        for offer_id in by_gig[gig_id]:
            offer, told = offers.expire(tx.offers.get(offer_id), now)
            facts.extend(told)
            ended.extend([offer] if told else [])
        released = gigs.release(gig, len(ended))
        tx.offers.save_many(ended)
        tx.gigs.save(released)
        announce(tx, facts, [released])
        closed += len(ended)
    return closed


def withdraw_pending(tx: Transaction, worker: WorkerId) -> None:
    """Take back the worker's pending offer, if any: they stopped asking for work."""
    pending = tx.offers.pending_of([worker]).get(worker)
    if pending is None:
        return
    gig = tx.gigs.lock(pending.gig)
    offer, facts = offers.withdraw(tx.offers.get(pending.id), tx.now())
    if facts:
        gig = gigs.release(gig)
        tx.offers.save(offer)
        tx.gigs.save(gig)
        announce(tx, facts, [gig])


def _lock(tx: Transaction, by: WorkerId, offer_id: OfferId) -> tuple[Offer, Gig]:
    gig = tx.gigs.lock_offered(offer_id)
    # Read after: only under the gig's lock does an offer stand still.
    offer = tx.offers.get(offer_id)
    if offer.worker != by:
        raise NotFound("no such offer")
    return offer, gig


def _answer(people: People, assignment: assignments.Assignment) -> AssignmentAnswer:
    card = people.card(assignment.gig, accepted=True)
    view = AssignmentView.of(assignment, people.person(assignment), card)
    return AssignmentAnswer(assignment=view)
