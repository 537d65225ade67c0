"""Reach and coverage from a router and what was read: no server needed."""

import logging
from pathlib import Path

import pytest

from gigmarket.domain.geo import Cell, Mode, Position, cell_centre, cell_of
from gigmarket.services.coverage import MOST_CELLS, coverage_view, reach_view
from gigmarket.travel.guarded import GuardedRouter
from gigmarket.travel.residents import Place
from gigmarket.travel.straight_line import StraightLine
from tests.travel.roads_town import at, river_town

LINE = StraightLine()
NEAR, FAR = at(500, -200), at(500, 450)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> GuardedRouter:
    return GuardedRouter(river_town().router(tmp_path_factory.mktemp("river")), LINE)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> GuardedRouter:
    return GuardedRouter(river_town(bridges=[]).router(tmp_path_factory.mktemp("apart")), LINE)


def centres(view_cells: object, size: float) -> list[Position]:
    keys = [tuple(map(int, cell.key.split("_"))) for cell in view_cells]  # type: ignore[attr-defined]
    return [cell_centre(Cell(*key), size) for key in keys]


def test_without_the_bridge_the_far_bank_is_out_of_reach(town: GuardedRouter, apart: GuardedRouter) -> None:
    with_bridge, without = (reach_view(router, NEAR, Mode.WALK, 900) for router in (town, apart))
    assert not with_bridge.estimated
    far_lat = at(0, 320).lat
    assert any(centre.lat > far_lat for centre in centres(with_bridge.cells, with_bridge.cell_m))
    assert not any(centre.lat > far_lat for centre in centres(without.cells, without.cell_m))


def test_every_cells_seconds_are_the_routers_own(town: GuardedRouter) -> None:
    view = reach_view(town, NEAR, Mode.BICYCLE, 120)
    reach = town.reach(NEAR, Mode.BICYCLE, 120)
    lat, lng, _ = reach.points()
    junctions = {cell_of(Position(a, b), view.cell_m).key() for a, b in zip(lat, lng, strict=True)}
    assert junctions <= {cell.key for cell in view.cells}
    for cell, centre in zip(view.cells, centres(view.cells, view.cell_m), strict=True):
        own = reach.seconds(centre)
        assert cell.key in junctions or own is not None
        if own is not None:
            assert cell.seconds <= round(own)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("limit_s", [60, 900, 3600])
def test_a_reach_is_bounded_and_as_fine_as_that_allows(mode: Mode, limit_s: int) -> None:
    view = reach_view(LINE, NEAR, mode, limit_s)
    assert view.estimated
    assert 1 <= len(view.cells) <= MOST_CELLS
    circle = LINE.reach(NEAR, mode, limit_s)
    for cell, centre in zip(view.cells, centres(view.cells, view.cell_m), strict=True):
        assert cell.seconds == round(circle.seconds(centre) or -1)


def test_roads_that_fail_are_told_as_estimated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    made = river_town().router(tmp_path)
    object.__setattr__(made.roads.graphs[Mode.WALK], "reverse_indices", None)
    router = GuardedRouter(made, LINE)
    with caplog.at_level(logging.CRITICAL):
        assert reach_view(router, NEAR, Mode.WALK, 300).estimated
        assert coverage_view(router, [NEAR], {}, (), Mode.WALK, 300, 1).estimated


def test_a_site_off_every_road_reaches_nobody(town: GuardedRouter) -> None:
    assert reach_view(town, at(500, 5000), Mode.WALK, 900).cells == []


def test_coverage_counts_each_cell_once_and_across_the_river_only_by_the_bridge(
    town: GuardedRouter, apart: GuardedRouter
) -> None:
    people = {cell_of(NEAR): 30.0, cell_of(FAR): 10.0}
    stations = [NEAR, at(400, -200)]
    whole = coverage_view(town, stations, people, (), Mode.EBIKE, 900, 5)
    assert (whole.workers.total, whole.workers.within, whole.workers.share) == (40, 40, 1.0)
    assert whole.next == []
    half = coverage_view(apart, stations, people, (), Mode.EBIKE, 900, 5)
    assert (half.workers.within, half.workers.beyond, half.workers.share) == (30, 10, 0.75)
    assert [site.people for site in half.next] == [10]
    assert half.weighed == "workers"


def test_residents_are_weighed_where_they_are_given(apart: GuardedRouter) -> None:
    residents: list[Place] = [(NEAR.lat, NEAR.lng, 900.0), (FAR.lat, FAR.lng, 100.0)]
    view = coverage_view(apart, [NEAR], {cell_of(FAR): 2.0}, residents, Mode.WALK, 900, 3)
    assert view.workers.total is None
    assert view.residents is not None
    assert view.residents.share == 0.9
    assert [site.people for site in view.next] == [100]
    assert view.weighed == "residents"


def test_one_or_two_people_are_no_reason_for_a_site(apart: GuardedRouter) -> None:
    view = coverage_view(apart, [], {cell_of(NEAR): 2.0, cell_of(FAR): 3.0}, (), Mode.WALK, 900, 5)
    assert [site.people for site in view.next] == [3]


def test_a_market_without_people_has_no_shares(town: GuardedRouter) -> None:
    view = coverage_view(town, [], {}, (), Mode.CAR, 900, 5)
    assert (view.workers.total, view.workers.share, view.next, view.stations) == (0, None, [], 0)
