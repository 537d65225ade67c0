"""A gig (零工岗位): `open → filled → in_progress → completed`, or `cancelled`, `expired`."""

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from gigmarket.domain import trade as trades
from gigmarket.domain.calendar import day_of
from gigmarket.domain.errors import FieldError, GigClosed, Invalid, NotFound
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import EmployerId, GigId
from gigmarket.domain.policy import Policy


class GigStatus(StrEnum):
    OPEN = "open"
    FILLED = "filled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


ENDED = frozenset({GigStatus.COMPLETED, GigStatus.CANCELLED, GigStatus.EXPIRED})


class WageUnit(StrEnum):
    HOUR = "hour"
    DAY = "day"
    PIECE = "piece"


class Settlement(StrEnum):
    """When the wage is paid: the same day (日结) or on a named date."""

    DAILY = "daily"
    BY_DATE = "by_date"


@dataclass(frozen=True, slots=True)
class Wage:
    """An amount in fen per hour, per day (one gig is one day) or per piece."""

    amount_fen: int
    per: WageUnit

    def due_fen(self, starts_at: datetime, ends_at: datetime) -> int | None:
        """Fen owed to one worker for the whole gig, rounded up; None when it depends on the pieces made."""
        if self.per is WageUnit.PIECE:
            return None
        if self.per is WageUnit.DAY:
            return self.amount_fen
        seconds = int((ends_at - starts_at).total_seconds())
        return -(-self.amount_fen * seconds // 3600)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the work is: a WGS-84 position and the address shown after acceptance."""

    position: Position
    address: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What an employer asks for, before the market has checked it. `min_crew`: only for workers who come at
    least so many together; 1: anybody.
    """

    title: str
    trade: str
    headcount: int
    site: Site
    starts_at: datetime
    ends_at: datetime
    wage: Wage
    settlement: Settlement = Settlement.DAILY
    settle_on: date | None = None
    meals: bool = False
    transport: bool = False
    note: str = ""
    min_crew: int = 1


@dataclass(frozen=True, slots=True)
class Gig:
    """A posted gig. `reserved` seats have a pending offer, `filled` seats a worker; the rest are free.

    `recruit_until` is the last moment at which a worker may still arrive. `vacated` seats had a worker who
    cancelled or never came, and have none again yet.
    """

    id: GigId
    employer: EmployerId
    draft: Draft
    posted_at: datetime
    site_code: str
    recruit_until: datetime
    status: GigStatus = GigStatus.OPEN
    reserved: int = 0
    filled: int = 0
    vacated: int = 0

    def free_seats(self) -> int:
        """Seats that may be offered now."""
        if self.status is not GigStatus.OPEN:
            return 0
        return self.draft.headcount - self.reserved - self.filled

    def recruits(self, now: datetime) -> bool:
        """Whether a seat may be offered at this moment."""
        return self.free_seats() > 0 and now < self.recruit_until

    def least_party(self) -> int:
        """How many must come together; no more than there are seats left, so that none stays empty for it."""
        return max(1, min(self.draft.min_crew, self.free_seats()))

    def due_fen(self) -> int | None:
        """Fen owed to one worker for the whole gig; None for piece work."""
        return self.draft.wage.due_fen(self.draft.starts_at, self.draft.ends_at)


@dataclass(frozen=True, slots=True)
class GigPosted:
    gig: Gig


@dataclass(frozen=True, slots=True)
class GigChanged:
    gig: Gig


GigFact = GigPosted | GigChanged


def post(
    draft: Draft, gig_id: GigId, employer: EmployerId, code: str, now: datetime, policy: Policy
) -> tuple[Gig, tuple[GigFact, ...]]:
    """Publish a draft at once (即时快招). Raises Invalid naming every field that is wrong."""
    errors = _faults(draft, now, policy)
    if errors:
        raise Invalid("; ".join(f"{e.path}: {e.reason}" for e in errors), tuple(errors))
    latest = draft.starts_at + timedelta(seconds=policy.late_start_s)
    gig = Gig(gig_id, employer, draft, now, code, min(latest, draft.ends_at))
    return gig, (GigPosted(gig),)


def _faults(draft: Draft, now: datetime, policy: Policy) -> list[FieldError]:
    faults = []
    if draft.trade not in trades.BY_CODE:
        faults.append(FieldError("trade", f"unknown trade {draft.trade!r}; GET /api/v1/trades lists them"))
    if not 1 <= draft.headcount <= 50:
        faults.append(FieldError("headcount", "must be from 1 to 50"))
    most = min(max(draft.headcount, 1), policy.crew_most)
    if not 1 <= draft.min_crew <= most:
        faults.append(FieldError("min_crew", f"must be from 1 to {most}: no crew is larger, or the gig is not"))
    if draft.starts_at <= now:
        faults.append(FieldError("starts_at", "must be in the future"))
    if (draft.starts_at - now).total_seconds() > policy.furthest_start_s:
        days = policy.furthest_start_s // 86400
        faults.append(FieldError("starts_at", f"at most {days} days ahead", days))
    length_s = (draft.ends_at - draft.starts_at).total_seconds()
    if length_s <= 0:
        faults.append(FieldError("ends_at", "must be after starts_at"))
    elif length_s > policy.longest_gig_s:
        hours = policy.longest_gig_s // 3600
        faults.append(FieldError("ends_at", f"a gig lasts at most {hours} hours", hours))
    if (draft.settlement is Settlement.BY_DATE) != (draft.settle_on is not None):
        faults.append(FieldError("settle_on", "is given exactly when settlement is by_date"))
    elif draft.settle_on is not None and draft.settle_on < day_of(draft.starts_at):
        faults.append(FieldError("settle_on", "must not be before the work"))
    return faults + _wage_faults(draft.wage, length_s, policy)


def _wage_faults(wage: Wage, length_s: float, policy: Policy) -> list[FieldError]:
    path = "wage.amount_fen"
    if wage.amount_fen <= 0:
        return [FieldError(path, "must be more than 0")]
    if wage.amount_fen > policy.most_wage_fen:
        return [
            FieldError(path, f"more than {policy.most_wage_fen // 100} yuan per {wage.per}: check the amount")
        ]
    hours = max(length_s, 0) / 3600 if wage.per is WageUnit.DAY else 1.0
    least = policy.least_wage_fen_per_hour
    if wage.per is not WageUnit.PIECE and wage.amount_fen < least * hours:
        total = f", {math.ceil(least * hours)} fen for the day" if wage.per is WageUnit.DAY else ""
        return [FieldError(path, f"below the minimum wage of {least} fen an hour{total}")]
    return []


def reserve(gig: Gig, seats: int, now: datetime) -> Gig:
    """Hold free seats for offers about to be made. Raises GigClosed when there are not that many.

    No fact of the gig's own: the offers tell it.
    """
    if now >= gig.recruit_until or seats > gig.free_seats():
        raise GigClosed("the gig has no such free seats")
    return replace(gig, reserved=gig.reserved + seats)


def release(gig: Gig, seats: int = 1) -> Gig:
    """Give reserved seats back: their offers were declined, ran out or were withdrawn."""
    return replace(gig, reserved=max(gig.reserved - seats, 0))


def fill(gig: Gig) -> tuple[Gig, tuple[GigFact, ...]]:
    """Turn one reserved seat into a filled one. Raises GigClosed after the end, or when no seat is reserved."""
    if gig.status in ENDED or gig.reserved < 1:
        raise GigClosed("the gig is closed")
    filled = gig.filled + 1
    status = GigStatus.FILLED if filled == gig.draft.headcount else gig.status
    vacated = max(gig.vacated - 1, 0)
    return _changed(replace(gig, reserved=gig.reserved - 1, filled=filled, vacated=vacated, status=status))


def reopen(gig: Gig, now: datetime, policy: Policy) -> tuple[Gig, tuple[GigFact, ...]]:
    """A worker cancelled or never came: the seat is free again and, while useful work is left, offered.

    Recruiting goes on for `policy.refill_s`, but never so late that less than `policy.least_useful_s` is left.
    Raises GigClosed when no seat is filled.
    """
    if gig.filled < 1:
        raise GigClosed("no seat of the gig is filled")
    vacated = replace(gig, filled=gig.filled - 1)
    if gig.status in ENDED:
        return _changed(vacated)
    last_useful = gig.draft.ends_at - timedelta(seconds=policy.least_useful_s)
    until = max(gig.recruit_until, min(now + timedelta(seconds=policy.refill_s), last_useful))
    if now >= until:
        return _changed(vacated)
    vacant = gig.vacated + 1
    return _changed(replace(vacated, status=GigStatus.OPEN, recruit_until=until, vacated=vacant))


def retake(gig: Gig) -> tuple[Gig, tuple[GigFact, ...]]:
    """Who was taken for a no-show had been there: the seat is his again, and the work goes on until he left. A
    gig that was called off stays so: it was after its end, or he would not have been taken for one.

    Raises GigClosed when all seats are taken.
    """
    if gig.reserved + gig.filled >= gig.draft.headcount:
        raise GigClosed("the seat is somebody else's by now")
    over = gig.status in ENDED and gig.status is not GigStatus.CANCELLED
    status = GigStatus.IN_PROGRESS if over else gig.status
    vacated = max(gig.vacated - 1, 0)
    return _changed(replace(gig, filled=gig.filled + 1, vacated=vacated, status=status))


def cancel(gig: Gig, by: EmployerId) -> tuple[Gig, tuple[GigFact, ...]]:
    """The employer calls the gig off. Raises NotFound for another employer, GigClosed once it is over.

    The caller withdraws pending offers and cancels assignments in the same transaction.
    """
    if gig.employer != by:
        raise NotFound("no such gig")
    if gig.status in ENDED:
        raise GigClosed(f"the gig is already {gig.status}")
    return _changed(replace(gig, status=GigStatus.CANCELLED, reserved=0))


def first_check_in(gig: Gig) -> tuple[Gig, tuple[GigFact, ...]]:
    """Work has begun on a filled gig; a gig with free seats stays open."""
    if gig.status is not GigStatus.FILLED:
        return gig, ()
    return _changed(replace(gig, status=GigStatus.IN_PROGRESS))


def pass_time(gig: Gig, working: int, now: datetime) -> tuple[Gig, tuple[GigFact, ...]]:
    """What the clock alone does. `working`: assignments still confirmed or checked in.

    Open gigs stop recruiting at `recruit_until`, filled ones begin at their start, and work in progress is
    completed when nobody is working any more. A gig to which nobody came is expired.
    """
    status = gig.status
    if status is GigStatus.OPEN and now >= gig.recruit_until and gig.reserved == 0:
        status = GigStatus.IN_PROGRESS if gig.filled else GigStatus.EXPIRED
    if status is GigStatus.FILLED and now >= gig.draft.starts_at:
        status = GigStatus.IN_PROGRESS
    if status is GigStatus.IN_PROGRESS and working == 0:
        status = GigStatus.COMPLETED if gig.filled else GigStatus.EXPIRED
    if status is gig.status:
        return gig, ()
    return _changed(replace(gig, status=status))


def _changed(gig: Gig) -> tuple[Gig, tuple[GigFact, ...]]:
    return gig, (GigChanged(gig),)
