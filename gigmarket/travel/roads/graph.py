"""The graphs on disk: one file of arrays per mode, and a sheet that says what is in them.

`MODE.graph` is the mode's arrays one after the other, each from a multiple of 64 bytes, little-endian, in the
order of `FIELDS`. `roads.json` holds format, version, source, attribution, and per file its sha256 and each
array's length. Files are opened memory-mapped: processes on one machine share their pages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import Mode
from gigmarket.travel.streets import ATTRIBUTION, DamagedRoads

FORMAT = "gigmarket-roads"
VERSION = 1
SHEET = "roads.json"
PER_DEGREE = 10_000_000
"""Positions are whole 1e-7 degrees, as in OpenStreetMap."""
ROW = PER_DEGREE // 100
"""Height of the rows, about a kilometre, by which nodes are numbered: row by row from south to north, from west
to east within a row. So a circle's nodes lie in one stretch of every array."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "node_lat": "<i4",
        "node_lng": "<i4",
        "edge_source": "<i4",
        "edge_target": "<i4",
        "edge_forward_s": "<f4",
        "edge_backward_s": "<f4",
        "edge_metres": "<f4",
        "shape_first": "<i4",
        "shape_lat": "<i4",
        "shape_lng": "<i4",
        "shape_at": "<f4",
        "reverse_indptr": "<i4",
        "reverse_indices": "<i4",
        "reverse_s": "<f8",
    }
)
"""The arrays of a graph and their types; `Graph` says what they hold."""

_ALIGN = 64
_REMEDY = "build it with: gigmarket roads build CITY.osm.pbf --out DIR"

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """One mode's roads. Edge e runs from node edge_source[e] to edge_target[e] along its shape.

    Seconds along and against an edge are infinite where it is closed. Its shape's points are shape_first[e] to
    shape_first[e + 1]; shape_at is each point's share of the way along (0 to 1). The reverse arcs are CSR: row
    n holds the nodes from which n is reached by one edge, and in how many seconds.
    """

    node_lat: NDArray[np.int32]
    node_lng: NDArray[np.int32]
    edge_source: NDArray[np.int32]
    edge_target: NDArray[np.int32]
    edge_forward_s: NDArray[np.float32]
    edge_backward_s: NDArray[np.float32]
    edge_metres: NDArray[np.float32]
    shape_first: NDArray[np.int32]
    shape_lat: NDArray[np.int32]
    shape_lng: NDArray[np.int32]
    shape_at: NDArray[np.float32]
    reverse_indptr: NDArray[np.int32]
    reverse_indices: NDArray[np.int32]
    reverse_s: NDArray[np.float64]

    @property
    def nodes(self) -> int:
        """How many junctions there are."""
        return len(self.node_lat)

    @property
    def edges(self) -> int:
        """How many edges there are, each counted once whether it is open one way or both."""
        return len(self.edge_source)

    def fastest_m_per_s(self) -> float:
        """Metres per second on the fastest edge; 0 without edges."""
        least_s = np.minimum(self.edge_forward_s, self.edge_backward_s)
        return float(np.max(self.edge_metres / least_s, initial=0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """An opened folder: a graph for every mode, where it came from, and a checksum of all of it."""

    graphs: Mapping[Mode, Graph]
    source: str
    attribution: str
    sha256: str


def file_name(mode: Mode) -> str:
    """The name of a mode's file in a folder."""
    return f"{mode.value}.graph"


def write(out: Path, source: str, arrays: Mapping[Mode, Arrays]) -> str:
    """Write the graphs into a folder and return their joint sha256; the sheet comes last.

    Each file replaces its predecessor at once, so that a running server keeps the old ones it has mapped; none
    does before all are written, so that a disk that is full leaves an earlier build whole.
    """
    files: dict[str, dict[str, object]] = {}
    for mode, columns in arrays.items():
        name = file_name(mode)
        lengths = {field: len(columns[field]) for field in FIELDS}
        part = out / f"{name}.part"
        with part.open("wb") as file:
            for field, dtype in FIELDS.items():
                file.write(b"\0" * (-file.tell() % _ALIGN))
                file.write(np.ascontiguousarray(columns[field], dtype=dtype).tobytes())
        files[name] = {"sha256": _sha256(part), "lengths": lengths}
    sha256 = _joint(files)
    sheet = {
        "format": FORMAT,
        "version": VERSION,
        "source": source,
        "attribution": ATTRIBUTION,
        "sha256": sha256,
        "files": files,
    }
    part = out / f"{SHEET}.part"
    part.write_text(json.dumps(sheet, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for name in (*files, SHEET):
        (out / f"{name}.part").replace(out / name)
    return sha256


def load(folder: Path) -> Roads:
    """Open the graphs of all modes, after checking format, version, checksums and lengths.

    Raises DamagedRoads, whose message is one line: the folder, what is wrong, and how to build it again.
    """
    sheet = _sheet(folder)
    files = cast("dict[str, dict[str, Any]]", sheet.get("files"))
    graphs: dict[Mode, Graph] = {}
    for mode in Mode:
        name = file_name(mode)
        try:
            if _sha256(folder / name) != files[name]["sha256"]:
                raise _damaged(folder, f"{name} does not match its checksum")
            graphs[mode] = _mapped(folder / name, files[name]["lengths"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _damaged(folder, f"{name} can't be read ({type(error).__name__})") from error
    if sheet.get("sha256") != _joint(files):
        raise _damaged(folder, f"{SHEET} does not match its checksum")
    attribution = str(sheet.get("attribution", ATTRIBUTION))
    return Roads(MappingProxyType(graphs), str(sheet.get("source", "")), attribution, str(sheet["sha256"]))


def _sheet(folder: Path) -> dict[str, Any]:
    try:
        sheet = json.loads((folder / SHEET).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        old = (folder / "meta.json").is_file()
        what = (
            "holds street points but no graphs (made by an earlier version)" if old else "no roads folder here"
        )
        raise _damaged(folder, what) from error
    except (OSError, ValueError) as error:
        raise _damaged(folder, f"{SHEET} can't be read ({type(error).__name__})") from error
    if not isinstance(sheet, dict) or sheet.get("format") != FORMAT:
        raise _damaged(folder, "not a roads folder")
    if sheet.get("version") != VERSION:
        found = sheet.get("version")
        raise _damaged(folder, f"made by another version ({found!r}, this one reads {VERSION})")
    if not isinstance(sheet.get("files"), dict):
        raise _damaged(folder, f"{SHEET} names no files")
    return sheet


def _mapped(path: Path, lengths: Mapping[str, int]) -> Graph:
    size = path.stat().st_size
    whole = np.memmap(path, dtype=np.uint8, mode="r", shape=(size,))
    views: dict[str, NDArray[Any]] = {}
    at = 0
    for field, dtype in FIELDS.items():
        at += -at % _ALIGN
        wide = np.dtype(dtype).itemsize * lengths[field]
        if at + wide > size:
            raise ValueError(f"{field} ends behind the file")
        views[field] = np.asarray(whole[at : at + wide]).view(dtype)
        at += wide
    if at != size or not _agree(views):
        raise ValueError("lengths do not agree")
    return Graph(**views)


def _agree(views: Arrays) -> bool:
    nodes, edges, points = len(views["node_lat"]), len(views["edge_source"]), len(views["shape_lat"])
    per_edge = ("edge_target", "edge_forward_s", "edge_backward_s", "edge_metres")
    return (
        len(views["node_lng"]) == nodes
        and all(len(views[field]) == edges for field in per_edge)
        and len(views["shape_first"]) == edges + 1
        and len(views["shape_lng"]) == len(views["shape_at"]) == points
        and len(views["reverse_indptr"]) == nodes + 1
        and len(views["reverse_indices"]) == len(views["reverse_s"]) == int(views["reverse_indptr"][-1])
        and int(views["shape_first"][-1]) == points
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _joint(files: Mapping[str, Mapping[str, object]]) -> str:
    sheet = json.dumps({name: files[name] for name in sorted(files)}, sort_keys=True)
    return hashlib.sha256(sheet.encode()).hexdigest()


def _damaged(folder: Path, what: str) -> DamagedRoads:
    return DamagedRoads(f"{folder}: {what}; {_REMEDY}")
