"""Every kind of notifier, and how the configured channels become notifiers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ketenwacht.domain.alerting import BUILT_IN, CONSOLE, Alerting, Channel, PluginMedium
from ketenwacht.errors import ConfigError
from ketenwacht.plugins import MEDIA, guard_plugin_call, medium_kind, unknown

from .base import Notifier
from .console import ConsoleNotifier
from .plugin_guard import GuardedNotifier


@dataclass(frozen=True, slots=True)
class NotifierContext:
    """What notifiers need of the world."""

    write: Callable[[str], object]
    sleep: Callable[[float], None]


def _console(channel: Channel, means: NotifierContext) -> Notifier:
    del channel  # a console has no settings
    return ConsoleNotifier(means.write)


def _plugged(plugged: PluginMedium) -> Notifier:
    where = f"alerts: the medium {plugged.word}"
    kind = medium_kind(plugged.word, BUILT_IN, where)
    if kind is None:
        raise unknown(MEDIA, plugged.word, BUILT_IN, where)
    mend = "mend its settings, or install another version of the plug-in"
    inner = guard_plugin_call(
        lambda: kind.build(plugged.settings),
        lambda cause: ConfigError(where, f"the plug-in cannot be set up ({cause})", mend),
    )
    return GuardedNotifier(plugged.word, inner)


def _slack(channel: Channel, means: NotifierContext) -> Notifier:
    from .slack_client import SlackNotifier  # noqa: PLC0415 - only who posts to Slack pays for its client

    if channel.slack is None:
        raise ValueError(f"channel {channel.name} names no Slack channel")
    return SlackNotifier(channel.slack, sleep=means.sleep)


KINDS: tuple[tuple[str, Callable[[Channel, NotifierContext], Notifier]], ...] = (
    ("console", _console),
    ("slack", _slack),
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
        notifiers[channel.name] = openers[channel.medium](channel, means) if own is None else _plugged(own)
    return notifiers
