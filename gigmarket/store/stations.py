"""Stations in SQL."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select, update

from gigmarket.domain.errors import NotFound
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import StationId
from gigmarket.domain.region import Level, Region
from gigmarket.store.tables import TABLES

_STATION = TABLES["station"]
_USES = [
    select(table.c.station_id).where(table.c.station_id == bindparam("id")).limit(1)
    for table in TABLES.values()
    if "station_id" in table.c
]


@dataclass(frozen=True, slots=True)
class Station:
    """A gig station (零工驿站); `village` is that of a village's own station, and None for others."""

    id: StationId
    name: str
    name_en: str
    town: str
    address: str
    position: Position
    approximate: bool
    level: Level
    village: str | None

    @property
    def region(self) -> Region:
        """The town, and for a village's own station the village, of the places that it is nearest to."""
        return Region(self.town, self.village)


class Stations:
    """Queries about stations inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[Station]:
        """Every station, by id."""
        rows = self._connection.execute(select(_STATION).order_by(_STATION.c.id))
        return [_station(row) for row in rows.mappings()]

    def get(self, station_id: StationId) -> Station:
        """One station. Raises NotFound."""
        row = self._connection.execute(select(_STATION).where(_STATION.c.id == station_id)).mappings().first()
        if row is None:
            raise NotFound("no such station")
        return _station(row)

    def put_all(self, stations: Sequence[Station]) -> None:
        """Insert stations, or bring those with the same id up to date."""
        known = {station.id for station in self.all()}
        for station in stations:
            values = {
                "id": station.id,
                "name": station.name,
                "name_en": station.name_en,
                "town": station.town,
                "address": station.address,
                "lat": station.position.lat,
                "lng": station.position.lng,
                "approximate": station.approximate,
                "level": station.level,
                "village": station.village,
            }
            if station.id in known:
                self._connection.execute(update(_STATION).where(_STATION.c.id == station.id).values(values))
            else:
                self._connection.execute(insert(_STATION), values)

    def leave_only(self, ids: Collection[StationId]) -> tuple[list[StationId], list[StationId]]:
        """Delete the other stations, by id: which are gone, and which stay because something refers to them (a
        desk, a kiosk, somebody waiting in its hall, an offer made there).
        """
        gone, kept = [], []
        for station in self.all():
            if station.id in ids:
                continue
            if any(self._connection.execute(used, {"id": station.id}).first() for used in _USES):
                kept.append(station.id)
            else:
                self._connection.execute(delete(_STATION).where(_STATION.c.id == station.id))
                gone.append(station.id)
        return gone, kept


def _station(row: RowMapping) -> Station:
    return Station(
        id=StationId(row["id"]),
        name=row["name"],
        name_en=row["name_en"],
        town=row["town"],
        address=row["address"],
        position=Position(row["lat"], row["lng"]),
        approximate=row["approximate"],
        level=Level(row["level"]),
        village=row["village"],
    )
