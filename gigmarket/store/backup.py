"""Copies of a SQLite market while it runs, and bringing one back."""

import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gigmarket.store import schema
from gigmarket.store.data_folder import files_of, give_to_owner, refuse_used
from gigmarket.store.soundness import Damaged, NoMarket, judged, revision_of


class BackupFailed(Exception):
    """The copy could not be made or brought back; one line says why."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The schema's revision that a copy had, and where what was there before lies now."""

    revision: str
    aside: tuple[Path, ...] = ()


def backup(database: Path, out: Path) -> int:
    """A consistent copy of a running market's database; returns its bytes. Raises BackupFailed.

    Its name appears when it is complete and was read through; before, and when it fails, there is none.
    """
    if not database.exists():
        raise BackupFailed(f"there is no database at {database}")
    if out.exists():
        raise BackupFailed(f"{out} exists already")
    with _part_of(out) as part:
        try:
            with closing(_reading(database)) as source:
                _copy(source, part, out)
            with closing(_reading(part, still=True)) as copied:
                revision_of(copied)
        except Damaged as error:
            raise BackupFailed(
                f"{database} is damaged ({error}) and no copy was kept: stop the market and bring the last "
                "good backup back by `gigmarket restore COPY --aside`"
            ) from error
        except NoMarket as error:
            raise BackupFailed(f"{database} is not a gigmarket database: {error}") from error
        except sqlite3.Error as error:
            raise BackupFailed(f"{database} cannot be copied: {error}") from error
        _put(part, out)
    return out.stat().st_size


def restore(copy: Path, database: Path, aside: str | None = None) -> Restored:
    """Put a copy in place of a stopped market's database. What is there stays: it is refused, or moved beside,
    all of it together, to names that end with `aside`.

    The streams get a new epoch: what happened after the copy is lost, so clients take a snapshot instead of
    resuming. Raises BackupFailed, InUse; nothing was changed then.
    """
    refuse_used(database)
    there = files_of(database)
    working = _holds_work(database, there)
    if working and aside is None:
        names = ", ".join(file.name for file in there)
        raise BackupFailed(
            f"{database.parent} holds a market already: move {names} away, all together, or let --aside do it"
        )
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _part_of(database) as part:
        revision = _bring(copy, part, database)
        give_to_owner(part)
        moved: tuple[Path, ...] = ()
        if working:
            moved = tuple(_move_aside(file, database.name, aside or "") for file in there)
        else:
            for file in there:
                file.unlink()
        _put(part, database)
    return Restored(revision, moved)


def _bring(copy: Path, part: Path, database: Path) -> str:
    try:
        with closing(_reading(copy, still=True)) as source:
            revision = revision_of(source)
            if revision not in schema.known():
                raise BackupFailed(f"{copy} is of a newer program ({revision}): restore it with that one")
            _copy(source, part, database)
    except Damaged as error:
        raise BackupFailed(f"{copy} is damaged ({error}): take an earlier backup") from error
    except NoMarket as error:
        raise BackupFailed(f"{copy} is not a gigmarket database: {error}") from error
    except sqlite3.Error as error:
        raise BackupFailed(f"{copy} cannot be read: {error}") from error
    try:
        with closing(sqlite3.connect(part)) as target:
            target.execute("UPDATE meta SET value = ? WHERE key = 'stream_epoch'", (secrets.token_hex(8),))
            target.commit()
            revision_of(target)
    except (Damaged, NoMarket, sqlite3.Error) as error:
        raise BackupFailed(
            f"{database} could not be written as it should ({error}): look at the disk"
        ) from error
    return revision


def _copy(source: sqlite3.Connection, part: Path, out: Path) -> None:
    """All of `source` into the file `part`. Raises Damaged, NoMarket, sqlite3.Error for the source, and
    BackupFailed, which names `out`, for a disk that takes no more.
    """
    try:
        with judged(), closing(sqlite3.connect(part)) as target:
            # A backup would wait without end, deaf to signals, for whoever locks everybody out; this fails.
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(target)
            # Complete in one file: whoever copies that by hand forgets what lies beside it.
            target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) or code == sqlite3.SQLITE_IOERR_READ:
            raise
        raise BackupFailed(f"{out} cannot be written: {error}") from error


def _reading(file: Path, still: bool = False) -> sqlite3.Connection:
    """A connection that only reads. A file that is `still`, with no log beside it, is read as it lies: from a
    folder, too, in which no lock file can be made. Raises BackupFailed when there is none, sqlite3.Error.
    """
    if not file.is_file():
        raise BackupFailed(f"there is no database at {file}")
    alone = "&immutable=1" if still and files_of(file) == [file] else ""
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro{alone}", uri=True)


@contextmanager
def _part_of(out: Path) -> Iterator[Path]:
    """A file beside `out`, nobody else's to read from its first byte on; what is left of it in the end goes."""
    try:
        opened, name = tempfile.mkstemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent)
    except OSError as error:
        raise BackupFailed(f"{out} cannot be written: {error.strerror}") from error
    os.close(opened)
    part = Path(name)
    try:
        yield part
    finally:
        for file in files_of(part):
            file.unlink()


def _put(part: Path, out: Path) -> None:
    """Give a complete file its name. The folder is written through, too: a power cut would lose the name."""
    part.rename(out)
    folder = os.open(out.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _holds_work(database: Path, there: list[Path]) -> bool:
    """Whether these files are more than what a reader leaves beside a database: an empty log and its index."""
    return any(
        file == database or (not file.name.endswith("-shm") and file.stat().st_size > 0) for file in there
    )


def _move_aside(file: Path, name: str, aside: str) -> Path:
    """`gigmarket.db-wal` becomes `gigmarket.db.ASIDE-wal`: moved so, they still open as one."""
    free = file.with_name(f"{name}.{aside}{file.name.removeprefix(name)}")
    if free.exists():
        raise BackupFailed(f"{free} exists already")
    return file.rename(free)
