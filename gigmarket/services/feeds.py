"""From facts to streams: who is told what, in the transaction that made it true."""

from collections.abc import Iterable, Mapping, Sequence

from gigmarket.domain.assignment import (
    Assignment,
    AssignmentChanged,
    AssignmentCreated,
    AssignmentStatus,
)
from gigmarket.domain.facts import Fact
from gigmarket.domain.gig import ENDED, Gig, GigChanged, GigPosted
from gigmarket.domain.ids import (
    GigId,
    employer_principal,
    station_principal,
    worker_principal,
)
from gigmarket.domain.offer import OfferAccepted, OfferClosedWithout, OfferCreated, OfferExtended
from gigmarket.store.accounts import Account
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.events import AssignmentEvent, GigEvent, OfferEvent, SeatOfferEvent
from gigmarket.wire.gigs import GigCard, GigView
from gigmarket.wire.values import masked_phone
from gigmarket.wire.work import AssignmentView, OfferView, PersonView, SeatOfferView

_OFFER_KINDS = {
    OfferCreated: "offer.created",
    OfferExtended: "offer.extended",
    OfferClosedWithout: "offer.closed",
}
_BACK = (AssignmentStatus.CHECKED_IN, AssignmentStatus.DISPUTED)
"""What an assignment of which nobody expected anything any more may become: by coming late, or by a dispute."""


class People:
    """Names and gigs that a batch of facts mentions, loaded once."""

    def __init__(self, tx: Transaction, facts: Sequence[Fact], known: Iterable[Gig] = ()) -> None:
        self.gigs: dict[GigId, Gig] = {gig.id: gig for gig in known}
        names: set[str] = set()
        for fact in facts:
            match fact:
                case GigPosted(gig) | GigChanged(gig):
                    self.gigs[gig.id] = gig
                case OfferAccepted():
                    pass
                case OfferCreated(offer) | OfferExtended(offer) | OfferClosedWithout(offer):
                    names.update((offer.worker, offer.employer))
                case AssignmentCreated(assignment) | AssignmentChanged(assignment):
                    names.update((assignment.worker, assignment.employer))
        missing = {gig for gig in map(_gig_of, facts) if gig is not None} - self.gigs.keys()
        self.gigs.update(tx.gigs.get_many(sorted(missing)))
        self._phones_hidden = tx.phones_hidden
        self._cards: dict[tuple[GigId, bool], GigCard] = {}
        self.accounts: Mapping[str, Account] = tx.accounts.get_many(sorted(names))

    def card(self, gig_id: GigId, accepted: bool = False) -> GigCard:
        """A gig as a worker sees it; with the site and the employer's phone once accepted."""
        card = self._cards.get((gig_id, accepted))
        if card is None:
            gig = self.gigs[gig_id]
            employer = self.accounts[gig.employer]
            told = accepted and not self._phones_hidden
            card = GigCard.of(gig, employer.name, accepted, employer.phone if told else None)
            self._cards[gig_id, accepted] = card
        return card

    def person(self, assignment: Assignment) -> PersonView:
        """A worker as an employer sees one after acceptance: by name, and a masked phone until check-in."""
        return person(assignment, self.accounts[assignment.worker])


def person(assignment: Assignment, account: Account) -> PersonView:
    """The worker of an assignment on the employer's screen."""
    coming = assignment.status is AssignmentStatus.CONFIRMED
    return PersonView(name=account.name, phone=masked_phone(account.phone) if coming else None)


def announce(tx: Transaction, facts: Sequence[Fact], known: Iterable[Gig] = ()) -> People:
    """Put each fact on the streams of those it concerns, and tell the dispatcher what it may look at again.

    `known`: gigs the caller has loaded, as they are after the change. Returns what was loaded for it, so that
    the caller's answer needs no second look.
    """
    people = People(tx, facts, known)
    tell(tx, people, facts)
    return people


def tell(tx: Transaction, people: People, facts: Iterable[Fact]) -> None:
    """The same with names and gigs that were loaded already, for these facts among others."""
    for fact in facts:
        match fact:
            case GigPosted(gig):
                _tell_gig(tx, "gig.created", gig)
                tx.dispatch(gig)
            case GigChanged(gig):
                _tell_gig(tx, "gig.updated", gig)
                # Without a free seat, too: then the round takes it out of the index.
                tx.redispatch(gig=gig.id)
            case OfferCreated() | OfferExtended() | OfferClosedWithout():
                _tell_offer(tx, people, fact)
            case AssignmentCreated() | AssignmentChanged():
                _tell_assignment(tx, people, fact)


def _gig_of(fact: Fact) -> GigId | None:
    match fact:
        case OfferCreated(offer) | OfferExtended(offer) | OfferClosedWithout(offer):
            return offer.gig
        case AssignmentCreated(assignment) | AssignmentChanged(assignment):
            return assignment.gig
    return None


def _tell_gig(tx: Transaction, kind: str, gig: Gig) -> None:
    tx.tell(employer_principal(gig.employer), kind, encode(GigEvent(gig=GigView.of(gig))))


def _tell_offer(
    tx: Transaction, people: People, fact: OfferCreated | OfferExtended | OfferClosedWithout
) -> None:
    offer, kind = fact.offer, _OFFER_KINDS[type(fact)]
    mine = OfferEvent(offer=OfferView.of(offer, people.card(offer.gig)))
    tx.tell(worker_principal(offer.worker), kind, encode(mine))
    seat = encode(SeatOfferEvent(offer=SeatOfferView.of(offer, people.accounts[offer.worker].name)))
    tx.tell(employer_principal(offer.employer), kind, seat)
    if offer.station is not None:
        tx.tell(station_principal(offer.station), kind, seat)
    if isinstance(fact, OfferClosedWithout):
        seats = people.gigs[offer.gig].free_seats()
        tx.redispatch(offer.gig if seats > 0 else None, offer.worker)


def _tell_assignment(tx: Transaction, people: People, fact: AssignmentCreated | AssignmentChanged) -> None:
    assignment = fact.assignment
    kind = "assignment.created" if isinstance(fact, AssignmentCreated) else "assignment.updated"
    worker = people.person(assignment)
    card = people.card(assignment.gig, accepted=True)
    mine = AssignmentEvent(assignment=AssignmentView.of(assignment, worker, card))
    tx.tell(worker_principal(assignment.worker), kind, encode(mine))
    theirs = AssignmentEvent(assignment=AssignmentView.of(assignment, worker))
    tx.tell(employer_principal(assignment.employer), kind, encode(theirs))
    gig = people.gigs[assignment.gig]
    if gig.status in ENDED and assignment.status in _BACK:
        # An old gig may have left the screen, and is there again for this.
        _tell_gig(tx, "gig.updated", gig)
        tx.redispatch(gig=gig.id)
    # Whatever becomes of it, the hours the worker has left have changed.
    tx.redispatch(worker=assignment.worker)
