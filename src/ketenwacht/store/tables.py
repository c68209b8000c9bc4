"""The tables that every delivery writes. `migrations/` makes them; a test holds the two equal.

deliveries ─ runs ─┬─ measurements ─ series       what was measured of a delivery, once
                   ├─ results                     what was said of it, with the limits it was judged by
                   ├─ states                      what each check remembers
                   └─ grounds ─ rules             what else it rests on: to come to the same verdict again
claims, leases                                    who judges what, and who works at all
incidents ─ events;  alerts                       problems, their lives, and what must be told
expected, watermarks                              what was due and what became of it

What people bring and declare is in `papers.py`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.incident import Nature, Severity, State
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.status import Status

from .impacts import ImpactText
from .types import Json, Level, Moment, Number, SegmentText, Word

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


def _missing() -> tuple[Column[object], ...]:
    """The columns of an estimate of missing persons; `missing_since` is null when there is none."""
    return (
        Column("missing_since", Date),
        Column("missing_value", Number),
        Column("missing_low", Number),
        Column("missing_high", Number),
    )


deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("delivery_id", Text, nullable=False),
    Column("sha256", Text, nullable=False),  # or another mark of its content; NO_SHA for an absent one
    Column("period", Date, nullable=False),
    Column("presence", Word(Presence), nullable=False),
    Column("arrived_at", Moment),
    Column("due_at", Moment),
    Column("size", BigInteger),
    Column("manifest", Json),
    Column("problem", Text),
    Column("columns", Json, nullable=False),
    UniqueConstraint("feed", "delivery_id", "sha256"),
    Index("ix_deliveries_period", "feed", "period"),
)

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True),  # order of judging
    Column("id", Text, nullable=False, unique=True),
    Column("delivery", ForeignKey("deliveries.id"), nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("status", Level(Status), nullable=False),
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
    Column("status", Level(Status), nullable=False),
    Column("evidence", Word(Evidence), nullable=False),
    Column("message", Text, nullable=False),
    Column("segment", SegmentText, nullable=False),
    Column("observed", Number),
    Column("bounded", Boolean, nullable=False),  # whether limits were given at all
    Column("low", Number),
    Column("high", Number),
    Column("unit", Text),
    *_missing(),
    sqlite_with_rowid=False,
)

states = Table(
    "states",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("check_name", Text, primary_key=True),
    Column("body", Json, nullable=False),
)

rules = Table(
    "rules",
    metadata,
    Column("id", Text, primary_key=True),  # SHA-256 of the body
    Column("body", Json, nullable=False),
)

grounds = Table(
    "grounds",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("rules", ForeignKey("rules.id"), nullable=False),
    Column("papers", Json, nullable=False),  # table → number of the last row that was there
    Column("known_at", Moment),
)

claims = Table(
    "claims",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("delivery_id", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("worker", Text, nullable=False),
    Column("until", Moment, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("worker", Text, nullable=False),
    Column("beat", BigInteger, nullable=False),  # counts up while its holder lives
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("check_name", Text, nullable=False),
    Column("segment", SegmentText, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("state", Word(State), nullable=False),
    Column("nature", Word(Nature), nullable=False),
    Column("severity", Level(Severity), nullable=False),
    Column("evidence", Word(Evidence), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("period", Date, nullable=False),
    Column("summary", Text, nullable=False),
    *_missing(),
    Column("impact", ImpactText),
    Column("owner", Text),
    Column("snooze_owner", Text),
    Column("snooze_reason", Text),
    Column("snooze_until", Moment),
    Column("snooze_missing", Number),
    Column("resolved_at", Moment),
    Column("closed_at", Moment),
    Column("last_status", Level(Status), nullable=False),
    Column("flips", Json, nullable=False),
    Column("parent", Text),
    Column("last_delivery", Text, nullable=False),
    Column("last_period", Date),
    Column("told_severity", Level(Severity)),
    Column("told_missing", Number),
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
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Word(State)),
    Column("after", Word(State), nullable=False),
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
    Column("created_at", Moment, nullable=False),
    Column("state", Text, nullable=False),  # pending | sending | sent | failed
    Column("attempts", Integer, nullable=False),
    Column("refused", Integer, nullable=False, server_default="0"),  # by a channel that answers otherwise
    Column("next_attempt_at", Moment, nullable=False),
    Column("worker", Text),
    Column("leased_until", Moment),
    Column("sent_at", Moment),
    Column("ref", Text),
    Column("error", Text),
    Index("ix_alerts_state", "state", "next_attempt_at"),
    Index("ix_alerts_topic", "route", "topic", "number"),
)

expected = Table(
    "expected",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("due", Moment, primary_key=True),
    Column("verdict", Text),  # null while open
    Column("delivery_id", Text),
    Column("at", Moment),
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("until", Moment, nullable=False),
)
