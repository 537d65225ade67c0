"""Street points: what a build keeps of an extract, and what a load refuses."""

import json
import random
import sys
from pathlib import Path

import numpy as np
import osmium
import pytest
from osmium.osm import mutable

from gigmarket.domain.geo import Position, metres_between
from gigmarket.travel import streets

PORTO = Path(__file__).parents[3] / "shared" / "roads" / "porto_portugal.osm.pbf"

# A river town: two streets meet in node 3, a bridge leads to a path on the other bank, a motorway passes.
NODES = {
    1: (28.0500, 115.5400), 2: (28.0500, 115.5410), 3: (28.0500, 115.5420), 4: (28.0510, 115.5420),
    5: (28.0520, 115.5420), 6: (28.0600, 115.5420), 7: (28.0700, 115.5420), 8: (28.0900, 115.6000),
    9: (28.1000, 115.6100), 10: (28.0500, 115.5410), 11: (28.0400, 115.5400), 12: (28.0300, 115.5400),
}  # fmt: skip
WAYS = [
    ([1, 2, 3], {"highway": "residential"}),
    ([3, 4, 5], {"highway": "tertiary", "name": "药都大道"}),
    ([5, 6], {"highway": "tertiary", "bridge": "yes"}),
    ([6, 7], {"highway": "path"}),
    ([8, 9], {"highway": "motorway"}),
    ([10, 3], {"highway": "footway"}),
    ([11, 12], {"waterway": "river"}),
    ([11, 12], {"highway": "service", "access": "no"}),
    ([12, 9], {"highway": "unclassified", "tunnel": "yes"}),
]
# Node 10 lies exactly on node 2: one point.
KEPT = sorted(NODES[node] for node in (1, 2, 3, 4, 5, 6, 7))


def extract(path: Path, ways: list[tuple[list[int], dict[str, str]]]) -> Path:
    with osmium.SimpleWriter(str(path)) as writer:
        for ref, (lat, lng) in NODES.items():
            writer.add_node(mutable.Node(id=ref, version=1, location=(lng, lat)))
        for ref, (nodes, tags) in enumerate(ways, start=1):
            writer.add_way(mutable.Way(id=ref, version=1, nodes=nodes, tags=tags))
    return path


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return extract(tmp_path / "town.osm.pbf", WAYS)


@pytest.fixture
def roads(town: Path, tmp_path: Path) -> Path:
    out = tmp_path / "roads"
    streets.build(town, out)
    return out


def test_a_build_keeps_each_street_point_once_and_no_motorway_bridge_or_tunnel(
    town: Path, tmp_path: Path
) -> None:
    told: list[tuple[str, int]] = []
    report = streets.build(town, tmp_path / "roads", lambda stage, count: told.append((stage, count)))

    loaded = streets.load(report.out)
    assert [tuple(point) for point in loaded.points.tolist()] == KEPT
    assert loaded.attribution == "© OpenStreetMap contributors, ODbL 1.0"
    assert loaded.source == "town.osm.pbf"
    assert (report.ways, report.points) == (4, 7)
    assert report.centre == loaded.centre() == Position(28.0510, 115.5420)
    assert told == [("reading ways", 4), ("writing points", 7)]


def test_the_points_are_memory_mapped_and_read_only(roads: Path) -> None:
    points = streets.load(roads).points
    assert isinstance(points, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        points[0, 0] = 0.0


def test_the_folder_says_what_it_is(roads: Path) -> None:
    assert sorted(entry.name for entry in roads.iterdir()) == ["meta.json", "points.npy"]
    meta = json.loads((roads / "meta.json").read_text(encoding="utf-8"))
    assert (meta["format"], meta["version"], meta["count"]) == ("gigmarket-streets", 1, 7)
    assert meta["attribution"] == "© OpenStreetMap contributors, ODbL 1.0"
    assert len(meta["sha256"]) == 64


def test_equal_extracts_give_equal_folders_and_a_build_replaces_an_earlier_one(
    town: Path, tmp_path: Path
) -> None:
    first = streets.build(town, tmp_path / "a")
    extract(town.with_name("other.osm.pbf"), WAYS[:1])
    assert streets.build(town.with_name("other.osm.pbf"), tmp_path / "b").points == 3
    again = streets.build(town, tmp_path / "b")
    assert again.sha256 == first.sha256
    assert len(streets.load(tmp_path / "b").points) == 7


def test_a_sample_is_of_street_points_and_repeats_with_its_seed(roads: Path) -> None:
    loaded = streets.load(roads)
    drawn = loaded.sample(random.Random(7), 200)
    assert {(position.lat, position.lng) for position in drawn} == set(KEPT)
    assert loaded.sample(random.Random(7), 200) == drawn
    assert loaded.sample(random.Random(7), 0) == []


def test_a_sample_within_a_circle_stays_in_it(roads: Path) -> None:
    middle = Position(28.0500, 115.5410)
    drawn = streets.load(roads).sample(random.Random(1), 100, (middle, 120.0))
    assert {(position.lat, position.lng) for position in drawn} == {NODES[1], NODES[2], NODES[3]}
    assert all(metres_between(middle, position) <= 120.0 for position in drawn)


def test_a_sample_where_there_is_no_street_says_so(roads: Path) -> None:
    with pytest.raises(ValueError, match="no street within 500 m of"):
        streets.load(roads).sample(random.Random(1), 1, (Position(41.15, -8.61), 500.0))


def damage_points(roads: Path) -> None:
    data = bytearray((roads / "points.npy").read_bytes())
    data[-1] ^= 1
    (roads / "points.npy").write_bytes(bytes(data))


def cut_points(roads: Path) -> None:
    (roads / "points.npy").write_bytes((roads / "points.npy").read_bytes()[:100])


def edit_meta(roads: Path, **changes: object) -> None:
    meta = json.loads((roads / "meta.json").read_text(encoding="utf-8"))
    (roads / "meta.json").write_text(json.dumps(meta | changes), encoding="utf-8")


def forget_everything(roads: Path) -> None:
    for entry in list(roads.iterdir()):
        entry.unlink()
    roads.rmdir()


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (forget_everything, "no roads folder here"),
        (lambda roads: (roads / "meta.json").unlink(), "no roads folder here"),
        (lambda roads: (roads / "meta.json").write_text("{"), "meta.json can't be read"),
        (lambda roads: (roads / "meta.json").write_bytes(b"\xff\xfe"), "meta.json can't be read"),
        (lambda roads: (roads / "meta.json").write_text("[1]"), "not a roads folder"),
        (lambda roads: edit_meta(roads, format="tiles"), "not a roads folder"),
        (lambda roads: edit_meta(roads, version=2), "made by another version"),
        (lambda roads: (roads / "points.npy").unlink(), "points.npy can't be read"),
        (damage_points, "points.npy does not match its checksum"),
        (cut_points, "points.npy does not match its checksum"),
        (lambda roads: edit_meta(roads, sha256=None), "points.npy does not match its checksum"),
        (lambda roads: edit_meta(roads, count=8), "points.npy has an unexpected shape"),
    ],
)
def test_a_damaged_or_foreign_folder_is_refused_in_one_line(roads: Path, harm: object, message: str) -> None:
    assert callable(harm)
    harm(roads)
    with pytest.raises(streets.DamagedRoads, match=message) as refused:
        streets.load(roads)
    assert str(roads) in str(refused.value)
    assert "gigmarket roads build" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_extract_that_is_missing_broken_or_without_streets_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "roads"
    with pytest.raises(streets.RoadsBuildFailed, match="no such file"):
        streets.build(tmp_path / "none.osm.pbf", out)
    broken = tmp_path / "broken.osm.pbf"
    broken.write_bytes(b"not a map at all")
    with pytest.raises(streets.RoadsBuildFailed, match="not a readable OSM extract"):
        streets.build(broken, out)
    with pytest.raises(streets.RoadsBuildFailed, match="no streets in this extract"):
        streets.build(extract(tmp_path / "river.osm.pbf", [([11, 12], {"waterway": "river"})]), out)
    assert not out.exists()


def test_a_build_does_not_touch_a_folder_that_holds_something_else(town: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    with pytest.raises(streets.RoadsBuildFailed, match=r"holds other files \(letter.txt\)"):
        streets.build(town, tmp_path / "home")
    with pytest.raises(streets.RoadsBuildFailed, match="is a file, not a folder"):
        streets.build(town, town)
    assert [entry.name for entry in (tmp_path / "home").iterdir()] == ["letter.txt"]


def test_without_osmium_a_build_names_the_extra(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(streets.RoadsBuildFailed, match=r"pip install 'gigmarket\[roads\]'"):
        streets.build(town, tmp_path / "roads")


def test_a_real_city(tmp_path: Path) -> None:
    if not PORTO.is_file():
        pytest.skip(f"no extract at {PORTO}")
    report = streets.build(PORTO, tmp_path / "porto")
    loaded = streets.load(tmp_path / "porto")
    assert report.points == len(loaded.points) > 100_000
    assert metres_between(loaded.centre(), Position(41.1496, -8.6110)) < 10_000
    assert len(np.unique(loaded.points, axis=0)) == report.points
    ribeira = Position(41.1408, -8.6130)
    drawn = loaded.sample(random.Random(3), 500, (ribeira, 800.0))
    assert len(drawn) == 500
    assert len(set(drawn)) > 200
    assert all(metres_between(ribeira, position) <= 800.001 for position in drawn)
