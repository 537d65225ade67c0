"""From a position to the nearest point of one mode's roads, on the edge and not only at its ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gigmarket.domain.geo import EARTH_RADIUS_M
from gigmarket.travel.roads.graph import PER_DEGREE, Graph
from gigmarket.travel.roads.osm_rules import WALK_KMH

MAX_SNAP_M = 300.0
"""Metres from the nearest road beyond which a position is not reachable by road."""

WALK_M_PER_S = WALK_KMH / 3.6
_SAMPLE_M = 30.0
# One look this far around finds the road of nearly everybody in a town, for half of what two looks cost.
_FIRST_LOOK_M = 25.0
_METRES_PER_DEG = math.radians(EARTH_RADIUS_M)


@dataclass(frozen=True, slots=True, eq=False)
class Snaps:
    """Where positions stand on one mode's roads; arrays of one length, kept as long as nobody moves.

    `edge` is -1 and `metres` infinite where no road is near enough. `metres` is the straight way to the road;
    its walk is in `source_s` and `target_s`, the seconds until the edge's source and target are reached.
    `along` is the share of the edge between its source and the snapped point.
    """

    edge: NDArray[np.int32]
    along: NDArray[np.float32]
    metres: NDArray[np.float32]
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    source_s: NDArray[np.float32]
    target_s: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Snaps:
        """The snaps of some rows, in their order."""
        return Snaps(*(getattr(self, field.name)[rows] for field in fields(self)))

    @staticmethod
    def joined(parts: Sequence[Snaps]) -> Snaps:
        """The snaps of several groups (at least one), one after the other."""
        return Snaps(
            *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Snaps))
        )


class Snapper:
    """Finds nearest edges of one graph; immutable after construction, may be used from several threads.

    The search is exact in a flat projection at the graph's middle latitude: samples at most 30 m apart on every
    road bound how far the nearest road can be, and every road that close is measured.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._cos = (
            math.cos(math.radians(float(np.median(graph.node_lat)) / PER_DEGREE)) if graph.nodes else 1.0
        )
        starts = np.ones(len(graph.shape_lat), dtype=np.bool_)
        starts[graph.shape_first[1:] - 1] = False
        # A piece is the straight line between two neighbouring points of an edge's shape.
        self._point = np.flatnonzero(starts)
        self._edge = np.repeat(np.arange(graph.edges, dtype=np.int32), np.diff(graph.shape_first) - 1)
        x, y = self._flat(graph.shape_lat / PER_DEGREE, graph.shape_lng / PER_DEGREE)
        after = self._point + 1
        self._line = np.column_stack((x[self._point], y[self._point], x[after], y[after]))
        step = self._line[:, 2:] - self._line[:, :2]
        counts = np.ceil(np.hypot(step[:, 0], step[:, 1]) / _SAMPLE_M).astype(np.int64) + 1
        self._piece = np.repeat(np.arange(len(counts)), counts)
        nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        share = nth / np.maximum(counts[self._piece] - 1, 1)
        samples = self._line[self._piece, :2] + share[:, np.newaxis] * step[self._piece]
        self._tree = cKDTree(samples, balanced_tree=False, compact_nodes=False)

    def snap(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> Snaps:
        """Snap positions given in WGS-84 degrees; nan positions, and those too far from a road, get edge -1."""
        lat, lng = np.ravel(lat), np.ravel(lng)
        found = _nothing(len(lat))
        x, y = self._flat(lat, lng)
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if not len(known) or not self._graph.edges:
            return found
        places = np.column_stack((x[known], y[known]))
        # Samples are at most 30 m apart, so the nearest one is at most this much farther than its road.
        bound_m = math.hypot(MAX_SNAP_M, _SAMPLE_M / 2)
        near_m: NDArray[np.float64] = np.asarray(self._tree.query(places, distance_upper_bound=bound_m)[0])
        close = np.isfinite(near_m)
        known, places, near_m = known[close], places[close], near_m[close]
        if not len(known):
            return found
        radius_m = np.hypot(near_m, _SAMPLE_M / 2) + 1e-6
        lists = self._tree.query_ball_point(places, radius_m, return_sorted=False)
        counts = np.fromiter(map(len, lists), dtype=np.int64, count=len(known))
        samples = np.fromiter(chain.from_iterable(lists), dtype=np.int64, count=int(counts.sum()))
        row = np.repeat(np.arange(len(known)), counts)
        piece = self._piece[samples]
        share, distance_m = _to_lines(places[row], self._line[piece])
        order = np.lexsort((piece, distance_m, row))
        best = order[np.cumsum(counts) - counts]
        inside = distance_m[best] <= MAX_SNAP_M
        best, known = best[inside], known[inside]
        self._fill(found, known, piece[best], share[best], distance_m[best])
        return found

    def snap_one(self, lat: float, lng: float) -> Snaps:
        """As `snap` for one position, as one row: a third of the time that arrays of one would take."""
        x, y = lng * (_METRES_PER_DEG * self._cos), lat * _METRES_PER_DEG
        if not (self._graph.edges and math.isfinite(x) and math.isfinite(y)):
            return _nothing(1)
        best = self._nearest(x, y, _FIRST_LOOK_M)
        if best is None or math.hypot(best[0], _SAMPLE_M / 2) > _FIRST_LOOK_M:
            # Beyond the first look there may be a road that is nearer.
            bound_m = math.hypot(MAX_SNAP_M, _SAMPLE_M / 2)
            near_m = float(self._tree.query((x, y), distance_upper_bound=bound_m)[0])
            best = self._nearest(x, y, math.hypot(near_m, _SAMPLE_M / 2)) if math.isfinite(near_m) else None
        if best is None or best[0] > MAX_SNAP_M:
            return _nothing(1)
        distance_m, piece, share = best
        return self._found_one(piece, share, distance_m)

    def _nearest(self, x: float, y: float, radius_m: float) -> tuple[float, int, float] | None:
        """The nearest of the pieces that have a sample so near: metres, piece, share; None without any."""
        samples = self._tree.query_ball_point((x, y), radius_m + 1e-6)
        pieces = list(set(self._piece[samples].tolist()))
        lines = zip(pieces, self._line[pieces].tolist(), strict=True)
        return min((_to_line(x, y, piece, *line) for piece, line in lines), default=None)

    def _found_one(self, piece: int, share: float, distance_m: float) -> Snaps:
        graph, edge, point = self._graph, self._edge.item(piece), self._point.item(piece)
        at, after = graph.shape_at.item(point), graph.shape_at.item(point + 1)
        along = at + share * (after - at)
        walk_s = distance_m / WALK_M_PER_S
        # As `_part`: a closed edge takes for ever, unless there is nothing left to go.
        back_s = along * graph.edge_backward_s.item(edge) if along > 0 else 0.0
        on_s = (1.0 - along) * graph.edge_forward_s.item(edge) if along < 1 else 0.0
        return Snaps(
            edge=np.array([edge], dtype=np.int32),
            along=np.array([along], dtype=np.float32),
            metres=np.array([distance_m], dtype=np.float32),
            source=graph.edge_source[edge : edge + 1],
            target=graph.edge_target[edge : edge + 1],
            source_s=np.array([walk_s + back_s], dtype=np.float32),
            target_s=np.array([walk_s + on_s], dtype=np.float32),
        )

    def _flat(
        self, lat: NDArray[np.float64], lng: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return lng * (_METRES_PER_DEG * self._cos), lat * _METRES_PER_DEG

    def _fill(
        self,
        found: Snaps,
        rows: NDArray[np.int64],
        piece: NDArray[np.int64],
        share: NDArray[np.float64],
        distance_m: NDArray[np.float64],
    ) -> None:
        graph, edge, point = self._graph, self._edge[piece], self._point[piece]
        at = graph.shape_at[point].astype(np.float64)
        along = at + share * (graph.shape_at[point + 1] - at)
        walk_s = distance_m / WALK_M_PER_S
        found.edge[rows], found.along[rows], found.metres[rows] = edge, along, distance_m
        found.source[rows], found.target[rows] = graph.edge_source[edge], graph.edge_target[edge]
        found.source_s[rows] = walk_s + _part(along, graph.edge_backward_s[edge])
        found.target_s[rows] = walk_s + _part(1.0 - along, graph.edge_forward_s[edge])


def _to_lines(
    places: NDArray[np.float64], lines: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Per pair of a place (x, y) and a line (x, y, x, y): the line's nearest share, and the metres to it."""
    step, inward = lines[:, 2:] - lines[:, :2], places - lines[:, :2]
    squared, inner = np.sum(step * step, axis=1), np.sum(inward * step, axis=1)
    share = np.clip(np.divide(inner, squared, out=np.zeros_like(inner), where=squared > 0), 0.0, 1.0)
    miss = inward - share[:, np.newaxis] * step
    return share, np.hypot(miss[:, 0], miss[:, 1])


def _to_line(
    x: float, y: float, piece: int, from_x: float, from_y: float, to_x: float, to_y: float
) -> tuple[float, int, float]:
    """As `_to_lines` for one pair: metres, the piece's number, share."""
    step_x, step_y = to_x - from_x, to_y - from_y
    squared = step_x * step_x + step_y * step_y
    inner = (x - from_x) * step_x + (y - from_y) * step_y
    share = min(max(inner / squared, 0.0), 1.0) if squared > 0 else 0.0
    return math.hypot(x - from_x - share * step_x, y - from_y - share * step_y), piece, share


def _part(share: NDArray[np.float64], seconds: NDArray[np.float32]) -> NDArray[np.float64]:
    """A share of an edge's seconds; infinite on a closed edge, unless there is nothing left to go."""
    part: NDArray[np.float64] = np.multiply(share, seconds, out=np.zeros_like(share), where=share > 0)
    return part


def _nothing(count: int) -> Snaps:
    return Snaps(
        edge=np.full(count, -1, dtype=np.int32),
        along=np.zeros(count, dtype=np.float32),
        metres=np.full(count, np.inf, dtype=np.float32),
        source=np.full(count, -1, dtype=np.int32),
        target=np.full(count, -1, dtype=np.int32),
        source_s=np.full(count, np.inf, dtype=np.float32),
        target_s=np.full(count, np.inf, dtype=np.float32),
    )
