"""The claim of a round: its offers written in one fenced transaction."""

from collections.abc import Sequence
from datetime import datetime

from gigmarket.domain import gig as gigs
from gigmarket.domain import offer as offers
from gigmarket.domain.assignment import Assignment, leaves_at
from gigmarket.domain.calendar import day_of
from gigmarket.domain.explanation import Explanation
from gigmarket.domain.facts import Fact
from gigmarket.domain.fairness import Day
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import OfferId, new_id
from gigmarket.domain.matching import Proposal
from gigmarket.domain.offer import Offer, OfferCreated
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
    workers = tx.workers.get_many(names)
    taken = set(tx.offers.pending_of(names))
    working = tx.assignments.working_of(names)
    now = tx.now()
    made: list[Offer] = []
    for proposal in proposals:
        gig, worker = locked[proposal.gig], workers.get(proposal.worker)
        if worker is None or not worker.presence.wanted or proposal.worker in taken:
            continue
        if gig.free_seats() < 1 or now >= gig.recruit_until:
            continue
        if _clash(working.get(proposal.worker, ()), gig, proposal.travel_s, now):
            continue
        locked[gig.id] = gigs.reserve(gig, 1, now)
        taken.add(proposal.worker)
        made.append(
            Offer(
                id=OfferId(new_id(now, rules.rng)),
                gig=gig.id,
                worker=proposal.worker,
                employer=gig.employer,
                station=worker.presence.station,
                travel_s=proposal.travel_s,
                estimated=proposal.estimated,
                created_at=now,
                expires_at=offers.expires_at(now, worker.presence.station, gig.draft.ends_at, rules.policy),
                round=round_name,
                cost_s=proposal.cost_s,
            )
        )
    tx.offers.add_many(made)
    tx.days.add([Day(offer.worker, day_of(now), offers=1) for offer in made])
    tx.gigs.save_many([locked[gig_id] for gig_id in sorted({offer.gig for offer in made})])
    offered = {offer.gig for offer in made}
    tx.explanations.add_many([reason for reason in reasons if reason.gig in offered])
    facts: list[Fact] = [OfferCreated(offer) for offer in made]
    announce(tx, facts, locked.values())
    return len(made)


def _clash(working: Sequence[Assignment], gig: Gig, travel_s: int, now: datetime) -> bool:
    leaves = leaves_at(gig.draft.starts_at, travel_s, now)
    return any(a.busy_from < gig.draft.ends_at and leaves < a.busy_until for a in working)
