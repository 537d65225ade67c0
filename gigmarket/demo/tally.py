"""What the demo's people count while they live: for the live table and the summary."""

import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gigmarket.wire.values import masked

SOON_S = 1.0
"""A first offer later than this, for a gig that had no free worker in reach when it was posted, waited for
supply; with a free worker in reach it was the server that was slow, and that stays in the percentiles."""
LATELY_S = 10.0
KEPT = 5_000
RECENT = 10


@dataclass(slots=True)
class Tally:
    """Counters of one run, times in seconds of this process's monotonic clock."""

    counts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    recent: deque[tuple[str, str, str]] = field(default_factory=lambda: deque(maxlen=RECENT))
    seats: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    _offered_at: dict[str, float] = field(default_factory=dict)
    _posted_at: dict[str, tuple[float, bool]] = field(default_factory=dict)
    _lately: deque[float] = field(default_factory=deque)
    _delays_ms: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    _all_ms: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    def happened(self, name: str, what: str, subject: str = "") -> None:
        """Note something for the table; the name is masked here, so that no full name is ever shown."""
        self.recent.append(
            (datetime.now().astimezone().strftime("%H:%M:%S"), masked(name), f"{what} {subject}")
        )

    def posted(self, gig: str, headcount: int, before: float, supplied: bool) -> None:
        """A gig was posted: `before` is the moment just before its POST, `supplied` whether a free worker was
        well within reach then.
        """
        self.counts["gigs"] += 1
        self.seats[gig] = headcount
        self._posted_at[gig] = (before, supplied)
        self._join(gig)

    def offered(self, gig: str, now: float) -> None:
        """An offer frame of this gig arrived; the first one counts, and may come before the POST's answer."""
        self.counts["offers"] += 1
        self._lately.append(now)
        if gig not in self._offered_at:
            self._offered_at[gig] = now
            self._join(gig)

    def _join(self, gig: str) -> None:
        if gig not in self._posted_at or gig not in self._offered_at:
            return
        before, supplied = self._posted_at[gig]
        delay_s = self._offered_at[gig] - before
        self._all_ms.append(delay_s * 1000)
        if delay_s > SOON_S and not supplied:
            self.counts["waited_for_supply"] += 1
        else:
            self._delays_ms.append(delay_s * 1000)

    def offers_per_s(self, now: float) -> float:
        """Offers per second over the last ten seconds."""
        while self._lately and self._lately[0] < now - LATELY_S:
            self._lately.popleft()
        return len(self._lately) / min(LATELY_S, max(now - self.started, 1.0))

    def post_to_offer_ms(self) -> dict[str, float | int | None]:
        """Percentiles from just before POST /gigs to the first offer frame on a worker's socket.

        Without the gigs counted as `waited_for_supply`; `p50_all` and `p99_all` are over every gig that got an
        offer.
        """
        return {
            "p50": percentile(self._delays_ms, 0.50),
            "p99": percentile(self._delays_ms, 0.99),
            "n": len(self._delays_ms),
            "p50_all": percentile(self._all_ms, 0.50),
            "p99_all": percentile(self._all_ms, 0.99),
        }

    def summary(self) -> dict[str, Any]:
        """The run so far, as it stands in the demo's last line."""
        seats = sum(self.seats.values())
        # A gig of an earlier run on the same data folder has no seats here.
        filled = sum(self.filled.get(gig, 0) for gig in self.seats)
        counts = self.counts
        return {
            "seconds": round(time.monotonic() - self.started, 1),
            "gigs": counts["gigs"],
            "seats": seats,
            "offers": counts["offers"],
            "accepts": counts["accepts"],
            "declines": counts["declines"],
            "expired": counts["expired"],
            "withdrawn": counts["withdrawn"],
            "check_ins": counts["check_ins"],
            "settled": counts["settled"],
            "cancelled": counts["cancelled"],
            "filled_seats": filled,
            "fill_rate": round(filled / seats, 4) if seats else 0.0,
            "post_to_offer_ms": self.post_to_offer_ms(),
            "waited_for_supply": counts["waited_for_supply"],
            "drops": counts["drops"],
            "resumes": counts["resumes"],
            "errors": dict(self.errors),
        }


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that this share of the values does not exceed, rounded to 0.1; None of none."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
