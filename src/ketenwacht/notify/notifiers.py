"""Opens the notifiers of the configured channels; guards the notifiers of plug-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ketenwacht.domain.alerting import BUILT_IN, CONSOLE, Alerting, Channel, PluginMedium
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.errors import ConfigError, NotifyError
from ketenwacht.plugins import MEDIA, PluginLimits, call_apart, find_medium_kind, guard_plugin_call, unknown_word

from .base import Notifier, Picture
from .console import ConsoleNotifier


@dataclass(frozen=True, slots=True)
class NotifierContext:
    """What a notifier may use: a function that prints a text, one that waits for seconds, limits of a plug-in."""

    write: Callable[[str], object]
    sleep: Callable[[float], None]
    limits: PluginLimits


def _open_console(channel: Channel, context: NotifierContext) -> Notifier:
    del channel  # a console has no settings
    return ConsoleNotifier(context.write)


def _open_plugin(medium: PluginMedium, limits: PluginLimits) -> Notifier:
    where = f"alerts: the medium {medium.word}"
    mend = "mend its settings, or install another version of the plug-in"
    notifier = GuardedNotifier(medium, limits)
    guard_plugin_call(
        notifier.open, lambda cause: ConfigError(where, f"the plug-in cannot be set up ({cause})", mend)
    )
    return notifier


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
    alerting: Alerting,
    *,
    write: Callable[[str], object],
    sleep: Callable[[float], None],
    limits: PluginLimits | None = None,
) -> dict[str, Notifier]:
    """Return channel name → notifier. The console is always included, as the last resort.

    Args:
        alerting: the routes.
        write: prints a text.
        sleep: waits for a number of seconds.
        limits: what one call of a plug-in may take; None: the default.
    """
    context, openers = NotifierContext(write, sleep, limits or PluginLimits()), dict(KINDS)
    notifiers: dict[str, Notifier] = {CONSOLE: ConsoleNotifier(write)}
    for channel in alerting.channels():
        plugin = channel.plugged
        notifiers[channel.name] = (
            openers[channel.medium](channel, context) if plugin is None else _open_plugin(plugin, context.limits)
        )
    return notifiers


# The guard around the notifier of a plug-in: an exception becomes a failed send, without its message.


@dataclass(slots=True)
class GuardedNotifier:
    """Calls the notifier of a plug-in in a process of its own; see `Notifier`.

    The process keeps the notifier from call to call. A process that took its place makes the notifier again.

    Attributes:
        medium: the plug-in and its settings.
        limits: what one call may take.
        pause: seconds between two messages; 0 when the plug-in has no `pause`.
        pictures: whether it shows pictures; False when the plug-in has no `pictures`.
        has_owns: whether the plug-in has the method `owns`.
    """

    medium: PluginMedium
    limits: PluginLimits
    pause: float = 0.0
    pictures: bool = False
    has_owns: bool = False

    @property
    def kind(self) -> str:
        """The name of the medium."""
        return self.medium.word

    def open(self) -> None:
        """Make the notifier.

        Raises:
            CallFault: its plug-in fails.
        """
        self.pause, self.pictures, self.has_owns = call_apart(self._who, self.limits, _describe, self.medium)

    def send(self, alert: Alert, thread: str | None) -> str | None:
        """See `Notifier.send`."""
        return self._call("send", alert, thread)

    def edit(self, alert: Alert, thread: str) -> None:
        """See `Notifier.edit`."""
        self._call("edit", alert, thread)

    def find(self, alert: Alert, thread: str | None) -> str | None:
        """See `Notifier.find`."""
        return self._call("find", alert, thread)

    def owns(self, thread: str) -> bool:
        """See `Notifier.owns`; True when the plug-in has no `owns`."""
        return not self.has_owns or bool(self._call("owns", thread))

    def show(self, picture: Picture, thread: str) -> None:
        """See `Notifier.show`."""
        self._call("show", picture, thread)

    def probe(self) -> str:
        """See `Notifier.probe`."""
        return str(self._call("probe"))

    @property
    def _who(self) -> str:
        return f"medium {self.medium.word}"

    def _call(self, method: str, *args: object) -> str | None:
        return guard_plugin_call(
            lambda: call_apart(self._who, self.limits, _call_notifier, self.medium, method, *args),
            lambda cause: NotifyError(f"the plug-in {self.kind} failed: {cause}", permanent=False),
        )


# In the process of plug-ins.

_made: list[tuple[PluginMedium, Notifier]] = []


def _describe(medium: PluginMedium) -> tuple[float, bool, bool]:
    notifier = _make(medium)
    pause, pictures = float(getattr(notifier, "pause", 0.0)), bool(getattr(notifier, "pictures", False))
    return pause, pictures, hasattr(notifier, "owns")


def _call_notifier(medium: PluginMedium, method: str, *args: object) -> str | None:
    found: str | None = getattr(_make(medium), method)(*args)
    return found


def _make(medium: PluginMedium) -> Notifier:
    """Return the notifier of a medium, made once in this process."""
    for known, notifier in _made:
        if known == medium:
            return notifier
    where = f"alerts: the medium {medium.word}"
    kind = find_medium_kind(medium.word, BUILT_IN, where)
    if kind is None:
        raise unknown_word(MEDIA, medium.word, BUILT_IN, where)
    made: Notifier = kind.build(medium.settings)
    _made.append((medium, made))
    return made
