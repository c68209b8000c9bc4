"""A database table with a period column: a delivery a distinct value of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ketenwacht import plugins
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.feed import FileSource, SparkSource, TableSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.problems import problem_of
from ketenwacht.domain.statement import Text
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.messages.problem import saying, unreadable
from ketenwacht.plugins import guard_plugin_call, one_named, unknown

from .base import AT_ONCE, SETTLE, guarded
from .columns import TABLE, checked_names
from .content import as_utf8, digest_of
from .database import SourceDatabase
from .formats import FORMATS, FileFormat, FileRows
from .in_database import OpenRows, held_rows
from .period import period_of, said_to_be
from .spark import SparkTable

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class TableReader:
    """Reads the periods of one table; `open_source` builds it.

    Attributes:
        feed: name of the feed.
        source: as configured.
        database: where the table is.
        zone: in which a moment with an offset gets its date, and is shown.
    """

    feed: str
    source: TableSource | SparkSource = field(repr=False)  # its URL may hold a password
    database: SourceDatabase | SparkTable
    zone: tzinfo

    @property
    def dialect(self) -> str:
        """Of the database, as SQLAlchemy calls it; spark."""
        return self.database.dialect

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """See `FeedReader.find`; a table does not tell when its rows arrived."""
        del at, settle, quiet  # the database itself shows only what is complete
        self._columns()
        days = sorted(set(self._periods().values()))
        return tuple(Delivery(self.feed, day.isoformat(), day) for day in days)

    def verify(self, delivery: Delivery) -> Delivery:
        """See `FeedReader.verify`; the SHA-256 is that of the period's rows, in whatever order."""
        if not delivery.read:
            return delivery
        import duckdb

        try:
            with duckdb.connect(":memory:") as scratch:
                columns = self._copy(delivery, scratch)
                digest = guarded("delivery.rows_not_read", lambda: digest_of(scratch, TABLE, columns))
        except UnreadableDelivery as error:
            return replace(delivery, presence=Presence.UNREADABLE, problem=problem_of(error))
        return replace(delivery, sha256=digest)

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """See `FeedReader.load`."""
        drop(into)
        if not delivery.read:
            raise saying(UnreadableDelivery, delivery.why)
        loaded = False
        try:
            columns = self._copy(delivery, into)
            digest = guarded("delivery.rows_not_read", lambda: digest_of(into, TABLE, columns))
            loaded = delivery.sha256 in {None, digest}
        finally:
            if not loaded:
                drop(into)
        if not loaded:
            raise unreadable("delivery.replaced")
        return columns

    def verify_in_place(self, delivery: Delivery) -> Delivery:
        """As `verify`, in the database itself: its SHA-256 is of a sum over rows that stay where they are."""
        if not delivery.read:
            return delivery
        try:
            with self._held(delivery) as held:
                return replace(delivery, sha256=held.digest())
        except UnreadableDelivery as error:
            return replace(delivery, presence=Presence.UNREADABLE, problem=problem_of(error))

    @contextmanager
    def held(self, delivery: Delivery) -> Iterator[OpenRows]:
        """The rows of a delivery where they are, in one read-only transaction.

        Raises:
            UnreadableDelivery: they cannot be read, or are no longer what was verified.
        """
        if not delivery.read:
            raise saying(UnreadableDelivery, delivery.why)
        with self._held(delivery) as held:
            if delivery.sha256 not in {None, held.digest()}:
                raise unreadable("delivery.replaced")
            yield held

    def _held(self, delivery: Delivery) -> AbstractContextManager[OpenRows]:
        database, columns = self.database, self._columns()
        assert isinstance(database, SourceDatabase)  # noqa: S101 - no other is judged in place
        checked_names([column.name for column in columns])
        types = {column.name: column.type for column in columns}
        period: sa.ColumnClause[Any] = sa.column(self.source.period_column)

        def chosen(connection: sa.Connection) -> sa.ColumnElement[bool]:
            plain = connection.dialect.name == "postgresql" and self.source.period_format is None
            if plain and types[self.source.period_column] == "date":
                return period == sa.literal(delivery.period.isoformat(), sa.String)
            found = connection.execute(sa.select(period).select_from(database.table_clause).distinct())
            values = [
                value for value, day in self._named(row[0] for row in found).items() if day == delivery.period
            ]
            return period.in_(values)

        return held_rows(database, columns, chosen, self.zone)

    def _columns(self) -> tuple[Column, ...]:
        columns = self.database.columns()
        names = {column.name for column in columns}
        for setting, name in (
            ("period_column", self.source.period_column),
            ("count_column", self.source.count_column),
        ):
            if name is not None and name not in names:
                where = f"feeds.{self.feed}.source.{setting}"
                raise ConfigError(where, f"there is no column {name}", "name a column of the table")
        return columns

    def _periods(self) -> Mapping[object, date]:
        return self._named(self.database.distinct(self.source.period_column))

    def _named(self, values: Iterable[object]) -> Mapping[object, date]:
        """Every value of the period column, with the period it names."""
        found: dict[object, date] = {}
        for value in values:
            day = period_of(str(value), self.zone, self.source.period_format)
            if day is None:
                where = f"feeds.{self.feed}.source.period_column"
                what = f"column {self.source.period_column} holds a value that is no period, or none"
                raise ConfigError(where, what, said_to_be(self.source.period_format))
            found[value] = day
        return found

    def _copy(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        columns = self._columns()
        checked_names([column.name for column in columns])
        values = [value for value, day in self._periods().items() if day == delivery.period]
        if not values:
            raise unreadable("delivery.gone_from_table")
        self.database.copy(into, columns, self.source.period_column, values, self.zone)
        return columns


# From the rows of a file to the table `delivery` in DuckDB.


def format_of(source: FileSource) -> FileFormat:
    """The format that a source names; see `format_named`."""
    return format_named(source.reader, "source.reader")


def format_named(word: str, where: str) -> FileFormat:
    """A file format, built in or of a plug-in.

    Args:
        word: as the configuration has it.
        where: it stands, for errors.

    Raises:
        ConfigError: there is none of that name, or its plug-in is broken.
    """
    own = {form.name: form for form in FORMATS}
    plugin = one_named(plugins.FORMATS, word, own, where)
    if plugin is None:
        if word not in own:
            raise unknown(plugins.FORMATS, word, own, where)
        return own[word]
    form = plugin.load(where)
    if not isinstance(form, FileFormat):
        raise plugin.fault(where, "names no FileFormat")
    if form.name != word:
        raise plugin.fault(where, f"names a format that is called otherwise than `{word}`")
    return replace(form, rows=_Guarded(form.rows, str(plugin)))


@dataclass(frozen=True, slots=True)
class _Guarded:
    """How a plug-in reads rows; what it raises makes a delivery unreadable."""

    rows: Callable[[Path, FileSource, duckdb.DuckDBPyConnection], FileRows]
    plugin: str

    def __call__(self, path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> FileRows:
        return guard_plugin_call(lambda: self.rows(path, source, con), self._failed)

    def _failed(self, cause: str) -> UnreadableDelivery:
        return unreadable("delivery.plugin_failed", plugin=Text.of(self.plugin), cause=Text.of(cause))


@contextmanager
def rows_of(path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> Iterator[FileRows]:
    """The rows of a file, ready to be read while the context lasts.

    Raises:
        UnreadableDelivery: it is not a file of this format.
    """
    form = format_of(source)
    with ExitStack() as stack:
        readable = path
        if form.text:
            readable = guarded("delivery.not_read", lambda: stack.enter_context(as_utf8(path, source.encoding)))
        yield form.rows(readable, source, con)


def create(con: duckdb.DuckDBPyConnection, select: str, rows: FileRows, values: Sequence[object] = ()) -> None:
    """Make the table `delivery` from a query over rows; on failure no table is left.

    Raises:
        UnreadableDelivery: with the number of the line where it can be told.
    """
    guarded(
        "delivery.rows_not_read",
        lambda: con.execute(f"CREATE TABLE {TABLE} AS {select}", list(values)),
        why=rows.why,
    )


def drop(con: duckdb.DuckDBPyConnection) -> None:
    """Leave nothing of a delivery behind."""
    con.execute(f"DROP TABLE IF EXISTS {TABLE}")


def require(rows: FileRows, column: str | None, *, feed: str, setting: str) -> None:
    """Refuse a configuration that names a column which is not there.

    Raises:
        ConfigError: naming the setting.
    """
    if column is not None and column not in {found.name for found in rows.columns}:
        where = f"feeds.{feed}.source.{setting}"
        raise ConfigError(where, f"there is no column {column}", "name a column of the deliveries")
