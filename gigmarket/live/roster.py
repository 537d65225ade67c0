"""The dispatcher's own copy of who wants work: columns by row, and a k-d tree of places.

The live index stays what other processes ask; a round asks memory, a hundred times faster. A tree is never
changed: rows that changed since it was built are looked at one by one, until there are too many of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gigmarket.domain.geo import EARTH_RADIUS_M
from gigmarket.domain.ids import WorkerId
from gigmarket.live.claimants import Claimants
from gigmarket.live.nearest import Tree
from gigmarket.live.roster_columns import Columns, Entry, Flags, Floats, Ints, above, point
from gigmarket.wire.bus import Move

STILL_M = 5.0
"""A move shorter than this is a phone's noise: the tree keeps the place it has."""
FEW = 256
"""So many changed rows are looked at one by one before a tree is worth building anew."""
LONG = 800
"""Lists of so many are cut out of everybody of the trade: the tree puts each it finds into a sorted list."""
_SAME = 1e-15
"""Cosines that differ by less are those of one place, rounded."""
_AT_ONCE = 1 << 22
"""Pairs of a site and a row in one block of cosines (32 MB)."""


@dataclass(frozen=True, slots=True)
class Found:
    """Rows found near sites, as pairs sorted by site. `complete[i]`: nobody else is within site i's radius."""

    site: Ints
    row: Ints
    complete: Flags


@dataclass(frozen=True, slots=True)
class _Asked:
    """Sites as points of the unit sphere with their trades; `least` is the cosine of a circle's edge."""

    trades: Ints
    sites: Floats
    least: Floats
    counts: Ints


class Roster:
    """A mirror of the available workers, for one thread: `put` and `remove` follow SQL, `move` heartbeats."""

    def __init__(self, trades: Sequence[str]) -> None:
        self.columns = Columns()
        self.claimants = Claimants()
        self._bit = {code: bit for bit, code in enumerate(trades)}
        self._tree: Tree | None = None

    def __len__(self) -> int:
        return len(self.columns)

    def __contains__(self, worker: WorkerId) -> bool:
        return worker in self.columns.row_of

    def clear(self) -> None:
        """Forget everybody."""
        self.columns = Columns()
        self.claimants = Claimants()
        self._tree = None

    def put(self, entries: Iterable[Entry]) -> None:
        """Enter workers, new or known. Raises ValueError for a trade the roster was not made with."""
        for entry in entries:
            self.claimants.entered(self.columns.put(entry, self._mask(entry.trades)))

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

    def move(self, moves: Iterable[Move]) -> int:
        """Signs of life, and places where they may have changed, one per worker; how many are on the roster.
        All at once: one by one they are 10 µs each, and a quiet market has thousands when the next gig comes.
        """
        row_of = self.columns.row_of
        known = [(row, move) for move in moves if (row := row_of.get(move.worker)) is not None]
        if known:
            nowhere = (math.nan, math.nan)
            places = [(at.lat, at.lng) if (at := move.position) else nowhere for _, move in known]
            fresh_until = np.array([move.fresh_until for _, move in known])
            self.columns.move(np.array([row for row, _ in known]), np.array(places), fresh_until, STILL_M)
        return len(known)

    def settle(self) -> None:
        """Build the tree anew if the next search would: for a moment when nobody waits."""
        self._tree_now()

    def near(self, trades: Ints, lat: Floats, lng: Floats, radius_m: Floats, counts: Ints) -> Found:
        """For each site the rows of its trade (a bit per trade) within `radius_m` great-circle metres: the
        `counts` (≥ 1) nearest with all who are exactly as far as the last of them, or everybody where that is
        negative, and those who changed lately. Freshness and rules are the round's.
        """
        sites, chord = point(lat, lng), 2.0 * np.sin(np.minimum(radius_m / EARTH_RADIUS_M, math.pi) / 2.0)
        tree, changed = self._tree_now()
        asked = _Asked(trades, sites, 1.0 - chord**2 / 2.0, counts)
        site, row, complete, every = self._nearest(tree, asked, chord)
        found = [(site, row)]
        rows, places = self.columns.promised()
        if changed.size or rows.size:
            points = np.concatenate((self.columns.at.point[changed], places))
            anywhere = np.arange(len(sites))
            found += self._looked_at(np.concatenate((changed, rows)), points, anywhere, asked, None)
        if every.size:
            rows = np.flatnonzero(self.columns.at.trades)
            found += self._looked_at(rows, self.columns.at.point[rows], every, asked, complete)
        if len(found) == 1:
            return Found(site, row, complete)
        # A sort that is quick where much is in order already. Once each, though one may be found in the tree
        # and at a promised site.
        size = len(self.columns.entries)
        pairs = np.sort(np.concatenate([site * size + row for site, row in found]), kind="stable")
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        return Found(*np.divmod(pairs, size), complete)

    def _nearest(self, tree: Tree, asked: _Asked, chord: Floats) -> tuple[Ints, Ints, Flags, Ints]:
        """Sites and rows of those who are still where the tree has them, which circles were emptied, and the
        sites where everybody is to be looked at instead.
        """
        wanted = asked.counts.copy()
        while True:
            every = (wanted < 0) | (wanted >= min(len(tree), LONG))
            asking = np.flatnonzero(~every)
            site, row, emptied = tree.nearest(
                asked.trades[asking], asked.sites[asking], chord[asking], wanted[asking]
            )
            same = ~above(self.columns.at.stamp, row, tree.stamp)
            site, row = asking[site[same]], row[same]
            complete = every.copy()
            complete[asking] = emptied
            short = ~complete & (np.bincount(site, minlength=len(every)) < asked.counts)
            if not short.any():
                return site, row, complete, np.flatnonzero(every)
            # Who left since the tree was built has the place of somebody further out.
            wanted[short] *= 2

    def _looked_at(
        self, rows: Ints, points: Floats, which: Ints, asked: _Asked, complete: Flags | None
    ) -> list[tuple[Ints, Ints]]:
        """Of these rows at these places who is inside the circles of `which` sites, pair by pair. With
        `complete` only the `counts` nearest, and it becomes false where these reach the count.
        """
        found = []
        for trade in np.unique(asked.trades[which]).tolist():
            able = (self.columns.at.trades[rows] >> trade) & 1 == 1
            mine, some, there = which[asked.trades[which] == trade], rows[able], points[able]
            for part in np.array_split(mine, 1 + len(mine) * len(some) // _AT_ONCE):
                # What is nearer than an angle has a larger cosine with it.
                cosines = asked.sites[part] @ there.T
                inside = cosines >= asked.least[part, None]
                if complete is not None:
                    complete[part] = ~_cut(inside, cosines, asked.counts[part])
                site, column = np.nonzero(inside)
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


def _cut(inside: Flags, cosines: Floats, counts: Ints) -> Flags:
    """Keep, in place, each site's nearest `counts` (negative: all) and who is exactly as far as the last of
    them; where the last was inside.
    """
    people = cosines.shape[1]
    full = np.zeros(len(counts), dtype=np.bool_)
    for i in np.flatnonzero((counts > 0) & (counts < people)).tolist():
        first = people - int(counts[i])
        order = np.argpartition(cosines[i], first)
        full[i] = inside[i, order[first]]
        inside[i, cosines[i] < cosines[i, order[first]] - _SAME] = False
    return full
