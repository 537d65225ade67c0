"""A whole server of a test's own: `gigmarket serve` as real processes on a free port and a fresh folder."""

import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from urllib.parse import quote

import httpx2
from sqlalchemy import select

from gigmarket.domain.ids import Role
from gigmarket.live.connection import connect
from gigmarket.live.keys import Keys
from gigmarket.services.accounts import authenticate
from gigmarket.services.operators import enter
from gigmarket.services.rules import Rules
from gigmarket.store.database import Store
from gigmarket.store.engine import sqlite_url
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction

WAIT_S = 60.0
"""Far beyond what anything here takes: only a failing test waits this long."""
STOP_S = 10.0
"""The contract's limit between SIGTERM and exit 0."""
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nobody here speaks TLS, and a client without this reads all of the world's certificates first (20 ms)."""
KEYS = Keys("zhangshu")

_PHONES = count(13900000000)
_PLACES = count()


@dataclass(frozen=True)
class Person:
    """An account with a running session."""

    role: str
    phone: str
    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def principal(self) -> str:
        return f"{self.role}:{self.id}"


@dataclass
class Serving:
    """A running `gigmarket serve`: its address, data folder, processes and database."""

    data: Path
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[str]"
    url: str = ""
    _stores: list[Store] = field(default_factory=list)

    @property
    def ws_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/ws"

    @property
    def store(self) -> Store:
        """The server's own database, opened by the test."""
        if not self._stores:
            url = self.environment.get("GIGMARKET_DATABASE_URL") or sqlite_url(self.data / "gigmarket.db")
            self._stores.append(Store(url))
        return self._stores[0]

    @property
    def live_url(self) -> str:
        """The embedded Valkey's unix socket: in the data folder, or in the short one noted there."""
        for note in self.data.rglob("socket.dir"):
            return f"unix://{quote(note.read_text('utf-8') + '/valkey.sock')}"
        (path,) = self.data.rglob("valkey.sock")
        return f"unix://{quote(str(path))}"

    def person(
        self, role: str, name: str = "张三", phone: str | None = None, station: str | None = None
    ) -> Person:
        """Somebody new, or the one with this phone, as `gigmarket session create` would log them in."""
        phone = phone or str(next(_PHONES))
        token = self.store.transact_now(enter, Rules(), Role(role), name, phone, station).value.token
        actor = self.store.read_now(authenticate, token, datetime.now(UTC))
        return Person(role, phone, actor.account, token)

    def http(self, person: Person | None = None, **options: object) -> httpx2.AsyncClient:
        """A client of this server, as this person."""
        headers = person.headers if person else {}
        return httpx2.AsyncClient(base_url=self.url, headers=headers, verify=PLAIN, timeout=WAIT_S, **options)  # type: ignore[arg-type]

    def children(self) -> dict[str, int]:
        """The running processes of this server by name: server, dispatcher, relay, …, valkey."""
        found: dict[str, int] = {}
        for pid, parent, words in sorted(processes()):
            if parent == self.process.pid:
                name = _name(words)
                # Several server processes: server, server-2, …
                same = sum(known.split("-")[0] == name for known in found)
                found[f"{name}-{same + 1}" if same else name] = pid
        return found

    def rows(self, *tables: str) -> dict[str, list[tuple[object, ...]]]:
        """Everything in SQL (or in these tables), as comparable values; samples come by themselves."""
        return self.store.read_now(_rows, tables or tuple(sorted(TABLES.keys() - {"market_sample"})))

    def text(self) -> str:
        """What the processes wrote to stderr."""
        return self.log.read_text("utf-8", "replace")

    def launch(self) -> None:
        """Start (again) on the same folder and wait for the `ready` line."""
        if self.process.stdout is not None:
            self.process.stdout.close()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command("serve", "--data", str(self.data), "--port", "0"),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.environment,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready http://"), f"no ready line: {line!r}\n{self.text()}"
        self.url = line.split()[1]

    def terminate(self) -> int:
        """SIGTERM; the exit code, which must come within the contract's ten seconds."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)

    def kill_everything(self) -> None:
        """SIGKILL to the supervisor, then to whatever of its children the kernel has not ended yet."""
        children = self.children().values()
        self.process.kill()
        self.process.wait(WAIT_S)
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        wait_until(lambda: not any(map(alive, children)), "the children end")

    def close(self) -> None:
        """Let go of what the test holds; the processes have ended before."""
        for store in self._stores:
            store.close()
        if self.process.stdout is not None:
            self.process.stdout.close()


def environment(**given: str) -> dict[str, str]:
    """The environment without any GIGMARKET_ setting of the developer's own, and with these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIGMARKET_")}
    return {**inherited, **given}


def command(*words: str) -> list[str]:
    """`gigmarket …`, run by this interpreter."""
    return [sys.executable, "-m", "gigmarket.cli", *words]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Serving]:
    """A server in `folder`, rate limits off unless asked for; stopped by SIGTERM: exit 0 and nobody left."""
    settings = {"GIGMARKET_RATE_LIMITS": "off", **settings}
    # A placeholder process, so that the type needs no None: `launch` replaces it at once.
    served = Serving(folder / "data", environment(**settings), folder / "serve.log", _nothing())
    try:
        served.launch()
        yield served
        if served.process.poll() is None:
            children = served.children()
            assert served.terminate() == 0, served.text()
            left = {name: pid for name, pid in children.items() if alive(pid)}
            assert not left, f"still running after SIGTERM: {left}\n{served.text()}"
    finally:
        if served.process.poll() is None:
            served.kill_everything()
        served.close()


def _nothing() -> "subprocess.Popen[str]":
    ended = subprocess.Popen([sys.executable, "-c", ""], text=True)
    ended.wait()
    return ended


def processes() -> list[tuple[int, int, list[str]]]:
    """(pid, parent, command line) of every process there is, zombies left out."""
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        return [(int(p), int(q), rest) for p, q, *rest in (line.split() for line in listed.stdout.splitlines())]
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if state != "Z":
            found.append((int(folder.name), int(parent), words))
    return found


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    return any(pid == found for found, _, _ in processes())


def _name(words: list[str]) -> str:
    line = " ".join(words)
    if "valkey" in Path(words[0]).name or "redis-server" in line:
        return "valkey"
    if "gigmarket.edge.server" in line:
        return "server"
    return next((name for name in ("dispatcher", "relay", "expirer", "janitor") if name in words), line)


def _rows(tx: Transaction, tables: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    for name in tables:
        # When a connected worker was last heard of is no trace of a request.
        columns = [column for column in TABLES[name].c if column.name != "seen_at"]
        found[name] = sorted(map(tuple, tx.connection.execute(select(*columns))), key=_place_of)
    return found


def _place_of(row: tuple[object, ...]) -> tuple[int, str]:
    """Numbered rows by their number: as text 10 comes before 9."""
    return (row[0] if isinstance(row[0], int) else 0, repr(row))


def wait_until(condition: Callable[[], object], what: str, seconds: float = WAIT_S) -> None:
    """Look until it is so; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.02)


async def live_content(url: str) -> dict[str, object]:
    """Every key of the live store with its value, but for the dispatcher's lease, heartbeats' freshness, and
    which process holds which socket.

    Nor the open gigs: a round that an earlier request caused enters them after its offers, which may be now.
    """
    redis = connect(url)
    try:
        found: dict[str, object] = {}
        async for key in redis.scan_iter(count=1000):
            name = key.decode()
            moving = (KEYS.lease("dispatcher"), KEYS.fresh, KEYS.gigs, KEYS.processes)
            if name not in moving and not name.startswith(KEYS.seats("")):
                found[key.decode()] = await redis.dump(key)
        return found
    finally:
        await redis.aclose()


def place(lat_m: float = 0.0) -> dict[str, object]:
    """A position of the test's own: far beyond any circle from every other test's."""
    number = next(_PLACES)
    return {"lat": round(-40 + number % 90 + lat_m / 111_320, 6), "lng": 20.0 + number // 90, "datum": "wgs84"}


def beside(where: Mapping[str, object], metres: float) -> dict[str, object]:
    """The same place, some metres further north."""
    lat = where["lat"]
    assert isinstance(lat, float)
    return {**where, "lat": round(lat + metres / 111_320, 6)}


def problem_code(body: bytes | str | Mapping[str, object]) -> str:
    """The stable code of a problem object."""
    problem = json.loads(body) if isinstance(body, bytes | str) else body
    kind = str(problem["type"])
    assert kind.startswith("/problems/")
    return kind.removeprefix("/problems/")
