"""Positions, distances and the public grid."""

import math

import pytest
from geopy.distance import great_circle
from hypothesis import example, given
from hypothesis import strategies as st

from gigmarket.domain.geo import (
    EARTH_RADIUS_M,
    Cell,
    Datum,
    Mode,
    Position,
    cell_bounds,
    cell_centre,
    cell_of,
    metres_between,
)

ZHANGSHU = Position(28.0560, 115.5460)

positions = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180))
inhabited = st.builds(Position, st.floats(-70, 70), st.floats(-180, 180))
sizes = st.sampled_from([100.0, 500.0, 1000.0, 20_000.0])


@pytest.mark.parametrize("lat", [-90.001, 90.001, math.nan, math.inf, -math.inf])
def test_a_latitude_outside_the_earth_is_refused(lat: float) -> None:
    with pytest.raises(ValueError, match="latitude must be a number from -90 to 90"):
        Position(lat, 0.0)


@pytest.mark.parametrize("lng", [-180.001, 180.001, math.nan, math.inf, -math.inf])
def test_a_longitude_outside_the_earth_is_refused(lng: float) -> None:
    with pytest.raises(ValueError, match="longitude must be a number from -180 to 180"):
        Position(0.0, lng)


@pytest.mark.parametrize(("lat", "lng"), [(-90, -180), (90, 180), (0, 0)])
def test_the_edges_of_the_earth_are_on_it(lat: float, lng: float) -> None:
    assert (Position(lat, lng).lat, Position(lat, lng).lng) == (lat, lng)


def test_modes_and_datums_carry_the_protocols_words() -> None:
    assert [mode.value for mode in Mode] == ["walk", "bicycle", "ebike", "motorbike", "car"]
    assert [datum.value for datum in Datum] == ["wgs84", "gcj02", "bd09"]


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        (Position(0, 0), Position(0, 180), math.pi * EARTH_RADIUS_M),
        (Position(90, 0), Position(-90, 77), math.pi * EARTH_RADIUS_M),
        (Position(0, 0), Position(1, 0), math.pi * EARTH_RADIUS_M / 180),
        (Position(0, 179.5), Position(0, -179.5), math.pi * EARTH_RADIUS_M / 180),
        (ZHANGSHU, ZHANGSHU, 0.0),
    ],
)
def test_known_distances(a: Position, b: Position, metres: float) -> None:
    assert metres_between(a, b) == pytest.approx(metres, rel=1e-12, abs=1e-6)


@given(positions, positions)
def test_distance_agrees_with_geopy_and_is_symmetric(a: Position, b: Position) -> None:
    # Haversine loses digits near the antipodes; a millimetre per thousand kilometres is plenty.
    reference = great_circle((a.lat, a.lng), (b.lat, b.lng), radius=EARTH_RADIUS_M / 1000).m
    assert metres_between(a, b) == pytest.approx(reference, rel=1e-6, abs=0.01)
    assert metres_between(b, a) == pytest.approx(metres_between(a, b), rel=1e-12, abs=1e-6)


@given(positions, sizes)
@example(Position(90, 180), 500.0)
@example(Position(-90, -180), 500.0)
@example(Position(0, 180), 500.0)
@example(Position(0, 179.99999999999997), 100.0)
def test_a_position_lies_within_its_cell(position: Position, size_m: float) -> None:
    bounds = cell_bounds(cell_of(position, size_m), size_m)
    lng = -180.0 if position.lng == 180.0 else position.lng
    assert bounds.south - 1e-9 <= position.lat <= bounds.north + 1e-9
    assert bounds.west - 1e-9 <= lng <= bounds.east + 1e-9


@given(positions, sizes)
def test_a_cells_centre_is_in_that_cell(position: Position, size_m: float) -> None:
    cell = cell_of(position, size_m)
    assert cell_of(cell_centre(cell, size_m), size_m) == cell


@given(inhabited, st.sampled_from([100.0, 500.0, 1000.0]))
def test_cells_are_square_and_of_their_size_at_every_latitude(position: Position, size_m: float) -> None:
    bounds = cell_bounds(cell_of(position, size_m), size_m)
    middle = (bounds.south + bounds.north) / 2
    height = metres_between(Position(bounds.south, 0), Position(bounds.north, 0))
    width = metres_between(Position(middle, 0), Position(middle, bounds.east - bounds.west))
    assert height == pytest.approx(size_m, rel=0.001)
    assert width == pytest.approx(size_m, rel=0.001)


@given(inhabited)
def test_a_cells_centre_hides_a_position_by_at_most_half_a_diagonal(position: Position) -> None:
    assert metres_between(position, cell_centre(cell_of(position))) <= 500 * math.sqrt(2) / 2 * 1.01


def test_cells_are_stable() -> None:
    # Cells are stored and shown: the grid must not move between releases.
    assert cell_of(ZHANGSHU) == Cell(26254, 58002)
    assert cell_of(ZHANGSHU).key() == "26254_58002"
    assert cell_of(Position(-90, -180)) == Cell(0, 0)


def test_both_sides_of_the_date_line_are_one_column() -> None:
    assert cell_of(Position(10, 180)) == cell_of(Position(10, -180))


@pytest.mark.parametrize("cell", [Cell(-1, 0), Cell(40_030, 0), Cell(26_256, -1), Cell(26_256, 80_000)])
def test_a_cell_outside_the_grid_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match=f"cell {cell.key()} is not in the grid"):
        cell_bounds(cell)


@pytest.mark.parametrize("size_m", [0.0, -500.0, math.nan, math.inf])
def test_a_cell_size_must_be_positive(size_m: float) -> None:
    with pytest.raises(ValueError, match="cell size must be a positive number"):
        cell_of(ZHANGSHU, size_m)
