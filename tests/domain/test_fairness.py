"""Shares, credits, and Jain's index."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.calendar import by_day, day_of
from gigmarket.domain.fairness import GROUPS, Standing, credit_s, jain, share_of, standing_now
from gigmarket.domain.ids import WorkerId
from gigmarket.domain.policy import DEFAULT, Policy
from gigmarket.domain.worker import Presence, Worker

NOON = datetime(2026, 7, 31, 4, tzinfo=UTC)
SECONDS = st.integers(0, 10**6)


def test_the_first_hour_counts_as_a_whole_one() -> None:
    assert share_of(Standing(60, 60), DEFAULT) == 60 / 3600
    assert share_of(Standing(7200, 3600), DEFAULT) == 0.5


@given(SECONDS, SECONDS)
def test_a_share_stays_in_its_range(available: int, worked: int) -> None:
    assert 0 <= share_of(Standing(available, worked), DEFAULT) <= 1.5


@given(st.floats(0, 10**6), st.floats(0, 10**6), st.integers(0, 14))
def test_who_waited_longer_is_never_credited_less(one: float, other: float, idle: int) -> None:
    shorter, longer = sorted((one, other))
    standing = Standing(idle_days=idle)
    none = frozenset[str]()
    assert credit_s(shorter, standing, none, DEFAULT) <= credit_s(longer, standing, none, DEFAULT)


@given(st.floats(0, DEFAULT.starving_after_s, exclude_max=True), st.integers(0, 14))
def test_nobody_gets_past_who_starves(waited: float, idle: int) -> None:
    everything = credit_s(waited, Standing(idle_days=idle), frozenset(GROUPS), DEFAULT)
    starving = credit_s(DEFAULT.starving_after_s, Standing(), frozenset(), DEFAULT)
    assert everything <= DEFAULT.waiting_cap_s + DEFAULT.idle_cap_s + DEFAULT.priority_s
    assert starving - everything >= DEFAULT.circle_most_s


def test_a_credit_is_the_sum_of_what_earned_it() -> None:
    policy = Policy(waiting_weight=0.5, waiting_cap_s=400, idle_day_s=60, idle_cap_s=100, priority_s=7)
    veteran, none = frozenset({"veteran"}), frozenset[str]()
    assert credit_s(100, Standing(idle_days=1), veteran, policy) == 50 + 60 + 7
    assert credit_s(100, Standing(idle_days=1), none, policy) == 50 + 60
    assert credit_s(900, Standing(idle_days=2), none, policy) == 400 + 100


@pytest.mark.parametrize(("beyond_s", "times"), [(-1, 0), (0, 1), (60, 2), (90, 2.5), (600, 11)])
def test_starving_grows_with_each_further_minute(beyond_s: int, times: float) -> None:
    policy = Policy(waiting_weight=0, starving_after_s=3600, starving_s=1000)
    assert credit_s(3600 + beyond_s, Standing(), frozenset(), policy) == 1000 * times


def test_groups_count_once_and_unknown_ones_not() -> None:
    nothing = Standing()
    assert credit_s(0, nothing, frozenset({"veteran", "older"}), DEFAULT) == DEFAULT.priority_s
    assert credit_s(0, nothing, frozenset({"friend"}), DEFAULT) == 0


def test_a_further_minute_of_starving_outweighs_any_way() -> None:
    waited = float(DEFAULT.starving_after_s)
    minute = credit_s(waited + 60, Standing(), frozenset(), DEFAULT) - credit_s(
        waited, Standing(), frozenset(), DEFAULT
    )
    assert minute > DEFAULT.circle_most_s


@given(st.lists(st.floats(0, 1.5), min_size=1, max_size=50))
def test_jains_index_is_between_one_nth_and_one(values: list[float]) -> None:
    assert 1 / len(values) - 1e-9 <= jain(values) <= 1 + 1e-9


def test_jain_at_its_ends() -> None:
    assert jain([]) == jain([0, 0]) == jain([3, 3, 3]) == 1
    assert jain([1, 0, 0, 0]) == 0.25


@given(st.integers(0, 10**12), st.integers(0, 400_000))
def test_days_hold_all_seconds_and_none_twice(after_us: int, length: int) -> None:
    begun = NOON + timedelta(microseconds=after_us)
    assert sum(by_day(begun, begun + timedelta(seconds=length)).values()) == length


def test_an_open_stretch_adds_its_days_and_no_more_than_the_policys() -> None:
    worker = Worker(WorkerId("w"), "张三", presence=Presence(True, NOON - timedelta(days=2)))
    told = standing_now(worker, Standing(last_worked=date(2026, 7, 1)), NOON, DEFAULT)
    assert told == Standing(2 * 86400, last_worked=date(2026, 7, 1), idle_days=2)
    long_ago = Worker(WorkerId("w"), "张三", presence=Presence(True, NOON - timedelta(days=40)))
    assert standing_now(long_ago, Standing(), NOON, DEFAULT).idle_days == DEFAULT.fairness_days - 1
    assert day_of(NOON) == date(2026, 7, 31)


def test_the_ledgers_days_without_work_count_on_and_a_day_with_work_is_none_of_them() -> None:
    yesterday, day = date(2026, 7, 30), timedelta(days=1)
    away = Worker(WorkerId("w"), "张三")
    assert standing_now(away, Standing(idle_days=3), NOON, DEFAULT).idle_days == 3
    here = Worker(WorkerId("w"), "张三", presence=Presence(True, NOON - day))
    assert standing_now(here, Standing(idle_days=3), NOON, DEFAULT).idle_days == 4
    assert standing_now(here, Standing(last_worked=yesterday - day), NOON, DEFAULT).idle_days == 1
    assert standing_now(here, Standing(last_worked=yesterday), NOON, DEFAULT).idle_days == 0


def test_work_under_way_ends_the_days_without_work() -> None:
    worker = Worker(WorkerId("w"), "张三")
    hour = timedelta(hours=1)
    told = standing_now(worker, Standing(7200, idle_days=3), NOON, DEFAULT, NOON - hour)
    assert told == Standing(10_800, 3600, last_worked=date(2026, 7, 31))
