"""The claim of a round: its offers written in one fenced transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from gigmarket.domain import gig as gigs
from gigmarket.domain import offer as offers
from gigmarket.domain.assignment import Assignment, leaves_at
from gigmarket.domain.calendar import day_of
from gigmarket.domain.explanation import Explanation, corrected
from gigmarket.domain.facts import Fact
from gigmarket.domain.fairness import Day
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, OfferId, WorkerId, new_id
from gigmarket.domain.matching import Proposal
from gigmarket.domain.offer import Offer, OfferCreated
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.worker import Worker
from gigmarket.services.feeds import announce
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction


def claim(
    tx: Transaction,
    rules: Rules,
    token: int,
    proposals: Sequence[Proposal],
    round_name: str | None = None,
    reasons: Sequence[Explanation] = (),
) -> int:
    """Write the offers of a plan in one transaction; returns how many still stood.

    Under the locks it asks again that each seat is free and each worker wants work, has no pending offer and no
    clashing hours. Raises Fenced when another dispatcher took over.
    """
    tx.fence.check(rules.city, token)
    locked = tx.gigs.lock_many([proposal.gig for proposal in proposals])
    names = [proposal.worker for proposal in proposals]
    workers = tx.workers.hold_many(names)
    taken = set(tx.offers.pending_of(names))
    working = tx.assignments.working_of(names)
    now = tx.now()
    made: list[Offer] = []
    dropped: dict[GigId, dict[WorkerId, Verdict]] = defaultdict(dict)
    for proposal in proposals:
        gig, worker = locked[proposal.gig], workers.get(proposal.worker)
        if worker is None or not worker.presence.wanted:
            dropped[gig.id][proposal.worker] = Verdict.LEFT
        elif worker.id in taken:
            dropped[gig.id][worker.id] = Verdict.OFFERED_ELSEWHERE
        elif gig.free_seats() < 1 or now >= gig.recruit_until:
            dropped[gig.id][worker.id] = Verdict.OTHERS_FIRST
        elif _clash(working.get(worker.id, ()), gig, proposal.travel_s, now):
            dropped[gig.id][worker.id] = Verdict.ENGAGED
        else:
            locked[gig.id] = gigs.reserve(gig, 1, now)
            taken.add(worker.id)
            made.append(_offer(rules, proposal, gig, worker, now, round_name))
    tx.offers.add_many(made)
    tx.days.add([Day(offer.worker, day_of(now), offers=1) for offer in made])
    tx.gigs.save_many([locked[gig_id] for gig_id in sorted({offer.gig for offer in made})])
    offered = {offer.gig for offer in made}
    tx.explanations.add_many(
        [corrected(reason, dropped[reason.gig]) for reason in reasons if reason.gig in offered]
    )
    facts: list[Fact] = [OfferCreated(offer) for offer in made]
    announce(tx, facts, locked.values())
    return len(made)


def _offer(
    rules: Rules, proposal: Proposal, gig: Gig, worker: Worker, now: datetime, round_name: str | None
) -> Offer:
    station = worker.presence.station
    return Offer(
        id=OfferId(new_id(now, rules.rng)),
        gig=gig.id,
        worker=worker.id,
        employer=gig.employer,
        station=station,
        travel_s=proposal.travel_s,
        estimated=proposal.estimated,
        created_at=now,
        expires_at=offers.expires_at(now, station, gig.draft.ends_at, rules.policy),
        round=round_name,
        cost_s=proposal.cost_s,
    )


def _clash(working: Sequence[Assignment], gig: Gig, travel_s: int, now: datetime) -> bool:
    leaves = leaves_at(gig.draft.starts_at, travel_s, now)
    return any(a.busy_from < gig.draft.ends_at and leaves < a.busy_until for a in working)
