"""`gigmarket roads build`: an OpenStreetMap extract becomes one folder of street points and five graphs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gigmarket.domain.geo import Mode
from gigmarket.travel import streets
from gigmarket.travel.roads import graph
from gigmarket.travel.roads.extract import read
from gigmarket.travel.roads.network import network
from gigmarket.travel.roads.osm_rules import MODES
from gigmarket.travel.roads.progress import Progress
from gigmarket.travel.streets import RoadsBuildFailed, StreetsReport


@dataclass(frozen=True, slots=True)
class ModeReport:
    """One mode's graph: junctions, edges, kilometres, and the share of its road length that was kept."""

    nodes: int
    edges: int
    km: float
    kept: float


@dataclass(frozen=True, slots=True)
class RoadsReport:
    """What a build read and kept; `sha256` is that of the graphs, `bytes` the size of the whole folder."""

    ways: int
    ferries: int
    barriers: int
    streets: StreetsReport
    modes: dict[Mode, ModeReport]
    sha256: str
    bytes: int
    out: Path

    def lines(self) -> list[str]:
        """The report for a person at the console, one line per fact."""
        told = [
            f"{self.ways:,} ways, {self.ferries:,} ferries, {self.barriers:,} barriers read; "
            f"{self.streets.points:,} street points kept"
        ]
        for mode, found in self.modes.items():
            told.append(
                f"{mode.value}: {found.nodes:,} junctions, {found.edges:,} edges, {found.km:,.0f} km; "
                f"{1 - found.kept:.1%} of its roads lead nowhere and were left out"
                if found.nodes
                else f"{mode.value}: no roads in this extract"
            )
        told.append(f"{self.bytes / 1e6:.1f} MB in {self.out} ({streets.ATTRIBUTION})")
        return told


def build(pbf: Path, out: Path, progress: Progress | None = None) -> RoadsReport:
    """Read an extract and keep its street points and the graphs of all modes in one folder.

    `progress` hears of objects read, graphs built, kinds of lines drawn and files written. Equal extracts give
    equal bytes; an earlier build in `out` is replaced. Raises RoadsBuildFailed, one line, when the extract or
    `out` can't be used; what was half written is gone then.
    """
    try:
        streets.claim(out)
        try:
            return _build(pbf, out, progress or (lambda step, done, total: None))
        finally:
            streets.tidy(out)
    except OSError as error:
        raise RoadsBuildFailed(f"{error.filename or out}: {error.strerror or error}") from error


def _build(pbf: Path, out: Path, tell: Progress) -> RoadsReport:
    extract = read(pbf, tell)
    kept = extract.street[extract.way_of_node()]
    keys = streets.keys_of(extract.lat[kept], extract.lng[kept])
    if not len(keys):
        raise RoadsBuildFailed(f"{pbf}: no streets in this extract")
    arrays: dict[Mode, graph.Arrays] = {}
    modes: dict[Mode, ModeReport] = {}
    for column, mode in enumerate(MODES):
        arrays[mode], share = network(extract, column)
        found = arrays[mode]
        km = float(np.sum(found["edge_metres"], dtype=np.float64)) / 1000
        modes[mode] = ModeReport(len(found["node_lat"]), len(found["edge_source"]), km, share)
        tell("building graphs", len(modes), len(MODES))
    points = streets.keep(out, pbf.name, int(extract.street.sum()), keys)
    tell("writing files", 1, 3)
    extract.sketch.write(out, pbf.name, tell)
    tell("writing files", 2, 3)
    sha256 = graph.write(out, pbf.name, arrays)
    tell("writing files", 3, 3)
    return RoadsReport(
        ways=len(extract.street),
        ferries=int(extract.ferry.sum()),
        barriers=len(extract.barriers),
        streets=points,
        modes=modes,
        sha256=sha256,
        bytes=sum(entry.stat().st_size for entry in out.iterdir()),
        out=out,
    )
