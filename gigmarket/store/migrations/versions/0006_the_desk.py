"""Offers that a desk made by hand, what its queues look for, and the market's last hours minute by minute."""

import sqlalchemy as sa
from alembic import op

from gigmarket.store.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns, two partial indexes and a table."""
    op.add_column("offer", sa.Column("placed_by", sa.String(), nullable=True))
    op.add_column("offer", sa.Column("placed_reason", sa.String(), nullable=True))
    unpaid, missed = sa.text("status = 'completed' AND paid_at IS NULL"), sa.text("status = 'no_show'")
    op.create_index(
        "assignment_unpaid", "assignment", ["busy_until"], sqlite_where=unpaid, postgresql_where=unpaid
    )
    op.create_index(
        "assignment_missed", "assignment", ["busy_until"], sqlite_where=missed, postgresql_where=missed
    )
    op.create_table(
        "market_sample",
        sa.Column("at", Instant(), autoincrement=False, nullable=False),
        sa.Column("counters", sa.String(), nullable=False),
        sa.Column("cells", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("at", name="market_sample_pkey"),
    )
