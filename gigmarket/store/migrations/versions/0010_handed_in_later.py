"""Attendance that a device without a network kept and handed in later."""

import sqlalchemy as sa
from alembic import op

from gigmarket.store.columns import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when it was handed in; an older server goes on without it."""
    op.add_column("assignment", sa.Column("handed_in_at", Instant(), nullable=True))
