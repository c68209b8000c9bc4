"""The tables of what people bring, declare and approve: every version of it is kept.

reference_figures, inquiries, reconciliations     outside evidence
masks, baselines ─ baseline_acts                  declared pauses, approved normal levels
audit                                             who did what; a chain that shows tampering
"""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, ForeignKeyConstraint, Integer, Table, Text, UniqueConstraint

from .impacts import ImpactText
from .tables import metadata
from .types import JsonType, MomentType, SegmentText


def _provenance() -> tuple[Column[object], ...]:
    """Who brought a row, why and when."""
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
