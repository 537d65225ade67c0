"""What a desk works off: who waits, offers on no screen, seats that nobody came to, work that is not paid."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, bindparam, exists, func, or_, select

from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.gig import Settlement
from gigmarket.domain.ids import StationId, WorkerId
from gigmarket.store.assignments import WORKS
from gigmarket.store.columns import one_of
from gigmarket.store.listed import Listed, Order
from gigmarket.store.offers import PENDING
from gigmarket.store.tables import TABLES
from gigmarket.store.workers import WANTED

_GIG = TABLES["gig"]
_OFFER = TABLES["offer"]
_ASSIGNMENT = TABLES["assignment"]
_WORKER = TABLES["worker"]
_ACCOUNT = TABLES["account"]
_DAY = TABLES["worker_day"]
_HAS_WORK = exists().where(
    _ASSIGNMENT.c.worker_id == _WORKER.c.account_id,
    WORKS,
    _ASSIGNMENT.c.busy_from < bindparam("until"),
)
_ASKED = exists().where(_OFFER.c.worker_id == _WORKER.c.account_id, PENDING)
_BY_WAIT = Order(_WORKER.c.since, _WORKER.c.account_id, _WORKER.c.lat, _WORKER.c.lng)
_BY_OFFER = Order(_OFFER.c.created_at, _OFFER.c.id, _GIG.c.lat, _GIG.c.lng)
_BY_END = Order(_ASSIGNMENT.c.busy_until, _ASSIGNMENT.c.id, _GIG.c.lat, _GIG.c.lng)
_BY_LATEST_END = Order(_ASSIGNMENT.c.busy_until, _ASSIGNMENT.c.id, _GIG.c.lat, _GIG.c.lng, latest_first=True)


@dataclass(frozen=True, slots=True)
class Waits:
    """Which of those who wait: since this moment or longer (None: anybody); without an offer in the week. Who
    has work that begins before `until` does not.
    """

    today: date
    until: datetime
    week: date
    """The first day that counts for the week."""
    since: datetime | None = None
    never: bool = False


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody who waits, has no work coming up and is not being asked; offers had today and in the week."""

    worker: WorkerId
    name: str
    since: datetime
    trades: frozenset[str]
    station: StationId | None
    offers_today: int
    offers_week: int


@dataclass(frozen=True, slots=True)
class Unseen:
    """An offer that waits for an answer and that no screen has said it has."""

    offer: str
    gig: str
    title: str
    worker: WorkerId
    worker_name: str
    station: StationId | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Seat:
    """A promised seat with its gig and the names of both sides."""

    assignment: str
    gig: str
    title: str
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

    def waiting(self, who: Waits) -> Listed[Waiter]:
        """Who waits, the longest first."""
        statement = _waiting(who)
        return Listed(self._connection, statement, _BY_WAIT, _waiter, {"until": who.until})

    def undelivered(self, made_until: datetime, now: datetime) -> Listed[Unseen]:
        """Offers made until then that no screen has had and that can still be answered, the oldest first."""
        rules = (
            PENDING,
            _OFFER.c.delivered_at.is_(None),
            _OFFER.c.created_at <= made_until,
            _OFFER.c.expires_at > now,
        )
        return Listed(self._connection, _unseen_offers().where(*rules), _BY_OFFER, _unseen)

    def missed(self, ended_after: datetime) -> Listed[Seat]:
        """Seats that nobody came to, of work that ends or ended after this moment, the latest first."""
        rules = one_of(_ASSIGNMENT.c.status, [AssignmentStatus.NO_SHOW]), _ASSIGNMENT.c.busy_until > ended_after
        return Listed(self._connection, _seats().where(*rules), _BY_LATEST_END, _seat)

    def unpaid(self, today: date, midnight: datetime) -> Listed[Seat]:
        """Work that is done, not paid, and was to be before today (which began at `midnight`), oldest first."""
        by_date = and_(_GIG.c.settlement == Settlement.BY_DATE.value, _GIG.c.settle_on < today)
        daily = and_(_GIG.c.settlement == Settlement.DAILY.value, _GIG.c.ends_at < midnight)
        done = one_of(_ASSIGNMENT.c.status, [AssignmentStatus.COMPLETED])
        rules = done, _ASSIGNMENT.c.paid_at.is_(None), or_(by_date, daily)
        return Listed(self._connection, _seats().where(*rules), _BY_END, _seat)

    def open_appeals(self) -> int:
        """Appeals that wait for an answer."""
        appeal = TABLES["appeal"]
        statement = select(func.count()).select_from(appeal).where(appeal.c.answered_at.is_(None))
        return int(self._connection.execute(statement).scalar_one())


def _offers(first: date, today: date) -> Select[Any]:
    mine = _DAY.c.worker_id == _WORKER.c.account_id
    return select(func.sum(_DAY.c.offers)).where(mine, _DAY.c.day >= first, _DAY.c.day <= today)


def _waiting(who: Waits) -> Select[Any]:
    in_week = func.coalesce(_offers(who.week, who.today).scalar_subquery(), 0)
    statement = (
        select(
            _WORKER,
            _ACCOUNT.c.name,
            func.coalesce(_offers(who.today, who.today).scalar_subquery(), 0).label("today"),
            in_week.label("week"),
        )
        .join(_ACCOUNT, _ACCOUNT.c.id == _WORKER.c.account_id)
        .where(WANTED, ~_HAS_WORK, ~_ASKED)
    )
    if who.since is not None:
        statement = statement.where(_WORKER.c.since <= who.since)
    return statement.where(in_week == 0) if who.never else statement


def _unseen_offers() -> Select[Any]:
    return (
        select(
            _OFFER.c.id,
            _OFFER.c.gig_id,
            _OFFER.c.worker_id,
            _OFFER.c.station_id,
            _OFFER.c.created_at,
            _OFFER.c.expires_at,
            _GIG.c.title,
            _ACCOUNT.c.name,
        )
        .join(_GIG, _GIG.c.id == _OFFER.c.gig_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _OFFER.c.worker_id)
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
        station=StationId(row["station_id"]) if row["station_id"] else None,
        offers_today=int(row["today"]),
        offers_week=int(row["week"]),
    )


def _unseen(row: RowMapping) -> Unseen:
    return Unseen(
        offer=row["id"],
        gig=row["gig_id"],
        title=row["title"],
        worker=WorkerId(row["worker_id"]),
        worker_name=row["name"],
        station=StationId(row["station_id"]) if row["station_id"] else None,
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )


def _seat(row: RowMapping) -> Seat:
    return Seat(
        assignment=row["id"],
        gig=row["gig_id"],
        title=row["title"],
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
