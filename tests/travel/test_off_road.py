"""Positions off every road, and positions whose numbers are another datum's."""

import math
import random

import pytest

from gigmarket.domain.geo import Datum, Mode, Position
from gigmarket.travel.datum import from_wgs84
from gigmarket.travel.guarded import GuardedRouter
from gigmarket.travel.off_road import (
    OFF_STREET_M,
    ON_STREET_M,
    REACHED_M,
    Finding,
    RoadAdvice,
    judge,
    look,
)
from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.roads.snap import MAX_SNAP_M
from gigmarket.travel.straight_line import StraightLine
from tests.travel.roads_town import Town, at, river_town

OFF_ROAD = Finding(RoadAdvice.OFF_ROAD)
GCJ = Finding(RoadAdvice.DATUM_SUSPECT, Datum.GCJ02)
BD = Finding(RoadAdvice.DATUM_SUSPECT, Datum.BD09)


def find(roads: RoadRouter, lat: float, lng: float, datum: Datum, mode: Mode = Mode.WALK) -> Finding | None:
    router = GuardedRouter(roads, StraightLine())
    return look(lat, lng, datum, lambda p: router.snap_m(mode, p), lambda p: router.snap_m(Mode.WALK, p))


def winding_town(seed: int) -> Town:
    """A larger town with bent streets and blocks of many sizes, 3 km across, villages and fields around it."""
    rng = random.Random(seed)
    town = Town()

    def line(span: float) -> list[float]:
        marks = [0.0]
        while marks[-1] < span:
            marks.append(marks[-1] + rng.uniform(60, 260))
        return marks

    xs, ys = line(3000), line(3000)
    bent = {(x, y): (x + rng.uniform(-25, 25), y + rng.uniform(-25, 25)) for x in xs for y in ys}
    for x in xs:
        town.way(*(bent[x, y] for y in ys), highway="residential")
    for y in ys:
        town.way(*(bent[x, y] for x in xs), highway="residential")
    # One road leads out on each side.
    town.way(bent[xs[3], ys[-1]], (xs[3], 9000.0), highway="tertiary")
    town.way(bent[xs[-1], ys[5]], (9000.0, ys[5]), highway="tertiary")
    return town


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> RoadRouter:
    return river_town().router(tmp_path_factory.mktemp("river"))


@pytest.fixture(scope="module")
def winding(tmp_path_factory: pytest.TempPathFactory) -> RoadRouter:
    return winding_town(11).router(tmp_path_factory.mktemp("winding"))


@pytest.mark.parametrize(
    ("own_m", "street_m", "read_as", "told"),
    [
        (5, 5, {Datum.GCJ02: 0.0}, None),
        (OFF_STREET_M, OFF_STREET_M, {Datum.GCJ02: 0.0}, None),
        (101, 101, {Datum.GCJ02: 0.0}, GCJ),
        (101, 101, {Datum.GCJ02: ON_STREET_M}, GCJ),
        (101, 101, {Datum.GCJ02: 26}, None),
        (101, 101, {Datum.GCJ02: 12, Datum.BD09: 3}, BD),
        (101, 101, {}, None),
        (REACHED_M, 200, {}, None),
        (math.inf, 10, {Datum.BD09: 0.0}, OFF_ROAD),
        (math.inf, math.inf, {Datum.GCJ02: math.inf}, OFF_ROAD),
        (math.inf, math.inf, {Datum.BD09: 1.0}, BD),
    ],
)
def test_the_rule(own_m: float, street_m: float, read_as: dict[Datum, float], told: Finding | None) -> None:
    assert judge(own_m, street_m, read_as) == told


def test_the_rule_has_the_engines_own_limit() -> None:
    assert REACHED_M == MAX_SNAP_M


def test_too_far_from_any_road_is_told(river: RoadRouter) -> None:
    for metres, told in ((290, None), (310, OFF_ROAD), (20_000, OFF_ROAD)):
        here = at(300, 700 + metres)
        assert find(river, here.lat, here.lng, Datum.WGS84) == told


def test_a_footpath_does_not_help_a_car(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = river_town().way((500.0, -500.0), (500.0, -1000.0), highway="footway")
    roads = made.router(tmp_path_factory.mktemp("footway"))
    here = at(500, -950)
    assert find(roads, here.lat, here.lng, Datum.WGS84, Mode.CAR) == OFF_ROAD
    assert find(roads, here.lat, here.lng, Datum.WGS84, Mode.WALK) is None


# Read as GPS, GCJ-02 lies some 540 m east and 300 m south of the truth here, BD-09 twice as far: these streets
# are the ones from which that leads out of town.
@pytest.mark.parametrize(("datum", "told"), [(Datum.GCJ02, GCJ), (Datum.BD09, BD)])
def test_a_mixed_up_datum_is_told_with_its_name(river: RoadRouter, datum: Datum, told: Finding) -> None:
    truth = at(900, -500)
    lat, lng = from_wgs84(truth, datum)
    assert find(river, lat, lng, Datum.WGS84) == told
    assert find(river, lat, lng, datum) is None
    assert find(river, truth.lat, truth.lng, Datum.WGS84) is None


def test_the_other_way_round_is_told_too(river: RoadRouter) -> None:
    truth = at(0, 700)
    suspect = find(river, truth.lat, truth.lng, Datum.GCJ02)
    assert suspect == Finding(RoadAdvice.DATUM_SUSPECT, Datum.WGS84)


def test_outside_china_there_is_one_datum(river: RoadRouter) -> None:
    for datum in Datum:
        assert find(river, 41.15, -8.61, datum) == OFF_ROAD


def test_an_engine_that_cannot_tell_says_nothing() -> None:
    assert look(28.05, 115.54, Datum.WGS84, lambda _: None, lambda _: math.inf) is None


def test_in_a_larger_town_few_are_accused_and_who_leaves_it_is_found(winding: RoadRouter) -> None:
    rng = random.Random(5)
    honest, mixed, out_of_town, named = 0, 0, 0, 0
    for _ in range(400):
        # People stand up to 40 m from a point of some street, the phone's error included.
        node = rng.randrange(winding.roads.graphs[Mode.WALK].nodes)
        graph = winding.roads.graphs[Mode.WALK]
        truth = Position(
            graph.node_lat[node] / 1e7 + rng.uniform(-40, 40) / 111_195,
            graph.node_lng[node] / 1e7 + rng.uniform(-40, 40) / 98_000,
        )
        honest += find(winding, truth.lat, truth.lng, Datum.WGS84) is not None
        lat, lng = from_wgs84(truth, Datum.GCJ02)
        found = find(winding, lat, lng, Datum.WGS84)
        mixed += found is not None
        if winding.snap_m(Mode.WALK, Position(lat, lng)) > OFF_STREET_M:
            out_of_town += 1
            named += found is not None and found.datum is Datum.GCJ02
    assert honest == 0
    # Whoever still seems to stand on a street can't be told; of the others most are.
    assert out_of_town > 40
    assert named >= 0.5 * out_of_town
    assert mixed >= named
