"""What a worker could do instead: the seats that fall to him, by the gigs posted of late.

Where a seat cannot wait for a better match, later rounds mend nothing. Then the choice between workers also
asks how many seats will be wanted of each of them while he is away: who knows several trades, rides, and has
many sites in reach is kept for those whom nobody else can help.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.policy import Policy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST_S = 600.0
"""A shorter past than this counts as one of this length: one gig a minute ago is no rate."""


def falls_to(seats: int, able: int) -> float:
    """Of a gig's seats, how much of one falls to each of the `able` workers who could come: at most one."""
    return min(1.0, seats / max(able, 1))


def recent(posted: Floats, now: float, policy: Policy) -> Floats:
    """What each gig posted so far adds to a rate per second, the less the longer ago (seconds on one clock).

    The weights of gigs posted evenly, one a second, add up to 1 however short the past they cover.
    """
    if not posted.size:
        return posted
    memory_s = float(policy.demand_memory_s)
    covered_s = max(now - float(posted.min()), _LEAST_S)
    weights: Floats = np.exp((posted - now) / memory_s) / (memory_s * -np.expm1(-covered_s / memory_s))
    return weights


def foresight(hold_s: float, policy: Policy) -> float:
    """From 1 where nothing is held to 0 where seats are held for `policy.foresight_hold_s` and longer."""
    return max(1.0 - hold_s / policy.foresight_hold_s, 0.0)


def forgone_s(demand: Floats, used_s: Floats, spare: Ints, hold_s: float, policy: Policy) -> Floats:
    """The seats a worker is likely to miss, in seconds of travel: `demand`, seats a second that fall to him,
    over the `used_s` seconds of his hours for offers that a match takes. The more others could come in his
    place (`spare`, beyond the gig's seats), the less it counts, and not at all with `policy.plenty`.
    """
    few = np.clip(1.0 - spare / max(policy.plenty, 1), 0.0, 1.0)
    missed: Floats = policy.seat_worth_s * demand * used_s * few
    return foresight(hold_s, policy) * missed
