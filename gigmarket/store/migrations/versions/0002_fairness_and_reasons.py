"""Fairness over days, the draw, and a reason for each decision."""

import sqlalchemy as sa
from alembic import op

from gigmarket.store.columns import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what workers and offers now carry, and four tables."""
    op.add_column("worker", sa.Column("reach_s", sa.Integer(), nullable=True))
    op.add_column("worker", sa.Column("groups", sa.String(), nullable=False, server_default=""))
    op.add_column("offer", sa.Column("round", sa.String(), nullable=True))
    op.add_column("offer", sa.Column("cost_s", sa.Float(), nullable=True))
    _draw_chain()
    _explanation()
    _worker_day()
    _appeal()


def _draw_chain() -> None:
    op.create_table(
        "draw_chain",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("anchor", sa.String(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _explanation() -> None:
    op.create_table(
        "explanation",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("gig_id", sa.String(), sa.ForeignKey("gig.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("circle_s", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("funnel", sa.String(), nullable=False),
        sa.Column("considered", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("explanation_by_gig", "explanation", ["gig_id", "id"])
    op.create_index("explanation_by_round", "explanation", ["round", "gig_id"])
    op.create_index("ix_explanation_at", "explanation", ["at"])


def _worker_day() -> None:
    op.create_table(
        "worker_day",
        sa.Column("worker_id", sa.String(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("available_s", sa.Integer(), nullable=False),
        sa.Column("worked_s", sa.Integer(), nullable=False),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", "day"),
    )
    op.create_index("ix_worker_day_day", "worker_day", ["day"])


def _appeal() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("gig_id", sa.String(), sa.ForeignKey("gig.id"), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    open_ones = sa.text("answered_at IS NULL")
    op.create_index("appeal_open", "appeal", ["created_at"], sqlite_where=open_ones, postgresql_where=open_ones)
    op.create_index("appeal_by_worker", "appeal", ["worker_id", "id"])
