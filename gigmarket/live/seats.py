"""How many sockets an account has, over every server process of the city."""

from collections.abc import Sequence
from typing import Any

from gigmarket.live import scripts
from gigmarket.live.connection import Client, guard
from gigmarket.live.keys import Keys

PATIENCE_S = 10.0
"""A process that was silent for so long holds no sockets."""
KEPT_S = 86_400.0


class Seats:
    """A socket is named `process:number`. All methods raise LiveDown. Times are the live store's own."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    @guard()
    async def beat(self, process: str) -> None:
        """The process lives; the long dead are forgotten."""
        await scripts.load("seat_beat")(self._redis, (self._keys.processes,), (process, round(KEPT_S * 1000)))

    @guard()
    async def take(self, coming: Sequence[tuple[str, str]], most: int) -> list[str]:
        """Give these (account, name) their seats, in order; the names of the accounts' oldest sockets beyond
        `most`, which lose theirs.
        """
        limits = (most, round(PATIENCE_S * 1000), round(KEPT_S * 1000))
        calls = [
            ((self._keys.seats(account), self._keys.processes), (name, *limits)) for account, name in coming
        ]
        replies: list[Any] = await scripts.load("seat_take").pipelined(self._redis, calls)
        return [each.decode() for lost in replies for each in lost]

    @guard()
    async def leave(self, gone: Sequence[tuple[str, str]]) -> None:
        """These (account, name) are closed."""
        pipe = self._redis.pipeline(transaction=False)
        for account, name in gone:
            pipe.zrem(self._keys.seats(account), name)
        await pipe.execute()
