"""SQL tables: rows only. What makes a double impossible stands here, as constraints.

Two that SQLAlchemy cannot say for both databases are in the first migration: no two working assignments of
one worker overlap (an exclusion constraint on PostgreSQL, a trigger on SQLite).
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel

import gigmarket.store.desk_tables  # noqa: F401 - declares the other rows
from gigmarket.store.columns import Instant, instant


class Meta(SQLModel, table=True):
    """Facts about this database: the stream epoch, which lives as long as its history."""

    key: str = Field(primary_key=True)
    value: str


class FenceRow(SQLModel, table=True):
    """The number of the dispatcher that may write for a city; a newer one has a higher number."""

    __tablename__: ClassVar[Any] = "fence"
    city: str = Field(primary_key=True)
    token: int
    holder: str


class StationRow(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "station"
    id: str = Field(primary_key=True)
    name: str
    name_en: str
    town: str
    address: str
    lat: float
    lng: float
    approximate: bool
    level: str = Field(default="town", sa_column_kwargs={"server_default": "town"})
    village: str | None = None


class AccountRow(SQLModel, table=True):
    """A person in one role. The same phone may be a worker and an employer: two accounts."""

    __tablename__: ClassVar[Any] = "account"
    __table_args__ = (UniqueConstraint("role", "phone"),)
    id: str = Field(primary_key=True)
    role: str
    phone: str
    name: str
    station_id: str | None = Field(default=None, foreign_key="station.id")
    created_at: datetime = instant()
    suspended_at: datetime | None = instant(nullable=True)
    pin_hash: str | None = None
    """A clerk's, for kiosks; a worker's stands with the profile."""


class SessionRow(SQLModel, table=True):
    """A session by the SHA-256 of its token. `via_account_id`: the kiosk that identified the worker, or the
    clerk who acts for them. `pass_id`: the ticket or card that was scanned.
    """

    __tablename__: ClassVar[Any] = "session"
    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(unique=True)
    station_id: str | None = None
    via_account_id: str | None = None
    created_at: datetime = instant()
    expires_at: datetime = Field(sa_column=Column(Instant(), nullable=False, index=True))
    revoked_at: datetime | None = instant(nullable=True)
    pass_id: str | None = None


class CrewRow(SQLModel, table=True):
    """A crew and the code that lets others in. Who is in it stands with the workers: nobody is in two."""

    __tablename__: ClassVar[Any] = "crew"
    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    code_until: datetime = instant()


class WorkerRow(SQLModel, table=True):
    """`crew_since`: the first in a crew leads it."""

    __tablename__: ClassVar[Any] = "worker"
    __table_args__ = (
        Index("worker_wanted", "seen_at", sqlite_where=text("wanted"), postgresql_where=text("wanted")),
        Index("worker_id_hash", "id_hash", unique=True),
        Index(
            "worker_by_crew",
            "crew_id",
            "crew_since",
            sqlite_where=text("crew_id IS NOT NULL"),
            postgresql_where=text("crew_id IS NOT NULL"),
        ),
        CheckConstraint("(crew_id IS NULL) = (crew_since IS NULL)", name="worker_crew"),
    )
    account_id: str = Field(primary_key=True, foreign_key="account.id")
    trades: str
    mode: str
    floor_wage_fen: int = Field(sa_column=Column(BigInteger(), nullable=False))
    pin_hash: str | None = None
    wanted: bool
    since: datetime | None = instant(nullable=True)
    until: datetime | None = instant(nullable=True)
    lat: float | None = None
    lng: float | None = None
    station_id: str | None = None
    seen_at: datetime | None = instant(nullable=True)
    reach_s: int | None = None
    groups: str
    id_hash: str | None = None
    """Of the ID number, keyed: enough to recognise the card, not to read it."""
    crew_id: str | None = Field(default=None, foreign_key="crew.id")
    crew_since: datetime | None = instant(nullable=True)


class GigRow(SQLModel, table=True):
    """`reserved` and `filled` are counted in the row that every change of the gig locks: overfilling is a
    CHECK violation, not a race.
    """

    __tablename__: ClassVar[Any] = "gig"
    __table_args__ = (
        CheckConstraint("headcount BETWEEN 1 AND 50", name="gig_headcount"),
        CheckConstraint("reserved >= 0 AND filled >= 0 AND reserved + filled <= headcount", name="gig_seats"),
        CheckConstraint("ends_at > starts_at", name="gig_hours"),
        Index("gig_by_employer", "employer_id", "id"),
        Index(
            "gig_unfinished",
            "status",
            "recruit_until",
            sqlite_where=text("status IN ('open', 'filled', 'in_progress')"),
            postgresql_where=text("status IN ('open', 'filled', 'in_progress')"),
        ),
    )
    id: str = Field(primary_key=True)
    employer_id: str = Field(foreign_key="account.id")
    title: str
    trade: str
    headcount: int
    min_crew: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    lat: float
    lng: float
    address: str
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    wage_fen: int = Field(sa_column=Column(BigInteger(), nullable=False))
    wage_per: str
    settlement: str
    settle_on: date | None = None
    meals: bool
    transport: bool
    note: str
    posted_at: datetime = instant()
    site_code: str
    recruit_until: datetime = instant()
    status: str
    reserved: int
    filled: int
    vacated: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class OfferRow(SQLModel, table=True):
    """At most one pending offer per worker, by a partial unique index. `delivered_at`: a screen has it;
    `placed_by`: the account of the desk that made it by hand. `crew_*`: each of a crew has one like it.
    """

    __tablename__: ClassVar[Any] = "offer"
    __table_args__ = (
        Index(
            "offer_one_pending",
            "worker_id",
            unique=True,
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "offer_pending_until",
            "expires_at",
            sqlite_where=text("status = 'pending'"),
            postgresql_where=text("status = 'pending'"),
        ),
        Index("offer_by_gig", "gig_id", "worker_id", "status"),
    )
    id: str = Field(primary_key=True)
    gig_id: str = Field(foreign_key="gig.id")
    worker_id: str = Field(foreign_key="account.id")
    employer_id: str
    station_id: str | None = None
    travel_s: int
    estimated: bool
    created_at: datetime = instant()
    expires_at: datetime = instant()
    status: str
    extended: bool
    answered_at: datetime | None = instant(nullable=True)
    reason: str | None = None
    round: str | None = None
    cost_s: float | None = None
    delivered_at: datetime | None = instant(nullable=True)
    placed_by: str | None = None
    placed_reason: str | None = None
    crew_id: str | None = None
    crew_leader_id: str | None = None
    crew_size: int | None = None


_HELD = text("status NOT IN ('cancelled_by_worker', 'cancelled_by_employer', 'no_show')")


class AssignmentRow(SQLModel, table=True):
    """One per offer; one seat per worker on a gig unless the earlier one was vacated."""

    __tablename__: ClassVar[Any] = "assignment"
    __table_args__ = (
        Index(
            "assignment_one_seat",
            "gig_id",
            "worker_id",
            unique=True,
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        ),
        Index(
            "assignment_hours",
            "worker_id",
            "busy_until",
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        ),
        Index(
            "assignment_working",
            "worker_id",
            "busy_until",
            sqlite_where=text("status IN ('confirmed', 'checked_in')"),
            postgresql_where=text("status IN ('confirmed', 'checked_in')"),
        ),
        Index(
            "assignment_unpaid",
            "busy_until",
            sqlite_where=text("status = 'completed' AND paid_at IS NULL"),
            postgresql_where=text("status = 'completed' AND paid_at IS NULL"),
        ),
        Index(
            "assignment_missed",
            "busy_until",
            sqlite_where=text("status = 'no_show'"),
            postgresql_where=text("status = 'no_show'"),
        ),
        Index("assignment_by_worker", "worker_id", "id"),
        Index("assignment_by_gig", "gig_id", "id"),
        Index("assignment_by_employer", "employer_id", "id"),
        CheckConstraint("paid_fen IS NULL OR paid_fen >= 0", name="assignment_paid"),
    )
    id: str = Field(primary_key=True)
    gig_id: str = Field(foreign_key="gig.id")
    offer_id: str = Field(foreign_key="offer.id", unique=True)
    worker_id: str = Field(foreign_key="account.id")
    employer_id: str
    created_at: datetime = instant()
    busy_from: datetime = instant()
    busy_until: datetime = instant()
    travel_s: int
    due_fen: int | None = Field(default=None, sa_column=Column(BigInteger(), nullable=True))
    status: str
    checked_in_at: datetime | None = instant(nullable=True)
    checked_out_at: datetime | None = instant(nullable=True)
    paid_fen: int | None = Field(default=None, sa_column=Column(BigInteger(), nullable=True))
    paid_at: datetime | None = instant(nullable=True)
    paid_reason: str
    settled_at: datetime | None = instant(nullable=True)
    closed_reason: str
    late_s: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    vouched: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    handed_in_at: datetime | None = instant(nullable=True)
    crew_id: str | None = None
    crew_leader_id: str | None = None
    crew_size: int | None = None


class StreamRow(SQLModel, table=True):
    """The head of a principal's stream: counted up in the transaction that writes the event, so that seq is
    gap-free and in commit order in both databases.
    """

    __tablename__: ClassVar[Any] = "stream"
    principal: str = Field(primary_key=True)
    head: int = Field(sa_column=Column(BigInteger(), nullable=False))


class EventRow(SQLModel, table=True):
    """A principal's events, and at the same time the outbox: the relay sends what nobody heard."""

    __tablename__: ClassVar[Any] = "event"
    __table_args__ = (Index("event_by_principal", "principal", "seq", unique=True),)
    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    )
    principal: str
    seq: int = Field(sa_column=Column(BigInteger(), nullable=False))
    kind: str
    data: str
    at: datetime = instant()


class IdempotencyRow(SQLModel, table=True):
    """The first answer to a key, repeated for 24 hours."""

    __tablename__: ClassVar[Any] = "idempotency"
    account_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int
    body: str
    at: datetime = Field(sa_column=Column(Instant(), nullable=False, index=True))


class AuditRow(SQLModel, table=True):
    """Who did what for whom: every act through another's desk, and every act of staff."""

    __tablename__: ClassVar[Any] = "audit"
    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    )
    at: datetime = instant()
    actor_id: str
    via_id: str | None = None
    action: str
    subject_id: str


METADATA = SQLModel.metadata
TABLES = METADATA.tables
"""Every table by name, for statements in SQLAlchemy Core."""
