"""What a worker earned, by day of the city's calendar and by month. Money is fen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.calendar import day_of, midnight


@dataclass(frozen=True, slots=True)
class Wage:
    """One assignment's money: `starts_at` of its gig, what is due (None for piece work) and what was paid."""

    starts_at: datetime
    status: AssignmentStatus
    due_fen: int | None
    paid_fen: int | None


@dataclass(frozen=True, slots=True)
class DayEarned:
    """A day on which money was earned that the worker has confirmed."""

    day: date
    fen: int
    gigs: int


@dataclass(frozen=True, slots=True)
class Earnings:
    """A month: days in their order, what they sum up to, and what is still to come of work done in it."""

    days: tuple[DayEarned, ...]
    fen: int
    gigs: int
    waiting_fen: int


def month_of(day: date) -> tuple[datetime, datetime]:
    """When the day's month begins and ends, in UTC."""
    first = day.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    return midnight(first), midnight(after)


def earnings(wages: Iterable[Wage]) -> Earnings:
    """Sum up a month's wages: earned is what the worker confirmed, on the day the gig began; waiting is what
    was recorded or is due for work that is done.
    """
    by_day: dict[date, tuple[int, int]] = {}
    waiting_fen = 0
    for wage in wages:
        if wage.status is AssignmentStatus.SETTLED:
            fen, gigs = by_day.get(day_of(wage.starts_at), (0, 0))
            by_day[day_of(wage.starts_at)] = fen + (wage.paid_fen or 0), gigs + 1
        elif wage.status in (AssignmentStatus.COMPLETED, AssignmentStatus.DISPUTED):
            waiting_fen += wage.due_fen or 0 if wage.paid_fen is None else wage.paid_fen
    days = tuple(DayEarned(day, *by_day[day]) for day in sorted(by_day))
    return Earnings(days, sum(day.fen for day in days), sum(day.gigs for day in days), waiting_fen)
