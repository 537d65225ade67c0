"""Whether this market's dispatcher leads, as /readyz says."""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from gigmarket.live.connection import connect
from gigmarket.live.lease import DISPATCHER
from tests.serving import KEYS, Serving
from tests.talking import eventually, ok

pytestmark = pytest.mark.system

LEASE = KEYS.lease(DISPATCHER)


@asynccontextmanager
async def asking(market: Serving) -> AsyncIterator[Callable[[str, str], Awaitable[None]]]:
    """Waits until both the dispatcher and the whole are said to be so."""
    async with market.http() as http:

        async def until(dispatcher: str, status: str) -> None:
            async def so() -> bool:
                ready = await ok(http.get("/readyz"))
                return (ready["dispatcher"], ready["status"]) == (dispatcher, status)

            await eventually(so, f"the dispatcher is {dispatcher}")

        yield until


async def test_a_dispatcher_that_stands_still_leads_no_more(breakable: Serving) -> None:
    dispatcher = breakable.children()["dispatcher"]
    async with asking(breakable) as until:
        await until("ok", "ok")
        os.kill(dispatcher, signal.SIGSTOP)
        try:
            await until("down", "degraded")
        finally:
            os.kill(dispatcher, signal.SIGCONT)
        await until("ok", "ok")


async def test_another_markets_dispatcher_under_the_same_name_is_seen(breakable: Serving) -> None:
    redis = connect(breakable.live_url)
    try:
        async with asking(breakable) as until:
            await until("ok", "ok")
            await redis.set(LEASE, "another:1:0000", px=60_000)
            await until("foreign", "degraded")
            await redis.delete(LEASE)
            await until("ok", "ok")
    finally:
        await redis.aclose()
