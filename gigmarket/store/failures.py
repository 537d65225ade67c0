"""What a database says when it fails, in the market's words."""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gigmarket.domain.errors import CannotStore, Unavailable
from gigmarket.store import unwritable

RETRIED = {"40001", "40P01", "23505"}
"""PostgreSQL's states after which another try sees what the winner has committed: serialization failure,
deadlock, and a unique key that somebody took at the same moment (a first answer, a new account)."""
_LOCK_NOT_AVAILABLE = "55P03"


class Locked(Unavailable):
    """Somebody holds a row for longer than this transaction was to wait for one, or has just changed it."""


class Translated:
    """Turns a database that does not answer, or takes no writes, into Unavailable; every other error passes."""

    def __init__(self, writing: bool = False) -> None:
        self._writing = writing

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._writing and (reason := unwritable.reason(error)) is not None:
            raise CannotStore(reason) from error
        if isinstance(error, PoolTimeout):
            raise Unavailable("the database is busy") from error
        if isinstance(error, sqlite3.OperationalError):
            raise Unavailable("the database does not answer") from error
        if not isinstance(error, DBAPIError) or getattr(error.orig, "sqlstate", None) in RETRIED:
            return
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise Locked("somebody holds what this needs") from error
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise Unavailable("the database does not answer") from error
