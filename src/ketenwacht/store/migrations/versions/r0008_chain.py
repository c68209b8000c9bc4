"""Counts at the hops of a chain beside the figures of outsiders, and how long people took to arrive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_AGES = ("recent", "recent_late", "age_p50", "age_p95", "age_longest")


def upgrade() -> None:
    """Add the columns; what is there belongs to no hop, and its ages are not known."""
    for name in ("hop", "reason"):
        op.add_column("reference_figures", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in _AGES:
        op.add_column("reconciliations", sa.Column(name, sa.Integer()))


def downgrade() -> None:
    """Remove the columns, and the figures that only they tell from those of outsiders."""
    op.execute("DELETE FROM reference_figures WHERE hop <> ''")
    for name in ("hop", "reason"):
        op.drop_column("reference_figures", name)
    for name in _AGES:
        op.drop_column("reconciliations", name)
