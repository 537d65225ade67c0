"""One round in columns: which open seats to offer now, and which to hold until their worker has to leave.

Rows are gigs, columns are stretches of a worker's free time ("slots"). A day has thousands of rounds, hence
arrays; `matching.plan_round` weighs and holds by the same functions, pair by pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gigmarket.domain.policy import Policy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_ENOUGH = 20
"""Waits known before a percentile of them says anything."""


@dataclass(frozen=True, slots=True)
class Board:
    """A round's input: G gigs (`posted` to `seats`), S slots (`free` to `share`), and G × S seconds of travel.

    Times are seconds on one clock. A slot begins when and where its worker is free (`free`), ends at his next
    commitment (`before`, inf when there is none), `onward` seconds from the gig's site. His offers end at
    `until`; `share` is his work per available second so far. Travel is inf wherever a rule forbids the pair.
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
    travel: Floats
    onward: Floats


@dataclass(frozen=True, slots=True)
class Match:
    """A seat of gig row `gig` and the slot the round has in mind for it, to be offered from `offer_at` on."""

    gig: int
    slot: int
    offer_at: float


Amount = TypeVar("Amount", float, Floats)


def weigh(travel_s: Amount, early_s: Amount, length_s: Amount, share: Amount, policy: Policy) -> Amount:
    """The cost of matches in seconds of travel: the worker's tied time, and how much work he has had.

    Tied time is travel, waiting at the site before the start, and the work itself, each by its weight.
    The share counts by its square, so that nobody is moved far where all have little, and with the length of
    the work: where everybody is needed, the long gigs go to those who had less.
    """
    tied_s = travel_s + policy.early_weight * early_s + policy.hours_weight * length_s
    evenness_s = (policy.share_weight_s * share + policy.share_hours_weight * length_s) * share
    return tied_s + evenness_s


def possible(board: Board, now: float) -> Flags:
    """G × S: in the circle, in time, done before the next commitment, in the worker's hours for offers."""
    arrive = np.maximum(now, board.free)[None, :] + board.travel
    done = np.maximum(arrive, board.starts[:, None]) + board.length[:, None] + board.onward
    in_time = (arrive <= board.latest[:, None]) & (done <= board.before[None, :])
    flags: Flags = in_time & (board.until > now)[None, :]
    return flags


def plan_board(board: Board, policy: Policy, now: float, hold_s: float) -> list[Match]:
    """Fill as many seats as the slots can, at the least cost, and say from when each offer is due.

    Offers with `offer_at` ≤ now are to be made; the others are what the round would do, and later rounds may do
    better. Where `policy.plenty` more workers could come, there is nothing to wait for.
    """
    flags = possible(board, now)
    gigs, slots = np.flatnonzero(flags.any(axis=1)), np.flatnonzero(flags.any(axis=0))
    if not gigs.size:
        return []
    cell = np.ix_(gigs, slots)
    flags = flags[cell]
    travel = np.where(flags, board.travel[cell], 0.0)
    ready = np.maximum(now, board.free[slots])[None, :]
    early = np.maximum(board.starts[gigs][:, None] - ready - travel, 0.0)
    cost = weigh(travel, early, board.length[gigs][:, None], board.share[slots][None, :], policy)
    pairs = fill(flags, cost, board.seats[gigs])
    flags[:, [column for _, column in pairs]] = False
    spare = flags.sum(axis=1)
    found = []
    for row, column in pairs:
        gig, slot = int(gigs[row]), int(slots[column])
        leaves = float(max(ready[0, column], board.starts[gig] - travel[row, column]))
        wait_s = hold_s if spare[row] < policy.plenty else 0.0
        due = offer_at(leaves, float(board.until[slot]), float(board.posted[gig]), wait_s, policy)
        found.append(Match(gig, slot, due))
    return found


def offer_at(leaves: float, until: float, posted: float, hold_s: float, policy: Policy) -> float:
    """From when an offer is due: one round before the worker has to leave or his offers end, or when the seat
    has been held for `hold_s`, whichever comes first.
    """
    return min(min(leaves, until) - policy.round_every_s, posted + hold_s)


def fill(flags: Flags, cost: Floats, seats: Ints) -> list[tuple[int, int]]:
    """Most seats filled, then least summed cost: (row, column) pairs, each column at most once.

    `seats` are the capacities of the rows. Exact (Jonker–Volgenant on one row per seat, dense).
    """
    rows = np.repeat(np.arange(len(seats)), np.minimum(seats, flags.sum(axis=1)))
    if not rows.size:
        return []
    allowed, weight = flags[rows], cost[rows]
    least = weight[allowed].min()
    # A pair that is not allowed costs more than all real ones together, so as few as can be are taken.
    missing = (weight[allowed].max() - least + 1.0) * (min(allowed.shape) + 1)
    seat, column = linear_sum_assignment(np.where(allowed, weight - least, missing))
    real = allowed[seat, column]
    return list(zip(rows[seat[real]].tolist(), column[real].tolist(), strict=True))


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
