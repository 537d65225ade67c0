"""When a session is to be renewed, by the server's clock."""

from datetime import datetime

SHARE = 0.8
LAST_DAYS_S = 6 * 86_400.0
"""A session with less than this left is renewed soon after the start: a client that runs for minutes a day
would never see 80% of it pass."""
AGAIN_S = 60.0
SOON_S = 5.0


class Lifetime:
    """The end of the session that a connection belongs to; `now` is monotonic seconds."""

    def __init__(self) -> None:
        self._ends: float = 0.0
        self._skew_s = 0.0

    def begin(self, expires_at: datetime, server_now: datetime, now: float) -> float:
        """A connection under this session begins; when to renew it."""
        self._skew_s = server_now.timestamp() - now
        self._ends = expires_at.timestamp() - self._skew_s
        return now + SOON_S if self._ends - now < LAST_DAYS_S else self.again(now)

    def extend(self, expires_at: datetime, now: float) -> float:
        """The connection belongs to a session that ends then; when to renew that."""
        self._ends = expires_at.timestamp() - self._skew_s
        return self.again(now)

    def again(self, now: float) -> float:
        """When to renew (again): when 80% of what is left are over."""
        return now + max(AGAIN_S, SHARE * (self._ends - now))
