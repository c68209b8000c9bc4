"""Sending what the outbox holds, through the configured channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Self

from ketenwacht.domain.alerting import CONSOLE, Alerting
from ketenwacht.notify import Notifier, open_notifiers
from ketenwacht.outbox import Pace, flush
from ketenwacht.store import History

from . import clock
from .office import Office


def _at_once(seconds: float) -> None:
    """A console needs no pause between messages."""
    del seconds


@dataclass(slots=True)
class Post:
    """Open channels, and how many alerts went through them.

    Attributes:
        notifiers: by name of channel.
        pace: of messages in one channel; a console needs no pauses.
        fallback: channel that hears what another can never deliver.
        sent: alerts that arrived.
        left: times that an alert was tried and did not arrive.
        given_up: alerts that can never arrive by their own route.
        waiting: alerts that the outbox still held after the last flush.
    """

    notifiers: Mapping[str, Notifier]
    pace: Pace
    fallback: str
    sent: int = 0
    left: int = 0
    given_up: int = 0
    waiting: int = 0

    @classmethod
    def of(cls, office: Office, write: Callable[[str], object]) -> Self:
        """Open every configured channel; `write` prints the messages of a console."""
        alerting: Alerting = office.settings.alerts
        outside = any(channel.slack is not None for channel in alerting.channels())
        sleep = clock.sleep if outside else _at_once
        notifiers = open_notifiers(alerting, write=write, sleep=sleep)
        return cls(notifiers, Pace(monotonic, sleep), alerting.fallback or CONSOLE)

    def flush(self, history: History, *, at: datetime | None = None) -> None:
        """Send every alert that is due at `at` (UTC), or now."""
        moment, worker = at or clock.now(), clock.worker_name()
        report = flush(history, self.notifiers, at=moment, worker=worker, pace=self.pace, fallback=self.fallback)
        self.sent += report.sent
        self.left += report.retried + report.failed
        self.given_up += report.failed
        self.waiting = history.unsent()

    @property
    def delivered(self) -> bool:
        """Whether everything arrived: nothing was given up, and nothing waits."""
        return self.given_up == 0 and self.waiting == 0
