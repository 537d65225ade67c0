"""`lean_connection`: what a WebSocket costs as a FastAPI route, as a bare ASGI application, and as our protocol
class, each a process of its own with the same dialogue (docs/decisions/0012).
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadtests import serving
from loadtests.floors.connections import SHOUT
from loadtests.phones import GIG, Phones, enough_files, on_uvloop, text, until
from loadtests.report import quiet_collector, ratio, skipped, versions
from loadtests.sides import Side, join, shout_to_all
from loadtests.usage import usage

APART = True
WAYS = ("fastapi", "asgi", "protocol")
HEARD_S = 30.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many phones, how many of them only warm up the server, and how often each says and hears a thing."""

    phones: int = 2_200
    warm: int = 200
    echoes: int = 20
    rounds: int = 20


FULL = Size()
TINY = Size(phones=30, warm=10, echoes=1, rounds=1)


def run(size: Size = FULL) -> dict[str, Any]:
    """`value` and `floor` are KiB a socket of ours and of the bare ASGI application."""
    reason = enough_files(size.phones + 1_000)
    if reason is not None:
        return skipped("lean_connection", reason)
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-load-"))
    quiet_collector()
    try:
        found = {way: on_uvloop(_measure(folder, way, size)) for way in WAYS}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    value, floor = found["protocol"]["rss_kib_per_socket"], found["asgi"]["rss_kib_per_socket"]
    return {
        "name": "lean_connection",
        "value": value,
        "floor": floor,
        "ratio": ratio(value, floor),
        "unit": "KiB",
        "detail": {
            "what": "resident memory of the server process for each socket more",
            "floor_is": "a bare ASGI application on uvicorn's own WebSocket protocol",
            "phones": size.phones - size.warm,
            **found,
            "versions": versions("fastapi", "uvicorn", "uvloop", "websockets"),
        },
    }


async def _measure(folder: Path, way: str, size: Size) -> dict[str, Any]:
    command = serving.python("-m", "loadtests.floors.connections", way)
    with serving.process(command, {}, folder / f"{way}.log") as server:
        phones = Phones(server.url, GIG)

        async def shout(_number: int) -> None:
            phones.send(0, text(SHOUT.encode()))

        side = Side(way, server.pid, phones, [text(b"hello")] * size.phones, shout)
        found = {
            **await join(side, size.warm),
            **await shout_to_all(side, size.rounds),
            "echo_cpu_us": await _echo(side, size.echoes),
        }
        await phones.leave()
        return found


async def _echo(side: Side, times: int) -> float:
    """CPU microseconds for a message of each phone and its way back."""
    side.tell(f"{times} echoes of each")
    message, numbers = text(b'{"t":"position","lat":28.06,"lng":115.53}'), range(len(side.hellos))
    before = usage(side.pid)
    for _ in range(times):
        side.heard.clear()
        for number in numbers:
            side.phones.send(number, message)
        if not await until(lambda: len(side.heard) >= len(numbers), HEARD_S):
            raise RuntimeError(f"{side.name}: only {len(side.heard)} of {len(numbers)} messages came back")
    return round((usage(side.pid).cpu_s - before.cpu_s) / (times * len(numbers)) * 1e6, 2)
