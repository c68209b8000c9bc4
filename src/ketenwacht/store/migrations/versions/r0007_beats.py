"""A lease is no longer over at a moment, but when its holder does not count on: no clock decides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Replace the end of a lease by a count; whoever had one takes it anew."""
    op.drop_table("leases")
    _make(sa.Column("beat", sa.BigInteger(), nullable=False))


def downgrade() -> None:
    """Replace the count by an end; whoever had a lease takes it anew."""
    op.drop_table("leases")
    _make(sa.Column("until", sa.DateTime(timezone=True), nullable=False))


def _make(last: sa.Column[object]) -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        last,
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
