"""What a round leaves behind about its gigs: proposals for the claim, and a reason for everybody."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from gigmarket.domain.draw import steps
from gigmarket.domain.explanation import Considered, Explanation, Lot
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.matching import CODE, Flags, Ints, Proposal
from gigmarket.domain.policy import Policy
from gigmarket.domain.verdict import ORDER, Verdict
from gigmarket.live.roster_columns import Columns
from gigmarket.services.boards import Planned

LOTS = 200
"""Lots of those who were alike that are kept beside the considered: more than wait in a hall at once, and come
there within the minutes that make them alike. Of more than that the lowest tickets: any other was higher.
"""
_OFFERED, _TRADE, _OTHERS_FIRST = (
    CODE[verdict] for verdict in (Verdict.OFFERED, Verdict.TRADE, Verdict.OTHERS_FIRST)
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A round's place in the draw: its name "chain.turn" and its seed, revealed by what the round leaves."""

    name: str
    seed: bytes


def proposals(planned: Planned, columns: Columns) -> list[Proposal]:
    """The offers of a plan, for the claim."""
    table, made = planned.table, planned.plan
    return [
        Proposal(
            table.gigs[int(table.edges.gig[edge])].id,
            _worker(columns, int(table.row[table.edges.slot[edge]])),
            round(float(table.edges.travel[edge])),
            float(made.cost[edge]),
            bool(table.estimated[edge]),
            columns.crew(int(table.row[table.edges.slot[edge]])),
        )
        for edge in made.offers.tolist()
    ]


def explanations(
    planned: Planned, columns: Columns, turn: Turn, now: datetime, policy: Policy, gigs: Sequence[GigId]
) -> list[Explanation]:
    """For each of these gigs of the round, counts per reason, the `policy.considered_kept` workers closest to
    an offer, and the lots of all others who were alike with the last one in.
    """
    if not gigs:
        return []
    rows = _spokesmen(planned)
    of_gig = np.split(rows, np.flatnonzero(np.diff(planned.table.edges.gig[rows])) + 1) if rows.size else []
    found = {planned.table.gigs[int(planned.table.edges.gig[part[0]])].id: part for part in of_gig}
    nobody: Ints = np.zeros(0, dtype=np.int64)
    number = {gig.id: i for i, gig in enumerate(planned.table.gigs)}
    return [
        _explanation(planned, columns, number[gig], found.get(gig, nobody), turn, now, policy) for gig in gigs
    ]


def _spokesmen(planned: Planned) -> Ints:
    """One edge per gig and worker, of the slot that came furthest; by gig, those closest to an offer first."""
    edges, codes = planned.table.edges, planned.plan.codes
    worker = planned.table.slots.worker[edges.slot]
    cost = np.where(np.isnan(planned.plan.cost), np.inf, planned.plan.cost)
    best = np.lexsort((cost, -codes.astype(np.int64), worker, edges.gig))
    first = np.ones(len(best), dtype=np.bool_)
    gig, who = edges.gig[best], worker[best]
    first[1:] = (gig[1:] != gig[:-1]) | (who[1:] != who[:-1])
    rows = best[first]
    travel = np.where(np.isnan(edges.travel[rows]), np.inf, edges.travel[rows])
    order: Ints = rows[np.lexsort((travel, cost[rows], -codes[rows].astype(np.int64), edges.gig[rows]))]
    return order


def _explanation(
    planned: Planned, columns: Columns, gig: int, rows: Ints, turn: Turn, now: datetime, policy: Policy
) -> Explanation:
    table = planned.table
    counts = Counter(planned.plan.codes[rows].tolist())
    offered = counts[_OFFERED]
    most = max(policy.considered_kept, offered)
    named = rows[:most]
    named = named[planned.plan.codes[named] != _TRADE]
    alike = _alike(planned, rows, policy.alike_s)
    return Explanation(
        gig=table.gigs[gig].id,
        at=now,
        round=turn.name,
        seed=turn.seed.hex(),
        seats=int(table.openings.seats[gig]),
        circle_s=int(table.openings.circle[gig]),
        estimated=bool(table.estimated[rows].any()) if rows.size else planned.estimated,
        funnel={ORDER[code]: count for code, count in sorted(counts.items())},
        considered=_considered(planned, columns, named, now),
        alike=int(alike.sum()),
        lots=_lots(planned, columns, rows[most:][alike[most:]][:LOTS]),
    )


def _alike(planned: Planned, rows: Ints, alike_s: float) -> Flags:
    """Of these edges of one gig: whose costs lie in the step of the last one in, so that the draw decided.

    A crew is in or out as a whole, by what all of it costs: none of it won or lost by one ticket.
    """
    slots, slot = planned.table.slots, planned.table.edges.slot[rows]
    codes, cost, alone = planned.plan.codes[rows], planned.plan.cost[rows], slots.crew[slot] < 0
    got = alone & (codes == _OFFERED)
    if alike_s <= 0 or not got.any():
        return np.zeros(len(rows), dtype=np.bool_)
    step = steps(cost, slots.ticket[slot], alike_s)
    last = step[np.flatnonzero(got)[np.argmax(cost[got])]]
    alike: Flags = alone & (step == last) & (got | (codes == _OTHERS_FIRST))
    return alike


def _lots(planned: Planned, columns: Columns, edges: Ints) -> tuple[Lot, ...]:
    key = columns.at.key[planned.table.row[planned.table.edges.slot[edges]]]
    costs = planned.plan.cost[edges].tolist()
    return tuple(Lot(one, round(cost, 2)) for one, cost in zip(key.tolist(), costs, strict=True))


def _considered(planned: Planned, columns: Columns, edges: Ints, now: datetime) -> tuple[Considered, ...]:
    """The workers of these edges. Column by column: one by one each number costs as much as all."""
    table, made = planned.table, planned.plan
    slots, slot = table.slots, table.edges.slot[edges]
    row = table.row[slot]
    numbers = (
        row,
        made.codes[edges],
        table.edges.travel[edges],
        made.cost[edges],
        slots.credit[slot],
        now.timestamp() - columns.at.since[row],
        slots.share[slot],
        slots.ticket[slot],
        columns.at.key[row],
        slots.crew[slot] >= 0,
    )
    return tuple(
        Considered(
            worker=_worker(columns, place),
            verdict=ORDER[code],
            travel_s=None if math.isnan(travel) else round(travel),
            cost_s=None if math.isnan(cost) else round(cost, 2),
            credit_s=round(credit, 1),
            waited_s=max(0, int(waited)),
            share=round(share, 4),
            ticket=ticket,
            key=key,
            in_crew=in_crew,
        )
        for place, code, travel, cost, credit, waited, share, ticket, key, in_crew in zip(
            *(column.tolist() for column in numbers), strict=True
        )
    )


def _worker(columns: Columns, row: int) -> WorkerId:
    entry = columns.entries[row]
    if entry is None:
        raise LookupError(f"row {row} of the roster is empty")
    return entry.worker
