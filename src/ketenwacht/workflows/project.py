"""One feed with everything it needs, put together from config.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ketenwacht.config.load import feed_named, load_settings
from ketenwacht.config.yaml_file import located, places, read_yaml
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.settings import Settings
from ketenwacht.domain.statement import Language
from ketenwacht.errors import ConfigError
from ketenwacht.measure.parameters import code_labels
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy
from ketenwacht.plugins import CHECKS, check_texts, plugins
from ketenwacht.scheduler import Watch
from ketenwacht.store import History

from . import clock

if TYPE_CHECKING:
    from ketenwacht.domain.checks.base import Check
    from ketenwacht.domain.guard import Guard
    from ketenwacht.pipeline import FeedContext
    from ketenwacht.reconcile import Keys
    from ketenwacht.workflows.intake import Intake

KEYS = "KETENWACHT_KEYS"
AUDIT_KEYS = "KETENWACHT_AUDIT_KEYS"


@dataclass(frozen=True, slots=True)
class LoadedProject:
    """A configuration that was read.

    Attributes:
        settings: what it says.
        root: the folder that its paths are relative to.
        file: config.yaml.
        environment: the one that is in force; None: the feeds as they stand.
    """

    settings: Settings
    root: Path
    file: Path
    environment: str | None = None

    @classmethod
    def open(
        cls, config: Path, *, overrides: tuple[str, ...] = (), environment: str | None = None
    ) -> LoadedProject:
        """Read config.yaml.

        Raises:
            ConfigError: with place, fault and remedy.
        """
        environ = clock.environment()
        settings = load_settings(config, environ=environ, overrides=overrides, environment=environment)
        return cls(settings, config.resolve().parent, config, environment)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of calendar days."""
        return ZoneInfo(self.settings.timezone)

    def feed(self, name: str | None) -> Feed:
        """The feed called `name`, the only one when None."""
        return feed_named(self.settings, name)

    def formatter(self, feed: Feed | None = None, *, language: Language | None = None) -> MessageFormatter:
        """What says every code, count, day and segment, as this configuration wants it.

        Every surface takes its formatter from here and makes none of its own, so that `alerts.small_count`
        governs all of them:

        * alerts, the daily digest, Slack and their pictures: `project.formatter(feed)`, the configured language;
        * terminal, JSON and metrics: `project.formatter(feed, language="en")`; reports and pages: the
          language that their reader asks for;
        * counts of one run: `formatter.with_privacy(formatter.privacy.for_delivery(run.smallest))`.

        It costs a look at the feed's suites and code tables, which are kept once read: make one a feed, not one a
        line. Faults in those files are not told here (`lint` tells them); what they would have named is named by
        its code.

        Args:
            feed: whose code tables and plug-ins name things; None: only codes are shown, for what is about
                several feeds.
            language: of the texts; None: that of `alerts.language`.
        """
        alerts = self.settings.alerts
        formatter = MessageFormatter(language or alerts.language, Privacy(alerts.small_count), self.zone)
        if feed is None:
            return formatter
        # what plug-ins say is only asked where there is one: reading a checks file takes longer than all the rest
        checks = _plugged_checks(feed, self.root) if plugins(CHECKS) else ()
        labels = code_labels(self.root / suite for suite in feed.suites)
        return replace(formatter, labels=labels, texts=check_texts(checks))

    def context(self, feed: Feed) -> FeedContext:
        """Everything about a feed that does not change from delivery to delivery.

        Raises:
            ConfigError: its schedule, suites, checks or source are wrong.
        """
        from .contexts import feed_context  # noqa: PLC0415 - only who judges pays for checks, sources and engines

        try:
            return feed_context(self, feed)
        except ConfigError as fault:
            raise located(fault, feed.name, places(read_yaml(self.file), self.environment)) from None

    def guard(self, feed: Feed) -> Guard:
        """What of a text from outside may be kept, as the contract of a feed agrees it.

        Raises:
            ConfigError: its suites, code tables, checks or contract are wrong.
        """
        from ketenwacht.config.rules import load_rules  # noqa: PLC0415 - see `station`

        from .agreements import guard_of  # noqa: PLC0415 - see `station`

        return guard_of(feed, load_rules(feed, self.root), self.root)

    def nobody(self, feed: Feed) -> tuple[str, ...]:
        """The keys of synthetic persons, in clear; none when the feed declares none."""
        from .contexts import nobody_of  # noqa: PLC0415 - see `station`

        return nobody_of(self, feed)

    def watch(self, feed: Feed, *, since: date | None = None, replayed: bool = False) -> Watch:
        """When the feed's deliveries are expected."""
        return Watch(feed, self.settings.timezone, since, replayed)

    @contextmanager
    def history(self, url: str | None = None, *, create: bool = True) -> Iterator[History]:
        """The history at its newest schema, closed on leaving. A relative SQLite path starts at the root.

        Raises:
            ConfigError: the keys of its audit log are malformed or weak.
            StoreError: it cannot be reached, or is a file that is not there and may not be made (`create` False).
        """
        opened = History.open(self.address(url), create=create, audit_keys=audit_keys())
        with closing(opened) as history:
            yield history

    def address(self, url: str | None = None) -> str:
        """The URL of a history as a database driver wants it: a relative SQLite path starts at the root."""
        return self._absolute(url or self.settings.history)

    def history_file(self, url: str | None = None) -> Path | None:
        """The SQLite file of a history, there or not; None when it is in memory or on a server."""
        prefix, slashes, path = self.address(url).partition(":///")
        is_file = prefix.startswith("sqlite") and slashes and path and not path.startswith((":", "file:"))
        return Path(path) if is_file else None

    def replay_url(self) -> str:
        """The history of the newest replay: a SQLite file beside the configured one, or in `var/`."""
        url = self.settings.history
        is_file = url.startswith("sqlite:///") and ":memory:" not in url
        path = Path(url.removeprefix("sqlite:///")) if is_file else Path("var/history.db")
        return f"sqlite:///{path.with_suffix('.replay.db')}"

    def fresh_replay(self) -> str:
        """`replay_url`, with nothing in it."""
        path = Path(self._absolute(self.replay_url()).removeprefix("sqlite:///"))
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return self.replay_url()

    def _absolute(self, url: str) -> str:
        prefix, slashes, path = url.partition(":///")
        relative = prefix.startswith("sqlite") and slashes and path and not path.startswith(("/", ":"))
        return f"{prefix}:///{self.root / path}" if relative else url

    def keys(self) -> Keys:
        """The keys of pseudonyms: from the environment, or a fresh one for registers in clear on this machine.

        Raises:
            ConfigError: the keys are malformed or weak.
        """
        from ketenwacht.reconcile import Keys  # noqa: PLC0415 - see `station`

        return agreed_keys() or Keys.of({"once": clock.fresh_key()})

    @contextmanager
    def intake(
        self, context: FeedContext, history: History, on_warning: Callable[[str, str], None]
    ) -> Iterator[Intake]:
        """The feed's outside evidence; every key it held is forgotten on leaving."""
        from .intake import Intake  # noqa: PLC0415 - see `station`

        found = Intake(
            context.feed,
            self.root,
            self.zone,
            context.reader,
            history,
            self.keys(),
            on_warning,
            canaries=context.plan.canaries,
            guard=context.plan.guard,
        )
        with closing(found):
            yield found


def _plugged_checks(feed: Feed, root: Path) -> tuple[Check, ...]:
    from ketenwacht.config.rules import read_rules  # noqa: PLC0415 - see `LoadedProject.context`

    return read_rules(feed, root)[0].checks


def agreed_keys() -> Keys | None:
    """The keys that both parties hold, from the environment; None when it has none.

    Raises:
        ConfigError: they are malformed or weak, or their file cannot be read.
    """
    return _keys_of(KEYS)


def audit_keys() -> tuple[bytes, ...]:
    """The keys that sign the audit log, oldest first, from the environment; () when it has none.

    Raises:
        ConfigError: they are malformed or weak, or their file cannot be read.
    """
    found = _keys_of(AUDIT_KEYS)
    return () if found is None else found.secrets


def _keys_of(name: str) -> Keys | None:
    environ: Mapping[str, str] = clock.environment()
    text, file = environ.get(name), environ.get(f"{name}_FILE")
    if not text and not file:
        return None
    from ketenwacht.reconcile import Keys  # noqa: PLC0415 - see `LoadedProject.context`

    return Keys.parse(text, where=name) if text else Keys.read(Path(file or ""))
