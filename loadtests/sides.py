"""One server with its phones, and what is measured on every such pair in the same way."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from loadtests.phones import Phones, until
from loadtests.report import histogram, percentiles
from loadtests.usage import usage

SETTLE_S = 1.5
ALL_HEARD_S = 30.0


@dataclass(slots=True)
class Side:
    """`hellos`: a phone's first frame each. `shout(n)` makes the server send event `n` (from 1) to all."""

    name: str
    pid: int
    phones: Phones
    hellos: Sequence[bytes]
    shout: Callable[[int], Awaitable[None]]
    heard: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.phones.heard = self.hear

    def hear(self, _number: int, _frame: bytes) -> None:
        """A frame came to a phone."""
        self.heard.append(time.perf_counter())

    def tell(self, what: str) -> None:
        """Progress, for whoever waits."""
        print(f"{self.name}: {what}", file=sys.stderr, flush=True)


async def join(side: Side, warm: int) -> dict[str, Any]:
    """Let the phones in. The first `warm` are not counted: they fill caches and warm the code."""
    side.tell(f"{len(side.hellos)} phones join")
    await side.phones.join(side.hellos[:warm])
    await asyncio.sleep(SETTLE_S)
    before, began = usage(side.pid), time.perf_counter()
    took = await side.phones.join(side.hellos[warm:], warm)
    seconds = time.perf_counter() - began
    # What a connection leaves to be done a moment later is part of its price.
    await asyncio.sleep(SETTLE_S)
    after, count = usage(side.pid), len(side.hellos) - warm
    return {
        "connect_cpu_us": round((after.cpu_s - before.cpu_s) / count * 1e6, 1),
        "connect_system_us": round((after.system_s - before.system_s) / count * 1e6, 1),
        "rss_kib_per_socket": round((after.rss_kib - before.rss_kib) / count, 2),
        "rss_mib": round(after.rss_kib / 1024, 1),
        "connects_per_s": round(count / seconds),
        "connect_ms": percentiles(took),
        "connect_histogram": histogram(took, "ms"),
    }


async def shout_to_all(side: Side, rounds: int) -> dict[str, Any]:
    """One event to every phone, several times, each when the one before has come everywhere."""
    phones = len(side.hellos)
    side.tell(f"{rounds} events to all")
    latencies: list[float] = []
    to_all: list[float] = []
    missed = 0
    before = usage(side.pid)
    for number in range(1, rounds + 1):
        side.heard.clear()
        began = time.perf_counter()
        await side.shout(number)
        await until(lambda: len(side.heard) >= phones, ALL_HEARD_S)
        missed += phones - len(side.heard)
        moments = [(at - began) * 1000 for at in side.heard]
        latencies += moments
        to_all.append(max(moments))
    after, events = usage(side.pid), rounds * phones
    return {
        "event_cpu_us": round((after.cpu_s - before.cpu_s) / events * 1e6, 2),
        "event_system_us": round((after.system_s - before.system_s) / events * 1e6, 2),
        "to_all_ms": percentiles(to_all),
        "event_ms": percentiles(latencies),
        "event_histogram": histogram(latencies, "ms"),
        "events_missed": missed,
    }
