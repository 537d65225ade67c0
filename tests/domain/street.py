"""A market on one street: two minutes from spot to spot, and worker i lives at spot i."""

from collections.abc import Iterable

from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.matching import Candidate, Commitment, OpenGig, Pair
from tests.domain.samples import NOW

WORKERS = [WorkerId(f"w{i}") for i in range(5)]


def place(x: int) -> Position:
    """Spot x of the street."""
    return Position(28.0, 115.0 + x / 1000)


def way_s(a: Position, b: Position) -> float:
    """Seconds from one spot to another."""
    return round(abs(a.lng - b.lng) * 1000) * 120.0


def candidate(
    worker: WorkerId, working: Iterable[tuple[Assignment, Gig]], declined: Iterable[GigId], offered: bool
) -> Candidate:
    """The worker at home, as the dispatcher would load one with these assignments."""
    mine = list(working)
    return Candidate(
        worker=worker,
        position=place(WORKERS.index(worker)),
        mode=Mode.WALK,
        trades=frozenset({"porter"}),
        floor_wage_fen=0,
        since=NOW,
        until=None,
        station=None,
        offered=offered,
        engaged=any(held.status is AssignmentStatus.CHECKED_IN for held, _ in mine),
        commitments=tuple(
            Commitment(gig.id, gig.draft.site.position, held.busy_from, gig.draft.starts_at, gig.draft.ends_at)
            for held, gig in mine
        ),
        declined=frozenset(declined),
    )


def pair(gig: Gig, worker: Candidate) -> Pair:
    """The gig and the worker with all ways between them."""
    wanted, site = gig.draft, gig.draft.site.position
    seen = OpenGig(
        id=gig.id,
        employer=gig.employer,
        trade=wanted.trade,
        site=site,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        recruit_until=gig.recruit_until,
        pay_fen=gig.due_fen(),
        seats=gig.free_seats(),
    )
    between = tuple(way_s(site, taken.site) for taken in worker.commitments)
    return Pair(seen, worker, way_s(site, worker.position), between)
