"""What each database says when it cannot write: a full disk, a failing one, or one that is for reading only."""

import sqlite3

from sqlalchemy.exc import DBAPIError

_SQLITE = {
    sqlite3.SQLITE_FULL: "disk is full",
    sqlite3.SQLITE_IOERR: "disk I/O error",
    sqlite3.SQLITE_READONLY: "the file is read-only",
}
"""Primary result codes (sqlite.org/rescode.html). A quota or a limit on a file's size is an I/O error there."""
_POSTGRES = {
    "53100": "disk is full",
    "58030": "disk I/O error",
    "25006": "the server is read-only",
}
"""SQLSTATEs (PostgreSQL's appendix A): disk_full, io_error, read_only_sql_transaction (a standby)."""


def reason(error: BaseException | None) -> str | None:
    """Why a writing transaction failed with this error, if it is because nothing could be written.

    One that came up while another was handled counts for that one, too: after a full disk SQLite has undone the
    transaction by itself, and knows none of its savepoints any more.
    """
    while isinstance(error, DBAPIError | sqlite3.Error):
        found = _of(error.orig if isinstance(error, DBAPIError) else error)
        if found is not None:
            return found
        error = error.__context__
    return None


def _of(error: BaseException | None) -> str | None:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return None if code is None else _SQLITE.get(code & 0xFF)
    return _POSTGRES.get(getattr(error, "sqlstate", None) or "")
