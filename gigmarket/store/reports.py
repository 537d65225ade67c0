"""Counts over the whole market, for staff."""

import random
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Subquery, and_, case, func, or_, select

from gigmarket.domain.assignment import AssignmentStatus
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import TIME_OF_ID, StationId, WorkerId, new_id
from gigmarket.domain.worker import Presence, Worker
from gigmarket.store.assignments import WORKS
from gigmarket.store.columns import one_of
from gigmarket.store.gigs import IS_OPEN
from gigmarket.store.offers import PENDING
from gigmarket.store.tables import TABLES
from gigmarket.store.workers import WANTED

_GIG = TABLES["gig"]
_OFFER = TABLES["offer"]
_ASSIGNMENT = TABLES["assignment"]
_WORKER = TABLES["worker"]
_ACCOUNT = TABLES["account"]
_DAY = TABLES["worker_day"]
# Said twice: SQLite finds the index of those who work by its own words only.
_ON_SITE = and_(WORKS, one_of(_ASSIGNMENT.c.status, [AssignmentStatus.CHECKED_IN]))


@dataclass(frozen=True, slots=True)
class Demand:
    """Free seats of one open gig, where and in which trade."""

    trade: str
    position: Position
    free_seats: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What one worker had in a span of days, as far as the ledger has it: seconds available and worked, offers
    made, accepted, and made while he waited in a hall. `last_offer` may lie before the span. `on_site_since`
    for who is at work now. The worker's trades, pay and position are left out.
    """

    worker: Worker
    available_s: int
    worked_s: int
    offers: int
    accepts: int
    hall_offers: int
    last_offer: datetime | None
    on_site_since: datetime | None


class Reports:
    """Read-only counts inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def demand(self) -> list[Demand]:
        """Open gigs with the seats that nobody has taken or holds."""
        rows = self._connection.execute(
            select(
                _GIG.c.trade,
                _GIG.c.lat,
                _GIG.c.lng,
                (_GIG.c.headcount - _GIG.c.filled - _GIG.c.reserved).label("free"),
            ).where(IS_OPEN)
        )
        return [Demand(row.trade, Position(row.lat, row.lng), row.free) for row in rows]

    def pending_offers(self) -> int:
        """Offers waiting for an answer."""
        # Counted by a column that the index of the pending has: SQLite takes one of all offers else.
        return self._connection.execute(select(func.count(_OFFER.c.expires_at)).where(PENDING)).scalar_one()

    def assigned_since(self, since: datetime) -> int:
        """Assignments made since a moment."""
        made_since = _ASSIGNMENT.c.id >= _first_id(since), _ASSIGNMENT.c.created_at >= since
        return self._connection.execute(
            select(func.count()).select_from(_ASSIGNMENT).where(*made_since)
        ).scalar_one()

    def checked_in(self) -> int:
        """Workers on site now."""
        return self._connection.execute(
            select(func.count()).select_from(_ASSIGNMENT).where(_ON_SITE)
        ).scalar_one()

    def totals(self, first: date, today: date, since: datetime) -> list[Totals]:
        """Of everybody who waits, works, or had a day in the ledger or an offer in this span, by worker's id.

        `since` is when the day `first` begins. Last offers reach back to the begin of the longest wait.
        """
        waits = select(func.min(_WORKER.c.since)).where(WANTED)
        longest = self._connection.execute(waits).scalar_one_or_none()
        days, offers, sites = _days(first, today), _offers(since, min(longest or since, since)), _sites()
        rows = self._connection.execute(
            select(
                _WORKER,
                _ACCOUNT.c.name,
                func.coalesce(days.c.available, 0).label("available"),
                func.coalesce(days.c.worked, 0).label("worked"),
                func.coalesce(offers.c.made, 0).label("made"),
                func.coalesce(offers.c.accepted, 0).label("accepted"),
                func.coalesce(offers.c.in_hall, 0).label("in_hall"),
                offers.c.last,
                sites.c.begun,
            )
            .join(_ACCOUNT, _ACCOUNT.c.id == _WORKER.c.account_id)
            .outerjoin(days, days.c.worker_id == _WORKER.c.account_id)
            .outerjoin(offers, offers.c.worker_id == _WORKER.c.account_id)
            .outerjoin(sites, sites.c.worker_id == _WORKER.c.account_id)
            .where(
                or_(
                    WANTED,
                    days.c.available.is_not(None),
                    offers.c.made > 0,
                    sites.c.begun.is_not(None),
                )
            )
            .order_by(_WORKER.c.account_id)
        )
        return [_totals(row) for row in rows.mappings()]


def _days(first: date, today: date) -> Subquery:
    return (
        select(
            _DAY.c.worker_id,
            func.sum(_DAY.c.available_s).label("available"),
            func.sum(_DAY.c.worked_s).label("worked"),
        )
        .where(_DAY.c.day >= first, _DAY.c.day <= today)
        .group_by(_DAY.c.worker_id)
        .subquery()
    )


def _first_id(since: datetime) -> str:
    """An id begins with its time: the primary key finds the span, and no older row is read."""
    return new_id(since, random.Random(0))[:TIME_OF_ID]  # noqa: S311 - only the time is kept


def _offers(since: datetime, earliest: datetime) -> Subquery:
    def counted(*rules: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((and_(_OFFER.c.created_at >= since, *rules), 1), else_=0))

    return (
        select(
            _OFFER.c.worker_id,
            counted().label("made"),
            counted(_OFFER.c.status == "accepted").label("accepted"),
            counted(_OFFER.c.station_id.is_not(None)).label("in_hall"),
            func.max(_OFFER.c.created_at).label("last"),
        )
        .where(_OFFER.c.id >= _first_id(earliest), _OFFER.c.created_at >= earliest)
        .group_by(_OFFER.c.worker_id)
        .subquery()
    )


def _sites() -> Subquery:
    return (
        select(_ASSIGNMENT.c.worker_id, func.min(_ASSIGNMENT.c.checked_in_at).label("begun"))
        .where(_ON_SITE)
        .group_by(_ASSIGNMENT.c.worker_id)
        .subquery()
    )


def _totals(row: RowMapping) -> Totals:
    station = StationId(row["station_id"]) if row["station_id"] else None
    return Totals(
        worker=Worker(
            id=WorkerId(row["account_id"]),
            name=row["name"],
            mode=Mode(row["mode"]),
            presence=Presence(row["wanted"], row["since"], row["until"], None, station, row["seen_at"]),
            groups=frozenset(row["groups"].split(",")) if row["groups"] else frozenset(),
        ),
        available_s=int(row["available"]),
        worked_s=int(row["worked"]),
        offers=int(row["made"]),
        accepts=int(row["accepted"]),
        hall_offers=int(row["in_hall"]),
        last_offer=row["last"],
        on_site_since=row["begun"],
    )
