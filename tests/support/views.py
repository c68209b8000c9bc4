"""Snapshots and views for tests of checks, said in one line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ketenwacht.domain.checks.base import View
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.feed import Schedule
from ketenwacht.domain.measurement import Column, MetricKey, Snapshot
from ketenwacht.domain.past import Past

DAY = date(2022, 6, 24)
DUE = datetime(2022, 6, 24, 5, tzinfo=UTC)
SCHEDULE = Schedule(cron="0 7 * * mon-fri", grace=timedelta(hours=4))


def delivery(**changes):
    return Delivery(**{"feed": "f", "id": "000123", "period": DAY, "due_at": DUE, "arrived_at": DUE, **changes})


def snapshot(measurements=(), columns=("a", "b"), **changes):
    """`measurements`: (name, value) or (name, segment, value)."""
    keyed = {MetricKey(*m[:-1]): m[-1] for m in measurements}
    return Snapshot(delivery(**changes), keyed, tuple(Column(name, "text") for name in columns))


def view(now, past=(), **changes):
    known = past if isinstance(past, Past) else Past.of(past)
    return View(**{"snapshot": now, "past": known, "at": DUE, "schedule": SCHEDULE, **changes})


ABSENT = {"presence": Presence.ABSENT, "arrived_at": None, "problem": "not there"}
UNREADABLE = {"presence": Presence.UNREADABLE, "problem": "its SHA-256 is not the one declared"}
