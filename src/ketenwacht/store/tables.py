"""The tables that every delivery writes.

`migrations/` makes them; a test verifies that this schema equals the migrated one.

deliveries ─ runs ─┬─ measurements ─ series       what was measured of a delivery, once
                   ├─ results                     what was said of it, with the limits it was judged by
                   ├─ states                      what each check remembers
                   └─ grounds ─ rules             what else it rests on: to come to the same verdict again
leases                                            who works at all
expected, watermarks                              what was due and what became of it

Problems and what must be told are in `problems.py`; what people bring and declare in `watermarks.py`.
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
    false,
)

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import Evidence, Status

from .types import JsonType, LevelType, MomentType, NumberType, SegmentText, WordType

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
    """The columns of an estimate of missing persons; `missing_since` is null when there is none."""
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
