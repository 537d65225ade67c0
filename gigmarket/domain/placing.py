"""Placing by hand: which rules bind a desk, too, and which it may overrule with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gigmarket.domain import rest
from gigmarket.domain.assignment import WORKING, Assignment, leaves_at
from gigmarket.domain.circle import circle_s
from gigmarket.domain.gig import Gig
from gigmarket.domain.offer import Offer, OfferStatus
from gigmarket.domain.policy import Policy
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.worker import Worker


@dataclass(frozen=True, slots=True)
class Pair:
    """One worker and one gig as a desk sees them.

    `travel_s` from where the worker is, None when nobody knows; `hours` what they promised and worked lately;
    `answered` how earlier offers of this gig to them ended. `party`: how many look for work together.
    """

    worker: Worker
    gig: Gig
    travel_s: float | None
    pending: Offer | None
    answered: frozenset[OfferStatus]
    hours: Sequence[Assignment]
    party: int = 1


def obstacle(pair: Pair, agreed: bool, now: datetime, policy: Policy) -> Verdict | None:
    """The first rule that binds a desk, too; None when nothing forbids it. `agreed`: the worker stands at the
    desk and has said yes. Whoever let an offer run out may be asked again by hand; whoever said no may not.
    """
    gig, draft = pair.gig, pair.gig.draft
    if pair.pending is not None and not (agreed and pair.pending.gig == gig.id):
        return Verdict.OFFERED_ELSEWHERE
    if pair.answered & {OfferStatus.DECLINED, OfferStatus.ACCEPTED}:
        return Verdict.DECLINED
    if not agreed and not pair.worker.presence.wanted:
        return Verdict.LEFT
    travel_s = pair.travel_s or 0.0
    leaves = leaves_at(draft.starts_at, travel_s, now)
    if any(a.busy_from < draft.ends_at and leaves < a.busy_until for a in pair.hours if a.status in WORKING):
        return Verdict.HOURS
    if not rest.allows([done.on_site() for done in pair.hours], draft.starts_at, draft.ends_at, policy):
        return Verdict.RESTING
    if now + timedelta(seconds=travel_s) > gig.recruit_until:
        return Verdict.TOO_LATE
    return None


def concerns(pair: Pair, now: datetime, policy: Policy) -> tuple[Verdict, ...]:
    """What a round would have kept the worker out for, and a desk may overrule with a reason."""
    circle = circle_s(pair.gig.posted_at, now, policy)
    limit = min(circle, pair.worker.reach_s or policy.circle_s)
    due = pair.gig.due_fen()
    found = (
        (Verdict.TRADE, pair.gig.draft.trade not in pair.worker.trades),
        (Verdict.OUTSIDE_CIRCLE, pair.travel_s is None or pair.travel_s > limit),
        (Verdict.WAGE, due is not None and due < pair.worker.floor_wage_fen),
        (Verdict.CREW_WANTED, pair.party < pair.gig.least_party()),
        (Verdict.TOGETHER, pair.party > 1),
    )
    return tuple(verdict for verdict, true in found if true)
