"""Who uses a data folder or a SQLite file, by the locks that its users take themselves; whose its files are."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "lock"
"""The file that `gigmarket serve` holds as long as it runs."""
BESIDE = ("-wal", "-shm", "-journal")
"""What lies beside a SQLite database: committed work in the first, half a transaction in the last, maybe."""

# https://sqlite.org/src/file/src/os.h (PENDING_BYTE to the end of the shared range) and os_unix.c (the byte of
# -shm that everyone holds who has it open).
_DATABASE_LOCKS = (512, 0x40000000)
_SHM_LOCKS = (1, 128)


class InUse(Exception):
    """A market runs there; the message is one line that says where."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep a data folder, as `gigmarket serve` does: neither starts while the other is at work. Raises InUse,
    OSError.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOCK).open("a") as lock:
        give_to_owner(folder / LOCK)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InUse(f"a market is running on {folder}: stop it first") from error
        yield


def refuse_used(database: Path) -> None:
    """Raises InUse when another process has this SQLite file open, and OSError.

    Not to be called with a connection to it: whoever closes a file gives up all locks its process had there.
    """
    shm = database.with_name(f"{database.name}-shm")
    if _locked(database, *_DATABASE_LOCKS) or _locked(shm, *_SHM_LOCKS):
        raise InUse(f"{database} is in use by another process: stop the market first")


def files_of(database: Path) -> list[Path]:
    """Those files of a SQLite database that there are, itself first."""
    names = [database, *(database.with_name(database.name + end) for end in BESIDE)]
    return [file for file in names if file.exists()]


def give_to_owner(file: Path) -> None:
    """What root makes in a service's folder belongs to the service, which could not use it otherwise."""
    if os.geteuid() == 0:
        folder = file.parent.stat()
        os.chown(file, folder.st_uid, folder.st_gid)


def _locked(file: Path, length: int, start: int) -> bool:
    if not file.exists():
        return False
    with file.open("r+b") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
        except BlockingIOError:
            return True
        except PermissionError:  # POSIX lets a system say it so
            return True
    return False
