"""The dispatcher's own copy of who wants work: columns by row, and for each trade a k-d tree of places.

The live index stays what other processes ask; a round asks memory, a hundred times faster. Trees are never
changed: rows that changed since one was built are looked at one by one, until there are too many of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gigmarket.domain.geo import EARTH_RADIUS_M, Position
from gigmarket.domain.ids import WorkerId
from gigmarket.live.roster_columns import Columns, Entry, Floats, Ints, point

STILL_M = 5.0
"""A move shorter than this is a phone's noise: the tree keeps the place it has."""
FEW = 256
"""So many changed rows are looked at one by one before a tree is worth building anew."""


@dataclass(slots=True)
class _Tree:
    """Who had a trade when it was built: `rows` with their `stamps` then, and the rows changed `since`."""

    tree: cKDTree | None
    rows: Ints
    stamps: Ints
    since: set[int]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows found near sites, as pairs sorted by site. `complete[i]`: nobody else is within site i's radius."""

    site: Ints
    row: Ints
    complete: NDArray[np.bool_]


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

    def near(self, trade: int, lat: Floats, lng: Floats, radius_m: float, counts: Ints) -> Found:
        """The rows of a trade nearest to each site within `radius_m` great-circle metres: `counts` of them, or
        all where `counts` is negative, and those who changed lately. Freshness and rules are the round's.
        """
        tree, stamp = self._tree(trade), self.columns.at.stamp
        sites, wanted = point(lat, lng), counts.copy()
        chord = 2.0 * math.sin(min(radius_m / EARTH_RADIUS_M, math.pi) / 2.0)
        while True:
            site, found, complete = _ask(tree, sites, chord, wanted)
            row = tree.rows[found]
            same = tree.stamps[found] == stamp[row]
            short = ~complete & (np.bincount(site[same], minlength=len(sites)) < counts)
            if not short.any():
                break
            # Who left since the tree was built has the place of somebody further out.
            wanted[short] *= 2
        size = len(self.columns.entries)
        pairs = site[same] * size + row[same]
        more_site, more = self._beside(tree, trade, sites, chord)
        if more.size:
            pairs = np.concatenate((pairs, more_site * size + more))
        pairs.sort()
        # Once each, though one may be found in the tree and at a promised site.
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        return Found(*np.divmod(pairs, size), complete)

    def _beside(self, tree: _Tree, trade: int, sites: Floats, chord: float) -> tuple[Ints, Ints]:
        """Who is not where the tree says: changed since it was built, or later on at a promised site."""
        at = self.columns.at
        changed = np.fromiter(sorted(tree.since), dtype=np.int64, count=len(tree.since))
        promised, places = self.columns.promised()
        rows, points = np.concatenate((changed, promised)), np.concatenate((at.point[changed], places))
        if not rows.size:
            return rows, rows
        able = (at.trades[rows] >> trade) & 1 == 1
        # What is nearer than an angle has a larger cosine with it.
        site, column = np.nonzero(sites @ points[able].T >= 1.0 - chord * chord / 2.0)
        return site, rows[able][column]

    def _tree(self, trade: int) -> _Tree:
        tree = self._trees.get(trade)
        if tree is None or len(tree.since) > max(FEW, len(tree.rows) // 16):
            at = self.columns.at
            rows = np.flatnonzero((at.trades >> trade) & 1 == 1)
            # Unbalanced trees are built five times as fast and asked as fast.
            built = cKDTree(at.point[rows], balanced_tree=False, compact_nodes=False) if rows.size else None
            tree = self._trees[trade] = _Tree(built, rows, at.stamp[rows], set())
        return tree

    def _changed(self, row: int) -> None:
        for tree in self._trees.values():
            tree.since.add(row)

    def _mask(self, trades: frozenset[str]) -> int:
        if unknown := trades - self._bit.keys():
            raise ValueError(f"the roster has no trade {', '.join(sorted(unknown))}")
        return sum(1 << self._bit[code] for code in trades)


def _ask(tree: _Tree, sites: Floats, chord: float, counts: Ints) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Sites, places in the tree, and which sites' circles were emptied."""
    complete = np.ones(len(sites), dtype=np.bool_)
    if tree.tree is None:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, complete
    parts: list[tuple[Ints, Ints]] = []
    for count in np.unique(counts).tolist():
        mine = np.flatnonzero(counts == count)
        if 0 < count < tree.tree.n:
            # Rows past the last one found are numbered n: nobody.
            found = tree.tree.query(sites[mine], k=count, distance_upper_bound=chord)[1].reshape(-1, count)
            real = found < tree.tree.n
            complete[mine] = ~real[:, -1]
            parts.append((np.repeat(mine, np.count_nonzero(real, axis=1)), found[real]))
        else:
            lists: Any = tree.tree.query_ball_point(sites[mine], chord, return_sorted=True)
            lengths = np.fromiter(map(len, lists), dtype=np.int64, count=len(mine))
            parts.append((np.repeat(mine, lengths), np.concatenate([np.array(one, np.int64) for one in lists])))
    return (
        np.concatenate([site for site, _ in parts]),
        np.concatenate([found for _, found in parts]).astype(np.int64),
        complete,
    )
