"""What the search for the cause of an incident found. No digest covers it: it follows from the runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; incidents of before are searched when they change."""
    op.add_column("numbered_incidents", sa.Column("causes", sa.Text()))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("numbered_incidents", "causes")
