"""A month of wages: what counts, on which day, and what is still to come."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.calendar import CHINA, midnight
from gigmarket.domain.earnings import DayEarned, Wage, earnings, month_of

SETTLED, COMPLETED = AssignmentStatus.SETTLED, AssignmentStatus.COMPLETED
NIGHT = datetime(2026, 11, 30, 23, 30, tzinfo=CHINA)

wages = st.builds(
    Wage,
    st.integers(0, 30 * 24 - 1).map(lambda hours: midnight(date(2026, 11, 1)) + timedelta(hours=hours)),
    st.sampled_from(AssignmentStatus),
    st.none() | st.integers(0, 50_000),
    st.none() | st.integers(0, 50_000),
)


def test_a_night_shift_counts_on_the_evening_it_began_by_the_citys_clock() -> None:
    found = earnings([Wage(NIGHT, SETTLED, 18_000, 20_000), Wage(NIGHT, SETTLED, 5_000, 5_000)])
    assert found.days == (DayEarned(date(2026, 11, 30), 25_000, 2),)


def test_what_is_recorded_or_due_is_waiting_and_what_nobody_worked_is_nothing() -> None:
    found = earnings(
        [
            Wage(NIGHT, COMPLETED, 18_000, None),
            Wage(NIGHT, AssignmentStatus.DISPUTED, 18_000, 9_000),
            Wage(NIGHT, COMPLETED, None, None),
            Wage(NIGHT, AssignmentStatus.NO_SHOW, 18_000, None),
            Wage(NIGHT, AssignmentStatus.CONFIRMED, 18_000, None),
        ]
    )
    assert (found.days, found.fen, found.waiting_fen) == ((), 0, 27_000)


@given(st.lists(wages))
def test_days_are_in_order_and_add_up(given_wages: list[Wage]) -> None:
    found = earnings(given_wages)
    settled = [wage for wage in given_wages if wage.status is SETTLED]
    assert [day.day for day in found.days] == sorted({day.day for day in found.days})
    assert found.fen == sum(day.fen for day in found.days) == sum(wage.paid_fen or 0 for wage in settled)
    assert found.gigs == len(settled)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_months_follow_each_other_without_a_gap(day: date) -> None:
    begins, ends = month_of(day)
    assert begins.astimezone(CHINA).date() <= day < ends.astimezone(CHINA).date()
    assert month_of(ends.astimezone(CHINA).date())[0] == ends
    assert timedelta(days=28) <= ends - begins <= timedelta(days=31)
