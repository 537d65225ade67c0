"""The router that is always there: great circle × detour ÷ speed, marked as estimated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import EARTH_RADIUS_M, Mode, Position, metres_between
from gigmarket.travel.router import TravelState

Degrees = NDArray[np.float64] | np.float64


@dataclass(frozen=True, slots=True)
class Speed:
    """Speed on the road in km/h, and how much longer the road is than the straight line (≥ 1).

    `assumed` tells a factor nobody has fitted yet. Raises ValueError for values out of range.
    """

    km_per_h: float
    detour: float
    assumed: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.km_per_h) and self.km_per_h > 0):
            raise ValueError(f"speed must be a positive number of km/h, not {self.km_per_h!r}")
        if not (math.isfinite(self.detour) and self.detour >= 1):
            raise ValueError(f"detour must be at least 1, not {self.detour!r}")

    @property
    def metres_per_second(self) -> float:
        """Metres of straight line covered in one second."""
        return self.km_per_h / 3.6 / self.detour


SPEEDS: Mapping[Mode, Speed] = MappingProxyType(
    {
        Mode.WALK: Speed(5.1, 1.46),
        Mode.BICYCLE: Speed(18.0, 1.70),
        Mode.EBIKE: Speed(22.0, 1.68),
        Mode.MOTORBIKE: Speed(30.0, 1.5, assumed=True),
        Mode.CAR: Speed(35.0, 1.5, assumed=True),
    }
)
"""Speeds and detours by mode. Walk, bicycle and e-bike were fitted to real road times in a river city
(Porto): even these best factors misjudge 12–17 % of pairs, and far more across a river. Motorbike and car
are assumed."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything within `limit_s` seconds of a site at `metres_per_second` of straight line."""

    site: Position
    metres_per_second: float
    limit_s: float

    @property
    def estimated(self) -> bool:
        """Always True: the line knows no road."""
        return True

    def seconds(self, position: Position) -> float | None:
        """Seconds of travel from a position to the site; None when it is beyond the limit."""
        seconds = metres_between(self.site, position) / self.metres_per_second
        return seconds if seconds <= self.limit_s else None

    def seconds_many(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds of travel for arrays of WGS-84 degrees of one shape; nan beyond the limit.

        A position that is itself nan (unknown) is beyond every limit. For hot loops: about 0.05 µs a pair.
        """
        seconds = metres_to(self.site, lat, lng) / self.metres_per_second
        return np.where(seconds <= self.limit_s, seconds, np.nan)


@dataclass(frozen=True, slots=True)
class StraightLine:
    """A `Router` without roads; raises ValueError unless every mode has a speed."""

    factors: Mapping[Mode, Speed] = field(default_factory=lambda: SPEEDS)

    def __post_init__(self) -> None:
        missing = [mode.value for mode in Mode if mode not in self.factors]
        if missing:
            raise ValueError(f"no speed for {', '.join(missing)}")

    @property
    def estimated(self) -> bool:
        """Always True: straight lines know nothing of rivers, railways and one-way streets."""
        return True

    @property
    def state(self) -> TravelState:
        """Always "estimated"."""
        return "estimated"

    def reach(self, site: Position, mode: Mode, limit_s: float) -> Circle:
        """The circle of `limit_s` seconds around a site for one mode.

        Raises ValueError for a limit that is negative or not finite.
        """
        return Circle(site, self.factors[mode].metres_per_second, _limit(limit_s))

    def radius_m(self, mode: Mode, limit_s: float) -> float:
        """The circle's radius in metres of straight line, for asking an index who is near.

        Raises ValueError for a limit that is negative or not finite.
        """
        return self.factors[mode].metres_per_second * _limit(limit_s)


def metres_to(site: Position, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle metres from a site to each of many WGS-84 positions (numpy haversine).

    The arrays have one shape, which is the result's; nan stays nan. Agrees with `metres_between`.
    """
    return metres_apart(np.float64(site.lat), np.float64(site.lng), lat, lng)


def metres_apart(
    from_lat: Degrees, from_lng: Degrees, lat: NDArray[np.float64], lng: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Great-circle metres between pairs of WGS-84 positions (numpy haversine), one with many or one by one."""
    a, b = np.radians(from_lat), np.radians(lat)
    half_lat, half_lng = np.sin((b - a) / 2), np.sin(np.radians(lng - from_lng) / 2)
    h = half_lat * half_lat + np.cos(a) * np.cos(b) * half_lng * half_lng
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    return metres


def _limit(limit_s: float) -> float:
    if not (math.isfinite(limit_s) and limit_s >= 0):
        raise ValueError(f"travel limit must be a number of seconds from 0, not {limit_s!r}")
    return limit_s
