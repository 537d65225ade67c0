"""The first city, Zhangshu in Jiangxi: its centre, its towns and streets, and its gig stations.

The names of the 19 towns and streets are the city's own. Positions here and in the shipped CSV are
approximate (they place a demo, not a delivery); a station list from the city replaces the CSV.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from gigmarket.domain.geo import Position
from gigmarket.domain.region import Level

CITY_CENTRE = Position(28.0560, 115.5460)

COLUMNS = ("code", "name_zh", "name_en", "town_zh", "level", "lat", "lng", "address", "approximate")
VILLAGE = "village_zh"
"""The village of a village's own station; without it the station's name stands for the village."""


class BadStations(ValueError):
    """A station list can't be used; the message names the file and the line, as a spreadsheet counts it."""


@dataclass(frozen=True, slots=True)
class Town:
    """A street (街道), town (镇) or township (乡) of the city, with an approximate position of its seat."""

    name_zh: str
    name_en: str
    position: Position


@dataclass(frozen=True, slots=True)
class StationPlace:
    """A gig station (零工驿站): a stable code, names, its town, level, WGS-84 position and address.

    A village's own station has its village, too.
    """

    code: str
    name_zh: str
    name_en: str
    town_zh: str
    level: Level
    position: Position
    address: str
    approximate: bool
    village_zh: str | None = None


TOWNS: tuple[Town, ...] = (
    Town("淦阳街道", "Ganyang Subdistrict", Position(28.051, 115.550)),
    Town("鹿江街道", "Lujiang Subdistrict", Position(28.062, 115.543)),
    Town("福城街道", "Fucheng Subdistrict", Position(28.072, 115.557)),
    Town("张家山街道", "Zhangjiashan Subdistrict", Position(28.044, 115.596)),
    Town("大桥街道", "Daqiao Subdistrict", Position(28.033, 115.556)),
    Town("临江镇", "Linjiang Town", Position(27.987, 115.406)),
    Town("永泰镇", "Yongtai Town", Position(27.938, 115.464)),
    Town("黄土岗镇", "Huangtugang Town", Position(27.930, 115.230)),
    Town("经楼镇", "Jinglou Town", Position(28.042, 115.372)),
    Town("昌傅镇", "Changfu Town", Position(27.934, 115.337)),
    Town("店下镇", "Dianxia Town", Position(27.912, 115.621)),
    Town("阁山镇", "Geshan Town", Position(27.988, 115.602)),
    Town("刘公庙镇", "Liugongmiao Town", Position(28.112, 115.462)),
    Town("观上镇", "Guanshang Town", Position(28.104, 115.630)),
    Town("义成镇", "Yicheng Town", Position(28.060, 115.285)),
    Town("中洲乡", "Zhongzhou Township", Position(28.002, 115.222)),
    Town("洲上乡", "Zhoushang Township", Position(27.978, 115.548)),
    Town("洋湖乡", "Yanghu Township", Position(28.058, 115.476)),
    Town("吴城乡", "Wucheng Township", Position(27.985, 115.289)),
)
"""All 5 streets, 10 towns and 4 townships of the city. Every position is approximate."""


def load_stations(path: Path | None = None) -> list[StationPlace]:
    """The stations of a UTF-8 CSV with the columns of `COLUMNS` and, for villages' own stations, `village_zh`
    (more are ignored), in the file's order.

    Without a path: the first city's own list. Raises BadStations naming the line of the first fault.
    """
    name = path.name if path else "zhangshu_stations.csv"
    source = path or files("gigmarket.travel").joinpath("zhangshu_stations.csv")
    try:
        # Spreadsheets put a byte order mark first.
        text = source.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadStations(f"{name}: not UTF-8; save it as CSV UTF-8") from error
    except OSError as error:
        raise BadStations(f"{name}: can't be read ({error.strerror})") from error
    return _stations(name, io.StringIO(text, newline=""))


def _stations(name: str, lines: Iterable[str]) -> list[StationPlace]:
    reader = csv.DictReader(lines, strict=True)
    stations: dict[str, StationPlace] = {}
    try:
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise BadStations(f"{name}: line 1: missing column {', '.join(missing)}")
        for row in reader:
            try:
                station = _station(row)
                if station.code in stations:
                    raise ValueError(f"code {station.code!r} stands twice")
            except ValueError as error:
                raise BadStations(f"{name}: line {reader.line_num}: {error}") from error
            stations[station.code] = station
    except csv.Error as error:
        raise BadStations(f"{name}: line {reader.reader.line_num}: {error}") from error
    if not stations:
        raise BadStations(f"{name}: no stations in it")
    return list(stations.values())


def _station(row: dict[str, str | None]) -> StationPlace:
    cells = {column: (row[column] or "").strip() for column in COLUMNS}
    for column, cell in cells.items():
        if not cell:
            raise ValueError(f"{column} is empty")
    if cells["level"] not in set(Level):
        raise ValueError(f"level must be {', '.join(Level)}, not {cells['level']!r}")
    if cells["approximate"] not in ("true", "false"):
        raise ValueError(f"approximate must be true or false, not {cells['approximate']!r}")
    level, village = Level(cells["level"]), (row.get(VILLAGE) or "").strip()
    if village and level is not Level.VILLAGE:
        raise ValueError(f"{VILLAGE} is for a village's own station, and this one's level is {level}")
    return StationPlace(
        code=cells["code"],
        name_zh=cells["name_zh"],
        name_en=cells["name_en"],
        town_zh=cells["town_zh"],
        level=level,
        position=Position(_degrees("lat", cells["lat"]), _degrees("lng", cells["lng"])),
        address=cells["address"],
        approximate=cells["approximate"] == "true",
        village_zh=(village or cells["name_zh"]) if level is Level.VILLAGE else None,
    )


def _degrees(column: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise ValueError(f"{column} must be a number of degrees, not {cell!r}") from error
