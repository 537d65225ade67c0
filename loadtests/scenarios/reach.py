"""`reach`: the circle of one gig for 2,000 workers on a real city's roads.

Floor: a bare bounded `scipy.sparse.csgraph.dijkstra` from a node of the same graph, and one lookup per worker.
Beside it what a worker's move costs (a snap), and Valhalla's matrix where it is installed.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gigmarket.domain.geo import Mode, Position
from gigmarket.travel.roads import RoadRouter
from gigmarket.travel.roads.graph import Graph
from gigmarket.travel.streets import Streets, load
from loadtests.report import Result, quiet_collector, versions
from loadtests.scenarios import porto, valhalla_peer

LIMIT_S, SEED = 900.0, 20
MODES = (Mode.WALK, Mode.BICYCLE)
AREA_M = 3_000.0
"""Gigs and workers stand within this many metres of the centre, on both banks of the river."""
_PEER_GIGS = 3


@dataclass(frozen=True, slots=True)
class Size:
    """How many workers are asked about, for how many gigs, one after the other."""

    workers: int = 2_000
    gigs: int = 200


FULL = Size()
TINY = Size(workers=50, gigs=3)


def run(size: Size = FULL) -> dict[str, Any]:
    """Milliseconds of a gig's circle, on foot and by bicycle together: searches and an answer per worker."""
    if reason := porto.missing():
        return porto.skipped("reach", "ms", reason)
    return _run(size).as_dict()


def _run(size: Size) -> Result:
    quiet_collector()
    with ExitStack() as stack:
        folder = stack.enter_context(porto.built())
        absent = valhalla_peer.missing()
        peer = None if absent else stack.enter_context(valhalla_peer.peer(porto.EXTRACT))
        modes = {mode.value: _measure(folder, mode, peer, size) for mode in MODES}
    detail = {
        "workers": size.workers,
        "gigs": size.gigs,
        "limit_s": LIMIT_S,
        "seed": SEED,
        "modes": modes,
        "peer": absent or "valhalla, timedistancematrix, one child process",
        "versions": versions("numpy", "scipy"),
    }
    value, floor = (round(sum(found[of] for found in modes.values()), 3) for of in ("ms", "floor_ms"))
    return Result("reach", value, floor, round(value / floor, 3), "ms", detail)


def _measure(folder: Path, mode: Mode, peer: valhalla_peer.Peer | None, size: Size) -> dict[str, Any]:
    rng = random.Random(f"{SEED} {mode}")
    router, streets = RoadRouter(folder), load(folder)
    lat, lng = _positions(streets, rng, size.workers)
    # The first snap also makes the index.
    router.snap_many(mode, lat[:1], lng[:1])
    began = perf_counter()
    snaps = router.snap_many(mode, lat, lng)
    batch_us = (perf_counter() - began) / size.workers * 1e6
    sites = streets.sample(rng, size.gigs, (porto.CENTRE, AREA_M))
    graph = router.roads.graphs[mode]
    floor, arcs = [], _bare(graph)
    ours, inside = [], []
    for turn, site in enumerate(sites):
        # Whoever comes second finds the caches warm, so they take turns.
        for ours_now in (turn % 2 == 0, turn % 2 == 1):
            if ours_now:
                began = perf_counter()
                seconds = router.reach(site, mode, LIMIT_S).seconds_at(snaps)
                ours.append((perf_counter() - began) * 1e3)
                inside.append(float(np.isfinite(seconds).mean()))
            else:
                floor.append(_floor_ms(arcs, _node(router, mode, site), snaps.source))
    ours_ms, floor_ms = median(ours), median(floor)
    found = {
        "ms": round(ours_ms, 3),
        "floor_ms": round(floor_ms, 3),
        "ratio": round(ours_ms / floor_ms, 3),
        "inside": round(median(inside), 3),
        "snap_us_per_move": {
            "batch": round(batch_us, 1),
            "single": round(_single_us(router, mode, lat, lng), 1),
        },
        "nodes": graph.nodes,
        "edges": graph.edges,
    }
    return found | (_against(peer, mode, sites[:_PEER_GIGS], lat, lng, ours_ms) if peer else {})


def _bare(graph: Graph) -> csr_array[np.float64, tuple[int, int]]:
    parts = (graph.reverse_s, graph.reverse_indices, graph.reverse_indptr)
    return csr_array(parts, shape=(graph.nodes, graph.nodes), copy=True)


def _floor_ms(
    arcs: csr_array[np.float64, tuple[int, int]], node: int, nodes_of_workers: NDArray[np.int32]
) -> float:
    began = perf_counter()
    seconds = dijkstra(arcs, indices=[node], limit=LIMIT_S)[0]
    seconds[nodes_of_workers]
    return (perf_counter() - began) * 1e3


def _node(router: RoadRouter, mode: Mode, site: Position) -> int:
    return int(router.snap(mode, site).source[0])


def _positions(
    streets: Streets, rng: random.Random, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """People some 20 m from a street point, as fixes of telephones are."""
    places = streets.sample(rng, count, (porto.CENTRE, AREA_M))
    stray = np.array([[rng.gauss(0, 2e-4), rng.gauss(0, 2e-4)] for _ in range(count)])
    degrees = np.array([(place.lat, place.lng) for place in places]) + stray
    return degrees[:, 0].copy(), degrees[:, 1].copy()


def _single_us(router: RoadRouter, mode: Mode, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> float:
    took = []
    for place in zip(lat[:200].tolist(), lng[:200].tolist(), strict=True):
        began = perf_counter()
        router.snap(mode, Position(*place))
        took.append((perf_counter() - began) * 1e6)
    return median(took)


def _against(
    peer: valhalla_peer.Peer,
    mode: Mode,
    sites: list[Position],
    lat: NDArray[np.float64],
    lng: NDArray[np.float64],
    ours_ms: float,
) -> dict[str, Any]:
    starts = list(zip(lat.tolist(), lng.tolist(), strict=True))
    # The first answer of a fresh child also reads its tiles.
    peer.timed(starts[:10], (sites[0].lat, sites[0].lng), mode.value)
    peer_ms = 1e3 * median(peer.timed(starts, (site.lat, site.lng), mode.value) for site in sites)
    return {"valhalla_ms": round(peer_ms, 1), "times_faster_than_valhalla": round(peer_ms / ours_ms)}
