"""Filling seats where crews come whole or not at all, exactly (docs/decisions/0010).

HiGHS is loaded with the first program that needs it: half a second and 18 MiB, which most processes never do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array, csc_array
from scipy.sparse.csgraph import connected_components

from gigmarket.domain.filling import Flags, Floats, Ints, fill, nth, once

_SCALE = 1e3
"""The dearest edge of an integer program, whose solver has tolerances of about 1e-6."""
_HALF = 0.5
_WHOLE = 1e-6
"""Solutions differ from whole numbers by less."""
_NODES = 2_000
"""Where HiGHS stops, so that no round takes for ever: the question is a hard one in general."""
_SPARE = 3
"""Edges beyond its seats that a gig has in the relaxed program at first."""


def fill_with_crews(gig: Ints, worker: Ints, cost: Floats, seats: Ints, crew: Ints) -> Ints:
    """As `fill`, where some workers come only together: parts of the graph with a crew are integer programs.

    `crew[w]` is the crew of worker column w, -1 for none: a crew comes whole, to one gig, or not at all.
    """
    wanted = np.flatnonzero(seats[gig] > 0)
    if not wanted.size:
        return wanted
    wanted = once(wanted, gig, worker, cost)
    whole, offers = _whole_crews(wanted, gig, worker, seats, crew)
    single = wanted[crew[worker[wanted]] < 0]
    edges = np.concatenate([single, whole])
    if not edges.size:
        return edges
    loose = edges[fill(gig[edges], worker[edges], cost[edges], seats)]
    if not _torn_of(loose, gig, worker, seats, crew).any():
        return np.sort(loose)
    # A crew holds its members' gigs together, as one node.
    nodes = len(seats) + int(worker.max()) + 1
    node = np.where(crew[worker[edges]] < 0, len(seats) + worker[edges], nodes + crew[worker[edges]])
    count = nodes + int(crew.max()) + 1
    links = coo_array((np.ones(len(edges), dtype=np.int8), (gig[edges], node)), shape=(count, count))
    part_of = connected_components(links, directed=False)[1]
    hard = np.isin(part_of[gig], part_of[gig[whole]])
    most = int(hard[loose].sum())
    each = _Offers.of(offers, gig, cost, crew[worker])
    taken = _crews_taken(each, single[hard[single]], (gig, worker, cost), seats, most)
    sent = np.concatenate([offers[i] for i in taken]) if taken else np.zeros(0, dtype=np.int64)
    left = seats - np.bincount(gig[sent], minlength=len(seats))
    return np.sort(np.concatenate([sent, single[fill(gig[single], worker[single], cost[single], left)]]))


def torn(seats: Ints, gig: Ints, worker: Ints, crew: Ints, party: Ints) -> Flags:
    """Of these edges: which belong to a crew that cannot come whole to their gig. `crew` (-1: none) and how
    many it has, `party`, are by edge; a worker may have several edges to a gig.
    """
    parted = np.zeros(len(gig), dtype=np.bool_)
    mine = np.flatnonzero(crew >= 0)
    if mine.size:
        _, visit = np.unique(crew[mine] * len(seats) + gig[mine], return_inverse=True)
        coming = np.unique(visit * (int(worker.max()) + 1) + worker[mine]) // (int(worker.max()) + 1)
        present = np.bincount(coming)[visit]
        parted[mine] = (present < party[mine]) | (party[mine] > seats[gig[mine]])
    return parted


@dataclass(frozen=True, slots=True)
class _Offers:
    """A crew, a gig, how many come, and what they cost together."""

    crew: Ints
    gig: Ints
    size: Ints
    cost: Floats

    @staticmethod
    def of(offers: list[Ints], gig: Ints, cost: Floats, crew: Ints) -> _Offers:
        """From the edges of each offer; `crew` is by edge."""
        heads = np.array([offer[0] for offer in offers], dtype=np.int64)
        sizes = np.array([len(offer) for offer in offers], dtype=np.int64)
        return _Offers(crew[heads], gig[heads], sizes, np.array([cost[offer].sum() for offer in offers]))


def _whole_crews(edges: Ints, gig: Ints, worker: Ints, seats: Ints, crew: Ints) -> tuple[Ints, list[Ints]]:
    """The edges by which a whole crew can come to a gig that has seats for it: all of them, and by offer."""
    members = edges[crew[worker[edges]] >= 0]
    members = members[~_torn_of(members, gig, worker, seats, crew)]
    offer = crew[worker[members]] * len(seats) + gig[members]
    order = np.argsort(offer, kind="stable")
    cuts = np.flatnonzero(np.diff(offer[order])) + 1
    return members, [few for few in np.split(members[order], cuts) if few.size]


def _torn_of(edges: Ints, gig: Ints, worker: Ints, seats: Ints, crew: Ints) -> Flags:
    """`torn` of these edges, by crews as the worker columns have them."""
    whose, size = crew[worker[edges]], np.bincount(crew[crew >= 0], minlength=1)
    return torn(seats, gig[edges], worker[edges], whose, size[whose])


def _crews_taken(
    offers: _Offers, single: Ints, of: tuple[Ints, Ints, Floats], seats: Ints, most: int
) -> list[int]:
    """The crews' offers that belong to the optimum, by HiGHS: first the fill, then the cost. `most` seats are
    filled where crews may be torn.

    Only these are whole numbers: with them fixed the rest is a flow, whose optimum is whole by itself.
    """
    if not offers.crew.size:
        return []
    gig, worker, cost = of[0][single], of[1][single], of[2][single]
    together = len(offers.crew)
    weight = np.concatenate([np.ones(len(single)), offers.size])
    column = np.arange(len(weight))
    gigs, sites = np.unique(np.concatenate([gig, offers.gig]), return_inverse=True)
    who = np.concatenate([worker, worker.max(initial=0) + 1 + offers.crew])
    _, people = np.unique(who, return_inverse=True)
    ends = np.concatenate([sites, len(gigs) + people])
    amounts = np.concatenate([weight, np.ones(len(column))])
    rows = csc_array((amounts, (ends, np.tile(column, 2))), shape=(int(ends.max()) + 1, len(column)))
    likely = np.ones(len(column), dtype=np.bool_)
    likely[: len(single)] = _rank(gig, cost) < seats[gig] + _SPARE
    limits = np.concatenate([seats[gigs], np.ones(rows.shape[0] - len(gigs))])
    program = _Program(rows, limits, likely, gig, worker, cost, offers, seats)
    every = np.concatenate([cost, offers.cost])
    least, span = float(of[2].min()), float(np.ptp(of[2])) or 1.0
    paid = (every - weight * least) / span
    known = False
    # A row that counts the seats would be dense and slow. So each is worth so much that as many are filled.
    worth = 4.0
    while True:
        best = program.solved(_SCALE * (paid - worth * weight))
        filled = round(float(weight @ best))
        if filled < most and not known:
            most, known = round(float(weight @ program.solved(-_SCALE * weight))), True
        if filled >= most or worth > 4 * (most + 1):
            return np.flatnonzero(best[-together:] > _HALF).tolist()
        worth *= 8


def _rank(gig: Ints, cost: Floats) -> Ints:
    """How many edges of the same gig are cheaper."""
    order = np.lexsort((cost, gig))
    rank = np.empty(len(gig), dtype=np.int64)
    rank[order] = nth(gig[order])
    return rank


@dataclass(frozen=True, slots=True)
class _Program:
    """`rows` @ x ≤ `limits`: a column for each edge of those alone, then one for each crew's offer, which are
    whole numbers. No x can be more than 1. The `likely` columns are tried first.
    """

    rows: Any
    limits: Floats
    likely: Flags
    gig: Ints
    worker: Ints
    cost: Floats
    offers: _Offers
    seats: Ints

    def solved(self, cost: Floats) -> Floats:
        """The x of least cost: exactly, if HiGHS needs no more than `_NODES` nodes, else the best it found.

        The prices of the relaxed program say by how much a column would raise its optimum. One that raises it
        by more than a whole solution that is known lies above it is in no better one (reduced cost fixing).
        """
        from scipy.optimize import LinearConstraint, milp

        alone = len(self.gig)
        least, raises, inner = self._relaxed(cost)
        if (np.abs(inner - np.round(inner))[alone:] < _WHOLE).all():
            return inner
        known = min((self._rounded(inner, above) for above in (_WHOLE, _HALF)), key=lambda x: float(cost @ x))
        few = np.flatnonzero(raises <= float(cost @ known) - least + _WHOLE)
        found = milp(
            cost[few],
            constraints=LinearConstraint(self.rows[:, few], ub=self.limits),
            integrality=(few >= alone).astype(np.int64),
            options={"mip_rel_gap": 0.0, "node_limit": _NODES},
        )
        better = np.zeros(len(cost))
        if found.x is not None:
            better[few] = found.x
        return better if float(cost @ better) < float(cost @ known) else known

    def _relaxed(self, cost: Floats) -> tuple[float, Floats, Floats]:
        """The optimum without whole numbers, by how much each column would raise it, and its x."""
        from scipy.optimize import linprog

        active = self.likely.copy()
        while True:
            few = np.flatnonzero(active)
            found: Any = linprog(cost[few], A_ub=self.rows[:, few], b_ub=self.limits, method="highs")
            if found.x is None:
                raise ArithmeticError(f"a crew's program was not solved: {found.message}")
            raises = cost - self.rows.T @ found.ineqlin.marginals
            missing = ~active & (raises < -_WHOLE)
            if not missing.any():
                inner = np.zeros(len(cost))
                inner[few] = found.x
                return float(found.fun), raises, inner
            active |= missing

    def _rounded(self, inner: Floats, above: float) -> Floats:
        """A whole solution: the crews that the relaxed one sends by more than `above`, the surest first, and
        the best of the others for what is left.
        """
        alone, left = len(self.gig), self.seats.copy()
        rounded, sent = np.zeros(len(inner)), set[int]()
        for i in np.argsort(-inner[alone:], kind="stable").tolist():
            gig, crew, size = int(self.offers.gig[i]), int(self.offers.crew[i]), int(self.offers.size[i])
            if inner[alone + i] > above and crew not in sent and left[gig] >= size:
                sent.add(crew)
                left[gig] -= size
                rounded[alone + i] = 1.0
        rounded[fill(self.gig, self.worker, self.cost, left)] = 1.0
        return rounded
