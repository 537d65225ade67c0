"""Clients for Redis ≥ 7.0 or Valkey, single or cluster, and the one error their absence raises."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.driver_info import DriverInfo
from redis.maint_notifications import MaintNotificationsConfig

from gigmarket.outage import Outage

log = logging.getLogger("gigmarket.live")

Client = Redis | RedisCluster
"""Either kind of client; the modules of this layer use only what both have."""

CONNECT_TIMEOUT_S = 2.0
"""The wait counts what this process itself is late by: in a crowd that is more than the store's part."""
REPLY_TIMEOUT_S = 2.0
CONNECTIONS = 100
"""Per client. One more command waits for its turn, where the usual pool would refuse it."""

_DRIVER = DriverInfo()
"""Made once: each connection by itself would read it from the package's files, and a hundred at once took 135
to 160 ms, in which nothing else was served; now 65 to 77.
"""
_DOWN = (
    exceptions.ConnectionError,  # BusyLoadingError and failed log-ins are among these
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.ClusterDownError,
    exceptions.TryAgainError,
    exceptions.RedisClusterException,
    OSError,
)
_FULL = ("MISCONF ", "NOREPLICAS ")
"""Refusals of every write for which the client has no class: the disk did not take the last, no replicas."""

_away = Outage(log, "the live store serves again")
"""A process has one live store, however many clients."""


class LiveDown(Exception):
    """The live store did not answer, or cannot serve at the moment. SQL is the truth: carry on from it."""


class LiveFull(LiveDown):
    """It answers, but takes nothing: its disk or its memory is full."""


@asynccontextmanager
async def guard() -> AsyncIterator[None]:
    """Turn every way in which the store can be away into LiveDown; usable as a decorator, too.

    Errors of a command (wrong type, bad argument) pass through: they are ours, not the store's. A
    cancellation in between is never lost. The log is told of an outage here, so that nobody else need.
    """
    before = _cancellations()
    try:
        yield
    except (*_DOWN, exceptions.ResponseError) as error:
        down = _told(error)
        if down is None:
            raise
        if _cancellations() > before:
            raise asyncio.CancelledError from error
        lost(down)
        raise down from error
    # The client writes under asyncio.wait_for, which on Python 3.11 may swallow a cancellation.
    if _cancellations() > before:
        raise asyncio.CancelledError
    _away.worked()


def lost(why: object) -> None:
    """Tell the log that the live store is away, if it does not know yet."""
    _away.failed(f"the live store is away: {why}")


async def prove_writable(redis: Client) -> None:
    """Raises LiveDown when the store is away, LiveFull when its last write did not reach the disk: servers of
    this family answer PING, alone of what writes nothing, as they would a write.
    """
    async with guard():
        await redis.ping()


def _told(error: Exception) -> LiveDown | None:
    """What is told of an error; None where it is the command's. A pipeline's begins with the command, which may
    name a place: that is left out.
    """
    text = str(error).rpartition("of pipeline caused error: ")[2].lstrip("('\"")
    if isinstance(error, exceptions.OutOfMemoryError) or text.startswith(_FULL):
        return LiveFull(text.partition(" script: ")[0].rstrip(",)'\""))
    return LiveDown(f"{type(error).__name__}: {text}") if isinstance(error, _DOWN) else None


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def connect(url: str, cluster: bool = False) -> Client:
    """A client with replies as bytes over RESP3; it connects on first use. Close it with `aclose()`.

    `url` is `unix:///path` or `redis[s]://[user:password@]host:port[/db]`. A reply is awaited 2 s and a
    connection 1 s, then LiveDown follows through `guard`. Nothing is retried behind the caller's back:
    a command that timed out may have been carried out, and only the caller knows if twice is harmless.
    """
    return _client(url, cluster, REPLY_TIMEOUT_S)


def blocking_client(url: str, cluster: bool = False) -> Client:
    """A client for commands that wait (`XREAD BLOCK`, pub/sub): as `connect`, but replies take their time.

    Connections of `connect` end such a command with a timeout after 2 s.
    """
    return _client(url, cluster, None)


def _client(url: str, cluster: bool, reply_timeout_s: float | None) -> Client:
    if cluster:
        return RedisCluster.from_url(
            url,
            protocol=3,
            socket_timeout=reply_timeout_s,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            # To each node. Here the pool cannot wait, it refuses: so let it be more than are ever wanted.
            max_connections=10 * CONNECTIONS,
        )
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=REPLY_TIMEOUT_S,
        protocol=3,
        socket_timeout=reply_timeout_s,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        driver_info=_DRIVER,
        # A vendor's extension; while it is on, the pool does not check that an idle connection still lives.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )
    return Redis.from_pool(pool)
