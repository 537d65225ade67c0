"""A worker's hours of the last days, without reading all that he ever worked."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_HELD = sa.text("status NOT IN ('cancelled_by_worker', 'cancelled_by_employer', 'no_show')")


def upgrade() -> None:
    """One index; an older server goes on with it."""
    op.create_index(
        "assignment_hours",
        "assignment",
        ["worker_id", "busy_until"],
        sqlite_where=_HELD,
        postgresql_where=_HELD,
    )
