"""Commands on a market's data: its schema and its copies."""

import os
import signal
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gigmarket.plain_failure import fail, failing_plainly, settings_with
from gigmarket.settings import Settings

data_app = typer.Typer()

Data = Annotated[Path | None, typer.Option(help="Data folder.")]


@data_app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to this program's schema."""
    from gigmarket.store import schema
    from gigmarket.store.engine import open_engine

    os.umask(0o077)
    settings = settings_with(data=data)
    with failing_plainly():
        if settings.database_url is None:
            settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = open_engine(settings.the_database_url())
        try:
            typer.echo(f"schema {schema.migrate(engine)}")
        finally:
            engine.dispose()


@data_app.command()
def backup(
    out: Annotated[Path, typer.Option(help="File to write; must not exist.")],
    data: Data = None,
) -> None:
    """Copy a running market's SQLite database and read the copy through (PostgreSQL: use pg_dump)."""
    from gigmarket.store.backup import backup as copy_database

    _tidy_up_when_ended()
    database = _sqlite_of(settings_with(data=data), "pg_dump")
    with failing_plainly():
        size = copy_database(database, out)
    typer.echo(f"{size} bytes → {out}")


@data_app.command()
def restore(
    copy: Annotated[Path, typer.Argument(help="A file made by `gigmarket backup`.")],
    data: Data = None,
    aside: Annotated[
        bool, typer.Option("--aside", help="First move the database that is there to a dated name beside it.")
    ] = False,
) -> None:
    """Bring a backup back, with the market stopped."""
    from gigmarket.store.backup import restore as bring_back
    from gigmarket.store.data_folder import held

    _tidy_up_when_ended()
    settings = settings_with(data=data)
    database = _sqlite_of(settings, "pg_restore")
    # A folder that is not there is nobody's; it is made only where the database goes into it.
    used = settings.data.exists() or database.parent == settings.data
    new = not database.parent.exists()
    with failing_plainly(), held(settings.data) if used else nullcontext():
        restored = bring_back(copy, database, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}" if aside else None)
    for file in restored.aside:
        typer.echo(f"what was there: {file}")
    if new and os.geteuid() == 0:
        typer.echo(f"gigmarket: {database.parent} is new: give it to the market's user (chown -R)", err=True)
    typer.echo(f"restored into {database}, schema {restored.revision}; clients will take a new snapshot")


def _sqlite_of(settings: Settings, instead: str) -> Path:
    """The file that holds these settings' market; exits with 2 on PostgreSQL, naming what to use `instead`."""
    from gigmarket.store.engine import sqlite_path

    if not settings.embeds_sqlite():
        raise fail(f"this market is on PostgreSQL: use {instead}", 2)
    try:
        return sqlite_path(settings.the_database_url())
    except ValueError as error:
        raise fail(str(error), 2) from None


def _tidy_up_when_ended() -> None:
    """SIGTERM, too, lets a command remove what it has half written; all it writes is its owner's alone."""
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
