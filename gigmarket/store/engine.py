"""Engines: SQLite (WAL, BEGIN IMMEDIATE for writers) and PostgreSQL through psycopg."""

import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

BUSY_TIMEOUT_S = 5.0
"""How long a lock of somebody else's is waited for, on either database."""
POLL_S = 0.0005
"""How often a writer of SQLite asks whether another has ended: a transaction takes some two milliseconds."""
LONG_S = 0.1
"""From here on whoever writes takes long, and is asked less often."""
WAL_PAGES = 8000
"""From 32 MB on whoever commits moves SQLite's log into the file. That takes as long as ten commits, so it is
the janitor's work (`Store.checkpoint`); this is for when it is away or too slow.
"""
IDLE_S = 5.0
"""PostgreSQL ends a transaction whose process says nothing for so long, and frees its locks: a process that was
stopped in the middle of one holds up nobody longer. (Nothing can do that on SQLite.)
"""
POSTGRES_THREADS = 8


class DriverMissing(Exception):
    """An optional database driver is not installed; the message says how it comes."""


def sqlite_url(path: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{path}"


def sqlite_path(url: str) -> Path:
    """The file that a SQLite URL names. Raises ValueError for one in memory only."""
    named = make_url(url).database
    if not named or named.startswith((":", "file:")):
        raise ValueError("the database URL must name a file: sqlite:////folder/gigmarket.db")
    return Path(named)


def is_sqlite(url: str) -> bool:
    """Whether a database URL names a SQLite file."""
    return url.startswith("sqlite")


def open_engine(url: str) -> Engine:
    """An engine for a `sqlite:///` or libpq-style `postgresql://` URL (`?host=` unix sockets included).

    Connections begin lazily: `execution_options(writes=True)` makes a SQLite transaction take its lock at
    BEGIN, since a read turned into a write fails busy at once (2,206 of 2,400 in our measurements).

    Raises DriverMissing for PostgreSQL where psycopg, an extra, is not installed.
    """
    if is_sqlite(url):
        return _sqlite(url)
    _need_psycopg()
    address = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(
        address,
        # As many threads read as write; connections are opened when they are needed.
        pool_size=2 * POSTGRES_THREADS,
        max_overflow=4,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": _postgres_limits(), **_KEEPALIVES},
    )


def _need_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise DriverMissing("PostgreSQL needs a driver: pip install 'gigmarket[postgres]'") from error


_KEEPALIVES = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A server that vanished without a word is given up after some 20 seconds."""


def _postgres_limits() -> str:
    limits = {"lock_timeout": BUSY_TIMEOUT_S, "idle_in_transaction_session_timeout": IDLE_S}
    return " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in limits.items())


class _SqliteDialect(SQLiteDialect_pysqlite):
    """Begins each transaction as its connection's `writes` option says.

    A listener of SQLAlchemy's `begin` event would do it too, but one such listener makes every statement go
    through all its events: a third of the Python calls of an accept.
    """

    driver = "gigmarket"
    supports_statement_cache = True

    def set_connection_execution_options(self, connection: Connection, opts: Mapping[str, Any]) -> None:
        """Note the option where `do_begin` finds it."""
        super().set_connection_execution_options(connection, opts)
        if "writes" in opts:
            connection.connection.info["writes"] = opts["writes"]

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """BEGIN, with the write lock if the transaction is to write."""
        writes, cursor = dbapi_connection.info.get("writes", False), dbapi_connection.cursor()
        if dbapi_connection.info.get("polls", False) is not writes:
            dbapi_connection.info["polls"] = writes
            cursor.execute(f"PRAGMA busy_timeout={0 if writes else round(BUSY_TIMEOUT_S * 1000)}")
        if writes:
            _lock(cursor)
        else:
            cursor.execute("BEGIN")


def _lock(cursor: DBAPICursor) -> None:
    """BEGIN IMMEDIATE as soon as nobody else writes. Raises sqlite3.OperationalError after BUSY_TIMEOUT_S.

    SQLite's own waiting asks after 1, 2, 5, 10 … 100 ms. Beside a process that writes all the time it came too
    late each time: at 300 postings a second the dispatcher waited up to 2.8 s for its turn.
    """
    began = time.monotonic()
    while True:
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - began
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waited > BUSY_TIMEOUT_S:
                raise
            time.sleep(POLL_S if waited < LONG_S else 10 * POLL_S)
        else:
            return


registry.register("sqlite.gigmarket", __name__, _SqliteDialect.__name__)


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        make_url(url).set(drivername="sqlite+gigmarket"),
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            # KiB a connection. Another process's commit empties it, and the system still has in memory what is
            # not in it: 16 MiB made nothing faster, and a server grew for an hour until all were full. With
            # half a megabyte 500 postings a second took a third to twice as long.
            "cache_size=-2048",
            "temp_store=MEMORY",
            f"wal_autocheckpoint={WAL_PAGES}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "checkin")
    def _forget(_connection: sqlite3.Connection | None, record: ConnectionPoolEntry) -> None:
        record.info.pop("writes", None)

    return engine
