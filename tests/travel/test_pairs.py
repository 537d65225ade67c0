"""Travel for many pairs agrees with the router's own circles, by straight lines and by any other engine."""

import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gigmarket.domain.geo import MODES, Mode, Position
from gigmarket.travel.pairs import pair_seconds
from gigmarket.travel.router import Reach, Router, TravelState
from gigmarket.travel.straight_line import Circle, StraightLine, metres_apart

LINES = StraightLine()
CENTRE = Position(28.06, 115.55)


@dataclass(frozen=True)
class Slow:
    """Roads by which everybody needs half as long again as by the line; nobody crosses the 28.06th degree."""

    circle: Circle
    limit_s: float
    estimated: bool

    def seconds(self, position: Position) -> float | None:
        found = float(self.seconds_many(np.array([position.lat]), np.array([position.lng]))[0])
        return None if np.isnan(found) else found

    def seconds_many(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> NDArray[np.float64]:
        seconds = 1.5 * self.circle.seconds_many(lat, lng)
        across = (lat >= CENTRE.lat) != (self.circle.site.lat >= CENTRE.lat)
        return np.where((seconds <= self.limit_s) & ~across, seconds, np.nan)


@dataclass
class SlowRoads:
    """A router of such roads, which counts the searches; walks are estimated."""

    estimated: bool = False
    state: TravelState = "roads"
    searches: list[tuple[Position, Mode, float]] = field(default_factory=list)

    def reach(self, site: Position, mode: Mode, limit_s: float) -> Reach:
        self.searches.append((site, mode, limit_s))
        return Slow(LINES.reach(site, mode, limit_s), limit_s, mode is Mode.WALK)

    def radius_m(self, mode: Mode, limit_s: float) -> float:
        return LINES.radius_m(mode, limit_s) / 1.5


@dataclass(frozen=True)
class Pairs:
    """Pairs between sites and places near them."""

    sites: list[Position]
    limits: NDArray[np.float64]
    site: NDArray[np.int64]
    mode: NDArray[np.int64]
    lat: NDArray[np.float64]
    lng: NDArray[np.float64]

    def asked(self, router: Router) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        return self.at(router, self.metres())

    def at(self, router: Router, metres: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """What is answered for these distances."""
        where = (self.lat, self.lng)
        return pair_seconds(router, self.sites, self.limits, self.site, self.mode, metres, lambda: where)

    def metres(self) -> NDArray[np.float64]:
        lat, lng = (np.array([getattr(site, of) for site in self.sites])[self.site] for of in ("lat", "lng"))
        return metres_apart(lat, lng, self.lat, self.lng)


def pairs(seed: int, sites: int, count: int) -> Pairs:
    """Random pairs; limits differ from site to site."""
    rng = np.random.default_rng(seed)

    def near(size: int) -> Any:
        return CENTRE.lat + rng.uniform(-0.03, 0.03, size), CENTRE.lng + rng.uniform(-0.03, 0.03, size)

    places = [Position(float(lat), float(lng)) for lat, lng in zip(*near(sites), strict=True)]
    limits = rng.choice([300.0, 900.0, 1800.0], sites)
    lat, lng = near(count)
    return Pairs(places, limits, rng.integers(0, sites, count), rng.integers(0, len(MODES), count), lat, lng)


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(0, 60), st.booleans())
def test_every_pair_gets_what_its_own_circle_says(seed: int, sites: int, count: int, roads: bool) -> None:
    table = pairs(seed, sites, count)
    router: Router = SlowRoads() if roads else LINES
    seconds, estimated = table.asked(router)
    assert len(seconds) == len(estimated) == count
    for i in range(count):
        number, mode = int(table.site[i]), MODES[int(table.mode[i])]
        reach = router.reach(table.sites[number], mode, float(table.limits[number]))
        alone = reach.seconds(Position(float(table.lat[i]), float(table.lng[i])))
        if alone is None:
            assert np.isnan(seconds[i])
        else:
            assert seconds[i] == pytest.approx(alone)
            assert estimated[i] == reach.estimated


def test_one_search_per_site_and_mode_and_none_where_everybody_is_too_far() -> None:
    table = pairs(7, 3, 400)
    roads = SlowRoads()
    table.asked(roads)
    assert len(roads.searches) == len(set(roads.searches))
    assert 2 * len(MODES) < len(roads.searches) <= 3 * len(MODES)
    away = Pairs(table.sites, table.limits, table.site, table.mode, table.lat + 1.0, table.lng)
    roads.searches.clear()
    seconds, _ = away.asked(roads)
    assert np.isnan(seconds).all()
    assert roads.searches == []


@pytest.mark.parametrize("router", [LINES, SlowRoads()])
def test_nobody_who_is_said_to_be_too_far_is_looked_up(router: Router) -> None:
    table = pairs(7, 3, 400)
    nobody, _ = table.at(router, table.metres() + 1e6)
    assert np.isnan(nobody).all()


def test_no_pairs_are_no_travel() -> None:
    for router in (LINES, SlowRoads()):
        seconds, estimated = pairs(7, 2, 0).asked(router)
        assert (len(seconds), len(estimated)) == (0, 0)


def test_two_gigs_on_one_site_with_limits_of_their_own() -> None:
    site = np.array([0, 1])
    here = Position(CENTRE.lat + 0.018, CENTRE.lng)
    bike = np.full(2, MODES.index(Mode.EBIKE))
    lat, lng = np.full(2, here.lat), np.full(2, here.lng)
    table = Pairs([CENTRE, CENTRE], np.array([300.0, 1800.0]), site, bike, lat, lng)
    for router in (LINES, SlowRoads()):
        seconds, _ = table.asked(router)
        assert np.isnan(seconds[0])
        assert seconds[1] > 500


def test_exactly_at_the_limit_is_inside() -> None:
    rng = random.Random(7)
    for _ in range(50):
        there = Position(CENTRE.lat + rng.uniform(0, 0.05), CENTRE.lng + rng.uniform(0, 0.05))
        column = np.array([MODES.index(Mode.EBIKE)])
        at = np.array([there.lat]), np.array([there.lng])
        (needed,), _ = Pairs([CENTRE], np.array([1e6]), np.zeros(1, np.int64), column, *at).asked(LINES)
        (inside,), _ = Pairs([CENTRE], np.array([needed]), np.zeros(1, np.int64), column, *at).asked(LINES)
        assert inside == needed
