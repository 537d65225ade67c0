"""SQLite's one writer: transactions that wait together share a commit."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection

from gigmarket.domain.errors import CannotStore, Unavailable
from gigmarket.store.failures import Translated
from gigmarket.store.transaction import Committed, Transaction, savepoint

Work = Callable[[Transaction], Any]

GROUP = 16
"""Most transactions that share one SQLite commit: its fsync is the price of durability, paid once for all."""


@dataclass(slots=True, eq=False)
class _Waiting:
    work: Work
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Committed[Any]]"


Outcome = tuple[_Waiting, Committed[Any] | BaseException]


class GroupWriter:
    """SQLite's one writer thread. Transactions that wait together share one BEGIN IMMEDIATE … COMMIT, each in
    its own savepoint, and are answered together after the commit: a thread that wakes another for each answer
    loses the interpreter to it each time.
    """

    def __init__(
        self, connect: Callable[[], Connection], run: Callable[[Connection, Work], Committed[Any]]
    ) -> None:
        """`connect` opens a connection whose transactions write; `run` does one's work on it."""
        self._connect, self._run = connect, run
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
                Translated(writing=True),
                self._connect() as connection,
                connection.begin(),
            ):
                if len(group) == 1:
                    outcomes.append((group[0], self._run(connection, group[0].work)))
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
            with Translated(writing=True), savepoint(connection, "one_of_many"):
                return self._run(connection, waiting.work)
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
