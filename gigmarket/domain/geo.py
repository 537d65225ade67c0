"""Positions on the earth, distances between them, and the ~500 m cells the public may see.

Everything here is WGS-84. `Datum` only names what an input was measured in; `travel.datum` converts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth in metres (IUGG, (2a + b) / 3 of WGS-84)."""

CELL_SIZE_M = 500.0
"""Side of a public cell in metres: what a worker sees of a site before acceptance."""


class Mode(StrEnum):
    """How a worker travels; the values are those of the public protocol."""

    WALK = "walk"
    BICYCLE = "bicycle"
    EBIKE = "ebike"
    MOTORBIKE = "motorbike"
    CAR = "car"


MODES = tuple(Mode)
"""Modes by their number in a column of modes."""


class Datum(StrEnum):
    """The datum a pair of degrees was measured in: GPS, AMap/Tencent, or Baidu."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Position:
    """A point in WGS-84 degrees: lat in [-90, 90], lng in [-180, 180].

    Raises ValueError for a coordinate that is not finite or lies outside the earth.
    """

    lat: float
    lng: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lat) and -90.0 <= self.lat <= 90.0):
            raise ValueError(f"latitude must be a number from -90 to 90, not {self.lat!r}")
        if not (math.isfinite(self.lng) and -180.0 <= self.lng <= 180.0):
            raise ValueError(f"longitude must be a number from -180 to 180, not {self.lng!r}")


def metres_between(a: Position, b: Position) -> float:
    """Great-circle distance in metres between two positions (haversine, mean radius).

    Within 0.6 % of the distance on the WGS-84 ellipsoid, which is far below the error of any travel time.
    """
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lng = math.radians(b.lng - a.lng) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lng) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One cell of the grid for some size: row counts from the south pole, col from 180° west."""

    row: int
    col: int

    def key(self) -> str:
        """The cell's id on the wire, `row_col`, for instance `26254_58002`."""
        return f"{self.row}_{self.col}"


@dataclass(frozen=True, slots=True)
class CellBounds:
    """The edges of a cell in WGS-84 degrees; a cell owns its south and west edges."""

    south: float
    west: float
    north: float
    east: float


def cell_of(position: Position, size_m: float = CELL_SIZE_M) -> Cell:
    """The cell of about size_m × size_m metres that holds a position.

    The grid depends on size_m alone, so equal inputs give equal cells in every process and release.
    Raises ValueError for a size that is not a positive number.
    """
    rows = _rows(size_m)
    row = min(int((position.lat + 90.0) * rows / 180.0), rows - 1)
    cols = _cols(row, size_m)
    # 180° east and 180° west are one meridian, hence one column.
    lng = -180.0 if position.lng == 180.0 else position.lng
    return Cell(row, min(int((lng + 180.0) * cols / 360.0), cols - 1))


def cell_bounds(cell: Cell, size_m: float = CELL_SIZE_M) -> CellBounds:
    """The edges of a cell, in degrees; size_m must be the size the cell was made with.

    Raises ValueError for a cell that the grid of this size does not have.
    """
    rows = _rows(size_m)
    if not 0 <= cell.row < rows:
        raise ValueError(f"cell {cell.key()} is not in the grid of {size_m} m: row beyond {rows - 1}")
    cols = _cols(cell.row, size_m)
    if not 0 <= cell.col < cols:
        raise ValueError(f"cell {cell.key()} is not in the grid of {size_m} m: column beyond {cols - 1}")
    return CellBounds(
        south=cell.row * 180.0 / rows - 90.0,
        west=cell.col * 360.0 / cols - 180.0,
        north=(cell.row + 1) * 180.0 / rows - 90.0,
        east=(cell.col + 1) * 360.0 / cols - 180.0,
    )


def cell_centre(cell: Cell, size_m: float = CELL_SIZE_M) -> Position:
    """The middle of a cell: what stands for a site or a worker before acceptance.

    Raises ValueError for a cell that the grid of this size does not have.
    """
    bounds = cell_bounds(cell, size_m)
    return Position((bounds.south + bounds.north) / 2, (bounds.west + bounds.east) / 2)


def _rows(size_m: float) -> int:
    if not (math.isfinite(size_m) and size_m > 0):
        raise ValueError(f"cell size must be a positive number of metres, not {size_m!r}")
    return max(1, round(math.pi * EARTH_RADIUS_M / size_m))


def _cols(row: int, size_m: float) -> int:
    middle = math.radians((row + 0.5) * 180.0 / _rows(size_m) - 90.0)
    return max(1, round(2 * math.pi * EARTH_RADIUS_M * math.cos(middle) / size_m))
