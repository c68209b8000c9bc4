"""A project: the settings of one config.yaml, its feeds, the formatter of their texts, and the history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from ketenwacht.config.load import find_feed, load_settings
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.settings import Settings
from ketenwacht.domain.statement import Language
from ketenwacht.errors import AuditError, StoreError
from ketenwacht.measure.parameters import code_labels
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy
from ketenwacht.plugins import CHECKS, PluginLimits, collect_texts, list_plugins
from ketenwacht.store import History

from . import clock


@dataclass(frozen=True, slots=True)
class LoadedProject:
    """A configuration that was read.

    What a feed needs to be judged is built from it in `contexts`; other histories are found in `histories`.

    Attributes:
        settings: the content of config.yaml.
        root: the folder that its paths are relative to.
        file: config.yaml.
        environment: the environment in force; None: the feeds as they stand.
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

    @property
    def plugin_limits(self) -> PluginLimits:
        """What one call of a plug-in may take."""
        return PluginLimits(self.settings.service.plugin, self.settings.service.memory)

    def feed(self, name: str | None) -> Feed:
        """Return the feed called `name`; the only one when None."""
        return find_feed(self.settings, name)

    def formatter(self, feed: Feed | None = None, *, language: Language | None = None) -> MessageFormatter:
        """Return the formatter of every code, count, day and segment, as this configuration wants it.

        Every surface takes its formatter from here and makes none of its own, so that `alerts.small_count`
        governs all of them:

        * alerts, the daily digest, Slack and their pictures: `project.formatter(feed)`, the configured language;
        * terminal, JSON and metrics: `project.formatter(feed, language="en")`; reports and pages: the
          language that their reader asks for;
        * counts of one run: `formatter.with_privacy(formatter.privacy.for_delivery(run.smallest))`.

        It reads the feed's suites and code tables, so make one a feed, not one a line. It ignores faults in those
        files (`lint` reports them), and shows the code where a name is missing.

        Args:
            feed: whose code tables and plug-ins name things; None: show only codes, for texts about several feeds.
            language: of the texts; None: that of `alerts.language`.
        """
        alerts = self.settings.alerts
        formatter = MessageFormatter(language or alerts.language, Privacy(alerts.small_count), self.zone)
        if feed is None:
            return formatter
        labels = code_labels(self.root / suite for suite in feed.suites)
        return replace(formatter, labels=labels, texts=_plugin_texts(feed, self.root))

    @contextmanager
    def history(self, url: str | None = None, *, create: bool = True) -> Iterator[History]:
        """Open the history at its newest schema, and close it on leaving.

        Args:
            url: of another history than the configured one.
            create: make the history when it is a file that does not exist.

        Raises:
            ConfigError: the keys of its audit log are malformed or weak.
            StoreError: it cannot be reached, or does not exist and `create` is False.
        """
        history = History.open(
            self.history_url(url),
            create=create,
            audit_keys=clock.audit_keys(),
            lock_url=None if url else self.settings.history_lock_url,
            head_file=None if url else self.head_file(),
        )
        with closing(history):
            try:
                yield history
            finally:
                with suppress(AuditError, StoreError):  # `doctor`, the service and `history --verify` tell it
                    history.keep_head(clock.now())

    def head_file(self) -> Path | None:
        """Return the file outside that keeps heads of the audit log; None when there is none."""
        file = self.settings.history_head_file
        return None if file is None else self.root / file

    def history_url(self, url: str | None = None) -> str:
        """Return the URL of a history for a database driver: a relative SQLite path starts at the root."""
        url = url or self.settings.history
        prefix, slashes, path = url.partition(":///")
        relative = prefix.startswith("sqlite") and slashes and path and not path.startswith(("/", ":"))
        return f"{prefix}:///{self.root / path}" if relative else url


def _plugin_texts(feed: Feed, root: Path) -> dict[str, dict[Language, str]]:
    """Return the texts of a feed's plug-in checks; reading the checks file is slow, so only where there is one."""
    if not list_plugins(CHECKS):
        return collect_texts(())
    from ketenwacht.config.rules import read_rules  # noqa: PLC0415 - few have plug-ins, and it reads every kind

    return collect_texts(read_rules(feed, root)[0].checks)
