"""A day under the product's own matching: `domain.planning` decides, this module only moves the clock."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np

from gigmarket.domain.foresight import foresight
from gigmarket.domain.planning import Board, hold_s, plan_board
from gigmarket.domain.policy import Policy
from gigmarket.simulation.baselines import BaselineDay, nearest
from gigmarket.simulation.slots import Slots
from gigmarket.simulation.world import Booking, Columns, Floats, Ints, Outcome, Ways

_LOOK_EVERY_S = 60.0
"""How often the day's own waits are compared."""


def run_ours(columns: Columns, ways: Ways, policy: Policy, hold_s: float | None = None) -> Outcome:
    """A whole day under the real matching: a round at every posting, at every arrival of a worker, and every
    `policy.round_every_s` seconds while seats are open. Every offer is accepted at once.

    Seats are held for at most `hold_s` seconds; None: by the waits that offering at once would have caused.
    With a number the day goes as in the live market, which has no foresight yet.
    """
    began = time.perf_counter()
    day = _OurDay(columns, ways, policy, hold_s)
    day.run()
    return Outcome(tuple(day.bookings.values()), day.rounds, time.perf_counter() - began)


class _OurDay:
    def __init__(self, columns: Columns, ways: Ways, policy: Policy, hold_s: float | None) -> None:
        self.columns, self.policy = columns, policy
        self.latest = columns.starts + policy.late_start_s
        self.left = columns.seats.copy()
        self.slots = Slots(columns, ways)
        self.worked = np.zeros(len(columns.workers))
        self.bookings: dict[tuple[int, int], Booking] = {}
        self.had: dict[int, list[int]] = {}
        self.rounds = 0
        # What offering to the nearest at once would have done so far; it knows no more of the future.
        self.shadow = BaselineDay(columns, ways, policy, nearest)
        self.waits: list[float] = []
        self.hold_s = float(policy.hold_first_s) if hold_s is None else hold_s
        self.look_at = -math.inf if hold_s is None else math.inf

    def run(self) -> None:
        """Every moment of the day in turn."""
        columns, every = self.columns, self.policy.round_every_s
        coming = sorted({*columns.posted.tolist(), *columns.begins.tolist()}, reverse=True)
        posted = 0
        tick = math.inf
        while coming or tick < math.inf:
            now = min(coming[-1] if coming else math.inf, tick)
            if coming and coming[-1] == now:
                coming.pop()
            while posted < len(columns.gigs) and columns.posted[posted] <= now:
                self.slots.open_gig(posted, now)
                posted += 1
            for gig in [gig for gig in self.slots.open if self.latest[gig] < now]:
                self.slots.close_gig(gig)
            if self.slots.open:
                self._round(now)
            # Without anybody to ask nothing happens before the next posting or arrival, years away maybe.
            asked = self.slots.open and self.slots.usable(now).any()
            tick = (math.floor(now / every) + 1) * every if asked else math.inf

    def _round(self, now: float) -> None:
        slots = self._seen(now)
        if not slots.size:
            return
        self.rounds += 1
        self._look(now)
        while self.slots.open and self._offer(slots, now):
            slots = self._seen(now)

    def _offer(self, slots: Ints, now: float) -> bool:
        """Make the offers that are due; True if there were any: who accepts one may be asked for another."""
        gigs: Ints = np.array(self.slots.open, dtype=np.int64)
        board = self._board(gigs, slots, now)
        due = [m for m in plan_board(board, self.policy, now, self.hold_s) if m.offer_at <= now]
        for match in due:
            gig, slot = int(gigs[match.gig]), int(slots[match.slot])
            # Two stretches of one worker may both suit a gig: he has one seat of it, later looks the others.
            if self.slots.travel_s(gig, slot) < math.inf:
                self._book(gig, slot, now)
        return bool(due)

    def _seen(self, now: float) -> Ints:
        """Slots free soon enough, and every slot of a worker to whom no later round can make an offer."""
        last = self.columns.until[self.slots.worker] - now <= self.policy.round_every_s
        soon = self.slots.free <= now + self.policy.look_ahead_s
        slots: Ints = np.flatnonzero(self.slots.usable(now) & (soon | last))
        return slots

    def _board(self, gigs: Ints, slots: Ints, now: float) -> Board:
        columns = self.columns
        workers = self.slots.worker[slots]
        travel, onward = self.slots.tables(slots)
        return Board(
            posted=columns.posted[gigs],
            starts=columns.starts[gigs],
            length=columns.length[gigs],
            latest=self.latest[gigs],
            seats=self.left[gigs],
            free=self.slots.free[slots],
            before=self.slots.before[slots],
            until=columns.until[workers],
            share=self._share(workers, now),
            demand=self._demand(slots, now),
            travel=travel,
            onward=onward,
        )

    def _share(self, workers: Ints, now: float) -> Floats:
        """Work promised per second available so far; the first hour counts as a whole one."""
        share: Floats = self.worked[workers] / np.maximum(now - self.columns.begins[workers], 3600.0)
        return share

    def _demand(self, slots: Ints, now: float) -> Floats:
        """Not looked up where it counts nothing, nor in a day that goes as in the live market."""
        as_live = self.look_at == math.inf
        if as_live or not (self.policy.seat_worth_s and foresight(self.hold_s, self.policy)):
            return np.zeros(len(slots))
        return self.slots.demand(slots, now, self.policy)

    def _look(self, now: float) -> None:
        if now < self.look_at:
            return
        self.look_at = now + _LOOK_EVERY_S
        self.shadow.until(now)
        posted = self.columns.posted
        waits = np.array([booking.offered - posted[booking.gig] for booking in self.shadow.bookings])
        self.hold_s = hold_s(waits, np.array(self.waits), self.policy)

    def _book(self, gig: int, slot: int, now: float) -> None:
        columns, slots = self.columns, self.slots
        worker, starts = int(slots.worker[slot]), float(columns.starts[gig])
        travel_s = slots.travel_s(gig, slot)
        leaves = max(now, float(slots.free[slot]), starts - travel_s)
        begins = max(leaves + travel_s, starts)
        ends = begins + float(columns.length[gig])
        following = int(slots.following[slot])
        if following >= 0:
            self._set_out_from(slots.onward_s(gig, slot), ends, (following, worker))
        self.bookings[gig, worker] = Booking(gig, worker, now, leaves, travel_s, begins, ends)
        self.had.setdefault(worker, []).append(gig)
        self.worked[worker] += columns.length[gig]
        self.waits.append(now - float(columns.posted[gig]))
        self.left[gig] -= 1
        if not self.left[gig]:
            slots.close_gig(gig)
        slots.take(gig, slot, leaves, ends, now, self.policy.least_gap_s)
        for other in self.had[worker]:
            slots.bar(other, worker)

    def _set_out_from(self, travel_s: float, ready: float, key: tuple[int, int]) -> None:
        """The gig after the one just booked is now reached from that one's site."""
        held = self.bookings[key]
        self.bookings[key] = replace(held, travel_s=travel_s, leaves=max(ready, held.begins - travel_s))
