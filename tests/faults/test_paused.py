"""SIGSTOP for longer than an offer lives: whoever wakes up does nothing that is not his any more."""

import asyncio
import os
import random
import signal
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from gigmarket.live.connection import connect
from tests.faults.beside import worker_beside
from tests.faults.market import PATIENT, QUICK, Market, Rush, market
from tests.serving import KEYS
from tests.talking import eventually, post_gig

pytestmark = [pytest.mark.faults, pytest.mark.system]

OFFER_S = 2
SHORT = {**QUICK, "phone_offer_s": OFFER_S, "extend_s": 1}
LEASE_S = 5.0


async def leader(running: Market) -> int | None:
    """The process id of the dispatcher that holds the lease."""
    async with connect(running.live.url) as redis:
        held: Any = await redis.get(KEYS.lease("dispatcher"))
    return int(held.split(b":")[1]) if held else None


@asynccontextmanager
async def stopped(running: Market, pids: Sequence[int]) -> AsyncIterator[None]:
    """These processes, stopped within the block. Not in the middle of a SQLite transaction: nobody could write
    until they go on, and this is about those who can.
    """
    while True:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        if _writable(running):
            break
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(0)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _writable(running: Market) -> bool:
    if running.database.startswith("postgresql"):
        return True
    connection = sqlite3.connect(running.database, timeout=0.5, isolation_level=None)
    try:
        with suppress(sqlite3.OperationalError):
            connection.execute("BEGIN IMMEDIATE")
            return True
        return False
    finally:
        connection.close()


async def test_a_paused_dispatcher_is_replaced_and_writes_no_more(
    tmp_path: Path, rng: random.Random, database: dict[str, str]
) -> None:
    with market(tmp_path, rng, SHORT, **database) as running, worker_beside(running, "dispatcher") as second:
        async with Rush(running).going() as rush:
            await rush.assigned(2)
            first = await leader(running)
            assert first is not None
            async with stopped(running, [first]):

                async def replaced() -> bool:
                    return await leader(running) not in (None, first)

                await eventually(replaced, "the other dispatcher leads")
                assert {first, await leader(running)} == {second, *running.pids("dispatcher")}
                await rush.assigned(2)
                await asyncio.sleep(OFFER_S)
            ((chain,),) = running.sql("SELECT max(id) FROM draw_chain")
            ((seen, told),) = running.sql(
                "SELECT (SELECT count(*) FROM offer), (SELECT max(id) FROM explanation)"
            )
            await rush.assigned(4)
            assert await leader(running) not in (None, first)
        # Every round since the pause was one of the new dispatcher's draws.
        rounds = running.sql(f"SELECT round FROM explanation WHERE id > {told}")
        rounds += running.sql("SELECT round FROM offer ORDER BY created_at")[seen:]
        assert {name.split(".")[0] for (name,) in rounds} == {str(chain)}
        assert running.sql("SELECT max(id) FROM draw_chain") == [(chain,)]
        running.judge()


async def test_a_server_that_slept_through_an_offer_gives_no_seat(
    tmp_path: Path, rng: random.Random, database: dict[str, str]
) -> None:
    with market(tmp_path, rng, PATIENT, **database) as running:
        first, second, employer = await running.worker(), await running.worker(), running.phone("employer")
        async with running.online(first, second, employer):
            gig = await post_gig(running.served, employer.person, running.where)
            holder = None

            async def offered() -> bool:
                return bool(running.sql(f"SELECT id FROM offer WHERE gig_id = '{gig['id']}'"))

            await eventually(offered, "the gig is offered")
            async with stopped(running, running.pids("server")):
                ((offer, worker),) = running.sql("SELECT id, worker_id FROM offer")
                holder = first if worker == first.person.id else second
                accepting = asyncio.create_task(holder.act("offer.accept", {"offer_id": offer}, over="socket"))
                running.run_out()

                async def passed_on() -> bool:
                    return len(running.sql("SELECT id FROM offer")) > 1

                await eventually(passed_on, "the offer ran out and the other worker is asked")
            answer = await accepting
            assert (answer.status, answer.body["type"]) == (409, "/problems/offer-closed")
        assert running.sql(f"SELECT * FROM assignment WHERE worker_id = '{holder.person.id}'") == []
        running.judge()


async def test_a_live_store_that_slept_through_offers(tmp_path: Path, rng: random.Random) -> None:
    with market(tmp_path, rng, SHORT) as running:
        async with Rush(running).going() as rush:
            await rush.assigned(2)
            async with stopped(running, [running.live.pid]):
                await asyncio.sleep(LEASE_S + OFFER_S)
            await rush.assigned(4, 30)
        assert running.refused() == []
        running.judge()
