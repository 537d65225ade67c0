"""The city's gig stations (零工驿站): entered from its list, shown in the public directory."""

from collections.abc import Sequence

from gigmarket.domain.ids import station_principal
from gigmarket.store.stations import Station
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.events import StationEvent
from gigmarket.wire.values import PositionView, StationView


def enter(tx: Transaction, stations: Sequence[Station]) -> None:
    """Insert stations, or bring those with the same id up to date; the screens of a changed one are told."""
    known = {station.id: station for station in tx.stations.all()}
    tx.stations.put_all(stations)
    for station in stations:
        if station.id in known and station != known[station.id]:
            told = StationEvent(station=station_view(station))
            tx.tell(station_principal(station.id), "station.updated", encode(told))


def station_view(station: Station) -> StationView:
    """A station as the public directory shows it."""
    return StationView(
        id=station.id,
        name=station.name,
        name_en=station.name_en,
        town=station.town,
        village=station.village,
        level=station.level,
        address=station.address,
        position=PositionView.of(station.position),
        approximate=station.approximate,
    )
