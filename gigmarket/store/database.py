"""The store: `await store.transact(fn, ...)` runs a synchronous use case whole in a worker thread."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gigmarket.domain.errors import CannotStore, Unavailable
from gigmarket.store import unwritable
from gigmarket.store.engine import POSTGRES_THREADS, is_sqlite, open_engine
from gigmarket.store.transaction import Aftermath, Clock, Transaction, savepoint
from gigmarket.store.watch import Watch

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[[Transaction], Any]

PATIENCE_S = 8.0
"""Nobody waits longer for the database, however many wait before him."""
PROOF_S = 1.0
"""Whether the database takes writes is tried by a write of its own no more often than this."""
GROUP = 16
"""Most transactions that share one SQLite commit: its fsync is the price of durability, paid once for all."""
_RETRIED = {"40001", "40P01", "23505"}
"""PostgreSQL's states after which another try sees what the winner has committed: serialization failure,
deadlock, and a unique key that somebody took at the same moment (a first answer, a new account)."""
_TRIES = 4
_LOCK_NOT_AVAILABLE = "55P03"


async def in_time(answer: Awaitable[T]) -> T:
    """The answer, or Unavailable after `PATIENCE_S`."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await answer
    except TimeoutError as error:
        raise Unavailable("the database does not answer in time") from error


class Locked(Unavailable):
    """Somebody holds a row for longer than this transaction was to wait for one, or has just changed it."""


@dataclass(frozen=True, slots=True)
class Committed(Generic[T]):
    """A use case's value and what has to be told now that it is committed."""

    value: T
    aftermath: Aftermath


class Store:
    """Transactions over one database. SQLite: one writer thread that commits waiting transactions in groups;
    PostgreSQL: a small pool of threads.
    """

    def __init__(
        self, url: str, clock: Clock | None = None, inline: bool = False, phones_hidden: bool = False
    ) -> None:
        """`inline` runs SQLite transactions in the calling thread: for a process whose loop has nothing else to
        do meanwhile, it saves the two thread switches of each (0.3 to 0.5 ms on a small machine).
        """
        self.url = url
        self._phones_hidden = phones_hidden
        self.engine: Engine = open_engine(url)
        # On PostgreSQL each statement would else see another moment.
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading: dict[str, Any] = {} if is_sqlite(url) else snapshot
        self._clock = clock
        self.reads = 0
        """Reads asked of this process so far."""
        self._reads, self._writes = Watch.both()
        self._proved_at = -PROOF_S
        self._inline = inline and is_sqlite(url)
        threads = 2 if is_sqlite(url) else POSTGRES_THREADS
        self._readers = ThreadPoolExecutor(threads, thread_name_prefix="store-read")
        self._writer = _GroupWriter(self) if is_sqlite(url) else None
        self._writers = None if self._writer else ThreadPoolExecutor(threads, thread_name_prefix="store-write")

    async def transact(
        self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Committed[T]:
        """Run `fn(tx, ...)` in one writing transaction and commit it.

        Whatever it raises rolls everything back. Raises Unavailable when the database does not answer, within
        `PATIENCE_S`: what has not begun by then never will; of what has, nobody knows yet whether it will be
        committed, so the caller repeats it under its key.
        """

        def work(tx: Transaction) -> T:
            return fn(tx, *args, **kwargs)

        with self._writes:
            if self._inline:
                return self._write(work)
            if self._writer:
                return cast(Committed[T], await in_time(self._writer.submit(work)))
            future = cast(ThreadPoolExecutor, self._writers).submit(self._write, work)
            return cast(Committed[T], await in_time(asyncio.wrap_future(future)))

    async def read(self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(tx, ...)` on one consistent snapshot; nothing it writes is kept."""
        self.reads += 1
        with self._reads:
            if self._inline:
                return self.read_now(fn, *args, **kwargs)
            future = self._readers.submit(self._read, lambda tx: fn(tx, *args, **kwargs))
            return cast(T, await in_time(asyncio.wrap_future(future)))

    async def prove_writable(self) -> None:
        """Write what is there already, unless that was done within the last second. Raises CannotStore, also
        while larger writes than this one were refused a moment ago, and Unavailable.
        """
        if time.monotonic() - self._proved_at >= PROOF_S:
            self._proved_at = time.monotonic()
            await self.transact(_write_again)
        if self._writes.refused is not None:
            raise CannotStore(self._writes.refused)

    def transact_now(
        self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Committed[T]:
        """The same as `transact`, in the calling thread: for commands and set-up."""
        return self._write(lambda tx: fn(tx, *args, **kwargs))

    def read_now(self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same as `read`, in the calling thread."""
        return cast(T, self._read(lambda tx: fn(tx, *args, **kwargs)))

    async def checkpoint(self) -> None:
        """Move what SQLite's log holds into the database file, in a thread, holding up nobody. PostgreSQL's
        server does so by itself. Raises Unavailable.
        """
        if is_sqlite(self.url):
            with self._writes:
                await asyncio.to_thread(self._checkpoint)

    def _checkpoint(self) -> None:
        with _Translated(writing=True), self.engine.connect() as connection:
            driver = cast(sqlite3.Connection, connection.connection.driver_connection)
            driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Finish what was submitted, then release every thread and connection."""
        if self._writer:
            self._writer.close()
        if self._writers:
            self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()

    def _read(self, work: Work) -> Any:
        with _Translated(), self.engine.connect().execution_options(**self._reading) as connection:
            return work(Transaction(connection, self._clock, self._phones_hidden))

    def _writing(self) -> Connection:
        return self.engine.connect().execution_options(writes=True)

    def _write(self, work: Work) -> Committed[Any]:
        for tries_left in reversed(range(_TRIES)):
            try:
                with _Translated(writing=True), self._writing() as connection, connection.begin():
                    return self._run(connection, work)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _RETRIED:
                    raise
                if not tries_left and isinstance(error, OperationalError):
                    raise Unavailable("the database is busy") from error
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _run(self, connection: Connection, work: Work) -> Committed[Any]:
        tx = Transaction(connection, self._clock, self._phones_hidden)
        value = work(tx)
        return Committed(value, tx.finish())


class _Translated:
    """Turns a database that does not answer, or takes no writes, into Unavailable; every other error passes."""

    def __init__(self, writing: bool = False) -> None:
        self._writing = writing

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._writing and (reason := unwritable.reason(error)) is not None:
            raise CannotStore(reason) from error
        if isinstance(error, PoolTimeout):
            raise Unavailable("the database is busy") from error
        if isinstance(error, sqlite3.OperationalError):
            raise Unavailable("the database does not answer") from error
        if not isinstance(error, DBAPIError) or getattr(error.orig, "sqlstate", None) in _RETRIED:
            return
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise Locked("somebody holds what this needs") from error
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise Unavailable("the database does not answer") from error


def _write_again(tx: Transaction) -> None:
    tx.streams.write_epoch_again()


@dataclass(slots=True, eq=False)
class _Waiting:
    work: Work
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Committed[Any]]"


Outcome = tuple[_Waiting, Committed[Any] | BaseException]


class _GroupWriter:
    """SQLite's one writer thread. Transactions that wait together share one BEGIN IMMEDIATE … COMMIT, each in
    its own savepoint, and are answered together after the commit: a thread that wakes another for each answer
    loses the interpreter to it each time.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="store-write", daemon=True)
        self._thread.start()

    def submit(self, work: Work) -> "asyncio.Future[Committed[Any]]":
        """Queue a transaction of the running loop."""
        if self._closed:
            raise Unavailable("the store is closing")
        loop = asyncio.get_running_loop()
        waiting = _Waiting(work, loop, loop.create_future())
        self._queue.put(waiting)
        return waiting.future

    def close(self) -> None:
        """Write what is queued, then end the thread."""
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _loop(self) -> None:
        while (first := self._queue.get()) is not None:
            group = [first]
            while len(group) < GROUP:
                try:
                    following = self._queue.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    self._queue.put(None)
                    break
                group.append(following)
            # What was given up before it began never begins.
            self._commit([waiting for waiting in group if not waiting.future.cancelled()])

    def _commit(self, group: list[_Waiting]) -> None:
        if not group:
            return
        outcomes: list[Outcome] = []
        try:
            with (
                _Translated(writing=True),
                self._store._writing() as connection,
                connection.begin(),
            ):
                if len(group) == 1:
                    outcomes.append((group[0], self._store._run(connection, group[0].work)))
                else:
                    outcomes.extend((waiting, self._nested(connection, waiting)) for waiting in group)
        except BaseException as error:
            outcomes = [(waiting, error) for waiting in group]
        for loop in {waiting.loop for waiting in group}:
            # A loop that has ended waits for nothing any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_answer, [each for each in outcomes if each[0].loop is loop])

    def _nested(self, connection: Connection, waiting: _Waiting) -> Committed[Any] | BaseException:
        try:
            with _Translated(writing=True), savepoint(connection, "one_of_many"):
                return self._store._run(connection, waiting.work)
        except BaseException as error:
            driver = cast(sqlite3.Connection, connection.connection.driver_connection)
            # After a full disk SQLite has undone the whole transaction, the others' savepoints included, and
            # a COMMIT would pass in silence.
            if driver.in_transaction:
                return error
            if isinstance(error, CannotStore):
                raise
            raise CannotStore("it undid a transaction by itself") from error


def _answer(outcomes: list[Outcome]) -> None:
    for waiting, outcome in outcomes:
        if waiting.future.done():
            continue
        if isinstance(outcome, BaseException):
            waiting.future.set_exception(outcome)
        else:
            waiting.future.set_result(outcome)
