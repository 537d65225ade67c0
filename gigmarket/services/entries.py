"""Workers as a round sees them: SQL's facts about each, as the roster's entries."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from gigmarket.domain import fairness
from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.calendar import day_of
from gigmarket.domain.crew import Crew
from gigmarket.domain.draw import key_of
from gigmarket.domain.fairness import Standing
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import CrewId, GigId, WorkerId
from gigmarket.domain.policy import Policy
from gigmarket.domain.worker import Worker
from gigmarket.live.roster_columns import Entry, Promise
from gigmarket.store.transaction import Transaction

WORKED_BEFORE = timedelta(hours=36)
"""Hours worked longer ago do not count for the rest of a day that begins now."""
_CHUNK = 5000
_FAR_OFF = math.inf
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Facts:
    """What SQL knows about some workers: profile, pending offers, hours promised and worked, the ledger, and
    their crews.
    """

    workers: Mapping[WorkerId, Worker]
    offered: frozenset[WorkerId]
    hours: Mapping[WorkerId, Sequence[Assignment]]
    sites: Mapping[GigId, Gig]
    standings: Mapping[WorkerId, Standing]
    crews: Mapping[CrewId, Crew]


def look_up(tx: Transaction, names: Sequence[WorkerId], policy: Policy, now: datetime) -> Facts:
    """Facts about these workers, in one read; in chunks that any database takes."""
    workers: dict[WorkerId, Worker] = {}
    offered: set[WorkerId] = set()
    hours: dict[WorkerId, list[Assignment]] = {}
    standings: dict[WorkerId, Standing] = {}
    for chunk in _chunks(names):
        workers |= tx.workers.get_many(chunk)
        offered.update(tx.offers.pending_of(chunk))
        hours |= tx.assignments.hours_of(chunk, now - WORKED_BEFORE)
        standings |= tx.days.standings(chunk, day_of(now), policy.fairness_days)
    promised = sorted({held.gig for found in hours.values() for held in found if _working(held)})
    sites: dict[GigId, Gig] = {}
    for some in _chunks(promised):
        sites |= tx.gigs.get_many(some)
    crews: dict[CrewId, Crew] = {}
    for few in _chunks(sorted({worker.crew for worker in workers.values() if worker.crew is not None})):
        crews |= tx.crews.get_many(few)
    return Facts(workers, frozenset(offered), hours, sites, standings, crews)


def entry_of(worker: Worker, facts: Facts, policy: Policy, now: datetime) -> Entry | None:
    """A worker for the roster, or None for one who wants no work or was not heard of lately.

    SQL hears of a connected worker only every `seen_every_s`, so its word counts that much longer.
    """
    presence = worker.presence
    fresh_until = presence.fresh_until(policy)
    if not presence.wanted or presence.position is None or fresh_until is None:
        return None
    fresh_until += timedelta(seconds=policy.seen_every_s)
    if fresh_until <= now:
        return None
    hours = sorted(facts.hours.get(worker.id, ()), key=lambda held: held.busy_from)
    on_site = next((held for held in hours if held.status is AssignmentStatus.CHECKED_IN), None)
    crew = None if worker.crew is None else facts.crews.get(worker.crew)
    together = crew.together() if crew is not None else None
    standing = fairness.standing_now(
        worker,
        facts.standings.get(worker.id, Standing()),
        now,
        policy,
        on_site.checked_in_at if on_site else None,
    )
    return Entry(
        worker=worker.id,
        position=facts.sites[on_site.gig].draft.site.position if on_site else presence.position,
        mode=worker.mode,
        trades=worker.trades,
        floor=float(worker.floor_wage_fen),
        since=(presence.since or presence.seen_at or now).timestamp(),
        until=presence.until.timestamp() if presence.until else _FAR_OFF,
        fresh_until=fresh_until.timestamp(),
        heard=(presence.seen_at or now).timestamp() + policy.fresh_s,
        reach=float(worker.reach_s or policy.circle_s),
        share=fairness.share_of(standing, policy),
        credit=fairness.credit_s(0.0, standing, worker.groups, policy),
        key=key_of(worker.id),
        offered=worker.id in facts.offered,
        working=on_site.busy_until.timestamp() if on_site else -_FAR_OFF,
        promises=tuple(
            _promise(held, facts.sites[held.gig])
            for held in hours
            if held.status is AssignmentStatus.CONFIRMED and held.busy_until > now
        ),
        worked=tuple(_worked(held) for held in hours),
        crew=together.crew if together else None,
        party=together.size if together else 1,
    )


def _promise(held: Assignment, gig: Gig) -> Promise:
    return Promise(
        gig.id,
        gig.draft.site.position,
        held.busy_from.timestamp(),
        gig.draft.starts_at.timestamp(),
        held.busy_until.timestamp(),
    )


def _worked(held: Assignment) -> tuple[float, float]:
    begins, ends = held.on_site()
    return begins.timestamp(), ends.timestamp()


def _working(held: Assignment) -> bool:
    return held.status in (AssignmentStatus.CONFIRMED, AssignmentStatus.CHECKED_IN)


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[first : first + _CHUNK] for first in range(0, len(items), _CHUNK))
