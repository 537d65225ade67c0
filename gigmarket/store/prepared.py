"""Statements that are asked all day: SQLAlchemy compiles each once, and SQLite's own driver runs it."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy.exc
from sqlalchemy import Connection, Dialect, Executable, Result, TextClause
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Given = Mapping[str, Any]
_Convert = Callable[[Any], Any] | None


class Prepared:
    """A statement with parameters, the same whenever it is run: declare it where its module begins.

    On SQLite the way through SQLAlchemy takes ten times as long as what SQLite does for a row that it finds by
    an index: 30 µs a statement, and 6 from here (ADR 2). Where the time goes to a server on another end of a
    socket, and where somebody listens to SQLAlchemy's statements, they go its way.
    """

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._direct: dict[tuple[str, ...], _Direct] = {}

    def rows(self, connection: Connection, given: Given) -> Result[*tuple[Any, ...]]:
        """The rows that it finds, or returns of those it wrote. Raises SQLAlchemy's DBAPIError."""
        driver = _driver(connection)
        if driver is None:
            return connection.execute(self.statement, given)
        return self._prepared(connection, tuple(given)).rows(driver, given)

    def write(self, connection: Connection, given: Given | Sequence[Given]) -> int:
        """Run it, once for each set of parameters; answers how many rows it wrote. Raises DBAPIError."""
        driver = _driver(connection)
        if driver is None:
            return connection.execute(self.statement, given).rowcount
        if isinstance(given, Mapping):
            return self._prepared(connection, tuple(given)).write(driver, given)
        if len(given) == 1:
            return self._prepared(connection, tuple(given[0])).write(driver, given[0])
        return self._prepared(connection, tuple(given[0])).write_many(driver, given) if given else 0

    def _prepared(self, connection: Connection, names: tuple[str, ...]) -> "_Direct":
        """As it is run with parameters of these names: an insert has no other columns."""
        found = self._direct.get(names)
        if found is None:
            found = self._direct[names] = _Direct.of(self.statement, connection.dialect, names)
        return found


def _driver(connection: Connection) -> sqlite3.Connection | None:
    """SQLite's driver inside this connection's transaction, if statements are to go there directly."""
    if connection.dialect.name != "sqlite" or connection.engine.dispatch.before_cursor_execute:
        return None
    if not connection.in_transaction():
        connection.begin()
    return cast(sqlite3.Connection, connection.connection.driver_connection)


@dataclass(slots=True)
class _Direct:
    """What SQLite is told, which parameters it takes in which order, and how columns come back from it."""

    sql: str
    takes: Sequence[tuple[str, _Convert]]
    constants: Given
    columns: SimpleResultMetaData | None
    gives: Sequence[tuple[int, Callable[[Any], Any]]]

    @staticmethod
    def of(statement: Executable, dialect: Dialect, names: Sequence[str]) -> "_Direct":
        """Compile it. Raises ValueError for a statement that SQLAlchemy adds to at each run."""
        compiled = cast(SQLCompiler, statement.compile(dialect=dialect, column_keys=list(names)))  # type: ignore[attr-defined]
        if compiled.literal_execute_params or compiled.post_compile_params:
            raise ValueError("a list of its own length, or a value written in at each run: use `among`")
        if compiled.prefetch:
            raise ValueError(f"say them: {', '.join(column.name for column in compiled.prefetch)}")
        binds = compiled.binds
        columns = () if isinstance(statement, TextClause) else statement.exported_columns  # type: ignore[attr-defined]
        back = [_back(column.type, dialect) for column in columns]
        return _Direct(
            sql=compiled.string,
            takes=[(name, _there(binds[name].type, dialect)) for name in compiled.positiontup or ()],
            constants={name: bind.value for name, bind in binds.items() if not bind.required},
            columns=SimpleResultMetaData(columns.keys()) if columns else None,
            gives=[(place, convert) for place, convert in enumerate(back) if convert is not None],
        )

    def rows(self, driver: sqlite3.Connection, given: Given) -> Result[*tuple[Any, ...]]:
        """Its rows, all read."""
        try:
            cursor = driver.execute(self.sql, self._parameters(given))
            found = cursor.fetchall()
        except sqlite3.Error as error:
            raise self._said(error) from error
        if self.columns is None:
            # Text alone does not tell what it finds.
            self.columns = SimpleResultMetaData([column[0] for column in cursor.description])
        return IteratorResult(self.columns, iter(self._converted(found)))

    def write(self, driver: sqlite3.Connection, given: Given) -> int:
        """Run it once."""
        try:
            return driver.execute(self.sql, self._parameters(given)).rowcount
        except sqlite3.Error as error:
            raise self._said(error) from error

    def write_many(self, driver: sqlite3.Connection, given: Sequence[Given]) -> int:
        """Run it once for each."""
        try:
            return driver.executemany(self.sql, [self._parameters(one) for one in given]).rowcount
        except sqlite3.Error as error:
            raise self._said(error) from error

    def _parameters(self, given: Given) -> list[Any]:
        values = {**self.constants, **given} if self.constants else given
        return [convert(values[name]) if convert else values[name] for name, convert in self.takes]

    def _converted(self, found: list[Any]) -> list[Any]:
        if not self.gives:
            return found
        rows = []
        for each in found:
            row = list(each)
            for place, convert in self.gives:
                row[place] = convert(row[place])
            rows.append(tuple(row))
        return rows

    def _said(self, error: sqlite3.Error) -> sqlalchemy.exc.DBAPIError:
        """SQLAlchemy has the same names for them; parameters are somebody's data and stay out of it."""
        kind = getattr(sqlalchemy.exc, type(error).__name__, sqlalchemy.exc.DBAPIError)
        said: sqlalchemy.exc.DBAPIError = kind(self.sql, None, error)
        return said


def _there(type_: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _back(type_: TypeEngine[Any], dialect: Dialect) -> _Convert:
    return type_.dialect_impl(dialect).result_processor(dialect, None)
