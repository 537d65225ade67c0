"""Roads that fail cost one answer its precision and nobody else anything."""

import logging
import math
from pathlib import Path

import numpy as np
import pytest

from gigmarket.domain.geo import Mode, Position
from gigmarket.travel.guarded import DEGRADED_S, GuardedRouter
from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.roads.reach import RoadReach
from gigmarket.travel.router import Reach, Router
from gigmarket.travel.straight_line import SPEEDS, StraightLine
from tests.travel.roads_town import at, river_town

SITE = at(500, -100)
PERSON = at(730, -210)
LINE = StraightLine()
FAR_AWAY = Position(PERSON.lat + 2.7, PERSON.lng)


class FailingEngine:
    """Roads whose n-th question, of whatever kind, raises; every other is answered by real roads."""

    def __init__(self, roads: RoadRouter, fails: range, error: Exception) -> None:
        self._roads, self._fails, self._error = roads, fails, error
        self._asked = 0
        self.estimated = False
        self.state = roads.state

    def _ask(self) -> None:
        self._asked += 1
        if self._asked in self._fails:
            raise self._error

    def reach(self, site: Position, mode: Mode, limit_s: float) -> "FailingReach":
        self._ask()
        return FailingReach(self._roads.reach(site, mode, limit_s), self)

    def radius_m(self, mode: Mode, limit_s: float) -> float:
        self._ask()
        return self._roads.radius_m(mode, limit_s)

    def snap_m(self, mode: Mode, position: Position) -> float:
        self._ask()
        return self._roads.snap_m(mode, position)


class FailingReach:
    """A reach of the failing engine: its questions count, too."""

    def __init__(self, reach: RoadReach, engine: FailingEngine) -> None:
        self._reach, self._engine = reach, engine
        self.estimated, self.limit_s = False, reach.limit_s

    def seconds(self, position: Position) -> float | None:
        self._engine._ask()
        return self._reach.seconds(position)

    def seconds_many(self, lat: np.ndarray, lng: np.ndarray) -> np.ndarray:
        self._engine._ask()
        return self._reach.seconds_many(lat, lng)

    def points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        self._engine._ask()
        return self._reach.points()


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> RoadRouter:
    return river_town().router(tmp_path_factory.mktemp("river"))


def guarded(roads: RoadRouter, *fails: int, error: Exception | None = None) -> GuardedRouter:
    span = range(fails[0], fails[-1] + 1) if fails else range(0)
    return GuardedRouter(FailingEngine(roads, span, error or IndexError("28.05 115.54")), LINE, lambda: 0.0)


def estimated(reach: Reach) -> bool:
    return reach.estimated


def travel_state(router: Router) -> str:
    return router.state


def test_sound_roads_answer_as_they_are(roads: RoadRouter) -> None:
    router: Router = GuardedRouter(roads, LINE)
    reach: Reach = router.reach(SITE, Mode.WALK, 900.0)
    assert reach.seconds(PERSON) == roads.reach(SITE, Mode.WALK, 900.0).seconds(PERSON)
    assert (router.estimated, router.state, reach.estimated, reach.limit_s) == (False, "roads", False, 900.0)
    assert router.radius_m(Mode.WALK, 900.0) == roads.radius_m(Mode.WALK, 900.0)
    # Whom the line would reach, should the roads fail, is asked, too.
    fast = StraightLine({**SPEEDS, Mode.WALK: SPEEDS[Mode.CAR]})
    wider = GuardedRouter(roads, fast).radius_m(Mode.WALK, 900.0)
    assert wider == fast.radius_m(Mode.WALK, 900.0) > roads.radius_m(Mode.WALK, 900.0)


def test_every_reach_says_by_itself_whether_it_is_estimated(roads: RoadRouter) -> None:
    assert LINE.reach(SITE, Mode.WALK, 900.0).estimated is True
    assert roads.reach(SITE, Mode.WALK, 900.0).estimated is False
    assert (LINE.state, roads.state) == ("estimated", "roads")


@pytest.mark.parametrize("error", [IndexError("bad page"), MemoryError(), FloatingPointError()], ids=repr)
def test_an_engine_that_fails_on_the_third_call(roads: RoadRouter, error: Exception) -> None:
    # One: a reach. Two: its seconds. Three, which fails: the next reach. Four and five: sound again.
    router = guarded(roads, 3, error=error)
    expected = roads.reach(SITE, Mode.WALK, 900.0).seconds(PERSON)
    first = router.reach(SITE, Mode.WALK, 900.0)
    assert (first.seconds(PERSON), first.estimated) == (expected, False)
    second = router.reach(SITE, Mode.WALK, 900.0)
    assert second.seconds(PERSON) == LINE.reach(SITE, Mode.WALK, 900.0).seconds(PERSON) != expected
    assert second.estimated
    third = router.reach(SITE, Mode.WALK, 900.0)
    assert (third.seconds(PERSON), third.estimated) == (expected, False)
    assert (router.watch.failures, router.state, router.estimated) == (1, "degraded", False)


def test_an_answer_that_fails_turns_its_whole_reach_into_the_line(roads: RoadRouter) -> None:
    router = guarded(roads, 2)
    reach = router.reach(SITE, Mode.WALK, 900.0)
    assert not estimated(reach)
    lat, lng = np.array([PERSON.lat]), np.array([PERSON.lng])
    line = LINE.reach(SITE, Mode.WALK, 900.0)
    np.testing.assert_array_equal(reach.seconds_many(lat, lng), line.seconds_many(lat, lng))
    assert estimated(reach)
    assert reach.seconds(PERSON) == line.seconds(PERSON)
    assert [len(column) for column in reach.points()] == [0, 0, 0]
    assert router.watch.failures == 1


def test_radius_snap_and_points_do_without_roads_too(roads: RoadRouter) -> None:
    router = guarded(roads, 1, 2)
    assert router.radius_m(Mode.WALK, 900.0) == LINE.radius_m(Mode.WALK, 900.0)
    assert router.snap_m(Mode.WALK, PERSON) is None
    assert router.snap_m(Mode.WALK, PERSON) == roads.snap_m(Mode.WALK, PERSON)
    failing = guarded(roads, 2)
    reach = failing.reach(SITE, Mode.WALK, 900.0)
    assert len(reach.points()[0]) == 0
    assert reach.estimated


def test_the_points_in_reach_are_junctions_with_their_seconds(roads: RoadRouter) -> None:
    lat, lng, seconds = GuardedRouter(roads, LINE).reach(SITE, Mode.WALK, 300.0).points()
    assert 10 < len(seconds) < len(roads.roads.graphs[Mode.WALK].node_lat)
    again = roads.reach(SITE, Mode.WALK, 300.5).seconds_many(lat, lng)
    np.testing.assert_allclose(again, seconds, atol=0.2)


def test_failures_are_logged_once_a_minute_and_without_positions(
    roads: RoadRouter, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    engine = FailingEngine(roads, range(1, 100), IndexError("28.05 115.54"))
    router = GuardedRouter(engine, LINE, lambda: now[0])
    with caplog.at_level(logging.ERROR, "gigmarket.travel"):
        for at_s in (0.0, 1.0, 59.9, 60.0, 61.0):
            now[0] = at_s
            assert router.reach(SITE, Mode.WALK, 900.0).estimated
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "IndexError at test_guarded.py" in said[0]
    assert "4 since the start" in said[1]
    assert "28.05" not in caplog.text
    assert travel_state(router) == "degraded"
    now[0] = 61.0 + DEGRADED_S
    assert (travel_state(router), router.watch.failures) == ("roads", 5)


@pytest.mark.parametrize("broken", [False, True], ids=["roads", "line"])
@pytest.mark.parametrize(
    "bad",
    [
        (math.nan, PERSON.lng),
        (PERSON.lat, math.inf),
        (91.0, PERSON.lng),
        (PERSON.lat + 360, PERSON.lng),
        (PERSON.lat, PERSON.lng + 360),
        (FAR_AWAY.lat, FAR_AWAY.lng),
    ],
    ids=["nan", "infinite", "beyond the pole", "once round", "once round in longitude", "300 km away"],
)
def test_one_bad_point_spoils_no_other(roads: RoadRouter, bad: tuple[float, float], broken: bool) -> None:
    router = guarded(roads, 1) if broken else GuardedRouter(roads, LINE)
    people = [at(20, -430), PERSON, at(350, -5)]
    lat, lng = np.array([p.lat for p in people]), np.array([p.lng for p in people])
    alone = (LINE if broken else roads).reach(SITE, Mode.WALK, 900.0).seconds_many(lat, lng)
    reach = router.reach(SITE, Mode.WALK, 900.0)
    found = reach.seconds_many(np.insert(lat, 1, bad[0]), np.insert(lng, 1, bad[1]))
    assert np.isnan(found[1])
    np.testing.assert_array_equal(np.delete(found, 1), alone)
    assert reach.estimated == broken


@pytest.mark.parametrize("limit", [-1.0, math.nan, math.inf])
def test_a_limit_is_a_number_of_seconds(roads: RoadRouter, limit: float) -> None:
    router = GuardedRouter(roads, LINE)
    with pytest.raises(ValueError, match="travel limit"):
        router.reach(SITE, Mode.WALK, limit)
    with pytest.raises(ValueError, match="travel limit"):
        router.radius_m(Mode.WALK, limit)
    assert router.watch.failures == 0


def test_damaged_memory_under_a_real_engine_is_survived(tmp_path: Path) -> None:
    made = river_town().router(tmp_path)
    graph = made.roads.graphs[Mode.WALK]
    object.__setattr__(graph, "reverse_indices", graph.reverse_indices[:3])
    router = GuardedRouter(made, LINE)
    reach = router.reach(SITE, Mode.WALK, 900.0)
    assert reach.estimated
    assert reach.seconds(PERSON) == LINE.reach(SITE, Mode.WALK, 900.0).seconds(PERSON)
    assert router.state == "degraded"
