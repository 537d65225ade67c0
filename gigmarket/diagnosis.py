"""`gigmarket doctor`: what an installation has, in plain lines."""

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from gigmarket.live.connection import connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.settings import Settings
from gigmarket.store import schema
from gigmarket.store.engine import open_engine

OLDEST_REDIS = 7


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    detail: str


def findings(settings: Settings) -> list[Finding]:
    """Look at the interpreter, the databases, the live store and the optional parts; changes nothing."""
    return [
        Finding("python", sys.version_info >= (3, 11), sys.version.split()[0]),
        Finding("sqlite", sqlite3.sqlite_version_info >= (3, 35), sqlite3.sqlite_version),
        _tried("live store", lambda: _live(settings)),
        _tried("database", lambda: _database(settings)),
        Finding(
            "roads import", True, "osmium is there" if find_spec("osmium") else "not installed (extra `roads`)"
        ),
        Finding(
            "postgresql driver",
            True,
            "psycopg is there" if find_spec("psycopg") else "not installed (extra `postgres`)",
        ),
    ]


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except Exception as error:
        return Finding(what, False, f"{type(error).__name__}: {error}".splitlines()[0])


def _live(settings: Settings) -> str:
    if settings.redis_url is not None:
        return asyncio.run(_external(settings.redis_url, settings.redis_cluster))
    with tempfile.TemporaryDirectory() as folder:
        embedded = EmbeddedValkey(Path(folder))
        embedded.start()
        embedded.stop()
    return "the embedded Valkey starts"


async def _external(url: str, cluster: bool) -> str:
    redis = connect(url, cluster)
    try:
        version = str((await redis.info("server"))["redis_version"])
    finally:
        await redis.aclose()
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        raise ValueError(f"version {version}: at least {OLDEST_REDIS} is needed")
    return f"external, by GIGMARKET_REDIS_URL: version {version}"


def _database(settings: Settings) -> str:
    if settings.embeds_sqlite() and not (settings.data / "gigmarket.db").exists():
        return "SQLite, made at the first start"
    engine = open_engine(settings.the_database_url())
    try:
        schema.check(engine)
    finally:
        engine.dispose()
    return f"schema {schema.REVISION}"
