"""A lease: one holder at a time, for as long as it keeps renewing."""

from typing import Any

from gigmarket.live import scripts
from gigmarket.live.connection import Client, guard

DISPATCHER = "dispatcher"
"""The name of the lease that a city's one dispatcher holds."""


@guard()
async def holder_of(redis: Client, key: str) -> str | None:
    """Who holds a lease now, if anybody. Raises LiveDown."""
    holder: Any = await redis.get(key)
    return None if holder is None else holder.decode()


class Lease:
    """Who may run what a city has one of. `key` is `keys.lease(name)`, `holder` names this process alone.

    The lease keeps others from trying; it cannot stop a process that slept through the end of its own.
    That is what the fencing number in SQL is for. All methods raise LiveDown while the store is away.
    """

    def __init__(self, redis: Client, key: str, holder: str, ttl_s: float) -> None:
        self._redis = redis
        self._key = key
        self._holder = holder
        self._ttl_ms = round(ttl_s * 1000)

    @guard()
    async def acquire(self) -> bool:
        """Take the lease for `ttl_s` seconds if it is free or already ours, so trying again is harmless."""
        acquire = scripts.load("lease_acquire")
        return bool(await acquire(self._redis, (self._key,), (self._holder, self._ttl_ms)))

    @guard()
    async def renew(self) -> bool:
        """Hold it for another `ttl_s` seconds from now. False when it is no longer ours: stop working."""
        renew = scripts.load("lease_renew")
        return bool(await renew(self._redis, (self._key,), (self._holder, self._ttl_ms)))

    @guard()
    async def release(self) -> bool:
        """Give it up so that another may take it at once. False, and no change, when it is not ours."""
        return bool(await scripts.load("lease_release")(self._redis, (self._key,), (self._holder,)))
