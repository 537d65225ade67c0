"""The dispatcher's own copy of who wants work: columns by row, and a k-d tree of places.

The live index stays what other processes ask; a round asks memory, a hundred times faster. A tree is never
changed: rows that changed since it was built are looked at one by one, until there are too many of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gigmarket.domain.geo import EARTH_RADIUS_M, Position
from gigmarket.domain.ids import WorkerId
from gigmarket.live.nearest import Tree
from gigmarket.live.roster_columns import Columns, Entry, Flags, Floats, Ints, point

STILL_M = 5.0
"""A move shorter than this is a phone's noise: the tree keeps the place it has."""
FEW = 256
"""So many changed rows are looked at one by one before a tree is worth building anew."""
_AT_ONCE = 1 << 22
"""Pairs of a site and a row in one block of cosines (32 MB)."""


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
        self._tree: Tree | None = None

    def __len__(self) -> int:
        return len(self.columns)

    def __contains__(self, worker: WorkerId) -> bool:
        return worker in self.columns.row_of

    def clear(self) -> None:
        """Forget everybody."""
        self.columns = Columns()
        self._tree = None

    def put(self, entries: Iterable[Entry]) -> None:
        """Enter workers, new or known. Raises ValueError for a trade the roster was not made with."""
        for entry in entries:
            self.columns.put(entry, self._mask(entry.trades))

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
        self.columns.move(row, position, fresh_until, STILL_M)
        return True

    def near(self, trades: Ints, lat: Floats, lng: Floats, radius_m: Floats, counts: Ints) -> Found:
        """For each site the rows of its trade (a bit per trade) within `radius_m` great-circle metres: the
        `counts` nearest, or all where that is negative, and those who changed lately. Freshness and rules are
        the round's.
        """
        sites, chord = point(lat, lng), 2.0 * np.sin(np.minimum(radius_m / EARTH_RADIUS_M, math.pi) / 2.0)
        tree, changed = self._tree_now()
        site, row, complete, every = self._nearest(tree, trades, sites, chord, counts)
        found, promised = [(site, row)], self.columns.promised()
        everybody = np.flatnonzero(self.columns.at.trades) if every.any() else changed
        for rows, asking in ((changed, ~every), (everybody, every)):
            if (rows.size or promised[0].size) and asking.any():
                found += self._looked_at(rows, promised, trades, np.flatnonzero(asking), sites, chord)
        # A sort that is quick where much is in order already. Once each, though one may be found in the tree
        # and at a promised site.
        size = len(self.columns.entries)
        pairs = np.sort(np.concatenate([site * size + row for site, row in found]), kind="stable")
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        return Found(*np.divmod(pairs, size), complete)

    def _nearest(
        self, tree: Tree, trades: Ints, sites: Floats, chord: Floats, counts: Ints
    ) -> tuple[Ints, Ints, Flags, Flags]:
        """Sites and rows of those who are still where the tree has them, which circles were emptied, and where
        it was not asked, because everybody there is to be looked at.
        """
        wanted = counts.copy()
        while True:
            every = (wanted < 0) | (wanted >= len(tree))
            asking = np.flatnonzero(~every)
            site, row, emptied = tree.nearest(trades[asking], sites[asking], chord[asking], wanted[asking])
            same = self.columns.at.stamp[row] <= tree.stamp
            site, row = asking[site[same]], row[same]
            complete = every.copy()
            complete[asking] = emptied
            short = ~complete & (np.bincount(site, minlength=len(sites)) < counts)
            if not short.any():
                return site, row, complete, every
            # Who left since the tree was built has the place of somebody further out.
            wanted[short] *= 2

    def _looked_at(
        self,
        rows: Ints,
        promised: tuple[Ints, Floats],
        trades: Ints,
        asking: Ints,
        sites: Floats,
        chord: Floats,
    ) -> list[tuple[Ints, Ints]]:
        """Of these rows, and of those who will be at promised sites later on, who is inside: pairs by trade."""
        at = self.columns.at
        rows, points = np.concatenate((rows, promised[0])), np.concatenate((at.point[rows], promised[1]))
        found = []
        for trade in np.unique(trades[asking]).tolist():
            able = (at.trades[rows] >> trade) & 1 == 1
            mine, some, there = asking[trades[asking] == trade], rows[able], points[able]
            for part in np.array_split(mine, 1 + len(mine) * len(some) // _AT_ONCE):
                # What is nearer than an angle has a larger cosine with it.
                cosine = 1.0 - chord[part, None] ** 2 / 2.0
                site, column = np.nonzero(sites[part] @ there.T >= cosine)
                found.append((part[site], some[column]))
        return found

    def _tree_now(self) -> tuple[Tree, Ints]:
        """The tree, and the rows that changed since it was built."""
        columns, tree = self.columns, self._tree
        if tree is not None:
            changed = columns.changed(tree.stamp)
            if len(changed) <= max(FEW, len(tree) // 16):
                return tree, changed
        tree = self._tree = Tree.of(columns, len(self._bit))
        return tree, columns.changed(tree.stamp)

    def _mask(self, trades: frozenset[str]) -> int:
        if unknown := trades - self._bit.keys():
            raise ValueError(f"the roster has no trade {', '.join(sorted(unknown))}")
        return sum(1 << self._bit[code] for code in trades)
