"""Rest rules: by the day, and by work without a rest."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.policy import Policy
from gigmarket.domain.rest import allows

POLICY = Policy(daily_work_s=12 * 3600, continuous_work_s=8 * 3600, rest_s=1200)
MIDNIGHT = datetime(2026, 7, 30, 16, tzinfo=UTC)
"""The 31st begins in China."""


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def may(work: list[tuple[float, float]], starts: float, ends: float) -> bool:
    return allows([(at(a), at(b)) for a, b in work], at(starts), at(ends), POLICY)


@pytest.mark.parametrize(
    ("work", "gig", "allowed"),
    [
        ([], (6, 18), True),  # twelve hours alone: the day allows it
        ([], (6, 18.5), False),
        ([], (12, 36), True),  # over midnight: twelve hours on each day
        ([], (12, 36.25), False),
        ([(6, 10)], (10, 14), True),  # eight hours on end
        ([(6, 10)], (10, 14.5), False),
        ([(6, 10)], (10.3, 14.4), False),  # 18 minutes are no rest
        ([(6, 10)], (10.34, 18), True),  # 20 minutes are one
        ([(6, 10)], (10 + 1 / 3, 18), True),  # to the second
        ([(10 + 1 / 3, 18)], (6, 10), True),  # before the work that was promised, too
        ([(6, 10), (14, 18)], (10, 14), False),  # it would join two
        ([(0, 4), (5, 9)], (10, 14), True),
        ([(0, 4), (5, 9)], (10, 14.1), False),
        ([(-6, -0.25)], (0, 2), True),  # a quarter of an hour is no rest, but eight hours are allowed
        ([(-6, -0.25)], (0, 2.25), False),
        ([(6, 20)], (30, 34), True),  # a limit broken on another day
    ],
)
def test_by_example(work: list[tuple[float, float]], gig: tuple[float, float], allowed: bool) -> None:
    assert may(work, *gig) is allowed


HOURS = st.integers(0, 47 * 4).map(lambda quarter: quarter / 4)
STRETCH = st.tuples(HOURS, st.integers(1, 40).map(lambda quarter: quarter / 4)).map(
    lambda s: (s[0], s[0] + s[1])
)
WORK = st.lists(STRETCH, max_size=6)


@given(WORK, STRETCH, st.randoms(use_true_random=False))
def test_the_order_of_work_does_not_matter(
    work: list[tuple[float, float]], gig: tuple[float, float], rng: Random
) -> None:
    mixed = list(work)
    rng.shuffle(mixed)
    assert may(work, *gig) == may(mixed, *gig)


@given(WORK, STRETCH)
def test_a_stretch_cut_in_two_is_the_same_work(
    work: list[tuple[float, float]], gig: tuple[float, float]
) -> None:
    cut = [part for a, b in work for part in ((a, (a + b) / 2), ((a + b) / 2, b))]
    assert may(work, *gig) == may(cut, *gig)


@given(WORK, STRETCH)
def test_what_is_allowed_keeps_every_day_within_its_limit(
    work: list[tuple[float, float]], gig: tuple[float, float]
) -> None:
    if may(work, *gig):
        busy = {q for a, b in [*work, gig] for q in range(int(a * 4), int(b * 4))}
        for day in range(3):
            quarters = range(day * 96, day * 96 + 96)
            if any(int(gig[0] * 4) <= q < int(gig[1] * 4) for q in quarters):
                assert len(busy & set(quarters)) <= 48


@given(WORK, STRETCH)
def test_nothing_far_away_matters(work: list[tuple[float, float]], gig: tuple[float, float]) -> None:
    assert may([*work, (240, 260)], *gig) == may(work, *gig)
