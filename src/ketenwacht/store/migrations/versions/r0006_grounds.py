"""What a verdict rests on besides measurements: the checks of that moment, and how far the papers had come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables; of runs judged before, nothing more is known."""
    op.create_table(
        "rules",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rules"),
    )
    op.create_table(
        "grounds",
        sa.Column(
            "run",
            sa.Integer(),
            sa.ForeignKey("runs.number", name="fk_grounds_run", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("rules", sa.Text(), sa.ForeignKey("rules.id", name="fk_grounds_rules"), nullable=False),
        sa.Column("papers", sa.Text(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("run", name="pk_grounds"),
    )


def downgrade() -> None:
    """Remove the tables and what is in them."""
    op.drop_table("grounds")
    op.drop_table("rules")
