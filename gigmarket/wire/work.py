"""Offers and assignments as each side sees them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from gigmarket.domain.assignment import LATEST_S, Assignment, AssignmentStatus
from gigmarket.domain.crew import Together
from gigmarket.domain.ids import WorkerId
from gigmarket.domain.offer import DeclineReason, Offer, OfferStatus
from gigmarket.wire.advice import AdviceView
from gigmarket.wire.gigs import GigCard, GigView
from gigmarket.wire.pages import Page
from gigmarket.wire.values import Body, Fen, Flag, Id, Instant, Text, View, masked


class PersonView(View):
    """A worker on another's screen: masked before acceptance, by name to the employer from then on."""

    name: str
    phone: str | None = None


class TogetherView(View):
    """The crew that came, or is asked, as one: `size` workers, of whom this one `leads` and answers for all."""

    crew_id: str
    size: int
    leads: bool

    @classmethod
    def of(cls, together: Together | None, worker: WorkerId) -> "TogetherView | None":
        """The crew of this worker's offer or assignment."""
        if together is None:
            return None
        return cls(crew_id=together.crew, size=together.size, leads=together.leader == worker)


class OfferView(View):
    """An offer as its worker sees it. `estimated`: the travel time comes from a straight line."""

    id: str
    status: OfferStatus
    created_at: datetime
    expires_at: datetime
    travel_s: int
    estimated: bool
    extended: bool
    gig: GigCard
    together: TogetherView | None = None

    @classmethod
    def of(cls, offer: Offer, gig: GigCard) -> "OfferView":
        """The offer with its gig's card."""
        return cls(
            id=offer.id,
            status=offer.status,
            created_at=offer.created_at,
            expires_at=offer.expires_at,
            travel_s=offer.travel_s,
            estimated=offer.estimated,
            extended=offer.extended,
            gig=gig,
            together=TogetherView.of(offer.together, offer.worker),
        )


class SeatOfferView(View):
    """A pending offer as the employer and the station's hall see it: masked name and travel time."""

    id: str
    gig_id: str
    status: OfferStatus
    expires_at: datetime
    travel_s: int
    estimated: bool
    worker: PersonView
    together: TogetherView | None = None

    @classmethod
    def of(cls, offer: Offer, name: str) -> "SeatOfferView":
        """The offer without anything that tells who the worker is beyond a family name."""
        return cls(
            id=offer.id,
            gig_id=offer.gig,
            status=offer.status,
            expires_at=offer.expires_at,
            travel_s=offer.travel_s,
            estimated=offer.estimated,
            worker=PersonView(name=masked(name)),
            together=TogetherView.of(offer.together, offer.worker),
        )


class AssignmentView(View):
    """One worker on one seat. `gig` is there for the worker, with the site and the employer's phone.

    `late_s`: the worker says that he comes so many seconds after the start. `vouched`: the employer, not the
    site's code, says when the worker came or left, or that he never came. `handed_in_at`: a time of coming or
    leaving was kept by a device without a network and told only then.
    """

    id: str
    gig_id: str
    offer_id: str
    status: AssignmentStatus
    worker: PersonView
    created_at: datetime
    leaves_at: datetime
    travel_s: int
    due_fen: int | None
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    paid_fen: int | None
    paid_at: datetime | None
    paid_reason: str
    settled_at: datetime | None
    closed_reason: str
    late_s: int
    vouched: bool
    handed_in_at: datetime | None = None
    gig: GigCard | None = None
    together: TogetherView | None = None

    @classmethod
    def of(cls, assignment: Assignment, worker: PersonView, gig: GigCard | None = None) -> "AssignmentView":
        """The assignment; pass `gig` for the worker's own screen."""
        return cls(
            id=assignment.id,
            gig_id=assignment.gig,
            offer_id=assignment.offer,
            status=assignment.status,
            worker=worker,
            created_at=assignment.created_at,
            leaves_at=assignment.busy_from,
            travel_s=assignment.travel_s,
            due_fen=assignment.due_fen,
            checked_in_at=assignment.checked_in_at,
            checked_out_at=assignment.checked_out_at,
            paid_fen=assignment.paid_fen,
            paid_at=assignment.paid_at,
            paid_reason=assignment.paid_reason,
            settled_at=assignment.settled_at,
            closed_reason=assignment.closed_reason,
            late_s=assignment.late_s,
            vouched=assignment.vouched,
            handed_in_at=assignment.handed_in_at,
            gig=gig,
            together=TogetherView.of(assignment.together, assignment.worker),
        )


class CallView(View):
    """A number that connects the two sides of an assignment, each from its own phone, until then."""

    number: str
    until: datetime


class GigDetail(GigView):
    """A gig with its people: workers by name once assigned, by masked name while an offer is pending.

    `advice` tells, in the answer to the posting only, what is odd about the site.
    """

    assignments: list[AssignmentView]
    offers: list[SeatOfferView]
    advice: tuple[AdviceView, ...] = ()


class NearbyGig(View):
    """An open gig inside the asking worker's circle, by area; `travel_s` by the worker's own mode."""

    gig: GigCard
    travel_s: int
    estimated: bool
    free_seats: int


class OtherTrade(View):
    """A trade that the asking worker does not do: how many gigs and free seats of it are inside the circle."""

    trade: str
    gigs: int
    seats: int


class NearbyPage(Page[NearbyGig]):
    """Gigs of the worker's trades; `others`, by trade, those that only a trade more would bring."""

    others: list[OtherTrade]


class OfferArgs(Body):
    """Which offer."""

    offer_id: Id


class DeclineArgs(OfferArgs):
    """Which offer, and why not, if the worker cares to say."""

    reason: DeclineReason | None = None


class AssignmentArgs(Body):
    """Which assignment."""

    assignment_id: Id


class CheckInArgs(AssignmentArgs):
    """Which assignment, and the code shown on site; `crew`: the leader comes with all who are not there yet.

    `at`: when that was, for a device that had no network then; a day ago at most, and none is in the future.
    """

    code: Annotated[str, Field(strict=True, min_length=1, max_length=12)]
    crew: Flag = False
    at: Instant | None = None


class CheckOutArgs(AssignmentArgs):
    """Which assignment; `crew`: the leader leaves with all of the crew who are still there; `at`: see above."""

    crew: Flag = False
    at: Instant | None = None


class SettleArgs(AssignmentArgs):
    """Which assignment, how much was paid in fen, and why if it is less than due."""

    amount_fen: Fen
    reason: Text = ""


class LateArgs(AssignmentArgs):
    """Which assignment, and how many minutes after the start the worker comes; 0: in time after all."""

    minutes: Annotated[int, Field(strict=True, ge=0, le=LATEST_S // 60)]


class VouchArgs(AssignmentArgs):
    """Which assignment, and whether its worker is here (or has left)."""

    here: Annotated[bool, Field(strict=True)]


class Payment(SettleArgs):
    """One of several payments."""


class GigSettleArgs(Body):
    """Which gig, and what its people were paid."""

    gig_id: Id
    payments: Annotated[list[Payment], Field(min_length=1, max_length=100)]


class ReasonArgs(AssignmentArgs):
    """Which assignment, and an optional reason in words."""

    reason: Text = ""


class GigArgs(Body):
    """Which gig."""

    gig_id: Id


class OfferAnswer(View):
    """The offer after the step."""

    offer: OfferView


class AssignmentAnswer(View):
    """The assignment after the step."""

    assignment: AssignmentView


class SettledAnswer(View):
    """The assignments after they were settled together, in the order asked."""

    assignments: list[AssignmentView]


class GigAnswer(View):
    """The gig after the step."""

    gig: GigView
