"""Build everything that judging a feed needs from its configuration: rules, reader, engine, canaries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ketenwacht.config.calendar import check_schedule
from ketenwacht.config.rules import load_rules
from ketenwacht.config.yaml_file import locate_fault, make_locator, read_yaml
from ketenwacht.domain.checks.reference import judges_by_figures
from ketenwacht.domain.evidence import Canary
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.settings import FeedRules
from ketenwacht.errors import ConfigError
from ketenwacht.measure import (
    KeyRange,
    MeasurementPlan,
    summary,
)
from ketenwacht.pipeline import FeedContext
from ketenwacht.sources import open_source
from ketenwacht.sources.canaries import CanaryRegistry, read_canaries
from ketenwacht.workflows.clock import agreed_keys
from ketenwacht.workflows.engines import build_engine
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.watched import reads_network

from .agreements import build_guard


def build_context(project: LoadedProject, feed: Feed) -> FeedContext:
    """Return everything about a feed that does not change from delivery to delivery.

    Raises:
        ConfigError: its schedule, suites, checks or source are wrong.
    """
    try:
        return _build(project, feed)
    except ConfigError as fault:
        raise locate_fault(fault, feed.name, make_locator(read_yaml(project.file), project.environment)) from None


def _build(project: LoadedProject, feed: Feed) -> FeedContext:
    if feed.schedule is not None:
        check_schedule(feed.schedule)
    suites = tuple(str(project.root / suite) for suite in feed.suites)
    canaries = load_canaries(feed, project.root)
    rules = load_rules(feed, project.root)
    guard = build_guard(feed, rules, project.root)
    rules = replace(rules, successors=guard.successors)
    reader = open_source(
        feed.name, feed.source, root=project.root, zone=project.zone, guard=guard, service=project.settings.service
    )
    return FeedContext(
        feed=feed,
        rules=rules,
        reader=reader,
        engine=build_engine(feed, reader),
        plan=MeasurementPlan(
            segments=feed.segments,
            count_column=feed.source.count_column,
            suites=suites,
            canaries=canaries.keys if canaries is not None else None,
            guard=guard,
            decided=_decision_counts(feed, rules),
        ),
        expectations=tuple(e for suite in suites for e in summary(suite)),
        alerting=project.settings.alerts,
        zone=project.zone,
        formatter=project.formatter(feed),
        service=project.settings.service,
        reads_network=reads_network(feed, project.root),
        canaries=tuple(replace(c, category=guard.segment(c.category)) for c in canaries.listed)
        if canaries
        else (),
    )


def _decision_counts(feed: Feed, rules: FeedRules) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the columns with a date of decision that checks use, and the dimensions to count each by."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for check in filter(judges_by_figures, rules.checks):
        if check.decided_column:
            by = feed.segments if check.segments is None else (check.segments,)
            found += [(check.decided_column, dimensions) for dimensions in ((), *by)]
    return tuple(dict.fromkeys(found))


def synthetic_keys(project: LoadedProject, feed: Feed) -> tuple[str, ...]:
    """Return the keys of synthetic persons, in clear; none when the feed declares none."""
    canaries = load_canaries(feed, project.root)
    return canaries.keys.keys() if canaries is not None else ()


# From the engine that a feed names to the one that judges its deliveries.


@dataclass(frozen=True, slots=True)
class Canaries:
    """The synthetic persons of a feed: those in the list, and every key of the declared range."""

    listed: tuple[Canary, ...]
    keys: KeyRange


def load_canaries(feed: Feed, root: Path) -> Canaries | None:
    """Return the synthetic persons of a feed; None when it declares none.

    Args:
        feed: as configured.
        root: folder of config.yaml.

    Raises:
        ConfigError: the range or the list is wrong.
    """
    if feed.canaries is None:
        return None
    registry = CanaryRegistry.of(feed, feed.canaries)
    path = root / feed.canaries.list if feed.canaries.list is not None else None
    rows = read_canaries(path, registry, dimensions=feed.dimensions) if path is not None and path.is_file() else ()
    signed = agreed_keys() if rows else None
    ids = signed.ids if signed is not None else ()
    pseudonyms = (
        {signed.make_pseudonym(key, key_id): canary.number for key, canary in rows for key_id in ids}
        if signed is not None
        else {}
    )
    return Canaries(
        tuple(canary for _, canary in rows), KeyRange(registry.key, registry.first, registry.last, pseudonyms)
    )
