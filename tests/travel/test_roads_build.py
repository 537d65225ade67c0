"""What `gigmarket roads build` keeps, and what a server refuses to open."""

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gigmarket.domain.geo import Mode
from gigmarket.travel import streets
from gigmarket.travel.roads import RoadRouter, extract, graph, sketch
from gigmarket.travel.roads.build import build
from gigmarket.travel.streets import DamagedRoads, RoadsBuildFailed
from tests.travel.roads_town import PORTO, Town, at, river_town

FILES = ["map.json", "meta.json", "points.npy", "roads.json", *(f"{mode}.graph" for mode in Mode)]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return river_town().write(tmp_path / "town.osm.pbf")


@pytest.fixture
def roads(town: Path, tmp_path: Path) -> Path:
    build(town, tmp_path / "roads")
    return tmp_path / "roads"


def test_one_folder_holds_street_points_and_five_graphs(town: Path, tmp_path: Path) -> None:
    report = build(town, tmp_path / "roads")
    assert sorted(entry.name for entry in report.out.iterdir()) == sorted(FILES)
    assert len(streets.load(report.out).points) == report.streets.points == 132
    opened = graph.load(report.out)
    assert set(opened.graphs) == set(Mode)
    assert opened.sha256 == report.sha256
    assert (opened.source, opened.attribution) == ("town.osm.pbf", "© OpenStreetMap contributors, ODbL 1.0")
    # 132 crossings; 2 x 115 pieces of street and the bridge.
    assert (report.modes[Mode.WALK].nodes, report.modes[Mode.WALK].edges) == (132, 231)
    assert report.modes[Mode.WALK].km == pytest.approx(23.2, rel=1e-3)
    assert report.modes[Mode.WALK].kept == 1.0
    lines = report.lines()
    assert lines[0].startswith("35 ways, 0 ferries, 0 barriers read; 132 street points kept")
    assert "OpenStreetMap contributors" in lines[-1]


def test_who_waits_for_a_build_hears_how_much_is_done_of_what_was_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "_PROGRESS_EVERY", 10)
    town = river_town()
    town.node_tags[(0.0, 0.0)] = {"barrier": "gate"}
    town.node_tags[(100.0, 0.0)] = {"shop": "bakery"}
    told: list[tuple[str, int, int]] = []
    pbf = town.way((0.0, 50.0), (9.0, 50.0), building="yes").write(tmp_path / "town.osm.pbf")
    build(pbf, tmp_path / "roads", lambda *step: told.append(step))
    assert told[:2] == [("counting objects", 0, 0), ("counting objects", 36, 36)]
    assert [done for step, done, _ in told if step == "reading objects"] == [0, 10, 20, 30, 36]
    totals = {"reading objects": 36, "building graphs": 5, "drawing kinds of lines": 9, "writing files": 3}
    assert {step for step, _, _ in told} == {"counting objects", *totals}
    for step, total in totals.items():
        mine = [(done, whole) for name, done, whole in told if name == step]
        assert mine == sorted(mine)
        assert mine[-1] == (total, total)
        assert {whole for _, whole in mine} == {total}


def test_the_map_has_rivers_and_the_roads_in_order_of_rank_until_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = river_town().way((0.0, -50.0), (600.0, -50.0), waterway="river")
    town.way((0.0, 1500.0), (300.0, 1501.0), (600.0, 1500.0), highway="primary")
    town.way((0.0, 2500.0), (600.0, 2500.0), highway="footway").write(tmp_path / "town.osm.pbf")
    drawn = sketch.load(build(tmp_path / "town.osm.pbf", tmp_path / "roads").out)
    assert drawn is not None
    assert (len(drawn.layers["river"]), len(drawn.layers["major"])) == (1, 1)
    assert len(drawn.layers["minor"]) > 20
    # A bend of a metre is not worth a point.
    (lat, lng, north, east), west = drawn.layers["major"][0], at(0.0, 1500.0)
    assert (lat, lng, north) == (round(west.lat * 1e5), round(west.lng * 1e5), 0)
    assert east > 500

    monkeypatch.setattr(sketch, "MOST_POINTS", 10)
    drawn = sketch.load(build(tmp_path / "town.osm.pbf", tmp_path / "roads").out)
    assert drawn is not None
    assert {layer: len(lines) for layer, lines in drawn.layers.items()} == {"river": 1, "major": 1, "minor": 0}


def test_a_line_of_the_map_is_thinned_whatever_lies_beside_it(tmp_path: Path) -> None:
    town = river_town().way((0.0, 1500.0), (300.0, 1504.0), (600.0, 1500.0), highway="primary")
    town.way((300.0, 1400.0), (300.0, 1502.0), highway="primary")  # would be crossed without the bend
    drawn = sketch.load(build(town.write(tmp_path / "town.osm.pbf"), tmp_path / "roads").out)
    assert drawn is not None
    assert [len(line) for line in drawn.layers["major"]] == [4, 4]


def test_a_folder_from_before_there_were_maps_has_none_and_a_damaged_one_is_named(roads: Path) -> None:
    (roads / "map.json").write_text("[]")
    with pytest.raises(DamagedRoads, match=r"map\.json can't be read .*gigmarket roads build"):
        sketch.load(roads)
    (roads / "map.json").unlink()
    assert sketch.load(roads) is None


def test_streets_read_alone_are_the_same_points(town: Path, roads: Path, tmp_path: Path) -> None:
    alone = streets.build(town, tmp_path / "alone")
    assert alone.sha256 == json.loads((roads / "meta.json").read_text())["sha256"]


def test_what_leads_nowhere_is_left_out(tmp_path: Path) -> None:
    town = river_town().way((2000.0, 0.0), (2300.0, 0.0), highway="residential")
    town.way((1000.0, 700.0), (1000.0, 900.0), highway="residential", oneway="yes")
    report = build(town.write(tmp_path / "town.osm"), tmp_path / "roads")
    assert report.modes[Mode.WALK].km == pytest.approx(23.4, rel=1e-3)
    assert report.modes[Mode.WALK].kept == pytest.approx(23.4 / 23.7, rel=1e-3)
    assert report.modes[Mode.CAR].km == pytest.approx(23.2, rel=1e-3)


def test_equal_extracts_give_equal_bytes_and_a_build_replaces_an_earlier_one(
    town: Path, tmp_path: Path
) -> None:
    first = build(town, tmp_path / "a")
    other = build(river_town(bridges=[]).write(tmp_path / "other.osm.pbf"), tmp_path / "b")
    assert other.sha256 != first.sha256
    assert build(town, tmp_path / "b").sha256 == first.sha256
    for entry in first.out.iterdir():
        assert entry.read_bytes() == (tmp_path / "b" / entry.name).read_bytes()


def test_graphs_are_memory_mapped_and_read_only(roads: Path) -> None:
    opened = graph.load(roads).graphs[Mode.WALK]
    assert isinstance(opened.node_lat.base, np.ndarray)
    with pytest.raises(ValueError, match="read-only"):
        opened.reverse_s[0] = 0.0


def test_a_server_that_has_the_old_graphs_open_keeps_them(roads: Path, tmp_path: Path) -> None:
    before = graph.load(roads).graphs[Mode.WALK]
    edges = before.edge_metres.sum()
    build(river_town(bridges=[]).write(tmp_path / "other.osm.pbf"), roads)
    assert before.edge_metres.sum() == edges
    assert graph.load(roads).graphs[Mode.WALK].edges == before.edges - 1


def damage(roads: Path, name: str) -> None:
    data = bytearray((roads / name).read_bytes())
    data[len(data) // 2] ^= 1
    (roads / name).write_bytes(bytes(data))


def edit(roads: Path, **changes: object) -> None:
    sheet = json.loads((roads / "roads.json").read_text(encoding="utf-8"))
    (roads / "roads.json").write_text(json.dumps(sheet | changes), encoding="utf-8")


def shorten(roads: Path) -> None:
    sheet = json.loads((roads / "roads.json").read_text(encoding="utf-8"))
    sheet["files"]["walk.graph"]["lengths"]["node_lat"] -= 1
    (roads / "roads.json").write_text(json.dumps(sheet), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda roads: [entry.unlink() for entry in roads.iterdir()], "no roads folder here"),
        (
            lambda roads: (roads / "roads.json").unlink(),
            "points but no graphs .made by an earlier version",
        ),
        (lambda roads: (roads / "roads.json").write_text("{"), "roads.json can't be read"),
        (lambda roads: (roads / "roads.json").write_text("[]"), "not a roads folder"),
        (lambda roads: edit(roads, format="gigmarket-streets"), "not a roads folder"),
        (lambda roads: edit(roads, version=0), r"made by another version \(0, this one reads 1\)"),
        (lambda roads: edit(roads, files=[]), "names no files"),
        (lambda roads: edit(roads, files={}), "walk.graph can't be read"),
        (lambda roads: edit(roads, sha256="0"), "roads.json does not match its checksum"),
        (shorten, "walk.graph can't be read"),
        (lambda roads: (roads / "car.graph").unlink(), "car.graph can't be read"),
        (lambda roads: damage(roads, "walk.graph"), "walk.graph does not match its checksum"),
        (lambda roads: (roads / "ebike.graph").write_bytes(b""), "ebike.graph does not match its checksum"),
    ],
)
def test_a_damaged_or_foreign_folder_is_refused_in_one_line(roads: Path, harm: object, message: str) -> None:
    assert callable(harm)
    harm(roads)
    with pytest.raises(DamagedRoads, match=message) as refused:
        RoadRouter(roads)
    assert str(roads) in str(refused.value)
    assert "gigmarket roads build" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_no_folder_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedRoads, match="no roads folder here"):
        RoadRouter(tmp_path / "none")
    (tmp_path / "file").write_text("x")
    with pytest.raises(DamagedRoads, match="no roads folder here"):
        RoadRouter(tmp_path / "file")


def test_an_extract_that_is_missing_broken_or_without_streets_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "roads"
    with pytest.raises(RoadsBuildFailed, match="no such file"):
        build(tmp_path / "none.osm.pbf", out)
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"not a map at all")
    with pytest.raises(RoadsBuildFailed, match="not a readable OSM extract"):
        build(broken, out)
    with pytest.raises(RoadsBuildFailed, match="no streets in this extract"):
        build(Town().way((0.0, 0.0), (9.0, 0.0), waterway="river").write(tmp_path / "river.osm"), out)
    assert not out.exists()


def test_a_build_does_not_touch_a_folder_that_holds_something_else(town: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    with pytest.raises(RoadsBuildFailed, match=r"holds other files \(letter.txt\)"):
        build(town, tmp_path / "home")
    assert [entry.name for entry in (tmp_path / "home").iterdir()] == ["letter.txt"]


def test_a_build_under_what_is_no_folder_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"no extract")
    for out in ("letter.txt/roads", "letter.txt/a/b/roads"):
        with pytest.raises(RoadsBuildFailed, match=r"letter.txt is a file, not a folder$"):
            build(broken, tmp_path / out)


def test_a_folder_that_may_not_be_written_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.osm.pbf").write_bytes(b"no extract")
    (tmp_path / "there").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for out, named in (("there", "there"), ("new/roads", tmp_path.name)):
        with pytest.raises(RoadsBuildFailed, match=rf"{named}: may not be written to$"):
            build(tmp_path / "broken.osm.pbf", tmp_path / out)


@pytest.mark.parametrize("full_at", ["points.npy", "map.json", "walk.graph", "car.graph", "roads.json"])
def test_a_build_that_fails_half_way_leaves_the_earlier_graphs_whole_and_nothing_half_written(
    roads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_at: str
) -> None:
    before = graph.load(roads)
    other = river_town(bridges=[]).write(tmp_path / "other.osm.pbf")
    usual = Path.open

    def filling(path: Path, mode: str = "r", **others: Any) -> Any:
        if path.name == f"{full_at}.part" and "w" in mode:
            usual(path, mode).close()
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return usual(path, mode, **others)

    def writing(path: Path, text: str, **others: Any) -> int:
        with filling(path, "w", **others) as file:
            return int(file.write(text))

    with monkeypatch.context() as disk:
        disk.setattr(Path, "open", filling)
        disk.setattr(Path, "write_text", writing)
        with pytest.raises(RoadsBuildFailed, match=rf"{full_at}.part: No space left on device$"):
            build(other, roads)
    assert graph.load(roads).sha256 == before.sha256
    assert sorted(entry.name for entry in roads.iterdir()) == sorted(FILES)


def test_what_the_system_refuses_is_one_line(town: Path, tmp_path: Path) -> None:
    with pytest.raises(RoadsBuildFailed, match=r"^.*x: File name too long$"):
        build(town, tmp_path / ("x" * 300))
    # Only root gets as far as trying.
    with pytest.raises(RoadsBuildFailed, match=r"^/proc.*: (No such file or directory|may not be written to)$"):
        build(town, Path("/proc/nowhere/roads"))
    (tmp_path / "roads").symlink_to(tmp_path / "nowhere" / "else" / "x")
    with pytest.raises(RoadsBuildFailed, match=r"roads: File exists$"):
        build(town, tmp_path / "roads")


def test_without_osmium_a_build_names_the_extra(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(RoadsBuildFailed, match=r"pip install 'gigmarket\[roads\]'"):
        build(town, tmp_path / "roads")


def test_a_real_city(tmp_path: Path) -> None:
    if not PORTO.is_file():
        pytest.skip(f"no extract at {PORTO}")
    report = build(PORTO, tmp_path / "porto")
    for mode in Mode:
        assert report.modes[mode].nodes > 50_000
        assert report.modes[mode].kept > 0.97
    assert report.barriers > 100
    assert report.bytes < 80_000_000
