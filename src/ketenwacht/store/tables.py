"""The tables of the history.

`migrations/` makes them; a test verifies that this schema equals the migrated one.

deliveries ─ runs ─┬─ measurements ─ series       what was measured of a delivery, once
                   ├─ results                     what was said of it, with the limits it was judged by
                   ├─ states                      what each check remembers
                   └─ grounds ─ rules             what else it rests on: to come to the same verdict again
leases                                            who works at all
expected, watermarks                              what was due and what became of it
reference_figures, inquiries, reconciliations     evidence that people bring, every version of it
exclusions, baselines, baseline_acts              what people declare and approve, every version of it
incidents ─ events                                findings and their transitions
numbered_incidents ─ memberships, incident_events incidents and the findings that belong to each
alerts                                            messages, saved with their cause and sent later
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.findings.finding import Nature, Severity, State
from ketenwacht.domain.result import Evidence, Status

from .types import ImpactText, JsonType, LevelType, MomentType, NumberType, SegmentText, WordType

NO_SHA = ""
"""Stands for a delivery without bytes: NULLs are all different in a unique key."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    },
)


def missing_columns() -> tuple[Column[object], ...]:
    """Return the columns of an estimate of missing persons; `missing_since` is null when there is none."""
    return (
        Column("missing_since", Date),
        Column("missing_value", NumberType),
        Column("missing_low", NumberType),
        Column("missing_high", NumberType),
    )


deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("sha256", Text, nullable=False),  # or another mark of its content; NO_SHA for an absent one
    Column("period", Date, nullable=False),
    Column("presence", WordType(Presence), nullable=False),
    Column("arrived_at", MomentType),
    Column("due_at", MomentType),
    Column("size", BigInteger),
    Column("manifest", JsonType),
    Column("problem", Text),
    Column("columns", JsonType, nullable=False),
    UniqueConstraint("feed", "delivery_id", "sha256"),
    Index("ix_deliveries_period", "feed", "period"),
)

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True),  # order of judging
    Column("id", Text, nullable=False, unique=True),
    Column("delivery", ForeignKey("deliveries.id"), nullable=False, unique=True),
    Column("at", MomentType, nullable=False),
    Column("status", LevelType(Status), nullable=False),
    Column("smallest", NumberType),  # count above 0 that the delivery holds; null: it holds none
    Column("detector", Integer, nullable=False, server_default="1"),
)

series = Table(
    "series",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # see measurements.series_id
    Column("feed", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("segment", Text, nullable=False),
    Index("ix_series_metric", "feed", "metric"),
)

measurements = Table(
    "measurements",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("series", ForeignKey("series.id"), primary_key=True),
    Column("value", Double),  # null: not measured, `reason` says why; both null: not a number
    Column("reason", Text),
    sqlite_with_rowid=False,  # the rows of a run lie together
)

results = Table(
    "results",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("check_name", Text, nullable=False),
    Column("status", LevelType(Status), nullable=False),
    Column("evidence", WordType(Evidence), nullable=False),
    Column("message", Text, nullable=False),  # of a release that knew no codes; else empty
    Column("code", Text),
    Column("params", JsonType),
    Column("segment", SegmentText, nullable=False),
    Column("observed", NumberType),
    Column("bounded", Boolean, nullable=False),  # whether limits were given at all
    Column("low", NumberType),
    Column("high", NumberType),
    Column("unit", Text),
    Column("of_delivery", Boolean, nullable=False, server_default=false()),
    Column("whole", NumberType),
    *missing_columns(),
    sqlite_with_rowid=False,
)

states = Table(
    "states",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("check_name", Text, primary_key=True),
    Column("body", JsonType, nullable=False),
)

rules = Table(
    "rules",
    metadata,
    Column("id", Text, primary_key=True),  # SHA-256 of the body
    Column("body", JsonType, nullable=False),
)

provenance = Table(
    "grounds",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("rules", ForeignKey("rules.id"), nullable=False),
    Column("papers", JsonType, nullable=False),  # table → number of the last row that was there
    Column("known_at", MomentType),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("worker", Text, nullable=False),
    Column("beat", BigInteger, nullable=False),  # counts up while its holder lives
)

expected = Table(
    "expected",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("due", MomentType, primary_key=True),
    Column("verdict", Text),  # null while open
    Column("delivery_id", Text),
    Column("at", MomentType),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("until", MomentType, nullable=False),
)


# What people bring, declare and approve: every version of it is kept.


def _provenance() -> tuple[Column[object], ...]:
    """Return who brought a row, why and when."""
    return (
        Column("who", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("at", MomentType, nullable=False),
    )


reference_figures = Table(
    "reference_figures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("identity", Text, nullable=False),  # of source, segment and period
    Column("version", Integer, nullable=False),
    Column("segment", SegmentText, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False),
    Column("count", Double, nullable=False),
    Column("uncertainty", Double, nullable=False),
    Column("published_on", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("hop", Text, nullable=False, server_default=""),  # empty: a figure of outsiders
    Column("reason", Text, nullable=False, server_default=""),
    *_provenance(),
    UniqueConstraint("feed", "identity", "version"),
)

inquiries = Table(
    "inquiries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("identity", Text, nullable=False),  # of day, outcome and segment
    Column("version", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("segment", SegmentText, nullable=False),
    *_provenance(),
    UniqueConstraint("feed", "identity", "version"),
)

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("identity", Text, nullable=False),  # of register date, moment and segment
    Column("register_date", Date, nullable=False),
    Column("at", MomentType, nullable=False),
    Column("segment", SegmentText, nullable=False),
    *(
        Column(name, Integer, nullable=False)
        for name in ("registered", "matched", "missing", "pending", "late", "extra", "different")
    ),
    Column("first_missing", Date),
    *(Column(name, Integer) for name in ("recent", "recent_late", "age_p50", "age_p95", "age_longest")),
    Column("impact", ImpactText),
    UniqueConstraint("feed", "identity"),
)

exclusions = Table(
    "masks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("identity", Text, nullable=False),  # of all that it says
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("segment", SegmentText, nullable=False),
    Column("declared_by", Text, nullable=False),
    Column("at", MomentType, nullable=False),
    UniqueConstraint("feed", "identity"),
)

baselines = Table(
    "baselines",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("check_name", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("body", JsonType, nullable=False),
)

baseline_acts = Table(
    "baseline_acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("check_name", Text, nullable=False),
    Column("version", Integer),  # null: whatever was pinned no longer is
    Column("act", Text, nullable=False),  # propose | approve | pin
    *_provenance(),
    ForeignKeyConstraint(
        ["feed", "check_name", "version"],
        ["baselines.feed", "baselines.check_name", "baselines.version"],
        name="fk_baseline_acts_version",
    ),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 … without gaps
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", MomentType, nullable=False),
    Column("previous", Text, nullable=False),
    Column("mac", Text, nullable=False),
)


# Findings, incidents, their transitions, and the alerts about them.


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
    Column("causes", JsonType),
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
