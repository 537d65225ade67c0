"""The circle of a gig grows while it stays open, in steps and up to a bound."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.circle import circle_s, circles_s
from gigmarket.domain.policy import Policy
from tests.domain.samples import NOW, POLICY, seconds


@pytest.mark.parametrize(
    ("open_s", "expected"),
    [(-60, 900), (0, 900), (599, 900), (600, 1200), (1199, 1200), (1200, 1500), (1800, 1800), (86_400, 1800)],
)
def test_a_circle_grows_by_steps(open_s: float, expected: int) -> None:
    assert circle_s(NOW, NOW + seconds(open_s), POLICY) == expected
    assert circles_s(np.array([float(open_s)]), POLICY).tolist() == [expected]


def test_a_city_whose_own_circle_is_the_widest_keeps_it() -> None:
    assert circle_s(NOW, NOW + seconds(86_400), Policy(circle_s=2700)) == 2700


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_circle_never_shrinks(one: int, other: int) -> None:
    sooner, later = sorted((one, other))
    assert circle_s(NOW, NOW + seconds(sooner), POLICY) <= circle_s(NOW, NOW + seconds(later), POLICY)


@given(
    st.integers(-(10**6), 4_000), st.integers(-2, 2), st.integers(0, 999_999), st.sampled_from([600, 7, 2700])
)
def test_many_circles_are_those_of_each_to_the_microsecond(
    open_s: int, off_us: int, at_us: int, every: int
) -> None:
    posted = NOW + timedelta(microseconds=at_us)
    now = posted + timedelta(seconds=open_s, microseconds=off_us)
    for policy in (Policy(circle_every_s=every), Policy(circle_every_s=every, circle_s=2700)):
        ages = np.array([now.timestamp() - posted.timestamp()])
        assert circles_s(ages, policy).tolist() == [circle_s(posted, now, policy)]
