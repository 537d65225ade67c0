"""One round of dispatch: who may be offered which gig, and the best assignment of all free seats.

Columns instead of objects, since a round weighs tens of thousands of pairs: gigs with free seats are
`Openings`, stretches of workers' free time are `Slots`, the pairs between them `Edges`. Times are seconds on
one clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.costs import drawn, offer_at, weigh
from gigmarket.domain.crew_filling import fill_with_crews, torn
from gigmarket.domain.filling import fill
from gigmarket.domain.foresight import foresight, forgone_s
from gigmarket.domain.ids import CrewId, GigId, WorkerId
from gigmarket.domain.policy import Policy
from gigmarket.domain.verdict import ORDER, Verdict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int8]

CODE: Mapping[Verdict, int] = {verdict: number for number, verdict in enumerate(ORDER)}
"""A verdict's number in a column of codes."""


@dataclass(frozen=True, slots=True)
class Openings:
    """G gigs with free `seats`. `latest` is the last useful arrival, `pay` fen (inf for piece work), `trade` a
    row of TRADES, `circle` the gig's circle in seconds of travel. `crew`: how many must come together.
    `vacated`: one of the seats was somebody's who cancelled or never came.
    """

    posted: Floats
    starts: Floats
    ends: Floats
    latest: Floats
    pay: Floats
    trade: Ints
    seats: Ints
    circle: Floats
    crew: Ints
    vacated: Flags


@dataclass(frozen=True, slots=True)
class Slots:
    """S stretches of free time, from `free` until the next promise at `before` (inf: none).

    Slots with the same `worker` number are one worker's, who gets at most one offer a round. `trades` is a bit
    per row of TRADES, `floor` fen, offers end at `until`, `reach` is the worker's own limit in seconds of
    travel, `share` his work per available second, `demand` the seats a second that fall to him, `credit` what
    fairness takes off his cost, `ticket` his draw in [0, 1). `engaged`: at work, and not about to end.
    `punctual`: promised hours come first, so that he must be there by the start. `crew`: a number of the crew
    he comes with or not at all (-1: alone), `party` how many it has.
    """

    worker: Ints
    trades: Ints
    floor: Floats
    free: Floats
    before: Floats
    until: Floats
    reach: Floats
    share: Floats
    demand: Floats
    credit: Floats
    ticket: Floats
    offered: Flags
    engaged: Flags
    punctual: Flags
    crew: Ints
    party: Ints


@dataclass(frozen=True, slots=True)
class Edges:
    """E pairs of a gig row and a slot row, at most one per pair. `travel` in seconds, nan where there is no way
    inside the circle; `onward` from the gig's site to the promise after the slot. `declined` and `resting`: the
    worker had his chance at this gig, or rest rules forbid it.
    """

    gig: Ints
    slot: Ints
    travel: Floats
    onward: Floats
    declined: Flags
    resting: Flags


@dataclass(frozen=True, slots=True)
class Plan:
    """A round's outcome. Per edge: `codes`, the deciding verdict (`CODE`), and `cost` in seconds (nan where a
    rule forbids). `offers` and `held` are edge rows; `due` tells for each held one when it would be offered.
    """

    codes: Codes
    cost: Floats
    offers: Ints
    held: Ints
    due: Floats


def judge(openings: Openings, slots: Slots, edges: Edges, policy: Policy, now: float) -> Codes:
    """For each edge the number of the first rule that forbids the offer, or that of OFFERED when none does."""
    g, s = edges.gig, edges.slot
    starts = openings.starts.take(g)
    # What a slot says alone is asked per slot, and `take` gathers a third quicker than an index does.
    arrive = np.maximum(now, slots.free).take(s) + edges.travel
    done = np.maximum(arrive, starts) + (openings.ends - openings.starts).take(g) + edges.onward
    late = (slots.punctual & (slots.free > now)).take(s) & (arrive > starts)
    rules: tuple[tuple[Verdict, Flags], ...] = (
        (Verdict.TRADE, (slots.trades.take(s) >> openings.trade.take(g)) & 1 == 0),
        (Verdict.OUTSIDE_CIRCLE, ~(edges.travel <= np.minimum(openings.circle.take(g), slots.reach.take(s)))),
        (Verdict.OFFERED_ELSEWHERE, slots.offered.take(s)),
        (Verdict.LEFT, (slots.until <= now).take(s)),
        (Verdict.DECLINED, edges.declined),
        (Verdict.ENGAGED, slots.engaged.take(s)),
        (Verdict.HOURS, (done > slots.before.take(s)) | late),
        (Verdict.RESTING, edges.resting),
        (Verdict.TOO_LATE, arrive > openings.latest.take(g)),
        (Verdict.WAGE, openings.pay.take(g) < slots.floor.take(s)),
        (Verdict.CREW_WANTED, slots.party.take(s) < openings.crew.take(g)),
    )
    codes: Codes = np.full(len(g), CODE[Verdict.OFFERED], dtype=np.int8)
    for verdict, forbids in reversed(rules):
        codes[forbids] = CODE[verdict]
    return codes


def judged(openings: Openings, slots: Slots, edges: Edges, policy: Policy, now: float) -> Codes:
    """As `judge`, and TOGETHER for whoever could come, but not the whole crew."""
    codes = judge(openings, slots, edges, policy, now)
    if (slots.crew >= 0).any():
        free = np.flatnonzero(codes == CODE[Verdict.OFFERED])
        slot = edges.slot[free]
        people = slots.worker[slot], slots.crew[slot], slots.party[slot]
        codes[free[torn(openings.seats, edges.gig[free], *people)]] = CODE[Verdict.TOGETHER]
    return codes


def plan(
    openings: Openings, slots: Slots, edges: Edges, policy: Policy, now: float, hold_s: float = 0.0
) -> Plan:
    """Judge every edge, then fill as many seats as can be filled at the least total cost.

    Where nothing is held, the cost has what the worker is likely to miss meanwhile (domain.foresight).
    A seat with a worker in mind is held, the longer the further he is: for `hold_s` seconds from its posting
    at `policy.hold_far_s` of travel; until he has to leave, and not at all where `policy.plenty` more workers
    could come. Where seats may be held, nobody is sent far who has a seat near, unless with a crew, who come
    to one gig all or none.
    """
    codes = judged(openings, slots, edges, policy, now)
    cost = np.full(len(codes), np.nan)
    allowed = np.flatnonzero(codes == CODE[Verdict.OFFERED])
    if hold_s > 0.0:
        far = _far(slots, edges, allowed, policy)
        codes[allowed[far]] = CODE[Verdict.HELD]
        allowed = allowed[~far]
    cost[allowed] = _cost(openings, slots, edges, allowed, policy, now, hold_s)
    codes[allowed] = CODE[Verdict.OTHERS_FIRST]
    g, worker = edges.gig[allowed], slots.worker[edges.slot[allowed]]
    picked = _filled(openings, slots, g, worker, cost[allowed])
    chosen = allowed[picked]
    asked = np.zeros(int(slots.worker.max()) + 1 if slots.worker.size else 0, dtype=np.bool_)
    asked[worker[picked]] = True
    spare = np.bincount(g[~asked[worker]], minlength=len(openings.seats))
    due = _due(openings, slots, edges, chosen, policy, now, np.where(spare < policy.plenty, hold_s, 0.0))
    later = due > now
    codes[chosen] = np.where(later, CODE[Verdict.HELD], CODE[Verdict.OFFERED])
    return Plan(codes, cost, chosen[~later], chosen[later], due[later])


def _far(slots: Slots, edges: Edges, rows: Ints, policy: Policy) -> Flags:
    """Of these edges: which lead far, though their slot has another that is `policy.far_times` as near."""
    travel, slot = edges.travel[rows], edges.slot[rows]
    nearest = np.full(len(slots.worker), np.inf)
    np.minimum.at(nearest, slot, travel)
    far: Flags = travel > np.maximum(policy.far_s, policy.far_times * nearest[slot])
    return far & (slots.crew[slot] < 0)


def _filled(openings: Openings, slots: Slots, gig: Ints, worker: Ints, cost: Floats) -> Ints:
    if not (slots.crew >= 0).any():
        return fill(gig, worker, cost, openings.seats)
    crew = np.full(int(slots.worker.max()) + 1, -1)
    crew[slots.worker] = slots.crew
    return fill_with_crews(gig, worker, cost, openings.seats, crew)


def _cost(
    openings: Openings, slots: Slots, edges: Edges, rows: Ints, policy: Policy, now: float, hold_s: float
) -> Floats:
    g, s, travel = edges.gig.take(rows), edges.slot.take(rows), edges.travel.take(rows)
    early = np.maximum(openings.starts.take(g) - np.maximum(now, slots.free).take(s) - travel, 0.0)
    length = (openings.ends - openings.starts).take(g)
    tied = weigh(travel, early, length, slots.share.take(s), policy)
    if foresight(hold_s, policy) and slots.demand.any():
        used = _used(openings, slots, g, s, travel, now)
        spare = np.bincount(g, minlength=len(openings.seats)) - openings.seats
        tied = tied + forgone_s(slots.demand.take(s), used, spare.take(g), hold_s, policy)
    first = policy.vacated_s * openings.vacated.take(g)
    return drawn(tied - first - slots.credit.take(s), slots.ticket.take(s), policy)


def _used(openings: Openings, slots: Slots, gig: Ints, slot: Ints, travel: Floats, now: float) -> Floats:
    """Seconds from leaving until the work ends, as far as they lie in the worker's hours for offers."""
    starts = openings.starts.take(gig)
    leaves = np.maximum(np.maximum(now, slots.free).take(slot), starts - travel)
    ends = np.maximum(leaves + travel, starts) + (openings.ends - openings.starts).take(gig)
    used: Floats = np.maximum(np.minimum(ends, slots.until.take(slot)) - leaves, 0.0)
    return used


def _due(
    openings: Openings,
    slots: Slots,
    edges: Edges,
    rows: Ints,
    policy: Policy,
    now: float,
    hold_s: Floats,
) -> Floats:
    """When the offers of these edges are due; now at the latest where nothing is held."""
    g, s = edges.gig[rows], edges.slot[rows]
    leaves = np.maximum(np.maximum(now, slots.free[s]), openings.starts[g] - edges.travel[rows])
    held = hold_s[g] * np.minimum(edges.travel[rows] / policy.hold_far_s, policy.hold_most)
    due = offer_at(leaves, slots.until[s], openings.posted[g], held, policy)
    # A crew is asked at once, as soon as it has to be for one of them.
    crew, mine = slots.crew[s], np.flatnonzero(slots.crew[s] >= 0)
    if mine.size:
        first = np.full(int(crew.max()) + 1, np.inf)
        np.minimum.at(first, crew[mine], due[mine])
        due[mine] = first[crew[mine]]
    return np.where(hold_s[g] > 0.0, due, now)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An offer the round wants to make: `cost_s` is the match's cost in seconds of travel, `estimated` tells
    that `travel_s` comes from a straight line. Those of one `crew` stand or fall together.
    """

    gig: GigId
    worker: WorkerId
    travel_s: int
    cost_s: float
    estimated: bool = True
    crew: CrewId | None = None
