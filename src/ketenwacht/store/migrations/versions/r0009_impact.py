"""Where the missing are and which terms run for them, with each comparison and each incident."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TABLES = ("reconciliations", "incidents")


def upgrade() -> None:
    """Add the column; of what is there it is not known."""
    for table in _TABLES:
        op.add_column(table, sa.Column("impact", sa.Text()))


def downgrade() -> None:
    """Remove the column."""
    for table in _TABLES:
        op.drop_column(table, "impact")
