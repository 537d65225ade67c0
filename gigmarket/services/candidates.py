"""The workers near the gigs of a round, with the facts and the travel times that decide about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.matching import Candidate, Commitment, OpenGig, Pair
from gigmarket.domain.policy import Policy
from gigmarket.domain.worker import Worker
from gigmarket.live.index import Near
from gigmarket.store.transaction import Transaction
from gigmarket.travel.router import Router

BETWEEN_S = 3600.0
"""Two sites further apart than this are never worked one after the other on one day."""
NEVER_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What SQL knows about the workers found near the gigs of a round."""

    workers: Mapping[WorkerId, Worker]
    offered: frozenset[WorkerId]
    working: Mapping[WorkerId, Sequence[Assignment]]
    refused: Mapping[WorkerId, frozenset[GigId]]
    sites: Mapping[GigId, Gig]


def look_up(tx: Transaction, names: Sequence[WorkerId], wanted: Sequence[GigId]) -> Facts:
    """What SQL knows about these workers and these gigs, in one read."""
    working = tx.assignments.working_of(names)
    committed = sorted({assignment.gig for found in working.values() for assignment in found})
    return Facts(
        workers=tx.workers.get_many(names),
        offered=frozenset(tx.offers.pending_of(names)),
        working=working,
        refused=tx.offers.refused(wanted),
        sites=tx.gigs.get_many(committed),
    )


def weigh(
    wanted: Sequence[OpenGig], found: Sequence[Sequence[Near]], facts: Facts, router: Router, policy: Policy
) -> list[Pair]:
    """Every pair of a gig and a worker found near it, with the worker's travel by their own mode in seconds."""
    pairs: list[Pair] = []
    for gig, nears in zip(wanted, found, strict=True):
        pairs.extend(_pairs(gig, nears, facts, router, policy))
    return pairs


def _pairs(gig: OpenGig, nears: Sequence[Near], facts: Facts, router: Router, policy: Policy) -> list[Pair]:
    present = [
        (near, worker)
        for near in nears
        if (worker := facts.workers.get(near.worker)) is not None and worker.presence.wanted
    ]
    travel = _travel_s(gig.site, present, router, policy.circle_s)
    pairs = []
    for near, worker in present:
        candidate = _candidate(worker, near.position, facts)
        between = tuple(
            _between_s(router, taken.site, gig.site, worker.mode) for taken in candidate.commitments
        )
        pairs.append(Pair(gig, candidate, travel[worker.id], between))
    return pairs


def _travel_s(
    site: Position, present: Sequence[tuple[Near, Worker]], router: Router, limit_s: float
) -> dict[WorkerId, float | None]:
    """One search per mode that is there, and all of its workers looked up at once.

    Who is too far even as the crow flies is outside without being looked up on the roads.
    """
    travel: dict[WorkerId, float | None] = {worker.id: None for _, worker in present}
    for mode in {worker.mode for _, worker in present}:
        furthest_m = router.radius_m(mode, limit_s)
        riders = [near for near, worker in present if worker.mode is mode and near.metres <= furthest_m]
        if not riders:
            continue
        seconds = router.reach(site, mode, limit_s).seconds_many(
            np.array([near.position.lat for near in riders]), np.array([near.position.lng for near in riders])
        )
        for near, value in zip(riders, seconds.tolist(), strict=True):
            travel[near.worker] = None if np.isnan(value) else value
    return travel


def _candidate(worker: Worker, position: Position, facts: Facts) -> Candidate:
    working = facts.working.get(worker.id, ())
    return Candidate(
        worker=worker.id,
        position=position,
        mode=worker.mode,
        trades=worker.trades,
        floor_wage_fen=worker.floor_wage_fen,
        since=worker.presence.since or worker.presence.seen_at or datetime.max,  # noqa: DTZ901
        until=worker.presence.until,
        station=worker.presence.station,
        offered=worker.id in facts.offered,
        engaged=any(a.status is AssignmentStatus.CHECKED_IN for a in working),
        commitments=tuple(
            Commitment(
                a.gig,
                facts.sites[a.gig].draft.site.position,
                a.busy_from,
                facts.sites[a.gig].draft.starts_at,
                a.busy_until,
            )
            for a in working
        ),
        declined=facts.refused.get(worker.id, frozenset()),
    )


def _between_s(router: Router, a: Position, b: Position, mode: Mode) -> float:
    seconds = router.reach(b, mode, BETWEEN_S).seconds(a)
    return NEVER_S if seconds is None else seconds
