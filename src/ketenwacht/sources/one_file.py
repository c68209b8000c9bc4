"""The reader of one file that holds every period: each distinct period in a column is a delivery."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.problems import problem_of
from ketenwacht.domain.statement import Statement
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.messages.formatter import make_delivery_error, unreadable
from ketenwacht.sql import TABLE, quote_name

from .base import AT_ONCE, SETTLE, arrival_time, guard_read, written_within
from .content import examine, hash_rows, hash_rows_by_period
from .formats import FileRows, create_table, drop_table, encoding_of, find_line, open_rows, require_column
from .period import describe_forms, parse_period
from .places import FileStore

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OneFileReader:
    """Reads the periods of one file; build it with `open_source`.

    Attributes:
        feed: name of the feed.
        source: as configured.
        store: holds the file.
        name: of the file.
        period_column: the column with the period of a row.
        zone: for the date of a moment with an offset.
    """

    feed: str
    source: FileSource
    store: FileStore
    name: str
    period_column: str
    zone: tzinfo
    # The hashes of one state of the file, so that it is not scanned once per period. It holds no rows.
    _digests: dict[Hashable, Mapping[date, str]] = field(default_factory=dict, repr=False, compare=False)

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """See `FeedReader.find`; a file that cannot be read is one unreadable delivery.

        A period has no moment of arrival: the time of the file is that of its last change.
        """
        del settle  # a delivery has no separate manifest
        written = self.store.written(self.name)
        if written_within(written, max(quiet, self.store.quiet), at):
            return ()
        arrived = arrival_time(written, at)
        problem: Statement | None = None
        periods: Mapping[str, date] = {}
        try:
            periods = self._find_periods()
        except UnreadableDelivery as error:
            problem = problem_of(error)
        if problem is not None:
            return (Delivery(self.feed, self.name, written.date(), Presence.UNREADABLE, arrived, problem=problem),)
        return tuple(Delivery(self.feed, day.isoformat(), day) for day in sorted(set(periods.values())))

    def verify(self, delivery: Delivery) -> Delivery:
        """See `FeedReader.verify`; the SHA-256 is of the rows of the period, in any order."""
        if not delivery.read:
            return delivery
        try:
            digest = self._hash_periods().get(delivery.period)
        except UnreadableDelivery as error:
            return replace(delivery, presence=Presence.UNREADABLE, problem=problem_of(error))
        if digest is None:
            gone = Statement("delivery.gone_from_file")
            return replace(delivery, presence=Presence.UNREADABLE, problem=gone)
        return replace(delivery, sha256=digest)

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """See `FeedReader.load`."""
        drop_table(into)
        verified = delivery if delivery.sha256 is not None else self.verify(delivery)
        if not verified.read:
            raise make_delivery_error(UnreadableDelivery, verified.why)
        known = self.store.stamp(self.name) in self._digests
        with self._open() as path, self._open_rows(path, into, known=known) as rows:
            texts = [text for text, day in self._parse_periods(rows, into).items() if day == verified.period]
            wanted = f"CAST({quote_name(self.period_column)} AS VARCHAR) IN (SELECT unnest(?))"
            create_table(into, f"SELECT * FROM ({rows.select}) WHERE {wanted}", rows, [texts])  # noqa: S608 - quoted
        if guard_read("delivery.rows_not_read", lambda: hash_rows(into, TABLE, rows.columns)) != verified.sha256:
            drop_table(into)
            raise unreadable("delivery.replaced")
        return rows.columns

    def find_line(self, delivery: Delivery, row: int) -> int | None:
        """Return the line of a row of a delivery in the file of all periods."""

        def belongs(texts: Mapping[str, object]) -> bool:
            text = texts.get(self.period_column)
            period = parse_period(text, self.zone, self.source.period_format) if isinstance(text, str) else None
            return period == delivery.period

        with self._open() as path:
            return find_line(path, self.source, row, belongs)

    def _open(self) -> AbstractContextManager[Path]:
        return self.store.open(self.name, self.source.max_bytes)

    def _open_rows(
        self, path: Path, con: duckdb.DuckDBPyConnection, *, known: bool
    ) -> AbstractContextManager[FileRows]:
        """Return the rows of a copy, or of the file itself, which is examined unless this state of it is known."""
        if not known:
            examine(path, encoding=encoding_of(self.source), max_bytes=self.source.max_bytes)
        return open_rows(path, self.source, con)

    def _with_rows(self, work: Callable[[FileRows, duckdb.DuckDBPyConnection], T]) -> T:
        import duckdb

        with (
            self._open() as path,
            duckdb.connect(":memory:") as con,
            self._open_rows(path, con, known=False) as rows,
        ):
            return work(rows, con)

    def _find_periods(self) -> Mapping[str, date]:
        return self._with_rows(self._parse_periods)

    def _parse_periods(self, rows: FileRows, con: duckdb.DuckDBPyConnection) -> dict[str, date]:
        """Return each text in the period column → its period."""
        require_column(rows, self.period_column, feed=self.feed, setting="period_column")
        require_column(rows, self.source.count_column, feed=self.feed, setting="count_column")
        texts = f"SELECT CAST({quote_name(self.period_column)} AS VARCHAR) AS t, row_number() OVER () AS n"
        sql = f"SELECT t, min(n) FROM ({texts} FROM ({rows.select})) GROUP BY t ORDER BY 2"  # noqa: S608 - quoted
        found: dict[str, date] = {}
        for text, row in guard_read("delivery.rows_not_read", lambda: con.execute(sql).fetchall(), why=rows.why):
            day = parse_period(text, self.zone, self.source.period_format) if text is not None else None
            if day is None:
                where = f"feeds.{self.feed}.source.period_column"
                what = f"row {row} holds no period in column {self.period_column}"
                raise ConfigError(where, what, describe_forms(self.source.period_format))
            found[text] = day
        return found

    def _hash_periods(self) -> Mapping[date, str]:
        stamp = self.store.stamp(self.name)
        if stamp not in self._digests:
            digests = self._with_rows(self._hash_rows)
            if self.store.stamp(self.name) != stamp:
                raise unreadable("delivery.changed")
            self._digests.clear()
            self._digests[stamp] = digests
        return self._digests[stamp]

    def _hash_rows(self, rows: FileRows, con: duckdb.DuckDBPyConnection) -> Mapping[date, str]:
        create_table(con, rows.select, rows)
        loaded = replace(rows, select=f"SELECT * FROM {TABLE}")  # noqa: S608 - a constant
        texts = self._parse_periods(loaded, con)
        return guard_read(
            "delivery.rows_not_read",
            lambda: hash_rows_by_period(con, TABLE, rows.columns, self.period_column, texts),
        )
