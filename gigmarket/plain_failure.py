"""How a command fails: one line on stderr and an exit code, never a traceback."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from pydantic import ValidationError

from gigmarket.settings import Settings


def settings_with(**given: Any) -> Settings:
    """Settings from the environment with what the command line gave; exits with 2 on a bad value, which is not
    repeated: it may hold a password.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**chosen)
        settings.the_policy()
    except ValidationError as error:
        faults = (f"GIGMARKET_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors())
        raise fail("; ".join(faults), 2) from None
    except ValueError as error:
        raise fail(str(error), 2) from None
    return settings


@contextmanager
def failing_plainly() -> Iterator[None]:
    """What an installation lacks or cannot use ends a command with one line and 1, not with a traceback."""
    from sqlalchemy.exc import DBAPIError

    from gigmarket.domain.errors import Unavailable
    from gigmarket.live.embedded import EmbeddedFailed
    from gigmarket.store.backup import BackupFailed
    from gigmarket.store.data_folder import InUse
    from gigmarket.store.engine import DriverMissing
    from gigmarket.store.schema import SchemaOutdated
    from gigmarket.travel.places import BadStations
    from workers.supervisor import StartFailed

    try:
        yield
    except DBAPIError as error:
        raise fail(_unusable(error.orig)) from None
    except OSError as error:
        raise fail(f"{error.filename or 'a file'}: {error.strerror or error}") from None
    except (StartFailed, EmbeddedFailed, SchemaOutdated, DriverMissing, BadStations, Unavailable) as error:
        raise fail(str(error)) from None
    except (BackupFailed, InUse) as error:
        raise fail(str(error)) from None


def _unusable(error: BaseException | None) -> str:
    first = str(error).splitlines()[0]
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return (
            f"the database is damaged ({first}): bring the last good backup back by "
            "`gigmarket restore COPY --aside`"
        )
    return f"the database cannot be used: {first}"


def fail(message: str, code: int = 1) -> typer.Exit:
    """One clear line on stderr, and the exit to raise."""
    typer.echo(f"gigmarket: {message}", err=True)
    return typer.Exit(code)
