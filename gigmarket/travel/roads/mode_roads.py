"""One mode's roads in memory: snapping positions to them, and the bounded search around a site."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gigmarket.domain.geo import EARTH_RADIUS_M, Position
from gigmarket.travel.roads.graph import PER_DEGREE, ROW, Graph
from gigmarket.travel.roads.kept_snaps import KeptSnaps
from gigmarket.travel.roads.snap import WALK_M_PER_S, Snapper, Snaps

BAND_BYTES = 32 * 1024 * 1024
"""Memory for the bands of one mode."""

# What snapping in a flat projection may miss of a way to the road, and more.
_SLACK_M = 10.0
# A start an instant away, because an arc of no length would be no arc to a sparse matrix.
_AT_ONCE_S = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    """The reverse arcs of a stretch of nodes, with two rows more: where a search starts, and all outside.

    The start row has two arcs, which each search sets; the row for outside has none.
    """

    first: int
    nodes: int
    arcs: csr_array[np.float64, tuple[int, int]]
    indices: NDArray[np.int32]
    data: NDArray[np.float64]
    # The start row as the search wants it: made of a list, it took a tenth of a short search.
    start: NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        return int(self.data.nbytes + self.indices.nbytes) + 4 * self.nodes

    def number(self, node: int) -> int:
        """A node's number in the matrix; that of all outside when it is not in the band."""
        inside = node - self.first
        return inside if 0 <= inside < self.nodes else self.nodes + 1


class ModeRoads:
    """One mode's graph with what is made of it at first use: its snapper, and bands of its arcs.

    A search walks only the band of rows that its radius can't leave, so its cost does not grow with the city's
    whole province. Immutable to the outside; may be used from several threads.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._search_lock, self._snap_lock = Lock(), Lock()
        self._snapper: Snapper | None = None
        self._kept = KeptSnaps(self.snap)
        self._fastest_m_per_s = max(graph.fastest_m_per_s(), WALK_M_PER_S)
        # Nodes are numbered by rows from south to north.
        self._row = graph.node_lat // ROW
        self._bands: OrderedDict[tuple[int, int], _Band] = OrderedDict()
        self._bands_bytes = 0

    def radius_m(self, limit_s: float) -> float:
        """Straight-line metres beyond which nobody arrives within `limit_s` seconds."""
        return self._fastest_m_per_s * limit_s + _SLACK_M

    def snap(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> Snaps:
        """Where positions (flat arrays of WGS-84 degrees) stand on these roads."""
        return self._ready_snapper().snap(lat, lng)

    def kept_snaps(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> Snaps:
        """As `snap`, from memory for positions that were asked for before."""
        return self._kept.snaps(lat, lng)

    def snap_one(self, position: Position) -> Snaps:
        """As `snap`, for one position."""
        return self._ready_snapper().snap_one(position.lat, position.lng)

    def seconds_to(self, at: Position, site: Snaps, limit_s: float) -> tuple[int, NDArray[np.float32]]:
        """Seconds to a site, snapped before, from a stretch of nodes that holds all in reach.

        Returns the stretch's first node and its seconds, infinite beyond the limit, with one infinite entry
        more at either end for the nodes outside. One search at a time.
        """
        source_s, target_s = self._arrival_s(site, source=True), self._arrival_s(site, source=False)
        with self._search_lock:
            band = self._band(at, limit_s)
            # From the site back to both ends of its edge; an end whose way in is closed is for ever away.
            band.indices[-2], band.data[-2] = band.number(int(site.source[0])), source_s
            band.indices[-1], band.data[-1] = band.number(int(site.target[0])), target_s
            reached: NDArray[np.float64] = dijkstra(band.arcs, indices=band.start, limit=limit_s)[0]
        node_s = np.empty(band.nodes + 2, dtype=np.float32)
        node_s[0] = node_s[-1] = np.inf
        node_s[1:-1] = reached[: band.nodes]
        return band.first, node_s

    def _ready_snapper(self) -> Snapper:
        with self._snap_lock:
            if self._snapper is None:
                self._snapper = Snapper(self.graph)
            return self._snapper

    def _arrival_s(self, site: Snaps, source: bool) -> float:
        """Seconds from one end of the site's edge to the site: against the sense in which snaps count."""
        edge, along = int(site.edge[0]), float(site.along[0])
        share = along if source else 1.0 - along
        pace_s = self.graph.edge_forward_s[edge] if source else self.graph.edge_backward_s[edge]
        ride_s = share * float(pace_s) if share > 0 else 0.0
        return max(ride_s + float(site.metres[0]) / WALK_M_PER_S, _AT_ONCE_S)

    def _band(self, at: Position, limit_s: float) -> _Band:
        """The band that a search round a place can't leave; kept, the least recently used going first."""
        span_deg = min(math.degrees(self.radius_m(limit_s) / EARTH_RADIUS_M), 180.0)
        south, north = (np.int32((at.lat + side * span_deg) * PER_DEGREE // ROW) for side in (-1, 1))
        first, behind = int(self._row.searchsorted(south)), int(self._row.searchsorted(north, side="right"))
        key = (first, behind)
        if key in self._bands:
            self._bands.move_to_end(key)
            return self._bands[key]
        band = self._bands[key] = self._cut(first, behind)
        self._bands_bytes += band.nbytes
        while self._bands_bytes > BAND_BYTES and len(self._bands) > 1:
            self._bands_bytes -= self._bands.popitem(last=False)[1].nbytes
        return band

    def _cut(self, first: int, behind: int) -> _Band:
        graph, nodes = self.graph, behind - first
        begin, end = int(graph.reverse_indptr[first]), int(graph.reverse_indptr[behind])
        indices = np.zeros(end - begin + 2, dtype=np.int32)
        indices[:-2] = graph.reverse_indices[begin:end] - first
        indices[(indices < 0) | (indices >= nodes)] = nodes + 1
        data = np.full(end - begin + 2, np.inf)
        data[:-2] = graph.reverse_s[begin:end]
        indptr = np.full(nodes + 3, end - begin + 2, dtype=np.int32)
        indptr[: nodes + 1] = graph.reverse_indptr[first : behind + 1] - begin
        arcs = csr_array((data, indices, indptr), shape=(nodes + 2, nodes + 2), copy=False)
        return _Band(first, nodes, arcs, arcs.indices, arcs.data, np.array([nodes], dtype=np.int32))
