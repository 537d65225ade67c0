"""The network between phones, server and live store fails: streams go on where they were."""

import asyncio
import os
import random
import signal
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from gigmarket.wire.bus import unpack_names
from tests.faults.market import PATIENT, QUICK, Market, Rush, market
from tests.faults.resp import BusFilter
from tests.serving import KEYS
from tests.talking import eventually, post_gig

pytestmark = [pytest.mark.faults, pytest.mark.system]

FREED_S = 35.0
CORRECTED_S = 30.0


async def test_connections_are_cut_and_reset_within_frames(tmp_path: Path, rng: random.Random) -> None:
    with market(tmp_path, rng, QUICK) as running:
        net = running.clients

        async def cut() -> None:
            net.cut()
            await asyncio.sleep(rng.uniform(0, 1))
            net.heal()

        async def reset() -> None:
            net.reset()

        async def within() -> None:
            """Wherever in a frame, or in the answer to a request, that is."""
            net.reset_within(rng.randint(1, 400))
            await asyncio.sleep(rng.uniform(0.2, 0.6))
            net.heal()

        async def slow() -> None:
            net.delay(0.3)
            await asyncio.sleep(1)
            net.heal()

        async with Rush(running).going() as rush:
            await rush.assigned(2)
            for fault in rng.sample([cut, reset, within, slow] * 2, 8):
                await fault()
                await rush.assigned(1)
        assert all(phone.resumed for phone in rush.phones)
        running.judge()


class Loss:
    """Which workers' new offers are lost on the bus: the first copy on every listener's connection."""

    def __init__(self) -> None:
        self.workers: set[str] = set()
        self.filters: list[BusFilter] = []

    def __call__(self) -> BusFilter:
        """The filter of a new connection."""
        seen: set[tuple[str, int]] = set()

        def first(channel: bytes, payload: bytes) -> bool:
            if channel != KEYS.bus.encode() or b"offer.created" not in payload:
                return False
            theirs = {(principal, seq) for principal, seq in unpack_names(payload) if principal in self.workers}
            new = theirs - seen
            seen.update(theirs)
            return bool(new)

        self.filters.append(BusFilter(first))
        return self.filters[-1]

    @property
    def lost(self) -> int:
        """Messages lost so far."""
        return sum(one.lost for one in self.filters)


async def test_a_message_that_is_lost_on_the_bus_is_made_up_for(tmp_path: Path, rng: random.Random) -> None:
    """By the relay, if it did not hear it either; else by the next event, which shows the gap."""
    loss = Loss()
    with market(tmp_path, rng, PATIENT, loss) as running:
        worker, employer = await running.worker(), running.phone("employer")
        loss.workers.add(worker.person.principal)
        async with running.online(worker, employer):
            await post_gig(running.served, employer.person, running.where)
            await worker.until(lambda: worker.events)
            assert loss.lost == 2, "the server's and the relay's"
            offer = worker.events[0]["data"]["offer"]["id"]
            assert (await worker.act("offer.accept", {"offer_id": offer})).ok
            await worker.until(lambda: len(worker.events) == 2)

            (relay,) = running.pids("relay")
            os.kill(relay, signal.SIGSTOP)
            await post_gig(running.served, employer.person, running.where, **hours(12))

            async def offered() -> bool:
                return bool(running.sql("SELECT id FROM offer WHERE status = 'pending'"))

            await eventually(offered, "the second gig is offered")
            running.run_out()
            await worker.until(lambda: len(worker.events) == 4)
            kinds = [event["kind"] for event in worker.events]
            assert kinds[2:] == ["offer.created", "offer.closed"]
            assert loss.lost > 2
            assert (worker.sockets, worker.resumed) == (1, 0)
            os.kill(relay, signal.SIGCONT)
        running.judge()


@pytest.mark.long
async def test_the_last_message_is_made_up_for_by_a_ping(tmp_path: Path, rng: random.Random) -> None:
    """The relay heard it, the server did not, and nothing follows."""
    loss = Loss()
    with market(tmp_path, rng, PATIENT, loss) as running:
        worker, employer = await running.worker(), running.phone("employer")
        loss.workers.add(worker.person.principal)
        async with running.online(worker, employer):
            (relay,) = running.pids("relay")
            os.kill(relay, signal.SIGSTOP)
            await post_gig(running.served, employer.person, running.where)
            await worker.until(lambda: worker.events, CORRECTED_S)
            assert loss.lost > 0
            os.kill(relay, signal.SIGCONT)
        running.judge()


@pytest.mark.long
@pytest.mark.parametrize("fault", ["frozen", "trickling"])
async def test_a_phone_that_cannot_be_reached_is_let_go_of(
    tmp_path: Path, rng: random.Random, fault: str
) -> None:
    """Half open, or a byte a second: the socket is free within 35 s, and the phone goes on where it was."""
    with market(tmp_path, rng, PATIENT) as running:
        worker, employer = await running.worker(), running.phone("employer")
        async with running.online(worker):
            await eventually(partial(sockets_are, running, 1), "the phone's socket")
            phones = held_by(running)
            if fault == "frozen":
                running.clients.freeze()
            else:
                running.clients.trickle(1)
            gig = await post_gig(running.served, employer.person, running.where)
            await eventually(partial(sockets_are, running, 0, phones), "the socket is free", FREED_S)
            assert worker.events == []
            running.clients.heal()
            await worker.until(lambda: worker.events)
            assert worker.events[0]["data"]["offer"]["gig"]["id"] == gig["id"]
            assert worker.resumed > 0
        running.judge()


def held_by(running: Market) -> set[int]:
    """The far ports of the connections that the servers hold on the market's own port."""
    port = urlsplit(running.served.url).port
    return {
        connection.raddr.port
        for pid in running.pids("server")
        for connection in psutil.Process(pid).net_connections("tcp")
        if connection.laddr.port == port and connection.raddr
    }


async def sockets_are(running: Market, count: int, among: set[int] | None = None) -> bool:
    """Whether the server says so, and holds so many connections of these."""
    async with httpx2.AsyncClient(base_url=running.served.url) as http:
        told = (await http.get("/metrics")).text
    held = held_by(running) if among is None else held_by(running) & among
    return (
        len(held) >= count and (among is None or len(held) == count) and f"gigmarket_sockets {count}.0" in told
    )


def hours(later: int) -> dict[str, str]:
    """A gig's hours, so many hours from now."""
    begins = datetime.now(UTC) + timedelta(hours=later)
    return {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=1)).isoformat()}
