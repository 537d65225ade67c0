"""Seeded days: the baselines against a plain second writing, every rule in ours, and ours against greedy."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigmarket.domain.geo import Mode
from gigmarket.domain.policy import DEFAULT
from gigmarket.simulation.baselines import free_longest, nearest
from gigmarket.simulation.made import FAMILIES, Family, make_day
from gigmarket.simulation.report import figures
from gigmarket.simulation.world import Columns, Outcome, RoutedWays, StraightWays, ways_of
from gigmarket.travel.straight_line import StraightLine
from tests.simulation.naive import naive
from tests.simulation.town import baseline, faults, ours

SMALL = Family(seats=60, workers=20, clusters=3, headcounts=(1, 3), town_m=6000)

families = st.builds(
    Family,
    seats=st.integers(1, 60),
    workers=st.integers(0, 25),
    hours=st.sampled_from([(0.1, 0.5), (1.0, 8.0)]),
    lead=st.sampled_from([(0.0, 0.0), (0.0, 0.3), (0.0, 4.0)]),
    headcounts=st.sampled_from([(1, 1), (1, 6)]),
    town_m=st.sampled_from([1000.0, 8000.0]),
    clusters=st.integers(0, 3),
    trades=st.integers(1, 3),
    modes=st.sampled_from([((Mode.WALK, 1.0),), tuple((mode, 1.0) for mode in Mode)]),
    gig_hours=st.sampled_from([(7.0, 19.0), (12.0, 12.5)]),
    shift=st.sampled_from([(0.1, 2.0), (8.0, 12.0)]),
)


def told(day: Columns, outcome: Outcome) -> list[tuple[str, str, float]]:
    """The bookings as the plain writing tells them."""
    return [(day.gigs[b.gig].id, day.workers[b.worker].id, b.offered) for b in outcome.bookings]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["crowds", "errands", "short shifts", "two banks"])
def test_the_baselines_are_those_of_the_contract(name: str, seed: int) -> None:
    family = replace(FAMILIES[name], seats=80, workers=30)
    day = make_day(family, seed)
    columns = Columns(day)
    assert told(columns, baseline(columns, nearest)) == naive(day, fcfs=False)
    assert told(columns, baseline(columns, free_longest)) == naive(day, fcfs=True)


@given(families, st.integers(0, 2**32))
@settings(max_examples=60)
def test_no_rule_is_ever_broken(family: Family, seed: int) -> None:
    day = Columns(make_day(family, seed))
    assert faults(day, baseline(day)) == []
    assert faults(day, baseline(day, free_longest)) == []
    assert faults(day, ours(day)) == []


@pytest.mark.parametrize("name", ["clustered", "crowds"])
def test_a_day_repeats_itself(name: str) -> None:
    family = replace(FAMILIES[name], seats=120, workers=40)
    first, again = (Columns(make_day(family, 5)) for _ in range(2))
    assert ours(first).bookings == ours(again).bookings
    assert ours(first).bookings != ours(Columns(make_day(family, 6))).bookings


def test_the_order_of_the_files_does_not_matter() -> None:
    day = make_day(SMALL, 3)
    turned = replace(day, gigs=day.gigs[::-1], workers=day.workers[::-1])
    straight, other = Columns(day), Columns(turned)
    assert told(straight, ours(straight)) == told(other, ours(other))
    assert told(straight, baseline(straight)) == told(other, baseline(other))


def test_any_router_gives_the_day_that_straight_lines_give() -> None:
    day = Columns(make_day(SMALL, 4))
    assert isinstance(ways_of(day, StraightLine(), 900), StraightWays)
    from gigmarket.simulation.ours import run_ours

    routed = run_ours(day, RoutedWays(day, StraightLine(), 900), DEFAULT)
    assert told(day, routed) == told(day, ours(day))


@pytest.mark.parametrize("seed", range(700, 703))
@pytest.mark.parametrize("name", ["scarce", "clustered", "errands", "long lead", "crowds", "riders"])
def test_where_workers_are_scarce_ours_fills_more_with_less_travel(name: str, seed: int) -> None:
    family = FAMILIES[name]
    day = Columns(make_day(replace(family, seats=300, workers=family.workers * 300 // family.seats), seed))
    mine, greedy = figures(day, ours(day)), figures(day, baseline(day))
    assert mine["filled"] > greedy["filled"]
    assert mine["travel_s_mean"] < greedy["travel_s_mean"]


@pytest.mark.parametrize("seed", range(700, 703))
def test_where_workers_are_plenty_every_seat_is_filled_at_once(seed: int) -> None:
    day = Columns(make_day(replace(FAMILIES["plentiful"], arrive=(0.0, 4.0), gig_hours=(8.0, 12.0)), seed))
    mine, greedy = figures(day, ours(day)), figures(day, baseline(day))
    assert mine["filled"] >= greedy["filled"]
    assert mine["wait_s_p90"] == 0
