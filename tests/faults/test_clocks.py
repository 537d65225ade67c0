"""The clock of one process is five minutes fast or slow: nobody is doubled, and offers live their time."""

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from tests.faults.beside import server_beside, worker_beside
from tests.faults.market import QUICK, Market, Rush, market
from tests.faults.test_paused import leader
from tests.talking import eventually

pytestmark = [pytest.mark.faults, pytest.mark.system]

SKEWS_S = [300, pytest.param(-300, marks=pytest.mark.long)]
OVER_S = 15.0
"""An offer of five seconds, thought over for two more, is closed within this time."""


@pytest.mark.parametrize("skew_s", SKEWS_S)
async def test_the_dispatchers_clock_is_wrong(
    tmp_path: Path, rng: random.Random, database: dict[str, str], skew_s: int
) -> None:
    """It leads all the same: freshness is told by others' clocks, and what an offer's time is by SQL's."""
    with market(tmp_path, rng, QUICK, **database) as running:
        (first,) = running.pids("dispatcher")
        with worker_beside(running, "dispatcher", GIGMARKET_CLOCK_SKEW_S=str(skew_s)) as wrong:
            os.kill(first, signal.SIGSTOP)

            async def led() -> bool:
                return await leader(running) == wrong

            await eventually(led, "the dispatcher with the wrong clock leads")
            async with Rush(running).going() as rush:
                await rush.assigned(6)
            await run_out(running)
            assert await leader(running) == wrong
            os.kill(first, signal.SIGCONT)
        running.judge()


@pytest.mark.long
@pytest.mark.parametrize("skew_s", [300, -300])
async def test_a_servers_clock_is_wrong(
    tmp_path: Path, rng: random.Random, database: dict[str, str], skew_s: int
) -> None:
    """Half of the phones hang on it, and each comes back to either."""
    with (
        market(tmp_path, rng, QUICK, **database) as running,
        server_beside(running, GIGMARKET_CLOCK_SKEW_S=str(skew_s)) as wrong,
    ):
        running.others.append(wrong)
        async with Rush(running).going() as rush:
            await rush.assigned(3)
            running.clients.reset()
            await rush.assigned(3)
        await run_out(running)
        running.judge()


async def run_out(running: Market) -> None:
    """Whatever is pending now and nobody answers runs out."""
    pending = set(running.sql("SELECT id FROM offer WHERE status = 'pending'"))

    async def over() -> bool:
        found = await asyncio.to_thread(running.sql, "SELECT id FROM offer WHERE status = 'pending'")
        return not pending & set(found)

    await eventually(over, "what was pending has run out", OVER_S)
