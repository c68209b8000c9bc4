"""A feed with its rules, reader and engine, put together from its configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ketenwacht.config.calendar import check_schedule
from ketenwacht.config.rules import load_rules
from ketenwacht.domain.feed import Feed
from ketenwacht.measure import MeasurementPlan, summary
from ketenwacht.pipeline import FeedContext
from ketenwacht.sources import open_source

from .agreements import guard_of
from .engines import engine_of
from .project import agreed_keys
from .reconciliation.canaries import canaries_of

if TYPE_CHECKING:
    from .project import LoadedProject


def feed_context(project: LoadedProject, feed: Feed) -> FeedContext:
    """Everything about a feed that does not change from delivery to delivery.

    Raises:
        ConfigError: its schedule, suites, checks or source are wrong.
    """
    if feed.schedule is not None:
        check_schedule(feed.schedule, project.settings.timezone)
    suites = tuple(str(project.root / suite) for suite in feed.suites)
    canaries = canaries_of(feed, project.root, agreed_keys)
    rules = load_rules(feed, project.root)
    guard = guard_of(feed, rules, project.root)
    reader = open_source(feed.name, feed.source, root=project.root, zone=project.zone, guard=guard)
    return FeedContext(
        feed=feed,
        rules=rules,
        reader=reader,
        engine=engine_of(feed, reader),
        plan=MeasurementPlan(
            segments=feed.segments,
            count_column=feed.source.count_column,
            suites=suites,
            canaries=canaries.keys if canaries is not None else None,
            guard=guard,
        ),
        expectations=tuple(e for suite in suites for e in summary(suite)),
        alerting=project.settings.alerts,
        zone=project.zone,
        how=project.formatter(feed),
        canaries=tuple(replace(c, category=guard.segment(c.category)) for c in canaries.listed)
        if canaries
        else (),
    )


def nobody_of(project: LoadedProject, feed: Feed) -> tuple[str, ...]:
    """The keys of synthetic persons, in clear; none when the feed declares none."""
    canaries = canaries_of(feed, project.root, agreed_keys)
    return canaries.keys.keys() if canaries is not None else ()
