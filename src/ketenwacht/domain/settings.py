"""The whole configuration as plain values: what config.yaml, the checks files and `--set` come down to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from .alerting import Alerting
from .feed import Feed
from .past import ExclusionWindow

if TYPE_CHECKING:
    from .checks.base import Check

MIB = 1024**2
_STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The block `service` of config.yaml.

    Attributes:
        tick: how often there is a look at what came and what must be told; also of the process that stands by.
        lease: how long a second process waits for one that died, at most; clocks may differ by a fifth of it.
        digest_hour: local hour (0-23) from which the digest of the day is sent.
        ping: address of a dead-man's switch: `/start` and `/fail` are added to it; None: nobody is told.
        host: address that the pages listen on; they have no accounts, so put a proxy before another one.
        port: of the pages; 0 takes a free one.
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
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    tick: timedelta = timedelta(seconds=20)
    lease: timedelta = timedelta(seconds=30)
    digest_hour: int = 16
    ping: str | None = field(default=None, repr=False)  # whoever knows it can keep the switch quiet
    host: str = "127.0.0.1"
    port: int = 8181
    hosts: tuple[str, ...] = ()
    listing: timedelta = timedelta(seconds=60)
    standstill: timedelta = timedelta(seconds=60)
    measuring: timedelta | None = None
    memory: int = 2048 * MIB
    plugin: timedelta = timedelta(seconds=60)
    quiet: timedelta = timedelta(seconds=10)
    unsent: timedelta = timedelta(hours=1)


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
        false_alarms_per_year: what the team will live with, over all checks; None: not said.
    """

    checks: tuple[Check, ...]
    exclusions: tuple[ExclusionWindow, ...] = ()
    holidays: frozenset[date] = frozenset()
    periods: tuple[frozenset[date], ...] = ()
    false_alarms_per_year: float | None = None

    @property
    def budgeted(self) -> float:
        """False alarms a year that the checks together may give by their own settings."""
        return sum(float(getattr(check, "false_alarms_per_year", 0.0)) for check in self.checks)
