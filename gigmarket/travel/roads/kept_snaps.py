"""Where positions stand on the roads, kept: who does not move is not looked up again."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from gigmarket.travel.roads.snap import Snaps

Floats = NDArray[np.float64]
Snap = Callable[[Floats, Floats], Snaps]

MOST = 100_000
"""Positions kept per mode (about 5 MB); then all are forgotten, and those still asked for come back."""


class KeptSnaps:
    """Snaps by position, for several threads. `snap` finds those not known yet."""

    def __init__(self, snap: Snap, most: int = MOST) -> None:
        self._snap, self._most = snap, most
        self._lock = Lock()
        self._row: dict[tuple[float, float], int] = {}
        self._kept: Snaps | None = None

    def snaps(self, lat: Floats, lng: Floats) -> Snaps:
        """One row per position (flat arrays of WGS-84 degrees), as `Snapper.snap` has it."""
        places = list(zip(lat.tolist(), lng.tolist(), strict=True))
        with self._lock:
            if len(self._row) + len(places) > self._most:
                self._row, self._kept = {}, None
            news = list(dict.fromkeys(place for place in places if place not in self._row))
            if news or self._kept is None:
                found = self._snap(np.array([a for a, _ in news]), np.array([b for _, b in news]))
                self._row |= {place: row for row, place in enumerate(news, start=len(self._row))}
                self._kept = found if self._kept is None else Snaps.joined([self._kept, found])
            return self._kept.take(np.array([self._row[place] for place in places], dtype=np.intp))
