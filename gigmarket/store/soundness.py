"""Whether a SQLite file is whole, and a market's: to be known before somebody relies on it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from gigmarket.store import schema
from gigmarket.store.tables import TABLES

_ALWAYS = frozenset({"meta", "account", "session", "station"})
"""Tables of every revision there was; those of the newest are in TABLES."""


class NoMarket(Exception):
    """The file holds something else; the message goes on after its name."""


class Damaged(Exception):
    """The file is a market's no longer; the message says in one line what SQLite found."""


def revision_of(connection: sqlite3.Connection, quick: bool = False) -> str:
    """The schema's revision of the market in this file, all of which is read (`PRAGMA integrity_check`).

    `quick` leaves out whether indexes agree with their tables, which takes several times as long. Raises
    Damaged, NoMarket; sqlite3.Error for a file that cannot be read now.
    """
    with judged():
        found = connection.execute(f"PRAGMA {'quick' if quick else 'integrity'}_check(1)").fetchone()
        verdict = str(found[0])
        if verdict != "ok":
            raise Damaged(" ".join(verdict.splitlines()[-1].split()))
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        _refuse_missing({"alembic_version", *_ALWAYS} - tables)
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        epoch = connection.execute("SELECT value FROM meta WHERE key = 'stream_epoch'").fetchone()
        if revision is None or epoch is None:
            raise NoMarket("it has no revision or no epoch")
        if revision[0] == schema.REVISION:
            _refuse_missing(TABLES.keys() - tables)
        return str(revision[0])


@contextmanager
def judged() -> Iterator[None]:
    """What SQLite says of a file's content, as Damaged or NoMarket; other errors go on."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            raise NoMarket("it is no SQLite file, or its first page is damaged") from error
        if code == sqlite3.SQLITE_CORRUPT:
            raise Damaged(str(error)) from error
        if code == sqlite3.SQLITE_ERROR:  # a column that is missing
            raise NoMarket(str(error)) from error
        raise


def _refuse_missing(tables: set[str]) -> None:
    if tables:
        raise NoMarket(f"it has no table {min(tables)}")
