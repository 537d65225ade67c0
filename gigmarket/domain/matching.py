"""One round of dispatch: who may be offered which gig, and the best assignment of all free seats.

The assignment is exact for the pairs it is given: as many seats as can be filled, then least cost.
"""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import EmployerId, GigId, StationId, WorkerId
from gigmarket.domain.planning import offer_at, weigh
from gigmarket.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class OpenGig:
    """A gig with free seats, as a round sees it; `pay_fen` is None for piece work.

    Only a gig whose `posted_at` is told can be held for a better match.
    """

    id: GigId
    employer: EmployerId
    trade: str
    site: Position
    starts_at: datetime
    ends_at: datetime
    recruit_until: datetime
    pay_fen: int | None
    seats: int
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """Hours a worker has promised already, from leaving home (`busy_from`) until the end."""

    gig: GigId
    site: Position
    busy_from: datetime
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """An available worker, as a round sees one; `share` is work per available second so far (0 to about 1)."""

    worker: WorkerId
    position: Position
    mode: Mode
    trades: frozenset[str]
    floor_wage_fen: int
    since: datetime
    until: datetime | None
    station: StationId | None
    offered: bool
    engaged: bool
    commitments: tuple[Commitment, ...] = ()
    declined: frozenset[GigId] = frozenset()
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A gig, a worker, and the seconds of travel between them; None outside the circle.

    `between_s[i]` are the seconds between the gig's site and that of the worker's i-th commitment.
    """

    gig: OpenGig
    candidate: Candidate
    travel_s: float | None
    between_s: tuple[float, ...] = ()


class Verdict(StrEnum):
    """The deciding reason for one pair, in the order in which the rules are asked."""

    TRADE = "trade"
    OUTSIDE_CIRCLE = "outside_circle"
    ENGAGED = "engaged"
    OFFERED_ELSEWHERE = "offered_elsewhere"
    LEFT = "left"
    DECLINED = "declined"
    HOURS = "hours"
    TOO_LATE = "too_late"
    WAGE = "wage"
    OTHERS_FIRST = "others_first"
    HELD = "held"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An offer the round wants to make; `cost_s` is the match's cost in seconds."""

    gig: GigId
    worker: WorkerId
    travel_s: int
    cost_s: float


@dataclass(frozen=True, slots=True)
class Held:
    """A match that can wait: look at the gig again at `until` at the latest, then it would be offered."""

    gig: GigId
    worker: WorkerId
    until: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """A round's outcome: the offers to make and, per gig, how many pairs each rule decided; what is held."""

    proposals: tuple[Proposal, ...]
    funnel: Mapping[GigId, Mapping[Verdict, int]]
    held: tuple[Held, ...] = ()


def judge(pair: Pair, policy: Policy, now: datetime) -> Verdict | None:
    """The first rule that keeps this worker from this gig, or None when the offer may be made."""
    gig, worker = pair.gig, pair.candidate
    if gig.trade not in worker.trades:
        return Verdict.TRADE
    if pair.travel_s is None or pair.travel_s > policy.circle_s:
        return Verdict.OUTSIDE_CIRCLE
    if worker.engaged:
        return Verdict.ENGAGED
    if worker.offered:
        return Verdict.OFFERED_ELSEWHERE
    if worker.until is not None and now >= worker.until:
        return Verdict.LEFT
    if gig.id in worker.declined:
        return Verdict.DECLINED
    if not fits(pair, now):
        return Verdict.HOURS
    if now + timedelta(seconds=pair.travel_s) > gig.recruit_until:
        return Verdict.TOO_LATE
    if gig.pay_fen is not None and gig.pay_fen < worker.floor_wage_fen:
        return Verdict.WAGE
    return None


def fits(pair: Pair, now: datetime) -> bool:
    """Whether the gig's hours, travel from one site to the next included, are still the worker's own."""
    gig = pair.gig
    leaves = max(now, gig.starts_at - timedelta(seconds=pair.travel_s or 0.0))
    for taken, between_s in zip(pair.candidate.commitments, pair.between_s, strict=True):
        if leaves < taken.ends_at and taken.busy_from < gig.ends_at:
            return False
        between = timedelta(seconds=between_s)
        if taken.ends_at <= gig.starts_at and taken.ends_at + between > gig.starts_at:
            return False
        if gig.ends_at <= taken.starts_at and gig.ends_at + between > taken.starts_at:
            return False
    return True


def cost_s(pair: Pair, policy: Policy, now: datetime) -> float:
    """The cost of a match in seconds of travel: the worker's tied time and his share of work (`planning.weigh`)
    less a bounded credit for having waited long.
    """
    travel_s = pair.travel_s or 0.0
    early_s = max(0.0, (pair.gig.starts_at - now).total_seconds() - travel_s)
    length_s = (pair.gig.ends_at - pair.gig.starts_at).total_seconds()
    waited_s = max(0.0, (now - pair.candidate.since).total_seconds())
    credit_s = min(waited_s * policy.waiting_weight, policy.waiting_cap_s)
    return weigh(travel_s, early_s, length_s, pair.candidate.share, policy) - credit_s


def plan_round(
    pairs: Sequence[Pair], policy: Policy, now: datetime, rng: random.Random, hold_s: float = 0.0
) -> Plan:
    """Judge every pair, then fill as many seats as can be filled at the least total cost.

    Alike workers are drawn by `rng` (less than half a second of cost), so a recorded seed repeats the round.
    A seat is held back for at most `hold_s` seconds from its posting, until its worker has to leave.
    """
    funnel: dict[GigId, Counter[Verdict]] = defaultdict(Counter)
    allowed: list[tuple[Pair, float]] = []
    for pair in pairs:
        verdict = judge(pair, policy, now)
        if verdict is None:
            allowed.append((pair, cost_s(pair, policy, now) + rng.random() / 2))
        else:
            funnel[pair.gig.id][verdict] += 1
    chosen = assign(
        {pair.gig.id: pair.gig.seats for pair, _ in allowed},
        [(pair.gig.id, pair.candidate.worker, cost) for pair, cost in allowed],
    )
    proposals, held = [], []
    for pair, cost in allowed:
        gig, worker = pair.gig.id, pair.candidate.worker
        if chosen.get(worker) != gig:
            funnel[gig][Verdict.OTHERS_FIRST] += 1
        elif (due := due_at(pair, policy, now, hold_s)) > now:
            funnel[gig][Verdict.HELD] += 1
            held.append(Held(gig, worker, due))
        else:
            funnel[gig][Verdict.OFFERED] += 1
            proposals.append(Proposal(gig, worker, round(pair.travel_s or 0.0), cost))
    return Plan(tuple(proposals), {gig: dict(counts) for gig, counts in funnel.items()}, tuple(held))


def due_at(pair: Pair, policy: Policy, now: datetime, hold_s: float) -> datetime:
    """From when a match has to be offered (`planning.offer_at`); now at the earliest."""
    gig, until = pair.gig, pair.candidate.until
    if gig.posted_at is None or hold_s <= 0.0:
        return now
    leaves_s = (gig.starts_at - now).total_seconds() - (pair.travel_s or 0.0)
    until_s = math.inf if until is None else (until - now).total_seconds()
    due_s = offer_at(max(0.0, leaves_s), until_s, (gig.posted_at - now).total_seconds(), hold_s, policy)
    return now + timedelta(seconds=max(0.0, due_s))


def assign(seats: Mapping[GigId, int], edges: Sequence[tuple[GigId, WorkerId, float]]) -> dict[WorkerId, GigId]:
    """An exact assignment with headcounts: most seats filled, then least summed cost.

    `edges` are (gig, worker, cost in seconds), at most one per pair. Each connected part of the graph is
    solved alone, so the dense matrices stay small.
    """
    if not edges:
        return {}
    gigs = {gig: i for i, gig in enumerate(dict.fromkeys(gig for gig, _, _ in edges))}
    workers = {worker: i for i, worker in enumerate(dict.fromkeys(worker for _, worker, _ in edges))}
    size = len(gigs) + len(workers)
    rows = np.fromiter((gigs[gig] for gig, _, _ in edges), dtype=np.int64)
    columns = np.fromiter((len(gigs) + workers[worker] for _, worker, _ in edges), dtype=np.int64)
    graph = coo_array((np.ones(len(edges)), (rows, columns)), shape=(size, size))
    _, part_of = connected_components(graph, directed=False)
    parts: dict[int, list[tuple[GigId, WorkerId, float]]] = defaultdict(list)
    for edge, row in zip(edges, rows, strict=True):
        parts[int(part_of[row])].append(edge)
    chosen: dict[WorkerId, GigId] = {}
    for part in parts.values():
        chosen.update(_assign_part(seats, part))
    return chosen


def _assign_part(
    seats: Mapping[GigId, int], edges: Sequence[tuple[GigId, WorkerId, float]]
) -> dict[WorkerId, GigId]:
    workers = {worker: i for i, worker in enumerate(dict.fromkeys(worker for _, worker, _ in edges))}
    first_seat: dict[GigId, int] = {}
    seat_gig: list[GigId] = []
    degree = Counter(gig for gig, _, _ in edges)
    for gig, wanted in degree.items():
        first_seat[gig] = len(seat_gig)
        seat_gig.extend([gig] * min(seats[gig], wanted))
    costs = np.array([cost for _, _, cost in edges])
    base = float(costs.min())
    # A missing edge costs more than all real ones together, so the solver takes as few of them as it must.
    missing = (float(costs.max()) - base + 1.0) * (min(len(seat_gig), len(workers)) + 1)
    matrix = np.full((len(seat_gig), len(workers)), missing)
    width = Counter(seat_gig)
    for gig, worker, cost in edges:
        start = first_seat[gig]
        matrix[start : start + width[gig], workers[worker]] = cost - base
    names = list(workers)
    picked_rows, picked_columns = linear_sum_assignment(matrix)
    return {
        names[column]: seat_gig[row]
        for row, column in zip(picked_rows.tolist(), picked_columns.tolist(), strict=True)
        if matrix[row, column] < missing
    }
