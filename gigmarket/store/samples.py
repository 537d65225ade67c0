"""The market minute by minute, for the last days."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, text, update

from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_ROW = TABLES["market_sample"]
_ADD = Prepared(
    text(
        "INSERT INTO market_sample (at, counters, cells) VALUES (:at, :counters, :cells)"
        " ON CONFLICT (at) DO NOTHING"
    ).bindparams(bindparam("at", type_=_ROW.c.at.type))
)


class Samples:
    """Queries about samples inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, at: datetime, counters: str, cells: str | None) -> None:
        """Keep a minute; one that is there already stays."""
        _ADD.write(self._connection, {"at": at, "counters": counters, "cells": cells})

    def counters(self, since: datetime) -> list[str]:
        """The counters of every minute since a moment, oldest first."""
        statement = select(_ROW.c.counters).where(_ROW.c.at >= since).order_by(_ROW.c.at)
        return list(self._connection.execute(statement).scalars())

    def cell_times(self, since: datetime) -> Sequence[datetime]:
        """The minutes whose cells are kept, oldest first."""
        statement = select(_ROW.c.at).where(_ROW.c.at >= since, _ROW.c.cells.is_not(None))
        return list(self._connection.execute(statement.order_by(_ROW.c.at)).scalars())

    def cells(self, at: datetime) -> tuple[str, str] | None:
        """Counters and cells of the last minute with cells at or before a moment."""
        statement = select(_ROW.c.counters, _ROW.c.cells).where(_ROW.c.at <= at, _ROW.c.cells.is_not(None))
        row = self._connection.execute(statement.order_by(_ROW.c.at.desc()).limit(1)).first()
        return (row.counters, row.cells) if row is not None else None

    def forget(self, before: datetime, cells_before: datetime) -> int:
        """Delete minutes, and the cells of those that stay; returns how many minutes."""
        old = _ROW.c.cells.is_not(None), _ROW.c.at < cells_before
        self._connection.execute(update(_ROW).where(*old).values(cells=None))
        return self._connection.execute(delete(_ROW).where(_ROW.c.at < before)).rowcount
