"""A round in columns: what is possible, what is filled, what is held and for how long."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from gigmarket.domain.costs import weigh
from gigmarket.domain.matching import Flags, Floats, Ints
from gigmarket.domain.planning import Board, Match, hold_s, plan_board
from gigmarket.domain.policy import Policy

POLICY = Policy(plenty=3, hold_far_s=600)


def board(travel: list[list[float]], **changes: Any) -> Board:
    """Gigs from 3600 to 7200, posted at 0, and slots free from 0 on without an end."""
    table = np.array(travel, dtype=float)
    gigs, slots = table.shape
    usual: dict[str, Any] = {
        "posted": np.zeros(gigs),
        "starts": np.full(gigs, 3600.0),
        "length": np.full(gigs, 3600.0),
        "latest": np.full(gigs, 4500.0),
        "seats": np.ones(gigs, dtype=np.int64),
        "free": np.zeros(slots),
        "before": np.full(slots, np.inf),
        "until": np.full(slots, np.inf),
        "share": np.zeros(slots),
        "demand": np.zeros(slots),
        "travel": table,
        "onward": np.zeros((gigs, slots)),
    }
    return Board(**{name: np.asarray(value) for name, value in {**usual, **changes}.items()})


@pytest.mark.parametrize(
    ("changes", "now", "may"),
    [
        ({}, 0.0, True),
        ({"travel": [[np.inf]]}, 0.0, False),
        ({}, 3900.0, True),
        ({}, 3901.0, False),
        ({"free": [3900.0]}, 0.0, True),
        ({"free": [3901.0]}, 0.0, False),
        ({"until": [10.0]}, 9.0, True),
        ({"until": [10.0]}, 10.0, False),
        ({"before": [7300.0], "onward": [[100.0]]}, 0.0, True),
        ({"before": [7300.0], "onward": [[101.0]]}, 0.0, False),
        # Arriving 100 s late ends the work 100 s late.
        ({"before": [7300.0], "onward": [[1.0]]}, 3100.0, False),
    ],
)
def test_possible(changes: dict[str, Any], now: float, may: bool) -> None:
    matches = plan_board(board(**{"travel": [[600.0]], **changes}), POLICY, now, 0.0)
    assert matches == ([Match(0, 0, now)] if may else [])


def test_a_match_is_due_before_the_worker_leaves() -> None:
    assert plan_board(board([[600.0]]), POLICY, 0.0, 1e6) == [Match(0, 0, 3600.0 - 600.0 - 30.0)]


def test_a_match_is_due_before_the_workers_offers_end_and_when_it_was_held_long_enough() -> None:
    ending = board([[600.0]], until=[1000.0])
    assert plan_board(ending, POLICY, 0.0, 1e6) == [Match(0, 0, 970.0)]
    assert plan_board(ending, POLICY, 0.0, 500.0) == [Match(0, 0, 500.0)]


def test_where_workers_are_plenty_nothing_is_held() -> None:
    assert plan_board(board([[600.0] * 3]), POLICY, 0.0, 1e6)[0].offer_at > 0
    assert plan_board(board([[600.0] * 4]), POLICY, 0.0, 1e6)[0].offer_at == 0


def test_the_shorter_gig_goes_first_where_one_worker_is_left() -> None:
    both = board([[300.0], [300.0]], length=[7200.0, 3600.0])
    assert [match.gig for match in plan_board(both, POLICY, 0.0, 0.0)] == [1]


def test_the_worker_with_less_work_goes_first_where_both_are_as_near() -> None:
    both = board([[300.0, 310.0]], share=[0.8, 0.2])
    assert [match.slot for match in plan_board(both, POLICY, 0.0, 0.0)] == [1]


def test_nothing_possible_plans_nothing() -> None:
    assert plan_board(board([[np.inf]]), POLICY, 0.0, 0.0) == []


def dense(flags: Flags, cost: Floats, seats: Ints) -> tuple[int, float]:
    """Seats filled and their summed cost by one dense assignment: a row per seat, dear cells for no pair."""
    rows = np.repeat(np.arange(len(seats)), seats)
    allowed, paid = flags[rows], cost[rows]
    seat, column = linear_sum_assignment(np.where(allowed, paid, 1e9))
    real = allowed[seat, column]
    return int(real.sum()), float(paid[seat[real], column[real]].sum())


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 15), st.sampled_from([0.1, 0.4, 1.0]))
def test_a_board_is_filled_as_one_dense_assignment_fills_it(
    seed: int, gigs: int, slots: int, chance: float
) -> None:
    rng = random.Random(seed)
    flags = np.array([[rng.random() < chance for _ in range(slots)] for _ in range(gigs)])
    travel = [[float(rng.randint(0, 900)) for _ in range(slots)] for _ in range(gigs)]
    table = board(
        np.where(flags, travel, np.inf).tolist(),
        length=[float(rng.randint(1, 8) * 3600) for _ in range(gigs)],
        share=[rng.random() for _ in range(slots)],
        seats=[rng.randint(1, 4) for _ in range(gigs)],
    )
    found = plan_board(table, POLICY, 0.0, 0.0)
    pairs = [(match.gig, match.slot) for match in found]
    assert all(flags[pair] for pair in pairs)
    assert all(sum(row == gig for row, _ in pairs) <= table.seats[gig] for gig in range(gigs))
    assert len({slot for _, slot in pairs}) == len(pairs)
    way = np.array(travel)
    early = np.maximum(table.starts[:, None] - way, 0.0)
    cost = weigh(way, early, table.length[:, None], table.share[None, :], POLICY)
    seats, least = dense(flags, cost, table.seats)
    assert len(found) == seats
    assert sum(cost[pair] for pair in pairs) == pytest.approx(least, abs=1e-6)


@pytest.mark.parametrize(
    ("nearest", "mine", "held"),
    [
        pytest.param([0.0] * 19, [], 300.0, id="nothing known yet"),
        pytest.param([0.0] * 20, [], 0.0, id="the nearest would have come at once"),
        pytest.param([1000.0] * 20, [], 1100.0, id="as long as under nearest-first, and a little"),
        pytest.param([1000.0] * 20, [2000.0] * 19, 1100.0, id="too few waits of our own to tell"),
        pytest.param([1000.0] * 20, [500.0] * 20, 1100.0, id="in good time"),
        pytest.param([1000.0] * 20, [1210.0] * 20, 880.0, id="a tenth too long, at twice the speed"),
        pytest.param([1000.0] * 20, [9000.0] * 20, 0.0, id="far too long"),
    ],
)
def test_how_long_a_seat_is_held(nearest: list[float], mine: list[float], held: float) -> None:
    policy = replace(POLICY, hold_first_s=300, hold_ratio=1.1, hold_brake=2.0)
    assert hold_s(np.array(nearest), np.array(mine), policy) == pytest.approx(held)
