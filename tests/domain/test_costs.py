"""What a match costs: tied time, work had, waiting, the draw between alike costs, and the due time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.costs import drawn, offer_at, waiting_s, weigh
from gigmarket.domain.fairness import Standing, credit_s
from gigmarket.domain.policy import Policy

POLICY = Policy()
PLAIN = replace(POLICY, early_weight=0.5, hours_weight=0.25, share_weight_s=1000, share_hours_weight=0.125)
SECONDS = st.floats(0, 1e5)
SHARES = st.floats(0, 1.5)


def test_travel_waiting_at_the_site_and_work_are_tied_time() -> None:
    assert weigh(600.0, 0.0, 0.0, 0.0, PLAIN) == 600.0
    assert weigh(0.0, 600.0, 0.0, 0.0, PLAIN) == 300.0
    assert weigh(0.0, 0.0, 600.0, 0.0, PLAIN) == 150.0


def test_work_had_counts_by_its_square_and_with_the_length_of_the_work() -> None:
    assert weigh(0.0, 0.0, 0.0, 0.5, PLAIN) == 250.0
    assert weigh(0.0, 0.0, 800.0, 0.5, PLAIN) == 200.0 + 250.0 + 50.0


@given(SECONDS, SECONDS, SECONDS, SHARES, SHARES)
def test_who_had_more_work_never_costs_less(
    travel: float, early: float, length: float, one: float, other: float
) -> None:
    less, more = sorted((one, other))
    assert weigh(travel, early, length, less, POLICY) <= weigh(travel, early, length, more, POLICY)


@given(st.lists(st.tuples(SECONDS, SECONDS, SECONDS, SHARES), min_size=1, max_size=5))
def test_columns_cost_what_single_matches_cost(rows: list[tuple[float, float, float, float]]) -> None:
    travel, early, length, share = (np.array(column) for column in zip(*rows, strict=True))
    alone = [weigh(a, b, c, d, POLICY) for a, b, c, d in rows]
    assert weigh(travel, early, length, share, POLICY).tolist() == alone


@given(st.lists(st.floats(-10_000, 100_000), min_size=1, max_size=5))
def test_waiting_weighs_what_fairness_says(waited: list[float]) -> None:
    nothing: frozenset[str] = frozenset()
    alone = [credit_s(each, Standing(), nothing, POLICY) for each in waited]
    assert waiting_s(np.array(waited), POLICY).tolist() == pytest.approx(alone)


@pytest.mark.parametrize(
    ("waited", "credit"),
    [
        (-5.0, 0.0),
        (0.0, 0.0),
        (1000.0, 100.0),
        (6000.0, 600.0),
        (14_399.0, 600.0),
        (14_400.0, 600.0 + 3600.0),
        (14_460.0, 600.0 + 7200.0),
    ],
)
def test_waiting_is_bounded_until_it_is_starving(waited: float, credit: float) -> None:
    assert waiting_s(np.array([waited]), POLICY).tolist() == [credit]


def test_costs_in_one_step_are_alike_and_the_ticket_decides() -> None:
    costs = np.array([600.0, 609.9, 610.0, -0.1])
    assert drawn(costs, np.zeros(4), POLICY).tolist() == [600.0, 600.0, 610.0, -10.0]
    assert drawn(costs, np.array([0.75, 0.5, 0.0, 0.25]), POLICY).tolist() == [607.5, 605.0, 610.0, -7.5]


def test_without_a_step_nothing_is_drawn() -> None:
    costs = np.array([600.0, 609.9])
    assert drawn(costs, np.array([0.9, 0.1]), replace(POLICY, alike_s=0)).tolist() == costs.tolist()


@pytest.mark.parametrize(
    ("leaves", "until", "hold_s", "due"),
    [(3000.0, np.inf, 1e6, 2970.0), (3000.0, 1000.0, 1e6, 970.0), (3000.0, 1000.0, 500.0, 600.0)],
    ids=["before the worker leaves", "before his offers end", "held long enough"],
)
def test_an_offer_is_due(leaves: float, until: float, hold_s: float, due: float) -> None:
    ends, posted, held = (np.array([moment]) for moment in (until, 100.0, hold_s))
    assert offer_at(np.array([leaves]), ends, posted, held, POLICY).tolist() == [due]
