"""The live store killed, stopped, erased, emptied or set back mid-rush, and nothing lost."""

import asyncio
import os
import random
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gigmarket.live.connection import connect
from tests.faults.market import Market, Rush, market
from tests.serving import KEYS
from tests.talking import eventually, post_gig

pytestmark = [pytest.mark.faults, pytest.mark.system]

RESUMES_S = 30.0
"""Dispatch goes on within this time after the store is back."""


async def killed(running: Market) -> None:
    running.live.kill()
    await asyncio.sleep(running.rng.uniform(0.5, 1.5))
    running.live.start()


async def erased(running: Market) -> None:
    await running.live.flush()


async def emptied(running: Market) -> None:
    running.live.empty()


async def set_back(running: Market) -> None:
    """What happened since is not in the file that it starts from."""
    running.live.older()


async def rewound(running: Market) -> None:
    """As when a replica that was behind takes over: the same epoch, an older index, no connection lost."""
    await running.live.rewind(running.kept)


async def stopped(running: Market) -> None:
    pid = running.live.pid
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(running.rng.uniform(3, 4))
    os.kill(pid, signal.SIGCONT)


async def test_the_live_store_fails_in_a_rush(tmp_path: Path, rng: random.Random) -> None:
    """Postings and answers need SQL alone: none is refused, whatever becomes of the store."""
    faults = [killed, erased, emptied, set_back, rewound, stopped]
    rng.shuffle(faults)
    with market(tmp_path, rng) as running:
        async with Rush(running).going() as rush:
            await rush.assigned(3)
            running.live.keep()
            running.kept = await running.live.dump()
            await rush.assigned(2)
            for fault in faults:
                await fault(running)
                await rush.assigned(2, RESUMES_S)
        assert running.refused() == []
        running.judge()


async def test_an_index_that_was_set_back_in_place_is_noticed(tmp_path: Path, rng: random.Random) -> None:
    """As when a replica that was behind takes over: the same epoch, no connection lost, yet a worker who left
    and a gig that was called off are back.
    """
    async with AsyncExitStack() as opened:
        running = opened.enter_context(market(tmp_path, rng))
        worker, employer = await running.worker(), running.phone("employer")
        # Of another trade, so that nobody is asked and the gig stays in the index.
        gig = await post_gig(running.served, employer.person, running.where, trade="guard")
        redis: Any = await opened.enter_async_context(connect(running.live.url))

        async def known() -> tuple[bool, bool]:
            return (
                await redis.zscore(KEYS.positions, worker.person.id) is not None,
                await redis.zscore(KEYS.gigs, gig["id"]) is not None,
            )

        async def both() -> bool:
            return await known() == (True, True)

        async def neither() -> bool:
            return await known() == (False, False)

        await eventually(both, "both are in the index")
        kept = await running.live.dump()
        assert (await worker.act("presence.set", {"status": "offline"})).ok
        assert (await employer.act("gig.cancel", {"gig_id": gig["id"]})).ok
        await eventually(neither, "neither is in the index")
        await running.live.rewind(kept)
        assert await both()
        await eventually(neither, "the index is SQL's again", RESUMES_S)
        running.judge()
