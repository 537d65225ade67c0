"""From the ways of an extract to one mode's network: junctions, edges, seconds, and the reverse graph."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gigmarket.domain.geo import EARTH_RADIUS_M
from gigmarket.travel.roads.extract import Extract
from gigmarket.travel.roads.graph import PER_DEGREE, ROW, Arrays
from gigmarket.travel.roads.osm_rules import FERRY_BOARDING_S, JUNCTION_S, MODES

LEAST_PIECE_M = 5_000.0
"""Metres of road that make a piece without a way to the rest a place of its own, and not a drawing error."""

# An edge of no length would be no edge to a sparse matrix.
_LEAST_S = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Edges between junctions. Node numbers are dense; `start` and `end` index the extract's node columns."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    metres: NDArray[np.float64]
    forward_s: NDArray[np.float64]
    backward_s: NDArray[np.float64]

    def only(self, kept: NDArray[np.bool_]) -> _Edges:
        return _Edges(
            self.start[kept], self.end[kept], self.source[kept], self.target[kept],
            self.metres[kept], self.forward_s[kept], self.backward_s[kept],
        )  # fmt: skip

    def slower(self, seconds: NDArray[np.float64]) -> _Edges:
        return replace(self, forward_s=self.forward_s + seconds, backward_s=self.backward_s + seconds)


def network(extract: Extract, column: int) -> tuple[Arrays, float]:
    """One mode's arrays (a column of the rules' modes), and the share of its road metres that was kept.

    Only roads from which one can come back stay: the largest strong component, and others of 5 km or more
    (an island, another town). Empty arrays when the mode has no road at all.
    """
    forward, backward = extract.forward[:, column], extract.backward[:, column]
    way_of = extract.way_of_node()
    along_m = _metres_along(extract, way_of)
    edges = _edges(extract, column, (forward > 0) | (backward > 0), way_of, along_m)
    edges = _with_boarding(edges, extract.ferry[way_of[edges.start]])
    total_m = float(edges.metres.sum())
    edges = _with_junctions(_strong(edges), JUNCTION_S[MODES[column]])
    share = float(edges.metres.sum()) / total_m if total_m else 0.0
    return _arrays(extract, edges, along_m), share


def metres_along(lat: NDArray[np.int32], lng: NDArray[np.int32]) -> NDArray[np.float64]:
    """Great-circle metres of each step of a line given in 1e-7 degrees; one fewer than its points."""
    lat_rad, lng_rad = np.radians(lat / PER_DEGREE), np.radians(lng / PER_DEGREE)
    h = (
        np.sin(np.diff(lat_rad) / 2) ** 2
        + np.cos(lat_rad[:-1]) * np.cos(lat_rad[1:]) * np.sin(np.diff(lng_rad) / 2) ** 2
    )
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    return metres


def _metres_along(extract: Extract, way_of: NDArray[np.int64]) -> NDArray[np.float64]:
    """Metres from the first node of all ways to each node entry; steps between two ways count nothing."""
    if not len(way_of):
        return np.zeros(0)
    steps = np.where(np.diff(way_of) == 0, metres_along(extract.lat, extract.lng), 0.0)
    return np.concatenate(([0.0], np.cumsum(steps)))


def _edges(
    extract: Extract,
    column: int,
    usable: NDArray[np.bool_],
    way_of: NDArray[np.int64],
    along_m: NDArray[np.float64],
) -> _Edges:
    entries = np.flatnonzero(usable[way_of])
    ways = way_of[entries]
    _, node, uses = np.unique(extract.nodes[entries], return_inverse=True, return_counts=True)
    stopped = np.isin(extract.nodes[entries], extract.barriers[extract.barrier_blocks[:, column]])
    first, last = entries == extract.first[ways], entries == extract.first[ways + 1] - 1
    joints = np.flatnonzero(first | last | (uses[node] > 1) | stopped)
    begins = joints[~last[joints]]
    ends = joints[np.searchsorted(joints, begins) + 1]
    # Whoever can't pass a barrier may still come up to it from either side: each side is a node of its own.
    fresh = len(uses) + 2 * np.arange(len(entries))
    source = np.where(stopped[begins], fresh[begins] + 1, node[begins])
    target = np.where(stopped[ends], fresh[ends], node[ends])
    metres = along_m[entries[ends]] - along_m[entries[begins]]
    way = ways[begins]
    return _Edges(
        entries[begins], entries[ends], source, target, metres,
        _seconds(extract, extract.forward[:, column], way, metres, along_m),
        _seconds(extract, extract.backward[:, column], way, metres, along_m),
    )  # fmt: skip


def _seconds(
    extract: Extract,
    km_per_h: NDArray[np.float32],
    way: NDArray[np.int64],
    metres: NDArray[np.float64],
    along_m: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Seconds of each edge in one direction, infinite where it is closed."""
    metres_per_s = km_per_h[way].astype(np.float64) / 3.6
    timed = extract.ferry[way] & (extract.duration_s[way] > 0) & (metres_per_s > 0)
    way_m = along_m[extract.first[way + 1] - 1] - along_m[extract.first[way]]
    metres_per_s = np.where(timed, way_m / np.maximum(extract.duration_s[way], 1.0), metres_per_s)
    with np.errstate(divide="ignore", invalid="ignore"):
        seconds = np.maximum(metres / metres_per_s, _LEAST_S)
    return np.where(metres_per_s > 0, seconds, np.inf)


def _with_boarding(edges: _Edges, ferry: NDArray[np.bool_]) -> _Edges:
    """Half of a ferry's boarding at each of its ends that is on land."""
    on_land = np.concatenate((edges.source[~ferry], edges.target[~ferry]))
    landings = np.isin(edges.source, on_land).astype(np.float64) + np.isin(edges.target, on_land)
    return edges.slower(np.where(ferry, landings * FERRY_BOARDING_S / 2, 0.0))


def _with_junctions(edges: _Edges, junction_s: float) -> _Edges:
    """Half of a junction's seconds at each end of an edge where three edges or more meet."""
    ends = np.concatenate((edges.source, edges.target))
    _, node, arms = np.unique(ends, return_inverse=True, return_counts=True)
    busy = (arms[node] > 2).astype(np.float64)
    return edges.slower((busy[: len(edges.source)] + busy[len(edges.source) :]) * junction_s / 2)


def _strong(edges: _Edges) -> _Edges:
    if not len(edges.source):
        return edges
    numbers, dense = np.unique(np.concatenate((edges.source, edges.target)), return_inverse=True)
    source, target = dense[: len(edges.source)], dense[len(edges.source) :]
    along, against = np.isfinite(edges.forward_s), np.isfinite(edges.backward_s)
    rows = np.concatenate((source[along], target[against]))
    cols = np.concatenate((target[along], source[against]))
    arcs = csr_array((np.ones(len(rows)), (rows, cols)), shape=(len(numbers), len(numbers)))
    _, label = connected_components(arcs, directed=True, connection="strong")
    inside = label[source] == label[target]
    metres = np.bincount(label[source[inside]], weights=edges.metres[inside], minlength=int(label.max()) + 1)
    own_life = metres >= LEAST_PIECE_M
    own_life[np.argmax(metres)] = True
    return edges.only(inside & own_life[label[source]])


def _arrays(extract: Extract, edges: _Edges, along_m: NDArray[np.float64]) -> Arrays:
    numbers, at = np.unique(np.concatenate((edges.source, edges.target)), return_index=True)
    entry = np.concatenate((edges.start, edges.end))[at]
    lat, lng = extract.lat[entry], extract.lng[entry]
    order = np.lexsort((numbers, lat, lng, lat // ROW))
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    source = rank[np.searchsorted(numbers, edges.source)]
    target = rank[np.searchsorted(numbers, edges.target)]
    forward_s, backward_s = edges.forward_s.astype(np.float32), edges.backward_s.astype(np.float32)
    counts = edges.end - edges.start + 1
    shape_first = np.concatenate(([0], np.cumsum(counts)))
    points = np.repeat(edges.start - shape_first[:-1], counts) + np.arange(shape_first[-1])
    edge_of = np.repeat(np.arange(len(counts)), counts)
    length_m = np.maximum(edges.metres, 1e-9)
    shape_at = (along_m[points] - along_m[edges.start][edge_of]) / length_m[edge_of]
    indptr, indices, seconds = _reverse(len(order), source, target, forward_s, backward_s)
    return {
        "node_lat": lat[order],
        "node_lng": lng[order],
        "edge_source": source,
        "edge_target": target,
        "edge_forward_s": forward_s,
        "edge_backward_s": backward_s,
        "edge_metres": edges.metres.astype(np.float32),
        "shape_first": shape_first.astype(np.int32),
        "shape_lat": extract.lat[points],
        "shape_lng": extract.lng[points],
        "shape_at": np.clip(shape_at, 0.0, 1.0).astype(np.float32),
        "reverse_indptr": indptr,
        "reverse_indices": indices,
        "reverse_s": seconds,
    }


def _reverse(
    nodes: int,
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    forward_s: NDArray[np.float32],
    backward_s: NDArray[np.float32],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Every arc turned round, as CSR; of several between two nodes only the shortest."""
    rows, cols = np.concatenate((target, source)), np.concatenate((source, target))
    seconds = np.concatenate((forward_s, backward_s)).astype(np.float64)
    kept = np.isfinite(seconds) & (rows != cols)
    rows, cols, seconds = rows[kept], cols[kept], seconds[kept]
    order = np.lexsort((seconds, cols, rows))
    rows, cols, seconds = rows[order], cols[order], seconds[order]
    shortest = np.ones(len(rows), dtype=np.bool_)
    shortest[1:] = (rows[1:] != rows[:-1]) | (cols[1:] != cols[:-1])
    rows, cols, seconds = rows[shortest], cols[shortest], seconds[shortest]
    indptr = np.zeros(nodes + 1, dtype=np.int32)
    indptr[1:] = np.cumsum(np.bincount(rows, minlength=nodes))
    return indptr, cols.astype(np.int32), seconds
