"""The lines that a map of the city draws: rivers and main roads, thinned to what a screen can show.

`map.json` beside the graphs: format, version, source, attribution, and per layer its lines. A line is whole
1e-5 degrees, latitude before longitude: its first point, then each next one as steps from the one before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from gigmarket.travel.roads.progress import Progress
from gigmarket.travel.streets import ATTRIBUTION, DamagedRoads

SHEET = "map.json"
FORMAT = "gigmarket-map"
VERSION = 1
MOST_POINTS = 40_000
"""Drawn at most; kinds that would not fit in are left out, the least important first."""
THINNED_DEGREES = 1e-4
"""A line may run so far from the way it stands for: some ten metres."""

_PER_DEGREE = 100_000

LAYERS: Mapping[str, str] = MappingProxyType(
    {
        "river": "river",
        "canal": "river",
        "motorway": "major",
        "trunk": "major",
        "primary": "major",
        "secondary": "major",
        "tertiary": "minor",
        "unclassified": "minor",
        "residential": "minor",
    }
)
"""Values of `waterway` and `highway` that are drawn, the most important first, and in which layer."""

Line = list[int]
Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class CityMap:
    """Lines by layer (`river`, `major`, `minor`; see the module), and whose data they are."""

    attribution: str
    layers: Mapping[str, list[Line]]


class Sketch:
    """Gathers the ways of an extract that are drawn, by kind."""

    def __init__(self) -> None:
        self._ways: dict[str, list[Points]] = {kind: [] for kind in LAYERS}

    def way(self, tags: Mapping[str, str], nodes: Iterable[Any]) -> None:
        """Take a way of OpenStreetMap if it is one to be drawn; nodes without a place are passed over."""
        kind = tags.get("waterway") or tags.get("highway", "")
        if kind in LAYERS and tags.get("tunnel", "no") == "no" and tags.get("area") != "yes":
            points = [(place.lon, place.lat) for node in nodes if (place := node.location).valid()]
            if len(points) > 1:
                self._ways[kind].append(points)

    def write(self, out: Path, source: str, tell: Progress) -> None:
        """Write `map.json` into a folder that exists; `tell` hears of kinds drawn."""
        layers: dict[str, list[Line]] = {layer: [] for layer in LAYERS.values()}
        total = 0
        for done, (kind, ways) in enumerate(self._ways.items()):
            tell("drawing kinds of lines", done, len(self._ways))
            lines = _thinned(ways)
            points = sum(len(line) // 2 for line in lines)
            if total + points > MOST_POINTS:
                break
            layers[LAYERS[kind]] += lines
            total += points
        tell("drawing kinds of lines", len(self._ways), len(self._ways))
        sheet = {
            "format": FORMAT,
            "version": VERSION,
            "source": source,
            "attribution": ATTRIBUTION,
            "layers": layers,
        }
        part = out / f"{SHEET}.part"
        part.write_text(json.dumps(sheet, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        part.replace(out / SHEET)


def load(folder: Path) -> CityMap | None:
    """The map of a folder made by `gigmarket roads build`; None for one built before there were maps.

    Raises DamagedRoads when the file is no such map.
    """
    try:
        sheet = json.loads((folder / SHEET).read_text(encoding="utf-8"))
        if (sheet["format"], sheet["version"]) != (FORMAT, VERSION):
            raise ValueError("another format")
        return CityMap(str(sheet["attribution"]), {layer: sheet["layers"][layer] for layer in LAYERS.values()})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "build it with: gigmarket roads build CITY.osm.pbf --out DIR"
        raise DamagedRoads(f"{folder}: {SHEET} can't be read ({type(error).__name__}); {remedy}") from error


def _thinned(ways: list[Points]) -> list[Line]:
    """Ways joined where they meet end to end, without the points that nobody would miss."""
    import shapely

    if not ways:
        return []
    merged = shapely.line_merge(shapely.MultiLineString(ways))
    # Line by line: to keep all of them from crossing took five sixths of a city's build, and no eye misses it.
    lines = shapely.simplify(shapely.get_parts(merged), THINNED_DEGREES)
    return sorted(_steps(shapely.get_coordinates(line)) for line in lines)


def _steps(points: np.ndarray[Any, np.dtype[np.float64]]) -> Line:
    whole = np.rint(points[:, ::-1] * _PER_DEGREE).astype(np.int64)
    steps: Line = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist()
    return steps
