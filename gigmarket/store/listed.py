"""A list in an order of its own: read page by page after a mark, and counted whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Connection, RowMapping, Select, and_, func, or_, select

from gigmarket.domain.geo import Position

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in a list something stands: by its moment, and by its id among those of the same moment."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One of a list, where it is (None when nobody knows), and its mark."""

    what: T
    where: Position | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Order:
    """Columns of a statement: what a list is ordered by, a moment and then an id, and where each row is."""

    at: Column[Any]
    id: Column[Any]
    lat: Column[Any]
    lng: Column[Any]
    latest_first: bool = False


class Listed(Generic[T]):
    """The rows of one statement as a list. Read-only, inside one transaction."""

    def __init__(
        self,
        connection: Connection,
        statement: Select[Any],
        order: Order,
        made: Callable[[RowMapping], T],
        given: Mapping[str, Any] | None = None,
    ) -> None:
        self._connection = connection
        self._statement = statement
        self._order = order
        self._made = made
        self._given = given or {}

    def page(self, after: Mark | None, limit: int) -> list[Entry[T]]:
        """The first so many after a mark, or of all."""
        order = self._order
        marked = self._statement.add_columns(
            order.at.label("mark_at"),
            order.id.label("mark_id"),
            order.lat.label("place_lat"),
            order.lng.label("place_lng"),
        )
        if after is not None:
            marked = marked.where(self._later(after))
        if order.latest_first:
            marked = marked.order_by(order.at.desc(), order.id.desc())
        else:
            marked = marked.order_by(order.at, order.id)
        rows = self._connection.execute(marked.limit(limit), self._given)
        return [self._entry(row) for row in rows.mappings()]

    def count(self) -> int:
        """How many there are."""
        all_of_it = self._statement.with_only_columns(self._order.id).order_by(None).subquery()
        found = self._connection.execute(select(func.count()).select_from(all_of_it), self._given)
        return int(found.scalar_one())

    def places(self) -> list[Position | None]:
        """Where each of them is, in no order: what counting those of a region takes."""
        where = self._statement.with_only_columns(self._order.lat, self._order.lng).order_by(None)
        return [_position(lat, lng) for lat, lng in self._connection.execute(where, self._given)]

    def _later(self, after: Mark) -> Any:
        at, key = self._order.at, self._order.id
        if self._order.latest_first:
            return or_(at < after.at, and_(at == after.at, key < after.id))
        return or_(at > after.at, and_(at == after.at, key > after.id))

    def _entry(self, row: RowMapping) -> Entry[T]:
        where = _position(row["place_lat"], row["place_lng"])
        return Entry(self._made(row), where, Mark(row["mark_at"], row["mark_id"]))


def _position(lat: float | None, lng: float | None) -> Position | None:
    return Position(lat, lng) if lat is not None and lng is not None else None
