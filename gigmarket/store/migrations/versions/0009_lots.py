"""The lots of all who were alike with the last one in, beside the considered few."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns to what rounds leave behind."""
    op.add_column("explanation", sa.Column("alike", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("explanation", sa.Column("lots", sa.String(), nullable=False, server_default=sa.text("'[]'")))
