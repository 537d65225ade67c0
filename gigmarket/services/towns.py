"""City → town: a place belongs to the town of the nearest station. A town's staff see their town only."""

from collections.abc import Sequence

import numpy as np

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Invalid
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import Role, StationId
from gigmarket.store.accounts import Station
from gigmarket.store.transaction import Transaction


class Towns:
    """The towns of a city by its stations."""

    def __init__(self, stations: Sequence[Station]) -> None:
        self._stations = stations
        self._lat = np.radians([station.position.lat for station in stations])
        self._lng = np.radians([station.position.lng for station in stations])
        self.names = sorted({station.town for station in stations})

    def of(self, place: Position) -> str | None:
        """The town of a place; None in a city without stations."""
        if not self._stations:
            return None
        lat, lng = np.radians(place.lat), np.radians(place.lng)
        flat = (self._lng - lng) * np.cos(lat)
        return self._stations[int(np.argmin(flat * flat + (self._lat - lat) ** 2))].town

    def of_station(self, station: StationId) -> str | None:
        """The town that a station stands in."""
        return next((each.town for each in self._stations if each.id == station), None)


def scope(tx: Transaction, actor: Actor, asked: str | None) -> tuple[Towns, str | None]:
    """The towns, and the one this desk sees: that of staff entered with a station, else the one asked for, else
    all (None). A clerk may look beyond the town: the next gig may be there.

    Raises Invalid for a town without a station.
    """
    towns = Towns(tx.stations.all())
    if actor.role is Role.STAFF and actor.station is not None:
        return towns, towns.of_station(actor.station)
    if asked is not None and asked not in towns.names:
        raise Invalid.field("town", "no station is in this town; GET /api/v1/stations lists them")
    return towns, asked
