"""All settings as plain values: the content of config.yaml, the checks files and `--set`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from .alerting import Alerting
from .feed import Feed
from .past import ExclusionWindow
from .successors import CodeSuccessors

if TYPE_CHECKING:
    from .checks.base import Check

MIB = 1024**2
_STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcLogin:
    """Login by OpenID Connect, with the authorization code flow and PKCE.

    Attributes:
        issuer: address of the provider; `/.well-known/openid-configuration` is read below it.
        client_id: of this service at the provider.
        client_secret: of this service at the provider.
        name_claim: the claim that names a person, as events and the audit log do.
        group_claim: the claim that lists the groups of a person.
        scopes: that are asked for.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name_claim: str = "email"
    group_claim: str = "groups"
    scopes: tuple[str, ...] = ("openid", "email", "profile")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyLogin:
    """Login by a proxy that names the user in a header.

    Attributes:
        proxies: addresses or networks from which the header counts; from others it is ignored.
        user_header: names the user.
        group_header: lists the groups of the user, separated by commas.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    proxies: tuple[str, ...]
    user_header: str = "X-Forwarded-User"
    group_header: str = "X-Forwarded-Groups"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A bearer token of the JSON API.

    Attributes:
        name: who acts with it, as events and the audit log say.
        token: at least 32 characters.
        role: viewer or operator.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    name: str
    token: str = field(repr=False)
    role: Literal["viewer", "operator"] = "viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may look at the pages and the JSON API, and who may act.

    Without it only this machine may look, and nobody may act. Operators may act, viewers may only look.

    Attributes:
        url: address of the pages as people open them, https unless it is this machine; needed for `oidc`.
        oidc: login by OpenID Connect; None: none.
        proxy: login by a proxy; None: none.
        tokens: bearer tokens of the JSON API.
        viewers: names and groups that may look; `*` means everybody who can log in.
        operators: names and groups that may also act.
        anonymous: whether whoever reaches the address may look without login. Set it when a proxy decides that.
        secret: signs session cookies and form tokens; at least 32 characters, the same in every process. `oidc`
            needs it; otherwise None makes a new one at every start.
        session: how long a login lasts.
        acts_per_minute: that one person or token may make.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    url: str | None = None
    oidc: OidcLogin | None = None
    proxy: ProxyLogin | None = None
    tokens: tuple[ApiToken, ...] = ()
    viewers: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    anonymous: bool = False
    secret: str | None = field(default=None, repr=False)
    session: timedelta = timedelta(hours=9)
    acts_per_minute: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The block `service` of config.yaml.

    Attributes:
        tick: how often there is a look at what came and what must be told; also of the process that stands by.
        lease: how long a second process waits for one that died, at most; clocks may differ by a fifth of it.
        digest_hour: local hour (0-23) from which the digest of the day is sent.
        ping: address of a dead-man's switch: `/start` and `/fail` are added to it; None: nobody is told.
        host: address that the pages listen on; from another machine only who may look by `access` sees them.
        port: of the pages; 0 takes a free one.
        metrics_port: of `/metrics` alone, on the same address; None: it is one of the pages.
        hosts: names under which the pages may be asked for, `*.example.org` too; empty: any name.
        listing: how long a source may take to list its deliveries; then its feed cannot be judged for now.
        standstill: a delivery whose reading makes no progress for so long is unreadable. Raise it for a database
            that computes for minutes before it answers.
        measuring: a delivery that takes longer to measure in all is unreadable too; None: no limit in all.
        memory: bytes that measuring may use, and each call of a plug-in; a process that uses more is stopped.
        plugin: one call of a plug-in's check, source or medium that takes longer is ended; what it was asked could
            not be judged, listed or sent.
        quiet: a file that was written to less than this ago may still grow, and waits for the next look.
        unsent: an alert that waits longer than this means that the service is not ready.
        access: who may look at the pages and the JSON API, and who may act.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    tick: timedelta = timedelta(seconds=20)
    lease: timedelta = timedelta(seconds=30)
    digest_hour: int = 16
    ping: str | None = field(default=None, repr=False)  # whoever knows it can keep the switch quiet
    host: str = "127.0.0.1"
    port: int = 8181
    metrics_port: int | None = None
    hosts: tuple[str, ...] = ()
    listing: timedelta = timedelta(seconds=60)
    standstill: timedelta = timedelta(seconds=60)
    measuring: timedelta | None = None
    memory: int = 2048 * MIB
    plugin: timedelta = timedelta(seconds=60)
    quiet: timedelta = timedelta(seconds=10)
    unsent: timedelta = timedelta(hours=1)
    access: Access = field(default_factory=Access)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What config.yaml says.

    Attributes:
        version: of the configuration's shape; 1.
        timezone: IANA name; schedules and calendar days are read in it.
        history: SQLAlchemy URL of the history.
        history_lock_url: PostgreSQL URL for the leader lock alone, past a pool that changes connections between
            transactions; None: that of the history.
        history_head_file: file outside the history that keeps the newest line of its audit log, NUMBER:DIGITS,
            after every change. `history --verify` compares the log with it, and so finds an older copy that was
            put back, and lines that were cut off. Put it where nobody who can write the history can write.
            None: only the daily summary tells it.
        feeds: by name.
        alerts: who is told what, and how.
        service: how `serve` runs.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    version: int = 1
    timezone: str = "Europe/Amsterdam"
    history: str = field(default="sqlite:///var/history.db", repr=False)  # it may hold a password
    history_lock_url: str | None = field(default=None, repr=False)  # see above
    history_head_file: str | None = None
    feeds: Mapping[str, Feed]
    alerts: Alerting = field(default_factory=Alerting)
    service: ServiceSettings = field(default_factory=ServiceSettings)


@dataclass(frozen=True, slots=True)
class FeedRules:
    """What the stream of deliveries of one feed must satisfy: its checks file, and the days that do not count.

    Attributes:
        checks: in the order of the file.
        exclusions: declared pauses, incidents, catch-ups and policy changes.
        holidays: public holidays of the feed's calendar; closures are not among them.
        periods: days of each period that recurs with counts of its own.
        successors: codes that another one replaces, from the code tables of the suites.
        false_alarms_per_year: what the team will live with, over all checks; None: not said.
    """

    checks: tuple[Check, ...]
    exclusions: tuple[ExclusionWindow, ...] = ()
    holidays: frozenset[date] = frozenset()
    periods: tuple[frozenset[date], ...] = ()
    successors: CodeSuccessors = field(default_factory=CodeSuccessors)
    false_alarms_per_year: float | None = None

    @property
    def budgeted(self) -> float:
        """False alarms a year that the checks together may give by their own settings."""
        return sum(float(getattr(check, "false_alarms_per_year", 0.0)) for check in self.checks)
