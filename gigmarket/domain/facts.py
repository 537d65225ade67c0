"""Everything that can have happened: what a decision returns beside the new state."""

from gigmarket.domain.assignment import AssignmentChanged, AssignmentCreated
from gigmarket.domain.gig import GigChanged, GigPosted
from gigmarket.domain.offer import OfferAccepted, OfferClosedWithout, OfferCreated, OfferExtended

Fact = (
    GigPosted
    | GigChanged
    | OfferCreated
    | OfferExtended
    | OfferAccepted
    | OfferClosedWithout
    | AssignmentCreated
    | AssignmentChanged
)
