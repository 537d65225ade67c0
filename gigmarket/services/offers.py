"""Answering offers. Each function is one transaction, read from top to bottom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gigmarket.domain import assignment as assignments
from gigmarket.domain import gig as gigs
from gigmarket.domain import offer as offers
from gigmarket.domain.errors import NotFound, OfferClosed
from gigmarket.domain.facts import Fact
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import AssignmentId, GigId, OfferId, WorkerId, new_id, station_principal
from gigmarket.domain.offer import DeclineReason, Offer, OfferStatus
from gigmarket.services.feeds import People, announce
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.events import AssignmentEvent
from gigmarket.wire.values import masked
from gigmarket.wire.work import (
    AssignmentAnswer,
    AssignmentView,
    OfferAnswer,
    OfferView,
    PersonView,
)

Step = Callable[[Offer], tuple[Offer, tuple[offers.OfferFact, ...]]]


def accept(tx: Transaction, rules: Rules, by: WorkerId, offer_id: OfferId) -> AssignmentAnswer:
    """Take the reserved seat; the leader of a crew takes its members' seats, too. Asked again, it gives the
    same assignment.

    Raises OfferClosed, GigClosed, Overlap; NotFound for another worker's offer, Forbidden for a crew's member.
    """
    offer, gig = _lock(tx, by, offer_id)
    if offer.status is OfferStatus.ACCEPTED and (earlier := tx.assignments.of_offer(offer.id)):
        return answer_of(People(tx, [assignments.AssignmentCreated(earlier)], [gig]), earlier)
    now = tx.now()
    party = _party(tx, offer)
    facts: list[Fact] = []
    taken: list[assignments.Assignment] = []
    gig_facts: tuple[Fact, ...] = ()
    for one in party:
        seat = take_seat(one, gig, by, now, rules)
        gig, gig_facts = seat.gig, seat.gig_facts
        tx.offers.save(seat.offer)
        tx.assignments.add(seat.assignment)
        taken.append(seat.assignment)
        facts.extend(seat.facts)
    tx.gigs.save(gig)
    # The last of the gig's facts tells what the earlier ones would have.
    people = announce(tx, (*facts, *gig_facts), [gig])
    for one, assignment in zip(party, taken, strict=True):
        tell_hall(tx, people, one, assignment)
    return answer_of(people, taken[0])


@dataclass(frozen=True, slots=True)
class Seat:
    """What an accept makes of its offer and gig, and what happened: to the offer's worker, and to the gig."""

    offer: Offer
    gig: Gig
    assignment: assignments.Assignment
    facts: tuple[Fact, ...]
    gig_facts: tuple[Fact, ...]


def take_seat(offer: Offer, gig: Gig, by: WorkerId, now: datetime, rules: Rules) -> Seat:
    """One reserved seat, accepted. Raises OfferClosed, GigClosed, NotFound, Forbidden."""
    accepted, told = offers.accept(offer, by, now)
    filled, gig_facts = gigs.fill(gig)
    assignment, made = assignments.from_offer(accepted, filled, AssignmentId(new_id(now, rules.rng)), now)
    return Seat(accepted, filled, assignment, (*told, *made), gig_facts)


def decline(
    tx: Transaction, rules: Rules, by: WorkerId, offer_id: OfferId, reason: DeclineReason | None
) -> OfferAnswer:
    """Say no: the seat is offered to the next at once. Of a crew anybody's no is good for all: the others'
    offers are withdrawn. Raises OfferClosed, NotFound.
    """
    offer, gig = _lock(tx, by, offer_id)
    now = tx.now()
    declined, facts = offers.decline(offer, by, reason, now)
    withdrawn, told = _each(_mates(tx, offer), partial(offers.withdraw, now=now))
    gig = gigs.release(gig, 1 + len(withdrawn))
    tx.offers.save_many([declined, *withdrawn])
    tx.gigs.save(gig)
    people = announce(tx, [*facts, *told], [gig])
    return OfferAnswer(offer=OfferView.of(declined, people.card(gig.id)))


def extend(tx: Transaction, rules: Rules, by: WorkerId, offer_id: OfferId) -> OfferAnswer:
    """再想想, once; by anybody of a crew for all. Raises OfferClosed, NotFound."""
    offer, gig = _lock(tx, by, offer_id)
    now, until = tx.now(), gig.draft.ends_at
    longer, facts = _each(
        [offer, *_mates(tx, offer)], lambda one: offers.extend(one, one.worker, now, until, rules.policy)
    )
    tx.offers.save_many(longer)
    people = announce(tx, facts, [gig])
    return OfferAnswer(offer=OfferView.of(longer[0], people.card(gig.id)))


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


def withdraw_pending(tx: Transaction, workers: Sequence[WorkerId], by_hand: bool = True) -> None:
    """Take back these workers' pending offers, if any, and those of the crews they were made to: they stopped
    asking for work, or not with whom they were. What a desk gave by hand stays unless `by_hand`.
    """
    found = [one for one in tx.offers.pending_of(workers).values() if by_hand or one.placed_by is None]
    asked = {one.worker for one in found}
    for gig in tx.gigs.lock_many([one.gig for one in found]).values():
        now, pending = tx.now(), tx.offers.pending_on(gig.id)
        crews = {one.together.crew for one in pending if one.together is not None and one.worker in asked}
        theirs = [
            one
            for one in pending
            if one.worker in asked or (one.together is not None and one.together.crew in crews)
        ]
        closed, facts = _each(theirs, partial(offers.withdraw, now=now))
        released = gigs.release(gig, len(closed))
        tx.offers.save_many(closed)
        tx.gigs.save(released)
        announce(tx, facts, [released])


def _lock(tx: Transaction, by: WorkerId, offer_id: OfferId) -> tuple[Offer, Gig]:
    gig = tx.gigs.lock_offered(offer_id)
    # Read after: only under the gig's lock does an offer stand still.
    offer = tx.offers.get(offer_id)
    if offer.worker != by:
        raise NotFound("no such offer")
    return offer, gig


def _each(found: Sequence[Offer], step: Step) -> tuple[list[Offer], list[Fact]]:
    """The same step for each of these offers, and what happened."""
    after, facts = [], list[Fact]()
    for one in found:
        changed, told = step(one)
        after.append(changed)
        facts.extend(told)
    return after, facts


def _mates(tx: Transaction, offer: Offer) -> list[Offer]:
    """The pending offers that stand or fall with this one; the gig is held."""
    if offer.together is None:
        return []
    crew = offer.together.crew
    return [
        one
        for one in tx.offers.pending_on(offer.gig)
        if one.id != offer.id and one.together is not None and one.together.crew == crew
    ]


def _party(tx: Transaction, offer: Offer) -> list[Offer]:
    """The offer and all that are accepted with it. Raises OfferClosed when the crew is not what it was."""
    if offer.together is None or offer.status is not OfferStatus.PENDING:
        return [offer]
    party = [offer, *_mates(tx, offer)]
    crew = tx.crews.get_many([offer.together.crew]).get(offer.together.crew)
    if crew is None or {one.worker for one in party} != set(crew.members):
        raise OfferClosed("the crew has changed since it was asked")
    return party


def tell_hall(tx: Transaction, people: People, offer: Offer, assignment: assignments.Assignment) -> None:
    """The hall where the worker waited hears that the offer was accepted."""
    if offer.station is not None:
        # On a screen that is everybody's a person has no more name after accepting than before.
        called = AssignmentView.of(assignment, PersonView(name=masked(people.person(assignment).name)))
        tx.tell(
            station_principal(offer.station), "assignment.created", encode(AssignmentEvent(assignment=called))
        )


def answer_of(people: People, assignment: assignments.Assignment) -> AssignmentAnswer:
    """What an accept is answered with: the assignment, with the site and the employer's phone."""
    card = people.card(assignment.gig, accepted=True)
    view = AssignmentView.of(assignment, people.person(assignment), card)
    return AssignmentAnswer(assignment=view)
