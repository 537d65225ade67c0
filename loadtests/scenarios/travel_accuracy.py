"""`travel_accuracy`: who is inside the quarter of an hour, on our roads and by the straight line.

Truth is Valhalla (walk 5.1 km/h, bicycle 18 km/h, no turn of a screw for this city). Pairs are drawn among the
street points within the distance that could be made along a straight road, from everywhere in the extract and
from its centre; our times go through `gigmarket travel`'s own table.
"""

from __future__ import annotations

import csv
import random
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import Mode, Position
from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.roads.travel_table import add_seconds
from gigmarket.travel.router import Router
from gigmarket.travel.straight_line import StraightLine
from gigmarket.travel.streets import load
from loadtests.report import Result
from loadtests.scenarios import porto, valhalla_peer

LIMIT_S, SEED = 900.0, 7
REACH_M = {Mode.WALK: 5.1 / 3.6 * LIMIT_S, Mode.BICYCLE: 18.0 / 3.6 * LIMIT_S}
AREAS = {"everywhere": None, "centre": (porto.CENTRE, 4_000.0)}


@dataclass(frozen=True, slots=True)
class Size:
    """How many sites there are per mode and area, and how many starts for each."""

    sites: int = 200
    starts: int = 25


FULL = Size()
TINY = Size(sites=3, starts=5)

_Rows = list[tuple[str, float, float, float, float]]


def run(size: Size = FULL) -> dict[str, Any]:
    """Per cent of pairs on the wrong side of the limit: the worst mode and area against its straight line."""
    if reason := porto.missing() or valhalla_peer.missing():
        return porto.skipped("travel_accuracy", "% wrong", reason)
    return _run(size).as_dict()


def _run(size: Size) -> Result:
    table = []
    with ExitStack() as stack:
        folder = stack.enter_context(porto.built())
        work = Path(stack.enter_context(TemporaryDirectory(prefix="gigmarket-pairs-")))
        peer = stack.enter_context(valhalla_peer.peer(porto.EXTRACT))
        routers: dict[str, Router] = {"roads": RoadRouter(folder), "straight line": StraightLine()}
        for mode in REACH_M:
            for area in AREAS:
                pairs, truth = _pairs(folder, peer, mode, area, size)
                found = {name: _table(router, pairs, work) for name, router in routers.items()}
                table.append(_compared(mode, area, truth, found))
    worst = max(table, key=lambda line: float(line["roads"]["wrong"]))
    wrong, straight = worst["roads"]["wrong"], worst["straight line"]["wrong"]
    detail = {"limit_s": LIMIT_S, "sites": size.sites, "starts": size.starts, "seed": SEED, "table": table}
    return Result(
        "travel_accuracy", wrong, straight, round(wrong / straight, 3) if straight else 0.0, "% wrong", detail
    )


def _pairs(
    folder: Path, peer: valhalla_peer.Peer, mode: Mode, area: str, size: Size
) -> tuple[_Rows, NDArray[np.float64]]:
    streets, rng = load(folder), random.Random(f"{SEED} {mode} {area}")
    rows: _Rows = []
    truth: list[float | None] = []
    for site in streets.sample(rng, size.sites, AREAS[area]):
        starts = [_degrees(start) for start in streets.sample(rng, size.starts, (site, REACH_M[mode]))]
        rows.extend((mode.value, *start, *_degrees(site)) for start in starts)
        truth.extend(peer.seconds(starts, _degrees(site), mode.value))
    return rows, np.array([np.nan if seconds is None else seconds for seconds in truth])


def _degrees(position: Position) -> tuple[float, float]:
    return position.lat, position.lng


def _table(router: Router, pairs: _Rows, work: Path) -> NDArray[np.float64]:
    given, answered = work / "pairs.csv", work / "answered.csv"
    with given.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("mode", "from_lat", "from_lng", "to_lat", "to_lng"))
        writer.writerows(pairs)
    complaints: list[str] = []
    add_seconds(router, given, answered, LIMIT_S, complaints.append)
    assert not complaints, complaints[0]
    with answered.open(encoding="utf-8", newline="") as file:
        return np.array([float(row["seconds"] or "nan") for row in csv.DictReader(file)])


def _compared(
    mode: Mode, area: str, truth: NDArray[np.float64], found: dict[str, NDArray[np.float64]]
) -> dict[str, Any]:
    line: dict[str, Any] = {"mode": mode.value, "area": area, "pairs": len(truth)}
    inside = truth <= LIMIT_S
    line["inside"] = _per_cent(inside)
    for name, seconds in found.items():
        offered = np.isfinite(seconds)
        line[name] = {
            "wrong": _per_cent(offered != inside),
            "in_but_too_far": _per_cent(offered & ~inside),
            "out_but_near": _per_cent(inside & ~offered),
        }
    return line


def _per_cent(which: NDArray[np.bool_]) -> float:
    return round(100 * float(np.mean(which)), 2)
