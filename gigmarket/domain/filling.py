"""The best filling of free seats, exactly: most seats filled, then least summed cost (docs/decisions/0010).

A gig rarely gets anybody but its few cheapest workers. So short lists are solved first; the prices that their
optimum puts on gigs and workers say which of the edges left out could still improve it (column generation).
When there are none, the optimum of the short lists is that of the whole graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_SPARE = 3
"""Edges a gig's first short list has beyond its seats: of 2, 3, 4, 6 the quickest in most cities tried."""
_STEP = 8
"""Edges a gig may get in the second solution; each further one allows eight times more."""
_TURNS = 8
"""Times that short lists grow before the whole graph is solved at once; it is at once, too, when after the
second solution more than a tenth is still to be added: where everybody is needed, nothing can be left out."""
_BLOCK = 192
"""Seats solved in one call: the solver clears an array of all columns for each row."""
_ROUNDING = 1e-13
"""Prices are sums of costs and of the missing seat's; below this share of the latter they do not differ."""


def fill(gig: Ints, worker: Ints, cost: Floats, seats: Ints) -> Ints:
    """Which edges to take, as ascending indices: most seats filled, then least summed cost, each worker once.

    Edge i joins gig row `gig[i]`, with `seats[gig[i]]` free seats, and worker column `worker[i]` for `cost[i]`
    seconds (finite, of either sign). Exact up to rounding; equal input gives equal output.
    """
    wanted = np.flatnonzero(seats[gig] > 0)
    if not wanted.size:
        return wanted
    first = gig[wanted[0]]
    if (gig[wanted] == first).all():
        return _cheapest(wanted, worker, cost, int(seats[first]))
    # By gig, each gig's cheapest first, up to rounding.
    wanted = once(wanted, gig, worker, cost)
    whose, price = gig[wanted], cost[wanted]
    order = _ascending(whose + 0.999 / (float(np.ptp(price)) or 1.0) * (price - price.min()))
    chosen = _optimum(_Graph.of(whose[order], worker[wanted[order]], price[order], seats))
    return np.sort(wanted[order[chosen]])


@dataclass(frozen=True, slots=True)
class _Graph:
    """Edges by gig, each gig's cheapest first; `rank` counts them per gig. Rows and columns without gaps.

    Costs begin at 1, for the solver takes 0 for no edge; `missing` is what an empty seat costs.
    """

    gig: Ints
    worker: Ints
    cost: Floats
    rank: Ints
    seats: Ints
    workers: int
    missing: float

    @staticmethod
    def of(gig: Ints, worker: Ints, cost: Floats, seats: Ints) -> _Graph:
        """The graph of edges that are sorted by gig."""
        starts = _begins(gig)
        degree = np.diff(starts, append=len(gig))
        rows = np.repeat(np.arange(len(starts)), degree)
        columns, workers = _without_gaps(worker)
        free = np.minimum(seats[gig[starts]], degree)
        shifted = cost - cost.min() + 1.0
        # More than any exchange of filled seats could save: fill first, then cost.
        missing = float(shifted.max()) * (min(int(free.sum()), workers) + 1)
        return _Graph(rows, columns, shifted, np.arange(len(gig)) - starts[rows], free, workers, missing)


def _ascending(keys: Floats) -> Ints:
    """A stable order, by the quicker sort where no two are equal: how it puts equals is the processor's."""
    order = np.argsort(keys)
    ordered = keys[order]
    return np.argsort(keys, kind="stable") if (ordered[1:] == ordered[:-1]).any() else order


def once(edges: Ints, gig: Ints, worker: Ints, cost: Floats) -> Ints:
    """Of several edges between a gig and a worker the cheapest, as ascending indices."""
    pair = gig[edges] * (int(worker[edges].max()) + 1) + worker[edges]
    if (pair[1:] > pair[:-1]).all():
        return edges
    ordered = np.sort(pair)
    if (ordered[1:] != ordered[:-1]).all():
        return edges
    by_cost = np.argsort(cost[edges], kind="stable")
    _, once = np.unique(pair[by_cost], return_index=True)
    return np.sort(edges[by_cost[once]])


def _cheapest(edges: Ints, worker: Ints, cost: Floats, seats: int) -> Ints:
    order = edges[np.argsort(cost[edges], kind="stable")]
    _, once = np.unique(worker[order], return_index=True)
    return np.sort(order[np.sort(once)[:seats]])


def _without_gaps(ids: Ints) -> tuple[Ints, int]:
    low, high = int(ids.min()), int(ids.max())
    if high - low > 64 * len(ids) + 1_000_000:
        names, dense = np.unique(ids, return_inverse=True)
        return dense, len(names)
    used = np.zeros(high - low + 1, dtype=np.int64)
    used[ids - low] = 1
    number = np.cumsum(used)
    return number[ids - low] - 1, int(number[-1])


def _optimum(graph: _Graph) -> Ints:
    """The chosen edges: solve short lists, price the other edges, and add those that could improve it."""
    active = graph.rank < graph.seats[graph.gig] + _SPARE
    if 2 * int(graph.seats.sum()) > graph.workers:
        # Where workers are scarce they choose: each one's cheapest gig is likely his.
        least = np.full(graph.workers, np.inf)
        np.minimum.at(least, graph.worker, graph.cost)
        active |= graph.cost == least[graph.worker]
    taken, content = _uncontested(graph)
    kept = np.zeros(graph.workers, dtype=np.bool_)
    kept[graph.worker[taken]] = True
    # Others get at these workers only if the prices say so: at first nobody but contested gigs must be solved.
    active &= content[graph.gig] | ~kept[graph.worker]
    _solve(graph, np.flatnonzero(active & ~content[graph.gig]), ~content, taken)
    allowance = _STEP
    for turn in range(_TURNS):
        edges = np.flatnonzero(active)
        better = np.flatnonzero(_improving(graph, edges, taken) & ~active)
        if not better.size:
            return np.flatnonzero(taken)
        if turn and 10 * better.size > edges.size:
            break
        better = better[nth(graph.gig[better]) < allowance]
        active[better] = True
        touched = np.zeros(len(graph.seats), dtype=np.bool_)
        touched[graph.gig[better]] = True
        _solve(graph, np.flatnonzero(active), touched, taken)
        allowance *= 8
    _solve(graph, np.arange(len(active)), np.ones(len(graph.seats), dtype=np.bool_), taken)
    return np.flatnonzero(taken)


def _uncontested(graph: _Graph) -> tuple[Flags, Flags]:
    """The cheapest edges of the gigs whose cheapest workers are nobody else's cheapest, and these gigs."""
    first = graph.rank < graph.seats[graph.gig]
    asked = np.bincount(graph.worker[first], minlength=graph.workers)
    content = np.ones(len(graph.seats), dtype=np.bool_)
    content[graph.gig[first & (asked[graph.worker] > 1)]] = False
    return first & content[graph.gig], content


def _solve(graph: _Graph, edges: Ints, touched: Flags, taken: Flags) -> None:
    """Renew `taken`, in place, for every connected part of these edges that has a touched gig."""
    if not edges.size:
        return
    gigs = len(graph.seats)
    gig = graph.gig[edges]
    column, workers = _without_gaps(graph.worker[edges])
    nodes = gigs + workers
    begins = np.searchsorted(gig, np.arange(nodes + 1))
    links: Any = csr_array((np.ones(len(edges)), gigs + column, begins), shape=(nodes, nodes))
    parts, part_of = connected_components(links, directed=False)
    part_of = part_of[:gigs]
    renewed = np.zeros(parts, dtype=np.bool_)
    renewed[part_of[touched]] = True
    mine = renewed[part_of[gig]]
    edges, gig = edges[mine], gig[mine]
    taken[edges] = False
    # Nobody else asks for the workers of a gig that is alone: it takes the cheapest, which come first.
    alone = (np.bincount(part_of, minlength=parts) == 1)[part_of[gig]]
    taken[edges[alone]] = nth(gig[alone]) < graph.seats[gig[alone]]
    edges, gig = edges[~alone], gig[~alone]
    seats = np.bincount(part_of, np.where(renewed[part_of], graph.seats, 0), minlength=parts)
    block = (np.cumsum(seats) // _BLOCK).astype(np.int64)[part_of[gig]]
    by_block = np.argsort(block, kind="stable")
    for few in np.split(edges[by_block], np.flatnonzero(np.diff(block[by_block])) + 1):
        if few.size:
            taken[few] = _assigned(graph, few)


def _assigned(graph: _Graph, edges: Ints) -> Flags:
    """Which of some whole parts' edges their optimum takes (Jonker and Volgenant's algorithm, sparse)."""
    gig = graph.gig[edges]
    begin = _begins(gig)
    degree = np.diff(begin, append=len(gig))
    row = np.repeat(np.arange(len(begin)), degree)
    column, workers = _without_gaps(graph.worker[edges])
    width = np.minimum(graph.seats[gig[begin]], degree)
    first = np.cumsum(width) - width
    copies = width[row]
    edge = np.repeat(np.arange(len(edges)), copies)
    seat = first[row[edge]] + np.arange(len(edge)) - np.repeat(np.cumsum(copies) - copies, copies)
    worker, seats = column[edge], int(width.sum())
    # The scarcer side chooses; a column of its own for each of its rows means nobody.
    rows, columns, shape = (
        (seat, worker, (seats, workers)) if seats <= workers else (worker, seat, (workers, seats))
    )
    nobody = np.arange(shape[0])
    every_row, every_column = np.concatenate([rows, nobody]), np.concatenate([columns, shape[1] + nobody])
    costs = np.concatenate([graph.cost[edges][edge], np.full(shape[0], graph.missing)])
    by_row = np.argsort(every_row, kind="stable")
    begins = np.concatenate([[0], np.cumsum(np.bincount(every_row))])
    matrix = csr_array((costs[by_row], every_column[by_row], begins), shape=(shape[0], sum(shape)))
    found_row, found_column = min_weight_full_bipartite_matching(matrix)
    partner = np.full(shape[0], -1)
    partner[found_row] = found_column
    flags = np.zeros(len(edges), dtype=np.bool_)
    flags[edge[partner[rows] == columns]] = True
    return flags


def _improving(graph: _Graph, edges: Ints, taken: Flags) -> Flags:
    """The edges of the whole graph that cost less than the prices of the optimum of `edges` say.

    A gig's price is what its dearest seat costs the city; a worker's what his gig saves by him. Both follow
    from the shortest chain of handing on workers that ends at a worker nobody took, or at an empty seat.
    """
    chosen = np.flatnonzero(taken)
    owner = np.full(graph.workers, -1)
    owner[graph.worker[chosen]] = graph.gig[chosen]
    paid = np.zeros(graph.workers)
    paid[graph.worker[chosen]] = graph.cost[chosen]
    rounding = graph.missing * _ROUNDING
    price = np.full(len(graph.seats), graph.missing)
    gig, worker = graph.gig[edges], graph.worker[edges]
    theirs = owner[worker]
    spare = theirs < 0
    np.minimum.at(price, gig[spare], graph.cost[edges[spare]])
    handed = (theirs >= 0) & (theirs != gig)
    gig, theirs = gig[handed], theirs[handed]
    extra = graph.cost[edges[handed]] - paid[worker[handed]]
    starts = _begins(gig)
    for _ in range(len(price) if gig.size else 0):
        through = np.minimum.reduceat(price[theirs] + extra, starts)
        less = through < price[gig[starts]] - rounding
        if not less.any():
            break
        price[gig[starts[less]]] = through[less]
    worth = np.maximum(np.where(owner >= 0, price[owner] - paid, 0.0), 0.0)
    flags: Flags = graph.cost + worth[graph.worker] < price[graph.gig] - 2 * rounding
    return flags


def _begins(gig: Ints) -> Ints:
    """Where each gig's edges begin, in edges sorted by gig."""
    new = np.ones(len(gig), dtype=np.bool_)
    np.not_equal(gig[1:], gig[:-1], out=new[1:])
    return np.flatnonzero(new)


def nth(gig: Ints) -> Ints:
    """How many edges of the same gig come before each, in edges sorted by gig."""
    starts = _begins(gig)
    return np.arange(len(gig)) - np.repeat(starts, np.diff(starts, append=len(gig)))
