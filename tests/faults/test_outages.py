"""The database locked, killed, stopped or out of reach mid-rush: a bounded wait, a 503, then all is well."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gigmarket.store.database import PATIENCE_S
from tests.faults.history import read
from tests.faults.market import QUICK, Market, Rush, market
from tests.faults.postgres import postgres
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.faults, pytest.mark.system]

SLOW_S = PATIENCE_S + 4
"""An answer comes within this time, on a machine that is busy with this test."""


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Somebody holds SQLite's write lock."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def answered_in_time(running: Market) -> None:
    """Every attempt was answered, by a 503 where there was no other way; the network was never at fault."""
    tries = [record for record in read(running.history.path) if record["what"] == "try"]
    assert max(record["took_s"] for record in tries) < SLOW_S
    assert {record["status"] for record in tries} <= {200, 201, 409, 503}
    assert 503 in running.refused()


async def test_sqlite_is_locked_for_ten_seconds(tmp_path: Path, rng: random.Random) -> None:
    with market(tmp_path, rng, QUICK) as running:
        async with Rush(running, patience_s=2 * SLOW_S).going() as rush:
            await rush.assigned(2)
            with locked(running.database):
                await asyncio.sleep(10)
            await rush.assigned(3, 30)
        answered_in_time(running)
        running.judge()


@pytest.mark.long
@pytest.mark.parametrize("fault", ["killed", "stopped", "cut", "frozen"])
async def test_postgresql_goes_away_and_comes_back(tmp_path: Path, rng: random.Random, fault: str) -> None:
    """By SIGKILL, by SIGSTOP, or by the network between."""
    with postgres() as database, Proxy(database.address) as net:
        there = {"GIGMARKET_DATABASE_URL": database.behind(net.port)}
        with market(tmp_path, rng, QUICK, **there) as running:
            running.database = database.url
            async with Rush(running, patience_s=2 * SLOW_S).going() as rush:
                await rush.assigned(2)
                break_, mend = {
                    "killed": (database.kill, database.start),
                    "stopped": (database.pause, database.wake),
                    "cut": (net.cut, net.heal),
                    "frozen": (net.freeze, net.heal),
                }[fault]
                for _ in range(2):
                    await asyncio.to_thread(break_)
                    await asyncio.sleep(PATIENCE_S + 1)
                    await asyncio.to_thread(mend)
                    await rush.assigned(3, 30)
            answered_in_time(running)
            running.judge()
