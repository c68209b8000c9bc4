"""Feeds of counts, made in a line: what the checks over time are tested on."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from declared_codes import hold_to_codes

from ketenwacht.domain.checks.base import View
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.evidence import Known
from ketenwacht.domain.measurement import ROWS, Column, MetricKey, Snapshot, nulls
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import Segment

MONDAY = date(2022, 1, 3)


def workdays(n, first=MONDAY):
    """The first `n` weekdays from `first`."""
    return [d for i in range(2 * n) if (d := first + timedelta(days=i)).weekday() < 5][:n]


def group(name):
    """The segment of a group."""
    return Segment((("group", name),))


def snapshot(day, counts, empty=None, *, presence=Presence.READ, digest=None):
    """A delivery with counts by group, and optionally the empty values of column `code` by group."""
    rows = {MetricKey(ROWS, group(g)): float(n) for g, n in counts.items() if n}
    rows[MetricKey(ROWS)] = float(sum(counts.values()))
    for g, n in (empty or {}).items():
        rows[MetricKey(nulls("code"), group(g))] = float(n)
    delivery = Delivery("feed", day.isoformat(), day, presence, sha256=digest or f"{day}")
    columns = (Column("code", "text"),) if empty else ()
    return Snapshot(delivery, rows if presence is Presence.READ else {}, columns)


@dataclass
class Replay:
    """Judges one delivery after the other with one check, as the pipeline does."""

    check: object
    exclusions: tuple = ()
    known: Known = field(default_factory=Known)
    past: Past = field(default_factory=Past)
    state: object = None
    seen: list = field(default_factory=list)

    def view(self, shot):
        """What the check may look at."""
        d = shot.delivery.period
        at = datetime(d.year, d.month, d.day, 12, tzinfo=UTC)
        return View(shot, Past(self.past.snapshots, self.exclusions), at, self.known, state=self.state)

    def judge(self, shot):
        """Judge and remember; returns the judgement."""
        judgement = self.check.judge(self.view(shot))
        hold_to_codes(self.check, judgement.results)
        self.state = judgement.state
        self.past = self.past.with_snapshot(shot)
        self.seen.append((shot.delivery.period, judgement.results))
        return judgement

    def statuses(self, segment):
        """(day, status) of a segment, in order."""
        return [(day, r.status) for day, results in self.seen for r in results if r.segment == segment]


def feed(seed, days, means, k=12.0):
    """Counts by group a day, negative binomial."""
    rng = np.random.default_rng(seed)
    return [{g: int(rng.negative_binomial(k, k / (k + m))) for g, m in means.items()} for _ in days]


@pytest.fixture
def made():
    """The makers above, for tests that are no package."""

    class Made:
        pass

    for maker in (workdays, group, snapshot, Replay, feed):
        setattr(Made, maker.__name__, maker)
    return Made
