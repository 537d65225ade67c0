"""Days from a seed: towns, gigs and workers of many kinds, for trying a policy before it is used."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from gigmarket.domain.geo import Mode, Position
from gigmarket.simulation.days import Day, DayGig, DayWorker

MIDNIGHT = datetime(2026, 5, 11, tzinfo=UTC) - timedelta(hours=8)
CENTRE = Position(28.06, 115.55)
TRADES = ("porter", "cleaner", "packer", "kitchen", "warehouse")
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Family:
    """What a kind of day looks like. Times are hours, distances metres; ranges are (least, most).

    `modes` and `rushes` are (value, weight) pairs: how workers travel, and the hours around which gigs start.
    """

    seats: int = 400
    workers: int = 100
    hours: tuple[float, float] = (1.0, 4.0)
    lead: tuple[float, float] = (0.0, 2.0)
    headcounts: tuple[int, int] = (1, 1)
    town_m: float = 8000.0
    clusters: int = 0
    cluster_m: float = 500.0
    gap_m: float = 0.0
    trades: int = 2
    modes: tuple[tuple[Mode, float], ...] = ((Mode.WALK, 1), (Mode.BICYCLE, 1), (Mode.EBIKE, 2))
    rushes: tuple[tuple[float, float], ...] = ()
    gig_hours: tuple[float, float] = (7.0, 19.0)
    shift: tuple[float, float] = (8.0, 12.0)
    arrive: tuple[float, float] = (6.0, 10.0)


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "scarce": Family(workers=80),
        "clustered": Family(workers=100, clusters=5),
        "clustered far": Family(workers=90, clusters=3, cluster_m=300, town_m=12_000, lead=(0.0, 1.0)),
        "errands": Family(seats=1200, workers=70, hours=(0.25, 0.75), lead=(0.0, 0.5), clusters=6),
        "same hour": Family(workers=90, hours=(1.0, 8.0), lead=(0.1, 1.0), clusters=4),
        "long lead": Family(workers=80, hours=(1.0, 8.0), lead=(1.0, 4.0)),
        "rush": Family(workers=120, rushes=((8.0, 1), (12.0, 1), (17.5, 2)), clusters=6, hours=(1.0, 3.0)),
        "two banks": Family(workers=100, gap_m=1500, town_m=6000, clusters=6),
        "crowds": Family(seats=600, workers=150, headcounts=(1, 8), clusters=8, hours=(2.0, 6.0)),
        "walkers": Family(workers=150, town_m=4000, modes=((Mode.WALK, 3), (Mode.BICYCLE, 1))),
        "riders": Family(workers=60, town_m=10_000, modes=((Mode.EBIKE, 3), (Mode.CAR, 1)), hours=(0.5, 2.0)),
        "short shifts": Family(workers=200, shift=(2.0, 5.0), arrive=(6.0, 16.0), clusters=5),
        "even": Family(workers=200, clusters=5),
        "plentiful": Family(workers=500, clusters=5),
    }
)
"""The kinds of day this policy was judged on: density, length, lead, headcount, travel, windows vary."""


def make_day(family: Family, seed: int) -> Day:
    """A day of this family; the same seed gives the same day in every process."""
    rng = np.random.default_rng(seed)
    centres = [_spot(rng, family) for _ in range(family.clusters)]
    return Day(_gigs(rng, family, centres), _workers(rng, family, centres))


def _spot(rng: Generator, family: Family) -> tuple[float, float]:
    x, y = rng.uniform(-family.town_m / 2, family.town_m / 2, 2)
    return x, y + math.copysign(family.gap_m / 2, y)


def _place(rng: Generator, family: Family, centres: list[tuple[float, float]], clustered: float) -> Position:
    x, y = _spot(rng, family)
    if centres and rng.random() < clustered:
        # Earlier centres draw more: towns have one busy market, not five equal ones.
        at = min(int(rng.exponential(len(centres) / 2)), len(centres) - 1)
        x, y = (centres[at][axis] + rng.normal(0, family.cluster_m) for axis in (0, 1))
    lng_m = METRES_PER_DEGREE * math.cos(math.radians(CENTRE.lat))
    return Position(round(CENTRE.lat + y / METRES_PER_DEGREE, 6), round(CENTRE.lng + x / lng_m, 6))


def _gigs(rng: Generator, family: Family, centres: list[tuple[float, float]]) -> tuple[DayGig, ...]:
    gigs: list[DayGig] = []
    seats = 0
    while seats < family.seats:
        headcount = min(int(rng.integers(family.headcounts[0], family.headcounts[1] + 1)), family.seats - seats)
        seats += headcount
        starts_at = MIDNIGHT + timedelta(minutes=round(_start_hour(rng, family) * 60))
        lead_s, length_min = rng.uniform(*family.lead) * 3600, round(rng.uniform(*family.hours) * 60)
        trade = TRADES[int(rng.integers(family.trades))]
        gigs.append(
            DayGig(
                id=f"g{len(gigs):05}",
                posted_at=starts_at - timedelta(seconds=round(lead_s)),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=length_min),
                site=_place(rng, family, centres, 0.8),
                trade=trade,
                headcount=headcount,
                wage_fen=2000 * length_min // 60,
            )
        )
    return tuple(gigs)


def _start_hour(rng: Generator, family: Family) -> float:
    if family.rushes and rng.random() < 0.75:
        weights = np.array([weight for _, weight in family.rushes], dtype=float)
        peak = family.rushes[int(rng.choice(len(weights), p=weights / weights.sum()))][0]
        return float(rng.normal(peak, 0.5))
    return float(rng.uniform(*family.gig_hours))


def _workers(rng: Generator, family: Family, centres: list[tuple[float, float]]) -> tuple[DayWorker, ...]:
    weights = np.array([weight for _, weight in family.modes], dtype=float)
    workers = []
    for i in range(family.workers):
        begins = MIDNIGHT + timedelta(minutes=round(rng.uniform(*family.arrive) * 60))
        count = int(rng.integers(1, family.trades + 1))
        chosen = rng.choice(family.trades, size=count, replace=False)
        workers.append(
            DayWorker(
                id=f"w{i:05}",
                available_from=begins,
                available_to=begins + timedelta(minutes=round(rng.uniform(*family.shift) * 60)),
                home=_place(rng, family, centres, 0.4),
                trades=frozenset(TRADES[int(trade)] for trade in chosen),
                mode=family.modes[int(rng.choice(len(weights), p=weights / weights.sum()))][0],
                floor_wage_fen=0,
            )
        )
    return tuple(workers)
