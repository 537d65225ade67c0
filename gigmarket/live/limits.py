"""Rate limits shared by every process of a city."""

import sys
from collections.abc import Sequence

from gigmarket.live import scripts
from gigmarket.live.connection import Client, LiveDown, guard
from gigmarket.live.keys import Keys, digest_of
from gigmarket.together import Together

Use = tuple[tuple[str], tuple[int, int]]
"""The script's keys and arguments: the bucket; the limit, and its window in microseconds."""


class Limits:
    """Token buckets by name and subject; the subject (a phone, an address, an id) is kept as a digest."""

    def __init__(self, redis: Client, keys: Keys, enabled: bool = True) -> None:
        self._redis = redis
        self._keys = keys
        self._enabled = enabled
        # Every request is a use of something, and those of a crowd go together: all that wait, so that nobody
        # waits for more than one answer before his own while the store does not answer.
        self._uses = Together(self._take, most=sys.maxsize)

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
            wait_us = await self._uses.ask(((key,), (limit, window_us)))
        except LiveDown:
            return 0.0
        return wait_us / 1_000_000

    @guard()
    async def _take(self, uses: Sequence[Use]) -> Sequence[int]:
        return await scripts.load("take").pipelined(self._redis, uses)
