"""Nobody claims a delivery: one process works at a time, and a delivery is kept as judged once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Drop the table."""
    op.drop_table("claims")


def downgrade() -> None:
    """Make it anew, empty, as it was."""
    op.create_table(
        "claims",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("feed", "delivery_id", "sha256", name="pk_claims"),
    )
