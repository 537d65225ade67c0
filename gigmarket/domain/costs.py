"""What a match costs, in seconds of travel, and from when its offer is due."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.policy import Policy

Floats = NDArray[np.float64]
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


def offer_at(leaves: Floats, until: Floats, posted: Floats, hold_s: Floats, policy: Policy) -> Floats:
    """From when offers are due: one round before the worker has to leave or his offers end, or when the seat
    has been held for `hold_s` seconds, whichever comes first. Times are seconds on one clock.
    """
    due: Floats = np.minimum(np.minimum(leaves, until) - policy.round_every_s, posted + hold_s)
    return due


def drawn(cost: Floats, ticket: Floats, policy: Policy) -> Floats:
    """Costs in one step of `policy.alike_s` seconds are alike: the ticket in [0, 1) decides between them."""
    step = policy.alike_s
    return np.floor(cost / step) * step + ticket * step if step > 0 else cost


def waiting_s(waited: Floats, policy: Policy) -> Floats:
    """What waiting takes off the cost, as `fairness.credit_s` has it for one worker: bounded, until it is
    starving and the longest wait decides.
    """
    beyond = waited - policy.starving_after_s
    starving = np.where(beyond >= 0, policy.starving_s * (1 + beyond / 60), 0.0)
    return np.minimum(policy.waiting_weight * np.maximum(waited, 0.0), policy.waiting_cap_s) + starving
