"""Incidents, their events, and the outbox of alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_LIVE = sa.text("state <> 'closed'")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("missing_since", sa.Date()),
        sa.Column("missing_value", sa.Double()),
        sa.Column("missing_low", sa.Double()),
        sa.Column("missing_high", sa.Double()),
        sa.Column("owner", sa.Text()),
        sa.Column("snooze_owner", sa.Text()),
        sa.Column("snooze_reason", sa.Text()),
        sa.Column("snooze_until", sa.DateTime(timezone=True)),
        sa.Column("snooze_missing", sa.Double()),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("last_status", sa.Integer(), nullable=False),
        sa.Column("flips", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("last_delivery", sa.Text(), nullable=False),
        sa.Column("last_period", sa.Date()),
        sa.Column("told_severity", sa.Integer()),
        sa.Column("told_missing", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_feed", "incidents", ["feed", "state"])
    op.create_index(
        "ux_incidents_live", "incidents", ["fingerprint"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
    )
    op.create_table(
        "events",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "incident_id",
            sa.Text(),
            sa.ForeignKey("incidents.id", name="fk_events_incident_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_events"),
    )
    op.create_index("ix_events_incident_id", "events", ["incident_id"])
    op.create_table(
        "alerts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("ref", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("number", name="pk_alerts"),
        sa.UniqueConstraint("id", name="uq_alerts_id"),
    )
    op.create_index("ix_alerts_state", "alerts", ["state", "next_attempt_at"])
    op.create_index("ix_alerts_topic", "alerts", ["route", "topic", "number"])


def downgrade() -> None:
    """Remove the tables and what is in them."""
    op.drop_table("alerts")
    op.drop_table("events")
    op.drop_table("incidents")
