"""The filling is exact: its referees are OR-tools' flow and constraint solvers, strangers to ours."""

from dataclasses import dataclass
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python import min_cost_flow
from ortools.sat.python import cp_model
from scipy import optimize
from scipy.spatial import cKDTree

from gigmarket.domain.crew_filling import fill_with_crews
from gigmarket.domain.filling import Flags, Floats, Ints, fill
from gigmarket.domain.pruning import starved


@dataclass(frozen=True, slots=True)
class Market:
    """Edges with whole costs, seats per gig row, and the crew of each worker column."""

    gig: Ints
    worker: Ints
    cost: Floats
    seats: Ints
    crew: Ints

    def only(self, edges: Flags) -> "Market":
        """The same market with fewer edges."""
        return Market(self.gig[edges], self.worker[edges], self.cost[edges], self.seats, self.crew)

    def filled(self) -> Ints:
        """Our answer without crews."""
        return fill(self.gig, self.worker, self.cost, self.seats)

    def worth(self, chosen: Ints) -> tuple[int, int]:
        """Seats filled and their summed cost, of edges that are an assignment and stand in order."""
        assert (np.diff(chosen) > 0).all()
        assert (np.bincount(self.gig[chosen], minlength=len(self.seats)) <= self.seats).all()
        assert len(np.unique(self.worker[chosen])) == len(chosen)
        return len(chosen), round(float(self.cost[chosen].sum()))


def by_flow(market: Market) -> tuple[int, int]:
    """The same worth by min-cost flow: source → gig (its seats) → worker (one) → sink."""
    flow = min_cost_flow.SimpleMinCostFlow()
    gigs, workers = len(market.seats), len(market.crew)
    for gig, seats in enumerate(market.seats.tolist()):
        flow.add_arc_with_capacity_and_unit_cost(0, 2 + gig, seats, 0)
    for worker in range(workers):
        flow.add_arc_with_capacity_and_unit_cost(2 + gigs + worker, 1, 1, 0)
    flow.add_arcs_with_capacity_and_unit_cost(
        2 + market.gig, 2 + gigs + market.worker, np.ones_like(market.gig), market.cost.astype(np.int64)
    )
    flow.set_node_supply(0, workers)
    flow.set_node_supply(1, -workers)
    assert flow.solve_max_flow_with_min_cost() == flow.OPTIMAL
    return flow.maximum_flow(), flow.optimal_cost()


def by_constraints(market: Market) -> tuple[int, int]:
    """The same worth with crews, by CP-SAT."""
    model = cp_model.CpModel()
    edges = list(
        zip(market.gig.tolist(), market.worker.tolist(), market.cost.astype(int).tolist(), strict=True)
    )
    takes = [model.new_bool_var("") for _ in edges]
    for gig, seats in enumerate(market.seats.tolist()):
        model.add(sum(take for take, edge in zip(takes, edges, strict=True) if edge[0] == gig) <= seats)
    for worker in range(len(market.crew)):
        model.add(sum(take for take, edge in zip(takes, edges, strict=True) if edge[1] == worker) <= 1)
    for crew in set(market.crew[market.crew >= 0].tolist()):
        for gig in range(len(market.seats)):
            there = [
                sum(take for take, edge in zip(takes, edges, strict=True) if edge[:2] == (gig, worker))
                for worker in np.flatnonzero(market.crew == crew).tolist()
            ]
            for one, other in pairwise(there):
                model.add(one == other)
    heavy = 1 + sum(abs(cost) for *_, cost in edges)
    model.maximize(sum(take * (heavy - edge[2]) for take, edge in zip(takes, edges, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    chosen = [edge for take, edge in zip(takes, edges, strict=True) if solver.value(take)]
    return len(chosen), sum(edge[2] for edge in chosen)


def market(
    seed: int, gigs: int, workers: int, chance: float, most_seats: int, costs: tuple[int, int]
) -> Market:
    """Random seats (some gigs have none left), edges in random order, and crews of two and three."""
    rng = np.random.default_rng(seed)
    gig, worker = np.nonzero(rng.random((gigs, workers)) < chance)
    order = rng.permutation(len(gig))
    cost = rng.integers(costs[0], costs[1], len(gig), endpoint=True).astype(np.float64)
    crew = np.where(rng.random(workers) < 0.5, rng.integers(0, max(1, workers // 4), workers), -1)
    return Market(gig[order], worker[order], cost, rng.integers(0, most_seats, gigs, endpoint=True), crew)


def clustered(seed: int, gigs: int, workers: int) -> Market:
    """Gigs stand around few places and workers around others: who is near one gig is near them all."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 4_000, (6, 2))
    sites = places[rng.integers(0, 3, gigs)] + rng.normal(0, 150, (gigs, 2))
    homes = places[rng.integers(0, 6, workers)] + rng.normal(0, 400, (workers, 2))
    near = cKDTree(sites).sparse_distance_matrix(cKDTree(homes), 3_500, output_type="ndarray")
    order = np.lexsort((near["v"], near["i"]))
    seats = rng.integers(1, 3, gigs, endpoint=True)
    gig, worker = near["i"][order].astype(np.int64), near["j"][order].astype(np.int64)
    return Market(gig, worker, np.rint(near["v"][order]), seats, np.full(workers, -1))


def rank_by(row: Ints, cost: Floats) -> Ints:
    """How many edges of the same row are cheaper."""
    order = np.lexsort((cost, row))
    starts = np.searchsorted(row[order], row[order])
    rank = np.empty(len(row), dtype=np.int64)
    rank[order] = np.arange(len(row)) - starts
    return rank


COSTS = [(0, 900), (-600, 900), (-600, -1), (0, 1), (7, 7), (-(10**9), 10**9)]


@given(
    st.integers(0, 2**32),
    st.integers(1, 60),
    st.integers(1, 80),
    st.sampled_from([0.01, 0.03, 0.1, 0.5, 1.0]),
    st.sampled_from([1, 3, 50]),
    st.sampled_from(COSTS),
)
@settings(max_examples=200)
def test_random_markets_against_the_flow_solver(
    seed: int, gigs: int, workers: int, chance: float, most_seats: int, costs: tuple[int, int]
) -> None:
    found = market(seed, gigs, workers, chance, most_seats, costs)
    assert found.worth(found.filled()) == by_flow(found)


@pytest.mark.parametrize(("gigs", "workers"), [(60, 1500), (150, 300), (200, 150), (400, 2000)])
def test_clustered_markets_against_the_flow_solver(gigs: int, workers: int) -> None:
    found = clustered(gigs, gigs, workers)
    assert found.worth(found.filled()) == by_flow(found)


@given(st.integers(0, 2**32), st.integers(2, 40), st.integers(150, 400), st.sampled_from([(0, 9), (0, 900)]))
@settings(max_examples=60, deadline=None)
def test_plentiful_markets_against_the_flow_solver(
    seed: int, gigs: int, workers: int, costs: tuple[int, int]
) -> None:
    found = market(seed, gigs, workers, 0.15, 4, costs)
    assert found.worth(found.filled()) == by_flow(found)


@given(
    st.integers(0, 2**32),
    st.integers(1, 5),
    st.integers(2, 10),
    st.sampled_from([0.3, 0.7, 1.0]),
    st.sampled_from([2, 4]),
    st.sampled_from(COSTS[:-1]),
)
@settings(max_examples=80)
def test_crews_come_whole_or_not_at_all(
    seed: int, gigs: int, workers: int, chance: float, most_seats: int, costs: tuple[int, int]
) -> None:
    found = market(seed, gigs, workers, chance, most_seats, costs)
    chosen = fill_with_crews(found.gig, found.worker, found.cost, found.seats, found.crew)
    assert found.worth(chosen) == by_constraints(found)
    for crew in set(found.crew[found.crew >= 0].tolist()):
        sent = found.gig[chosen][found.crew[found.worker[chosen]] == crew]
        assert len(sent) in (0, np.count_nonzero(found.crew == crew))
        assert len(set(sent.tolist())) <= 1


def ints(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)


def floats(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def test_nothing_to_fill() -> None:
    assert fill(ints(), ints(), floats(), ints()).tolist() == []
    assert fill_with_crews(ints(), ints(), floats(), ints(3, 0), ints()).tolist() == []
    assert fill(ints(0, 1), ints(0, 0), floats(5, 6), ints(0, 0)).tolist() == []
    assert fill_with_crews(ints(0, 0), ints(0, 1), floats(5, 6), ints(0), ints(0, 0)).tolist() == []


def test_one_gig_takes_its_cheapest() -> None:
    cost = floats(5, -2, 9, 1)
    assert fill(ints(3, 3, 3, 3), ints(7, 8, 9, 4), cost, ints(0, 0, 0, 2)).tolist() == [1, 3]
    assert fill(ints(0, 0, 0, 0), ints(7, 8, 9, 4), cost, ints(99)).tolist() == [0, 1, 2, 3]


def test_whom_nobody_else_asked_for_first_is_handed_over_where_that_costs_less() -> None:
    # Gigs 1 and 2 both want worker 1, gig 0 alone wants worker 0; moving that one to gig 1 costs 2 + 3 more,
    # any other way for gig 1 or 2 costs 90.
    gig, worker = ints(0, 0, 1, 1, 1, 2, 2), ints(0, 4, 1, 0, 5, 1, 6)
    cost = floats(1, 3, 1, 4, 91, 1, 91)
    assert fill(gig, worker, cost, ints(1, 1, 1)).tolist() == [1, 3, 5]
    # Where that costs more he stays.
    assert fill(gig, worker, floats(1, 99, 1, 4, 91, 1, 92), ints(1, 1, 1)).tolist() == [0, 4, 5]
    # Filling comes first: gig 1 has nobody but the two.
    assert fill(
        gig[[0, 1, 2, 3, 5]], worker[[0, 1, 2, 3, 5]], floats(1, 999, 1, 4, 1), ints(1, 1, 1)
    ).tolist() == [
        1,
        3,
        4,
    ]


def test_filling_comes_before_cost() -> None:
    assert fill(ints(0, 0, 1), ints(0, 1, 0), floats(0, 1e12, 0), ints(1, 1)).tolist() == [1, 2]


def test_of_two_edges_between_the_same_two_the_cheaper_is_taken() -> None:
    assert fill(ints(0, 0, 0), ints(5, 5, 6), floats(9, 3, 4), ints(2)).tolist() == [1, 2]
    assert fill(ints(0, 0, 1, 1), ints(5, 5, 5, 6), floats(9, 3, 4, 4), ints(2, 1)).tolist() == [1, 3]


def test_rows_and_columns_may_have_any_numbers() -> None:
    assert fill(ints(9, 2, 2), ints(10**12, 10**12, 5), floats(1, 1, 8), np.ones(10, np.int64)).tolist() == [
        0,
        2,
    ]


def test_a_crew_with_a_member_too_far_stays() -> None:
    crew = ints(0, 0, -1)
    assert fill_with_crews(ints(0, 0), ints(0, 2), floats(1, 9), ints(2), crew).tolist() == [1]


def test_a_crew_fills_more_than_a_cheaper_single_worker() -> None:
    crew = ints(0, 0, -1)
    assert fill_with_crews(ints(0, 0, 0), ints(0, 1, 2), floats(500, 500, 1), ints(2), crew).tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(3))
def test_equal_input_gives_equal_output(seed: int) -> None:
    found = market(seed, 30, 40, 0.3, 3, (0, 3))
    assert found.filled().tolist() == found.filled().tolist()


def test_the_nearest_alone_lose_seats_and_completed_lists_bring_them_back() -> None:
    """What field tests of clustered markets show: everybody's nearest workers are the same ones."""
    whole = clustered(1, 120, 700)
    rank = rank_by(whole.gig, whole.cost)
    nearest = whole.only(rank < 8)
    from_workers = whole.only((rank < 8) | (rank_by(whole.worker, whole.cost) < 4))
    most = len(whole.filled())
    assert len(nearest.filled()) < 0.95 * most
    assert len(from_workers.filled()) > len(nearest.filled())
    assert len(grown(whole, rank < 8)[0]) == most


def grown(whole: Market, edges: Flags) -> tuple[Ints, Market]:
    """Fill and complete the lists of the starved, until none are; the filling and its edges."""
    full = np.zeros(len(whole.seats), dtype=np.bool_)
    while True:
        part = whole.only(edges)
        chosen = part.filled()
        rows = starved(part.gig, part.worker, chosen, whole.seats, full)
        if not rows.size:
            return chosen, part
        assert not full[rows].any()
        full[rows] = True
        edges = edges | full[whole.gig]


@given(
    st.integers(0, 2**32),
    st.integers(1, 40),
    st.integers(1, 60),
    st.sampled_from([0.05, 0.2, 1.0]),
    st.integers(1, 4),
    st.integers(0, 4),
)
@settings(max_examples=100)
def test_when_nobody_is_starved_the_pruned_graph_fills_as_much(
    seed: int, gigs: int, workers: int, chance: float, most_seats: int, kept: int
) -> None:
    whole = market(seed, gigs, workers, chance, most_seats, (0, 900))
    chosen, part = grown(whole, rank_by(whole.gig, whole.cost) < kept)
    assert part.worth(chosen)[0] == by_flow(whole)[0]


def test_lists_no_seat_can_reach_stay_short() -> None:
    # Gig 0 lacks a worker; gig 1 has the one gig 0 could take, gig 2 and its worker stand apart.
    gig, worker, seats = ints(0, 1, 2), ints(0, 0, 1), ints(1, 1, 1)
    chosen = ints(1, 2)
    assert starved(gig, worker, chosen, seats, np.zeros(3, np.bool_)).tolist() == [0, 1]
    assert starved(gig, worker, chosen, seats, np.array([True, False, False])).tolist() == [1]


@pytest.mark.parametrize("seed", range(12))
def test_a_town_with_crews_is_filled_as_by_the_oracle(seed: int) -> None:
    """Larger than the random graphs: here the relaxed program is often not whole."""
    found = clustered(seed, 25, 120)
    rng = np.random.default_rng(seed)
    crew = np.where(rng.random(120) < 0.4, rng.integers(0, 20, 120), -1)
    town = Market(found.gig, found.worker, found.cost, rng.integers(1, 5, 25, endpoint=True), crew)
    chosen = fill_with_crews(town.gig, town.worker, town.cost, town.seats, town.crew)
    assert town.worth(chosen) == by_constraints(town)


def test_where_it_would_take_too_long_the_best_that_is_known_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each crew whole, no seat overfilled, whatever HiGHS comes back with."""
    monkeypatch.setattr(optimize, "milp", lambda *_, **__: SimpleNamespace(x=None))
    for seed in range(12):
        found = clustered(seed, 25, 120)
        rng = np.random.default_rng(seed)
        crew = np.where(rng.random(120) < 0.4, rng.integers(0, 20, 120), -1)
        town = Market(found.gig, found.worker, found.cost, rng.integers(1, 5, 25, endpoint=True), crew)
        chosen = fill_with_crews(town.gig, town.worker, town.cost, town.seats, town.crew)
        filled, _ = town.worth(chosen)
        assert filled >= 0.9 * by_constraints(town)[0]
        sizes = np.bincount(crew[crew >= 0], minlength=20)
        for name in np.unique(crew[town.worker[chosen]]).tolist():
            sent = town.gig[chosen][crew[town.worker[chosen]] == name]
            assert name < 0 or (len(sent) == sizes[name] and len(set(sent.tolist())) == 1)
