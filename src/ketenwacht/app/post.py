"""Sending what the outbox holds, through the configured channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from ketenwacht.domain.alerting import CONSOLE, Alerting
from ketenwacht.notify import Notifier, open_notifiers
from ketenwacht.outbox import flush
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
        sleep: waits; a console needs no pauses.
        fallback: channel that hears what another can never deliver.
        sent: alerts that arrived.
        left: alerts that were due and did not arrive.
    """

    notifiers: Mapping[str, Notifier]
    sleep: Callable[[float], None]
    fallback: str
    sent: int = 0
    left: int = 0

    @classmethod
    def of(cls, office: Office, write: Callable[[str], object]) -> Self:
        """Open every configured channel; `write` prints the messages of a console."""
        alerting: Alerting = office.settings.alerts
        outside = any(channel.slack is not None for channel in alerting.channels())
        sleep = clock.sleep if outside else _at_once
        return cls(open_notifiers(alerting, write=write, sleep=sleep), sleep, alerting.fallback or CONSOLE)

    def flush(self, history: History, *, at: datetime | None = None) -> None:
        """Send every alert that is due at `at` (UTC), or now."""
        report = flush(history, self.notifiers, at=at or clock.now(), worker=clock.worker_name(), sleep=self.sleep)
        self.sent += report.sent
        self.left += report.retried + report.failed

    @property
    def delivered(self) -> bool:
        """Whether everything that was due arrived."""
        return self.left == 0
