"""The assignment is exact: brute force and an outside min-cost-flow solver are its referees."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python import min_cost_flow

from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.matching import assign

Edge = tuple[GigId, WorkerId, float]
Value = tuple[int, float]
"""Seats filled and their summed cost: more seats first, then less cost."""


def value_of(seats: Mapping[GigId, int], edges: Sequence[Edge], chosen: Mapping[WorkerId, GigId]) -> Value:
    """What an assignment is worth, once it is known to be one."""
    cost = {(gig, worker): cost for gig, worker, cost in edges}
    taken = Counter(chosen.values())
    assert all(taken[gig] <= seats[gig] for gig in taken)
    return len(chosen), sum(cost[gig, worker] for worker, gig in chosen.items())


def brute_force(seats: Mapping[GigId, int], edges: Sequence[Edge]) -> Value:
    """The best of all assignments, each of them looked at."""
    options: dict[WorkerId, list[tuple[GigId | None, float]]] = {}
    for gig, worker, cost in edges:
        options.setdefault(worker, [(None, 0.0)]).append((gig, cost))
    best = (0, 0.0)
    for choice in product(*options.values()):
        taken = Counter(gig for gig, _ in choice if gig is not None)
        if all(taken[gig] <= seats[gig] for gig in taken):
            found = (taken.total(), sum(cost for _, cost in choice))
            best = min(best, found, key=lambda value: (-value[0], value[1]))
    return best


def referee(seats: Mapping[GigId, int], edges: Sequence[Edge]) -> Value:
    """The same by OR-tools: source → gig (its seats) → worker (one) → sink."""
    gigs = {gig: i + 2 for i, gig in enumerate(dict.fromkeys(gig for gig, _, _ in edges))}
    names = dict.fromkeys(worker for _, worker, _ in edges)
    workers = {worker: i + 2 + len(gigs) for i, worker in enumerate(names)}
    flow = min_cost_flow.SimpleMinCostFlow()
    for gig, node in gigs.items():
        flow.add_arc_with_capacity_and_unit_cost(0, node, seats[gig], 0)
    for node in workers.values():
        flow.add_arc_with_capacity_and_unit_cost(node, 1, 1, 0)
    for gig, worker, cost in edges:
        flow.add_arc_with_capacity_and_unit_cost(gigs[gig], workers[worker], 1, int(cost))
    flow.set_node_supply(0, len(workers))
    flow.set_node_supply(1, -len(workers))
    assert flow.solve_max_flow_with_min_cost() == flow.OPTIMAL
    return flow.maximum_flow(), float(flow.optimal_cost())


def city(
    rng: random.Random, gigs: int, workers: int, chance: float, most_seats: int, costs: tuple[int, int]
) -> tuple[dict[GigId, int], list[Edge]]:
    """Random headcounts and edges with whole costs, in a random order."""
    seats = {GigId(f"g{i}"): rng.randint(1, most_seats) for i in range(gigs)}
    edges = [
        (gig, WorkerId(f"w{i}"), float(rng.randint(*costs)))
        for gig in seats
        for i in range(workers)
        if rng.random() < chance
    ]
    rng.shuffle(edges)
    return seats, edges


@given(
    st.randoms(use_true_random=False),
    st.integers(1, 4),
    st.integers(1, 5),
    st.sampled_from([0.3, 0.6, 1.0]),
    st.integers(1, 3),
)
def test_small_graphs_against_every_assignment_there_is(
    rng: random.Random, gigs: int, workers: int, chance: float, most_seats: int
) -> None:
    seats, edges = city(rng, gigs, workers, chance, most_seats, (-5, 5))
    best = brute_force(seats, edges)
    assert value_of(seats, edges, assign(seats, edges)) == best
    assert referee(seats, edges) == best


@given(
    st.integers(0, 2**32),
    st.integers(1, 60),
    st.integers(1, 80),
    st.sampled_from([0.01, 0.03, 0.1, 0.5, 1.0]),
    st.sampled_from([1, 3, 50]),
    st.sampled_from([(0, 900), (-600, 900), (-600, -1), (0, 1), (7, 7)]),
)
@settings(max_examples=150, deadline=None)
def test_random_cities_against_the_flow_solver(
    seed: int, gigs: int, workers: int, chance: float, most_seats: int, costs: tuple[int, int]
) -> None:
    seats, edges = city(random.Random(seed), gigs, workers, chance, most_seats, costs)
    assert value_of(seats, edges, assign(seats, edges)) == referee(seats, edges)


@pytest.mark.parametrize("seed", range(3))
def test_a_full_city_against_the_flow_solver(seed: int) -> None:
    seats, edges = city(random.Random(seed), 60, 80, 0.15, 4, (-600, 900))
    assert value_of(seats, edges, assign(seats, edges)) == referee(seats, edges)


@given(st.integers(0, 2**32))
def test_the_same_graph_gives_the_same_assignment(seed: int) -> None:
    seats, edges = city(random.Random(seed), 10, 15, 0.3, 3, (0, 3))
    assert assign(seats, edges) == assign(seats, edges)


G1, G2 = GigId("g1"), GigId("g2")
W1, W2, W3 = WorkerId("w1"), WorkerId("w2"), WorkerId("w3")


def test_no_edges_no_assignment() -> None:
    assert assign({G1: 3}, []) == {}


def test_a_gig_without_seats_takes_nobody() -> None:
    assert assign({G1: 0}, [(G1, W1, 1.0)]) == {}
    assert assign({G1: 0, G2: 1}, [(G1, W1, 1.0), (G2, W1, 9.0)]) == {W1: G2}


def test_a_headcount_is_a_capacity() -> None:
    edges = [(G1, W1, 3.0), (G1, W2, 1.0), (G1, W3, 2.0)]
    assert assign({G1: 2}, edges) == {W2: G1, W3: G1}
    assert assign({G1: 50}, edges) == {W1: G1, W2: G1, W3: G1}


def test_a_third_seat_is_worth_any_travel() -> None:
    edges = [(G1, W1, 0.0), (G1, W2, 899.0), (G2, W1, 900.0)]
    assert assign({G1: 1, G2: 1}, edges) == {W2: G1, W1: G2}
