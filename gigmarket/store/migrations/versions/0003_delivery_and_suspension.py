"""When an offer reached a screen, and accounts that may not come in."""

import sqlalchemy as sa
from alembic import op

from gigmarket.store.columns import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two moments."""
    op.add_column("offer", sa.Column("delivered_at", Instant(), nullable=True))
    op.add_column("account", sa.Column("suspended_at", Instant(), nullable=True))
