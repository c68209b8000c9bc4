"""A database table with a period column: a delivery a distinct value of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import duckdb

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.feed import TableSource
from ketenwacht.domain.measurement import Column
from ketenwacht.errors import ConfigError, UnreadableDelivery

from .base import AT_ONCE, CHANGED_SINCE, SETTLE
from .columns import TABLE, checked_names, quoted
from .database import Batch, Database
from .digest import digest_of
from .guard import guarded
from .period import period_of, said_to_be
from .tables import drop


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a column of one type is kept in DuckDB: its type there, and the Python types it accepts."""

    duckdb: str
    accepts: tuple[type, ...]


# Texts are always accepted where SQLite has nothing but texts; DuckDB then reads them strictly.
_KINDS = {
    "text": _Kind("VARCHAR", (object,)),
    "integer": _Kind("BIGINT", (int, Decimal)),
    "number": _Kind("DOUBLE", (int, float, Decimal)),
    "boolean": _Kind("BOOLEAN", (bool, int)),
    "date": _Kind("DATE", (date, str)),
    "timestamp": _Kind("TIMESTAMP", (datetime, date, str)),
    "time": _Kind("TIME", (time, str)),
    "json": _Kind("VARCHAR", (object,)),
    "binary": _Kind("BLOB", (bytes, memoryview)),
}


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
    source: TableSource = field(repr=False)  # its URL may hold a password
    database: Database
    zone: tzinfo

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
        try:
            with duckdb.connect(":memory:") as scratch:
                columns = self._copy(delivery, scratch)
                digest = guarded("its rows cannot be read", lambda: digest_of(scratch, TABLE, columns))
        except UnreadableDelivery as error:
            return replace(delivery, presence=Presence.UNREADABLE, problem=str(error))
        return replace(delivery, sha256=digest)

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """See `FeedReader.load`."""
        drop(into)
        if not delivery.read:
            raise UnreadableDelivery(delivery.problem or "it is not there")
        loaded = False
        try:
            columns = self._copy(delivery, into)
            digest = guarded("its rows cannot be read", lambda: digest_of(into, TABLE, columns))
            loaded = delivery.sha256 in {None, digest}
        finally:
            if not loaded:
                drop(into)
        if not loaded:
            raise UnreadableDelivery(CHANGED_SINCE)
        return columns

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
        """Every value of the period column, with the period it names."""
        found: dict[object, date] = {}
        for value in self.database.distinct(self.source.period_column):
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
            raise UnreadableDelivery("its period is no longer in the table")
        take = make_table(into, columns, self.zone)
        names = [column.name for column in columns]
        self.database.each_batch(names, self.source.period_column, values, take)
        return columns


def make_table(
    into: duckdb.DuckDBPyConnection, columns: Sequence[Column], zone: tzinfo
) -> Callable[[Batch], None]:
    """Make the empty table `delivery`, and return what takes batches of rows into it."""
    layout = ", ".join(f"{quoted(column.name)} {_KINDS[column.type].duckdb}" for column in columns)
    into.execute(f"CREATE TABLE {TABLE} ({layout})")
    return _Target(into, columns, zone).add


@dataclass(frozen=True, slots=True)
class _Target:
    """Takes batches of rows into the table `delivery`."""

    con: duckdb.DuckDBPyConnection
    columns: Sequence[Column]
    zone: tzinfo

    def add(self, rows: Batch) -> None:
        """Add rows; raises UnreadableDelivery when a value is not of its column's type."""
        texts = [
            [
                _text(value, column, number, self.zone)
                for number, (value, column) in enumerate(zip(row, self.columns, strict=True))
            ]
            for row in rows
        ]
        # One JSON text a batch: no type is guessed from a sample of the values, and it is fast without Arrow.
        cells = ", ".join(_cell(number, column) for number, column in enumerate(self.columns, start=1))
        source = "SELECT unnest(from_json(CAST(? AS VARCHAR), '[[\"VARCHAR\"]]')) AS row"
        sql = f"INSERT INTO {TABLE} SELECT {cells} FROM ({source})"  # noqa: S608 - names of ours
        guarded(
            "its rows cannot be read",
            lambda: self.con.execute(sql, [json.dumps(texts)]),
            why=lambda: "a value is not of its column's type",
        )


def _cell(number: int, column: Column) -> str:
    kind = _KINDS[column.type].duckdb
    return f"unhex(row[{number}])" if kind == "BLOB" else f"CAST(row[{number}] AS {kind})"


def _text(value: object, column: Column, number: int, zone: tzinfo) -> str | None:
    """A value as text that DuckDB reads back strictly, so that nothing is inferred from a sample."""
    if value is None:
        return None
    if not isinstance(value, _KINDS[column.type].accepts):
        raise UnreadableDelivery(f"column {number + 1} holds a value that is no {column.type}")
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(zone).replace(tzinfo=None)
    text = next((write(value) for kind, write in _WRITTEN if isinstance(value, kind)), None)
    text = text if text is not None else str(value)
    if "\0" in text:
        raise UnreadableDelivery(f"column {number + 1} holds a NUL character")
    return text


# How a value of a driver is written; anything else as `str` does.
_WRITTEN: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    ((date, time), lambda value: value.isoformat()),
    ((bytes, memoryview), lambda value: bytes(value).hex()),
    ((dict, list), lambda value: json.dumps(value, ensure_ascii=False, default=str)),
)
