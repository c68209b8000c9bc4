"""A feed with its rules, reader and engine, put together from its configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ketenwacht.config.calendar import check_schedule
from ketenwacht.config.rules import load_rules
from ketenwacht.config.yaml_file import located, places, read_yaml
from ketenwacht.domain.evidence import Canary
from ketenwacht.domain.feed import ENGINES, Feed, PluginEngine
from ketenwacht.errors import ConfigError
from ketenwacht.measure import (
    CopyEngine,
    Engine,
    GuardedEngine,
    InDatabaseEngine,
    KeyRange,
    MeasurementPlan,
    summary,
)
from ketenwacht.pipeline import FeedContext
from ketenwacht.plugins import ENGINES as GROUP
from ketenwacht.plugins import find_engine_kind, guard_plugin_call, unknown_word
from ketenwacht.sources import FeedReader, open_source
from ketenwacht.sources.canaries import CanaryRegistry, read_canaries
from ketenwacht.workflows.clock import agreed_keys
from ketenwacht.workflows.project import LoadedProject

from .agreements import guard_of


def feed_context(project: LoadedProject, feed: Feed) -> FeedContext:
    """Return everything about a feed that does not change from delivery to delivery.

    Raises:
        ConfigError: its schedule, suites, checks or source are wrong.
    """
    try:
        return _build_context(project, feed)
    except ConfigError as fault:
        raise located(fault, feed.name, places(read_yaml(project.file), project.environment)) from None


def _build_context(project: LoadedProject, feed: Feed) -> FeedContext:
    if feed.schedule is not None:
        check_schedule(feed.schedule)
    suites = tuple(str(project.root / suite) for suite in feed.suites)
    canaries = canaries_of(feed, project.root)
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
        formatter=project.formatter(feed),
        canaries=tuple(replace(c, category=guard.segment(c.category)) for c in canaries.listed)
        if canaries
        else (),
    )


def synthetic_keys(project: LoadedProject, feed: Feed) -> tuple[str, ...]:
    """Return the keys of synthetic persons, in clear; none when the feed declares none."""
    canaries = canaries_of(feed, project.root)
    return canaries.keys.keys() if canaries is not None else ()


# From the engine that a feed names to the one that judges its deliveries.


def engine_of(feed: Feed, reader: FeedReader) -> Engine:
    """The engine of a feed; nothing is opened yet.

    Raises:
        ConfigError: it cannot judge such a feed, or its plug-in is broken.
    """
    if isinstance(feed.engine, PluginEngine):
        return _plugged(feed.engine, reader, f"feeds.{feed.name}.engine")
    return _BUILT_IN[feed.engine](feed, reader)


def _copying(_feed: Feed, reader: FeedReader) -> Engine:
    return CopyEngine(reader)


def _in_place(feed: Feed, reader: FeedReader) -> Engine:
    from ketenwacht.sources.in_database import LOCATIONS  # noqa: PLC0415 - only a table has a database
    from ketenwacht.sources.table import TableReader  # noqa: PLC0415 - see above

    setting = f"feeds.{feed.name}"
    otherwise = "leave `engine` out, so that each delivery is copied"
    if not isinstance(reader, TableReader):
        what = "`sql` judges rows in the database that they are in, and this source is no table"
        raise ConfigError(f"{setting}.engine", what, otherwise)
    if reader.dialect not in LOCATIONS:
        what = f"`sql` judges rows in {' and '.join(LOCATIONS)}, not in {reader.dialect}"
        raise ConfigError(f"{setting}.engine", what, otherwise)
    for place, given, needs in (
        ("evidence.register", feed.evidence.register, "a register is compared with the keys of copied rows"),
        ("canaries", feed.canaries, "synthetic persons are taken out of copied rows"),
    ):
        if given is not None:
            raise ConfigError(f"{setting}.{place}", f"{needs}, and `engine: sql` copies none", otherwise)
    return InDatabaseEngine(reader)


_BUILT_IN: Mapping[str, Callable[[Feed, FeedReader], Engine]] = dict(
    zip(ENGINES, (_copying, _in_place), strict=True)
)


def _plugged(engine: PluginEngine, reader: FeedReader, where: str) -> Engine:
    kind = find_engine_kind(engine.word, ENGINES, where)
    if kind is None:
        raise unknown_word(GROUP, engine.word, ENGINES, where)
    mend = "mend its settings, or install another version of the plug-in"
    inner = guard_plugin_call(
        lambda: kind.build(reader, engine.settings),
        lambda cause: ConfigError(where, f"the plug-in cannot be set up ({cause})", mend),
    )
    return GuardedEngine(engine.word, inner)


@dataclass(frozen=True, slots=True)
class Canaries:
    """The synthetic persons of a feed: those that were put in, and the keys that all of them have."""

    listed: tuple[Canary, ...]
    keys: KeyRange


def canaries_of(feed: Feed, root: Path) -> Canaries | None:
    """The synthetic persons of a feed; None when it declares none.

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
