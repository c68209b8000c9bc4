"""Sending what the outbox holds, through the configured channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Self

from ketenwacht.domain.alerting import CONSOLE, Alerting
from ketenwacht.domain.message import UPDATE, Message
from ketenwacht.errors import KetenwachtError, NotifyError
from ketenwacht.notify import Notifier, open_notifiers
from ketenwacht.outbox import FlushReport, Pace, SentAlert, flush
from ketenwacht.store import History
from ketenwacht.workflows import clock
from ketenwacht.workflows.project import LoadedProject


def _at_once(seconds: float) -> None:
    """A console needs no pause between messages."""
    del seconds


MOST_PICTURES = 3
"""Pictures that one flush sends at most."""
PICTURES_REST = timedelta(minutes=15)
"""After a picture that failed, a channel is sent none for so long."""


@dataclass(slots=True)
class AlertSender:
    """Open channels, and how many alerts went through them.

    Attributes:
        project: the configuration.
        notifiers: by name of channel.
        pace: of messages in one channel; a console needs no pauses.
        fallback: channel that hears what another can never deliver.
        now: this moment, UTC.
        sent: alerts that arrived, edits of a root message aside.
        left: times that an alert was tried and did not arrive.
        given_up: alerts that can never arrive by their own route.
        waiting: alerts that the outbox still held after the last flush.
        pictures: that went with them.
        picture_fault: why a picture of the last flush did not.
    """

    project: LoadedProject
    notifiers: Mapping[str, Notifier]
    pace: Pace
    fallback: str
    now: Callable[[], datetime] = clock.now
    sent: int = 0
    left: int = 0
    given_up: int = 0
    waiting: int = 0
    pictures: int = 0
    picture_fault: str | None = None
    _rest: dict[str, datetime] = field(default_factory=dict)  # channel → until when it gets no pictures

    @classmethod
    def of(
        cls, project: LoadedProject, write: Callable[[str], object], *, now: Callable[[], datetime] = clock.now
    ) -> Self:
        """Open every configured channel; `write` prints the messages of a console."""
        alerting: Alerting = project.settings.alerts
        outside = any(channel.medium != CONSOLE for channel in alerting.channels())
        sleep = clock.sleep if outside else _at_once
        notifiers = open_notifiers(alerting, write=write, sleep=sleep)
        return cls(project, notifiers, Pace(monotonic, sleep), alerting.fallback or CONSOLE, now)

    def flush(self, history: History, *, at: datetime | None = None) -> bool:
        """Send every alert that is due at `at` (UTC), or now; then, as far as that goes, their pictures.

        Returns:
            Whether there was anything to send; there may be more than one flush takes.
        """
        self.picture_fault = None
        moment, worker = at or self.now(), clock.worker_name()
        report = flush(history, self.notifiers, at=moment, worker=worker, pace=self.pace, fallback=self.fallback)
        self.sent += sum(one.alert.kind != UPDATE for one in report.arrived)
        self.left += report.retried + report.failed
        self.given_up += report.failed
        self.waiting = history.unsent()
        due = [one for one in report.arrived if self._wants_picture(one, moment)]
        for one in due[:MOST_PICTURES]:
            self._show(history, one, moment)
        return report != FlushReport()

    def _wants_picture(self, one: SentAlert, at: datetime) -> bool:
        """A new root message about problems gets one, and so does what the whole channel hears."""
        notifier = self.notifiers.get(one.alert.route)
        if one.alert.kind != "incident" or notifier is None or not notifier.pictures or one.ref is None:
            return False
        return at >= self._rest.get(one.alert.route, at) and (
            one.thread is None or Message.from_json(one.alert.body).broadcast
        )

    def _show(self, history: History, one: SentAlert, at: datetime) -> None:
        """Send a picture, once. The alert arrived before, and whatever fails here changes nothing but this."""
        route, root = one.alert.route, one.thread or one.ref
        if at < self._rest.get(route, at) or root is None:
            return
        from .picturing import picture_of  # noqa: PLC0415 - only who sends pictures pays for drawing them

        try:
            picture = picture_of(self.project, history, one.alert, at=at)
            if picture is not None:
                self.pace.keep(route, self.notifiers[route].pause)
                self.notifiers[route].show(picture, root)
                self.pictures += 1
        except (KetenwachtError, OSError, ValueError) as fault:
            permanent = isinstance(fault, NotifyError) and fault.permanent
            self._rest[route] = datetime.max.replace(tzinfo=UTC) if permanent else at + PICTURES_REST
            self.picture_fault = str(fault) if isinstance(fault, KetenwachtError) else type(fault).__name__

    @property
    def delivered(self) -> bool:
        """Whether everything arrived: nothing was given up, and nothing waits."""
        return self.given_up == 0 and self.waiting == 0
