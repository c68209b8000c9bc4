"""The month of the campaign: four feeds that deliver every day, and what becomes of each delivery."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from ketenwacht.store import History

FIRST = datetime(2024, 2, 20, tzinfo=UTC)  # a leap day, and the night on which summer time begins, lie in it
DAYS = 33  # three more, so that the last of the month is over
GRACE = timedelta(hours=4)
HOURS = {"early": 5, "morning": 9, "noon": 12, "evening": 17}  # by UTC, in which this configuration is meant
CONFIG = """
version: 1
timezone: UTC
history: '{url}'
feeds:
{feeds}
service:
  {{tick: 1s, lease: {lease:.0f}s, digest_hour: 20, quiet: 0s, measuring: 30s, listing: 8s, plugin: 8s,
   standstill: 20s, ping: '{ping}'}}
alerts: {{language: en, routes: [{{slack: {{channel: C1, token: x, base_url: '{slack}'}}}}]}}
"""
FEED = """
  {name}:
    title: The {name} feed
    source: {{kind: files, path: in/{name}, pattern: "T_{{date:%Y%m%d}}.csv", reader: csv}}
    schedule: {{cron: "0 {hour} * * *", grace: 4h}}
    segments: [[], [kind]]
    checks: checks.yaml
"""
VICTIM = """
  victim:
    title: The victim
    source: {kind: odd}
    segments: [[]]
    checks: victim.yaml
"""
"""A feed that a plug-in reads and judges, which hangs, exits and fails when it is told to."""
CHECKS = "checks:\n  - kind: schedule\n  - kind: volume\n"
_ROWS = 30
_LARGE = 400_000  # rows: long enough to read to be replaced meanwhile


@dataclass(frozen=True)
class Arrival:
    """One delivery: when it arrives after the month began (None: never), and what is in it."""

    feed: str
    day: date
    due: datetime
    after: timedelta | None
    rows: tuple[int, ...]
    readable: bool = True

    @property
    def late(self) -> bool:
        """Whether it arrives after its grace."""
        return self.after is not None and FIRST + self.after > self.due + GRACE

    def write(self, folder: Path, chosen: int = -1) -> None:
        """Put it there whole, in place of what was there; of one with several contents the next one."""
        path = folder / "in" / self.feed / f"T_{self.day:%Y%m%d}.csv"
        stand = path.stat().st_size if path.exists() else 0
        rows = self.rows[chosen]
        content = _content(rows) if self.readable else b"id;kind\n1;\xff\xfe\n"
        if len(content) == stand and len(self.rows) > 1:
            content = _content(self.rows[0])
        when = (FIRST + (self.after or timedelta(0))).timestamp()
        part = path.with_name(f".{path.name}")
        part.write_bytes(content)
        os.utime(part, (when, when))
        part.replace(path)


def _content(rows: int) -> bytes:
    return b"id;kind\n" + b"1;a\n2;b\n" * (rows // 2) + b"3;a\n" * (rows % 2)


class Month:
    """What is due, what comes, and what of it has come."""

    def __init__(
        self, folder: Path, url: str, slack: str, ping: str, lease: float, chance: np.random.Generator
    ) -> None:
        self.folder, self.feeds, self.first = folder, tuple(HOURS), FIRST
        self.config = folder / "config.yaml"
        feeds = "".join(FEED.format(name=name, hour=hour) for name, hour in HOURS.items()) + VICTIM
        self.config.write_text(CONFIG.format(url=url, feeds=feeds, slack=slack, ping=ping, lease=lease))
        (folder / "checks.yaml").write_text(CHECKS)
        for name in HOURS:
            (folder / "in" / name).mkdir(parents=True)
        every = [_drawn(name, number, hour, chance) for number in range(DAYS) for name, hour in HOURS.items()]
        self.waiting = sorted((a for a in every if a.after is not None), key=lambda a: a.after or timedelta(0))
        self.never = [a for a in every if a.after is None]
        self.came: list[Arrival] = []

    def deliver(self, until: timedelta) -> None:
        """Put there what arrives by then."""
        while self.waiting and (self.waiting[0].after or timedelta(0)) <= until:
            one = self.waiting.pop(0)
            one.write(self.folder)
            self.came.append(one)

    def large(self, now: timedelta) -> Arrival:
        """The next delivery, brought forward and made large, with two contents that may replace one another."""
        number, one = next((n, a) for n, a in enumerate(self.waiting) if a.readable)
        large = Arrival(one.feed, one.day, one.due, min(now, one.after or now), (_LARGE, _LARGE + 1))
        del self.waiting[number]
        large.write(self.folder)
        self.came.append(large)
        return large

    def judged(self, history: History) -> bool:
        """Whether everything that came was judged."""
        known = {feed: {name for name, _ in history.runs.find_judged(feed)} for feed in self.feeds}
        return all(one.day.isoformat() in known[one.feed] for one in self.came)

    def done(self, history: History) -> bool:
        """Whether the whole month was judged, settled and told."""
        if self.open_days(history) or not self.judged(history) or history.outbox.find_oldest_unsent() is not None:
            return False
        return all(history.expected.find(feed) for feed in self.feeds)

    def open_days(self, history: History) -> int:
        """Days of the month whose expected delivery is not there, or has no verdict that fits."""
        wanted = Counter(one.feed for one in (*self.came, *self.never) if in_month(one))
        settled = Counter(
            feed
            for feed in self.feeds
            for one in history.expected.find(feed)
            if one.due < FIRST + timedelta(days=30) and (one.verdict == "missed" or one.delivery_id is not None)
        )
        late = [one for one in self.waiting if in_month(one)]
        missed = {(f, e.due) for f in self.feeds for e in history.expected.find(f) if e.verdict == "missed"}
        came = [one for one in self.came if in_month(one) and (one.feed, one.due) in missed]
        return (wanted - settled).total() + len(late) + len(came)


def in_month(one: Arrival) -> bool:
    """Return whether it is due in the month that is judged."""
    return one.due < FIRST + timedelta(days=30)


def _drawn(name: str, number: int, hour: int, chance: np.random.Generator) -> Arrival:
    due = FIRST + timedelta(days=number, hours=hour)
    drawn, rows = chance.random(), int(chance.poisson(_ROWS))
    if drawn < 0.1:
        return Arrival(name, due.date(), due, None, (rows,))
    late = timedelta(hours=float(chance.uniform(4.5, 40.0)))
    after = due - FIRST + (late if drawn > 0.9 else -timedelta(hours=1))
    return Arrival(name, due.date(), due, after, (rows,), readable=not 0.1 <= drawn < 0.13)
