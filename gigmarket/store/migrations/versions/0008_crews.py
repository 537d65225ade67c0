"""Crews: who looks for work together, with whom an offer was made, and which gigs are for crews only."""

import sqlalchemy as sa
from alembic import op

from gigmarket.store.columns import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, columns to four others, and an index over those in a crew."""
    op.create_table(
        "crew",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="crew_pkey"),
        sa.UniqueConstraint("code", name="crew_code_key"),
    )
    with op.batch_alter_table("worker") as worker:
        worker.add_column(sa.Column("crew_id", sa.String(), nullable=True))
        worker.add_column(sa.Column("crew_since", Instant(), nullable=True))
        worker.create_foreign_key("worker_crew_id_fkey", "crew", ["crew_id"], ["id"])
        worker.create_check_constraint("worker_crew", "(crew_id IS NULL) = (crew_since IS NULL)")
    member = sa.text("crew_id IS NOT NULL")
    op.create_index(
        "worker_by_crew", "worker", ["crew_id", "crew_since"], sqlite_where=member, postgresql_where=member
    )
    op.add_column("gig", sa.Column("min_crew", sa.Integer(), nullable=False, server_default=sa.text("1")))
    for table in ("offer", "assignment"):
        for name, kind in (
            ("crew_id", sa.String()),
            ("crew_leader_id", sa.String()),
            ("crew_size", sa.Integer()),
        ):
            op.add_column(table, sa.Column(name, kind, nullable=True))
