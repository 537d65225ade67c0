"""`round_growth`: the same round in cities of 5,000, 50,000 (the floor) and 500,000 workers (the value)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from gigmarket.process import keep_freed_memory
from loadtests.report import Result, quiet_collector, versions
from loadtests.scenarios import round as one_round


@dataclass(frozen=True, slots=True)
class Size:
    """Three numbers of workers, and how many gigs and seats there always are."""

    workers: tuple[int, int, int] = (5_000, 50_000, 500_000)
    gigs: int = 1_000
    seats: int = 2_000
    turns: int = 5


FULL = Size()
TINY = Size(workers=(30, 300, 600), gigs=10, seats=20, turns=2)


def run(size: Size = FULL) -> dict[str, Any]:
    """Milliseconds of a round in the largest city, against the middle one."""
    quiet_collector()
    keep_freed_memory()
    found = {workers: _median_ms(workers, size) for workers in size.workers}
    _, floor, value = found.values()
    detail = {
        "gigs": size.gigs,
        "seats": size.seats,
        "ms_by_workers": {str(workers): round(ms, 3) for workers, ms in found.items()},
        "versions": versions("numpy", "scipy"),
    }
    result = Result("round_growth", round(value, 3), round(floor, 3), round(value / floor, 3), "ms", detail)
    return result.as_dict()


def _median_ms(workers: int, size: Size) -> float:
    where = one_round.town(one_round.Size(workers, size.gigs, size.seats))
    roster = one_round.roster_of(where.everyone)
    one_round.timed(roster, where)
    return median(one_round.timed(roster, where) for _ in range(size.turns))
