"""A place belongs to the town, and the village, of the nearest station; staff see the region of their own."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Invalid
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import Role, StationId
from gigmarket.domain.region import Region, served
from gigmarket.store.stations import Station
from gigmarket.store.transaction import Transaction

T = TypeVar("T")


class Regions:
    """The towns and villages of a city by its stations."""

    def __init__(self, stations: Sequence[Station]) -> None:
        self._stations = stations
        self._lat = np.radians([station.position.lat for station in stations])
        self._lng = np.radians([station.position.lng for station in stations])

    def of(self, place: Position) -> Region:
        """The town and village of a place; the city itself where it has no stations."""
        return self.of_many([place])[0]

    def of_many(self, places: Sequence[Position]) -> list[Region]:
        """The same of each place, in order."""
        if not self._stations:
            return [Region()] * len(places)
        lat = np.radians([place.lat for place in places])[:, None]
        lng = np.radians([place.lng for place in places])[:, None]
        flat = (self._lng - lng) * np.cos(lat)
        nearest = np.argmin(flat * flat + (self._lat - lat) ** 2, axis=1)
        return [self._stations[each].region for each in nearest.tolist()]

    def within(self, here: Region, found: Sequence[T], place: Callable[[T], Position | None]) -> list[T]:
        """Those in a region, in order. Who is in no place known is in the city, and in none of its towns."""
        if here.whole:
            return list(found)
        placed = [(one, at) for one in found if (at := place(one)) is not None]
        regions = self.of_many([at for _, at in placed])
        return [one for (one, _), region in zip(placed, regions, strict=True) if here.holds(region)]

    def served_by(self, station: StationId) -> Region:
        """What a station's staff answer for."""
        own = next(each for each in self._stations if each.id == station)
        return served(own.level, own.region)

    def check(self, asked: Region) -> None:
        """Raises Invalid for a town or a village without a station."""
        if asked.village is not None and asked.town is None:
            raise Invalid.field("town", "a village is asked for with its town")
        if any(asked.holds(station.region) for station in self._stations) or asked.whole:
            return
        known = any(station.town == asked.town for station in self._stations)
        path, where = ("village", "village of this town") if known else ("town", "town")
        raise Invalid.field(path, f"no station is in this {where}; GET /api/v1/stations lists them")


def scope(tx: Transaction, actor: Actor, asked: Region) -> tuple[Regions, Region]:
    """The city's regions, and the one this desk sees: what it asks for, but staff entered with a station see
    only what lies in the station's region. A clerk may look beyond it: the next gig may be there.

    Raises Invalid for a town or a village without a station.
    """
    regions = Regions(tx.stations.all())
    if actor.role is not Role.STAFF or actor.station is None:
        regions.check(asked)
        return regions, asked
    own = regions.served_by(actor.station)
    if not own.holds(asked):
        return regions, own
    regions.check(asked)
    return regions, asked
