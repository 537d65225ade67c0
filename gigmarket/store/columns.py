"""Column types that keep their meaning in both databases."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Column, ColumnElement, Dialect, literal_column
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field

T = TypeVar("T")
_EACH_LENGTH = 8
"""Lists up to so long are as long as they are; beyond, two lengths for each power of two."""
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


def padded(values: Iterable[T]) -> list[T]:
    """As many of these for an IN, the last of them again up to a length of which there are few: for each length
    the driver prepares another statement and keeps it, and SQLAlchemy's text of each is another string.
    """
    found = list(values)
    count = len(found)
    if count > _EACH_LENGTH:
        power = (count - 1).bit_length()
        length = 3 << (power - 2)
        found.extend(found[-1:] * ((length if count <= length else 1 << power) - count))
    return found


def instant(nullable: bool = False) -> Any:
    """A field of a row that holds a moment."""
    return Field(sa_column=Column(Instant(), nullable=nullable))
