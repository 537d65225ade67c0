"""What a desk works off: who waits, seats that nobody came to, work that is not paid."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, exists, func, or_, select

from gigmarket.domain.assignment import WORKING
from gigmarket.domain.calendar import midnight
from gigmarket.domain.geo import Position
from gigmarket.domain.gig import Settlement
from gigmarket.domain.ids import StationId, WorkerId
from gigmarket.store.columns import one_of
from gigmarket.store.tables import TABLES

_GIG = TABLES["gig"]
_OFFER = TABLES["offer"]
_ASSIGNMENT = TABLES["assignment"]
_WORKER = TABLES["worker"]
_ACCOUNT = TABLES["account"]
_DAY = TABLES["worker_day"]
_HAS_WORK = exists().where(
    _ASSIGNMENT.c.worker_id == _WORKER.c.account_id,
    one_of(_ASSIGNMENT.c.status, WORKING),
    _ASSIGNMENT.c.busy_from < bindparam("tomorrow"),
)
_ASKED = exists().where(_OFFER.c.worker_id == _WORKER.c.account_id, _OFFER.c.status == "pending")


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who waits, has no work today and is not being asked; offers had today and in the week."""

    worker: WorkerId
    name: str
    since: datetime
    trades: frozenset[str]
    position: Position | None
    station: StationId | None
    offers_today: int
    offers_week: int


@dataclass(frozen=True, slots=True)
class Seat:
    """A promised seat with its gig and the names of both sides."""

    assignment: str
    gig: str
    title: str
    site: Position
    starts_at: datetime
    free_seats: int
    worker: WorkerId
    worker_name: str
    employer: str
    employer_name: str
    due_fen: int | None
    ends_at: datetime
    settle_on: date | None


class Queues:
    """Read-only lists inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, today: date, week: date, limit: int) -> list[Waiter]:
        """Who waits, the longest first. `week` is the first day that counts for the week."""
        statement = _waiting(today, week).order_by(_WORKER.c.since, _WORKER.c.account_id).limit(limit)
        rows = self._connection.execute(statement, _tomorrow(today))
        return [_waiter(row) for row in rows.mappings()]

    def never(self, today: date, week: date, since: datetime, limit: int) -> list[Waiter]:
        """Who waits since this moment or longer and had no offer in the week, the longest first."""
        none = func.coalesce(_offers(week, today).scalar_subquery(), 0) == 0
        statement = _waiting(today, week).where(none, _WORKER.c.since <= since)
        ordered = statement.order_by(_WORKER.c.since, _WORKER.c.account_id).limit(limit)
        rows = self._connection.execute(ordered, _tomorrow(today))
        return [_waiter(row) for row in rows.mappings()]

    def waiting_count(self, today: date) -> int:
        """How many wait."""
        statement = select(func.count()).select_from(_WORKER).where(_WORKER.c.wanted, ~_HAS_WORK, ~_ASKED)
        return int(self._connection.execute(statement, _tomorrow(today)).scalar_one())

    def never_count(self, today: date, week: date, since: datetime) -> int:
        """How many wait since this moment or longer without an offer in the week."""
        none = func.coalesce(_offers(week, today).scalar_subquery(), 0) == 0
        statement = select(func.count()).select_from(_WORKER)
        statement = statement.where(_WORKER.c.wanted, ~_HAS_WORK, ~_ASKED, none, _WORKER.c.since <= since)
        return int(self._connection.execute(statement, _tomorrow(today)).scalar_one())

    def missed(self, ended_after: datetime, limit: int) -> list[Seat]:
        """Seats that nobody came to, of work that ends or ended after this moment, the latest first."""
        rules = _ASSIGNMENT.c.status == "no_show", _ASSIGNMENT.c.busy_until > ended_after
        return self._seats(_seats().where(*rules).order_by(_ASSIGNMENT.c.busy_until.desc()).limit(limit))

    def unpaid(self, today: date, midnight: datetime, limit: int) -> list[Seat]:
        """Work that is done, not paid, and was to be before today (which began at `midnight`), oldest first."""
        by_date = and_(_GIG.c.settlement == Settlement.BY_DATE.value, _GIG.c.settle_on < today)
        daily = and_(_GIG.c.settlement == Settlement.DAILY.value, _GIG.c.ends_at < midnight)
        rules = _ASSIGNMENT.c.status == "completed", _ASSIGNMENT.c.paid_at.is_(None), or_(by_date, daily)
        return self._seats(_seats().where(*rules).order_by(_ASSIGNMENT.c.busy_until).limit(limit))

    def open_appeals(self) -> int:
        """Appeals that wait for an answer."""
        appeal = TABLES["appeal"]
        statement = select(func.count()).select_from(appeal).where(appeal.c.answered_at.is_(None))
        return int(self._connection.execute(statement).scalar_one())

    def _seats(self, statement: Select[Any]) -> list[Seat]:
        return [_seat(row) for row in self._connection.execute(statement).mappings()]


def _tomorrow(today: date) -> dict[str, datetime]:
    return {"tomorrow": midnight(today + timedelta(days=1))}


def _offers(first: date, today: date) -> Select[Any]:
    mine = _DAY.c.worker_id == _WORKER.c.account_id
    return select(func.sum(_DAY.c.offers)).where(mine, _DAY.c.day >= first, _DAY.c.day <= today)


def _waiting(today: date, week: date) -> Select[Any]:
    return (
        select(
            _WORKER,
            _ACCOUNT.c.name,
            func.coalesce(_offers(today, today).scalar_subquery(), 0).label("today"),
            func.coalesce(_offers(week, today).scalar_subquery(), 0).label("week"),
        )
        .join(_ACCOUNT, _ACCOUNT.c.id == _WORKER.c.account_id)
        .where(_WORKER.c.wanted, ~_HAS_WORK, ~_ASKED)
    )


def _seats() -> Select[Any]:
    worker, employer = _ACCOUNT.alias("worker_account"), _ACCOUNT.alias("employer_account")
    return (
        select(
            _ASSIGNMENT.c.id,
            _ASSIGNMENT.c.gig_id,
            _ASSIGNMENT.c.worker_id,
            _ASSIGNMENT.c.employer_id,
            _ASSIGNMENT.c.due_fen,
            _GIG.c.title,
            _GIG.c.lat,
            _GIG.c.lng,
            _GIG.c.starts_at,
            _GIG.c.ends_at,
            _GIG.c.settle_on,
            _GIG.c.status,
            (_GIG.c.headcount - _GIG.c.reserved - _GIG.c.filled).label("free"),
            worker.c.name.label("worker_name"),
            employer.c.name.label("employer_name"),
        )
        .join(_GIG, _GIG.c.id == _ASSIGNMENT.c.gig_id)
        .join(worker, worker.c.id == _ASSIGNMENT.c.worker_id)
        .join(employer, employer.c.id == _ASSIGNMENT.c.employer_id)
    )


def _waiter(row: RowMapping) -> Waiter:
    return Waiter(
        worker=WorkerId(row["account_id"]),
        name=row["name"],
        since=row["since"] or row["seen_at"],
        trades=frozenset(row["trades"].split(",")) if row["trades"] else frozenset(),
        position=Position(row["lat"], row["lng"]) if row["lat"] is not None else None,
        station=StationId(row["station_id"]) if row["station_id"] else None,
        offers_today=int(row["today"]),
        offers_week=int(row["week"]),
    )


def _seat(row: RowMapping) -> Seat:
    return Seat(
        assignment=row["id"],
        gig=row["gig_id"],
        title=row["title"],
        site=Position(row["lat"], row["lng"]),
        starts_at=row["starts_at"],
        free_seats=row["free"] if row["status"] == "open" else 0,
        worker=WorkerId(row["worker_id"]),
        worker_name=row["worker_name"],
        employer=row["employer_id"],
        employer_name=row["employer_name"],
        due_fen=row["due_fen"],
        ends_at=row["ends_at"],
        settle_on=row["settle_on"],
    )
