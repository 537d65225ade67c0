"""How far a gig may look for workers: the city's circle, growing while the gig stays open."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.policy import Policy


def circle_s(posted_at: datetime, now: datetime, policy: Policy) -> int:
    """The gig's circle in seconds of travel at this moment.

    Wider by `circle_step_s` for each `circle_every_s` since the posting, up to `circle_most_s`. What is beyond
    the city's circle reaches only workers who said they would come from so far (`Worker.reach_s`).
    """
    steps = max(0, int((now - posted_at).total_seconds() // policy.circle_every_s))
    return max(policy.circle_s, min(policy.circle_s + steps * policy.circle_step_s, policy.circle_most_s))


def circles_s(open_s: NDArray[np.float64], policy: Policy) -> NDArray[np.float64]:
    """As `circle_s` for many gigs, from the seconds since each was posted."""
    steps = np.maximum(open_s // policy.circle_every_s, 0.0)
    most = max(policy.circle_s, policy.circle_most_s)
    circles: NDArray[np.float64] = np.minimum(policy.circle_s + steps * policy.circle_step_s, most)
    return circles
