"""Reach and coverage as staff see them: cells, shares and proposed sites, never people."""

from typing import Literal

from pydantic import Field

from gigmarket.domain.coverage import Share
from gigmarket.domain.geo import Cell, Mode, Position, cell_bounds, cell_centre
from gigmarket.wire.values import PositionView, View


class ReachCell(View):
    """A cell, half its height and width in degrees, and the least seconds from the points looked at in it."""

    key: str
    lat: float
    lng: float
    half_lat: float
    half_lng: float
    seconds: int

    @classmethod
    def of(cls, cell: Cell, size_m: float, seconds: float) -> "ReachCell":
        """A cell of this size with its seconds."""
        centre, bounds = cell_centre(cell, size_m), cell_bounds(cell, size_m)
        return cls(
            key=cell.key(),
            lat=round(centre.lat, 6),
            lng=round(centre.lng, 6),
            half_lat=round((bounds.north - bounds.south) / 2, 6),
            half_lng=round((bounds.east - bounds.west) / 2, 6),
            seconds=round(seconds),
        )


class ReachView(View):
    """Who gets to a site in time: cells of `cell_m` metres. `estimated`: by a straight line, not on roads."""

    site: PositionView
    mode: Mode
    limit_s: int
    estimated: bool
    cell_m: int
    cells: list[ReachCell]


class BasemapLayers(View):
    """Lines of whole 1e-5 degrees, latitude before longitude: a first point, then steps to each next one."""

    river: list[list[int]] = Field(default_factory=list)
    major: list[list[int]] = Field(default_factory=list)
    minor: list[list[int]] = Field(default_factory=list)


class BasemapView(View):
    """The city's rivers and main roads for a map; no lines where no roads are loaded, or older ones."""

    attribution: str = ""
    layers: BasemapLayers = Field(default_factory=BasemapLayers)


class ShareView(View):
    """People in reach of a station: null where a number would tell of one or two."""

    total: int | None
    within: int | None
    beyond: int | None
    share: float | None

    @classmethod
    def of(cls, share: Share) -> "ShareView":
        """The same share, as sent."""
        return cls(total=share.total, within=share.within, beyond=share.beyond, share=share.share)


class NextSite(View):
    """A proposed station: the middle of a cell, and the people it newly covers."""

    lat: float
    lng: float
    people: int

    @classmethod
    def of(cls, site: Position, people: int) -> "NextSite":
        """Rounded to 0.1 m."""
        return cls(lat=round(site.lat, 6), lng=round(site.lng, 6), people=people)


class CoverageView(View):
    """Shares of people within `limit_s` of any station by one mode, and where further stations help most.

    `weighed` tells whose numbers the proposed sites follow: residents where the city gave them, else the
    workers looking for work now.
    """

    mode: Mode
    limit_s: int
    estimated: bool
    cell_m: int
    stations: int
    workers: ShareView
    residents: ShareView | None
    weighed: Literal["workers", "residents"]
    next: list[NextSite]
