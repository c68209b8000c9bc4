"""The whole configuration as plain values: what config.yaml, the checks files and `--set` come down to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from .alerting import Alerting
from .feed import Feed
from .past import ExclusionWindow
from .service import ServiceSettings

if TYPE_CHECKING:
    from .checks.base import Check

_STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What config.yaml says.

    Attributes:
        version: of the configuration's shape; 1.
        timezone: IANA name; schedules and calendar days are read in it.
        history: SQLAlchemy URL of the history.
        feeds: by name.
        alerts: who is told what, and how.
        service: how `serve` runs.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    version: int = 1
    timezone: str = "Europe/Amsterdam"
    history: str = "sqlite:///var/history.db"
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
        false_alarms_per_year: what the team will live with, over all checks; None: not said.
    """

    checks: tuple[Check, ...]
    exclusions: tuple[ExclusionWindow, ...] = ()
    holidays: frozenset[date] = frozenset()
    false_alarms_per_year: float | None = None

    @property
    def budgeted(self) -> float:
        """False alarms a year that the checks together may give by their own settings."""
        return sum(float(getattr(check, "false_alarms_per_year", 0.0)) for check in self.checks)
