"""Results and incidents say codes with parameters; runs know how exactly they may be shown, and who judged them.

What earlier releases said in words stays as they said it. Of their runs nobody knows the smallest count, so it is
taken to be 1: their counts are shown rounded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_ADDED: tuple[tuple[str, Callable[[], sa.Column[Any]]], ...] = (
    ("results", lambda: sa.Column("code", sa.Text())),
    ("results", lambda: sa.Column("params", sa.Text())),
    ("results", lambda: sa.Column("of_delivery", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("results", lambda: sa.Column("whole", sa.Double())),
    ("incidents", lambda: sa.Column("said", sa.Text())),
    ("runs", lambda: sa.Column("smallest", sa.Double())),
    ("runs", lambda: sa.Column("detector", sa.Integer(), nullable=False, server_default="1")),
)


def upgrade() -> None:
    """Add the columns."""
    for table, column in _ADDED:
        op.add_column(table, column())
    op.execute("UPDATE runs SET smallest = 1")


def downgrade() -> None:
    """Remove the columns; a result or incident that says a code has no words then."""
    for table, column in reversed(_ADDED):
        op.drop_column(table, column().name)
