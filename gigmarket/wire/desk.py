"""What a desk sees and does: offers on their way, and accounts that may not come in."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from gigmarket.domain.gig import GigStatus
from gigmarket.domain.ids import Role
from gigmarket.domain.verdict import Verdict
from gigmarket.wire.pages import Page
from gigmarket.wire.people import Phone
from gigmarket.wire.values import Body, Flag, Id, Storable, View, WageView
from gigmarket.wire.work import AssignmentView, SeatOfferView

Reason = Annotated[str, Field(strict=True, min_length=1, max_length=200, pattern=r"\S"), Storable]


class DeliveryView(View):
    """A pending offer; `delivered_at` is when a phone or a hall's screen said that it has it."""

    offer_id: str
    gig_id: str
    title: str
    worker_id: str
    worker: str
    station_id: str | None
    created_at: datetime
    expires_at: datetime
    delivered_at: datetime | None


class FindAccountIn(Body):
    """Look an account up by its number: in a body, since numbers do not belong into addresses."""

    role: Role
    phone: Phone


class SuspensionIn(Body):
    """Why an account is kept out, or let in again: kept in the audit."""

    reason: Reason


class DeskAccountView(View):
    """An account as a desk sees it: a worker's name is masked."""

    id: str
    role: Role
    name: str
    station_id: str | None
    suspended_at: datetime | None


class PlaceIn(Body):
    """Who gets a seat by hand and why. `agreed`: the worker stands at the desk and says yes (代办)."""

    worker_id: Id
    reason: Reason
    agreed: Flag = False


class PlacedView(View):
    """What came of placing by hand: the offer, and the assignment when the worker agreed at the desk."""

    offer: SeatOfferView
    assignment: AssignmentView | None


class Ground(StrEnum):
    """A reason to place somebody that the market can check: it is offered to a clerk only where it is so."""

    LONG_WAIT = "long_wait"
    WEEK_WITHOUT = "week_without"


class ChanceView(View):
    """One worker at one gig by hand. `obstacle`: the rule that forbids it, null when nothing does; `concerns`:
    what a round would have kept the worker out for, and a reason overrules. `grounds`: reasons that are so;
    `waited_s`: since the worker asked for work, null for who does not wait.
    """

    obstacle: Verdict | None
    concerns: Sequence[Verdict]
    grounds: Sequence[Ground]
    waited_s: int | None
    travel_s: int | None
    estimated: bool


class OpeningView(ChanceView):
    """An open gig as it could be given to the worker who was asked about."""

    gig_id: str
    title: str
    trade: str
    employer: str
    starts_at: datetime
    ends_at: datetime
    wage: WageView
    free_seats: int


class CandidateView(ChanceView):
    """A worker, by masked name, as they could be given the gig that was asked about."""

    worker_id: str
    name: str
    trades: Sequence[str]
    since: datetime | None
    station_id: str | None


class RevealIn(Body):
    """Why a clerk needs somebody's number: kept in the audit."""

    reason: Reason


class RevealedView(View):
    """A person's full name and number, to call them."""

    name: str
    phone: str


class WaitingView(View):
    """Somebody who waits for work: since when, and how many offers they had on the days named."""

    worker_id: str
    name: str
    since: datetime
    trades: Sequence[str]
    station_id: str | None
    offers_today: int
    offers_week: int


class MissedView(View):
    """A promised seat that nobody came to."""

    assignment_id: str
    gig_id: str
    title: str
    worker_id: str
    worker: str
    employer: str
    starts_at: datetime
    free_seats: int


class UnpaidView(View):
    """Work that is done and not paid, past the day on which it was to be."""

    assignment_id: str
    gig_id: str
    title: str
    worker_id: str
    worker: str
    employer_id: str
    employer: str
    due_fen: int | None
    due_on: date


class QueueName(StrEnum):
    """The lists that `GET /queues/{name}` goes on with."""

    WAITING = "waiting"
    NEVER = "never"
    UNDELIVERED = "undelivered"
    MISSED = "missed"
    UNPAID = "unpaid"


class QueuesView(View):
    """What a desk works off, most urgent first: how many are on each list, and its first page.

    `waiting`: for at least `long_wait_s`; `never`: of those, without an offer this week; `undelivered`: on no
    screen though made at least `undelivered_s` ago. `counts` has open appeals and `/gigs/unfilled`, too.
    """

    at: datetime
    town: str | None
    village: str | None
    long_wait_s: int
    undelivered_s: int
    counts: Mapping[str, int]
    waiting: Page[WaitingView]
    never: Page[WaitingView]
    undelivered: Page[DeliveryView]
    missed: Page[MissedView]
    unpaid: Page[UnpaidView]


class FindGigsIn(Body):
    """Words of a gig's title or of its employer's name; none for the newest."""

    words: Annotated[str, Field(strict=True, max_length=40), Storable] = ""


class FoundGigView(View):
    """A gig of the last days, in whatever state."""

    gig_id: str
    title: str
    employer: str
    status: GigStatus
    posted_at: datetime
    starts_at: datetime
