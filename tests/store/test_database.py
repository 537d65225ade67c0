"""Transactions: all or nothing, told only when committed, Unavailable when the database does not answer."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from gigmarket.domain.errors import NotFound, Unavailable
from gigmarket.domain.ids import AccountId, GigId, WorkerId, worker_principal
from gigmarket.store import engine
from gigmarket.store.database import Store
from gigmarket.store.engine import open_engine
from gigmarket.store.transaction import Aftermath, Committed, Transaction
from tests.store.people import WORKERS, gig

pytestmark = pytest.mark.contract

W1 = worker_principal(WorkerId("w1"))


class Spoiled(Exception):
    """What a use case raises here to be undone."""


def _name(tx: Transaction, account: str) -> str:
    return tx.accounts.get(AccountId(account)).name


def _rename(tx: Transaction, account: str, name: str, spoil: bool = False) -> str:
    """Rename somebody and tell them, then perhaps fail."""
    tx.accounts.rename(AccountId(account), name)
    tx.tell(worker_principal(WorkerId(account)), "note", name.encode())
    tx.redispatch(GigId("g1"), WorkerId(account))
    if spoil:
        raise Spoiled
    return name


def _events(tx: Transaction, account: str = "w1") -> list[bytes]:
    return [event.data for event in tx.streams.after(str(worker_principal(WorkerId(account))), 0, 999)]


async def test_a_transaction_is_committed_and_says_what_to_tell(store: Store) -> None:
    committed = await store.transact(_rename, "w1", "new")

    assert committed.value == "new"
    assert [(told.principal, told.seq, told.data) for told in committed.aftermath.events] == [
        ("worker:w1", 1, b"new")
    ]
    assert committed.aftermath.gigs == {"g1"}
    assert committed.aftermath.workers == {"w1"}
    assert await store.read(_name, "w1") == "new"
    assert await store.read(_events) == [b"new"]


async def test_whatever_is_raised_undoes_everything(store: Store) -> None:
    with pytest.raises(Spoiled):
        await store.transact(_rename, "w1", "new", spoil=True)

    assert await store.read(_name, "w1") == "name of w1"
    assert await store.read(_events) == []
    assert await store.read(lambda tx: tx.streams.head(str(W1))) == 0
    assert (await store.transact(_rename, "w1", "next")).aftermath.events[0].seq == 1


async def test_a_transaction_that_tells_nothing_has_no_aftermath(store: Store) -> None:
    committed = await store.transact(lambda tx: tx.accounts.rename(AccountId("w1"), "new"))

    assert committed.aftermath == Aftermath()
    assert not committed.aftermath


async def test_what_a_failed_attempt_told_is_taken_back(store: Store) -> None:
    def spoiled(tx: Transaction) -> None:
        tx.tell(W1, "note", b"taken back")
        tx.redispatch(GigId("g2"), WorkerId("w2"))
        raise Spoiled

    def work(tx: Transaction) -> None:
        tx.tell(W1, "note", b"kept")
        tx.redispatch(GigId("g1"))
        with pytest.raises(Spoiled), tx.attempt():
            spoiled(tx)

    aftermath = (await store.transact(work)).aftermath

    assert [told.data for told in aftermath.events] == [b"kept"]
    assert aftermath.gigs == {"g1"}
    assert not aftermath.workers


async def test_an_attempt_that_fails_leaves_the_rest_of_the_transaction(store: Store) -> None:
    def work(tx: Transaction) -> None:
        _rename(tx, "w1", "kept")
        with pytest.raises(Spoiled), tx.attempt():
            _rename(tx, "w1", "undone", spoil=True)
        with tx.attempt():
            _rename(tx, "w2", "kept")

    aftermath = (await store.transact(work)).aftermath

    assert await store.read(_name, "w1") == await store.read(_name, "w2") == "kept"
    assert [(told.principal, told.data) for told in aftermath.events] == [
        ("worker:w1", b"kept"),
        ("worker:w2", b"kept"),
    ]
    assert aftermath.workers == {"w1", "w2"}


async def test_what_a_read_writes_is_not_kept(store: Store) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only") if "postgresql" in store.url else _nothing():
        await store.read(_rename, "w1", "new")

    assert await store.read(_name, "w1") == "name of w1"
    assert await store.read(_events) == []


@contextmanager
def _nothing() -> Iterator[None]:
    yield


async def test_a_read_sees_one_moment(store: Store) -> None:
    """A snapshot's head and its state belong together."""

    def look_twice(tx: Transaction) -> tuple[str, str]:
        before = _name(tx, "w1")
        store.transact_now(_rename, "w1", "new")
        return before, _name(tx, "w1")

    assert await store.read(look_twice) == ("name of w1", "name of w1")
    assert await store.read(_name, "w1") == "new"


async def test_refusals_pass_through(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.transact(_name, "nobody")
    with pytest.raises(NotFound):
        await store.read(_name, "nobody")


def test_the_calling_thread_may_do_it_itself(store: Store) -> None:
    assert store.transact_now(_rename, "w1", "new").aftermath.events[0].data == b"new"
    assert store.read_now(_name, "w1") == "new"


def test_time_is_utc_and_moves_on_inside_a_transaction(store: Store) -> None:
    before = datetime.now(UTC)

    first, second = store.transact_now(lambda tx: (tx.now(), tx.now())).value

    assert first.tzinfo is UTC
    assert before <= first < second + timedelta(microseconds=1)
    assert "sqlite" in store.url or first < second, "the transaction's start would stand still"


def test_a_given_clock_counts(url: str) -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    store = Store(url, clock=lambda: noon)

    committed = store.transact_now(_rename, "w1", "new")

    assert store.read_now(lambda tx: tx.now()) == noon
    assert committed.aftermath.events[0].at == noon
    store.close()


def test_closing_finishes_what_was_submitted(url: str) -> None:
    store = Store(url)
    store.transact_now(_rename, "w1", "new")
    store.close()

    again = Store(url)
    assert again.read_now(_name, "w1") == "new"
    again.close()


async def test_a_closed_store_is_unavailable(sqlite: str) -> None:
    store = Store(sqlite)
    store.close()

    with pytest.raises(Unavailable):
        await store.transact(_rename, "w1", "new")


@asynccontextmanager
async def _busy(store: Store) -> AsyncIterator[None]:
    """SQLite's one writer has something to do until the end of the block."""
    begun, go_on = threading.Event(), threading.Event()

    def hold(_tx: Transaction) -> None:
        begun.set()
        assert go_on.wait(60)

    held = asyncio.ensure_future(store.transact(hold))
    assert await asyncio.to_thread(begun.wait, 60)
    yield
    go_on.set()
    await held


async def _together(store: Store, *works: Callable[[Transaction], Any]) -> list[Any]:
    """What each answers, or raises, of transactions that waited together."""
    async with _busy(store):
        waiting = [asyncio.ensure_future(store.transact(work)) for work in works]
        await asyncio.sleep(0)
    outcomes: list[Any] = await asyncio.gather(*waiting, return_exceptions=True)
    return outcomes


def _commits(store: Store) -> list[str]:
    seen: list[str] = []
    event.listen(store.engine, "commit", lambda _connection: seen.append("commit"))
    return seen


async def test_transactions_that_wait_together_share_one_commit(sqlite: str) -> None:
    store = Store(sqlite)
    commits = _commits(store)
    renames = [partial(_rename, account=name, name=f"new {name}") for name in WORKERS[:9]]
    done = await _together(store, *renames)
    assert [each.value for each in done] == [f"new {name}" for name in WORKERS[:9]]
    assert len(commits) == 2, "one for the transaction that held them up, one for all of them"
    store.close()


async def test_one_that_fails_leaves_the_others_of_its_group(sqlite: str) -> None:
    store = Store(sqlite)
    commits = _commits(store)
    renames = [partial(_rename, account="w1", name=f"new {n}", spoil=n in (0, 2)) for n in range(5)]
    done = await _together(store, *renames)
    assert [type(each) for each in done] == [Spoiled, Committed, Spoiled, Committed, Committed]
    told = [told for each in done if isinstance(each, Committed) for told in each.aftermath.events]
    assert [(one.seq, one.data) for one in told] == [(1, b"new 1"), (2, b"new 3"), (3, b"new 4")]
    assert store.read_now(_events) == [b"new 1", b"new 3", b"new 4"]
    assert len(commits) == 2
    store.close()


async def test_when_the_commit_fails_nobody_is_told_it_worked(sqlite: str) -> None:
    store = Store(sqlite)

    def promise_too_much(tx: Transaction) -> None:
        # A foreign key that is looked at only by COMMIT.
        tx.connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        tx.connection.execute(text("UPDATE account SET station_id = 'nowhere' WHERE id = 'w2'"))

    done = await _together(store, lambda tx: _rename(tx, "w1", "new"), promise_too_much)
    assert all("FOREIGN KEY" in str(each) for each in done)
    assert store.read_now(_name, "w1") == "name of w1"
    assert store.read_now(_events) == []
    assert store.transact_now(_rename, "w1", "next").value == "next"
    store.close()


async def test_a_full_disk_undoes_what_did_not_fit(sqlite: str) -> None:
    store = Store(sqlite)

    def fill(tx: Transaction) -> None:
        pages = tx.connection.execute(text("PRAGMA page_count")).scalar_one()
        tx.connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        tx.gigs.add(gig(1, note="x" * 10_000_000))

    first, filled, second = await _together(
        store, lambda tx: _rename(tx, "w1", "new"), fill, lambda tx: _rename(tx, "w2", "new")
    )
    assert isinstance(filled, Unavailable)
    for done, account in ((first, "w1"), (second, "w2")):
        kept = store.read_now(_name, account) == "new"
        assert kept is isinstance(done, Committed), "what was answered is what is stored"
        assert store.read_now(_events, account) == ([b"new"] if kept else [])
    store.close()


async def test_who_gave_up_waiting_is_not_written(sqlite: str) -> None:
    store = Store(sqlite)
    begun: list[str] = []

    def note(tx: Transaction, name: str) -> None:
        begun.append(name)

    async with _busy(store):
        gone = asyncio.ensure_future(store.transact(note, "gone"))
        stays = asyncio.ensure_future(store.transact(note, "stays"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
    await stays
    assert begun == ["stays"]
    store.close()


def test_an_answer_to_a_loop_that_has_ended_stops_nobody(sqlite: str) -> None:
    store = Store(sqlite)
    busy, go_on = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> str:
        busy.set()
        assert go_on.wait(60)
        return _rename(tx, "w1", "kept")

    async def leave() -> None:
        asyncio.ensure_future(store.transact(hold))  # noqa: RUF006
        await asyncio.to_thread(busy.wait, 60)

    asyncio.run(leave())
    go_on.set()
    assert asyncio.run(store.transact(_rename, "w2", "new")).value == "new"
    assert store.read_now(_name, "w1") == "kept"
    store.close()


async def test_a_locked_sqlite_file_is_unavailable(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.05)
    store = Store(sqlite)
    other = open_engine(sqlite)

    with other.connect().execution_options(writes=True) as holder, holder.begin():
        with pytest.raises(Unavailable):
            await store.transact(_rename, "w1", "new")
        with pytest.raises(Unavailable):
            store.transact_now(_rename, "w1", "new")
        assert await store.read(_name, "w1") == "name of w1", "readers go on"

    assert (await store.transact(_rename, "w1", "new")).value == "new"
    other.dispose()
    store.close()


def test_who_waits_for_another_writer_comes_as_soon_as_it_has_ended(
    sqlite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not after SQLite's own 1, 2, 5, 10 … 100 ms: beside one that always writes that is never the moment."""
    store, other = Store(sqlite), open_engine(sqlite)
    pauses: list[float] = []
    with other.connect().execution_options(writes=True) as holder:
        held = holder.begin()

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                held.commit()

        monkeypatch.setattr("gigmarket.store.engine.time.sleep", pause)
        assert store.transact_now(_rename, "w1", "new").value == "new"
    assert pauses == [engine.POLL_S] * 3
    other.dispose()
    store.close()


def test_reads_beside_writes_wait_as_sqlite_does(sqlite: str) -> None:
    """A connection is lent to readers and writers in turn."""
    store = Store(sqlite)
    for _ in range(2):
        store.transact_now(_rename, "w1", "new")
        store.read_now(lambda tx: tx.connection.exec_driver_sql("SELECT 1"))
        assert store.read_now(_patience_ms) == round(engine.BUSY_TIMEOUT_S * 1000)
        assert store.transact_now(_patience_ms).value == 0
    store.close()


def _patience_ms(tx: Transaction) -> int:
    return int(tx.connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one())


async def test_what_the_log_holds_is_moved_into_the_file_while_others_write(sqlite: str) -> None:
    """In the middle of another thread's transaction: what is committed is moved, and nobody waits."""
    store, path = Store(sqlite), Path(make_url(sqlite).database or "")
    store.transact_now(_rename, "w1", "moved")

    def write(tx: Transaction) -> None:
        _rename(tx, "w1", "written")
        store._checkpoint()
        assert b"moved" in path.read_bytes()
        assert b"written" not in path.read_bytes()

    assert b"moved" not in path.read_bytes()
    store.transact_now(write)
    await store.checkpoint()
    assert b"written" in path.read_bytes()
    store.close()


async def test_postgresql_moves_its_log_itself(postgresql: str) -> None:
    store = Store(postgresql)
    await store.checkpoint()
    store.close()
