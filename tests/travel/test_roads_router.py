"""Circles on the roads of a small river town: who is in, how fast, and who is not."""

import heapq
import math
import random
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.geo import Datum, Mode, Position, metres_between
from gigmarket.travel.datum import from_wgs84
from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.roads.build import build
from gigmarket.travel.roads.graph import PER_DEGREE, Graph
from gigmarket.travel.roads.osm_rules import FERRY_BOARDING_S, JUNCTION_S
from gigmarket.travel.roads.snap import Snaps
from gigmarket.travel.router import Reach, Router
from gigmarket.travel.streets import load
from tests.travel.roads_town import PORTO, WALK, Town, at, river_town

SITE = at(500, -100)
NEAR_BANK = [at(x, y) for x in (20, 350, 730) for y in (-430, -210, -5)]
FAR_BANK = [at(x, y) for x in (320, 480, 640) for y in (205, 330)]


def degrees(positions: list[Position]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([p.lat for p in positions]), np.array([p.lng for p in positions])


def seconds(router: RoadRouter, start: Position, end: Position, mode: Mode, limit_s: float = 3600.0) -> float:
    found = router.reach(end, mode, limit_s).seconds(start)
    return math.nan if found is None else found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("river")
    river_town().router(here)
    return here / "roads"


@pytest.fixture(scope="module")
def town(folder: Path) -> RoadRouter:
    return RoadRouter(folder)


def test_it_is_a_router_that_does_not_estimate(town: RoadRouter) -> None:
    router: Router = town
    reach: Reach = router.reach(SITE, Mode.WALK, 900.0)
    assert router.estimated is False
    assert reach.limit_s == 900.0


def test_without_the_bridge_exactly_the_far_bank_drops_out(town: RoadRouter, tmp_path: Path) -> None:
    everyone = NEAR_BANK + FAR_BANK
    with_bridge = town.reach(SITE, Mode.WALK, 900.0).seconds_many(*degrees(everyone))
    apart = river_town(bridges=[]).router(tmp_path)
    without = apart.reach(SITE, Mode.WALK, 900.0).seconds_many(*degrees(everyone))
    assert np.isfinite(with_bridge).all()
    near = len(NEAR_BANK)
    np.testing.assert_allclose(without[:near], with_bridge[:near], rtol=1e-5)
    assert np.isnan(without[near:]).all()


def test_the_way_leads_over_the_bridge_and_along_the_streets(town: RoadRouter) -> None:
    # From the far bank's (200, 200) to the near bank's (200, 0): 300 m there, 200 m over, 300 m back.
    assert seconds(town, at(200, 200), at(200, 0), Mode.WALK) == pytest.approx(800 / WALK, rel=1e-3)
    assert seconds(town, at(150, -100), at(850, -100), Mode.WALK) == pytest.approx(700 / WALK, rel=1e-3)


def test_the_walk_to_the_road_counts_at_both_ends(town: RoadRouter) -> None:
    on_road = seconds(town, at(150, -500), at(850, -500), Mode.WALK)
    off_road = seconds(town, at(150, -560), at(850, -540), Mode.WALK)
    assert off_road - on_road == pytest.approx(100 / WALK, rel=1e-3)
    # A car is left at the road, and the rest is walked.
    by_car = seconds(town, at(150, -560), at(850, -500), Mode.CAR)
    assert by_car - seconds(town, at(150, -500), at(850, -500), Mode.CAR) == pytest.approx(60 / WALK, rel=1e-3)


def test_too_far_from_any_road_is_not_reachable_and_says_how_far(town: RoadRouter) -> None:
    assert town.snap_m(Mode.WALK, at(500, -790)) == pytest.approx(290, rel=1e-3)
    assert math.isinf(town.snap_m(Mode.WALK, at(500, -810)))
    assert math.isnan(seconds(town, at(500, -810), SITE, Mode.WALK))
    reach = town.reach(at(500, -810), Mode.WALK, 900.0)
    assert (reach.by_road, math.isinf(reach.snap_m)) == (False, True)
    assert np.isnan(reach.seconds_many(*degrees(NEAR_BANK))).all()
    assert reach.seconds(SITE) is None


def test_a_mixed_up_datum_shows_in_the_snap(town: RoadRouter) -> None:
    taken_for_gps = Position(*from_wgs84(at(500, -500), Datum.GCJ02))
    assert town.snap_m(Mode.WALK, at(500, -500)) < 1
    assert town.snap_m(Mode.WALK, taken_for_gps) > 100


def test_one_bad_point_spoils_no_other(town: RoadRouter) -> None:
    lat, lng = degrees(NEAR_BANK)
    alone = town.reach(SITE, Mode.WALK, 900.0).seconds_many(lat, lng)
    spoiled_lat, spoiled_lng = lat.copy(), lng.copy()
    spoiled_lat[2], spoiled_lng[4], spoiled_lat[5] = np.nan, np.inf, 89.0
    found = town.reach(SITE, Mode.WALK, 900.0).seconds_many(spoiled_lat, spoiled_lng)
    bad = np.isin(np.arange(len(lat)), [2, 4, 5])
    assert np.isnan(found[bad]).all()
    np.testing.assert_array_equal(found[~bad], alone[~bad])
    snaps = town.snap_many(Mode.WALK, spoiled_lat, spoiled_lng)
    assert (snaps.edge[bad] == -1).all()
    assert np.isinf(snaps.metres[bad]).all()


def test_arrays_keep_their_shape_and_agree_with_single_questions(town: RoadRouter) -> None:
    people = NEAR_BANK[:4] + FAR_BANK[:2]
    lat, lng = degrees(people)
    reach = town.reach(SITE, Mode.EBIKE, 120.0)
    found = reach.seconds_many(lat.reshape(2, 3), lng.reshape(2, 3))
    assert found.shape == (2, 3)
    single = [reach.seconds(person) for person in people]
    np.testing.assert_allclose(found.ravel(), [math.nan if s is None else s for s in single], rtol=1e-6)
    assert np.isnan(found).any()
    assert np.isfinite(found).any()


def test_kept_snaps_answer_as_fresh_ones(town: RoadRouter) -> None:
    lat, lng = degrees(NEAR_BANK + FAR_BANK)
    reach = town.reach(SITE, Mode.BICYCLE, 200.0)
    snaps = town.snap_many(Mode.BICYCLE, lat, lng)
    fresh = reach.seconds_many(lat, lng)
    np.testing.assert_array_equal(reach.seconds_at(snaps), fresh)
    np.testing.assert_array_equal(reach.seconds_at(snaps.take(slice(3, 9))), fresh[3:9])
    both = Snaps.joined([snaps.take(np.array([5, 1])), town.snap(Mode.BICYCLE, FAR_BANK[0])])
    np.testing.assert_allclose(reach.seconds_at(both), [fresh[5], fresh[1], fresh[len(NEAR_BANK)]], rtol=1e-6)
    assert len(both) == 3


def test_a_reach_is_cached_and_the_oldest_goes_first(tmp_path: Path) -> None:
    made = river_town().router(tmp_path)
    first = made.reach(SITE, Mode.WALK, 900.0)
    assert made.reach(SITE, Mode.WALK, 900.0) is first
    assert made.reach(SITE, Mode.WALK, 600.0) is not first
    small = RoadRouter(tmp_path / "roads", cache_bytes=1, warm=(Mode.WALK,))
    held = small.reach(SITE, Mode.WALK, 900.0)
    assert small.reach(SITE, Mode.WALK, 900.0) is held
    small.reach(at(0, 0), Mode.WALK, 900.0)
    assert small.reach(SITE, Mode.WALK, 900.0) is not held


@pytest.mark.parametrize("limit", [-1.0, math.nan, math.inf])
def test_a_limit_is_a_number_of_seconds(town: RoadRouter, limit: float) -> None:
    with pytest.raises(ValueError, match="travel limit"):
        town.reach(SITE, Mode.WALK, limit)
    with pytest.raises(ValueError, match="travel limit"):
        town.radius_m(Mode.WALK, limit)


def test_nobody_beyond_the_radius_arrives_in_time(town: RoadRouter) -> None:
    rng = random.Random(4)
    for mode in Mode:
        radius_m = town.radius_m(mode, 100.0)
        reach = town.reach(SITE, mode, 100.0)
        for _ in range(200):
            person = at(rng.uniform(-100, 1100), rng.uniform(-600, 800))
            assert reach.seconds(person) is None or metres_between(person, SITE) <= radius_m
    assert town.radius_m(Mode.WALK, 900.0) == pytest.approx(1275, abs=15)


def test_a_footpath_is_not_for_cars(tmp_path: Path) -> None:
    made = river_town().way((500.0, -500.0), (500.0, -800.0), highway="footway").router(tmp_path)
    person = at(500, -700)
    assert made.snap_m(Mode.WALK, person) < 1
    assert made.snap_m(Mode.CAR, person) == pytest.approx(200, rel=1e-3)
    walk, ride = seconds(made, person, SITE, Mode.WALK), seconds(made, person, SITE, Mode.CAR)
    assert walk == pytest.approx(600 / WALK, rel=1e-3)
    assert ride == pytest.approx(200 / WALK + seconds(made, at(500, -500), SITE, Mode.CAR), rel=1e-3)


@pytest.mark.parametrize(("oneway", "along"), [("yes", True), ("-1", False)])
def test_a_oneway_is_oneway_for_wheels_only(tmp_path: Path, oneway: str, along: bool) -> None:
    made = (
        river_town(tags={"oneway": oneway}, bridges=[0.0])
        .way((1000.0, 0.0), (1000.0, 200.0), highway="residential", bridge="yes")
        .router(tmp_path)
    )
    south, north = at(0, -10), at(0, 210)
    for mode in (Mode.BICYCLE, Mode.CAR):
        there, back = seconds(made, south, north, mode), seconds(made, north, south, mode)
        assert (there < 100 < back) if along else (back < 100 < there)
    there, back = seconds(made, south, north, Mode.WALK), seconds(made, north, south, Mode.WALK)
    assert there == pytest.approx(back, rel=1e-5)


def test_a_site_in_the_middle_of_a_oneway_is_come_to_from_its_start(tmp_path: Path) -> None:
    made = (
        river_town(bridges=[0.0], tags={"oneway": "yes"})
        .way((1000.0, 0.0), (1000.0, 200.0), highway="residential")
        .router(tmp_path)
    )
    site = at(0, 100)
    before, behind = seconds(made, at(0, 60), site, Mode.BICYCLE), seconds(made, at(0, 140), site, Mode.BICYCLE)
    # 40 m of the way (the edge's junction seconds lie evenly on it), against once round the town.
    assert before == pytest.approx(0.2 * (200 / 5 + JUNCTION_S[Mode.BICYCLE]), rel=1e-2)
    assert behind > 2200 / 5


def test_along_one_street_both_walk_to_and_from_it(tmp_path: Path) -> None:
    made = Town().way((0, 0), (400, 0), highway="residential").router(tmp_path)
    assert seconds(made, at(100, -40), at(300, 60), Mode.WALK) == pytest.approx(
        (200 + 40 + 60) / WALK, rel=1e-2
    )


@pytest.mark.parametrize("oneway", ["yes", "-1"])
@pytest.mark.parametrize(
    ("corner", "beyond"), [((0, 0), (-30, -30)), ((300, 0), (330, -30)), ((300, 300), (330, 330))]
)
def test_who_stands_beyond_the_end_of_a_oneway_goes_on_from_its_end(
    tmp_path: Path, oneway: str, corner: tuple[int, int], beyond: tuple[int, int]
) -> None:
    """Nothing of the closed direction is left to go, which is not for ever."""
    ring = [(0, 0), (300, 0), (300, 300), (0, 0)]
    town = Town()
    for first, second in pairwise(ring):
        town.way(first, second, highway="residential", oneway=oneway)
    made = town.router(tmp_path)
    site, walk_s = at(150, 0), math.hypot(30, 30) / WALK
    from_corner = seconds(made, at(*corner), site, Mode.CAR)
    assert seconds(made, at(*beyond), site, Mode.CAR) == pytest.approx(from_corner + walk_s, rel=1e-2)
    many = made.reach(site, Mode.CAR, 3600.0).seconds_many(*degrees([at(*beyond)]))
    assert many.tolist() == pytest.approx([from_corner + walk_s], rel=1e-2)


def test_cyclists_may_ride_against_a_oneway_that_says_so(tmp_path: Path) -> None:
    tags = {"oneway": "yes", "oneway:bicycle": "no"}
    made = (
        river_town(bridges=[0.0], tags=tags)
        .way((1000.0, 0.0), (1000.0, 200.0), highway="residential")
        .router(tmp_path)
    )
    assert seconds(made, at(0, 210), at(0, -10), Mode.BICYCLE) < 100
    assert seconds(made, at(0, 210), at(0, -10), Mode.CAR) > 200


def test_steps_are_for_feet(tmp_path: Path) -> None:
    made = (
        river_town(tags={"highway": "steps"})
        .way((1000.0, 0.0), (1000.0, 200.0), highway="residential")
        .router(tmp_path)
    )
    south, north = at(500, -10), at(500, 210)
    assert seconds(made, south, north, Mode.WALK) == pytest.approx(220 / WALK, rel=1e-3)
    assert seconds(made, south, north, Mode.BICYCLE) > 1200 / 5


@pytest.mark.parametrize("access", ["private", "no"])
def test_a_private_bridge_is_closed_unless_it_lets_feet_pass(tmp_path: Path, access: str) -> None:
    made = river_town(tags={"access": access, "foot": "yes"}).router(tmp_path)
    assert seconds(made, at(500, 210), at(500, -10), Mode.WALK) == pytest.approx(220 / WALK, rel=1e-3)
    assert math.isnan(seconds(made, at(500, 210), at(500, -10), Mode.CAR))


def test_a_bollard_stops_cars_and_a_wall_stops_all(tmp_path: Path) -> None:
    def with_barrier(name: str) -> RoadRouter:
        town = river_town(bridges=[])
        town.way((500.0, 0.0), (500.0, 100.0), (500.0, 200.0), highway="residential", bridge="yes")
        town.node_tags[(500.0, 100.0)] = {"barrier": name}
        return town.router(tmp_path / name)

    bollard, wall, gate = with_barrier("bollard"), with_barrier("wall"), with_barrier("gate")
    south, north = at(500, -10), at(500, 210)
    for mode in (Mode.WALK, Mode.BICYCLE, Mode.EBIKE):
        assert seconds(bollard, north, south, mode) < 200
    for mode in (Mode.MOTORBIKE, Mode.CAR):
        assert math.isnan(seconds(bollard, north, south, mode))
    for mode in Mode:
        assert math.isnan(seconds(wall, north, south, mode))
        assert seconds(gate, north, south, mode) < 200
    # One may still come up to the barrier from one's own side.
    assert seconds(bollard, at(500, 90), south, Mode.CAR) < 100
    assert seconds(bollard, at(500, 110), north, Mode.CAR) < 100


def test_a_ferry_takes_its_time_and_its_boarding(tmp_path: Path) -> None:
    town = river_town(bridges=[])
    tags = {"route": "ferry", "duration": "00:05", "motor_vehicle": "no"}
    town.ways.append(([(500.0, 0.0), (500.0, 200.0)], tags))
    made = town.router(tmp_path)
    expected = 10 / WALK + FERRY_BOARDING_S + 300 + 10 / WALK
    assert seconds(made, at(500, 210), at(500, -10), Mode.WALK) == pytest.approx(expected, rel=1e-3)
    assert math.isnan(seconds(made, at(500, 210), at(500, -10), Mode.CAR))


def test_an_island_without_a_way_out_is_not_reached_but_lives_by_itself(tmp_path: Path) -> None:
    # Six kilometres of streets, 150 m off the bank; and a jetty 400 m out in the river that leads nowhere.
    town = river_town().grid(1150, 0, 1650, 500).way((500.0, 1100.0), (560.0, 1100.0), highway="footway")
    made = town.router(tmp_path)
    assert math.isnan(seconds(made, at(1160, 10), SITE, Mode.WALK))
    assert seconds(made, at(1160, 0), at(1250, 0), Mode.WALK) == pytest.approx(90 / WALK, rel=1e-3)
    assert made.snap_m(Mode.WALK, at(1140, 0)) == pytest.approx(10, rel=1e-2)
    assert math.isinf(made.snap_m(Mode.WALK, at(530, 1100)))


def test_a_mode_without_roads_reaches_nobody(tmp_path: Path) -> None:
    made = Town().way((0.0, 0.0), (300.0, 0.0), highway="footway").router(tmp_path)
    assert seconds(made, at(0, 0), at(300, 0), Mode.WALK) == pytest.approx(300 / WALK, rel=1e-3)
    assert math.isnan(seconds(made, at(0, 0), at(300, 0), Mode.CAR))
    assert len(made.snap_many(Mode.CAR, np.zeros(3), np.zeros(3))) == 3
    assert made.roads.graphs[Mode.CAR].edges == 0


def test_several_threads_may_ask_at_once(folder: Path, town: RoadRouter) -> None:
    sites = [at(x, y) for x in range(0, 1001, 50) for y in (-450, -50, 250)]
    lat, lng = degrees(NEAR_BANK + FAR_BANK)
    alone = {site: town.reach(site, Mode.BICYCLE, 300.0).seconds_many(lat, lng) for site in sites}
    fresh = RoadRouter(folder)
    wrong: list[Position] = []

    def ask(mine: list[Position]) -> None:
        for site in mine:
            if not np.array_equal(
                fresh.reach(site, Mode.BICYCLE, 300.0).seconds_many(lat, lng), alone[site], True
            ):
                wrong.append(site)

    threads = [threading.Thread(target=ask, args=(sites[turn:] + sites[:turn],)) for turn in (0, 7, 20, 41)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


places = st.builds(at, st.floats(-150, 1150), st.floats(-650, 850))


@given(places, places)
def test_on_foot_there_and_back_are_equally_long(town: RoadRouter, a: Position, b: Position) -> None:
    assert seconds(town, a, b, Mode.WALK) == pytest.approx(seconds(town, b, a, Mode.WALK), rel=1e-4, abs=1e-3)


@given(places, places, places, st.sampled_from(list(Mode)))
def test_no_way_round_is_shorter(town: RoadRouter, a: Position, b: Position, c: Position, mode: Mode) -> None:
    via = seconds(town, a, b, mode) + seconds(town, b, c, mode)
    assert seconds(town, a, c, mode) <= via + 1e-2
    assert seconds(town, a, c, mode) >= (metres_between(a, c) - 10) / (town.radius_m(mode, 1e3) / 1e3)


@given(places, places, st.sampled_from(list(Mode)), st.floats(0, 400))
def test_a_limit_only_cuts_off(town: RoadRouter, a: Position, b: Position, mode: Mode, limit: float) -> None:
    whole, cut = seconds(town, a, b, mode), seconds(town, a, b, mode, limit)
    assert (math.isnan(cut) and whole > limit - 1e-2) or (
        cut <= limit and cut == pytest.approx(whole, rel=1e-5)
    )


@given(st.lists(places, min_size=1, max_size=8), st.sampled_from(list(Mode)))
def test_many_are_snapped_as_one_is(town: RoadRouter, people: list[Position], mode: Mode) -> None:
    together = town.snap_many(mode, *degrees(people))
    for row, person in enumerate(people):
        one = town.snap(mode, person)
        assert together.metres[row] == pytest.approx(one.metres[0], rel=1e-5, abs=1e-4)
        assert together.edge[row] == one.edge[0]
        assert together.source_s[row] == pytest.approx(one.source_s[0], rel=1e-4, abs=1e-3)
        assert together.target_s[row] == pytest.approx(one.target_s[0], rel=1e-4, abs=1e-3)


def plain_snap(graph: Graph, person: Position) -> tuple[int, float, float] | None:
    """Edge, share along it and metres, by measuring every piece of road there is."""
    across = math.cos(math.radians(person.lat))
    scale = math.radians(6_371_008.8)
    x = (graph.shape_lng / PER_DEGREE - person.lng) * scale * across
    y = (graph.shape_lat / PER_DEGREE - person.lat) * scale
    edge = np.searchsorted(graph.shape_first, np.arange(len(x)), side="right") - 1
    step_x, step_y = np.diff(x), np.diff(y)
    squared = np.maximum(step_x**2 + step_y**2, 1e-12)
    share = np.clip(-(x[:-1] * step_x + y[:-1] * step_y) / squared, 0, 1)
    metres = np.hypot(x[:-1] + share * step_x, y[:-1] + share * step_y)
    metres[edge[1:] != edge[:-1]] = np.inf
    best = int(np.argmin(metres))
    if metres[best] > 300:
        return None
    start, end = float(graph.shape_at[best]), float(graph.shape_at[best + 1])
    return int(edge[best]), start + float(share[best]) * (end - start), float(metres[best])


def plain_seconds(
    graph: Graph, person: Position, arrivals: dict[int, float], site: tuple[int, float, float]
) -> float:
    found = plain_snap(graph, person)
    if found is None:
        return math.nan
    edge, along, metres = found
    forward, backward = float(graph.edge_forward_s[edge]), float(graph.edge_backward_s[edge])
    ways = [
        arrivals.get(int(graph.edge_target[edge]), math.inf) + (1 - along) * forward,
        arrivals.get(int(graph.edge_source[edge]), math.inf) + along * backward,
    ]
    if edge == site[0]:
        pace = forward if site[1] >= along else backward
        ways.append(abs(site[1] - along) * pace + site[2] / WALK)
    return min(ways) + metres / WALK


def plain_arrivals(graph: Graph, site: tuple[int, float, float]) -> dict[int, float]:
    """Seconds from every node to a site, with a heap and nothing else."""
    into: dict[int, list[tuple[int, float]]] = {}
    for source, target, forward, backward in zip(
        graph.edge_source.tolist(),
        graph.edge_target.tolist(),
        graph.edge_forward_s.tolist(),
        graph.edge_backward_s.tolist(),
        strict=True,
    ):
        into.setdefault(target, []).append((source, forward))
        into.setdefault(source, []).append((target, backward))
    edge, along, metres = site
    walk = metres / WALK
    heap = [
        (walk + along * float(graph.edge_forward_s[edge]), int(graph.edge_source[edge])),
        (walk + (1 - along) * float(graph.edge_backward_s[edge]), int(graph.edge_target[edge])),
    ]
    heapq.heapify(heap)
    done: dict[int, float] = {}
    while heap:
        taken, node = heapq.heappop(heap)
        if node in done or math.isinf(taken) or taken > 2000:
            continue
        done[node] = taken
        for before, step in into[node]:
            if before not in done:
                heapq.heappush(heap, (taken + step, before))
    return done


@pytest.fixture(scope="module")
def porto(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not PORTO.is_file():
        pytest.skip(f"no extract at {PORTO}")
    folder = tmp_path_factory.mktemp("porto") / "roads"
    build(PORTO, folder)
    return folder


@pytest.mark.parametrize("mode", [Mode.WALK, Mode.BICYCLE, Mode.CAR])
def test_a_real_city_agrees_with_a_plain_search(porto: Path, mode: Mode) -> None:
    router, streets, rng = RoadRouter(porto), load(porto), random.Random(str(mode))
    graph = router.roads.graphs[mode]
    people = streets.sample(rng, 60, (Position(41.145, -8.61), 1500.0))
    lat, lng = degrees(people)
    lat += np.array([rng.gauss(0, 2e-4) for _ in people])
    for site in streets.sample(rng, 2, (Position(41.145, -8.61), 1500.0)):
        found = router.reach(site, mode, 900.0).seconds_many(lat, lng)
        snapped = plain_snap(graph, site)
        assert snapped is not None
        arrivals = plain_arrivals(graph, snapped)
        for row in range(len(people)):
            plain = plain_seconds(graph, Position(lat[row], lng[row]), arrivals, snapped)
            # Within a second of the limit either side is right; two roads equally near may swap.
            assert (
                abs(plain - 900) < 1
                or (found[row] == pytest.approx(plain, abs=0.5))
                or (np.isnan(found[row]) and not plain <= 900)
            )


def test_a_real_river_cuts_the_circle(porto: Path) -> None:
    # Two quays face each other across 245 m of Douro, midway between two bridges.
    router = RoadRouter(porto)
    north, south = Position(41.1446, -8.6260), Position(41.1424, -8.6260)
    assert metres_between(north, south) < 250
    assert 2000 < seconds(router, north, south, Mode.WALK) < 3000
    assert router.reach(south, Mode.WALK, 900.0).seconds(north) is None
    assert router.reach(south, Mode.BICYCLE, 900.0).seconds(north) is not None
