"""What a worker could do instead: how the past tells the seats that fall to him, and what they weigh."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.foresight import falls_to, foresight, forgone_s, recent
from gigmarket.domain.matching import plan
from gigmarket.domain.policy import Policy
from tests.domain.columns import edges, openings, slots

POLICY = Policy(seat_worth_s=900, demand_memory_s=3600, foresight_hold_s=300)
EXACT = replace(POLICY, alike_s=0)
HOUR = 3600.0


@pytest.mark.parametrize(
    ("seats", "able", "share"), [(1, 4, 0.25), (3, 4, 0.75), (5, 4, 1.0), (2, 0, 1.0)], ids=str
)
def test_a_gig_s_seats_fall_to_those_who_could_come(seats: int, able: int, share: float) -> None:
    assert falls_to(seats, able) == share


@given(st.integers(600, 100_000), st.sampled_from([1800, 14_400]))
def test_gigs_posted_evenly_are_a_rate_however_short_the_past(past_s: int, memory_s: int) -> None:
    every_s = past_s / 1000
    posted = np.linspace(0.0, past_s, 1000, endpoint=False)
    rate = float(recent(posted, 1000 * every_s, replace(POLICY, demand_memory_s=memory_s)).sum())
    assert rate == pytest.approx(1 / every_s, rel=0.03)


def test_what_was_posted_long_ago_says_less() -> None:
    old, new = recent(np.array([0.0, HOUR]), HOUR, POLICY)
    assert old / new == pytest.approx(np.exp(-1))


def test_one_gig_a_moment_ago_is_not_taken_for_a_rush() -> None:
    assert recent(np.array([10.0]), 10.0, POLICY)[0] <= 1 / 550
    assert recent(np.empty(0), 10.0, POLICY).size == 0


@pytest.mark.parametrize(("hold_s", "weight"), [(0.0, 1.0), (150.0, 0.5), (300.0, 0.0), (9000.0, 0.0)])
def test_foresight_counts_where_nothing_can_wait(hold_s: float, weight: float) -> None:
    assert foresight(hold_s, POLICY) == weight


def test_a_missed_seat_is_worth_so_many_seconds_of_travel() -> None:
    """One seat an hour falls to him, and he is away for two hours."""
    missed = forgone_s(np.array([1 / HOUR, 0.0]), np.array([2 * HOUR, HOUR]), np.zeros(2, int), 0.0, POLICY)
    assert missed.tolist() == pytest.approx([1800.0, 0.0])


def test_the_more_others_could_come_the_less_it_counts() -> None:
    spare = np.array([-3, 0, 5, 20, 50])
    missed = forgone_s(np.full(5, 1 / HOUR), np.full(5, HOUR), spare, 0.0, POLICY)
    assert missed.tolist() == pytest.approx([900.0, 900.0, 675.0, 0.0, 0.0])


def chosen(one: dict[str, Any], other: dict[str, Any], hold_s: float = 0.0) -> int:
    """The slot that gets the usual gig of four hours, posted just now; `one` is 100 s nearer."""
    made = plan(
        openings({}), slots(one, other), edges({"travel": 400.0}, {"travel": 500.0}), EXACT, 0.0, hold_s
    )
    return int(np.concatenate((made.offers, made.held))[0])


def test_who_is_wanted_elsewhere_is_spared_where_another_can_come() -> None:
    assert chosen({}, {}) == 0
    assert chosen({"demand": 0.1 / HOUR}, {}) == 1
    assert chosen({"demand": 0.1 / HOUR}, {"demand": 0.1 / HOUR}) == 0


def test_where_seats_are_held_later_rounds_choose() -> None:
    assert chosen({"demand": 0.1 / HOUR}, {}, hold_s=300.0) == 0


def test_only_hours_for_offers_can_be_missed() -> None:
    """The usual gig begins in an hour: who could be asked for ten minutes more misses nothing by it."""
    assert chosen({"demand": 0.1 / HOUR, "until": 600.0}, {"demand": 0.1 / HOUR}) == 0
    assert chosen({"demand": 0.1 / HOUR}, {"demand": 0.1 / HOUR, "until": 600.0}) == 1


@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 6))
def test_no_seat_stays_empty_for_what_might_come(seed: int, gigs: int, people: int) -> None:
    rng = np.random.default_rng(seed)
    near = [(g, s) for g in range(gigs) for s in range(people) if rng.random() < 0.5]
    pairs = edges(*({"gig": g, "slot": s, "travel": float(rng.integers(0, 900))} for g, s in near))
    wanted = rng.uniform(0, 10, people) / HOUR
    with_it, without = (
        plan(openings(*[{}] * gigs), slots(*({"demand": rate} for rate in rates)), pairs, EXACT, 0.0)
        for rates in (wanted.tolist(), [0.0] * people)
    )
    assert len(with_it.offers) == len(without.offers)
