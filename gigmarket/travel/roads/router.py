"""The router that knows the river: seconds on real roads, one bounded search per site, mode and limit."""

from __future__ import annotations

import math
from collections import OrderedDict
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import Mode, Position
from gigmarket.travel.roads.graph import load
from gigmarket.travel.roads.mode_roads import ModeRoads
from gigmarket.travel.roads.reach import RoadReach, search
from gigmarket.travel.roads.snap import Snaps
from gigmarket.travel.router import TravelState

CACHE_BYTES = 128 * 1024 * 1024
"""Memory for reaches: in a city of a million some 60 kB on foot and 250 kB by car each."""


class RoadRouter:
    """A `Router` on the roads of a folder made by `gigmarket roads build`. May be used from several threads.

    Raises DamagedRoads when the folder is not a sound one. Reaches are kept up to `cache_bytes`, the least
    recently asked for going first. `warm` makes the snapping index of some modes at once, not at first use.
    """

    def __init__(self, folder: Path, cache_bytes: int = CACHE_BYTES, warm: tuple[Mode, ...] = ()) -> None:
        self.roads = load(folder)
        self._modes = {mode: ModeRoads(graph) for mode, graph in self.roads.graphs.items()}
        self._cache: OrderedDict[tuple[Position, Mode, float], RoadReach] = OrderedDict()
        self._cache_lock, self._cache_bytes, self._cached_bytes = Lock(), cache_bytes, 0
        nowhere, here = np.array([np.nan]), np.array([0.0])
        for mode in warm:
            self.snap_many(mode, nowhere, here)

    @property
    def estimated(self) -> bool:
        """Always False: times are along real roads."""
        return False

    @property
    def state(self) -> TravelState:
        """Always "roads"."""
        return "roads"

    def reach(self, site: Position, mode: Mode, limit_s: float) -> RoadReach:
        """The circle of `limit_s` seconds around a site for one mode; the same object while it is cached.

        A site too far from the mode's roads has a reach that nobody is in (`by_road` is False). Takes about a
        millisecond of CPU in a city. Raises ValueError for a limit that is negative or not finite.
        """
        key = (site, mode, _limit(limit_s))
        with self._cache_lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        found = search(self._modes[mode], site, mode, limit_s)
        with self._cache_lock:
            if key not in self._cache:
                self._cache[key] = found
                self._cached_bytes += found.nbytes
            while self._cached_bytes > self._cache_bytes and len(self._cache) > 1:
                self._cached_bytes -= self._cache.popitem(last=False)[1].nbytes
            return self._cache.get(key, found)

    def radius_m(self, mode: Mode, limit_s: float) -> float:
        """Straight-line metres beyond which nobody of this mode arrives within `limit_s` seconds.

        The fastest road of the mode all the way, so for cars it is wide. Raises ValueError as `reach` does.
        """
        return self._modes[mode].radius_m(_limit(limit_s))

    def snap_many(self, mode: Mode, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> Snaps:
        """Where positions (WGS-84 degrees, flat arrays) stand on a mode's roads, to keep for `seconds_at`.

        `metres` tells how far each road is: large values for many people mean that a datum was mixed up.
        """
        return self._modes[mode].snap(np.asarray(lat, np.float64), np.asarray(lng, np.float64))

    def snap(self, mode: Mode, position: Position) -> Snaps:
        """As `snap_many` for one position, faster: one row."""
        return self._modes[mode].snap_one(position)

    def snap_m(self, mode: Mode, position: Position) -> float:
        """Metres from a position to the nearest road of a mode; infinite beyond 300 m."""
        return float(self._modes[mode].snap_one(position).metres[0])


def _limit(limit_s: float) -> float:
    if not (math.isfinite(limit_s) and limit_s >= 0):
        raise ValueError(f"travel limit must be a number of seconds from 0, not {limit_s!r}")
    return limit_s
