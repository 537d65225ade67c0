"""The router of a running server: roads, and the straight line wherever a road answer fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from traceback import extract_tb
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import Mode, Position
from gigmarket.travel.router import Reach, Router, TravelState
from gigmarket.travel.straight_line import StraightLine

log = logging.getLogger("gigmarket.travel")

DEGRADED_S = 300.0
"""Seconds for which one failed answer is told by `state`: an operator who looks every minute sees it."""
LOG_EVERY_S = 60.0

Floats = NDArray[np.float64]


class Roads(Router, Protocol):
    """What a road engine answers besides circles: how far a position is from the roads of a mode."""

    def snap_m(self, mode: Mode, position: Position) -> float:
        """Metres from a position to the nearest road of a mode; infinite where there is none near."""
        ...


class RoadWatch:
    """Counts failed road answers and logs one at most every minute, without positions. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failed_at: float | None = None
        self._logged_at: float | None = None
        self.failures = 0

    def note(self, error: Exception) -> None:
        """A road answer raised this."""
        now = self._clock()
        with self._lock:
            self.failures += 1
            failures, self._failed_at = self.failures, now
            if self._logged_at is not None and now - self._logged_at < LOG_EVERY_S:
                return
            self._logged_at = now
        # The place in the code and the kind of error; its message could hold a position.
        frames = extract_tb(error.__traceback__)
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
        log.error(
            "a road answer failed (%s at %s), %d since the start; straight lines answer instead",
            type(error).__name__,
            where,
            failures,
        )

    def degraded(self) -> bool:
        """Whether an answer failed in the last five minutes."""
        return self._failed_at is not None and self._clock() - self._failed_at < DEGRADED_S


class GuardedReach:
    """A circle on roads which becomes the straight line's circle, as a whole, when an answer fails.

    Made anew for each question of the market, so that the next one tries the roads again.
    """

    def __init__(self, road: Reach | None, line: Reach, watch: RoadWatch) -> None:
        self._road, self._line, self._watch = road, line, watch

    @property
    def limit_s(self) -> float:
        """The longest travel, in seconds, that is still inside."""
        return self._line.limit_s

    @property
    def estimated(self) -> bool:
        """True once a road answer failed: then every answer of this reach is the straight line's."""
        return self._road is None

    def seconds(self, position: Position) -> float | None:
        """Seconds of travel from a position to the site; None when it is beyond the limit."""
        if self._road is not None:
            try:
                return self._road.seconds(position)
            except Exception as error:
                self._fall(error)
        return self._line.seconds(position)

    def seconds_many(self, lat: Floats, lng: Floats) -> Floats:
        """Seconds of travel for arrays of WGS-84 degrees of one shape; nan beyond the limit.

        A pair that is not on the earth (nan, infinite, a latitude of 91) is beyond every limit and changes
        nothing for the others.
        """
        on_earth = (np.abs(lat) <= 90.0) & (np.abs(lng) <= 180.0)
        if not on_earth.all():
            lat, lng = np.where(on_earth, lat, np.nan), np.where(on_earth, lng, np.nan)
        if self._road is not None:
            try:
                return self._road.seconds_many(lat, lng)
            except Exception as error:
                self._fall(error)
        return self._line.seconds_many(lat, lng)

    def points(self) -> tuple[Floats, Floats, Floats]:
        """The junctions in reach: latitudes, longitudes, seconds; empty where no roads answer."""
        points = getattr(self._road, "points", None)
        if points is not None:
            try:
                found: tuple[Floats, Floats, Floats] = points()
                return found
            except Exception as error:
                self._fall(error)
        nothing = np.zeros(0)
        return nothing, nothing, nothing

    def _fall(self, error: Exception) -> None:
        self._watch.note(error)
        self._road = None


class GuardedRouter:
    """A `Router` on roads that always answers: what fails on roads is answered by `line` and says estimated.

    Only a limit that is no number of seconds raises (ValueError), as with every router.
    """

    def __init__(self, roads: Roads, line: StraightLine, clock: Callable[[], float] = time.monotonic) -> None:
        self.roads, self.line = roads, line
        self.watch = RoadWatch(clock)

    @property
    def estimated(self) -> bool:
        """False: there are roads. Single reaches tell when they had to do without."""
        return False

    @property
    def state(self) -> TravelState:
        """ "roads", or "degraded" when a road answer failed in the last five minutes."""
        return "degraded" if self.watch.degraded() else "roads"

    def reach(self, site: Position, mode: Mode, limit_s: float) -> GuardedReach:
        """The circle of `limit_s` seconds around a site for one mode."""
        line = self.line.reach(site, mode, limit_s)
        try:
            return GuardedReach(self.roads.reach(site, mode, limit_s), line, self.watch)
        except Exception as error:
            self.watch.note(error)
            return GuardedReach(None, line, self.watch)

    def radius_m(self, mode: Mode, limit_s: float) -> float:
        """Straight-line metres beyond which nobody of this mode arrives, by roads or by the line."""
        by_line = self.line.radius_m(mode, limit_s)
        try:
            return max(self.roads.radius_m(mode, limit_s), by_line)
        except Exception as error:
            self.watch.note(error)
            return by_line

    def snap_m(self, mode: Mode, position: Position) -> float | None:
        """Metres to the nearest road of a mode, infinite where none is near; None when that can't be told."""
        try:
            return self.roads.snap_m(mode, position)
        except Exception as error:
            self.watch.note(error)
            return None
