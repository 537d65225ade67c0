"""A worker contests a decision of the dispatcher (申诉): `open → answered`, by staff, once."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType

from gigmarket.domain.errors import Refusal
from gigmarket.domain.ids import AccountId, GigId, OfferId, WorkerId

AppealId = NewType("AppealId", str)

MOST_OPEN = 5
"""Open appeals of one worker; more are refused until one is answered."""


class TooManyAppeals(Refusal):
    """The worker has as many open appeals as one may have."""

    code = "too-many-appeals"


class AppealAnswered(Refusal):
    """The appeal has its answer already."""

    code = "appeal-answered"


@dataclass(frozen=True, slots=True)
class Appeal:
    """What a worker said against a decision, `reason` as the worker was told it then (JSON), and the answer."""

    id: AppealId
    worker: WorkerId
    gig: GigId
    offer: OfferId | None
    words: str
    reason: str
    created_at: datetime
    answer: str | None = None
    answered_by: AccountId | None = None
    answered_at: datetime | None = None


def may_file(open_already: int) -> None:
    """Raises TooManyAppeals when the worker has `MOST_OPEN` open ones."""
    if open_already >= MOST_OPEN:
        raise TooManyAppeals(f"at most {MOST_OPEN} appeals may be open: wait for an answer first")


def answer(appeal: Appeal, by: AccountId, words: str, now: datetime) -> Appeal:
    """The appeal with its answer. Raises AppealAnswered the second time."""
    if appeal.answered_at is not None:
        raise AppealAnswered("the appeal is answered already")
    return replace(appeal, answer=words, answered_by=by, answered_at=now)
