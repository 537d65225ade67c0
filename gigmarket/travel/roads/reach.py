"""The circle of one site on real roads: who gets there within the limit, and how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import Mode, Position
from gigmarket.travel.roads.graph import PER_DEGREE
from gigmarket.travel.roads.mode_roads import ModeRoads
from gigmarket.travel.roads.snap import WALK_M_PER_S, Snaps
from gigmarket.travel.straight_line import metres_to

# Bytes of a reach besides its seconds per node.
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
    _roads: ModeRoads
    # Seconds to the site from a stretch of nodes; the first and the last entry are infinite and stand for the
    # nodes before and behind it.
    _first_node: int
    _node_s: NDArray[np.float32]

    @property
    def estimated(self) -> bool:
        """Always False: seconds are along real roads."""
        return False

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
        return int(self._node_s.nbytes) + _KEPT_PER_REACH

    def seconds(self, position: Position) -> float | None:
        """Seconds of travel from a position to the site; None beyond the limit or too far from any road."""
        seconds = float(self.seconds_at(self._roads.snap_one(position))[0])
        return None if math.isnan(seconds) else seconds

    def seconds_many(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds of travel for arrays of WGS-84 degrees of one shape; nan beyond the limit or far from roads.

        Snaps every position that could be in time and was not asked for lately.
        """
        lat, lng = np.asarray(lat, dtype=np.float64), np.asarray(lng, dtype=np.float64)
        flat_lat, flat_lng, seconds = lat.ravel(), lng.ravel(), np.full(lat.size, np.nan)
        rows = np.flatnonzero(np.isfinite(flat_lat) & np.isfinite(flat_lng))
        metres = metres_to(self.site, flat_lat[rows], flat_lng[rows])
        rows = rows[metres <= self._roads.radius_m(self.limit_s)]
        if self.by_road and len(rows):
            seconds[rows] = self.seconds_at(self._roads.kept_snaps(flat_lat[rows], flat_lng[rows]))
        return seconds.reshape(lat.shape)

    def seconds_at(self, snaps: Snaps) -> NDArray[np.float64]:
        """Seconds of travel for positions snapped before to the same mode; nan beyond the limit or off road."""
        node_s, offset = self._node_s, self._first_node - 1
        by_source = node_s.take(snaps.source - offset, mode="clip") + snaps.source_s
        by_target = node_s.take(snaps.target - offset, mode="clip") + snaps.target_s
        seconds: NDArray[np.float64] = np.minimum(by_source, by_target).astype(np.float64)
        if self.by_road:
            self._along_one_edge(snaps, seconds)
        seconds[~(seconds <= self.limit_s)] = np.nan
        return seconds

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The junctions in reach: their WGS-84 latitudes and longitudes in degrees, and seconds to the site."""
        seconds = self._node_s[1:-1].astype(np.float64)
        inside = np.flatnonzero(seconds <= self.limit_s)
        nodes, graph = inside + self._first_node, self._roads.graph
        return graph.node_lat[nodes] / PER_DEGREE, graph.node_lng[nodes] / PER_DEGREE, seconds[inside]

    def _along_one_edge(self, snaps: Snaps, seconds: NDArray[np.float64]) -> None:
        """Whoever stands on the site's own edge may go straight along it, without passing either end."""
        rows = np.flatnonzero(snaps.edge == self.site_snap.edge[0])
        if not len(rows):
            return
        edge = int(self.site_snap.edge[0])
        ahead = float(self.site_snap.along[0]) - snaps.along[rows].astype(np.float64)
        pace_s = np.where(
            ahead >= 0, self._roads.graph.edge_forward_s[edge], self._roads.graph.edge_backward_s[edge]
        )
        ride_s = np.multiply(np.abs(ahead), pace_s, out=np.zeros_like(ahead), where=ahead != 0)
        walk_s = (snaps.metres[rows].astype(np.float64) + float(self.site_snap.metres[0])) / WALK_M_PER_S
        seconds[rows] = np.minimum(seconds[rows], ride_s + walk_s)


def search(roads: ModeRoads, site: Position, mode: Mode, limit_s: float) -> RoadReach:
    """Snap a site to one mode's roads and find everything within `limit_s` seconds of it."""
    snap = roads.snap_one(site)
    first, node_s = 0, np.full(2, np.inf, dtype=np.float32)
    if snap.edge[0] >= 0:
        first, node_s = roads.seconds_to(site, snap, limit_s)
    return RoadReach(site, mode, limit_s, snap, roads, first, node_s)
