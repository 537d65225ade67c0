"""Days of the market's calendar. China has one time zone, UTC+8, without summer time."""

from datetime import UTC, date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def day_of(at: datetime) -> date:
    """The calendar day in China of a moment."""
    return at.astimezone(CHINA).date()


def midnight(day: date) -> datetime:
    """When this day begins in China, in UTC."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def by_day(starts: datetime, ends: datetime) -> dict[date, int]:
    """Whole seconds of starts–ends on each day it touches; together they are the whole seconds between the two.

    Empty when the end is not after the start.
    """
    seconds: dict[date, int] = {}
    counted = 0
    day = day_of(starts)
    while midnight(day) < ends:
        passed = (min(ends, midnight(day + timedelta(days=1))) - starts) // timedelta(seconds=1)
        if passed > counted:
            seconds[day] = passed - counted
            counted = passed
        day += timedelta(days=1)
    return seconds
