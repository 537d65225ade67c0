"""Copies of a SQLite market while it runs, and bringing one back."""

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path


class BackupFailed(Exception):
    """The copy could not be made or brought back; one line says why."""


def backup(database: Path, out: Path) -> int:
    """A consistent copy of a running market's database; returns its bytes. Raises BackupFailed."""
    if not database.exists():
        raise BackupFailed(f"there is no database at {database}")
    if out.exists():
        raise BackupFailed(f"{out} exists already")
    try:
        with (
            closing(sqlite3.connect(_read_only(database), uri=True)) as source,
            closing(sqlite3.connect(out)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        raise BackupFailed(f"{database} cannot be copied: {error}") from error
    out.chmod(0o600)
    return out.stat().st_size


def restore(copy: Path, database: Path) -> None:
    """Put a copy in place of a stopped market's database, which must not exist (move it away first).

    The streams get a new epoch: what happened after the copy is lost, so clients take a snapshot instead of
    resuming. Raises BackupFailed for a file that is no market database.
    """
    if database.exists():
        raise BackupFailed(f"{database} exists already: move it away first")
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with closing(sqlite3.connect(_read_only(copy), uri=True)) as source:
            source.execute("SELECT value FROM meta WHERE key = 'stream_epoch'").fetchone()
            with closing(sqlite3.connect(database)) as target:
                source.backup(target)
                target.execute("UPDATE meta SET value = ? WHERE key = 'stream_epoch'", (secrets.token_hex(8),))
                target.commit()
    except sqlite3.Error as error:
        raise BackupFailed(f"{copy} is not a gigmarket database: {error}") from error
    database.chmod(0o600)


def _read_only(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro"
