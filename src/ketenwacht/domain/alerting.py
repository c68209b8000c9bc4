"""Settings of alerts: channels, routes and policies. Plain values, validated from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from .findings.finding import Severity
from .findings.policy import Policy
from .statement import Language, TextSetting

SLACK_API = "https://slack.com/api/"
_STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackTarget:
    """A Slack channel.

    Attributes:
        channel: id of the channel; with a name the token must also be allowed to list channels.
        token: bot token (chat:write, channels:history); empty: this target is left out.
        app_token: app-level token for Socket Mode; None: no buttons, everything else works.
        base_url: of the Slack API, for a proxy or a test peer.
        team: id of the workspace whose members may act; None: nobody may act from Slack.
        users: ids of the users who may act.
        pictures: whether a picture of the counts goes into the thread (files:write).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    channel: str
    token: str = field(default="", repr=False)
    app_token: str | None = field(default=None, repr=False)
    base_url: str = SLACK_API
    team: str | None = None
    users: tuple[str, ...] = ()
    pictures: bool = True

    @property
    def usable(self) -> bool:
        """Whether there is enough to post with."""
        return bool(self.channel and self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseTarget:
    """Receivers that apprise can reach: mail (SMTP), Teams, webhooks.

    Attributes:
        urls: one apprise URL a receiver, from the environment since it holds passwords; an empty one is left out.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    urls: tuple[str, ...] = field(default=(), repr=False)

    @property
    def usable(self) -> tuple[str, ...]:
        """The URLs that are set."""
        return tuple(url for url in self.urls if url.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where alerts of some feeds go.

    Attributes:
        name: for the outbox and `alerts test`; empty: `route-<number>`.
        feeds: names of feeds; empty: all.
        slack: a channel, None: not to Slack.
        apprise: mailboxes, Teams channels and webhooks; None: none.
        media: media of plug-ins: the plug-in's word → its settings.
        console: also print there. A route that has nowhere else to go prints on the console anyhow.
        severity: problems below it are not told on this route.
        digest: whether the daily digest goes there.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    name: str = ""
    feeds: tuple[str, ...] = ()
    slack: SlackTarget | None = None
    apprise: AppriseTarget | None = None
    media: Mapping[str, Any] = field(default_factory=dict, repr=False)
    console: bool = False
    severity: Literal["low", "medium", "high", "critical"] = "low"
    digest: bool = True

    def tells(self, feed: str) -> bool:
        """Return whether alerts of this feed go here."""
        return not self.feeds or feed in self.feeds

    def channels(self, number: int) -> tuple[Channel, ...]:
        """Return its places, one a medium; `number` (from 1) names a route without a name."""
        name = self.name or f"route-{number}"
        slack = self.slack if self.slack is not None and self.slack.usable else None
        told = [Channel(name, self, slack)] if slack is not None else []
        names: dict[str, int] = {}
        for url in self.apprise.usable if self.apprise is not None else ():
            scheme = url.partition("://")[0].strip().lower() or APPRISE
            names[scheme] = names.get(scheme, 0) + 1
            ending = scheme if names[scheme] == 1 else f"{scheme}-{names[scheme]}"
            told.append(Channel(f"{name}-{ending}", self, apprise=url))
        for word, settings in self.media.items():
            told.append(Channel(f"{name}-{word}" if told else name, self, plugged=PluginMedium(word, settings)))
        if self.console or not told:
            told.append(Channel(f"{name}-{CONSOLE}" if told else name, self))
        return tuple(told)

    @property
    def least(self) -> Severity:
        """The least severity that is told here."""
        return Severity[self.severity.upper()]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedNotes:
    """What a reader of an alert about one feed must know, in the words of the organisation.

    Attributes:
        at_stake: what it means when persons are missing (which terms run), one text or one a language; empty: a
            general sentence.
        runbook: address of what to do; None: none.
        sender_contact: whom to reach at the sender.
        receiver_contact: whom to reach at the receiver.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    at_stake: TextSetting = field(default="", hash=False)
    runbook: str | None = None
    sender_contact: str = ""
    receiver_contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """The block `alerts` of config.yaml.

    Attributes:
        small_count: counts of persons below it are hidden on every surface (`<10`), others rounded; 1: all exact.
        language: of messages.
        routes: where alerts go; none: the console.
        fallback: name of the route that hears what another route can never deliver; None: the console.
        page: address of an incident's page, `{incident}` standing for its id; None: only the command is named.
        feeds: notes on feeds, by name.
        budget_per_week: alerts a week that the team wants to live with, shown in the digest.
        policy: thresholds and times of incidents.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    small_count: int = 10
    language: Language = "nl"
    routes: tuple[Route, ...] = ()
    fallback: str | None = None
    page: str | None = None
    feeds: Mapping[str, FeedNotes] = field(default_factory=dict)
    budget_per_week: float = 2.0
    policy: Policy = field(default_factory=Policy)

    def channels(self) -> tuple[Channel, ...]:
        """Return every place that messages go to, one a medium; at least one."""
        found = tuple(
            channel for number, route in enumerate(self.routes, start=1) for channel in route.channels(number)
        )
        return found or (Channel(CONSOLE, Route(console=True)),)

    def notes(self, feed: str) -> FeedNotes:
        """Return the notes on a feed; empty ones when there are none."""
        return self.feeds.get(feed, FeedNotes())


CONSOLE = "console"
"""Name of the channel that is there when nothing else is."""
APPRISE = "apprise"
BUILT_IN = (CONSOLE, "slack", APPRISE)
"""Every medium that needs no plug-in."""


@dataclass(frozen=True, slots=True)
class PluginMedium:
    """A medium that a plug-in brings: its word, and its own settings."""

    word: str
    settings: Any = field(repr=False)  # they may hold a password


@dataclass(frozen=True, slots=True)
class Channel:
    """One route through one medium; `name` is what the outbox stores."""

    name: str
    route: Route
    slack: SlackTarget | None = None
    plugged: PluginMedium | None = None
    apprise: str | None = field(default=None, repr=False)  # a URL, with its password

    @property
    def medium(self) -> str:
        """The word for its medium; without anything else it is the console."""
        if self.plugged is not None:
            return self.plugged.word
        if self.apprise is not None:
            return APPRISE
        return "slack" if self.slack is not None else CONSOLE
