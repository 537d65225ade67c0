"""Kiosks that are approved and revoked one by one, and papers that identify at them."""

import secrets

import sqlalchemy as sa
from alembic import op

from gigmarket.store.columns import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add passes, enrolments, clerks' PINs, hashes of ID numbers, and the key that signs passes."""
    op.add_column("account", sa.Column("pin_hash", sa.String(), nullable=True))
    op.add_column("session", sa.Column("pass_id", sa.String(), nullable=True))
    op.add_column("worker", sa.Column("id_hash", sa.String(), nullable=True))
    op.create_index("worker_id_hash", "worker", ["id_hash"], unique=True)
    op.create_table(
        "pass",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("assignment_id", sa.String(), nullable=True),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["worker_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("pass_by_worker", "pass", ["worker_id", "kind", "revoked_at"])
    op.create_table(
        "kiosk_enrolment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("kiosk_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.execute(
        sa.text("INSERT INTO meta (key, value) VALUES ('pass_key', :key)").bindparams(key=secrets.token_hex(32))
    )
