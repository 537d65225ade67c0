"""Many at once: a crowd that loses its network comes back whole, and readers that stall cost others nothing."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from loadtests.phones import KEY, text
from tests.faults.market import PATIENT, Market, market
from tests.faults.phone import Phone
from tests.serving import PLAIN, Person, Serving
from tests.talking import eventually, ok, post_gig, posting

pytestmark = [pytest.mark.faults, pytest.mark.system]

TOGETHER = 64
SMALL_SEGMENT = 536
"""Octets (RFC 879): by the loopback's own 64 KiB the kernel would keep megabytes for a reader who stalls."""
PER_ACCOUNT = 8


async def metric(served: Serving, name: str) -> float:
    """One number of /metrics."""
    async with httpx2.AsyncClient(base_url=served.url, verify=PLAIN) as http:
        lines = (await http.get("/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@asynccontextmanager
async def streaming(phones: list[Phone]) -> AsyncIterator[None]:
    """Everybody's stream, opened some at a time."""
    running: list[asyncio.Task[None]] = []
    over = asyncio.Event()

    async def stay(phone: Phone, here: asyncio.Semaphore) -> None:
        await here.acquire()
        async with phone.streaming():
            here.release()
            await over.wait()

    few = asyncio.Semaphore(TOGETHER)
    try:
        running += [asyncio.create_task(stay(phone, few)) for phone in phones]
        yield
    finally:
        over.set()
        await asyncio.gather(*running)


@pytest.mark.parametrize("count", [300, pytest.param(2000, marks=pytest.mark.long)])
async def test_a_crowd_loses_its_network_and_comes_back(tmp_path: Path, rng: random.Random, count: int) -> None:
    """Beyond what is served in a moment they are turned away, and lose nothing but a little time."""
    with market(tmp_path, rng, PATIENT) as running:
        phones = [running.phone("worker", patience_s=30.0) for _ in range(count)]
        async with streaming(phones):
            await running.settled(*phones, seconds=120)
            before = await metric(running.served, "gigmarket_sql_reads_total")
            running.clients.reset()
            await eventually(lambda: back(phones), "everybody is back", 120)
            reads = await metric(running.served, "gigmarket_sql_reads_total") - before
            await running.settled(*phones, seconds=120)
        assert [(phone.sockets, phone.resumed) for phone in phones] == [(2, 1)] * count
        assert reads < count
        running.judge()


async def back(phones: list[Phone]) -> bool:
    """Whether each of them went on where it was."""
    return all(phone.connected and phone.resumed for phone in phones)


class Stalled:
    """A screen that says hello, hears the beginning of its stream, and then reads no more."""

    def __init__(self, served: Serving) -> None:
        where = urlsplit(served.url)
        assert where.hostname is not None
        assert where.port is not None
        self.address = (where.hostname, where.port)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SMALL_SEGMENT)

    def say_hello(self, ticket: str) -> None:
        """Upgrade, hello, and the first bytes of the answer."""
        self.socket.settimeout(30)
        self.socket.connect(self.address)
        host = "{}:{}".format(*self.address)
        self.socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY.decode()}\r\n\r\n".encode()
        )
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += self.socket.recv(100)
        assert b" 101 " in heard[:16]
        self.socket.sendall(text(json.dumps({"t": "hello", "ticket": ticket}).encode()))
        while b'"welcome"' not in heard:
            heard += self.socket.recv(100)

    def close(self) -> None:
        """Gone."""
        self.socket.close()


@asynccontextmanager
async def stalled(running: Market, people: list[Person]) -> AsyncIterator[list[Stalled]]:
    """As many stalled screens of each of these people as an account may have."""
    screens: list[Stalled] = []
    try:
        for person in people:
            async with running.served.http(person) as http:
                for _ in range(PER_ACCOUNT):
                    ticket = (await ok(http.post("/api/v1/ws-tickets"), 201))["ticket"]
                    screens.append(Stalled(running.served))
                    await asyncio.to_thread(screens[-1].say_hello, ticket)
        yield screens
    finally:
        for screen in screens:
            screen.close()


async def post_much(running: Market, person: Person, gigs: int) -> None:
    """So many postings with as long a note as there may be."""
    async with running.served.http(person) as http:
        for _ in range(gigs):
            body = posting(running.where, trade="guard", note="药" * 500)
            await ok(http.post("/api/v1/gigs", json=body), 201)


@pytest.mark.parametrize("people", [2, pytest.param(13, marks=pytest.mark.long)])
async def test_readers_that_stall_are_let_go_of_within_bounds(
    tmp_path: Path, rng: random.Random, people: int
) -> None:
    """Screens that take nothing while their employers post on: memory stays bounded, others hear everything."""
    with market(tmp_path, rng, PATIENT) as running:
        worker, employer = await running.worker(), running.phone("employer")
        slow = [running.served.person("employer") for _ in range(people)]
        (server,) = running.pids("server")
        async with running.online(worker, employer), stalled(running, slow):
            sockets = 2 + people * PER_ACCOUNT
            assert await metric(running.served, "gigmarket_sockets") == sockets
            before = psutil.Process(server).memory_info().rss
            await asyncio.gather(*(post_much(running, person, 120) for person in slow))
            gig = await post_gig(running.served, employer.person, running.where)
            await worker.until(lambda: worker.events)
            assert worker.events[0]["data"]["offer"]["gig"]["id"] == gig["id"]
            grown = psutil.Process(server).memory_info().rss - before

            async def only_readers() -> bool:
                return await metric(running.served, "gigmarket_sockets") == 2

            await eventually(only_readers, "who reads nothing is let go of", 60)
        assert grown < (sockets * 512 + 32 * 1024) * 1024
        assert (worker.sockets, employer.sockets) == (1, 1)
        running.judge()
