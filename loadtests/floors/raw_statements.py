"""The statements of our own transactions, recorded, and replayed by the raw driver: one transaction each."""

import queue
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event


@dataclass(frozen=True, slots=True)
class Statement:
    """One call of the driver, as SQLAlchemy made it."""

    sql: str
    parameters: Any
    many: bool
    reads: bool


Recorded = list[list[Statement]]


@contextmanager
def recording(engine: Engine) -> Iterator[Recorded]:
    """Collect what every transaction that commits on this engine in this block says to the driver."""
    done: Recorded = []
    current: list[Statement] = []

    def before(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        if not statement.startswith("BEGIN"):
            reads = statement.lstrip().upper().startswith("SELECT") or "RETURNING" in statement
            current.append(Statement(statement, parameters, many, reads))

    def commit(_connection: Any) -> None:
        done.append(list(current))
        current.clear()

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "commit", commit)
    try:
        yield done
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "commit", commit)


class SqliteReplay:
    """One connection, set up as the store's; `group` transactions share a commit."""

    def __init__(self, path: Path, group: int = 1) -> None:
        self._group = group
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            self._connection.execute(f"PRAGMA {pragma}")

    def run(self, transactions: Sequence[Sequence[Statement]]) -> float:
        """Seconds for these transactions, one after the other."""
        began = time.perf_counter()
        for first in range(0, len(transactions), self._group):
            self._connection.execute("BEGIN IMMEDIATE")
            for transaction in transactions[first : first + self._group]:
                _say(self._connection.cursor(), transaction)
            self._connection.execute("COMMIT")
        return time.perf_counter() - began

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PostgresReplay:
    """As many connections in threads as the store has, each taking the next transaction."""

    def __init__(self, url: str, threads: int) -> None:
        import psycopg

        self._connections = [psycopg.connect(url) for _ in range(threads)]
        self._threads = ThreadPoolExecutor(threads)

    def run(self, transactions: Sequence[Sequence[Statement]]) -> float:
        """Seconds for these transactions by all connections together."""
        waiting: queue.SimpleQueue[Sequence[Statement]] = queue.SimpleQueue()
        for transaction in transactions:
            waiting.put(transaction)

        def work(connection: Any) -> None:
            while True:
                try:
                    transaction = waiting.get_nowait()
                except queue.Empty:
                    return
                _say(connection.cursor(), transaction)
                connection.commit()

        began = time.perf_counter()
        list(self._threads.map(work, self._connections))
        return time.perf_counter() - began

    def close(self) -> None:
        """Close every connection."""
        self._threads.shutdown()
        for connection in self._connections:
            connection.close()


def _say(cursor: Any, transaction: Sequence[Statement]) -> None:
    for statement in transaction:
        say: Callable[[str, Any], Any] = cursor.executemany if statement.many else cursor.execute
        say(statement.sql, statement.parameters)
        if statement.reads and not statement.many:
            cursor.fetchall()
