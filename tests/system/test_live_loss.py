"""The live store erased while serving: noticed within 5 s, rebuilt from SQL and heartbeats, nothing lost."""

import asyncio
import os
import signal

import pytest

from gigmarket.live.connection import connect
from tests.serving import KEYS, Serving, beside, place, wait_until
from tests.talking import assigned, eventually, go_available, ok, post_gig, stream_of

pytestmark = pytest.mark.system

NOTICED_S = 5.0


async def test_flushall_is_noticed_and_rebuilt(breakable: Serving) -> None:
    where, elsewhere = place(), place()
    hired, employer, assignment = await assigned(breakable, where)
    waiting = breakable.person("worker")
    await go_available(breakable, waiting, elsewhere)
    async with stream_of(breakable, waiting) as mine:
        redis = connect(breakable.live_url)
        try:
            erased = await redis.get(KEYS.epoch)
            assert erased is not None
            await redis.flushall()

            async def rebuilt() -> bool:
                mark = await redis.get(KEYS.epoch)
                known = await redis.zscore(KEYS.positions, waiting.id)
                return mark not in (None, erased) and known is not None

            # Poll fast, allow what the issue allows.
            async with asyncio.timeout(NOTICED_S):
                await eventually(rebuilt, "the index is rebuilt")
        finally:
            await redis.aclose()

        gig = await post_gig(breakable, employer, elsewhere)
        event = await mine.event("offer.created")
        assert event["data"]["offer"]["gig"]["id"] == gig["id"]
        assert (await mine.command("offer.accept", {"offer_id": event["data"]["offer"]["id"]}))["ok"]

    async with breakable.http(hired) as http:
        (still,) = (await ok(http.get("/api/v1/workers/me/assignments")))["items"]
        assert (still["id"], still["status"]) == (assignment["id"], "confirmed")

        async def whole() -> bool:
            ready = await ok(http.get("/readyz"))
            return (ready["status"], ready["live"], ready["dispatcher"]) == ("ok", "ok", "ok")

        # The lease was erased, too, and is taken anew.
        await eventually(whole, "all is well")


async def test_a_killed_store_is_started_again_and_streams_go_on(breakable: Serving) -> None:
    where = place()
    worker, employer = breakable.person("worker"), breakable.person("employer")
    await go_available(breakable, worker, where)
    async with stream_of(breakable, worker) as mine:
        before = breakable.children()["valkey"]
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: breakable.children().get("valkey") not in (None, before), "a new store")
        gig = await post_gig(breakable, employer, beside(where, 50))
        event = await mine.event("offer.created")  # on the same socket as before
        assert event["data"]["offer"]["gig"]["id"] == gig["id"]
