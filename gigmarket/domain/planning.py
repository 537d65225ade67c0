"""A round on a full table of gigs and slots, as a simulated day has them, and how long a seat may be held.

The decision itself is `matching.plan`; this module only lays the table out as edges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from gigmarket.domain.matching import Edges, Flags, Floats, Ints, Openings, Slots, plan
from gigmarket.domain.policy import Policy

_ENOUGH = 20
"""Waits known before a percentile of them says anything."""


@dataclass(frozen=True, slots=True)
class Board:
    """A round's input: G gigs (`posted` to `seats`), S slots (`free` to `demand`), and G × S seconds of travel.

    Times are seconds on one clock. A slot begins when and where its worker is free (`free`), ends at his next
    commitment (`before`, inf when there is none), `onward` seconds from the gig's site. His offers end at
    `until`; `share` is his work per available second so far, `demand` the seats a second that fall to him
    (domain.foresight). Travel is inf wherever a rule forbids the pair.
    """

    posted: Floats
    starts: Floats
    length: Floats
    latest: Floats
    seats: Ints
    free: Floats
    before: Floats
    until: Floats
    share: Floats
    demand: Floats
    travel: Floats
    onward: Floats


@dataclass(frozen=True, slots=True)
class Match:
    """A seat of gig row `gig` and the slot the round has in mind for it, to be offered from `offer_at` on."""

    gig: int
    slot: int
    offer_at: float


def plan_board(board: Board, policy: Policy, now: float, hold_s: float) -> list[Match]:
    """Fill as many seats as the slots can, at the least cost, and say from when each offer is due.

    Offers with `offer_at` ≤ now are to be made; the others are what the round would do, and later rounds may do
    better. No draw: the lower row wins a tie.
    """
    gig, slot = np.nonzero(_possible(board, now))
    if not gig.size:
        return []
    nobody = np.zeros(gig.size, dtype=np.bool_)
    edges = Edges(gig, slot, board.travel[gig, slot], board.onward[gig, slot], nobody, nobody)
    found = plan(_openings(board), _slots(board), edges, _without_draw(policy), now, hold_s)
    now_due = [Match(int(gig[e]), int(slot[e]), now) for e in found.offers.tolist()]
    later = zip(found.held.tolist(), found.due.tolist(), strict=True)
    return now_due + [Match(int(gig[e]), int(slot[e]), due) for e, due in later]


def _possible(board: Board, now: float) -> Flags:
    """G × S: reached in time and done before the next commitment; spares `plan` the hopeless pairs."""
    arrive = np.maximum(now, board.free)[None, :] + board.travel
    done = np.maximum(arrive, board.starts[:, None]) + board.length[:, None] + board.onward
    flags: Flags = (arrive <= board.latest[:, None]) & (done <= board.before[None, :])
    return flags & (board.until > now)[None, :]


def _openings(board: Board) -> Openings:
    count = len(board.posted)
    anything = np.full(count, np.inf)
    return Openings(
        posted=board.posted,
        starts=board.starts,
        ends=board.starts + board.length,
        latest=board.latest,
        pay=anything,
        trade=np.zeros(count, dtype=np.int64),
        seats=board.seats,
        circle=anything,
        crew=np.ones(count, dtype=np.int64),
        vacated=np.zeros(count, dtype=np.bool_),
    )


def _slots(board: Board) -> Slots:
    count = len(board.free)
    nothing, nobody = np.zeros(count), np.zeros(count, dtype=np.bool_)
    return Slots(
        worker=np.arange(count),
        trades=np.ones(count, dtype=np.int64),
        floor=nothing,
        free=board.free,
        before=board.before,
        until=board.until,
        reach=np.full(count, np.inf),
        share=board.share,
        demand=board.demand,
        credit=nothing,
        ticket=nothing,
        offered=nobody,
        engaged=nobody,
        punctual=nobody,
        crew=np.full(count, -1),
        party=np.ones(count, dtype=np.int64),
    )


@lru_cache(maxsize=4)
def _without_draw(policy: Policy) -> Policy:
    return replace(policy, alike_s=0)


def hold_s(nearest: Floats, ours: Floats, policy: Policy) -> float:
    """How many seconds a seat may be held for a better match.

    `nearest` are the waits (posted → offer, seconds) that offering to the nearest at once would have caused
    today, `ours` those of the offers made. No employer's wait is the price of a better match: holds follow the
    90th percentile of the first, and shrink while the second is longer.
    """
    if len(nearest) < _ENOUGH:
        return float(policy.hold_first_s)
    limit = policy.hold_ratio * float(np.percentile(nearest, 90))
    if len(ours) < _ENOUGH or limit <= 0.0:
        return limit
    over = float(np.percentile(ours, 90)) / limit - 1.0
    return limit * min(max(1.0 - policy.hold_brake * over, 0.0), 1.0)
