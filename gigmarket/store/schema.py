"""Schema versions: alembic migrations, applied at start on SQLite, by `gigmarket migrate` on PostgreSQL."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

_FOLDER = Path(__file__).parent / "migrations"


class SchemaOutdated(Exception):
    """The database has another schema version than this program."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def migrate(engine: Engine) -> str:
    """Bring the database to this program's schema, in one transaction; returns the revision."""
    config = _config()
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return wanted()


def wanted() -> str:
    """The newest revision this program knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return str(head)


def present(engine: Engine) -> str | None:
    """The database's revision; None when it has no schema yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def check(engine: Engine) -> None:
    """Raises SchemaOutdated, saying what to run, unless the database has this program's schema."""
    found = present(engine)
    if found != wanted():
        raise SchemaOutdated(
            f"database schema is {found}, this program needs {wanted()}: run `gigmarket migrate`"
        )
