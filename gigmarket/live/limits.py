"""Rate limits shared by every process of a city."""

from gigmarket.live import scripts
from gigmarket.live.connection import Client, LiveDown, guard
from gigmarket.live.keys import Keys, digest_of


class Limits:
    """Token buckets by name and subject; the subject (a phone, an address, an id) is kept as a digest."""

    def __init__(self, redis: Client, keys: Keys, enabled: bool = True) -> None:
        self._redis = redis
        self._keys = keys
        self._enabled = enabled

    async def take(self, name: str, subject: str, limit: int, window_s: float) -> float:
        """0.0 when this use is within `limit` per `window_s` seconds, else the seconds to wait.

        A bucket begins full and refills evenly: after a burst of `limit`, one more each window_s / limit.
        A refused use costs nothing. While the store is away all is allowed.
        Raises ValueError for a limit below 1 or a window that is not positive.
        """
        if limit < 1 or window_s <= 0:
            raise ValueError(f"a limit is at least 1 in more than 0 s, not {limit} in {window_s}")
        if not self._enabled:
            return 0.0
        key = self._keys.limit(name, digest_of(subject))
        window_us = round(window_s * 1_000_000)
        try:
            async with guard():
                wait_us = await scripts.load("take")(self._redis, (key,), (limit, window_us))
        except LiveDown:
            return 0.0
        return float(wait_us) / 1_000_000
