"""The dispatcher's own copy of who wants work: columns by row, and for each trade a k-d tree of places.

The live index stays what other processes ask; a round asks memory, a hundred times faster. Trees are never
changed: rows that changed since one was built are looked at one by one, until there are too many of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from gigmarket.domain.geo import EARTH_RADIUS_M, Position
from gigmarket.domain.ids import WorkerId
from gigmarket.live.roster_columns import Columns, Entry, Flags, Floats, Ints, point

STILL_M = 5.0
"""A move shorter than this is a phone's noise: the tree keeps the place it has."""
FEW = 256
"""So many changed rows are looked at one by one before a tree is worth building anew."""


@dataclass(slots=True)
class _Tree:
    """Who had a trade when it was built: `rows` with their `stamps` then, and the rows of the trade changed
    `since`. Rows and stamps end with nobody's, which is how the tree numbers what it does not find. Its points
    are turned by `upright`.
    """

    tree: cKDTree | None
    upright: Floats
    rows: Ints
    stamps: Ints
    since: set[int]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows found near sites, as pairs sorted by site. `complete[i]`: nobody else is within site i's radius."""

    site: Ints
    row: Ints
    complete: Flags


class Roster:
    """A mirror of the available workers, for one thread: `put` and `remove` follow SQL, `move` heartbeats."""

    def __init__(self, trades: Sequence[str]) -> None:
        self.columns = Columns()
        self._bit = {code: bit for bit, code in enumerate(trades)}
        self._trees: dict[int, _Tree] = {}

    def __len__(self) -> int:
        return len(self.columns)

    def __contains__(self, worker: WorkerId) -> bool:
        return worker in self.columns.row_of

    def clear(self) -> None:
        """Forget everybody."""
        self.columns = Columns()
        self._trees.clear()

    def put(self, entries: Iterable[Entry]) -> None:
        """Enter workers, new or known. Raises ValueError for a trade the roster was not made with."""
        for entry in entries:
            if self.columns.put(entry, self._mask(entry.trades)):
                self._changed(self.columns.row_of[entry.worker])

    def remove(self, workers: Iterable[WorkerId]) -> None:
        """Take workers out; harmless for those who are not there."""
        for worker in workers:
            if (row := self.columns.row_of.get(worker)) is not None:
                self.columns.remove(row)

    def offered(self, worker: WorkerId) -> None:
        """The worker holds an offer now; what becomes of it comes by `put`."""
        if (row := self.columns.row_of.get(worker)) is not None:
            self.columns.at.offered[row] = True

    def stale(self, before: float) -> list[WorkerId]:
        """Whose last sign of life ended before this time, in seconds since 1970."""
        rows = np.flatnonzero(self.columns.at.fresh < before).tolist()
        return [entry.worker for row in rows if (entry := self.columns.entries[row]) is not None]

    def move(self, worker: WorkerId, position: Position | None, fresh_until: float) -> bool:
        """A sign of life (seconds since 1970), and the place if it may have changed; False for a stranger."""
        row = self.columns.row_of.get(worker)
        if row is None:
            return False
        if self.columns.move(row, position, fresh_until, STILL_M):
            self._changed(row)
        return True

    def near(self, trades: Ints, lat: Floats, lng: Floats, radius_m: Floats, counts: Ints) -> Found:
        """For each site the rows of its trade (a bit per trade) within `radius_m` great-circle metres: the
        `counts` nearest, or all where that is negative, and those who changed lately. Sites of one trade share
        their widest radius. Freshness and rules are the round's.
        """
        sites, size = point(lat, lng), len(self.columns.entries)
        complete = np.ones(len(sites), dtype=np.bool_)
        parts = [np.zeros(0, dtype=np.int64)]
        for trade in np.unique(trades).tolist():
            mine = np.flatnonzero(trades == trade)
            chord = 2.0 * math.sin(min(float(radius_m[mine].max()) / EARTH_RADIUS_M, math.pi) / 2.0)
            tree = self._tree(trade)
            site, row, complete[mine] = self._nearest(tree, sites[mine], chord, counts[mine])
            parts.append(mine[site] * size + row)
            site, row = self._beside(tree, trade, sites[mine], chord)
            parts.append(mine[site] * size + row)
        # A sort that is quick where much is in order already. Once each, though one may be found in the tree
        # and at a promised site.
        pairs = np.sort(np.concatenate(parts), kind="stable")
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        return Found(*np.divmod(pairs, size), complete)

    def _nearest(self, tree: _Tree, sites: Floats, chord: float, counts: Ints) -> tuple[Ints, Ints, Flags]:
        """Sites and rows of those who are still where the tree has them, and which circles were emptied."""
        wanted = counts.copy()
        while True:
            site, found, complete = _ask(tree, sites, chord, wanted)
            row = tree.rows[found]
            same = tree.stamps[found] == self.columns.at.stamp[row]
            site, row = site[same], row[same]
            short = ~complete & (np.bincount(site, minlength=len(sites)) < counts)
            if not short.any():
                return site, row, complete
            # Who left since the tree was built has the place of somebody further out.
            wanted[short] *= 2

    def _beside(self, tree: _Tree, trade: int, sites: Floats, chord: float) -> tuple[Ints, Ints]:
        """Who is not where the tree says: changed since it was built, or later on at a promised site."""
        at = self.columns.at
        promised, places = self.columns.promised()
        if not tree.since and not promised.size:
            return promised, promised
        changed = np.fromiter(sorted(tree.since), dtype=np.int64, count=len(tree.since))
        rows, points = np.concatenate((changed, promised)), np.concatenate((at.point[changed], places))
        able = (at.trades[rows] >> trade) & 1 == 1
        # What is nearer than an angle has a larger cosine with it.
        site, column = np.nonzero(sites @ points[able].T >= 1.0 - chord * chord / 2.0)
        return site, rows[able][column]

    def _tree(self, trade: int) -> _Tree:
        tree = self._trees.get(trade)
        if tree is None or len(tree.since) > max(FEW, len(tree.stamps) // 16):
            tree = self._trees[trade] = _built(self.columns, trade)
        return tree

    def _changed(self, row: int) -> None:
        mask = int(self.columns.at.trades[row])
        for trade, tree in self._trees.items():
            if mask >> trade & 1:
                tree.since.add(row)

    def _mask(self, trades: frozenset[str]) -> int:
        if unknown := trades - self._bit.keys():
            raise ValueError(f"the roster has no trade {', '.join(sorted(unknown))}")
        return sum(1 << self._bit[code] for code in trades)


def _built(columns: Columns, trade: int) -> _Tree:
    """A tree of everybody of a trade as they are now."""
    at = columns.at
    rows = np.flatnonzero((at.trades >> trade) & 1 == 1)
    if not rows.size:
        return _Tree(None, np.eye(3), np.zeros(1, np.int64), np.full(1, -1), set())
    # With one axis upright the boxes of the tree lie flat on the ground, and a search opens fewer of them.
    upright = np.linalg.svd(at.point[rows].sum(axis=0, keepdims=True))[2].T
    points = at.point[rows] @ upright
    # Built twice: in the order of the first, neighbours are neighbours in memory, too. Unbalanced trees are
    # built five times as fast and asked as fast.
    order = cKDTree(points, balanced_tree=False, compact_nodes=False).indices
    tree = cKDTree(points[order], balanced_tree=False, compact_nodes=False)
    rows = rows[order]
    return _Tree(tree, upright, np.append(rows, 0), np.append(at.stamp[rows], -1), set())


def _ask(tree: _Tree, sites: Floats, chord: float, counts: Ints) -> tuple[Ints, Ints, Flags]:
    """Sites, places in the tree (past its end: nobody), and which sites' circles were emptied."""
    complete = np.ones(len(sites), dtype=np.bool_)
    if tree.tree is None:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, complete
    # Those with one count are asked together.
    order = np.argsort(counts, kind="stable")
    turned, lengths = (sites @ tree.upright)[order], counts[order]
    cuts = (np.flatnonzero(lengths[1:] != lengths[:-1]) + 1).tolist()
    parts = [np.zeros(0, dtype=np.int64)]
    for begin, end in pairwise((0, *cuts, len(sites))):
        count, some = int(lengths[begin]), turned[begin:end]
        if 0 < count < tree.tree.n:
            found = tree.tree.query(some, k=count, distance_upper_bound=chord)[1].reshape(-1, count)
            complete[begin:end] = found[:, -1] == tree.tree.n
            parts.append(found.ravel())
        elif count:
            lists: Any = tree.tree.query_ball_point(some, chord, return_sorted=True)
            lengths[begin:end] = np.fromiter(map(len, lists), dtype=np.int64, count=end - begin)
            parts.extend(np.array(one, dtype=np.int64) for one in lists)
        else:
            complete[begin:end] = False
    complete[order] = complete.copy()
    return np.repeat(order, lengths), np.concatenate(parts), complete
