"""What the database holds, read by the checker itself: plain sqlite3 or psycopg, none of the server's code."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Row = dict[str, Any]
TABLES = ("gig", "offer", "assignment", "event", "stream", "idempotency", "worker", "fence")


@dataclass(frozen=True)
class Book:
    """Rows of every table that matters here; moments are seconds since 1970."""

    gig: list[Row]
    offer: list[Row]
    assignment: list[Row]
    event: list[Row]
    stream: list[Row]
    idempotency: list[Row]
    worker: list[Row]
    fence: list[Row]


def read(database: str | Path) -> Book:
    """One consistent look at a SQLite file or at a `postgresql://` URL."""
    if isinstance(database, Path) or not urlsplit(database).scheme:
        return _sqlite(Path(database))
    return _postgres(database)


def _sqlite(path: Path) -> Book:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        tables = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
    finally:
        connection.close()
    return Book(**{name: [_moments(dict(row)) for row in rows] for name, rows in tables.items()})


def _postgres(url: str) -> Book:
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(url, row_factory=dict_row) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        tables = {}
        for name in TABLES:
            tables[name] = connection.execute(f"SELECT * FROM {name}".encode()).fetchall()
    return Book(**{name: [_moments(row) for row in rows] for name, rows in tables.items()})


def _moments(row: Row) -> Row:
    """SQLite keeps microseconds since 1970, PostgreSQL its own type."""
    for name, value in row.items():
        if name.endswith(("_at", "_from", "_until")) or name in ("at", "since", "until"):
            if isinstance(value, datetime):
                row[name] = value.timestamp()
            elif isinstance(value, int):
                row[name] = value / 1e6
    return row
