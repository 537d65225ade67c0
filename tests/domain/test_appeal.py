"""Appeals: a few at a time, one answer each."""

import pytest

from gigmarket.domain.appeal import (
    MOST_OPEN,
    Appeal,
    AppealAnswered,
    AppealId,
    TooManyAppeals,
    answer,
    may_file,
)
from gigmarket.domain.ids import AccountId
from tests.domain.samples import NOW, WORKER, gig, seconds


def test_a_worker_may_have_a_few_open() -> None:
    may_file(MOST_OPEN - 1)
    with pytest.raises(TooManyAppeals):
        may_file(MOST_OPEN)


def test_an_appeal_is_answered_once() -> None:
    filed = Appeal(AppealId("p1"), WORKER, gig().id, None, "我更近", "{}", NOW)
    done = answer(filed, AccountId("clerk"), "查过了", NOW + seconds(60))
    assert (done.answer, done.answered_by, done.answered_at) == ("查过了", "clerk", NOW + seconds(60))
    with pytest.raises(AppealAnswered):
        answer(done, AccountId("clerk"), "再说一次", NOW + seconds(61))
