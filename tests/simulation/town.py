"""Days small enough to work out by hand: places on one meridian, named by seconds on foot from the centre."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from gigmarket.domain.geo import EARTH_RADIUS_M, Mode, Position
from gigmarket.domain.policy import DEFAULT, Policy
from gigmarket.simulation.baselines import Order, nearest, run_baseline
from gigmarket.simulation.days import Day, DayGig, DayWorker
from gigmarket.simulation.ours import run_ours
from gigmarket.simulation.world import Booking, Columns, Ints, Outcome, ways_of
from gigmarket.travel.straight_line import SPEEDS, StraightLine

MORNING = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
DEGREES_PER_SECOND = SPEEDS[Mode.WALK].metres_per_second / (EARTH_RADIUS_M * 3.141592653589793 / 180)


def at(minutes: float) -> datetime:
    """Minutes after 8 in the morning."""
    return MORNING + timedelta(minutes=minutes)


def place(walk_s: float) -> Position:
    """So many seconds on foot north of the centre."""
    return Position(28.0 + walk_s * DEGREES_PER_SECOND, 115.5)


def gig(name: str, posted: float, starts: float, ends: float, walk_s: float = 0.0, **changes: Any) -> DayGig:
    """A porter's gig; times are minutes after 8."""
    usual: dict[str, Any] = {"trade": "porter", "headcount": 1, "wage_fen": 10_000}
    return DayGig(name, at(posted), at(starts), at(ends), place(walk_s), **{**usual, **changes})


def worker(
    name: str, walk_s: float = 0.0, begins: float = 0.0, until: float = 600.0, **changes: Any
) -> DayWorker:
    """A porter on foot, available for ten hours from 8."""
    usual: dict[str, Any] = {"trades": frozenset({"porter"}), "mode": Mode.WALK, "floor_wage_fen": 0}
    return DayWorker(name, at(begins), at(until), place(walk_s), **{**usual, **changes})


def columns(gigs: Sequence[DayGig], workers: Sequence[DayWorker]) -> Columns:
    """The day in columns."""
    return Columns(Day(tuple(gigs), tuple(workers)))


def ours(day: Columns, policy: Policy = DEFAULT) -> Outcome:
    """The day under the real matching, on straight lines."""
    return run_ours(day, ways_of(day, StraightLine(), policy.circle_s), policy)


def baseline(day: Columns, order: Order = nearest) -> Outcome:
    """The day under a baseline, on straight lines."""
    return run_baseline(day, ways_of(day, StraightLine(), DEFAULT.circle_s), DEFAULT, order)


def story(day: Columns, outcome: Outcome) -> list[tuple[str, str]]:
    """Who got which gig, in the order of the offers."""
    made = sorted(outcome.bookings, key=lambda booking: (booking.offered, booking.gig, booking.worker))
    return [(day.gigs[booking.gig].id, day.workers[booking.worker].id) for booking in made]


def minutes(moment: float) -> float:
    """Seconds since 1970 as minutes after 8, to a thousandth."""
    return round((moment - MORNING.timestamp()) / 60, 3)


def faults(day: Columns, outcome: Outcome, circle_s: float = 900.0) -> list[str]:
    """Every way in which an outcome breaks the contract's rules, worked out from the bookings alone."""
    found = []
    for gig_row in range(len(day.gigs)):
        if sum(booking.gig == gig_row for booking in outcome.bookings) > day.seats[gig_row]:
            found.append(f"{day.gigs[gig_row].id} is overfilled")
    for row in range(len(day.workers)):
        mine = sorted((b for b in outcome.bookings if b.worker == row), key=lambda b: b.begins)
        found += _faults_of(day, row, mine, circle_s)
    return found


def _faults_of(day: Columns, row: int, mine: Sequence[Booking], circle_s: float) -> list[str]:
    name, found = day.workers[row].id, []
    free, lat, lng = -float("inf"), day.home_lat[row], day.home_lng[row]
    ways = ways_of(day, StraightLine(), circle_s)
    for booking in mine:
        to = day.gigs[booking.gig]
        way_s = float(ways.to_sites(_rows(booking.gig), int(day.mode[row]), lat, lng)[0])
        leaves = max(booking.offered, free, day.starts[booking.gig] - way_s)
        begins = max(leaves + way_s, day.starts[booking.gig])
        rules = {
            "trade": to.trade in day.workers[row].trades,
            "wage": to.wage_fen >= day.workers[row].floor_wage_fen,
            "posted": booking.offered >= day.posted[booking.gig],
            "hours for offers": day.begins[row] <= booking.offered < day.until[row],
            "circle": way_s <= circle_s and abs(way_s - booking.travel_s) < 1e-6,
            "in time": leaves + way_s <= day.starts[booking.gig] + 900 + 1e-6,
            "leaves": abs(leaves - booking.leaves) < 1e-6,
            "begins": abs(begins - booking.begins) < 1e-6,
            "works whole": abs(booking.ends - booking.begins - day.length[booking.gig]) < 1e-6,
        }
        found += [f"{name} {to.id}: {rule}" for rule, kept in rules.items() if not kept]
        free, lat, lng = booking.ends, to.site.lat, to.site.lng
    return found


def _rows(row: int) -> Ints:
    return np.array([row], dtype=np.int64)
