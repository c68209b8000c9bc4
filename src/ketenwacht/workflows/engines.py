"""Choose the engine that measures the deliveries of a feed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ketenwacht.domain.feed import ENGINES, Feed, PluginEngine, Source
from ketenwacht.errors import ConfigError
from ketenwacht.measure import (
    CopyEngine,
    Engine,
    GuardedEngine,
    InDatabaseEngine,
    ValueRules,
)
from ketenwacht.plugins import ENGINES as GROUP
from ketenwacht.plugins import find_engine_kind, guard_plugin_call, unknown_word
from ketenwacht.sources import FeedReader


def build_engine(feed: Feed, reader: FeedReader) -> Engine:
    """Return the engine of a feed; open nothing yet.

    Raises:
        ConfigError: it cannot judge such a feed, or its plug-in is broken.
    """
    if isinstance(feed.engine, PluginEngine):
        return _build_plugin(feed.engine, reader, f"feeds.{feed.name}.engine")
    return _BUILT_IN[feed.engine](feed, reader)


def rules_of(source: Source) -> ValueRules:
    """Return how to read the values of a source."""
    return ValueRules(source.empty_values, source.numbers, source.count_column)


def _build_copying(feed: Feed, reader: FeedReader) -> Engine:
    return CopyEngine(reader, rules_of(feed.source))


def _build_in_database(feed: Feed, reader: FeedReader) -> Engine:
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
        ("source.numbers", feed.source.numbers, "separators are taken out of copied counts"),
    ):
        if given is not None:
            raise ConfigError(f"{setting}.{place}", f"{needs}, and `engine: sql` copies none", otherwise)
    return InDatabaseEngine(reader, rules_of(feed.source))


_BUILT_IN: Mapping[str, Callable[[Feed, FeedReader], Engine]] = dict(
    zip(ENGINES, (_build_copying, _build_in_database), strict=True)
)


def _build_plugin(engine: PluginEngine, reader: FeedReader, where: str) -> Engine:
    kind = find_engine_kind(engine.word, ENGINES, where)
    if kind is None:
        raise unknown_word(GROUP, engine.word, ENGINES, where)
    mend = "mend its settings, or install another version of the plug-in"
    inner = guard_plugin_call(
        lambda: kind.build(reader, engine.settings),
        lambda cause: ConfigError(where, f"the plug-in cannot be set up ({cause})", mend),
    )
    return GuardedEngine(engine.word, inner)
