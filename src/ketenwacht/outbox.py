"""The loop that sends what the outbox holds: lease, look whether it arrived before, send, mark.

An alert is sent at least once. It is sent exactly once where the medium can be asked what it already has.
Within a channel the order is that of writing: while one alert waits, the channel waits. It does not wait for ever
for a message that the channel refuses: one that cannot arrive is told through the fallback, and the next is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ketenwacht.domain.alerting import CONSOLE
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import UPDATE
from ketenwacht.errors import NotifyError
from ketenwacht.notify import Notifier
from ketenwacht.store.outbox import LeasedAlert, OutboxRepository

LEASE = timedelta(minutes=5)
"""Longer than one alert can take: lookup, edit and post with their time-outs and waits."""

REFUSALS = 5
"""So often an alert may be refused by a channel that answers otherwise; then the fallback is told."""

WAITS = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 900, 1800, 3600))
"""How long a fault waits for its next attempt: the first, the second, …; the last one for all further ones."""


@dataclass(frozen=True, slots=True)
class SentAlert:
    """An alert that is where it had to be.

    Attributes:
        alert: what was told.
        ref: what the medium calls its message, None when it gives no names.
        thread: the root message that it was told under, None when it is one itself.
    """

    alert: Alert
    ref: str | None
    thread: str | None


@dataclass(frozen=True, slots=True)
class FlushReport:
    """What one flush did, in alerts.

    Attributes:
        sent: arrived, or found to have arrived before.
        retried: to be tried again later; what comes after them in their channel waits too.
        failed: can never arrive by their own route; told through the fallback route instead.
        arrived: those sent, in order.
    """

    sent: int = 0
    retried: int = 0
    failed: int = 0
    arrived: tuple[SentAlert, ...] = field(default=(), compare=False)


@dataclass(slots=True)
class Pace:
    """Leaves a pause between two messages of one channel, also between those of two flushes.

    Attributes:
        monotonic: seconds that only go up.
        sleep: waits for a number of seconds.
    """

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    _last: dict[str, float] = field(default_factory=dict)

    def keep(self, channel: str, pause: float) -> None:
        """Wait until `pause` seconds after the last message of the channel; the next is sent now."""
        last = self._last.get(channel)
        if last is not None and last + pause > self.monotonic():
            self.sleep(last + pause - self.monotonic())
        self._last[channel] = self.monotonic()


def flush(  # noqa: PLR0913 - everything that the world lends it
    outbox: OutboxRepository,
    notifiers: Mapping[str, Notifier],
    *,
    at: datetime,
    worker: str,
    pace: Pace,
    fallback: str = CONSOLE,
    limit: int = 100,
) -> FlushReport:
    """Send every alert that is due.

    Args:
        outbox: of an open history.
        notifiers: by name of channel.
        at: now (aware UTC).
        worker: a name no other process has.
        pace: of messages in one channel; kept from flush to flush.
        fallback: name of the channel that hears what another can never deliver.
        limit: at most so many alerts, so that a flush is over before a lease is.

    Raises:
        StoreError: the history cannot be reached; what was not marked is looked up when its lease is over.
    """
    sender = _Sender(outbox, notifiers, at, pace, fallback)
    for _ in range(limit):
        # one at a time: a process that stops in the middle leaves only one alert to look up
        leased = outbox.lease(at=at, worker=worker, limit=1, lease=LEASE)
        if not leased:
            break
        for each in leased:
            sender.take(each)
    return FlushReport(len(sender.arrived), sender.retried, sender.failed, tuple(sender.arrived))


@dataclass(slots=True)
class _Sender:
    outbox: OutboxRepository
    notifiers: Mapping[str, Notifier]
    at: datetime
    pace: Pace
    fallback: str
    arrived: list[SentAlert] = field(default_factory=list)
    retried: int = 0
    failed: int = 0

    def take(self, leased: LeasedAlert) -> None:
        """Send one alert and mark how it went."""
        alert = leased.alert
        notifier = self.notifiers.get(alert.route)
        if notifier is None:
            self._give_up(leased, f"no channel is called {alert.route}")
            return
        thread, answers = None, False
        try:
            thread = self.outbox.find_thread(alert.route, alert.topic, notifier.owns)
            if leased.recovered or leased.attempt > 1:
                known = notifier.find(alert, thread)
                answers = True
                if known is not None:
                    self._mark_arrived(leased, known, thread)
                    return
            ref = self._tell(notifier, alert, thread)
        except NotifyError as fault:
            self._fault(leased, fault, notifier, thread, answers=answers)
        else:
            self._mark_arrived(leased, ref, thread)

    def _tell(self, notifier: Notifier, alert: Alert, thread: str | None) -> str | None:
        if alert.kind == UPDATE:
            if thread is not None:  # a route that heard nothing of the topic has nothing to bring up to date
                notifier.edit(alert, thread)
            return None
        self.pace.keep(alert.route, notifier.pause)
        if thread is not None:
            notifier.edit(alert, thread)
        return notifier.send(alert, thread)

    def _mark_arrived(self, leased: LeasedAlert, ref: str | None, thread: str | None) -> None:
        self.outbox.mark_sent(leased.alert.id, at=self.at, ref=ref)
        self.arrived.append(SentAlert(leased.alert, ref, thread))

    def _fault(
        self, leased: LeasedAlert, fault: NotifyError, notifier: Notifier, thread: str | None, *, answers: bool
    ) -> None:
        if fault.permanent:
            self._give_up(leased, str(fault))
            return
        # a request to wait is no refusal, and neither is a failed look-up
        refused = answers and fault.answered and fault.retry_after is None
        if refused and leased.refused + 1 >= REFUSALS and self._is_not_there(leased, notifier, thread):
            self._give_up(leased, f"{fault}, refused {REFUSALS} times while the channel answers")
            return
        self._retry(leased, str(fault), fault.retry_after or 0.0, refused=refused)

    @staticmethod
    def _is_not_there(leased: LeasedAlert, notifier: Notifier, thread: str | None) -> bool:
        """Return whether the channel says that the last attempt did not arrive after all."""
        try:
            return notifier.find(leased.alert, thread) is None
        except NotifyError:
            return False

    def _give_up(self, leased: LeasedAlert, why: str) -> None:
        """Tell the fallback; only when that cannot be told now either, the alert stays where it is."""
        alert = leased.alert
        if alert.kind == UPDATE:  # nobody was to hear of it, and the next alert of the topic says it all
            self.outbox.mark_failed(alert.id, at=self.at, error=why)
            self.failed += 1
            return
        told = self._tell_fallback(alert)
        if told is not None and not told.permanent:
            self._retry(leased, f"{why}; {told}", told.retry_after or 0.0, refused=True)
            return
        fallback_result = f"told through {self.fallback}" if told is None else str(told)
        self.outbox.mark_failed(alert.id, at=self.at, error=f"{why}; {fallback_result}")
        self.failed += 1

    def _tell_fallback(self, alert: Alert) -> NotifyError | None:
        """Tell the fallback channel; returns the fault when that is not possible either."""
        notifier = self.notifiers.get(self.fallback)
        if notifier is None or self.fallback == alert.route:
            return NotifyError("no other channel to fall back to", permanent=True)
        try:
            self.pace.keep(self.fallback, notifier.pause)
            notifier.send(alert, None)
        except NotifyError as fault:
            return fault
        return None

    def _retry(self, leased: LeasedAlert, error: str, least: float, *, refused: bool) -> None:
        """Put it back; `least`: seconds that the other side asked for."""
        wait = max(WAITS[min(leased.attempt, len(WAITS)) - 1], timedelta(seconds=least))
        self.outbox.mark_retry(
            leased.alert.id, at=self.at, next_attempt_at=self.at + wait, error=error, refused=refused
        )
        self.retried += 1
