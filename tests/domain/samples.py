"""Gigs, offers and assignments to start a test from: one morning in Zhangshu, four hours of porter's work."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gigmarket.domain.assignment import Assignment, AssignmentStatus
from gigmarket.domain.geo import Position
from gigmarket.domain.gig import Draft, Gig, GigStatus, Site, Wage, WageUnit
from gigmarket.domain.ids import AssignmentId, EmployerId, GigId, OfferId, WorkerId
from gigmarket.domain.offer import Offer, OfferStatus
from gigmarket.domain.policy import Policy

POLICY = Policy(least_wage_fen_per_hour=1610)
NOW = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
STARTS_AT = NOW + timedelta(hours=1)
ENDS_AT = NOW + timedelta(hours=5)
SITE = Site(Position(28.06, 115.55), "药都大道 1 号")
EMPLOYER = EmployerId("e1")
OTHER_EMPLOYER = EmployerId("e2")
WORKER = WorkerId("w1")
OTHER_WORKER = WorkerId("w2")


def seconds(amount: float) -> timedelta:
    """An amount of seconds."""
    return timedelta(seconds=amount)


def draft(**changes: Any) -> Draft:
    """Two porters for four hours at 180 yuan a day, with some fields changed."""
    usual = Draft("搬运药材", "porter", 2, SITE, STARTS_AT, ENDS_AT, Wage(18_000, WageUnit.DAY))
    return replace(usual, **changes)


def gig(status: GigStatus = GigStatus.OPEN, reserved: int = 0, filled: int = 0, **changes: Any) -> Gig:
    """The posted draft in some state; `changes` go to the draft."""
    wanted = draft(**changes)
    until = wanted.starts_at + seconds(POLICY.late_start_s)
    return Gig(GigId("g1"), EMPLOYER, wanted, NOW, "314159", until, status, reserved, filled)


def offer(status: OfferStatus = OfferStatus.PENDING, **changes: Any) -> Offer:
    """An offer made now to a worker ten minutes away, for a minute."""
    pending = Offer(
        id=OfferId("o1"),
        gig=GigId("g1"),
        worker=WORKER,
        employer=EMPLOYER,
        station=None,
        travel_s=600,
        estimated=False,
        created_at=NOW,
        expires_at=NOW + seconds(60),
        status=status,
    )
    return replace(pending, **changes)


def assignment(status: AssignmentStatus = AssignmentStatus.CONFIRMED, **changes: Any) -> Assignment:
    """The worker's assignment to the gig, leaving home ten minutes before the start."""
    confirmed = Assignment(
        id=AssignmentId("a1"),
        gig=GigId("g1"),
        offer=OfferId("o1"),
        worker=WORKER,
        employer=EMPLOYER,
        created_at=NOW,
        busy_from=STARTS_AT - seconds(600),
        busy_until=ENDS_AT,
        travel_s=600,
        due_fen=18_000,
        status=status,
    )
    return replace(confirmed, **changes)
