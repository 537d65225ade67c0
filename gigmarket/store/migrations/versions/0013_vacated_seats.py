"""Seats that came back: they are offered before others."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column with a default, so that an older server goes on inserting."""
    op.add_column("gig", sa.Column("vacated", sa.Integer(), nullable=False, server_default=sa.text("0")))
