"""What every policy of a simulated day shares: the day in columns, ways between places, and bookings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import MODES, Position
from gigmarket.simulation.days import Day
from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.router import Reach, Router
from gigmarket.travel.straight_line import StraightLine, metres_to

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Booking:
    """One filled seat, by row of gig and worker; times are seconds since 1970, `travel_s` seconds.

    The worker leaves at `leaves`, arrives `travel_s` later and works from `begins` to `ends`.
    """

    gig: int
    worker: int
    offered: float
    leaves: float
    travel_s: float
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """A day under one policy: who worked where, how many rounds it took, and the wall clock's seconds."""

    bookings: tuple[Booking, ...]
    rounds: int
    wall_s: float


class Columns:
    """A day as arrays. Gigs stand in posting order and workers by id, so a lower row wins every tie."""

    def __init__(self, day: Day) -> None:
        self.gigs = sorted(day.gigs, key=lambda gig: (gig.posted_at, by_number(gig.id)))
        self.workers = sorted(day.workers, key=lambda worker: by_number(worker.id))
        self.posted = _seconds([gig.posted_at for gig in self.gigs])
        self.starts = _seconds([gig.starts_at for gig in self.gigs])
        self.length = _seconds([gig.ends_at for gig in self.gigs]) - self.starts
        self.seats: Ints = np.array([gig.headcount for gig in self.gigs], dtype=np.int64)
        self.site_lat, self.site_lng = _degrees([gig.site for gig in self.gigs])
        self.begins = _seconds([worker.available_from for worker in self.workers])
        self.until = _seconds([worker.available_to for worker in self.workers])
        self.home_lat, self.home_lng = _degrees([worker.home for worker in self.workers])
        self.mode: Ints = np.array([MODES.index(worker.mode) for worker in self.workers], dtype=np.int64)
        self.wage: Ints = np.array([gig.wage_fen for gig in self.gigs], dtype=np.int64)
        self.floor: Ints = np.array([worker.floor_wage_fen for worker in self.workers], dtype=np.int64)
        codes = {code: i for i, code in enumerate(dict.fromkeys(gig.trade for gig in self.gigs))}
        self.trade: Ints = np.array([codes[gig.trade] for gig in self.gigs], dtype=np.int64)
        self.knows: Flags = np.zeros((len(codes), len(self.workers)), dtype=np.bool_)
        for row, worker in enumerate(self.workers):
            for code in worker.trades & codes.keys():
                self.knows[codes[code], row] = True

    def willing(self, gigs: Ints, workers: Ints) -> Flags:
        """gigs × workers: whether the worker has the trade and the pay meets his floor."""
        paid: Flags = self.wage[gigs][:, None] >= self.floor[workers][None, :]
        known: Flags = self.knows[self.trade[gigs]][:, workers]
        return paid & known


def by_number(name: str) -> tuple[tuple[bool, int, str], ...]:
    """A sort key that counts: w2 before w10, 7 before 12; zero-padded names keep their order."""
    parts = ((part, part[0] in "0123456789") for part in _PARTS.findall(name))
    return tuple((not number, int(part) if number else 0, part) for part, number in parts)


_PARTS = re.compile(r"[0-9]+|[^0-9]+")


class Ways(Protocol):
    """Seconds of travel to sites of the day; inf beyond the circle."""

    def to_site(self, gig: int, mode: Ints, lat: Floats, lng: Floats) -> Floats:
        """From many places, each by its own mode, to one site."""
        ...

    def to_sites(self, gigs: Ints, mode: int, lat: float, lng: float) -> Floats:
        """From one place to many sites."""
        ...


def ways_of(columns: Columns, router: Router, limit_s: float) -> Ways:
    """The day's ways by this router within `limit_s` seconds."""
    if isinstance(router, StraightLine):
        return StraightWays(columns, router, limit_s)
    return RoutedWays(columns, router, limit_s)


class StraightWays:
    """Straight lines are the same both ways, so a whole column costs one call."""

    def __init__(self, columns: Columns, router: StraightLine, limit_s: float) -> None:
        self._columns = columns
        self._limit_s = limit_s
        self._speed = np.array([router.factors[mode].metres_per_second for mode in MODES])

    def to_site(self, gig: int, mode: Ints, lat: Floats, lng: Floats) -> Floats:
        """From many places to one site, in seconds."""
        site = self._columns.gigs[gig].site
        return self._within(metres_to(site, lat, lng) / self._speed[mode])

    def to_sites(self, gigs: Ints, mode: int, lat: float, lng: float) -> Floats:
        """From one place to many sites, in seconds."""
        metres = metres_to(Position(lat, lng), self._columns.site_lat[gigs], self._columns.site_lng[gigs])
        return self._within(metres / self._speed[mode])

    def _within(self, seconds: Floats) -> Floats:
        return np.where(seconds <= self._limit_s, seconds, np.inf)


class RoutedWays:
    """Any router. On roads a place is snapped once for all sites; circles stay in the router's own cache."""

    def __init__(self, columns: Columns, router: Router, limit_s: float) -> None:
        self._columns = columns
        self._router = router
        self._limit_s = limit_s

    def to_site(self, gig: int, mode: Ints, lat: Floats, lng: Floats) -> Floats:
        """From many places to one site, in seconds."""
        seconds = np.full(lat.shape, np.inf)
        for code in np.unique(mode).tolist():
            mine = mode == code
            found = self._circle(gig, code).seconds_many(lat[mine], lng[mine])
            seconds[mine] = np.where(found <= self._limit_s, found, np.inf)
        return seconds

    def to_sites(self, gigs: Ints, mode: int, lat: float, lng: float) -> Floats:
        """From one place to many sites, in seconds."""
        place = Position(lat, lng)
        if isinstance(self._router, RoadRouter):
            snap = self._router.snap(MODES[mode], place)
            circles = (self._router.reach(self._site(gig), MODES[mode], self._limit_s) for gig in gigs.tolist())
            found = np.array([float(circle.seconds_at(snap)[0]) for circle in circles])
            return np.where(found <= self._limit_s, found, np.inf)
        seconds = (self._circle(gig, mode).seconds(place) for gig in gigs.tolist())
        return np.array([np.inf if s is None or s > self._limit_s else s for s in seconds])

    def _circle(self, gig: int, mode: int) -> Reach:
        return self._router.reach(self._site(gig), MODES[mode], self._limit_s)

    def _site(self, gig: int) -> Position:
        return self._columns.gigs[gig].site


def _seconds(moments: Sequence[datetime]) -> Floats:
    return np.array([moment.timestamp() for moment in moments], dtype=np.float64)


def _degrees(places: Sequence[Position]) -> tuple[Floats, Floats]:
    return (
        np.array([place.lat for place in places], dtype=np.float64),
        np.array([place.lng for place in places], dtype=np.float64),
    )
