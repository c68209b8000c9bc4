"""The tables of problems, their lives, and what must be told of them.

incidents ─ events          a finding as it is now, and each change of it
numbered_incidents ─ memberships, incident_events
                            what people handle, its findings, and what happened to it
alerts                      what must be told, kept until it was
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, false, text

from ketenwacht.domain.findings.finding import Nature, Severity, State
from ketenwacht.domain.result import Evidence, Status

from .impacts import ImpactText
from .tables import metadata, missing_columns
from .types import JsonType, LevelType, MomentType, NumberType, SegmentText, WordType

incidents = Table(
    "incidents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("check_name", Text, nullable=False),
    Column("segment", SegmentText, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("state", WordType(State), nullable=False),
    Column("nature", WordType(Nature), nullable=False),
    Column("severity", LevelType(Severity), nullable=False),
    Column("evidence", WordType(Evidence), nullable=False),
    Column("opened_at", MomentType, nullable=False),
    Column("changed_at", MomentType, nullable=False),
    Column("period", Date, nullable=False),
    Column("summary", Text, nullable=False),  # of a release that knew no codes; else empty
    Column("said", JsonType),
    *missing_columns(),
    Column("impact", ImpactText),
    Column("owner", Text),
    Column("snooze_owner", Text),
    Column("snooze_reason", Text),
    Column("snooze_until", MomentType),
    Column("snooze_missing", NumberType),
    Column("resolved_at", MomentType),
    Column("closed_at", MomentType),
    Column("last_status", LevelType(Status), nullable=False),
    Column("flips", JsonType, nullable=False),
    Column("parent", Text),
    Column("last_delivery", Text, nullable=False),
    Column("last_period", Date),
    Column("told_severity", LevelType(Severity)),
    Column("told_missing", NumberType),
    Column("trail", JsonType),  # its number over time; null: of a release that kept none
    Index("ix_incidents_feed", "feed", "state"),
    Index(
        "ux_incidents_live",
        "fingerprint",
        unique=True,
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
)

events = Table(
    "events",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("incident_id", ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", MomentType, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", WordType(State)),
    Column("after", WordType(State), nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

numbered_incidents = Table(
    "numbered_incidents",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("feed", Text, nullable=False, index=True),
    Column("opened_at", MomentType, nullable=False),
    Column("owner", Text),
    Column("acknowledged_at", MomentType),
    Column("snooze_owner", Text),
    Column("snooze_reason", Text),
    Column("snooze_until", MomentType),
    Column("snooze_missing", NumberType),
    Column("merged_into", Integer),
    Column("told", JsonType),
)

memberships = Table(
    "memberships",
    metadata,
    Column("finding", ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("incident", ForeignKey("numbered_incidents.number"), nullable=False, index=True),
    Column("by_hand", Boolean, nullable=False, server_default=false()),
)

incident_events = Table(
    "incident_events",
    metadata,
    Column("id", Integer, primary_key=True),  # order of writing
    Column("incident", Integer, nullable=False, index=True),
    Column("at", MomentType, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("number", Integer, primary_key=True),  # order of writing
    Column("id", Text, nullable=False, unique=True),
    Column("route", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", MomentType, nullable=False),
    Column("state", Text, nullable=False),  # pending | sending | sent | failed
    Column("attempts", Integer, nullable=False),
    Column("refused", Integer, nullable=False, server_default="0"),  # by a channel that answers otherwise
    Column("next_attempt_at", MomentType, nullable=False),
    Column("worker", Text),
    Column("leased_until", MomentType),
    Column("sent_at", MomentType),
    Column("ref", Text),
    Column("error", Text),
    Index("ix_alerts_state", "state", "next_attempt_at"),
    Index("ix_alerts_topic", "route", "topic", "number"),
)
