"""The loop that sends what the outbox holds: lease, look whether it arrived before, send, mark.

An alert is sent at least once. It is sent exactly once where the medium can be asked what it already has.
Within a topic the order is that of writing; a channel that fails is left alone for the rest of a flush.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ketenwacht.domain.alerting import CONSOLE
from ketenwacht.domain.incident import Alert
from ketenwacht.errors import NotifyError
from ketenwacht.notify import Notifier

LEASE = timedelta(minutes=5)
"""Longer than one alert can take: lookup, edit and post with their time-outs and waits."""

WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 900, 1800, 3600))
"""How long a fault waits for its next attempt: the first, the second, …; the last one for all further ones."""


class Leased(Protocol):
    """An alert that this worker may send now."""

    @property
    def alert(self) -> Alert:
        """What must be told."""
        ...

    @property
    def attempt(self) -> int:
        """1 for the first time that it is tried."""
        ...

    @property
    def recovered(self) -> bool:
        """Whether a worker before never said how it went."""
        ...


class Outbox(Protocol):
    """What is used of the history; every method raises `StoreError` when it cannot be reached."""

    def lease_alerts(self, *, at: datetime, worker: str, limit: int, lease: timedelta) -> Sequence[Leased]:
        """Take alerts that are due, oldest first, never one before an earlier one of its topic."""
        ...

    def mark_sent(self, alert_id: str, *, at: datetime, ref: str | None) -> None:
        """It arrived, and this is its name there."""
        ...

    def mark_retry(self, alert_id: str, *, at: datetime, next_attempt_at: datetime, error: str) -> None:
        """It did not arrive yet."""
        ...

    def mark_failed(self, alert_id: str, *, at: datetime, error: str) -> None:
        """It can never arrive this way."""
        ...

    def thread(self, route: str, topic: str) -> str | None:
        """The name of the topic's root message."""
        ...


@dataclass(frozen=True, slots=True)
class FlushReport:
    """What one flush did, in alerts.

    Attributes:
        sent: arrived, or found to have arrived before.
        retried: to be tried again later.
        failed: can never arrive by their own route; told through the fallback route instead.
    """

    sent: int = 0
    retried: int = 0
    failed: int = 0

    @property
    def all_sent(self) -> bool:
        """Whether nothing of what was due is left."""
        return self.retried == 0 and self.failed == 0


def flush(  # noqa: PLR0913 - everything that the world lends it
    history: Outbox,
    notifiers: Mapping[str, Notifier],
    *,
    at: datetime,
    worker: str,
    sleep: Callable[[float], None],
    fallback: str = CONSOLE,
    limit: int = 100,
) -> FlushReport:
    """Send every alert that is due.

    Args:
        history: where alerts wait.
        notifiers: by name of channel.
        at: now (aware UTC).
        worker: a name no other process has.
        sleep: waits for a number of seconds.
        fallback: name of the channel that hears what another can never deliver.
        limit: at most so many alerts, so that a flush is over before a lease is.

    Raises:
        StoreError: the history cannot be reached; what was not marked is looked up when its lease is over.
    """
    sender = _Sender(history, notifiers, at, sleep, fallback)
    for _ in range(limit):
        # one at a time: whoever stops in the middle leaves only one that must be looked up
        leased = history.lease_alerts(at=at, worker=worker, limit=1, lease=LEASE)
        if not leased:
            break
        for each in leased:
            sender.take(each)
    counts = sender.counts
    return FlushReport(counts["sent"], counts["retried"], counts["failed"])


@dataclass(slots=True)
class _Sender:
    history: Outbox
    notifiers: Mapping[str, Notifier]
    at: datetime
    sleep: Callable[[float], None]
    fallback: str
    counts: dict[str, int] = field(default_factory=lambda: {"sent": 0, "retried": 0, "failed": 0})
    used: set[str] = field(default_factory=set)
    resting: dict[str, datetime] = field(default_factory=dict)  # channel → when it may be tried again

    def take(self, leased: Leased) -> None:
        """Send one alert and mark how it went."""
        alert = leased.alert
        rests_until = self.resting.get(alert.route)
        if rests_until is not None:
            self._retry(alert, rests_until, "its channel waits")
            return
        notifier = self.notifiers.get(alert.route)
        try:
            if notifier is None:
                raise NotifyError(f"no channel is called {alert.route}", permanent=True)  # noqa: TRY301
            ref = self._deliver(notifier, leased)
        except NotifyError as fault:
            self._fault(leased, fault)
        else:
            self.history.mark_sent(alert.id, at=self.at, ref=ref)
            self.counts["sent"] += 1

    def _deliver(self, notifier: Notifier, leased: Leased) -> str | None:
        alert = leased.alert
        thread = self.history.thread(alert.route, alert.topic)
        if leased.recovered or leased.attempt > 1:
            known = notifier.find(alert, thread)
            if known is not None:
                return known
        if alert.route in self.used and notifier.pause > 0:
            self.sleep(notifier.pause)
        self.used.add(alert.route)
        if thread is not None:
            notifier.edit(alert, thread)
        return notifier.send(alert, thread)

    def _fault(self, leased: Leased, fault: NotifyError) -> None:
        alert = leased.alert
        if not fault.permanent:
            wait = WAITS[min(leased.attempt, len(WAITS)) - 1]
            if fault.retry_after is not None:
                wait = max(wait, timedelta(seconds=fault.retry_after))
            self.resting[alert.route] = self.at + wait
            self._retry(alert, self.resting[alert.route], str(fault))
            return
        told = self._tell_fallback(alert)
        if isinstance(told, NotifyError) and not told.permanent:
            self._retry(alert, self.at + WAITS[min(leased.attempt, len(WAITS)) - 1], f"{fault}; {told}")
            return
        how = f"told through {self.fallback}" if told is None else str(told)
        self.history.mark_failed(alert.id, at=self.at, error=f"{fault}; {how}")
        self.counts["failed"] += 1

    def _tell_fallback(self, alert: Alert) -> NotifyError | None:
        """Tell the fallback channel; returns the fault when that is not possible either."""
        notifier = self.notifiers.get(self.fallback)
        if notifier is None or self.fallback == alert.route:
            return NotifyError("no other channel to fall back to", permanent=True)
        try:
            notifier.send(alert, None)
        except NotifyError as fault:
            return fault
        return None

    def _retry(self, alert: Alert, when: datetime, error: str) -> None:
        self.history.mark_retry(alert.id, at=self.at, next_attempt_at=when, error=error)
        self.counts["retried"] += 1
