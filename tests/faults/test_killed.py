"""SIGKILL around an accept, before and after its commit, before and after it is told; and to all in a rush."""

import asyncio
import os
import random
import signal
import threading
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.faults.market import PATIENT, Market, Rush, market
from tests.faults.phone import Phone
from tests.talking import post_gig

pytestmark = [pytest.mark.faults, pytest.mark.system]

MOMENTS = ("sent", "committed", "told")


@pytest.mark.parametrize("times", [1, pytest.param(4, marks=pytest.mark.long)])
async def test_the_server_is_killed_around_an_accept(
    tmp_path: Path, rng: random.Random, database: dict[str, str], times: int
) -> None:
    """The phone repeats what was lost under the same key. Its employer's phone may hang on another server and
    hears of it once, from the relay if need be.
    """
    moments = [*MOMENTS] * times
    with market(tmp_path, rng, PATIENT, GIGMARKET_SERVERS="3", **database) as running:
        direct = partial(lambda: running.served.url)
        employer = running.phone("employer")
        workers = [await running.worker() for _ in moments]
        for phone in (employer, *workers):
            # A connection that falls to the killed server waits until it is started again; ask another.
            phone.urls, phone.patience_s = direct, 2.0
        await post_gig(running.served, employer.person, running.where, headcount=len(workers))
        async with running.online(employer, *workers):
            await asyncio.gather(*(worker.until(partial(offer_of, worker)) for worker in workers))
            for moment, worker in zip(moments, workers, strict=True):
                await running.settled(worker)
                await killed_at(running, moment, worker)
        running.judge()
        assert len(running.sql("SELECT * FROM assignment")) == len(workers)


async def killed_at(running: Market, moment: str, worker: Phone) -> None:
    """Accept over the socket, and kill the process that holds it at this moment."""
    offer, after_s = offer_of(worker), running.rng.uniform(0, 0.004)
    assert offer is not None
    pid = holder(running, worker)
    sent = threading.Event()

    def kill() -> None:
        sent.wait()
        if moment != "sent":
            while running.sql(f"SELECT status FROM offer WHERE id = '{offer}'") == [("pending",)]:
                pass
        if moment != "committed":
            time.sleep(after_s)
        os.kill(pid, signal.SIGKILL)

    killing = asyncio.create_task(asyncio.to_thread(kill))
    accepting = asyncio.create_task(worker.act("offer.accept", {"offer_id": offer}, over="socket"))
    await asyncio.sleep(0)
    sent.set()
    await killing
    answer = await accepting
    assert answer.ok, answer
    again = await worker.act("offer.accept", {"offer_id": offer})
    assert (again.status, again.body) == (answer.status, answer.body)


def offer_of(worker: Phone) -> str | None:
    """The offer this worker was made, from the snapshot or an event."""
    offers = [event["data"]["offer"] for event in worker.events if event["kind"] == "offer.created"]
    return next((str(offer["id"]) for offer in [*worker.state["offers"], *offers]), None)


def holder(running: Market, phone: Phone) -> int:
    """The server process at the other end of this phone's socket."""
    assert phone.local_port is not None
    for pid in running.pids("server"):
        for connection in psutil.Process(pid).net_connections("tcp"):
            if connection.raddr and connection.raddr.port == phone.local_port:
                return pid
    raise AssertionError("nobody holds the phone's socket")


async def test_anybody_is_killed_in_a_rush(
    tmp_path: Path, rng: random.Random, database: dict[str, str]
) -> None:
    """Server, dispatcher, relay, expirer, janitor, one after the other at any moment; phones go on by what is
    left, and the market works again after each.
    """
    with market(tmp_path, rng, GIGMARKET_SERVERS="2", **database) as running:
        async with Rush(running).going() as rush:
            await rush.assigned(3)
            victims = ["server", "dispatcher", "relay", "expirer", "janitor", "server"]
            rng.shuffle(victims)
            for name in victims:
                await asyncio.sleep(rng.uniform(0, 0.5))
                os.kill(rng.choice(running.pids(name)), signal.SIGKILL)
                await rush.assigned(2)
        running.judge()
