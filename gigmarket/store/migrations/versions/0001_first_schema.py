"""The first schema: every table, and the two forms of "no worker is in two places at once"."""

import secrets

import sqlalchemy as sa
from alembic import op

from gigmarket.store.columns import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything, and give the streams their epoch."""
    _station()
    _account()
    _session()
    _worker()
    _audit()
    _gig()
    _offer()
    _assignment()
    _meta()
    _fence()
    _stream()
    _event()
    _idempotency()
    _no_overlap()
    op.execute(
        sa.text("INSERT INTO meta (key, value) VALUES ('stream_epoch', :epoch)").bindparams(
            epoch=secrets.token_hex(8)
        )
    )


def _station() -> None:
    op.create_table(
        "station",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lng", sa.Float(), nullable=False),
        sa.Column("approximate", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"],
            ["station.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("role", "phone"),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=True),
        sa.Column("via_account_id", sa.String(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"], unique=False)


def _worker() -> None:
    op.create_table(
        "worker",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("trades", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("floor_wage_fen", sa.BigInteger(), nullable=False),
        sa.Column("pin_hash", sa.String(), nullable=True),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lng", sa.Float(), nullable=True),
        sa.Column("station_id", sa.String(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index(
        "worker_wanted",
        "worker",
        ["seen_at"],
        unique=False,
        sqlite_where=sa.text("wanted"),
        postgresql_where=sa.text("wanted"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("via_id", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _gig() -> None:
    op.create_table(
        "gig",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("trade", sa.String(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lng", sa.Float(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("wage_fen", sa.BigInteger(), nullable=False),
        sa.Column("wage_per", sa.String(), nullable=False),
        sa.Column("settlement", sa.String(), nullable=False),
        sa.Column("settle_on", sa.Date(), nullable=True),
        sa.Column("meals", sa.Boolean(), nullable=False),
        sa.Column("transport", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.Column("site_code", sa.String(), nullable=False),
        sa.Column("recruit_until", Instant(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name="gig_hours"),
        sa.CheckConstraint("headcount BETWEEN 1 AND 50", name="gig_headcount"),
        sa.CheckConstraint(
            "reserved >= 0 AND filled >= 0 AND reserved + filled <= headcount", name="gig_seats"
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("gig_by_employer", "gig", ["employer_id", "id"], unique=False)
    op.create_index(
        "gig_unfinished",
        "gig",
        ["status", "recruit_until"],
        unique=False,
        sqlite_where=sa.text("status IN ('open', 'filled', 'in_progress')"),
        postgresql_where=sa.text("status IN ('open', 'filled', 'in_progress')"),
    )


def _offer() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("gig_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("station_id", sa.String(), nullable=True),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["gig_id"],
            ["gig.id"],
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("offer_by_gig", "offer", ["gig_id", "worker_id", "status"], unique=False)
    op.create_index(
        "offer_one_pending",
        "offer",
        ["worker_id"],
        unique=True,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "offer_pending_until",
        "offer",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )


def _assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("gig_id", sa.String(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("employer_id", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("busy_from", Instant(), nullable=False),
        sa.Column("busy_until", Instant(), nullable=False),
        sa.Column("travel_s", sa.Integer(), nullable=False),
        sa.Column("due_fen", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("checked_in_at", Instant(), nullable=True),
        sa.Column("checked_out_at", Instant(), nullable=True),
        sa.Column("paid_fen", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", Instant(), nullable=True),
        sa.Column("paid_reason", sa.String(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("closed_reason", sa.String(), nullable=False),
        sa.CheckConstraint("paid_fen IS NULL OR paid_fen >= 0", name="assignment_paid"),
        sa.ForeignKeyConstraint(
            ["gig_id"],
            ["gig.id"],
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("offer_id"),
    )
    op.create_index("assignment_by_employer", "assignment", ["employer_id", "id"], unique=False)
    op.create_index("assignment_by_worker", "assignment", ["worker_id", "id"], unique=False)
    op.create_index(
        "assignment_one_seat",
        "assignment",
        ["gig_id", "worker_id"],
        unique=True,
        sqlite_where=sa.text("status NOT IN ('cancelled_by_worker', 'cancelled_by_employer', 'no_show')"),
        postgresql_where=sa.text("status NOT IN ('cancelled_by_worker', 'cancelled_by_employer', 'no_show')"),
    )
    op.create_index(
        "assignment_working",
        "assignment",
        ["worker_id", "busy_until"],
        unique=False,
        sqlite_where=sa.text("status IN ('confirmed', 'checked_in')"),
        postgresql_where=sa.text("status IN ('confirmed', 'checked_in')"),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _fence() -> None:
    op.create_table(
        "fence",
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("city"),
    )


def _stream() -> None:
    op.create_table(
        "stream",
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal"),
    )


def _event() -> None:
    op.create_table(
        "event",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("event_by_principal", "event", ["principal", "seq"], unique=True)


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"], unique=False)


_POSTGRES = (
    # A range type of its own makes the exclusion constraint work without the btree_gist extension.
    'CREATE TYPE id_range AS RANGE (subtype = text, collation = "C")',
    """
    ALTER TABLE assignment ADD CONSTRAINT assignment_no_overlap EXCLUDE USING gist (
        id_range(worker_id, worker_id, '[]') WITH &&,
        tstzrange(busy_from, busy_until) WITH &&
    ) WHERE (status IN ('confirmed', 'checked_in'))
    """,
)
_SQLITE = tuple(
    f"""
    CREATE TRIGGER assignment_no_overlap_{when.split()[0].lower()} BEFORE {when} ON assignment
    WHEN NEW.status IN ('confirmed', 'checked_in') AND EXISTS (
        SELECT 1 FROM assignment AS other
        WHERE other.worker_id = NEW.worker_id AND other.id <> NEW.id
          AND other.status IN ('confirmed', 'checked_in')
          AND other.busy_from < NEW.busy_until AND other.busy_until > NEW.busy_from
    )
    BEGIN SELECT RAISE(ABORT, 'assignment_no_overlap'); END
    """  # noqa: S608 - the two words below, never input
    for when in ("INSERT", "UPDATE OF worker_id, status, busy_from, busy_until")
)


def _no_overlap() -> None:
    for statement in _POSTGRES if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
