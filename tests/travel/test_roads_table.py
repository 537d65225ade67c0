"""`gigmarket travel`: the CSV in, the CSV out, and what it says about rows it can't read."""

import csv
from pathlib import Path

import pytest

from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.roads.travel_table import BadTable, TableReport, add_seconds
from tests.travel.roads_town import WALK, at, river_town

HEADER = "mode,from_lat,from_lng,to_lat,to_lng"


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> RoadRouter:
    return river_town().router(tmp_path_factory.mktemp("town"))


def row(mode: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    a, b = at(*start), at(*end)
    return f"{mode},{a.lat},{a.lng},{b.lat},{b.lng}"


def answered(
    router: RoadRouter, folder: Path, text: str, limit_s: float = 900.0
) -> tuple[list[dict[str, str]], list[str], TableReport]:
    (folder / "in.csv").write_text(text, encoding="utf-8")
    complaints: list[str] = []
    report = add_seconds(router, folder / "in.csv", folder / "out.csv", limit_s, complaints.append)
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), complaints, report


def test_journeys_get_their_seconds_and_keep_their_columns(router: RoadRouter, tmp_path: Path) -> None:
    text = "\n".join(
        [
            f"id,{HEADER},note",
            f'a,{row("walk", (100, 0), (300, 0))},"搬运, 药材"',
            f"b,{row('walk', (0, 700), (1000, -500))},too far on foot",
            f"c,{row('bicycle', (0, 700), (1000, -500))},not by bicycle",
            f"d,{row('walk', (500, -2000), (300, 0))},in the fields",
        ]
    )
    rows, complaints, report = answered(router, tmp_path, "\ufeff" + text)
    assert [line["id"] for line in rows] == ["a", "b", "c", "d"]
    assert list(rows[0]) == ["id", *HEADER.split(","), "note", "seconds"]
    assert rows[0]["note"] == "搬运, 药材"
    assert float(rows[0]["seconds"]) == pytest.approx(200 / WALK, abs=0.2)
    assert rows[1]["seconds"] == rows[3]["seconds"] == ""
    assert 440 < float(rows[2]["seconds"]) < 500
    assert complaints == []
    assert report == TableReport(rows=4, reached=2, bad=0)


def test_the_limit_is_the_callers(router: RoadRouter, tmp_path: Path) -> None:
    text = f"{HEADER}\n{row('walk', (100, 0), (300, 0))}\n"
    assert answered(router, tmp_path, text, 100.0)[0][0]["seconds"] == ""
    assert answered(router, tmp_path, text, 150.0)[0][0]["seconds"] != ""
    with pytest.raises(ValueError, match="travel limit"):
        answered(router, tmp_path, text, -1.0)


def test_one_bad_row_loses_no_other(router: RoadRouter, tmp_path: Path) -> None:
    good = row("walk", (100, 0), (300, 0))
    bad = [
        "fly,28.05,115.54,28.05,115.54",
        "walk,north,115.54,28.05,115.54",
        "walk,nan,115.54,28.05,115.54",
        "walk,28.05,115.54,28.05,515.54",
        "walk,28.05,115.54",
        "walk,28.05,115.54,28.05,115.54,more",
    ]
    rows, complaints, report = answered(router, tmp_path, "\n".join([HEADER, good, *bad, "", good]))
    assert [bool(line["seconds"]) for line in rows] == [True, *[False] * len(bad), True]
    assert report == TableReport(rows=8, reached=2, bad=6)
    assert [complaint.split(": ")[1] for complaint in complaints] == [f"line {n}" for n in range(3, 9)]
    assert "mode must be walk, bicycle, ebike, motorbike, car, not 'fly'" in complaints[0]
    assert "from_lat must be a number of degrees, not 'north'" in complaints[1]
    assert "latitude must be a number from -90 to 90" in complaints[2]
    assert "longitude must be" in complaints[3]
    assert "3 cells under 5 columns" in complaints[4]
    assert all("\n" not in complaint for complaint in complaints)
    assert rows[0]["seconds"] == rows[-1]["seconds"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: missing column mode, from_lat, from_lng, to_lat, to_lng"),
        (b"mode,from_lat,from_lng,to_lat\n", "line 1: missing column to_lng"),
        (HEADER.encode() + b",seconds\n", "line 1: there is a column seconds already"),
        (HEADER.encode() + b",mode\n", "line 1: column mode stands twice"),
        ("mode,地点".encode("gb18030"), "not UTF-8"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_line(
    router: RoadRouter, tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "in.csv").write_bytes(content)
    with pytest.raises(BadTable, match=message) as refused:
        add_seconds(router, tmp_path / "in.csv", tmp_path / "out.csv", 900.0, print)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out.csv").exists()


def test_files_that_are_not_there_are_named(router: RoadRouter, tmp_path: Path) -> None:
    with pytest.raises(BadTable, match=r"none.csv: can't be read \(No such file"):
        add_seconds(router, tmp_path / "none.csv", tmp_path / "out.csv", 900.0, print)
    (tmp_path / "in.csv").write_text(f"{HEADER}\n", encoding="utf-8")
    with pytest.raises(BadTable, match=r"out\.csv: can't be written"):
        add_seconds(router, tmp_path / "in.csv", tmp_path / "no" / "out.csv", 900.0, print)
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadTable, match=r"folder: can't be written"):
        add_seconds(router, tmp_path / "in.csv", tmp_path / "folder", 900.0, print)
    assert {entry.name for entry in tmp_path.iterdir()} == {"in.csv", "folder"}
