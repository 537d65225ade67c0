"""The best plan for some gigs: who is near from the roster, laid out and planned, looked at further out until
nobody further away could fill another seat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from gigmarket.domain.errors import NotFound
from gigmarket.domain.explanation import Explanation
from gigmarket.domain.geo import MODES
from gigmarket.domain.gig import Gig, GigStatus
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.matching import Flags, Floats, Ints, Plan, judged, plan
from gigmarket.domain.policy import Policy
from gigmarket.domain.pruning import starved
from gigmarket.domain.trade import TRADES
from gigmarket.domain.verdict import ORDER, Verdict
from gigmarket.live.roster import Roster
from gigmarket.live.roster_columns import Columns, above
from gigmarket.services.entries import Facts, entry_of, look_up
from gigmarket.services.layout import Known, Postings, Table, lay_out, postings_of
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction

SPARE = 4
"""So many workers more than seats are looked at, however few `considered_per_seat` are."""
ALL = -1
WIDER = 8
"""Lists that leave a seat empty are first made this much longer, then complete."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A table and what the round decided on it. `estimated`: the router's times come from straight lines, which
    is all that is known of a gig without anybody near.
    """

    table: Table
    plan: Plan
    estimated: bool


def plan_gigs(gigs: Sequence[Gig], roster: Roster, known: Known) -> Planned:
    """Plan all free seats of these gigs. The fill is that of the unpruned graph: lists of nearest workers grow
    wherever a worker further out could fill a seat, directly or by moving others (`domain.pruning`).
    """
    policy, now = known.policy, known.now
    postings = postings_of(gigs, policy, now)
    openings = postings.openings
    counts = looked_at(openings.seats, policy)
    radii = _radii(openings.circle, known)
    claiming = roster.claimants.near(
        roster.columns,
        openings.trade,
        postings.point,
        radii,
        openings.circle,
        openings.seats,
        now.timestamp(),
        policy,
    )
    while True:
        pairs, complete = _near(postings, roster, known, counts, radii, claiming)
        table = lay_out(gigs, postings, pairs, roster.columns, known)
        made = plan(openings, table.slots, table.edges, policy, now.timestamp(), policy.hold_live_s)
        allowed = np.flatnonzero(~np.isnan(made.cost))
        taken = np.zeros(len(made.cost), dtype=np.bool_)
        taken[made.offers] = taken[made.held] = True
        chosen = np.flatnonzero(taken[allowed])
        gig, worker = table.edges.gig[allowed], table.slots.worker[table.edges.slot[allowed]]
        short = starved(gig, worker, chosen, openings.seats, complete)
        if not short.size:
            return Planned(table, made, known.router.estimated)
        longest = WIDER * looked_at(openings.seats[short], policy)
        counts[short] = np.where(counts[short] < longest, longest, ALL)


def looked_at(seats: Ints, policy: Policy) -> Ints:
    """How many of the nearest each gig's first list has: whom one seat of a gig may lose to other gigs, another
    has not lost to them, too, so each further seat adds half as many as the first.
    """
    return np.maximum(policy.considered_per_seat * (seats + 1) // 2, seats + SPARE)


def _radii(circle: Floats, known: Known) -> Floats:
    """Metres of straight line beyond which nobody reaches a gig within its circle, by gig and mode."""
    limits, which = np.unique(circle, return_inverse=True)
    radii = [[known.router.radius_m(mode, limit) for mode in MODES] for limit in limits.tolist()]
    return np.array(radii).reshape(-1, len(MODES))[which]


def _near(
    postings: Postings,
    roster: Roster,
    known: Known,
    counts: Ints,
    radii: Floats,
    claiming: tuple[Ints, Ints],
) -> tuple[tuple[Ints, Ints], Flags]:
    """Pairs of gig rows and roster rows of fresh workers, each once, and which gigs have all there are: the
    nearest, and those with the strongest claim.
    """
    columns, widest = roster.columns, radii.max(axis=1, initial=0.0)
    found = roster.near(postings.openings.trade, postings.lat, postings.lng, widest, counts)
    pairs = found.site, found.row
    if claiming[0].size:
        pairs = _together(pairs, claiming, len(columns.entries))
    site, row = with_mates(*pairs, columns)
    fresh = above(columns.at.fresh, row, known.now.timestamp())
    return (site[fresh], row[fresh]), found.complete


def _together(sorted_: tuple[Ints, Ints], more: tuple[Ints, Ints], size: int) -> tuple[Ints, Ints]:
    """Pairs by site and row (below `size`), and those of `more` that are not among them, sorted."""
    pairs, others = (site * size + row for site, row in (sorted_, more))
    others = np.sort(others)
    place = np.searchsorted(pairs, others)
    new = place == len(pairs)
    new[~new] = pairs[place[~new]] != others[~new]
    return np.divmod(np.insert(pairs, place[new], others[new]), size)


def with_mates(site: Ints, row: Ints, columns: Columns) -> tuple[Ints, Ints]:
    """These pairs, and wherever one of a crew is, each of the others who are in the roster: where all of them
    could come depends on all of them, wherever they are.
    """
    mine = np.flatnonzero(columns.at.party[row] > 1)
    if not mine.size:
        return site, row
    there = set(zip(site[mine].tolist(), row[mine].tolist(), strict=True))
    more: set[tuple[int, int]] = set()
    for where, one in there:
        crew = columns.crew(one)
        more.update((where, mate) for mate in (columns.mates(crew) if crew is not None else ()))
    missing = np.array(sorted(more - there), dtype=np.int64).reshape(-1, 2)
    return np.concatenate((site, missing[:, 0])), np.concatenate((row, missing[:, 1]))


async def judge_now(
    market: Market, worker_id: WorkerId, gig_id: GigId, after: Explanation | None = None
) -> tuple[Verdict, dict[str, float | int | None]]:
    """What the rules say at this moment about one worker and one gig, with the numbers behind it: of reserved
    seats where no other is free; `after` a round, about the seats and the time it had. What is known of the
    worker is today's.

    OFFERED when no rule forbids the offer, LEFT for a worker who is not available. Raises NotFound.
    """
    now = after.at if after else market.clock()
    policy = market.rules.policy
    facts, gig, refused = await market.store.read(_facts, worker_id, gig_id, policy, now)
    if after is not None:
        taken = gig.draft.headcount - after.seats
        gig = replace(gig, status=GigStatus.OPEN, reserved=0, filled=taken)
    elif gig.free_seats() < 1:
        # A gig without seats would be too small for every crew.
        gig = replace(gig, reserved=0)
    worker = facts.workers.get(worker_id)
    if worker is None:
        raise NotFound("no such worker")
    entry = entry_of(worker, facts, policy, now)
    pay = gig.due_fen()
    numbers: dict[str, float | int | None] = {"pay_fen": pay, "floor_fen": worker.floor_wage_fen}
    if entry is None:
        return Verdict.LEFT, numbers
    known = Known(refused, market.router, policy, now, bytes(32))
    roster = Roster([trade.code for trade in TRADES])
    mates = (entry_of(mate, facts, policy, now) for mate in facts.workers.values())
    roster.put(mate for mate in mates if mate is not None)
    row = roster.columns.row_of[worker_id]
    postings = postings_of([gig], policy, now)
    pairs = with_mates(np.zeros(1, np.int64), np.array([row], np.int64), roster.columns)
    table = lay_out([gig], postings, pairs, roster.columns, known)
    codes = judged(postings.openings, table.slots, table.edges, policy, now.timestamp())
    # Of several slots the one that came furthest speaks for the worker.
    edge = int(np.argmax(np.where(table.row[table.edges.slot] == row, codes, -1)))
    travel = float(table.edges.travel[edge])
    numbers |= {
        "travel_s": None if np.isnan(travel) else round(travel),
        "circle_s": int(postings.openings.circle[0]),
        "waited_s": max(0, int(now.timestamp() - entry.since)),
        "share": round(entry.share, 3),
    }
    return ORDER[int(codes[edge])], numbers


def _facts(
    tx: Transaction, worker: WorkerId, gig: GigId, policy: Policy, now: datetime
) -> tuple[Facts, Gig, dict[WorkerId, frozenset[GigId]]]:
    crew = tx.workers.get(worker).crew
    mates = tx.crews.get_many([crew])[crew].members if crew is not None else ()
    names = [worker, *(mate for mate in mates if mate != worker)]
    return look_up(tx, names, policy, now), tx.gigs.get(gig), tx.offers.refused([gig])
