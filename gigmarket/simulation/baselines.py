"""The two baselines of the contract: greedy-nearest and first-come-first-served.

Both see only workers with no unfinished assignment, and act at every posting and whenever a worker becomes
free (comes in, or ends his work).
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable

import numpy as np

from gigmarket.domain.policy import Policy
from gigmarket.simulation.world import Booking, Columns, Floats, Ints, Outcome, Ways

Order = Callable[["Idle", Ints, Floats], int]
"""Which of several possible workers is asked, given their rows (ascending) and seconds of travel."""


class Idle:
    """Where every worker is, and since when he is free; only workers with `free` set are seen."""

    def __init__(self, columns: Columns) -> None:
        self.free = np.zeros(len(columns.workers), dtype=np.bool_)
        self.since = columns.begins.copy()
        self.lat = columns.home_lat.copy()
        self.lng = columns.home_lng.copy()


def nearest(_: Idle, rows: Ints, travel_s: Floats) -> int:
    """The place in `rows` of the worker with the shortest way; the lower id among equals."""
    return int(np.argmin(travel_s))


def free_longest(idle: Idle, rows: Ints, _: Floats) -> int:
    """The place in `rows` of the worker who has been free longest; the lower id among equals."""
    return int(np.argmin(idle.since[rows]))


def run_baseline(columns: Columns, ways: Ways, policy: Policy, order: Order) -> Outcome:
    """A whole day under a baseline: each open gig, in posting order, gets `order`'s worker for each seat.

    Between two events nothing changes to the better for any pair seen before: only new gigs and workers who
    just became free are looked at.
    """
    began = time.perf_counter()
    day = BaselineDay(columns, ways, policy, order)
    while day.events:
        day.step()
    return Outcome(tuple(day.bookings), day.rounds, time.perf_counter() - began)


class BaselineDay:
    """A day under a baseline, moment by moment; `bookings` grow as offers are made."""

    def __init__(self, columns: Columns, ways: Ways, policy: Policy, order: Order) -> None:
        self.columns, self.ways, self.order = columns, ways, order
        self.latest = columns.starts + policy.late_start_s
        self.idle = Idle(columns)
        self.open: dict[int, int] = {}
        self.bookings: list[Booking] = []
        self.rounds = 0
        gigs = [(at, 0, row) for row, at in enumerate(columns.posted.tolist())]
        workers = [(at, 1, row) for row, at in enumerate(columns.begins.tolist())]
        self.events = gigs + workers
        heapq.heapify(self.events)

    def until(self, now: float) -> None:
        """Everything that happens up to and at this moment."""
        while self.events and self.events[0][0] <= now:
            self.step()

    def step(self) -> None:
        """Everything that happens at the next moment, then one round."""
        now = self.events[0][0]
        posted, freed = set(), []
        while self.events and self.events[0][0] == now:
            _, kind, row = heapq.heappop(self.events)
            if kind == 0:
                posted.add(row)
                self.open[row] = int(self.columns.seats[row])
            else:
                self.idle.free[row] = True
                freed.append(row)
        self._close(now)
        self.rounds += 1
        for gig in sorted(self._touched(posted, freed)):
            self._fill(gig, now)

    def _close(self, now: float) -> None:
        for gig in [gig for gig in self.open if self.latest[gig] < now]:
            del self.open[gig]
        self.idle.free &= self.columns.until > now

    def _touched(self, posted: set[int], freed: list[int]) -> set[int]:
        touched = {gig for gig in posted if gig in self.open}
        gigs: Ints = np.array(list(self.open), dtype=np.int64)
        if gigs.size:
            for worker in freed:
                lat, lng = float(self.idle.lat[worker]), float(self.idle.lng[worker])
                travel = self.ways.to_sites(gigs, int(self.columns.mode[worker]), lat, lng)
                touched.update(gigs[np.isfinite(travel)].tolist())
        return touched

    def _fill(self, gig: int, now: float) -> None:
        rows: Ints = np.flatnonzero(self.idle.free)
        rows = rows[self.columns.willing(np.array([gig]), rows)[0]]
        travel = self.ways.to_site(gig, self.columns.mode[rows], self.idle.lat[rows], self.idle.lng[rows])
        possible = now + travel <= self.latest[gig]
        rows, travel = rows[possible], travel[possible]
        while self.open.get(gig) and rows.size:
            at = self.order(self.idle, rows, travel)
            self._book(gig, int(rows[at]), float(travel[at]), now)
            rows, travel = np.delete(rows, at), np.delete(travel, at)

    def _book(self, gig: int, worker: int, travel_s: float, now: float) -> None:
        columns = self.columns
        leaves = max(now, float(columns.starts[gig]) - travel_s)
        begins = max(leaves + travel_s, float(columns.starts[gig]))
        ends = begins + float(columns.length[gig])
        self.bookings.append(Booking(gig, worker, now, leaves, travel_s, begins, ends))
        self.open[gig] -= 1
        if not self.open[gig]:
            del self.open[gig]
        self.idle.free[worker] = False
        self.idle.since[worker] = ends
        self.idle.lat[worker] = columns.site_lat[gig]
        self.idle.lng[worker] = columns.site_lng[gig]
        heapq.heappush(self.events, (ends, 1, worker))
