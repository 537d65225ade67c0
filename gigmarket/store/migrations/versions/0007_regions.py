"""Stations say where they stand in the city → town → village service, and which village is theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns; the next start enters the city's list again, with its levels."""
    op.add_column("station", sa.Column("level", sa.String(), nullable=False, server_default="town"))
    op.add_column("station", sa.Column("village", sa.String(), nullable=True))
