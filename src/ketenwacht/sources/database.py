"""The database of a table source: describes its table and reads its rows; never writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, NoSuchTableError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ketenwacht.dialects import build_duckdb_engine, find_dialect
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Text
from ketenwacht.errors import ConfigError, DeliveryError, MissingTableError

from .base import foreign_errors, guard_read
from .columns import Batch, create_typed_table

if TYPE_CHECKING:
    import duckdb

BATCH = 10_000  # rows
_PARAMETERS = 500  # some databases allow only about a thousand in one statement
T = TypeVar("T")

# SQLAlchemy's generic types → our name; the first that fits applies. Any other type is text.
_TYPES: tuple[tuple[type, str], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Numeric, "number"),
    (sa.Float, "number"),
    (sa.DateTime, "timestamp"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.JSON, "json"),
    (sa.LargeBinary, "binary"),
    (sa.ARRAY, "json"),
)


@dataclass(frozen=True, slots=True)
class SourceDatabase:
    """A database and its one table that holds deliveries; build it with `connect`.

    Attributes:
        url: of the database; it may hold a password. Unlike an engine, it can be sent to another process.
        root: the folder that the path of a SQLite file is relative to.
        label: dialect, host and name, without user and password: safe to show.
        schema: of the table; None: the default schema.
        table: its name.
        where: the setting, for errors.
    """

    url: sa.URL = field(repr=False)
    root: Path
    label: str
    schema: str | None
    table: str
    where: str

    @property
    def dialect(self) -> str:
        """The dialect, as SQLAlchemy calls it."""
        return self.url.get_backend_name()

    @property
    def engine(self) -> sa.Engine:
        """An engine without a pool, so that no connection stays open between deliveries."""
        engine = _engine(self.url, self.root)
        assert engine is not None  # noqa: S101 - `connect` has built it before
        return engine

    def columns(self) -> tuple[Column, ...]:
        """Return the columns of the table, with our names for their types.

        Raises:
            MissingTableError: there is no such table.
            DeliveryError: the database cannot be guard_call.
        """
        found = self.guard_call(self._describe)
        if not found:
            raise MissingTableError(
                self.where, "there is no such table", "name a table or view, as schema.table if needed"
            )
        return tuple(Column(str(item["name"]), _type_name(item["type"])) for item in found)

    def read_distinct(self, column: str) -> tuple[object, ...]:
        """Return every distinct value of a column, as the driver gives it; raises DeliveryError."""
        statement: sa.Select[Any] = sa.select(sa.column(column)).select_from(self.table_clause).distinct()
        return self.guard_call(lambda: tuple(row[0] for batch in self._stream(statement) for row in batch))

    def read_batches(
        self, columns: Sequence[str], column: str, values: Sequence[object], consume: Callable[[Batch], None]
    ) -> None:
        """Pass the rows whose column `column` holds one of `values` to `consume`, batch by batch.

        Raises:
            DeliveryError: the database cannot be guard_call, or fails on the way; what `consume` raises passes
                through.
        """
        listed: list[Any] = [sa.column(name) for name in columns]
        statement: sa.Select[Any] = sa.select(*listed).select_from(self.table_clause)

        def work() -> None:
            for start in range(0, len(values), _PARAMETERS):
                part = values[start : start + _PARAMETERS]
                for batch in self._stream(statement.where(sa.column(column).in_(part))):
                    consume(batch)

        self.guard_call(work)

    def copy_rows(
        self,
        into: duckdb.DuckDBPyConnection,
        columns: Sequence[Column],
        column: str,
        values: Sequence[object],
        zone: tzinfo,
    ) -> None:
        """Create the table `delivery` from the rows that `read_batches` passes on; raises as that."""
        add_batch = create_typed_table(into, columns, zone)
        self.read_batches([one.name for one in columns], column, values, add_batch)

    def copy_all(
        self,
        into: duckdb.DuckDBPyConnection,
        columns: Sequence[Column],
        zone: tzinfo,
        *,
        at_most: int | None = None,
    ) -> None:
        """Create the table `delivery` from every row, or the first `at_most`; raises as `read_batches`."""
        add_batch = create_typed_table(into, columns, zone)
        listed: list[Any] = [sa.column(one.name) for one in columns]
        statement: sa.Select[Any] = sa.select(*listed).select_from(self.table_clause).limit(at_most)

        def work() -> None:
            for batch in self._stream(statement):
                add_batch(batch)

        self.guard_call(work)

    def read_first_rows(self, columns: Sequence[str], rows: int, consume: Callable[[Batch], None]) -> None:
        """Pass at most `rows` rows to `consume`, batch by batch; raises as `read_batches`."""
        listed: list[Any] = [sa.column(name) for name in columns]
        statement: sa.Select[Any] = sa.select(*listed).select_from(self.table_clause).limit(rows)

        def work() -> None:
            for batch in self._stream(statement):
                consume(batch)

        self.guard_call(work)

    @contextmanager
    def connect_read_only(self) -> Iterator[sa.Connection]:
        """Yield a read-only connection, which sees one state where the database can; raises DeliveryError."""
        engine, dialect = self.engine, find_dialect(self.dialect)
        if dialect is not None and dialect.isolation is not None:
            engine = engine.execution_options(isolation_level=dialect.isolation)
        with closing(self.guard_call(engine.connect)) as connection:
            yield connection

    @property
    def table_clause(self) -> sa.TableClause:
        """The table as a FROM clause."""
        return sa.table(self.table, schema=self.schema)

    def _describe(self) -> Sequence[Mapping[str, object]]:
        with self.engine.connect() as connection:
            try:
                return sa.inspect(connection).get_columns(self.table, self.schema)
            except NoSuchTableError:
                return ()

    def _stream(self, statement: sa.Select[Any]) -> Iterator[Batch]:
        with self.engine.connect() as connection:
            streaming = connection.execution_options(stream_results=True, max_row_buffer=BATCH)
            yield from streaming.execute(statement).partitions(BATCH)

    def guard_call(self, work: Callable[[], T]) -> T:
        """Return `work()`; turn a failure of the database into a DeliveryError without its message."""
        return guard_read(
            "delivery.database_not_read",
            work,
            about={"database": Text.of(self.label)},
            foreign=(SQLAlchemyError, *foreign_errors()),
            error=DeliveryError,
        )


def connect(url: str, table: str, *, root: Path, feed: str, where: str | None = None) -> SourceDatabase:
    """Return a table that can be read; this opens nothing.

    Args:
        url: SQLAlchemy URL; the file of a SQLite database may be relative.
        table: `table` or `schema.table`.
        root: the folder that a relative path is relative to.
        feed: name of the feed, for errors.
        where: the setting or option, for errors; None: the source of the feed.

    Raises:
        ConfigError: it is not a URL, or its driver is not installed.
    """
    of_table = where or f"feeds.{feed}.source.table"
    where = where or f"feeds.{feed}.source.url"
    mend = "write it like postgresql+psycopg://user:password@host/database or sqlite:///file.db"
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None:
        raise ConfigError(where, "this is not the URL of a database", mend)
    if parsed.host is not None and "@" in parsed.host:  # else part of the password shows as the host
        raise ConfigError(where, "its password holds an @", "write it as %40")
    if _engine(parsed, root) is None:
        what = f"there is no driver for {parsed.drivername}"
        raise ConfigError(where, what, "install the driver of this database beside ketenwacht")
    schema, _, name = table.rpartition(".")
    label = f"{parsed.get_backend_name()} {parsed.host or ''}/{parsed.database or ''}".replace(" /", " ", 1)
    return SourceDatabase(parsed, root, label.strip(), schema or None, name, of_table)


@cache
def _engine(url: sa.URL, root: Path) -> sa.Engine | None:
    try:
        if url.get_backend_name() == "duckdb":
            return build_duckdb_engine(_connect_duckdb(root / (url.database or ""), url.query))
        if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
            return sa.create_engine(
                "sqlite://", creator=_connect_sqlite(root / str(url.database)), poolclass=NullPool
            )
        engine = sa.create_engine(url, poolclass=NullPool, hide_parameters=True)
    except (NoSuchModuleError, ArgumentError, ImportError):
        return None
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True)
    return engine


def _connect_duckdb(path: Path, query: Mapping[str, Any]) -> Callable[[], duckdb.DuckDBPyConnection]:
    import duckdb

    # Read-only: another process may read the file at the same time, and a misspelt name creates no file.
    return lambda: duckdb.connect(str(path), read_only=True, config=dict(query))


def _connect_sqlite(path: Path) -> Callable[[], sqlite3.Connection]:
    # Read-only: SQLite would otherwise create an empty database for a misspelt name.
    return lambda: sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)


def _type_name(kind: object) -> str:
    if isinstance(kind, sa.Numeric) and kind.scale == 0:
        return "integer"
    return next((name for generic, name in _TYPES if isinstance(kind, generic)), "text")
