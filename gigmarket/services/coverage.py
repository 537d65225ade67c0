"""Reach as cells, and the share of people whom the stations reach; the searches run in a thread."""

import asyncio
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.coverage import (
    FEW,
    Share,
    cell_codes,
    cell_of_code,
    code_of,
    greedy,
    people_by_cell,
)
from gigmarket.domain.geo import CELL_SIZE_M, EARTH_RADIUS_M, Cell, Mode, Position, cell_centre, cell_of
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.travel.guarded import GuardedReach, GuardedRouter
from gigmarket.travel.residents import Place
from gigmarket.travel.router import Reach, Router
from gigmarket.wire.coverage import CoverageView, NextSite, ReachCell, ReachView, ShareView
from gigmarket.wire.values import PositionView

SIZES_M = (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
"""Sizes of reach cells: the labour map's 500 m, its halves, and larger ones for cars."""
MOST_CELLS = 1600
"""About as many cells as a screen can show apart, and some 150 kB of JSON."""
CANDIDATES = 200
"""Sites that are tried: one search each, half a second in all for a city."""

Floats = NDArray[np.float64]
_METRES_PER_DEG = math.radians(EARTH_RADIUS_M)


async def reach_of(market: Market, site: Position, mode: Mode, limit_s: int) -> ReachView:
    """The circle of a site as cells, as fine as `MOST_CELLS` allow: on roads, else by the straight line."""
    return await asyncio.to_thread(reach_view, market.router, site, mode, limit_s)


async def coverage_of(
    market: Market, residents: Sequence[Place], mode: Mode, limit_s: int, most: int
) -> CoverageView:
    """Who is within `limit_s` seconds of a station by this mode, and up to `most` further sites.

    Workers are counted by their cells of the labour map. Raises LiveDown, Unavailable.
    """
    workers = {cell: float(n) for cell, n in (await market.index.people_cells(CELL_SIZE_M)).items()}
    stations = await market.store.read(_stations)
    return await asyncio.to_thread(
        coverage_view, market.router, stations, workers, residents, mode, limit_s, most
    )


def reach_view(router: Router, site: Position, mode: Mode, limit_s: int) -> ReachView:
    """As `reach_of`, at once: first coarse over the whole radius, then fine where anybody was in reach."""
    reach = router.reach(site, mode, limit_s)
    span_m = router.radius_m(mode, limit_s)
    box = _around(site, span_m, span_m)
    size_m = _finest(4 * span_m * span_m)
    found = _cells_in(reach, box, size_m)
    if found:
        centres = [cell_centre(cell, size_m) for cell in found]
        lats, lngs = [c.lat for c in centres], [c.lng for c in centres]
        middle = Position((min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2)
        half_m = (max(lats) - min(lats)) / 2 * _METRES_PER_DEG + size_m
        half_wide_m = (max(lngs) - min(lngs)) / 2 * _metres_east(middle.lat) + size_m
        finer_m = _finest(4 * half_m * half_wide_m)
        if finer_m < size_m:
            size_m, found = finer_m, _cells_in(reach, _around(middle, half_m, half_wide_m), finer_m)
    cells = [ReachCell.of(cell, size_m, seconds) for cell, seconds in sorted(found.items())]
    return ReachView(
        site=PositionView.of(site),
        mode=mode,
        limit_s=limit_s,
        estimated=reach.estimated,
        cell_m=round(size_m),
        cells=cells,
    )


def coverage_view(
    router: Router,
    stations: Sequence[Position],
    workers: Mapping[Cell, float],
    residents: Sequence[Place],
    mode: Mode,
    limit_s: int,
    most: int,
) -> CoverageView:
    """As `coverage_of`, from what it read."""
    crowds = [_Crowd(people, router, mode) for people in (workers, people_by_cell(residents))]
    estimated = router.estimated
    for station in stations:
        reach = router.reach(station, mode, limit_s)
        for crowd in crowds:
            crowd.covered |= crowd.reached(reach)
        estimated |= reach.estimated
    weighed = crowds[1] if residents else crowds[0]
    return CoverageView(
        mode=mode,
        limit_s=limit_s,
        estimated=estimated,
        cell_m=round(CELL_SIZE_M),
        stations=len(stations),
        workers=ShareView.of(crowds[0].share()),
        residents=ShareView.of(crowds[1].share()) if residents else None,
        weighed="residents" if residents else "workers",
        next=_next(router, weighed, mode, limit_s, most),
    )


class _Crowd:
    """People by cell: in reach when its middle is, or where no road is near that, when a junction in it is."""

    def __init__(self, people: Mapping[Cell, float], router: Router, mode: Mode) -> None:
        self.cells = sorted(people)
        self.people = np.array([people[cell] for cell in self.cells])
        self.centres = [cell_centre(cell) for cell in self.cells]
        self.lat = np.array([centre.lat for centre in self.centres])
        self.lng = np.array([centre.lng for centre in self.centres])
        self.codes = np.array([code_of(cell) for cell in self.cells], dtype=np.int64)
        self.covered = np.zeros(len(self.cells), dtype=np.bool_)
        self._pathless = np.zeros(len(self.cells), dtype=np.bool_)
        if isinstance(router, GuardedRouter):
            self._pathless[:] = [router.snap_m(mode, centre) == math.inf for centre in self.centres]

    def reached(self, reach: Reach) -> NDArray[np.bool_]:
        """Which cells a circle reaches."""
        if not self.cells:
            return self.covered
        at_centre: NDArray[np.bool_] = np.isfinite(reach.seconds_many(self.lat, self.lng))
        if self._pathless.any():
            lat, lng, _ = _junctions(reach)
            at_centre |= self._pathless & np.isin(self.codes, cell_codes(lat, lng))
        return at_centre

    def share(self) -> Share:
        """The share that is covered."""
        return Share.of(self.people, self.covered)


def _next(router: Router, crowd: _Crowd, mode: Mode, limit_s: int, most: int) -> list[NextSite]:
    sites = _candidates(router, crowd, mode, limit_s) if most else []
    if not sites:
        return []
    reaches = np.array([crowd.reached(router.reach(crowd.centres[row], mode, limit_s)) for row in sites])
    picks = greedy(reaches, crowd.people, crowd.covered, most)
    return [
        NextSite.of(crowd.centres[sites[pick.site]], round(pick.gained)) for pick in picks if pick.gained >= FEW
    ]


def _candidates(router: Router, crowd: _Crowd, mode: Mode, limit_s: int) -> list[int]:
    """Where a station might stand: of every block of a circle's size the cell with the most people nobody
    reaches yet, and of the blocks the `CANDIDATES` with the most such people.
    """
    left = np.where(crowd.covered, 0.0, crowd.people)
    block_m = max(CELL_SIZE_M, router.radius_m(mode, limit_s) / 4)
    blocks: dict[int, list[int]] = {}
    for row, code in enumerate(cell_codes(crowd.lat, crowd.lng, block_m).tolist()):
        if left[row] > 0:
            blocks.setdefault(code, []).append(row)
    most_left = sorted(blocks.values(), key=lambda rows: (-left[rows].sum(), rows[0]))[:CANDIDATES]
    return [max(rows, key=lambda row: left[row]) for rows in most_left]


def _junctions(reach: Reach) -> tuple[Floats, Floats, Floats]:
    """The junctions in reach, where a reach knows any."""
    if isinstance(reach, GuardedReach):
        return reach.points()
    nothing = np.zeros(0)
    return nothing, nothing, nothing


def _cells_in(reach: Reach, box: tuple[Position, Position], size_m: float) -> dict[Cell, float]:
    """Every cell of a box that is in reach, by its middle or a junction in it, with the least seconds."""
    south_west, north_east = box
    cells = []
    for row in range(cell_of(south_west, size_m).row, cell_of(north_east, size_m).row + 1):
        lat = cell_centre(Cell(row, 0), size_m).lat
        west = cell_of(Position(lat, south_west.lng), size_m).col
        east = cell_of(Position(lat, north_east.lng), size_m).col
        cells += [Cell(row, col) for col in range(west, east + 1)]
    centres = [cell_centre(cell, size_m) for cell in cells]
    seconds = reach.seconds_many(np.array([c.lat for c in centres]), np.array([c.lng for c in centres]))
    found = {cell: s for cell, s in zip(cells, seconds.tolist(), strict=True) if not math.isnan(s)}
    lat_of, lng_of, seconds_of = _junctions(reach)
    inside = (np.abs(lat_of) <= 90) & (south_west.lat <= lat_of) & (lat_of <= north_east.lat)
    inside &= (south_west.lng <= lng_of) & (lng_of <= north_east.lng)
    codes = cell_codes(lat_of[inside], lng_of[inside], size_m)
    for code, s in zip(codes.tolist(), seconds_of[inside].tolist(), strict=True):
        cell = cell_of_code(code)
        found[cell] = min(s, found.get(cell, math.inf))
    return found


def _finest(area_m2: float) -> float:
    """The smallest cell size with at most MOST_CELLS on an area."""
    return next((size for size in SIZES_M if area_m2 <= MOST_CELLS * size * size), SIZES_M[-1])


def _around(middle: Position, half_m: float, half_wide_m: float) -> tuple[Position, Position]:
    """The south-west and north-east corners of a box, cut at the poles and the 180th meridian."""
    tall, wide = half_m / _METRES_PER_DEG, half_wide_m / _metres_east(middle.lat)
    return (
        Position(max(middle.lat - tall, -90.0), max(middle.lng - wide, -180.0)),
        Position(min(middle.lat + tall, 90.0), min(middle.lng + wide, 180.0)),
    )


def _metres_east(lat: float) -> float:
    return _METRES_PER_DEG * max(math.cos(math.radians(lat)), 0.01)


def _stations(tx: Transaction) -> list[Position]:
    return [station.position for station in tx.stations.all()]
