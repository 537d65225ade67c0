"""Street points of a city, kept from an OpenStreetMap extract: real places to stand people and sites on.

A built folder holds `points.npy` (n × 2 float64 lat, lng; sorted, without doubles) and `meta.json` (format,
version, count, sha256 of the points, source, attribution). It is opened memory-mapped. `roads.build` puts the
graphs of all modes beside them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import EARTH_RADIUS_M, Mode, Position
from gigmarket.travel.straight_line import metres_to

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
FORMAT = "gigmarket-streets"
VERSION = 1

KEPT_HIGHWAYS = frozenset(
    {
        "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link",
        "unclassified", "residential", "living_street", "service", "road", "track",
        "pedestrian", "footway", "path", "cycleway", "steps",
    }
)  # fmt: skip
"""Values of `highway` where a person or a site can be; motorways and trunk roads are left out."""

Progress = Callable[[str, int], None]

_POINTS = "points.npy"
_META = "meta.json"
_GRAPHS = ("roads.json", *(f"{mode.value}.graph" for mode in Mode))
_MAP = "map.json"
_OWN = {name + end for name in (_POINTS, _META, _MAP, *_GRAPHS) for end in ("", ".part")}
_PROGRESS_EVERY = 20_000
# OSM coordinates are whole 1e-7 degrees: a pair makes one 63-bit key, sortable by latitude, then longitude.
_PER_DEGREE = 10_000_000
_SOUTH = 90 * _PER_DEGREE
_WEST = 180 * _PER_DEGREE


class RoadsBuildFailed(Exception):
    """An extract could not be made into a folder; the message is one line for the person at the console."""


class DamagedRoads(Exception):
    """A folder is not a sound one built by this version; the message is one line naming it and the remedy."""


@dataclass(frozen=True, slots=True)
class StreetsReport:
    """What a build kept: ways read, distinct points, their middle, the checksum, and where it lies."""

    ways: int
    points: int
    centre: Position
    sha256: str
    out: Path


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """An opened folder. `points` is a read-only n × 2 array of WGS-84 (lat, lng), sorted by latitude."""

    points: NDArray[np.float64]
    source: str
    attribution: str

    def sample(
        self, rng: random.Random, n: int, within: tuple[Position, float] | None = None
    ) -> list[Position]:
        """n street points drawn evenly and with replacement, all of them within (centre, radius in metres).

        Equal seeds draw equal points. Raises ValueError when there is no street within the circle.
        """
        points = self.points if within is None else self._within(*within)
        if not len(points):
            raise ValueError(f"no street within {within[1]:.0f} m of {within[0]}" if within else "no streets")
        drawn = points[[rng.randrange(len(points)) for _ in range(n)]]
        return [Position(lat, lng) for lat, lng in drawn.tolist()]

    def centre(self) -> Position:
        """The middle of the city: the medians of latitude and longitude, which outskirts hardly move."""
        return _centre(self.points)

    def _within(self, site: Position, radius_m: float) -> NDArray[np.float64]:
        reach_deg = math.degrees(radius_m / EARTH_RADIUS_M) + 1 / _PER_DEGREE
        first, last = np.searchsorted(self.points[:, 0], [site.lat - reach_deg, site.lat + reach_deg])
        band = self.points[first:last]
        return band[metres_to(site, band[:, 0], band[:, 1]) <= radius_m]


def build(pbf: Path, out: Path, progress: Progress | None = None) -> StreetsReport:
    """Keep the street points of an OSM file (.osm.pbf) as a folder; equal extracts give equal bytes.

    `progress(stage, count)` hears of ways read and points written. An earlier build in `out` is replaced.
    Raises RoadsBuildFailed when the extract can't be used or `out` holds something else.
    """
    tell = progress or (lambda stage, count: None)
    if not pbf.is_file():
        raise RoadsBuildFailed(f"{pbf}: no such file")
    claim(out)
    ways, found = _read(pbf, tell)
    if not len(found):
        raise RoadsBuildFailed(f"{pbf}: no streets in this extract")
    report = keep(out, pbf.name, ways, np.frombuffer(found, dtype=np.int64))
    tell("writing points", report.points)
    return report


def keep(out: Path, source: str, ways: int, keys: NDArray[np.int64]) -> StreetsReport:
    """Write the street points of `keys` (at least one; see `keys_of`), found on so many ways, into a folder."""
    points = _points(keys)
    return StreetsReport(ways, len(points), _centre(points), _write(out, source, points), out)


def keys_of(lat: NDArray[np.int32], lng: NDArray[np.int32]) -> NDArray[np.int64]:
    """One sortable key per position given in whole 1e-7 degrees."""
    return (lat.astype(np.int64) + _SOUTH) << 32 | (lng.astype(np.int64) + _WEST)


def load(folder: Path) -> Streets:
    """Open a folder made by `build`, after checking its format, version, checksum and shape.

    Raises DamagedRoads, whose message says what is wrong and to build it again.
    """
    meta = _meta(folder)
    path = folder / _POINTS
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != meta.get("sha256"):
            raise _damaged(folder, f"{_POINTS} does not match its checksum")
        points: NDArray[np.float64] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(folder, f"{_POINTS} can't be read ({type(error).__name__})") from error
    if points.dtype != np.float64 or points.shape != (meta.get("count"), 2) or not len(points):
        raise _damaged(folder, f"{_POINTS} has an unexpected shape")
    return Streets(points, str(meta.get("source", "")), str(meta.get("attribution", ATTRIBUTION)))


def _read(pbf: Path, tell: Progress) -> tuple[int, array[int]]:
    try:
        import osmium
        from osmium.filter import EntityFilter, KeyFilter
    except ImportError as error:
        raise RoadsBuildFailed("building roads needs osmium: pip install 'gigmarket[roads]'") from error
    ways, keys = 0, array("q")
    try:
        kept = osmium.FileProcessor(pbf, osmium.osm.NODE | osmium.osm.WAY).with_locations()
        kept = kept.with_filter(EntityFilter(osmium.osm.WAY)).with_filter(KeyFilter("highway"))
        for way in kept:
            if not isinstance(way, osmium.osm.Way) or not is_street(dict(way.tags)):
                continue
            keys.extend(
                ((node.location.y + _SOUTH) << 32) | (node.location.x + _WEST)
                for node in way.nodes
                if node.location.valid()
            )
            ways += 1
            if ways % _PROGRESS_EVERY == 0:
                tell("reading ways", ways)
    except (RuntimeError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise RoadsBuildFailed(f"{pbf}: not a readable OSM extract ({reason})") from error
    tell("reading ways", ways)
    return ways, keys


def is_street(tags: Mapping[str, str]) -> bool:
    """Whether people and sites stand along a way with these tags."""
    # Nobody works on a bridge deck or in a tunnel, and a bridge's points lie in the river.
    return (
        tags.get("highway") in KEPT_HIGHWAYS
        and tags.get("access") != "no"
        and tags.get("area") != "yes"
        and tags.get("bridge", "no") == "no"
        and tags.get("tunnel", "no") == "no"
    )


def _points(keys: NDArray[np.int64]) -> NDArray[np.float64]:
    unique = np.unique(keys)
    lat = ((unique >> 32) - _SOUTH) / _PER_DEGREE
    lng = ((unique & 0xFFFFFFFF) - _WEST) / _PER_DEGREE
    return np.column_stack((lat, lng))


def _centre(points: NDArray[np.float64]) -> Position:
    lat, lng = np.median(points, axis=0)
    return Position(float(lat), float(lng))


def claim(out: Path) -> None:
    """See that a folder may be written, before minutes are spent on what goes into it: absent, in a folder, or
    empty, or an earlier build. Raises RoadsBuildFailed if not.
    """
    above = next(folder for folder in out.absolute().parents if folder.exists())
    if not above.is_dir():
        raise RoadsBuildFailed(f"{out}: {above} is a file, not a folder")
    if out.exists() and not out.is_dir():
        raise RoadsBuildFailed(f"{out}: is a file, not a folder")
    strangers = {entry.name for entry in out.iterdir()} - _OWN if out.is_dir() else set()
    if strangers:
        raise RoadsBuildFailed(f"{out}: holds other files ({min(strangers)}); name a new or empty folder")
    written = out if out.is_dir() else above
    if not os.access(written, os.W_OK | os.X_OK):
        raise RoadsBuildFailed(f"{written}: may not be written to")


def tidy(out: Path) -> None:
    """Remove what a build that ended early left half written; after one that did not there is nothing."""
    for name in _OWN:
        if name.endswith(".part"):
            (out / name).unlink(missing_ok=True)


def _write(out: Path, source: str, points: NDArray[np.float64]) -> str:
    out.mkdir(parents=True, exist_ok=True)
    part = out / f"{_POINTS}.part"
    with part.open("wb") as file:
        np.save(file, points, allow_pickle=False)
    with part.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    # Replacing a file leaves a running server its old, still mapped one.
    part.replace(out / _POINTS)
    meta = {
        "format": FORMAT,
        "version": VERSION,
        "count": len(points),
        "sha256": sha256,
        "source": source,
        "attribution": ATTRIBUTION,
    }
    part = out / f"{_META}.part"
    part.write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(out / _META)
    return sha256


def _meta(folder: Path) -> dict[str, Any]:
    try:
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _damaged(folder, "no roads folder here") from error
    except (OSError, ValueError) as error:
        raise _damaged(folder, f"{_META} can't be read ({type(error).__name__})") from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        raise _damaged(folder, "not a roads folder")
    if meta.get("version") != VERSION:
        raise _damaged(folder, f"made by another version ({meta.get('version')!r}, this one reads {VERSION})")
    return meta


def _damaged(folder: Path, what: str) -> DamagedRoads:
    return DamagedRoads(f"{folder}: {what}; build it with: gigmarket roads build CITY.osm.pbf --out DIR")
