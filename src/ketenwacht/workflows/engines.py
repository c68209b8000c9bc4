"""Choose the engine that measures the deliveries of a feed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ketenwacht.dialects import find_dialect, list_dialects
from ketenwacht.domain.feed import ENGINES, Feed, FileSource, PluginEngine, Source, SparkSource
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
from ketenwacht.sources import FeedReader, is_foreign

if TYPE_CHECKING:
    from ketenwacht.sources.table import TableReader


def build_engine(feed: Feed, reader: FeedReader) -> Engine:
    """Return the engine of a feed; open nothing yet.

    Raises:
        ConfigError: it cannot judge such a feed, or its plug-in is broken.
    """
    if isinstance(feed.engine, PluginEngine):
        return _build_plugin(feed.engine, reader, f"feeds.{feed.name}.engine")
    return _BUILT_IN[feed.engine or _default_engine(feed)](feed, reader)


def measures_in_place(feed: Feed) -> bool:
    """Return whether the rows of a feed stay in their database, or in Spark."""
    return not isinstance(feed.engine, PluginEngine) and (feed.engine or _default_engine(feed)) != "duckdb"


def rules_of(source: Source) -> ValueRules:
    """Return how to read the values of a source."""
    return ValueRules(
        source.empty_values, source.numbers, source.count_column, has_header=isinstance(source, FileSource)
    )


def _build_copying(feed: Feed, reader: FeedReader) -> Engine:
    return CopyEngine(reader, rules_of(feed.source), own_database=is_foreign(feed.source))


def _default_engine(feed: Feed) -> str:
    """Return the engine of a feed that names none: a Spark source is measured in Spark, if that is possible."""
    in_spark = isinstance(feed.source, SparkSource) and not any(_needs_of_copies(feed))
    return "spark" if in_spark else "duckdb"


def _needs_of_copies(feed: Feed) -> Iterator[tuple[str, str]]:
    """Yield each setting that needs copied rows, and why."""
    for place, given, needs in (
        ("canaries", feed.canaries, "synthetic persons are taken out of copied rows"),
        ("source.numbers", feed.source.numbers, "separators are taken out of copied counts"),
    ):
        if given is not None:
            yield place, needs


_COPY = "leave `engine` out, so that each delivery is copied"


def _build_sql(feed: Feed, reader: FeedReader) -> Engine:
    from ketenwacht.sources.table import TableReader  # noqa: PLC0415 - see above

    setting = f"feeds.{feed.name}.engine"
    if not isinstance(reader, TableReader) or isinstance(feed.source, SparkSource):
        what = "`sql` judges rows in the database that they are in, and this source is no table of one"
        raise ConfigError(setting, what, _COPY)
    if find_dialect(reader.dialect, setting) is None:
        what = f"`sql` judges rows in {', '.join(list_dialects())}, not in {reader.dialect}"
        raise ConfigError(setting, what, f"install a package with its dialect, or {_COPY}")
    return _build_in_place(feed, reader, "sql")


def _build_spark(feed: Feed, reader: FeedReader) -> Engine:
    from ketenwacht.sources.table import TableReader  # noqa: PLC0415 - only a table has a database

    if not isinstance(reader, TableReader) or not isinstance(feed.source, SparkSource):
        what = "`spark` judges rows that Spark reads, and this source is not of `kind: spark`"
        raise ConfigError(f"feeds.{feed.name}.engine", what, _COPY)
    return _build_in_place(feed, reader, "spark")


def _build_in_place(feed: Feed, reader: TableReader, word: str) -> Engine:
    if feed.evidence.register is not None and feed.key_columns:
        dialect = find_dialect(reader.dialect)
        if dialect is None or not dialect.hmac:
            needs = f"{reader.dialect} cannot sign keys where they lie"
            mend = "set `engine: duckdb`, so that each delivery is copied and signed here"
            raise ConfigError(f"feeds.{feed.name}.evidence.register", needs, mend)
    for place, needs in _needs_of_copies(feed):
        mend = "set `engine: duckdb`, so that each delivery is copied"
        raise ConfigError(f"feeds.{feed.name}.{place}", f"{needs}, and `engine: {word}` copies none", mend)
    return InDatabaseEngine(reader, rules_of(feed.source))


_BUILT_IN: Mapping[str, Callable[[Feed, FeedReader], Engine]] = dict(
    zip(ENGINES, (_build_copying, _build_sql, _build_spark), strict=True)
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
