"""Every kind of notifier, and how the configured channels become notifiers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ketenwacht.domain.alerting import CONSOLE, Alerting, Channel

from .base import Notifier
from .console import ConsoleNotifier


@dataclass(frozen=True, slots=True)
class Means:
    """What notifiers need of the world."""

    write: Callable[[str], object]
    sleep: Callable[[float], None]


def _console(channel: Channel, means: Means) -> Notifier:
    del channel  # a console has no settings
    return ConsoleNotifier(means.write)


def _slack(channel: Channel, means: Means) -> Notifier:
    from .slack_client import SlackNotifier  # noqa: PLC0415 - only who posts to Slack pays for its client

    if channel.slack is None:
        raise ValueError(f"channel {channel.name} names no Slack channel")
    return SlackNotifier(channel.slack, sleep=means.sleep)


KINDS: tuple[tuple[str, Callable[[Channel, Means], Notifier]], ...] = (("console", _console), ("slack", _slack))
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
    means, openers = Means(write, sleep), dict(KINDS)
    notifiers: dict[str, Notifier] = {CONSOLE: ConsoleNotifier(write)}
    for channel in alerting.channels():
        notifiers[channel.name] = openers["slack" if channel.slack is not None else "console"](channel, means)
    return notifiers
