"""A claim asks again what the plan took for granted: the world may have moved on meanwhile."""

from datetime import timedelta

import pytest

from gigmarket.services import offers
from gigmarket.services.claims import claim
from tests.services.town import Town, proposal

LEAVES_H = 1 - 300 / 3600
"""When somebody 300 s away leaves for work that begins in an hour."""


@pytest.mark.parametrize(
    ("starts_in_h", "ends_in_h", "free"),
    [
        (0.5, 1.5, False),  # his other work begins before this ends
        (0.25, LEAVES_H + 1 / 3600, False),
        (0.25, LEAVES_H, True),
        (5 + 299 / 3600, 9, False),  # he would have to leave before his other work ends
        (5 + 300 / 3600, 9, True),
        (2, 3, False),
    ],
)
def test_work_that_was_accepted_since_the_plan_keeps_its_hours_and_ways(
    town: Town, starts_in_h: float, ends_in_h: float, free: bool
) -> None:
    employer, worker = town.employer(), town.worker()
    town.offer(town.gig(employer, starts_in_h=1, hours=4), worker)
    town.do(offers.accept, town.rules, worker.worker(), town.pending(worker))
    gig = town.gig(employer, starts_in_h=starts_in_h, hours=ends_in_h - starts_in_h)
    assert town.do(claim, town.rules, town.token, [proposal(gig, worker)]) == free


@pytest.mark.parametrize(
    ("first_h", "break_h", "hours", "free"),
    [
        (5, 1199 / 3600, 4, False),  # nine hours without a rest
        (5, 1200 / 3600, 4, True),
        (2, 1199 / 3600, 4, True),
        (6, 1, 6, True),
        (6, 1, 6 + 1 / 3600, False),  # more than twelve on one day
    ],
)
def test_work_that_was_accepted_since_the_plan_leaves_time_to_rest(
    town: Town, first_h: float, break_h: float, hours: float, free: bool
) -> None:
    employer, worker, other = town.employer(), town.worker(), town.worker()
    town.offer(town.gig(employer, starts_in_h=1, hours=first_h), worker)
    town.do(offers.accept, town.rules, worker.worker(), town.pending(worker))
    gig = town.gig(employer, headcount=2, starts_in_h=1 + first_h + break_h, hours=hours)
    # Who is free of other work may be offered it, however long it is.
    made = town.do(claim, town.rules, town.token, [proposal(gig, worker), proposal(gig, other)])
    assert (made, town.get_gig(gig).reserved) == (1 + free, 1 + free)


def test_a_gig_that_stopped_recruiting_since_the_plan_costs_the_others_nothing(town: Town) -> None:
    employer, late, other = town.employer(), town.worker(), town.worker()
    soon, later = town.gig(employer, starts_in_h=1), town.gig(employer, starts_in_h=3)
    town.now = town.get_gig(soon).recruit_until
    assert town.do(claim, town.rules, town.token, [proposal(soon, late), proposal(later, other)]) == 1
    assert town.get_offer(town.pending(other)).gig == later
    assert (town.get_gig(soon).reserved, town.get_gig(later).reserved) == (0, 1)


def test_until_the_last_moment_of_recruiting_a_seat_is_offered(town: Town) -> None:
    worker, gig = town.worker(), town.gig(town.employer())
    town.now = town.get_gig(gig).recruit_until - timedelta(microseconds=1)
    assert town.do(claim, town.rules, town.token, [proposal(gig, worker)]) == 1
