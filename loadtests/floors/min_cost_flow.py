"""OR-tools' min-cost flow, a peer of `domain.filling`: the same question to another exact solver."""

import numpy as np
from ortools.graph.python import min_cost_flow

from gigmarket.domain.filling import Floats, Ints

_PER_SECOND = 1000
"""The solver wants whole costs: thousandths of a second."""


def flow(gig: Ints, worker: Ints, cost: Floats, seats: Ints) -> Ints:
    """As `filling.fill` without crews, to a thousandth of a second of cost per edge."""
    if not gig.size:
        return gig
    gigs, row = np.unique(gig, return_inverse=True)
    workers, column = np.unique(worker, return_inverse=True)
    gig_node, worker_node = 2 + np.arange(len(gigs)), 2 + len(gigs) + np.arange(len(workers))
    network = min_cost_flow.SimpleMinCostFlow()
    add = network.add_arcs_with_capacity_and_unit_cost
    add(np.zeros_like(gigs), gig_node, seats[gigs], np.zeros_like(gigs))
    add(worker_node, np.ones_like(worker_node), np.ones_like(worker_node), np.zeros_like(worker_node))
    whole = np.rint(cost * _PER_SECOND).astype(np.int64)
    edges = add(gig_node[row], worker_node[column], np.ones_like(row), whole)
    supply = int(seats[gigs].sum())
    network.set_node_supply(0, supply)
    network.set_node_supply(1, -supply)
    if network.solve_max_flow_with_min_cost() != network.OPTIMAL:
        raise ArithmeticError("the flow has no optimum")
    chosen: Ints = np.flatnonzero(network.flows(edges))
    return chosen
