"""Where workers will be and when they are free: stretches of time, and the ways from them to the open gigs."""

from __future__ import annotations

import numpy as np

from gigmarket.domain.policy import Policy
from gigmarket.simulation.demand import Demand
from gigmarket.simulation.world import Columns, Flags, Floats, Ints, Ways


class Slots:
    """Slot w (below the number of workers) is worker w's time after all he has promised; the others are gaps
    before a promised gig.

    A slot begins at `free` at (`lat`, `lng`) and ends at `before`, when the gig `following` begins (-1: none).
    Ways are kept for the open gigs only, one row each, so that memory follows the market and not the day.
    """

    def __init__(self, columns: Columns, ways: Ways) -> None:
        self.columns, self.ways = columns, ways
        count = len(columns.workers)
        self.worker: Ints = np.arange(count)
        self.free = columns.begins.copy()
        self.lat, self.lng = columns.home_lat.copy(), columns.home_lng.copy()
        self.before: Floats = np.full(count, np.inf)
        self.following: Ints = np.full(count, -1, dtype=np.int64)
        self._demand = Demand(columns, ways, count)
        self.open: list[int] = []
        self._row: dict[int, int] = {}
        self._spare: list[int] = []
        self._travel: Floats = np.full((16, count), np.inf)
        self._onward: Floats = np.zeros((16, count))

    def open_gig(self, gig: int, now: float) -> None:
        """Know the ways to a gig that was just posted, from every slot."""
        row = self._spare.pop() if self._spare else len(self._row)
        if row == len(self._travel):
            self._travel = np.vstack([self._travel, np.full_like(self._travel, np.inf)])
            self._onward = np.vstack([self._onward, np.zeros_like(self._onward)])
        self.open.append(gig)
        self._row[gig] = row
        mode = self.columns.mode[self.worker]
        travel = self.ways.to_site(gig, mode, self.lat, self.lng)
        willing = self.columns.willing(np.array([gig]), self.worker)[0]
        self._travel[row] = np.where(willing, travel, np.inf)
        near = np.isfinite(self._travel[row])
        able = near & self.usable(now) & (self.free <= self.columns.starts[gig])
        self._demand.add(gig, near, np.unique(self.worker[able]).size)
        self._onward[row] = 0.0
        for slot in np.flatnonzero(self.following >= 0).tolist():
            self._onward[row, slot] = self._way_on(np.array([gig]), int(slot))[0]

    def close_gig(self, gig: int) -> None:
        """Forget a gig that is filled or lost."""
        self.open.remove(gig)
        self._spare.append(self._row.pop(gig))

    def travel_s(self, gig: int, slot: int) -> float:
        """Seconds from a slot's place to an open gig; inf where it is not possible."""
        return float(self._travel[self._row[gig], slot])

    def onward_s(self, gig: int, slot: int) -> float:
        """Seconds from an open gig to the gig after the slot; 0 when there is none."""
        return float(self._onward[self._row[gig], slot])

    def tables(self, slots: Ints) -> tuple[Floats, Floats]:
        """Travel and onward seconds, open gigs × these slots."""
        cell = np.ix_(np.array([self._row[gig] for gig in self.open], dtype=np.int64), slots)
        return self._travel[cell], self._onward[cell]

    def demand(self, slots: Ints, now: float, policy: Policy) -> Floats:
        """Seats a second that fall to the workers of these slots, by the gigs posted so far."""
        for slot in self._demand.unknown(slots):
            self._demand.learn(slot, int(self.worker[slot]), float(self.lat[slot]), float(self.lng[slot]))
        return self._demand.per_second(slots, now, policy)

    def take(self, gig: int, slot: int, leaves: float, ends: float, now: float, least_gap_s: float) -> None:
        """Promise part of a slot: what is left of it is after the gig and, when long enough, before."""
        ready = max(now, float(self.free[slot]))
        here = (float(self.free[slot]), float(self.lat[slot]), float(self.lng[slot]))
        self._put(slot, ends, float(self.columns.site_lat[gig]), float(self.columns.site_lng[gig]))
        if leaves - ready >= least_gap_s:
            gap = self._gap(int(self.worker[slot]), now)
            self.before[gap] = self.columns.starts[gig]
            self.following[gap] = gig
            self._put(gap, *here)

    def bar(self, gig: int, worker: int) -> None:
        """Nobody works twice on one gig."""
        if gig in self._row:
            self._travel[self._row[gig], self.worker == worker] = np.inf

    def usable(self, now: float) -> Flags:
        """Slots that have begun to exist and are not over, by the worker's hours for offers and his plans."""
        begun = (self.columns.begins <= now) & (self.columns.until > now)
        flags: Flags = begun[self.worker] & (self.before > now)
        return flags

    def _gap(self, worker: int, now: float) -> int:
        over = np.flatnonzero(self.before <= now)
        if over.size:
            gap = int(over[0])
            self.worker[gap] = worker
            return gap
        self.worker = np.append(self.worker, worker)
        self.free, self.before = np.append(self.free, 0.0), np.append(self.before, 0.0)
        self.lat, self.lng = np.append(self.lat, 0.0), np.append(self.lng, 0.0)
        self.following = np.append(self.following, -1)
        self._demand.grow()
        rows = len(self._travel)
        self._travel = np.hstack([self._travel, np.full((rows, 1), np.inf)])
        self._onward = np.hstack([self._onward, np.zeros((rows, 1))])
        return len(self.worker) - 1

    def _put(self, slot: int, free: float, lat: float, lng: float) -> None:
        self.free[slot], self.lat[slot], self.lng[slot] = free, lat, lng
        self._demand.moved(slot)
        if not self.open:
            return
        gigs = np.array(self.open, dtype=np.int64)
        rows = [self._row[gig] for gig in self.open]
        worker = int(self.worker[slot])
        travel = self.ways.to_sites(gigs, int(self.columns.mode[worker]), lat, lng)
        willing = self.columns.willing(gigs, np.array([worker]))[:, 0]
        self._travel[rows, slot] = np.where(willing, travel, np.inf)
        self._onward[rows, slot] = self._way_on(gigs, slot) if self.following[slot] >= 0 else 0.0

    def _way_on(self, gigs: Ints, slot: int) -> Floats:
        mode = np.full(len(gigs), self.columns.mode[self.worker[slot]])
        at = self.columns
        return self.ways.to_site(int(self.following[slot]), mode, at.site_lat[gigs], at.site_lng[gigs])
