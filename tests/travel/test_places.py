"""The first city's towns and stations, and what a station list must be."""

from pathlib import Path

import pytest

from gigmarket.domain.geo import Position, metres_between
from gigmarket.domain.region import Level
from gigmarket.travel.places import CITY_CENTRE, TOWNS, BadStations, load_stations

HEADER = "code,name_zh,name_en,town_zh,level,lat,lng,address,approximate"
GOOD = "st-1,城东驿站,East Station,淦阳街道,town,28.05,115.55,药都大道 1 号,false"

# 东经115°06′33″–115°42′23″, 北纬27°49′07″–28°09′15″: the city's own limits.
SOUTH, NORTH, WEST, EAST = 27.8186, 28.1542, 115.1091, 115.7064


def in_the_city(position: Position) -> bool:
    return SOUTH <= position.lat <= NORTH and WEST <= position.lng <= EAST


def written(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "stations.csv"
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def test_the_city_has_five_streets_ten_towns_and_four_townships() -> None:
    kinds = [town.name_zh[-1] if not town.name_zh.endswith("街道") else "街道" for town in TOWNS]
    assert (kinds.count("街道"), kinds.count("镇"), kinds.count("乡")) == (5, 10, 4)
    assert len({town.name_zh for town in TOWNS}) == len({town.name_en for town in TOWNS}) == 19
    assert all(in_the_city(town.position) for town in TOWNS)
    assert in_the_city(CITY_CENTRE)


def test_the_shipped_stations_are_in_the_citys_towns_and_marked_approximate() -> None:
    stations = load_stations()
    assert 8 <= len(stations) <= 12
    assert len({station.code for station in stations}) == len(stations)
    assert {station.town_zh for station in stations} <= {town.name_zh for town in TOWNS}
    assert all(station.approximate for station in stations)
    assert all(in_the_city(station.position) for station in stations)
    assert [station.name_zh for station in stations if station.level is Level.CITY] == ["樟树市零工市场"]
    seats = {town.name_zh: town.position for town in TOWNS}
    assert all(metres_between(station.position, seats[station.town_zh]) < 2_000 for station in stations)


def test_a_list_of_the_citys_own_replaces_them(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + ",phone", GOOD + ",0795-1")
    (station,) = load_stations(path)
    assert (station.code, station.name_zh, station.name_en) == ("st-1", "城东驿站", "East Station")
    assert (station.town_zh, station.level, station.address) == ("淦阳街道", Level.TOWN, "药都大道 1 号")
    assert (station.position, station.approximate) == (Position(28.05, 115.55), False)


def test_a_villages_own_station_names_its_village(tmp_path: Path) -> None:
    village = GOOD.replace(",town,", ",village,")
    lines = [GOOD + ",", village.replace("st-1", "st-2") + ",塘下村", village.replace("st-1", "st-3") + ","]
    stations = load_stations(written(tmp_path, HEADER + ",village_zh", *lines))
    assert [station.village_zh for station in stations] == [None, "塘下村", "城东驿站"]
    with pytest.raises(BadStations, match=r"^stations.csv: line 2: village_zh is for a village's own station"):
        load_stations(written(tmp_path, HEADER + ",village_zh", GOOD + ",塘下村"))
    (unnamed,) = load_stations(written(tmp_path, HEADER, village))
    assert unnamed.village_zh == "城东驿站"


def test_a_list_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes(("\ufeff" + HEADER + "\r\n" + GOOD + "\r\n\r\n").encode())
    assert [station.code for station in load_stations(path)] == ["st-1"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("st-1", "", "code is empty"),
        ("28.05", "north", "lat must be a number of degrees, not 'north'"),
        ("28.05", "98.05", "latitude must be a number from -90 to 90"),
        ("115.55", "nan", "longitude must be a number from -180 to 180"),
        ("115.55", "", "lng is empty"),
        (",town,", ",province,", "level must be city, town, village, not 'province'"),
        (",false", ",no", "approximate must be true or false, not 'no'"),
        (",药都大道 1 号,false", "", "address is empty"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = written(tmp_path, HEADER, GOOD.replace("st-1", "st-0"), GOOD.replace(old, new))
    with pytest.raises(BadStations) as refused:
        load_stations(path)
    assert str(refused.value).startswith(f"stations.csv: line 3: {reason}")


def test_a_code_that_stands_twice_is_named_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadStations, match=r"^stations.csv: line 4: code 'st-1' stands twice$"):
        load_stations(written(tmp_path, HEADER, GOOD, GOOD.replace("st-1", "st-2"), GOOD))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([""], "line 1: missing column code, name_zh"),
        ([HEADER.replace(",level", ""), GOOD], "line 1: missing column level"),
        ([HEADER], "no stations in it"),
        ([HEADER, GOOD, 'st-2,"open'], "line 3: unexpected end of data"),
    ],
)
def test_a_list_that_is_no_list_is_refused(tmp_path: Path, lines: list[str], reason: str) -> None:
    with pytest.raises(BadStations) as refused:
        load_stations(written(tmp_path, *lines))
    assert str(refused.value).startswith(f"stations.csv: {reason}")


def test_a_list_in_another_encoding_or_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadStations, match=r"^stations.csv: not UTF-8"):
        load_stations(written(tmp_path, HEADER, GOOD, encoding="gb18030"))
    with pytest.raises(BadStations, match=r"^none.csv: can't be read \(No such file or directory\)"):
        load_stations(tmp_path / "none.csv")
