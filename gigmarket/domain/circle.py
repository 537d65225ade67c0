"""How far a gig may look for workers: the city's circle, growing while the gig stays open."""

from datetime import datetime

from gigmarket.domain.policy import Policy


def circle_s(posted_at: datetime, now: datetime, policy: Policy) -> int:
    """The gig's circle in seconds of travel at this moment.

    Wider by `circle_step_s` for each `circle_every_s` since the posting, up to `circle_most_s`. What is beyond
    the city's circle reaches only workers who said they would come from so far (`Worker.reach_s`).
    """
    steps = max(0, int((now - posted_at).total_seconds() // policy.circle_every_s))
    return max(policy.circle_s, min(policy.circle_s + steps * policy.circle_step_s, policy.circle_most_s))
