"""A worker's earnings as his own page shows them."""

from datetime import date

from gigmarket.domain.earnings import Earnings
from gigmarket.wire.values import View


class DayEarnedView(View):
    """One day of the city's calendar."""

    day: date
    fen: int
    gigs: int


class EarningsView(View):
    """A month: `fen` was paid and confirmed, `waiting_fen` is recorded or due for work that is done."""

    month: str
    fen: int
    gigs: int
    waiting_fen: int
    days: list[DayEarnedView]

    @classmethod
    def of(cls, month: str, found: Earnings) -> "EarningsView":
        """The month `YYYY-MM`."""
        days = [DayEarnedView(day=each.day, fen=each.fen, gigs=each.gigs) for each in found.days]
        return cls(month=month, fen=found.fen, gigs=found.gigs, waiting_fen=found.waiting_fen, days=days)
