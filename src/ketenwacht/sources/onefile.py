"""One file that holds every period: a delivery a distinct value of its period column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.problems import problem_of
from ketenwacht.domain.statement import Statement
from ketenwacht.errors import ConfigError, DeliveryError, UnreadableDelivery
from ketenwacht.messages.problem import saying, unreadable

from .base import AT_ONCE, SETTLE, arrival, guarded, written_within
from .columns import TABLE, quoted
from .content import FileStamp, digest_of, digests_by_period, examine, stamp_of
from .formats import FileRows
from .period import period_of, said_to_be
from .table import create, drop, format_of, require, rows_of

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OneFileReader:
    """Reads the periods of one file; `open_source` builds it.

    Attributes:
        feed: name of the feed.
        source: as configured.
        path: of the file.
        period_column: the column that tells the period of a row.
        zone: in which a moment with an offset gets its date.
    """

    feed: str
    source: FileSource
    path: Path
    period_column: str
    zone: tzinfo
    # The digests of one state of the file: numbers only, no rows. Saves a scan of the whole file a period.
    _digests: dict[FileStamp, Mapping[date, str]] = field(default_factory=dict, repr=False, compare=False)

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """See `FeedReader.find`; a file that cannot be read at all is one unreadable delivery.

        When the rows of a period arrived, the file does not tell: its own time is that of its last change.
        """
        del settle  # there are no halves to wait for
        guarded("delivery.file_not_there", self.path.stat, error=DeliveryError)
        written = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        if written_within(written, quiet, at):
            return ()
        arrived = arrival(written, at)
        problem: Statement | None = None
        periods: Mapping[str, date] = {}
        try:
            periods = self._periods()
        except UnreadableDelivery as error:
            problem = problem_of(error)
        if problem is not None:
            return (
                Delivery(self.feed, self.path.name, written.date(), Presence.UNREADABLE, arrived, problem=problem),
            )
        return tuple(Delivery(self.feed, day.isoformat(), day) for day in sorted(set(periods.values())))

    def verify(self, delivery: Delivery) -> Delivery:
        """See `FeedReader.verify`; the SHA-256 is that of the period's rows, in whatever order."""
        if not delivery.read:
            return delivery
        try:
            digest = self._all_digests().get(delivery.period)
        except UnreadableDelivery as error:
            return replace(delivery, presence=Presence.UNREADABLE, problem=problem_of(error))
        if digest is None:
            gone = Statement("delivery.gone_from_file")
            return replace(delivery, presence=Presence.UNREADABLE, problem=gone)
        return replace(delivery, sha256=digest)

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """See `FeedReader.load`."""
        drop(into)
        verified = delivery if delivery.sha256 is not None else self.verify(delivery)
        if not verified.read:
            raise saying(UnreadableDelivery, verified.why)
        if stamp_of(self.path) not in self._digests:
            self._examine()
        with rows_of(self.path, self.source, into) as rows:
            texts = [text for text, day in self._texts(rows, into).items() if day == verified.period]
            wanted = f"CAST({quoted(self.period_column)} AS VARCHAR) IN (SELECT unnest(?))"
            create(into, f"SELECT * FROM ({rows.select}) WHERE {wanted}", rows, [texts])  # noqa: S608 - quoted
        if guarded("delivery.rows_not_read", lambda: digest_of(into, TABLE, rows.columns)) != verified.sha256:
            drop(into)
            raise unreadable("delivery.replaced")
        return rows.columns

    def _examine(self) -> FileStamp:
        encoding = self.source.encoding if format_of(self.source).text else None
        return examine(self.path, encoding=encoding, max_bytes=self.source.max_bytes).stamp

    def _scratch(self, work: Callable[[FileRows, duckdb.DuckDBPyConnection], T]) -> T:
        import duckdb

        with duckdb.connect(":memory:") as con, rows_of(self.path, self.source, con) as rows:
            return work(rows, con)

    def _periods(self) -> Mapping[str, date]:
        self._examine()
        return self._scratch(self._texts)

    def _texts(self, rows: FileRows, con: duckdb.DuckDBPyConnection) -> dict[str, date]:
        """Every text in the period column, with the period it names."""
        require(rows, self.period_column, feed=self.feed, setting="period_column")
        require(rows, self.source.count_column, feed=self.feed, setting="count_column")
        texts = f"SELECT CAST({quoted(self.period_column)} AS VARCHAR) AS t, row_number() OVER () AS n"
        sql = f"SELECT t, min(n) FROM ({texts} FROM ({rows.select})) GROUP BY t ORDER BY 2"  # noqa: S608 - quoted
        found: dict[str, date] = {}
        for text, row in guarded("delivery.rows_not_read", lambda: con.execute(sql).fetchall(), why=rows.why):
            day = period_of(text, self.zone, self.source.period_format) if text is not None else None
            if day is None:
                where = f"feeds.{self.feed}.source.period_column"
                what = f"row {row} holds no period in column {self.period_column}"
                raise ConfigError(where, what, said_to_be(self.source.period_format))
            found[text] = day
        return found

    def _all_digests(self) -> Mapping[date, str]:
        stamp = stamp_of(self.path)
        if stamp not in self._digests:
            stamp = self._examine()
            digests = self._scratch(self._digest)
            if stamp_of(self.path) != stamp:
                raise unreadable("delivery.changed")
            self._digests.clear()
            self._digests[stamp] = digests
        return self._digests[stamp]

    def _digest(self, rows: FileRows, con: duckdb.DuckDBPyConnection) -> Mapping[date, str]:
        create(con, rows.select, rows)
        loaded = replace(rows, select=f"SELECT * FROM {TABLE}")  # noqa: S608 - a constant
        texts = self._texts(loaded, con)
        return guarded(
            "delivery.rows_not_read",
            lambda: digests_by_period(con, TABLE, rows.columns, self.period_column, texts),
        )
