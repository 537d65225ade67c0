"""`gigmarket doctor`: what an installation has, in plain lines."""

import asyncio
import os
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from gigmarket.live.connection import connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.settings import Settings
from gigmarket.store import schema
from gigmarket.store.engine import DriverMissing, open_engine, sqlite_path
from gigmarket.store.soundness import Damaged, NoMarket, revision_of
from gigmarket.travel.streets import DamagedRoads

OLDEST_REDIS = 7
REACHED_S = 3.0
"""So long an outside service may take to accept a connection; a gateway in use has five seconds for all."""


class Lacking(Exception):
    """Something needed is not as it must be; the message is what stands behind its name."""


_PLAIN = (Lacking, DamagedRoads, DriverMissing, schema.SchemaOutdated)
"""Errors that say in their own words what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    detail: str


def findings(settings: Settings) -> list[Finding]:
    """Look at the interpreter, the folder, the databases, the roads, outside services and the optional parts.

    Nothing is changed, and nothing is sent to a gateway but the opening of a connection.
    """
    return [
        Finding("python", sys.version_info >= (3, 11), sys.version.split()[0]),
        Finding("sqlite", sqlite3.sqlite_version_info >= (3, 35), sqlite3.sqlite_version),
        _tried("data folder", lambda: _folder(settings.data)),
        _tried("live store", lambda: _live(settings)),
        _tried("database", lambda: _database(settings)),
        _tried("roads", lambda: _roads(settings.roads)),
        *_services(settings),
        Finding(
            "roads import", True, "osmium is there" if find_spec("osmium") else "not installed (extra `roads`)"
        ),
        _tried("postgresql driver", lambda: _driver(settings)),
    ]


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, look())
    except _PLAIN as error:
        return Finding(what, False, str(error))
    except Exception as error:
        return Finding(what, False, f"{type(error).__name__}: {error}".splitlines()[0])


def _folder(data: Path) -> str:
    """Tried by writing: what a user may do, a full or read-only disk may refuse. Raises Lacking."""
    there = next(folder for folder in (data, *data.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"x")
    except OSError as error:
        raise Lacking(f"{there} cannot be written by this user: {error.strerror}") from error
    return f"{data} can be written by this user" if there == data else f"{data} is made at the first start"


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
        raise Lacking(f"version {version}: at least {OLDEST_REDIS} is needed")
    return f"external, by GIGMARKET_REDIS_URL: version {version}"


def _database(settings: Settings) -> str:
    url = settings.the_database_url()
    if settings.embeds_sqlite():
        file = sqlite_path(url)
        if settings.database_url is not None and not file.parent.is_dir():
            raise Lacking(f"there is no folder {file.parent}")
        return _sqlite(file)
    engine = open_engine(url)
    try:
        schema.check(engine)
    finally:
        engine.dispose()
    return f"schema {schema.REVISION}"


def _sqlite(file: Path) -> str:
    """Read through without its indexes: with them it would take several times as long beside a running market.

    Raises Lacking, SchemaOutdated, sqlite3.Error.
    """
    if not file.exists():
        return "SQLite, made at the first start"
    if not os.access(file, os.R_OK | os.W_OK):
        raise Lacking(f"{file} cannot be read and written by this user")
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            revision = revision_of(connection, quick=True)
    except NoMarket as error:
        raise Lacking(f"{file} is not a gigmarket database: {error}") from error
    except Damaged as error:
        raise Lacking(
            f"{file} is damaged ({error}): bring the last good backup back by `gigmarket restore COPY --aside`"
        ) from error
    schema.refuse_newer(revision)
    older = "" if revision == schema.REVISION else f", brought to {schema.REVISION} at the next start"
    return f"schema {revision}{older}; quick_check found nothing wrong (a backup checks the indexes, too)"


def _roads(folder: Path | None) -> str:
    if folder is None:
        return "none given: travel times are estimated from straight lines"
    # Both take a moment to load.
    from gigmarket.travel import streets
    from gigmarket.travel.roads import graph

    graph.load(folder)
    points = len(streets.load(folder).points)
    return f"{folder}, {points:,} street points"


def _services(settings: Settings) -> list[Finding]:
    """Those outside services that are set: whether each address is one, and somebody listens there."""
    urls = {
        "sms gateway": settings.sms_gateway,
        "call gateway": settings.call_gateway,
        "geocoder": settings.geocoder,
    }
    return [_tried(what, partial(_reached, url)) for what, url in urls.items() if url is not None]


def _reached(url: str) -> str:
    """Host and port only: a path or a user's part may hold a secret. Raises Lacking, ValueError (a port)."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Lacking("must be an http or https address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname, port), REACHED_S).close()
    except OSError as error:
        raise Lacking(f"{parts.hostname}:{port} does not answer ({error})") from error
    return f"{parts.hostname}:{port} answers"


def _driver(settings: Settings) -> str:
    """Needed only by who is on PostgreSQL. Raises DriverMissing."""
    if settings.embeds_sqlite():
        return "psycopg is there" if find_spec("psycopg") else "not installed (extra `postgres`)"
    open_engine(settings.the_database_url()).dispose()
    return "psycopg is there"
