"""The router that knows the river: seconds on real roads, one bounded search per site, mode and limit."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gigmarket.domain.geo import Mode, Position
from gigmarket.travel.roads.graph import Graph, load
from gigmarket.travel.roads.snap import WALK_M_PER_S, Snapper, Snaps
from gigmarket.travel.straight_line import metres_to

CACHE_BYTES = 128 * 1024 * 1024
_KEPT_PER_REACH = 512


@dataclass(frozen=True, slots=True, eq=False)
class RoadReach:
    """Everything from which a site is reached on roads within `limit_s` seconds, by one mode.

    `site_snap` is the site's own way to the road (one row; edge -1 when no road is near: then nobody arrives).
    """

    site: Position
    mode: Mode
    limit_s: float
    site_snap: Snaps
    _network: _Network
    # Seconds to the site from a stretch of nodes; the first and the last entry are infinite and stand for the
    # nodes before and behind it.
    _first_node: int
    _node_s: NDArray[np.float32]

    @property
    def by_road(self) -> bool:
        """False when the site itself is too far from any road of the mode."""
        return bool(self.site_snap.edge[0] >= 0)

    @property
    def snap_m(self) -> float:
        """Metres of straight way between the site and its road; infinite when there is none near."""
        return float(self.site_snap.metres[0])

    @property
    def nbytes(self) -> int:
        """Memory that the reach keeps, in bytes."""
        return self._node_s.nbytes + _KEPT_PER_REACH

    def seconds(self, position: Position) -> float | None:
        """Seconds of travel from a position to the site; None beyond the limit or too far from any road."""
        seconds = float(self.seconds_many(np.array([position.lat]), np.array([position.lng]))[0])
        return None if math.isnan(seconds) else seconds

    def seconds_many(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds of travel for arrays of WGS-84 degrees of one shape; nan beyond the limit or far from roads.

        Snaps every position that could be in time; whoever asks again and again keeps snaps for `seconds_at`.
        """
        lat, lng = np.asarray(lat, dtype=np.float64), np.asarray(lng, dtype=np.float64)
        seconds = np.full(lat.size, np.nan)
        metres = metres_to(self.site, lat.ravel(), lng.ravel())
        near = np.flatnonzero(metres <= self._network.radius_m(self.limit_s))
        if self.by_road and len(near):
            seconds[near] = self.seconds_at(self._network.snap(lat.ravel()[near], lng.ravel()[near]))
        return seconds.reshape(lat.shape)

    def seconds_at(self, snaps: Snaps) -> NDArray[np.float64]:
        """Seconds of travel for positions snapped before to the same mode; nan beyond the limit or off road."""
        node_s, offset, last = self._node_s, self._first_node - 1, len(self._node_s) - 1
        by_source = node_s.take(snaps.source - offset, mode="clip") + snaps.source_s
        by_target = node_s.take(snaps.target - offset, mode="clip") + snaps.target_s
        seconds = np.minimum(by_source, by_target).astype(np.float64)
        if last and self.by_road:
            self._along_one_edge(snaps, seconds)
        seconds[~(seconds <= self.limit_s)] = np.nan
        return seconds

    def _along_one_edge(self, snaps: Snaps, seconds: NDArray[np.float64]) -> None:
        """Whoever stands on the site's own edge may go straight along it, without passing either end."""
        rows = np.flatnonzero(snaps.edge == self.site_snap.edge[0])
        if not len(rows):
            return
        edge = int(self.site_snap.edge[0])
        ahead = float(self.site_snap.along[0]) - snaps.along[rows].astype(np.float64)
        pace_s = np.where(
            ahead >= 0, self._network.graph.edge_forward_s[edge], self._network.graph.edge_backward_s[edge]
        )
        ride_s = np.multiply(np.abs(ahead), pace_s, out=np.zeros_like(ahead), where=ahead != 0)
        walk_s = (snaps.metres[rows].astype(np.float64) + float(self.site_snap.metres[0])) / WALK_M_PER_S
        seconds[rows] = np.minimum(seconds[rows], ride_s + walk_s)


class _Network:
    """One mode's graph with what is made of it once: its snapper, and its matrix with a start row."""

    def __init__(self, mode: Mode, graph: Graph) -> None:
        self.mode, self.graph = mode, graph
        self._lock, self._snap_lock = Lock(), Lock()
        self._snapper: Snapper | None = None
        self._fastest_m_per_s = max(graph.fastest_m_per_s(), WALK_M_PER_S)
        arcs = (graph.reverse_s, graph.reverse_indices, graph.reverse_indptr)
        self._arcs = csr_array(arcs, shape=(graph.nodes + 1, graph.nodes + 1), copy=False)

    def radius_m(self, limit_s: float) -> float:
        return self._fastest_m_per_s * limit_s

    def snap(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> Snaps:
        return self._ready_snapper().snap(lat, lng)

    def seconds_to(self, site: Snaps, limit_s: float) -> NDArray[np.float64]:
        """Seconds from every node to a snapped site, infinite beyond the limit. One search at a time."""
        ends = [(int(site.source[0]), self._arrival_s(site, source=True))]
        ends.append((int(site.target[0]), self._arrival_s(site, source=False)))
        with self._lock:
            start = self.graph.nodes
            # Two arcs lead into the search: from the site to its edge's ends, whose way in is open.
            for slot, (node, seconds) in zip((-2, -1), ends, strict=True):
                self._arcs.indices[slot], self._arcs.data[slot] = node, max(seconds, 1e-6)
            reached: NDArray[np.float64] = dijkstra(self._arcs, indices=start, limit=limit_s)
        return reached[:start]

    def _arrival_s(self, site: Snaps, source: bool) -> float:
        """Seconds from one end of the site's edge to the site: against the sense in which snaps count."""
        edge, along = int(site.edge[0]), float(site.along[0])
        share = along if source else 1.0 - along
        pace_s = self.graph.edge_forward_s[edge] if source else self.graph.edge_backward_s[edge]
        ride_s = share * float(pace_s) if share > 0 else 0.0
        return ride_s + float(site.metres[0]) / WALK_M_PER_S

    def _ready_snapper(self) -> Snapper:
        with self._snap_lock:
            if self._snapper is None:
                self._snapper = Snapper(self.graph)
            return self._snapper


class RoadRouter:
    """A `Router` on the roads of a folder made by `gigmarket roads build`. May be used from several threads.

    Raises DamagedRoads when the folder is not a sound one. Reaches are kept up to `cache_bytes`, the least
    recently asked for going first. `warm` makes the snapping index of some modes at once, not at first use.
    """

    def __init__(self, folder: Path, cache_bytes: int = CACHE_BYTES, warm: tuple[Mode, ...] = ()) -> None:
        self.roads = load(folder)
        self._networks = {mode: _Network(mode, graph) for mode, graph in self.roads.graphs.items()}
        self._cache: OrderedDict[tuple[Position, Mode, float], RoadReach] = OrderedDict()
        self._cache_lock, self._cache_bytes, self._cached_bytes = Lock(), cache_bytes, 0
        nowhere, here = np.array([np.nan]), np.array([0.0])
        for mode in warm:
            self.snap_many(mode, nowhere, here)

    @property
    def estimated(self) -> bool:
        """Always False: times are along real roads."""
        return False

    def reach(self, site: Position, mode: Mode, limit_s: float) -> RoadReach:
        """The circle of `limit_s` seconds around a site for one mode; the same object while it is cached.

        A site too far from the mode's roads has a reach that nobody is in (`by_road` is False). Takes about a
        millisecond of CPU in a city. Raises ValueError for a limit that is negative or not finite.
        """
        key = (site, mode, _limit(limit_s))
        with self._cache_lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        found = self._search(site, mode, limit_s)
        with self._cache_lock:
            if key not in self._cache:
                self._cache[key] = found
                self._cached_bytes += found.nbytes
            while self._cached_bytes > self._cache_bytes and len(self._cache) > 1:
                self._cached_bytes -= self._cache.popitem(last=False)[1].nbytes
            return self._cache.get(key, found)

    def radius_m(self, mode: Mode, limit_s: float) -> float:
        """Straight-line metres beyond which nobody of this mode arrives within `limit_s` seconds.

        The fastest road of the mode all the way, so for cars it is wide. Raises ValueError as `reach` does.
        """
        return self._networks[mode].radius_m(_limit(limit_s))

    def snap_many(self, mode: Mode, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> Snaps:
        """Where positions (WGS-84 degrees, flat arrays) stand on a mode's roads, to keep for `seconds_at`.

        `metres` tells how far each road is: large values for many people mean that a datum was mixed up.
        """
        return self._networks[mode].snap(np.asarray(lat, np.float64), np.asarray(lng, np.float64))

    def snap_m(self, mode: Mode, position: Position) -> float:
        """Metres from a position to the nearest road of a mode; infinite beyond 300 m."""
        return float(self.snap_many(mode, np.array([position.lat]), np.array([position.lng])).metres[0])

    def _search(self, site: Position, mode: Mode, limit_s: float) -> RoadReach:
        network = self._networks[mode]
        snap = network.snap(np.array([site.lat]), np.array([site.lng]))
        first, node_s = 0, np.full(2, np.inf, dtype=np.float32)
        if snap.edge[0] >= 0:
            reached = network.seconds_to(snap, limit_s)
            inside = np.flatnonzero(np.isfinite(reached))
            if len(inside):
                first, last = int(inside[0]), int(inside[-1])
                node_s = np.full(last - first + 3, np.inf, dtype=np.float32)
                node_s[1:-1] = reached[first : last + 1]
        return RoadReach(site, mode, limit_s, snap, network, first, node_s)


def _limit(limit_s: float) -> float:
    if not (math.isfinite(limit_s) and limit_s >= 0):
        raise ValueError(f"travel limit must be a number of seconds from 0, not {limit_s!r}")
    return limit_s
