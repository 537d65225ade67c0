"""SQL tables beside the chain from posting to pay: draws, reasons, fairness, appeals, papers, samples."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, Integer, text
from sqlmodel import Field, SQLModel

from gigmarket.store.columns import Instant, instant


class DrawChainRow(SQLModel, table=True):
    """A dispatcher's term of draws: the anchor is published before the first of them, each seed after its
    round (`domain.draw`).
    """

    __tablename__: ClassVar[Any] = "draw_chain"
    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    )
    city: str
    anchor: str
    length: int
    opened_at: datetime = instant()


class ExplanationRow(SQLModel, table=True):
    """What one round decided about one gig: counts per reason, the considered few, and the lots of others who
    were alike. Kept for 90 days.
    """

    __tablename__: ClassVar[Any] = "explanation"
    __table_args__ = (
        Index("explanation_by_gig", "gig_id", "id"),
        Index("explanation_by_round", "round", "gig_id"),
    )
    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    )
    gig_id: str = Field(foreign_key="gig.id")
    at: datetime = Field(sa_column=Column(Instant(), nullable=False, index=True))
    round: str
    seed: str
    seats: int
    circle_s: int
    estimated: bool
    funnel: str
    considered: str
    alike: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    lots: str = Field(default="[]", sa_column_kwargs={"server_default": text("'[]'")})


class WorkerDayRow(SQLModel, table=True):
    """A worker's day in the city's time zone: seconds available and worked, offers had."""

    __tablename__: ClassVar[Any] = "worker_day"
    worker_id: str = Field(primary_key=True, foreign_key="account.id")
    day: date = Field(primary_key=True, index=True)
    available_s: int
    worked_s: int
    offers: int


class AppealRow(SQLModel, table=True):
    """A worker contests a decision of the dispatcher; staff answer."""

    __tablename__: ClassVar[Any] = "appeal"
    __table_args__ = (
        Index(
            "appeal_open",
            "created_at",
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("appeal_by_worker", "worker_id", "id"),
    )
    id: str = Field(primary_key=True)
    worker_id: str = Field(foreign_key="account.id")
    gig_id: str = Field(foreign_key="gig.id")
    offer_id: str | None = None
    words: str
    reason: str
    created_at: datetime = instant()
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = instant(nullable=True)


class PassRow(SQLModel, table=True):
    """A printed ticket or wallet card, as far as is needed to know and to revoke it; its code is not stored."""

    __tablename__: ClassVar[Any] = "pass"
    __table_args__ = (Index("pass_by_worker", "worker_id", "kind", "revoked_at"),)
    id: str = Field(primary_key=True)
    worker_id: str = Field(foreign_key="account.id")
    kind: str
    assignment_id: str | None = Field(default=None, foreign_key="assignment.id")
    issued_by: str
    created_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)


class EnrolmentRow(SQLModel, table=True):
    """A screen that shows its code and waits for somebody to approve it; forgotten after ten minutes."""

    __tablename__: ClassVar[Any] = "kiosk_enrolment"
    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    secret_hash: str
    created_at: datetime = instant()
    expires_at: datetime = instant()
    kiosk_id: str | None = None


class MarketSampleRow(SQLModel, table=True):
    """The market at one minute: its counters and, on some, the cells of the labour map, as JSON."""

    __tablename__: ClassVar[Any] = "market_sample"
    at: datetime = Field(sa_column=Column(Instant(), primary_key=True, autoincrement=False))
    counters: str
    cells: str | None = None
