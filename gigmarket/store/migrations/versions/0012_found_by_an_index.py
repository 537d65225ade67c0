"""Who works on a gig, and which sessions ended long ago, without reading all there ever were."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two indexes; an older server goes on with them."""
    op.create_index("assignment_by_gig", "assignment", ["gig_id", "id"])
    op.create_index("ix_session_expires_at", "session", ["expires_at"])
