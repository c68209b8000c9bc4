"""Incidents of numbers: what people handle, which findings belong to each, and what happened to it.

The table `incidents` holds findings, as it always did. `migrate.move` groups the findings that are there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the tables; add the trail of a finding's number."""
    op.create_table(
        "numbered_incidents",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
        sa.Column("snooze_owner", sa.Text()),
        sa.Column("snooze_reason", sa.Text()),
        sa.Column("snooze_until", sa.DateTime(timezone=True)),
        sa.Column("snooze_missing", sa.Double()),
        sa.Column("merged_into", sa.Integer()),
        sa.Column("told", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_numbered_incidents"),
    )
    op.create_index("ix_numbered_incidents_feed", "numbered_incidents", ["feed"])
    op.create_table(
        "memberships",
        sa.Column(
            "finding",
            sa.Text(),
            sa.ForeignKey("incidents.id", name="fk_memberships_finding", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column(
            "incident",
            sa.Integer(),
            sa.ForeignKey("numbered_incidents.number", name="fk_memberships_incident"),
            nullable=False,
        ),
        sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("finding", name="pk_memberships"),
    )
    op.create_index("ix_memberships_incident", "memberships", ["incident"])
    op.create_table(
        "incident_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident_events"),
    )
    op.create_index("ix_incident_events_incident", "incident_events", ["incident"])
    op.add_column("incidents", sa.Column("trail", sa.Text()))


def downgrade() -> None:
    """Remove the tables and what people did to incidents."""
    op.drop_column("incidents", "trail")
    op.drop_table("incident_events")
    op.drop_table("memberships")
    op.drop_table("numbered_incidents")
