"""A market on one street: two minutes from spot to spot, and worker i lives at spot i."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.circle import circle_s
from gigmarket.domain.geo import Position
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.matching import Proposal, plan
from gigmarket.domain.policy import Policy
from tests.domain.columns import Promise, edges, openings, slots, stretches

WORKERS = [WorkerId(f"w{i}") for i in range(5)]


@dataclass(frozen=True, slots=True)
class Person:
    """A worker as the dispatcher knows one; `working` are the hours promised or under way, by their end."""

    worker: WorkerId
    working: Sequence[tuple[Assignment, Gig]]
    declined: frozenset[GigId]
    offered: bool
    ticket: float


def place(x: int) -> Position:
    """Spot x of the street."""
    return Position(28.0, 115.0 + x / 1000)


def way_s(a: Position, b: Position) -> float:
    """Seconds from one spot to another."""
    return round(abs(a.lng - b.lng) * 1000) * 120.0


def proposals(gigs: Sequence[Gig], people: Sequence[Person], policy: Policy, now: datetime) -> list[Proposal]:
    """What a round on the street would offer, every gig weighed with every worker."""
    at = now.timestamp()
    slot_rows: list[dict[str, Any]] = []
    edge_rows: list[dict[str, Any]] = []
    for number, person in enumerate(people):
        for row, gig in enumerate(gigs):
            for slot, edge in _free_time(person, gig, policy, at):
                edge_rows.append({"gig": row, "slot": len(slot_rows), **edge})
                slot_rows.append({"worker": number, **slot})
    gig_rows = [_opening(gig, policy, now) for gig in gigs]
    made = plan(openings(*gig_rows), slots(*slot_rows), edges(*edge_rows), policy, at)
    assert not made.held.size
    return [
        Proposal(
            gigs[edge_rows[edge]["gig"]].id,
            people[slot_rows[edge_rows[edge]["slot"]]["worker"]].worker,
            round(edge_rows[edge]["travel"]),
            float(made.cost[edge]),
        )
        for edge in made.offers.tolist()
    ]


def _opening(gig: Gig, policy: Policy, now: datetime) -> dict[str, Any]:
    due = gig.due_fen()
    return {
        "posted": gig.posted_at.timestamp(),
        "starts": gig.draft.starts_at.timestamp(),
        "ends": gig.draft.ends_at.timestamp(),
        "latest": gig.recruit_until.timestamp(),
        "pay": np.inf if due is None else float(due),
        "seats": gig.free_seats(),
        "circle": float(circle_s(gig.posted_at, now, policy)),
    }


def _free_time(
    person: Person, gig: Gig, policy: Policy, now: float
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The worker's slots and their edges to one gig; at work he is on the site until its end."""
    site, here = gig.draft.site.position, place(WORKERS.index(person.worker))
    working = -np.inf
    promises = []
    for held, other in person.working:
        there = other.draft.site.position
        if held.status is AssignmentStatus.CHECKED_IN:
            here, working = there, held.busy_until.timestamp()
        elif held.busy_until.timestamp() > now:
            leaves, ends = held.busy_from.timestamp(), held.busy_until.timestamp()
            starts = other.draft.starts_at.timestamp()
            promises.append(Promise(leaves, starts, ends, way_s(site, there)))
    found = stretches(
        promises,
        way_s(site, here),
        gig.draft.starts_at.timestamp(),
        policy,
        working if working > now else -np.inf,
    )
    whole = {
        "floor": 0.0,
        "ticket": person.ticket,
        "offered": person.offered,
        "engaged": working > now + policy.look_ahead_s,
    }
    return [({**slot, **whole}, {**edge, "declined": gig.id in person.declined}) for slot, edge in found]
