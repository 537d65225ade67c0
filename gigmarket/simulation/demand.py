"""How much is wanted of a worker where he is: gigs posted of late, and the stretches of time near them."""

from __future__ import annotations

import numpy as np

from gigmarket.domain.foresight import falls_to, recent
from gigmarket.domain.policy import Policy
from gigmarket.simulation.world import Columns, Flags, Floats, Ints, Ways

_KEPT = 256
"""Gigs remembered: the last ones posted."""


class Demand:
    """The last gigs posted, and for each stretch of free time whether its worker could come from its place.

    A stretch whose place changed is asked anew only when somebody wants to know.
    """

    def __init__(self, columns: Columns, ways: Ways, stretches: int) -> None:
        self._columns, self._ways = columns, ways
        self._gigs: Ints = np.empty(0, dtype=np.int64)
        self._shares: Floats = np.empty(0)
        self._near: Flags = np.zeros((stretches, _KEPT), dtype=np.bool_)
        self._known: Flags = np.ones(stretches, dtype=np.bool_)
        self._next = 0

    def add(self, gig: int, near: Flags, able: int) -> None:
        """A gig was posted: the stretches near enough, and how many workers could come to it then."""
        at = self._next % _KEPT
        if at == len(self._gigs):
            self._gigs, self._shares = np.append(self._gigs, 0), np.append(self._shares, 0.0)
        self._gigs[at] = gig
        self._shares[at] = falls_to(int(self._columns.seats[gig]), able)
        self._near[:, at] = near
        self._next += 1

    def grow(self) -> None:
        """One more stretch."""
        self._near = np.vstack([self._near, np.zeros((1, _KEPT), dtype=np.bool_)])
        self._known = np.append(self._known, False)

    def moved(self, stretch: int) -> None:
        """A stretch begins elsewhere, or has become another worker's."""
        self._known[stretch] = False

    def unknown(self, stretches: Ints) -> list[int]:
        """Those that moved since they were last asked about."""
        moved: list[int] = stretches[~self._known[stretches]].tolist()
        return moved

    def learn(self, stretch: int, worker: int, lat: float, lng: float) -> None:
        """Which of the gigs the worker of a stretch could have come to from its place."""
        travel = self._ways.to_sites(self._gigs, int(self._columns.mode[worker]), lat, lng)
        willing = self._columns.willing(self._gigs, np.array([worker]))[:, 0]
        self._near[stretch, : len(self._gigs)] = np.isfinite(travel) & willing
        self._known[stretch] = True

    def per_second(self, stretches: Ints, now: float, policy: Policy) -> Floats:
        """Seats a second that fall to the workers of these stretches, where they are."""
        weights = recent(self._columns.posted[self._gigs], now, policy) * self._shares
        rates: Floats = self._near[stretches][:, : len(self._gigs)] @ weights
        return rates
