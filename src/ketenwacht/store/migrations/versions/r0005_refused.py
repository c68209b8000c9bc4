"""How often an alert was refused by a channel that answers otherwise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; what waits was not refused yet."""
    op.add_column("alerts", sa.Column("refused", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("alerts", "refused")
