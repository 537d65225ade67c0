"""A crew: who may come in, who leads, and what its offers say."""

from dataclasses import replace
from datetime import datetime

import pytest

from gigmarket.domain import crew as crews
from gigmarket.domain import offer as offers
from gigmarket.domain.crew import Crew, Together
from gigmarket.domain.errors import Forbidden, Invalid, NotFound, WrongCode
from gigmarket.domain.ids import CrewId, WorkerId
from tests.domain.samples import NOW, POLICY, offer, seconds

A, B, C = (WorkerId(name) for name in "abc")
FOUNDED = crews.found(CrewId("c1"), A, "123456", NOW, POLICY)
PAIR = crews.join(FOUNDED, B, "123456", NOW, POLICY)


def last_moment(crew: Crew) -> datetime:
    """The last at which the code is good."""
    return crew.code_until - seconds(0.001)


def test_the_founder_is_alone_and_asked_like_anybody() -> None:
    assert FOUNDED.members == (A,)
    assert FOUNDED.together() is None
    assert FOUNDED.code_until == NOW + seconds(POLICY.crew_code_s)


def test_who_joins_comes_after_and_the_first_leads() -> None:
    assert PAIR.members == (A, B)
    assert PAIR.leader == A
    assert PAIR.together() == Together(CrewId("c1"), A, 2)


def test_joining_again_changes_nothing_even_with_an_old_code() -> None:
    assert crews.join(PAIR, B, "999999", PAIR.code_until, POLICY) == PAIR


def test_a_code_is_good_until_its_hour_is_over() -> None:
    assert crews.join(PAIR, C, "123456", last_moment(PAIR), POLICY).members == (A, B, C)
    for code, now in (("123456", PAIR.code_until), ("123457", NOW), ("", NOW)):
        with pytest.raises(WrongCode):
            crews.join(PAIR, C, code, now, POLICY)


def test_a_full_crew_takes_nobody() -> None:
    with pytest.raises(Invalid, match="has 2 already"):
        crews.join(PAIR, C, "123456", NOW, replace(POLICY, crew_most=2))


def test_only_the_leader_gets_a_new_code_and_the_old_one_is_over() -> None:
    opened = crews.reopen(PAIR, A, "654321", NOW + seconds(60), POLICY)
    assert (opened.code, opened.code_until) == ("654321", NOW + seconds(60 + POLICY.crew_code_s))
    assert opened.members == PAIR.members
    with pytest.raises(Forbidden):
        crews.reopen(PAIR, B, "654321", NOW, POLICY)


def test_after_the_leader_the_next_leads() -> None:
    left = crews.leave(PAIR, A)
    assert left is not None
    assert left.members == (B,)
    assert left.leader == B
    assert crews.leave(left, B) is None
    with pytest.raises(NotFound):
        crews.leave(left, A)


def test_the_leader_may_go_on_without_somebody() -> None:
    assert crews.remove(PAIR, A, B) == FOUNDED
    with pytest.raises(Forbidden):
        crews.remove(PAIR, B, A)
    with pytest.raises(NotFound):
        crews.remove(PAIR, A, C)


def test_the_leader_alone_accepts_and_anybody_says_no() -> None:
    mine = replace(offer(), worker=B, together=Together(CrewId("c1"), A, 2))
    assert offers.accept(mine, A, NOW)[0].status is offers.OfferStatus.ACCEPTED
    with pytest.raises(Forbidden):
        offers.accept(mine, B, NOW)
    assert offers.decline(mine, B, None, NOW)[0].status is offers.OfferStatus.DECLINED
    for refused in (offers.accept, lambda *args: offers.decline(args[0], args[1], None, args[2])):
        with pytest.raises(NotFound):
            refused(mine, C, NOW)
