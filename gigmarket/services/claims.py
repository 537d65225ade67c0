"""The claim of a round: its offers written in one fenced transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gigmarket.domain import gig as gigs
from gigmarket.domain import offer as offers
from gigmarket.domain import rest
from gigmarket.domain.assignment import WORKING, Assignment, leaves_at
from gigmarket.domain.calendar import day_of
from gigmarket.domain.crew import Crew, Together
from gigmarket.domain.explanation import Explanation, corrected
from gigmarket.domain.facts import Fact
from gigmarket.domain.fairness import Day
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import CrewId, GigId, OfferId, WorkerId, new_id
from gigmarket.domain.matching import Proposal
from gigmarket.domain.offer import Offer, OfferCreated
from gigmarket.domain.policy import Policy
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.worker import Worker
from gigmarket.services.entries import WORKED_BEFORE
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
    clashing hours and may work so long, and that a crew is still the same. Of a crew all get their offer or
    nobody. Raises Fenced when another dispatcher took over.
    """
    tx.fence.check(rules.city, token)
    locked = tx.gigs.lock_many([proposal.gig for proposal in proposals])
    if not locked:
        return 0
    held = _held(tx, rules.policy, [proposal.worker for proposal in proposals], locked.values())
    now = tx.now()
    made: list[Offer] = []
    dropped: dict[GigId, dict[WorkerId, Verdict]] = defaultdict(dict)
    for party in _parties(proposals):
        gig = locked.get(party[0].gig)
        if gig is None:
            # A wake-up told of it, but SQL does not know it.
            continue
        faults = {one.worker: fault for one in party if (fault := held.fault(one, gig, now))}
        if faults or held.changed(party):
            dropped[gig.id].update({one.worker: faults.get(one.worker, Verdict.TOGETHER) for one in party})
        elif gig.free_seats() < len(party) or now >= gig.recruit_until:
            dropped[gig.id].update(dict.fromkeys((one.worker for one in party), Verdict.OTHERS_FIRST))
        else:
            locked[gig.id] = gigs.reserve(gig, len(party), now)
            held.taken.update(one.worker for one in party)
            made.extend(_offers(rules, party, gig, held, now, round_name))
    tx.offers.add_many(made)
    tx.days.add([Day(offer.worker, day_of(now), offers=1) for offer in made])
    tx.gigs.save_many([locked[gig_id] for gig_id in sorted({offer.gig for offer in made})])
    offered = {offer.gig for offer in made}
    tx.explanations.add_many(
        [
            corrected(reason, dropped[reason.gig], rules.policy.alike_s)
            for reason in reasons
            if reason.gig in offered
        ]
    )
    facts: list[Fact] = [OfferCreated(offer) for offer in made]
    announce(tx, facts, locked.values())
    return len(made)


@dataclass(frozen=True, slots=True)
class _Held:
    """The workers whose rows are held, who has a pending offer by now, the hours they promised and worked, and
    their crews.
    """

    policy: Policy
    workers: Mapping[WorkerId, Worker]
    taken: set[WorkerId]
    hours: Mapping[WorkerId, Sequence[Assignment]]
    crews: Mapping[CrewId, Crew]

    def fault(self, proposal: Proposal, gig: Gig, now: datetime) -> Verdict | None:
        """Why this worker can't be offered the gig any more; None when nothing came in between."""
        worker = self.workers.get(proposal.worker)
        if worker is None or not worker.presence.wanted:
            return Verdict.LEFT
        if worker.id in self.taken:
            return Verdict.OFFERED_ELSEWHERE
        starts, ends = gig.draft.starts_at, gig.draft.ends_at
        leaves, hours = leaves_at(starts, proposal.travel_s, now), self.hours.get(worker.id, ())
        if any(a.busy_from < ends and leaves < a.busy_until for a in hours if a.status in WORKING):
            return Verdict.ENGAGED
        # As in a round: who has no hours but these is not in need of rest, however long they are.
        rested = not hours or rest.allows([a.on_site() for a in hours], starts, ends, self.policy)
        return None if rested else Verdict.RESTING

    def together(self, worker: WorkerId) -> Together | None:
        """The crew the worker is in now."""
        named = self.workers[worker].crew
        crew = None if named is None else self.crews.get(named)
        return crew.together() if crew is not None else None

    def changed(self, party: Sequence[Proposal]) -> bool:
        """Whether somebody came to the crew or left it since these workers were proposed."""
        found = [self.together(one.worker) for one in party]
        return any(
            (crew.crew if crew else None) != one.crew or (crew is not None and crew.size != len(party))
            for one, crew in zip(party, found, strict=True)
        )


def _held(tx: Transaction, policy: Policy, names: Sequence[WorkerId], gigs: Iterable[Gig]) -> _Held:
    workers = tx.workers.hold_many(names)
    first = min(gig.draft.starts_at for gig in gigs)
    hours = tx.assignments.hours_of(names, first - WORKED_BEFORE)
    # In a statement after that: whoever changes a crew holds its members' rows.
    crews = tx.crews.get_many([worker.crew for worker in workers.values() if worker.crew is not None])
    return _Held(policy, workers, set(tx.offers.pending_of(names)), hours, crews)


def _parties(proposals: Sequence[Proposal]) -> list[list[Proposal]]:
    """Proposals that stand or fall together: each crew's, and each of all others alone."""
    parties: list[list[Proposal]] = []
    crews: dict[tuple[GigId, CrewId], list[Proposal]] = {}
    for proposal in proposals:
        if proposal.crew is None:
            parties.append([proposal])
        elif (proposal.gig, proposal.crew) in crews:
            crews[proposal.gig, proposal.crew].append(proposal)
        else:
            crews[proposal.gig, proposal.crew] = [proposal]
            parties.append(crews[proposal.gig, proposal.crew])
    return parties


def _offers(
    rules: Rules, party: Sequence[Proposal], gig: Gig, held: _Held, now: datetime, round_name: str | None
) -> list[Offer]:
    """An offer for each, all as long as the longest: one answer is good for all."""
    halls = {one.worker: held.workers[one.worker].presence.station for one in party}
    until = max(offers.expires_at(now, hall, gig.draft.ends_at, rules.policy) for hall in halls.values())
    return [
        Offer(
            id=OfferId(new_id(now, rules.rng)),
            gig=gig.id,
            worker=one.worker,
            employer=gig.employer,
            station=halls[one.worker],
            travel_s=one.travel_s,
            estimated=one.estimated,
            created_at=now,
            expires_at=until,
            round=round_name,
            cost_s=one.cost_s,
            together=held.together(one.worker),
        )
        for one in party
    ]
