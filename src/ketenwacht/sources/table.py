"""The reader of a database table: each distinct period in a column is a delivery."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ketenwacht.domain.delivery import Delivery, Manifest, Presence
from ketenwacht.domain.feed import SparkSource, TableSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.problems import problem_of
from ketenwacht.domain.statement import Statement
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.messages.formatter import make_delivery_error, unreadable
from ketenwacht.sql import TABLE

from .base import AT_ONCE, SETTLE, guard_read
from .columns import check_column_names
from .content import hash_rows
from .control_table import ControlTable
from .database import SourceDatabase
from .formats import drop_table
from .in_database import STATEMENT_LIMIT, OpenRows, open_rows_in_place
from .period import describe_forms, parse_period
from .spark import SparkTable

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class TableReader:
    """Reads the periods of one table; build it with `open_source`.

    Attributes:
        feed: name of the feed.
        source: as configured.
        database: holds the table.
        zone: for moments with an offset.
        limit: what one statement inside the database may take.
        control: what the sender declares of each period; None: nothing.
    """

    feed: str
    source: TableSource | SparkSource = field(repr=False)  # its URL may hold a password
    database: SourceDatabase | SparkTable
    zone: tzinfo
    limit: timedelta = STATEMENT_LIMIT
    control: ControlTable | None = None

    @property
    def dialect(self) -> str:
        """The dialect of the database, as SQLAlchemy calls it; `spark` for Spark."""
        return self.database.dialect

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """See `FeedReader.find`; only a control table holds when rows arrived.

        With a control table, a period that has no row in it is not complete, and is left out.
        """
        del at, settle, quiet  # the database shows only committed rows
        self._columns()
        days = set(self._periods().values())
        if self.control is None:
            return tuple(Delivery(self.feed, day.isoformat(), day) for day in sorted(days))
        stated = self.control.read_manifests()
        return tuple(self._declared(day, stated[day], present=day in days) for day in sorted(stated))

    def _declared(self, day: date, stated: Manifest | Statement, *, present: bool) -> Delivery:
        """Return a period that the sender declares; one without rows must be declared as empty."""
        manifest = stated if isinstance(stated, Manifest) else None
        problem = stated if isinstance(stated, Statement) else None
        if manifest is not None and not present and manifest.rows != 0:
            problem = Statement("delivery.data_missing")
        return Delivery(
            feed=self.feed,
            id=day.isoformat(),
            period=day,
            presence=Presence.READ if problem is None else Presence.UNREADABLE,
            arrived_at=manifest.created_at if manifest is not None else None,
            manifest=manifest,
            problem=problem,
        )

    def verify(self, delivery: Delivery) -> Delivery:
        """See `FeedReader.verify`; the SHA-256 is of the rows of the period, in any order."""
        if not delivery.read:
            return delivery
        import duckdb

        try:
            with duckdb.connect(":memory:") as scratch:
                columns = self._copy(delivery, scratch)
                digest = guard_read("delivery.rows_not_read", lambda: hash_rows(scratch, TABLE, columns))
        except UnreadableDelivery as error:
            return replace(delivery, presence=Presence.UNREADABLE, problem=problem_of(error))
        return replace(delivery, sha256=digest)

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """See `FeedReader.load`."""
        drop_table(into)
        if not delivery.read:
            raise make_delivery_error(UnreadableDelivery, delivery.why)
        loaded = False
        try:
            columns = self._copy(delivery, into)
            digest = guard_read("delivery.rows_not_read", lambda: hash_rows(into, TABLE, columns))
            loaded = delivery.sha256 in {None, digest}
        finally:
            if not loaded:
                drop_table(into)
        if not loaded:
            raise unreadable("delivery.replaced")
        return columns

    def verify_in_place(self, delivery: Delivery) -> Delivery:
        """Verify a delivery inside the database; its SHA-256 is of a sum over the rows, which are not copied."""
        if not delivery.read:
            return delivery
        try:
            with self._open_rows(delivery) as rows:
                return replace(delivery, sha256=rows.digest(empty=_is_empty(delivery)))
        except UnreadableDelivery as error:
            return replace(delivery, presence=Presence.UNREADABLE, problem=problem_of(error))

    @contextmanager
    def open_in_place(self, delivery: Delivery) -> Iterator[OpenRows]:
        """Yield the rows of a delivery inside the database, in one read-only transaction.

        Raises:
            UnreadableDelivery: they cannot be read, or changed after they were verified.
        """
        if not delivery.read:
            raise make_delivery_error(UnreadableDelivery, delivery.why)
        with self._open_rows(delivery) as rows:
            held = rows.dialect.snapshot  # else one look at the end tells whether they changed meanwhile
            empty = _is_empty(delivery)
            before = rows.digest(empty=empty) if held or delivery.sha256 is None else delivery.sha256
            if delivery.sha256 not in {None, before}:
                raise unreadable("delivery.replaced")
            yield rows
            rows.raise_fault()
            if not held and rows.digest(empty=empty) != before:
                raise unreadable("delivery.replaced")

    def open_period(self, delivery: Delivery) -> AbstractContextManager[OpenRows]:
        """Open the rows of a period as `open_in_place` does, without a look at whether they changed."""
        return self._open_rows(delivery)

    def open_all(self) -> AbstractContextManager[OpenRows]:
        """Open the rows of every period inside a database, in one read-only transaction.

        Raises:
            ConfigError: there is no such column, or the source is Spark.
            DeliveryError: the database cannot be reached.
        """
        if isinstance(self.database, SparkTable):
            raise ConfigError(f"feeds.{self.feed}.source", "is no table of a database", "take `kind: table`")
        columns = self._columns()
        check_column_names([column.name for column in columns])
        return open_rows_in_place(self.database, columns, lambda _: sa.true(), self.zone, self.limit)

    def _open_rows(self, delivery: Delivery) -> AbstractContextManager[OpenRows]:
        database, columns = self.database, self._columns()
        check_column_names([column.name for column in columns])
        if isinstance(database, SparkTable):
            return database.open_rows(columns, self.source.period_column, self._values_of(delivery), self.limit)
        types = {column.name: column.type for column in columns}
        period: sa.ColumnClause[Any] = sa.column(self.source.period_column)

        def select_period(connection: sa.Connection) -> sa.ColumnElement[bool]:
            plain = connection.dialect.name == "postgresql" and self.source.period_format is None
            if plain and types[self.source.period_column] == "date":
                return period == sa.literal(delivery.period.isoformat(), sa.String)
            found = connection.execute(sa.select(period).select_from(database.table_clause).distinct())
            values = [
                value
                for value, day in self._parse_periods(row[0] for row in found).items()
                if day == delivery.period
            ]
            return period.in_(values)

        return open_rows_in_place(database, columns, select_period, self.zone, self.limit)

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
        return self._parse_periods(self.database.read_distinct(self.source.period_column))

    def _parse_periods(self, values: Iterable[object]) -> Mapping[object, date]:
        """Return each value of the period column → its period."""
        found: dict[object, date] = {}
        for value in values:
            day = parse_period(str(value), self.zone, self.source.period_format)
            if day is None:
                where = f"feeds.{self.feed}.source.period_column"
                what = f"column {self.source.period_column} holds a null, or a value that is not a period"
                raise ConfigError(where, what, describe_forms(self.source.period_format))
            found[value] = day
        return found

    def _copy(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        columns = self._columns()
        check_column_names([column.name for column in columns])
        values = self._values_of(delivery)
        self.database.copy_rows(into, columns, self.source.period_column, values, self.zone)
        return columns

    def _values_of(self, delivery: Delivery) -> list[object]:
        """Return the values of the period column that mean the period; [] for one declared as empty.

        Raises:
            UnreadableDelivery: there are none any more.
        """
        values = [value for value, day in self._periods().items() if day == delivery.period]
        if not values and not _is_empty(delivery):
            raise unreadable("delivery.gone_from_table")
        return values


def _is_empty(delivery: Delivery) -> bool:
    """Return whether the sender declares that a delivery has no rows."""
    return delivery.manifest is not None and delivery.manifest.rows == 0
