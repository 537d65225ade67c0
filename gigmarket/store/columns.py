"""Column types that keep their meaning in both databases."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, ColumnElement, Dialect, String, bindparam, literal_column
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, microseconds since 1970 on SQLite (exact, ordered,
    and cheaper to read than text).
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """A datetime with an offset; a naive one is a bug and raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs an offset")
        if dialect.name == "postgresql":
            return value
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Always in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=value)


def one_of(column: ColumnElement[str], members: Iterable[StrEnum]) -> ColumnElement[bool]:
    """Whether a column has one of these values, written into the statement: a list of parameters is put in anew
    at each execution (a twentieth of an accept), and a partial index is found by one only after SQLite has
    prepared the statement again. As the indexes have it, or SQLite does not find them: in the order in which
    the values are declared, and for one value an equation.
    """
    named = set(members)
    values: list[ColumnElement[str]] = [
        literal_column(f"'{member.value}'") for member in type(next(iter(named))) if member in named
    ]
    return column == values[0] if len(values) == 1 else column.in_(values)


class Texts(TypeDecorator[list[str]]):
    """A list of texts as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        return dialect.type_descriptor(ARRAY(String()) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Iterable[str] | None, dialect: Dialect) -> Any:
        """Any number of texts, none included."""
        texts = list(value or ())
        return texts if dialect.name == "postgresql" else orjson.dumps(texts).decode()


class among(FunctionElement[bool]):  # noqa: N801 - stands where functions of SQL stand
    """Whether a column has one of the texts of the parameter `name`, however many there are. SQLAlchemy's IN
    with a list is put together anew at each execution, and is another statement for each length.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[str], name: str) -> None:
        super().__init__(column, bindparam(name, type_=Texts()))


@compiles(among)
def _of_json(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, texts = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 - both are SQLAlchemy's


@compiles(among, "postgresql")
def _of_array(element: among, compiler: SQLCompiler, **kw: Any) -> str:
    column, texts = (compiler.process(part, **kw) for part in element.clauses)
    return f"{column} = ANY({texts})"


def instant(nullable: bool = False) -> Any:
    """A field of a row that holds a moment."""
    return Field(sa_column=Column(Instant(), nullable=nullable))
