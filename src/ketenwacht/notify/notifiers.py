"""Opens the notifiers of the configured channels; guards the notifiers of plug-ins."""

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
    """What a notifier may use: a function that prints a text, and one that waits for seconds."""

    write: Callable[[str], object]
    sleep: Callable[[float], None]


def _open_console(channel: Channel, context: NotifierContext) -> Notifier:
    del channel  # a console has no settings
    return ConsoleNotifier(context.write)


def _open_plugin(medium: PluginMedium) -> Notifier:
    where = f"alerts: the medium {medium.word}"
    kind = find_medium_kind(medium.word, BUILT_IN, where)
    if kind is None:
        raise unknown_word(MEDIA, medium.word, BUILT_IN, where)
    mend = "mend its settings, or install another version of the plug-in"
    inner = guard_plugin_call(
        lambda: kind.build(medium.settings),
        lambda cause: ConfigError(where, f"the plug-in cannot be set up ({cause})", mend),
    )
    return GuardedNotifier(medium.word, inner)


def _open_slack(channel: Channel, context: NotifierContext) -> Notifier:
    from .slack.client import SlackNotifier  # noqa: PLC0415 - only a Slack channel needs slack_sdk

    if channel.slack is None:
        raise ValueError(f"channel {channel.name} names no Slack channel")
    return SlackNotifier(channel.slack, sleep=context.sleep)


def _open_apprise(channel: Channel, context: NotifierContext) -> Notifier:
    from .apprise.notifier import AppriseNotifier  # noqa: PLC0415 - only such a channel needs apprise

    del context  # the outbox waits between messages
    return AppriseNotifier(channel.apprise or "", f"alerts: the route {channel.name}")


KINDS: tuple[tuple[str, Callable[[Channel, NotifierContext], Notifier]], ...] = (
    ("console", _open_console),
    ("slack", _open_slack),
    ("apprise", _open_apprise),
)
"""The name of a medium, and the function that opens a notifier. A new medium is one folder and one line here."""


def open_notifiers(
    alerting: Alerting, *, write: Callable[[str], object], sleep: Callable[[float], None]
) -> dict[str, Notifier]:
    """Return channel name → notifier. The console is always included, as the last resort.

    Args:
        alerting: the routes.
        write: prints a text.
        sleep: waits for a number of seconds.
    """
    context, openers = NotifierContext(write, sleep), dict(KINDS)
    notifiers: dict[str, Notifier] = {CONSOLE: ConsoleNotifier(write)}
    for channel in alerting.channels():
        plugin = channel.plugged
        notifiers[channel.name] = (
            openers[channel.medium](channel, context) if plugin is None else _open_plugin(plugin)
        )
    return notifiers


# The guard around the notifier of a plug-in: an exception becomes a failed send, without its message.


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GuardedNotifier:
    """Calls the notifier of a plug-in; see `Notifier`.

    Attributes:
        kind: the name of the medium.
        inner: the notifier of the plug-in.
    """

    kind: str
    inner: Notifier

    @property
    def pause(self) -> float:
        """Seconds between two messages; 0 when the plug-in has no `pause`."""
        return float(getattr(self.inner, "pause", 0.0))

    @property
    def pictures(self) -> bool:
        """Whether it shows pictures; False when the plug-in has no `pictures`."""
        return bool(getattr(self.inner, "pictures", False))

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """See `Notifier.send`."""
        return self._call(lambda: self.inner.send(alert, thread))

    def edit(self, alert: Alert, thread: str) -> None:
        """See `Notifier.edit`."""
        self._call(lambda: self.inner.edit(alert, thread))

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """See `Notifier.find`."""
        return self._call(lambda: self.inner.find(alert, thread))

    def owns(self, thread: str) -> bool:
        """See `Notifier.owns`; True when the plug-in has no `owns`."""
        owns = getattr(self.inner, "owns", None)
        return True if owns is None else bool(self._call(lambda: owns(thread)))

    def show(self, picture: Picture, thread: str) -> None:
        """See `Notifier.show`."""
        self._call(lambda: self.inner.show(picture, thread))

    def probe(self) -> str:
        """See `Notifier.probe`."""
        return self._call(self.inner.probe)

    def _call(self, work: Callable[[], T]) -> T:
        return guard_plugin_call(
            work, lambda cause: NotifyError(f"the plug-in {self.kind} failed: {cause}", permanent=False)
        )
