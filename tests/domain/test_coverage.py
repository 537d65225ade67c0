"""Coverage counts everybody once, and the greedy choice of stations keeps its promise."""

import math
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gigmarket.domain.coverage import (
    Pick,
    Share,
    blurred,
    cell_codes,
    cell_of_code,
    code_of,
    greedy,
    people_by_cell,
)
from gigmarket.domain.geo import Position, cell_of

SITES, CELLS = 6, 8
reaches = arrays(np.bool_, (SITES, CELLS))
crowds = arrays(np.float64, CELLS, elements=st.integers(0, 20).map(float))
already = arrays(np.bool_, CELLS)


def added(sites: tuple[int, ...], matrix: np.ndarray, people: np.ndarray, covered: np.ndarray) -> float:
    """People newly covered by these sites together."""
    if not sites:
        return 0.0
    return float(people[matrix[list(sites)].any(axis=0) & ~covered].sum())


@given(reaches, crowds, already, st.integers(0, 4))
def test_greedy_reaches_its_share_of_the_best(
    matrix: np.ndarray, people: np.ndarray, covered: np.ndarray, most: int
) -> None:
    picks = greedy(matrix, people, covered, most)
    got = sum(pick.gained for pick in picks)
    best = max(added(sites, matrix, people, covered) for sites in combinations(range(SITES), most))
    assert (1 - 1 / math.e) * best - 1e-9 <= got <= best + 1e-9


@given(reaches, crowds, already)
def test_nobody_is_counted_twice(matrix: np.ndarray, people: np.ndarray, covered: np.ndarray) -> None:
    picks = greedy(matrix, people, covered, SITES)
    chosen = tuple(pick.site for pick in picks)
    assert len(set(chosen)) == len(chosen)
    assert sum(pick.gained for pick in picks) == added(chosen, matrix, people, covered)
    assert sum(pick.gained for pick in picks) <= people[~covered].sum()
    gains = [pick.gained for pick in picks]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)


@given(crowds, already)
def test_a_share_adds_up_and_never_tells_one_or_two(people: np.ndarray, covered: np.ndarray) -> None:
    share = Share.of(people, covered)
    for count in (share.total, share.within, share.beyond):
        assert count is None or count == 0 or count >= 3
    if share.within is not None and share.beyond is not None:
        assert share.within + share.beyond == share.total == people.sum()
    assert (share.share is None) == (people.sum() < 3)


def test_the_first_of_equals_is_taken_and_the_rest_only_for_what_is_left() -> None:
    matrix = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
    people = np.array([5.0, 5.0, 4.0, 0.0])
    nobody = np.zeros(4, dtype=bool)
    assert greedy(matrix, people, nobody, 4) == [Pick(0, 10.0), Pick(2, 4.0)]
    assert greedy(matrix, people, np.array([True, True, False, False]), 1) == [Pick(2, 4.0)]
    assert greedy(np.zeros((0, 4), dtype=bool), people, nobody, 3) == []


def test_few_are_blurred() -> None:
    assert [blurred(n) for n in (0, 1, 2, 3, 40)] == [0, None, None, 3, 40]
    crowd = np.array([10.0, 1.0])
    assert Share.of(crowd, np.array([True, False])) == Share(11, 10, None, 0.91)
    assert Share.of(np.array([2.0]), np.array([True])) == Share(None, None, None, None)
    assert Share.of(np.zeros(0), np.zeros(0, dtype=bool)) == Share(0, None, None, None)


@given(
    st.lists(
        st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from([125.0, 500.0, 2000.0])), min_size=1
    )
)
def test_many_cells_at_once_are_the_same_cells(places: list[tuple[float, float, float]]) -> None:
    for lat, lng, size in places:
        (code,) = cell_codes(np.array([lat]), np.array([lng]), size).tolist()
        cell = cell_of(Position(lat, lng), size)
        assert cell_of_code(code) == cell
        assert code_of(cell) == code


def test_people_are_summed_by_cell() -> None:
    here, there = Position(28.05, 115.54), Position(28.15, 115.54)
    found = people_by_cell([(here.lat, here.lng, 2.0), (here.lat, here.lng, 3.5), (there.lat, there.lng, 7.0)])
    assert found == {cell_of(here): 5.5, cell_of(there): 7.0}
    assert people_by_cell([]) == {}
