"""Reasons and appeals as each side reads them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from gigmarket.domain.appeal import Appeal
from gigmarket.domain.offer import DeclineReason, OfferStatus
from gigmarket.wire.values import Body, Id, Storable, View, WageView

Words = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=500), Storable
]
Basis = Literal["recorded", "now"]
Number = int | float | None


class DrawView(View):
    """A worker's ticket in a round, and the round's seed in hex, from which anyone can compute it again with
    the worker's `key`, a decimal number of 64 bits. Where the draw decided, `cut` is the ticket of the last one
    in who came alone (not with a crew), and `alike` tells between how many: whose ticket is higher lost by the
    draw and nothing else.
    """

    round: str
    ticket: float
    seed: str
    key: str
    cut: float | None = None
    alike: int | None = None


class ReasonView(View):
    """A reason by its stable code, in one sentence. `basis`: a round's record, or the rules asked now."""

    reason: str
    zh: str
    en: str
    basis: Basis
    at: datetime


class WhyView(ReasonView):
    """A reason with its numbers (minutes, seconds, fen; those this reader may see) and the worker's draw.

    `delivered_at`: of an offer, when a screen had it first.
    """

    numbers: dict[str, Number]
    draw: DrawView | None = None
    delivered_at: datetime | None = None


class StepView(View):
    """How many workers are left in the running after some rules."""

    step: str
    zh: str
    en: str
    count: int


class AdviceView(View):
    """What would help, and how many more workers could then be asked."""

    code: str
    zh: str
    en: str
    workers: int


class ConsideredView(WhyView):
    """One worker of a round on a desk's screen, by masked name."""

    worker_id: str
    name: str


class PastOffer(View):
    """One offer of a gig to a worker as a desk sees it: made, on a screen, and how it ended.

    `by_hand`: the reason of the desk that made it, null for a round's.
    """

    offer_id: str
    status: OfferStatus
    created_at: datetime
    delivered_at: datetime | None
    answered_at: datetime | None
    declined_for: DeclineReason | None
    by_hand: str | None


class GigWhyView(WhyView):
    """Why a gig is not full: a funnel without people; the rest for staff and clerks only.

    `worker` and `history` (newest first) are about the one worker who was asked about.
    """

    gig_id: str
    steps: list[StepView]
    advice: list[AdviceView]
    considered: list[ConsideredView] | None = None
    worker: ConsideredView | None = None
    history: list[PastOffer] | None = None


class UnfilledGig(GigWhyView):
    """An open gig with free seats on a desk's list."""

    title: str
    trade: str
    employer: str
    headcount: int
    filled: int
    asked: int
    starts_at: datetime
    posted_at: datetime
    wage: WageView


class AppealIn(Body):
    """What a worker says against a decision about a gig, or about an offer of it."""

    gig_id: Id
    offer_id: Id | None = None
    words: Words


class AnswerIn(Body):
    """What staff answer."""

    words: Words


class AppealView(View):
    """An appeal as its worker sees it: the reason as it was told then, and the answer once there is one."""

    id: str
    gig_id: str
    gig_title: str
    offer_id: str | None
    words: str
    reason: ReasonView
    created_at: datetime
    answer: str | None
    answered_at: datetime | None

    @classmethod
    def of(cls, appeal: Appeal, title: str) -> "AppealView":
        """The appeal with its gig's title."""
        return cls(
            id=appeal.id,
            gig_id=appeal.gig,
            gig_title=title,
            offer_id=appeal.offer,
            words=appeal.words,
            reason=ReasonView.model_validate_json(appeal.reason),
            created_at=appeal.created_at,
            answer=appeal.answer,
            answered_at=appeal.answered_at,
        )


class DeskAppealView(AppealView):
    """An appeal on a desk's screen: whose it is, by masked name."""

    worker_id: str
    worker: str


class AppealEvent(View):
    """To the worker: the appeal with its answer."""

    appeal: AppealView
