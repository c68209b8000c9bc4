"""Every fault in the configuration, its suites and its checks, without looking at any data."""

from __future__ import annotations

from pathlib import Path

from ketenwacht.config.calendar import check_schedule
from ketenwacht.config.load import load_settings
from ketenwacht.config.rules import overdrawn, read_rules
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.settings import FeedRules, Settings
from ketenwacht.errors import ConfigError
from ketenwacht.feeds import open_source
from ketenwacht.measure import lint as lint_suite

from . import clock


def find_faults(config: Path, *, overrides: tuple[str, ...] = ()) -> list[ConfigError]:
    """Every fault as `path:line`, what, and how to mend it; [] when there is nothing to mend.

    A configuration that cannot be read at all gives its first fault only.
    """
    try:
        settings = load_settings(config, environ=clock.environment(), overrides=overrides)
    except ConfigError as fault:
        return [fault]
    root = config.resolve().parent
    return [fault for feed in settings.feeds.values() for fault in _feed(feed, settings, root)]


def _feed(feed: Feed, settings: Settings, root: Path) -> list[ConfigError]:
    faults = []
    try:
        if feed.schedule is not None:
            check_schedule(feed.schedule, settings.timezone)
        open_source(feed.name, feed.source, root=root)
    except ConfigError as fault:
        faults.append(ConfigError(f"feeds.{feed.name}: {fault.where}", fault.what, fault.mend))
    rules, found = read_rules(feed, root)
    faults += found
    budget = overdrawn(feed, rules)
    if budget is not None:
        faults.append(budget)
    for suite in feed.suites:
        faults += lint_suite(root / suite, columns=_columns(rules))
    return faults


def _columns(rules: FeedRules) -> set[str] | None:
    """The agreed columns; None when no schema check lists them."""
    return {c for check in rules.checks if check.kind == "schema" for c in getattr(check, "columns", ())} or None
