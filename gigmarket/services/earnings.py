"""What a worker earned in a month."""

from datetime import date

from gigmarket.domain.calendar import day_of
from gigmarket.domain.earnings import earnings, month_of
from gigmarket.domain.errors import Invalid
from gigmarket.domain.ids import WorkerId
from gigmarket.store.transaction import Transaction
from gigmarket.wire.earnings import EarningsView


def of_month(tx: Transaction, worker: WorkerId, month: str | None) -> EarningsView:
    """The month `YYYY-MM` of the city's calendar, the present one without. Raises Invalid."""
    try:
        day = date.fromisoformat(f"{month}-01") if month else day_of(tx.now()).replace(day=1)
        begins, ends = month_of(day)
    except (ValueError, OverflowError):
        raise Invalid.field("month", "must be a month such as 2026-11") from None
    return EarningsView.of(f"{day:%Y-%m}", earnings(tx.assignments.wages_of(worker, begins, ends)))
