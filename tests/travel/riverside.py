"""A server's settings for the river town: its roads, its one station, and its residents."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from gigmarket.domain.geo import Position
from tests.travel.roads_town import at, river_town

STATION = at(500, -200)
"""On the near bank, 200 m from the bridge."""
RESIDENTS = {(500.0, -100.0): 300, (500.0, 600.0): 100}
HEADER = "code,name_zh,name_en,town_zh,level,lat,lng,address,approximate"


def riverside(folder: Path, bridges: Sequence[float] = (500.0,)) -> dict[str, str]:
    """Build everything in a folder; the GIGMARKET_ settings that use it."""
    river_town(bridges).router(folder)
    stations, residents = folder / "stations.csv", folder / "residents.csv"
    row = f"heyan,河沿驿站,Riverside Station,淦阳街道,town,{STATION.lat},{STATION.lng},河沿路 1 号,true"
    stations.write_text(f"{HEADER}\n{row}\n", "utf-8")
    rows = [f"{at(*where).lat},{at(*where).lng},{people}" for where, people in RESIDENTS.items()]
    residents.write_text("lat,lng,people\n" + "\n".join(rows) + "\n", "utf-8")
    return {
        "GIGMARKET_ROADS": str(folder / "roads"),
        "GIGMARKET_STATIONS": str(stations),
        "GIGMARKET_RESIDENTS": str(residents),
    }


def given(position: Position, datum: str = "wgs84") -> dict[str, object]:
    """A position as clients send it."""
    return {"lat": position.lat, "lng": position.lng, "datum": datum}


def asked(position: Position, **more: object) -> Mapping[str, object]:
    """A position and more as a query."""
    return {**given(position), **more}
