"""Who is nearest: one k-d tree of everybody's places, once per trade, the trades far apart on one axis."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigmarket.live.roster_columns import Columns, Flags, Floats, Ints

_THREADS = "OMP_NUM_THREADS"
_told = os.environ.get(_THREADS)
# Its threads would wait for the next search by spinning: ten milliseconds of a core for one gig's search of ten
# microseconds. The library reads this once, when it is loaded.
os.environ[_THREADS] = "1"
from pykdtree.kdtree import KDTree  # noqa: E402

if _told is None:
    del os.environ[_THREADS]
else:
    os.environ[_THREADS] = _told

_APART = 8.0
"""Between trades, in radii of the unit sphere: more than any two places are."""
_LEAF = 32
"""Points in a leaf: of 8 to 48 the quickest during a round, when other columns are in the cache."""
_ROUNDING = 1.0 + 1e-9
_MANY = 256
"""Searches that open most of the tree: it is fetched into the cache in one go before them, not line by line."""
_NOBODY = np.iinfo(np.int64).max
_SAME = 1e-9
"""Chords that differ by less, six millimetres, are one distance: a hall has one place for whoever waits."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Everybody who was on the roster at `stamp`: `rows`, one per trade. Its points are turned by `upright`:
    with one axis upright the boxes lie flat on the ground, and a search opens fewer of them.
    """

    tree: KDTree | None
    upright: Floats
    rows: Ints
    stamp: int

    @staticmethod
    def of(columns: Columns, trades: int) -> Tree:
        """The tree of the roster as it is now, for as many trades as bits are used."""
        at, stamp = columns.at, columns.stamps
        there = np.flatnonzero(at.trades)
        if not there.size:
            return Tree(None, np.eye(3), there, stamp)
        points = at.point.take(there, axis=0)
        upright = np.linalg.svd(points.sum(axis=0, keepdims=True))[2].T
        points = points @ upright
        # Neighbours on the ground are neighbours in memory.
        order = np.argsort(_along_a_z(points[:, 1:]), kind="stable")
        there, points = there[order], points[order]
        able = (at.trades[there] >> np.arange(trades)[:, None]) & 1 == 1
        trade, nth = np.divmod(np.flatnonzero(able), len(there))
        return Tree(KDTree(_lifted(points[nth], trade), leafsize=_LEAF), upright, there[nth], stamp)

    def __len__(self) -> int:
        return len(self.rows)

    def nearest(self, trade: Ints, sites: Floats, chord: Floats, counts: Ints) -> tuple[Ints, Ints, Flags]:
        """For each site (a point of the unit sphere) the `counts` (≥ 1) nearest of its trade that a straight
        line of `chord` reaches, and all who are exactly as far as the last of them, so that the round chooses
        between them: sites and roster rows, sorted pairs, and which sites' circles were emptied.
        """
        complete = np.ones(len(sites), dtype=np.bool_)
        if self.tree is None or not sites.size:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), complete
        if len(sites) >= _MANY:
            self.tree.data_pts.max()
        asked, bound = _lifted(sites @ self.upright, trade), chord * _ROUNDING
        ends = np.cumsum(counts)
        found = np.empty(int(ends[-1]), dtype=np.int64)
        # In the order of the trades a search finds much of what it opens in the cache.
        order = np.argsort(trade, kind="stable")
        more: list[tuple[Ints, Ints]] = []
        for count in np.unique(counts).tolist():
            some = order[counts[order] == count]
            # And one more, who tells whether the list is cut between two who are as far.
            far, place = self.tree.query(asked[some], k=count + 1, distance_upper_bound=bound[some].max())
            beyond, far, place = far[:, count], far[:, :count], place[:, :count]
            inside = far <= bound[some, None]
            complete[some] = ~inside[:, -1]
            for nth in np.flatnonzero(inside[:, -1] & (beyond <= far[:, -1] + _SAME)).tolist():
                alike = _as_far(self.tree, asked[some[nth]], float(far[nth, -1]), count)
                more.append((np.full(len(alike), some[nth], dtype=np.int64), self.rows[alike]))
            rows = self.rows.take(np.where(inside, place, 0))
            rows[~inside] = _NOBODY
            rows.sort(axis=1)
            found[(ends[some] - count)[:, None] + np.arange(count)] = rows
        there = found < _NOBODY
        site, row = np.repeat(np.arange(len(sites)), counts)[there], found[there]
        return (*(_together(site, row, more) if more else (site, row)), complete)


def _as_far(tree: KDTree, site: Floats, far: float, count: int) -> Ints:
    """The points of a tree that are as far from a site as the last of its `count` nearest."""
    while True:
        count = min(2 * count, tree.n)
        found, place = tree.query(site[None], k=count, distance_upper_bound=far + 2 * _SAME)
        alike = np.abs(found.ravel() - far) <= _SAME
        if count == tree.n or not alike[-1]:
            points: Ints = place.ravel()[alike].astype(np.int64)
            return points


def _together(site: Ints, row: Ints, more: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Pairs of both, sorted, each once."""
    sites, rows = (np.concatenate(parts) for parts in zip((site, row), *more, strict=True))
    size = int(rows.max()) + 1
    return np.divmod(np.unique(sites * size + rows), size)


def _lifted(points: Floats, trade: Ints) -> Floats:
    points[:, 0] += _APART * trade
    return points


def _along_a_z(flat: Floats) -> NDArray[np.uint16]:
    """Places on a Z-shaped curve through the plane (Morton 1966), eight bits of each axis: cells of some
    hundred metres, and numbers short enough to be sorted by radix.
    """
    low, width = flat.min(axis=0), float(np.ptp(flat, axis=0).max()) or 1.0
    bits = ((flat - low) * (0xFF / width)).astype(np.uint16)
    for shift, kept in ((4, 0x0F0F), (2, 0x3333), (1, 0x5555)):
        bits = (bits | bits << shift) & kept
    along: NDArray[np.uint16] = bits[:, 0] | bits[:, 1] << 1
    return along
