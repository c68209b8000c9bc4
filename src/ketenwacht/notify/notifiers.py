"""Every kind of notifier, and how the configured channels become notifiers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ketenwacht.domain.alerting import BUILT_IN, CONSOLE, Alerting, Channel, PluginMedium
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.errors import ConfigError, NotifyError
from ketenwacht.plugins import MEDIA, find_medium_kind, guard_plugin_call, unknown_word

from .base import Notifier, Picture
from .console import ConsoleNotifier


@dataclass(frozen=True, slots=True)
class NotifierContext:
    """What notifiers need of the world."""

    write: Callable[[str], object]
    sleep: Callable[[float], None]


def _open_console(channel: Channel, means: NotifierContext) -> Notifier:
    del channel  # a console has no settings
    return ConsoleNotifier(means.write)


def _open_plugin(plugged: PluginMedium) -> Notifier:
    where = f"alerts: the medium {plugged.word}"
    kind = find_medium_kind(plugged.word, BUILT_IN, where)
    if kind is None:
        raise unknown_word(MEDIA, plugged.word, BUILT_IN, where)
    mend = "mend its settings, or install another version of the plug-in"
    inner = guard_plugin_call(
        lambda: kind.build(plugged.settings),
        lambda cause: ConfigError(where, f"the plug-in cannot be set up ({cause})", mend),
    )
    return GuardedNotifier(plugged.word, inner)


def _open_slack(channel: Channel, means: NotifierContext) -> Notifier:
    from .slack.client import SlackNotifier  # noqa: PLC0415 - only who posts to Slack pays for its client

    if channel.slack is None:
        raise ValueError(f"channel {channel.name} names no Slack channel")
    return SlackNotifier(channel.slack, sleep=means.sleep)


KINDS: tuple[tuple[str, Callable[[Channel, NotifierContext], Notifier]], ...] = (
    ("console", _open_console),
    ("slack", _open_slack),
)
"""The word for a kind of notifier, and what opens one. A new kind is one file and one line here."""


def open_notifiers(
    alerting: Alerting, *, write: Callable[[str], object], sleep: Callable[[float], None]
) -> dict[str, Notifier]:
    """A notifier a channel, by the channel's name; the console is always there, as the last resort.

    Args:
        alerting: the routes.
        write: prints a text.
        sleep: waits for a number of seconds.
    """
    means, openers = NotifierContext(write, sleep), dict(KINDS)
    notifiers: dict[str, Notifier] = {CONSOLE: ConsoleNotifier(write)}
    for channel in alerting.channels():
        own = channel.plugged
        notifiers[channel.name] = openers[channel.medium](channel, means) if own is None else _open_plugin(own)
    return notifiers


# A notifier of another package: what it raises becomes a failed send, told without its message.


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GuardedNotifier:
    """Passes everything on to the notifier of a plug-in; see `Notifier`.

    Attributes:
        kind: the plug-in's word for the medium.
        inner: its notifier.
    """

    kind: str
    inner: Notifier

    @property
    def pause(self) -> float:
        """Seconds between two messages; none when the plug-in says nothing."""
        return float(getattr(self.inner, "pause", 0.0))

    @property
    def pictures(self) -> bool:
        """Whether it shows pictures; not, when the plug-in says nothing."""
        return bool(getattr(self.inner, "pictures", False))

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """See `Notifier.send`."""
        return self._guarded(lambda: self.inner.send(alert, thread))

    def edit(self, alert: Alert, thread: str) -> None:
        """See `Notifier.edit`."""
        self._guarded(lambda: self.inner.edit(alert, thread))

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """See `Notifier.find`."""
        return self._guarded(lambda: self.inner.find(alert, thread))

    def show(self, picture: Picture, thread: str) -> None:
        """See `Notifier.show`."""
        self._guarded(lambda: self.inner.show(picture, thread))

    def probe(self) -> str:
        """See `Notifier.probe`."""
        return self._guarded(self.inner.probe)

    def _guarded(self, work: Callable[[], T]) -> T:
        return guard_plugin_call(
            work, lambda cause: NotifyError(f"the plug-in {self.kind} failed: {cause}", permanent=False)
        )
