"""The ledger of workers' days in SQL: what fairness over days is counted from."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    bindparam,
    case,
    delete,
    func,
    literal,
    select,
    text,
    tuple_,
)

from gigmarket.domain.fairness import HOUR_S, Day, Standing
from gigmarket.domain.ids import WorkerId
from gigmarket.store.columns import among
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_ROW = TABLES["worker_day"]
_ADD = Prepared(
    text(
        "INSERT INTO worker_day (worker_id, day, available_s, worked_s, offers)"
        " VALUES (:worker_id, :day, :available_s, :worked_s, :offers)"
        " ON CONFLICT (worker_id, day) DO UPDATE SET"
        " available_s = worker_day.available_s + excluded.available_s,"
        " worked_s = worker_day.worked_s + excluded.worked_s, offers = worker_day.offers + excluded.offers"
    ).bindparams(bindparam("day", type_=Date()))
)
_OF_WORKER = Prepared(
    select(_ROW).where(_ROW.c.worker_id == bindparam("worker"), _ROW.c.day >= bindparam("since", type_=Date()))
)
_OLD = (
    select(_ROW.c.worker_id, _ROW.c.day)
    .where(_ROW.c.day < bindparam("before", type_=Date()))
    .order_by(_ROW.c.day)
    .limit(bindparam("most"))
)
_FORGET = Prepared(delete(_ROW).where(tuple_(_ROW.c.worker_id, _ROW.c.day).in_(_OLD)))

_RECENT = _ROW.c.day >= bindparam("since", type_=Date()), _ROW.c.day <= bindparam("today", type_=Date())
_BUSY_DAY = case((_ROW.c.worked_s > 0, _ROW.c.day))


def _sums(*whose: ColumnElement[bool]) -> Select[Any]:
    days = (
        select(_ROW, func.max(_BUSY_DAY).over(partition_by=_ROW.c.worker_id).label("last"))
        .where(*_RECENT, *whose)
        .subquery()
    )
    idle = (
        (days.c.available_s >= HOUR_S)
        & (days.c.day < bindparam("today", type_=Date()))
        & (days.c.last.is_(None) | (days.c.day > days.c.last))
    )
    return select(
        days.c.worker_id,
        func.sum(days.c.available_s).label("available_s"),
        func.sum(days.c.worked_s).label("worked_s"),
        func.sum(case((days.c.available_s > 0, 1), else_=0)).label("days_available"),
        func.sum(case((days.c.worked_s > 0, 1), else_=0)).label("days_worked"),
        func.max(days.c.last, type_=Date()).label("last_worked"),
        func.sum(days.c.offers).label("offers"),
        func.sum(case((idle, literal(1)), else_=0)).label("idle_days"),
    ).group_by(days.c.worker_id)


_EVERYBODY = Prepared(_sums())
_OF_SOME = Prepared(_sums(among(_ROW.c.worker_id, "ids")))


class Days:
    """Queries about workers' days inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standings(
        self, ids: Sequence[WorkerId] | None, today: date, policy_days: int
    ) -> dict[WorkerId, Standing]:
        """Sums over the last `policy_days` days, today included, of these workers (None: of everybody). Who has
        no day in the ledger is not in the answer.
        """
        if ids is not None and not ids:
            return {}
        span = {"since": today - timedelta(days=policy_days - 1), "today": today}
        rows = (
            _EVERYBODY.rows(self._connection, span)
            if ids is None
            else _OF_SOME.rows(self._connection, {**span, "ids": ids})
        )
        return {
            WorkerId(worker): Standing(
                available_s=int(available),
                worked_s=int(worked),
                days_available=int(days_available),
                days_worked=int(days_worked),
                last_worked=last,
                offers=int(offers),
                idle_days=int(idle),
            )
            for worker, available, worked, days_available, days_worked, last, offers, idle in rows
        }

    def add(self, rows: Iterable[Day]) -> None:
        """Add seconds and offers to workers' days, one statement for all; days without a row begin at zero."""
        # In one order for everybody, so that two transactions never wait for each other's rows.
        values = [
            {
                "worker_id": row.worker,
                "day": row.day,
                "available_s": row.available_s,
                "worked_s": row.worked_s,
                "offers": row.offers,
            }
            for row in sorted(rows, key=lambda row: (row.worker, row.day))
        ]
        if values:
            _ADD.write(self._connection, values)

    def of(self, worker: WorkerId, since: date) -> dict[date, Day]:
        """A worker's days from this one on."""
        rows = _OF_WORKER.rows(self._connection, {"worker": worker, "since": since})
        return {row.day: Day(worker, row.day, row.available_s, row.worked_s, row.offers) for row in rows}

    def forget(self, before: date, limit: int = 1000) -> int:
        """Delete at most `limit` days before this one: each midnight everybody has one. Returns how many."""
        return _FORGET.write(self._connection, {"before": before, "most": limit})
