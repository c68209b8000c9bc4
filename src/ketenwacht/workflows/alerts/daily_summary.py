"""The daily digest: what was judged today, so that silence is itself a signal. Sent like an alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ketenwacht.domain.feed import Feed
from ketenwacht.domain.status import Status, worst
from ketenwacht.messages.digest import FeedDay, compose_digest
from ketenwacht.store import History
from ketenwacht.workflows.project import LoadedProject

WEEK = timedelta(days=7)
_ABOUT_PROBLEMS = frozenset({"incident", "recovery"})


@dataclass(slots=True)
class DailySummary:
    """Writes the digest of each day, once its hour has come.

    Attributes:
        project: the configuration.
        history: where the day is, and the outbox.
    """

    project: LoadedProject
    history: History
    _last: str = ""

    def write(self, at: datetime) -> bool:
        """Write today's digest when it is time for it and it was not written yet; the outbox knows it by its day.

        Args:
            at: now, UTC.

        Returns:
            True when this call wrote it, or found it written by an earlier process.

        Raises:
            StoreError: the history cannot be read or written.
        """
        local = at.astimezone(self.project.zone)
        today = local.date().isoformat()
        if local.hour < self.project.settings.service.digest_hour or self._last == today:
            return False
        alerts = compose_digest(
            [self._day(feed, at) for feed in self.project.settings.feeds.values()],
            alerting=self.project.settings.alerts,
            day=local.date(),
            used=self._used(at),
            at=at,
            head=self.history.audit_seal(),
        )
        self.history.enqueue(alerts)
        self._last = today
        return True

    def _day(self, feed: Feed, at: datetime) -> FeedDay:
        zone = self.project.zone
        recent = self.history.runs(feed.name, limit=100)
        runs = [run for run in recent if run.at.astimezone(zone).date() == at.astimezone(zone).date()]
        newest = runs[-1].results if runs else ()
        return FeedDay(
            feed=feed,
            how=self.project.formatter(feed),
            status=worst(run.status for run in runs) if runs else None,
            deliveries=sum(run.delivery.arrived_at is not None for run in runs),
            unproven=tuple(dict.fromkeys(r.segment for r in newest if r.status is Status.UNPROVEN)),
            incidents=self.history.live_incidents(feed.name),
        )

    def _used(self, at: datetime) -> int:
        """Root messages about problems that were first told in the last seven days."""
        first: Mapping[tuple[str, str], datetime] = {
            (one.alert.route, one.alert.topic): one.alert.created_at
            for one in reversed(self.history.posted())
            if one.alert.kind in _ABOUT_PROBLEMS
        }
        return sum(at - WEEK <= when <= at for when in first.values())
