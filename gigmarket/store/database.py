"""The store: `await store.transact(fn, ...)` runs a synchronous use case whole in a worker thread."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from gigmarket.domain.errors import CannotStore, Unavailable
from gigmarket.store.engine import POSTGRES_THREADS, is_sqlite, open_engine
from gigmarket.store.failures import RETRIED, Translated
from gigmarket.store.group_writer import GroupWriter, Work
from gigmarket.store.transaction import Clock, Committed, Transaction
from gigmarket.store.watch import Watch

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE_S = 8.0
"""Nobody waits longer for the database, however many wait before him."""
PROOF_S = 1.0
"""Whether the database takes writes is tried by a write of its own no more often than this."""
_TRIES = 4


async def in_time(answer: Awaitable[T]) -> T:
    """The answer, or Unavailable after `PATIENCE_S`."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await answer
    except TimeoutError as error:
        raise Unavailable("the database does not answer in time") from error


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
        self._writer = GroupWriter(self._writing, self._run) if is_sqlite(url) else None
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
        with Translated(writing=True), self.engine.connect() as connection:
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
        with Translated(), self.engine.connect().execution_options(**self._reading) as connection:
            return work(Transaction(connection, self._clock, self._phones_hidden))

    def _writing(self) -> Connection:
        return self.engine.connect().execution_options(writes=True)

    def _write(self, work: Work) -> Committed[Any]:
        for tries_left in reversed(range(_TRIES)):
            try:
                with Translated(writing=True), self._writing() as connection, connection.begin():
                    return self._run(connection, work)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in RETRIED:
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


def _write_again(tx: Transaction) -> None:
    tx.streams.write_epoch_again()
