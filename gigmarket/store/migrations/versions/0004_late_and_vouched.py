"""A worker says that he comes late; an employer says who is on site."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both to assignments; an older server goes on without them."""
    op.add_column("assignment", sa.Column("late_s", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column(
        "assignment", sa.Column("vouched", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
