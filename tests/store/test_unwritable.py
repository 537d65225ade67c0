"""A database that answers and takes nothing: it says so as one thing, and goes on by itself."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from gigmarket.domain.errors import CannotStore, NotFound
from gigmarket.domain.ids import AccountId
from gigmarket.store.database import Store
from gigmarket.store.transaction import Transaction
from tests.store.people import gig

pytestmark = pytest.mark.contract


def _name(tx: Transaction) -> str:
    return tx.accounts.get(AccountId("w1")).name


def _rename(tx: Transaction, name: str) -> None:
    tx.accounts.rename(AccountId("w1"), name)


def _post(tx: Transaction) -> None:
    tx.gigs.add(gig(1, note="x" * 10_000_000))


def _post_in_an_attempt(tx: Transaction) -> None:
    with tx.attempt():
        _post(tx)


@contextmanager
def full(store: Store) -> Iterator[None]:
    """No page more than there is, for every connection of this store."""

    def limit(connection: object, _record: object, _proxy: object = None) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # type: ignore[attr-defined] # never below what there is

    def lift(connection: object, _record: object, _proxy: object = None) -> None:
        connection.execute("PRAGMA max_page_count = 1000000")  # type: ignore[attr-defined]

    event.listen(store.engine, "checkout", limit)
    yield
    event.remove(store.engine, "checkout", limit)
    event.listen(store.engine, "checkout", lift)


@pytest.mark.parametrize("inline", [False, True])
async def test_a_full_disk_is_told_once_and_over_when_there_is_room(
    sqlite: str, inline: bool, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(sqlite, inline=inline)
    with full(store):
        for work in (_post, _post, _post_in_an_attempt):
            with pytest.raises(CannotStore, match="nothing can be stored") as refused:
                await store.transact(work)
            assert refused.value.reason == "disk is full"
        assert await store.read(_name) == "name of w1"
        with pytest.raises(CannotStore):
            await store.prove_writable()
    assert caplog.messages == ["cannot write to the database: disk is full"]
    await store.transact(_post)
    store.close()


async def test_of_those_who_are_committed_together_each_is_told(sqlite: str) -> None:
    store = Store(sqlite)
    with full(store):
        done = await asyncio.gather(*(store.transact(_post) for _ in range(5)), return_exceptions=True)
    assert [each.reason for each in done if isinstance(each, CannotStore)] == ["disk is full"] * 5
    store.close()


async def test_a_file_that_is_read_only(sqlite: str, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(sqlite)

    def read_only(connection: object, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA query_only = ON")  # type: ignore[attr-defined]

    event.listen(store.engine, "checkout", read_only)
    with pytest.raises(CannotStore):
        await store.prove_writable()
    assert caplog.messages == ["cannot write to the database: the file is read-only"]
    store.close()


@pytest.mark.parametrize(
    ("state", "reason"),
    [("53100", "disk is full"), ("58030", "disk I/O error"), ("25006", "the server is read-only")],
)
async def test_so_it_is_with_postgresql(
    postgresql: str, state: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(postgresql)

    def fail(tx: Transaction) -> None:
        tx.connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"))

    with pytest.raises(CannotStore):
        await store.transact(fail)
    assert caplog.messages == [f"cannot write to the database: {reason}"]
    await store.transact(_rename, "new")
    store.close()


async def test_a_standby_takes_no_writes(postgresql: str) -> None:
    store = Store(postgresql)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    store.engine.dispose()
    with pytest.raises(CannotStore):
        await store.prove_writable()
    assert await store.read(_name) == "name of w1"
    store.close()


async def test_the_proof_writes_and_changes_nothing(store: Store) -> None:
    before = await store.read(lambda tx: tx.streams.epoch())
    await store.prove_writable()
    assert await store.read(lambda tx: tx.streams.epoch()) == before


async def test_what_a_rule_refuses_is_no_outage(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gigmarket.store")

    def nobody(tx: Transaction) -> None:
        tx.accounts.get(AccountId("nobody"))

    with pytest.raises(NotFound):
        await store.transact(nobody)
    assert caplog.messages == []
