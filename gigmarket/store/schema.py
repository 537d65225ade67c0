"""Schema versions: alembic migrations, applied at start on SQLite, by `gigmarket migrate` on PostgreSQL."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

REVISION = "0014"
"""The newest migration, named here so that only migrating has to load alembic: every process checks."""

_FOLDER = Path(__file__).parent / "migrations"


class SchemaOutdated(Exception):
    """The database has another schema version than this program."""


def migrate(engine: Engine) -> str:
    """Bring the database to this program's schema, in one transaction; returns the revision.

    Raises SchemaOutdated for the database of a newer program, which this one would not understand.
    """
    from alembic import command

    refuse_newer(present(engine))
    config = scripts()
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return REVISION


def scripts() -> "Config":
    """Alembic's view of the migrations folder."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def present(engine: Engine) -> str | None:
    """The database's revision; None when it has no schema yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return None if revision is None else str(revision)


def known() -> frozenset[str]:
    """Every revision that this program can bring to its own."""
    return frozenset(file.name.partition("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*.py"))


def refuse_newer(revision: str | None) -> None:
    """Raises SchemaOutdated for a revision of a later program's: somebody put an earlier one in its place."""
    if revision is not None and revision not in known():
        raise SchemaOutdated(
            f"this database is newer than this program ({revision}): use the newer program, or restore a backup"
        )


def check(engine: Engine) -> None:
    """Raises SchemaOutdated, saying what to run, unless the database has this program's schema."""
    found = present(engine)
    refuse_newer(found)
    if found != REVISION:
        raise SchemaOutdated(
            f"database schema is {found}, this program needs {REVISION}: run `gigmarket migrate`"
        )
