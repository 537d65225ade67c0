"""Filling seats where crews come whole or not at all, exactly (docs/decisions/0010)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from gigmarket.domain.filling import Flags, Floats, Ints, fill, once

_SCALE = 1e3
"""The dearest edge of an integer program, whose solver has tolerances of about 1e-6."""
_HALF = 0.5


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
    # A crew holds its members' gigs together, as one node.
    nodes = len(seats) + int(worker.max()) + 1
    node = np.where(crew[worker[edges]] < 0, len(seats) + worker[edges], nodes + crew[worker[edges]])
    count = nodes + int(crew.max()) + 1
    links = coo_array((np.ones(len(edges), dtype=np.int8), (gig[edges], node)), shape=(count, count))
    part_of = connected_components(links, directed=False)[1]
    hard = np.isin(part_of[gig[single]], part_of[gig[whole]])
    taken = _crews_taken(_Offers.of(offers, gig, cost, crew[worker]), single[hard], gig, worker, cost, seats)
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
    size = np.bincount(crew[crew >= 0])
    members = edges[crew[worker[edges]] >= 0]
    _, offer, present = np.unique(
        crew[worker[members]] * len(seats) + gig[members], return_inverse=True, return_counts=True
    )
    needed = size[crew[worker[members]]]
    fits = (present[offer] == needed) & (needed <= seats[gig[members]])
    members, offer = members[fits], offer[fits]
    order = np.argsort(offer, kind="stable")
    cuts = np.flatnonzero(np.diff(offer[order])) + 1
    return members, [few for few in np.split(members[order], cuts) if few.size]


def _crews_taken(
    offers: _Offers, single: Ints, gig: Ints, worker: Ints, cost: Floats, seats: Ints
) -> list[int]:
    """The crews' offers that belong to the optimum, by HiGHS: first the fill, then the cost.

    Only these are whole numbers: with them fixed the rest is a flow, whose optimum is whole by itself.
    """
    if not offers.crew.size:
        return []
    alone, together = len(single), len(offers.crew)
    weight = np.concatenate([np.ones(alone), offers.size])
    column = np.arange(alone + together)
    limits = []
    for of, amount, limit in (
        (np.concatenate([gig[single], offers.gig]), weight, seats),
        (np.concatenate([worker[single], int(worker.max()) + 1 + offers.crew]), np.ones(len(column)), None),
    ):
        names, row = np.unique(of, return_inverse=True)
        matrix = csr_array((amount, (row, column)), shape=(len(names), len(column)))
        limits.append(LinearConstraint(matrix, ub=np.ones(len(names)) if limit is None else limit[names]))
    whole = np.concatenate([np.zeros(alone, np.int64), np.ones(together, np.int64)])
    least, span = float(cost.min()), float(np.ptp(cost)) or 1.0
    paid = (np.concatenate([cost[single], offers.cost]) - weight * least) / span
    filled = round(float(weight @ _solved(-weight, limits, whole)))
    # A row that counts the seats would be dense and slow. So each is worth so much that as many are filled.
    worth = 4.0
    while True:
        best = _solved(_SCALE * (paid - worth * weight), limits, whole)
        if round(float(weight @ best)) >= filled or worth > 4 * (filled + 1):
            return np.flatnonzero(best[alone:] > _HALF).tolist()
        worth *= 8


def _solved(cost: Floats, limits: list[LinearConstraint], whole: Ints) -> Floats:
    found = milp(cost, constraints=limits, integrality=whole, bounds=Bounds(0, 1), options={"mip_rel_gap": 0.0})
    if found.x is None:
        raise ArithmeticError(f"a crew's program was not solved: {found.message}")
    solution: Floats = found.x
    return solution
