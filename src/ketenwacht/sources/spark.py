"""The Spark table of a source: hands the rows of a delivery to DuckDB as Arrow."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from functools import cache, partial
from itertools import count
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, TypeVar

from ketenwacht.dialects.spark import SPARK
from ketenwacht.dialects.spark import quote as _quote_name
from ketenwacht.domain.feed import SparkSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Statement, Text
from ketenwacht.errors import (
    ConfigError,
    DeliveryError,
    EngineError,
    KetenwachtError,
    MissingTableError,
    StatementTimeout,
)
from ketenwacht.messages.formatter import make_delivery_error, unreadable
from ketenwacht.plugins import guard_plugin_call, install_command
from ketenwacht.sql import TABLE, quote_name, quote_text

from .base import guard_read
from .columns import KINDS, create_empty_table
from .in_database import Answer, OpenRows, Pads, cast_column, name_pads, schema_of_columns

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")
_ARRIVED = "spark_rows"

# Spark's name for a type, without its size → our name. Any other type is text.
_TYPES = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint"), "integer"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    **dict.fromkeys(("timestamp", "timestamp_ntz"), "timestamp"),
    **dict.fromkeys(("array", "map", "struct", "variant"), "json"),
    "boolean": "boolean",
    "date": "date",
    "binary": "binary",
}
# Our name for a type → the cast in Spark. Dates and moments become text, which is the same in every time zone.
_CASTS = {
    "text": "CAST({} AS STRING)",
    "integer": "CAST({} AS BIGINT)",
    "number": "CAST({} AS DOUBLE)",
    "date": "CAST({} AS STRING)",
    "timestamp": "CAST({} AS STRING)",
    "json": "to_json({})",
}
_QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
_ANSI = (("spark.sql.ansi.enabled", "true"), ("spark.sql.parser.escapedStringLiterals", "false"))
"""A text that is no number fails, and is not read as null; texts are written as `dialects.spark` writes them."""
_VIEWS = count(1)
_LOGGERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
_NOT_FOUND = frozenset({"TABLE_OR_VIEW_NOT_FOUND", "PATH_NOT_FOUND"})


@dataclass(frozen=True, slots=True)
class SparkTable:
    """The table or path of a Spark source; starts Spark only when rows are read.

    Attributes:
        feed: name of the feed, for errors.
        source: as configured.
        path: of the files, absolute; None for a table.
        zone: for moments with an offset.
    """

    feed: str
    source: SparkSource = field(repr=False)  # its remote may hold a token
    path: str | None
    zone: tzinfo

    @property
    def dialect(self) -> str:
        """The dialect: `spark`."""
        return "spark"

    def columns(self) -> tuple[Column, ...]:
        """Return the configured columns, with our names for their types.

        Raises:
            ConfigError: there is no such table, path or column, or Spark is not installed.
            DeliveryError: it cannot be read.
        """
        types: Mapping[str, str] = dict(self._guard_call(lambda rows: rows.dtypes))
        names = self.source.columns or tuple(types)
        for name in names:
            if name not in types:
                raise ConfigError(
                    self._setting("columns"), f"there is no column {name}", "name a column of the table"
                )
        return tuple(Column(name, _type_name(types[name])) for name in names)

    def read_distinct(self, column: str) -> tuple[object, ...]:
        """Return every distinct value of a column, dates and moments as text; raises DeliveryError."""
        kinds = {found.name: found.type for found in self.columns()}
        cast = _cast_column(column, kinds.get(column, "text"))
        return self._guard_call(lambda rows: tuple(row[0] for row in rows.selectExpr(cast).distinct().collect()))

    def copy_rows(
        self,
        into: duckdb.DuckDBPyConnection,
        columns: Sequence[Column],
        column: str,
        values: Sequence[object],
        zone: tzinfo,
    ) -> None:
        """Create the table `delivery` from the rows whose column `column` holds one of `values`.

        Raises:
            UnreadableDelivery: a value is not of its column's type.
            DeliveryError: it cannot be read.
        """
        kinds = {column.name: column.type for column in columns}
        # Filter on the column itself where possible, so that Spark skips partitions and files.
        name = _quote_name(column)
        key = name if kinds[column] != "timestamp" else _CASTS["timestamp"].format(name)

        def choose(rows: Any) -> Any:  # noqa: ANN401 - Spark is optional
            from pyspark.sql import functions  # noqa: PLC0415 - optional

            return rows.where(functions.expr(key).isin(list(values)))

        self._copy(into, columns, choose)
        del zone  # the session has it

    def copy_all(
        self,
        into: duckdb.DuckDBPyConnection,
        columns: Sequence[Column],
        zone: tzinfo,
        *,
        at_most: int | None = None,
    ) -> None:
        """Create the table `delivery` from every row, or the first `at_most`; raises as `copy_rows`."""
        self._copy(into, columns, lambda rows: rows if at_most is None else rows.limit(at_most))
        del zone  # the session has it

    def _copy(
        self, into: duckdb.DuckDBPyConnection, columns: Sequence[Column], choose: Callable[[Any], Any]
    ) -> None:
        selected = [_cast_column(column.name, column.type) for column in columns]
        create_empty_table(into, columns)
        arrow = self._guard_call(lambda rows: choose(rows).selectExpr(*selected).toArrow())
        into.register(_ARRIVED, arrow)
        try:
            _insert_rows(into, columns)
        finally:
            into.unregister(_ARRIVED)

    @contextmanager
    def open_rows(
        self, columns: Sequence[Column], column: str, values: Sequence[object], limit: timedelta
    ) -> Iterator[OpenRows]:
        """Yield the rows whose column `column` holds one of `values`; Spark answers every statement about them.

        Args:
            columns: of the table.
            column: that of the period.
            values: as `read_distinct` returns them.
            limit: what one statement may take.

        Raises:
            DeliveryError: Spark cannot be reached.
        """
        view = f"ketenwacht_rows_{next(_VIEWS)}"
        session = self._guard_session(lambda session: session)  # the view is in this one, also when it stops
        self._guard_call(lambda rows: rows.createOrReplaceTempView(view))
        shown = ", ".join(cast_column(SPARK, one, self.zone) for one in columns)
        key, kind = quote_name(column), next(one.type for one in columns if one.name == column)
        key = SPARK.text.format(key) if kind == "timestamp" else key
        listed = ", ".join(str(one) if kind == "integer" else quote_text(str(one)) for one in values)
        chosen = f"{key} IN ({listed})" if values else "false"
        select = f"SELECT {shown} FROM {view} WHERE {chosen}"  # noqa: S608 - quoted
        try:
            yield OpenRows(
                SPARK,
                tuple(columns),
                schema_of_columns(columns),
                select,
                partial(self._ask, session, limit),
                partial(self._ask_signed, session, limit),
            )
        finally:
            with suppress(KetenwachtError):
                self._guard_session(lambda session: session.catalog.dropTempView(view), session)

    def _ask(self, session: Any, limit: timedelta, sql: str) -> Answer:  # noqa: ANN401 - Spark is optional
        """Run one statement; raises as `OpenRows.run`."""
        stopped: list[bool] = []

        def work(session: Any) -> Answer:  # noqa: ANN401 - as above
            tag = f"ketenwacht-{next(_VIEWS)}"

            def stop() -> None:
                stopped.append(True)
                session.interruptTag(tag)

            timer = Timer(limit.total_seconds(), stop)
            session.addTag(tag)
            timer.start()
            try:
                answer = session.sql(sql)
                return answer.columns, [tuple(row) for row in answer.collect()]
            finally:
                timer.cancel()
                session.removeTag(tag)

        try:
            return guard_plugin_call(lambda: self._run(work, session), EngineError)
        except EngineError as error:
            cause = str(error)
        except (ConfigError, DeliveryError) as error:  # a table or file that is not there any more
            cause = type(error).__name__
        _session.cache_clear()  # the next statement starts another when this one is gone
        if stopped:
            raise StatementTimeout(StatementTimeout.__name__)
        raise EngineError(cause)

    def _ask_signed(
        self,
        session: Any,  # noqa: ANN401 - as above
        limit: timedelta,
        sql: str,
        pads: Sequence[Pads],
    ) -> Answer:
        """Run one statement that signs; raises as `OpenRows.run`.

        The keys are rows of a view. Spark writes a bound parameter into the plan, which its pages and event log
        show; of a view of rows they show the names of the columns.
        """
        view = f"ketenwacht_keys_{next(_VIEWS)}"
        columns = [f"{name}_{i} BINARY" for i in range(len(pads)) for name in ("inner_key", "outer_key")]

        def hold(session: Any) -> None:  # noqa: ANN401 - as above
            held = session.createDataFrame([tuple(key for pair in pads for key in pair)], ", ".join(columns))
            held.createOrReplaceTempView(view)

        self._guard_session(hold, session)
        sql = name_pads(sql, pads, lambda name, number: f"k.{name}_{number}", f" CROSS JOIN {view} AS k")
        try:
            return self._ask(session, limit, sql)
        finally:
            with suppress(KetenwachtError):
                self._guard_session(lambda session: session.catalog.dropTempView(view), session)

    def _guard_call(self, work: Callable[[Any], T]) -> T:
        """Return `work(rows)`; turn an exception of Spark into our error without its message."""
        return self._guard_session(lambda session: work(self._rows(session)))

    def _guard_session(self, work: Callable[[Any], T], session: Any = None) -> T:  # noqa: ANN401 - Spark is optional
        """Return `work(session)`; turn an exception of Spark into our error without its message."""
        return guard_plugin_call(lambda: self._run(work, session), _failure)

    def _run(self, work: Callable[[Any], T], session: Any) -> T:  # noqa: ANN401 - Spark is optional
        try:
            if session is None:
                options = tuple(sorted(self.source.options.items()))
                session = _session(self.source.remote, self.source.master, options)
            for name, value in (*_ANSI, ("spark.sql.session.timeZone", str(self.zone))):
                session.conf.set(name, value)
            return work(session)
        except _spark_errors() as error:
            explained = _explain(error, self)
            if explained is None:
                raise
        raise explained

    def _rows(self, session: Any) -> Any:  # noqa: ANN401 - Spark is optional
        if self.path is None:
            return session.read.table(self.source.table)
        return session.read.format(self.source.format).load(self.path)

    def _setting(self, name: str) -> str:
        return f"feeds.{self.feed}.source.{name}"


def spark_table(feed: str, source: SparkSource, root: Path, zone: tzinfo) -> SparkTable:
    """Return a table or path to read by Spark; this starts nothing.

    Raises:
        ConfigError: Spark is not installed, or the source has not exactly one of `table` and `path`.
    """
    setting = f"feeds.{feed}.source"
    if (source.table is None) == (source.path is None):
        raise ConfigError(setting, "there is no `table` or `path`, or there are both", "set one of the two")
    if importlib.util.find_spec("pyspark") is None:
        raise ConfigError(f"{setting}.kind", "pyspark is not installed", install_command("spark"))
    for name in (source.period_column, source.count_column):
        if source.columns and name is not None and name not in source.columns:
            raise ConfigError(f"{setting}.columns", f"`{name}` is not in the list", "add it, or remove `columns`")
    path = source.path
    if path is not None and "://" not in path:
        path = str((root / path).resolve()) if source.remote is None else path
    return SparkTable(feed, source, path, zone)


@cache
def _session(remote: str | None, master: str, options: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401 - Spark is optional
    """Return a session, which lives as long as the process: starting one takes seconds."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - optional, and slow to import

    for name in _LOGGERS:  # each message quotes the value that did not fit
        logging.getLogger(name).disabled = True
    builder: Any = SparkSession.builder
    builder = builder.remote(remote) if remote is not None else builder.master(master)
    session = builder.config(map={**({} if remote else _QUIET), **dict(options)}).getOrCreate()
    if remote is None:
        session.sparkContext.setLogLevel("OFF")  # its log would quote rows
    return session


def _failure(cause: str) -> DeliveryError:
    return make_delivery_error(DeliveryError, Statement("delivery.spark_failed", {"cause": Text.of(cause)}))


def _spark_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions of Spark that name their condition; () where it is not installed."""
    if importlib.util.find_spec("pyspark") is None:
        return ()
    from pyspark.errors import PySparkException  # noqa: PLC0415 - optional, and slow to import

    return (PySparkException,)


def _explain(error: Exception, table: SparkTable) -> KetenwachtError | None:
    """Return our error for a known Spark error condition; None for any other."""
    condition = getattr(error, "getCondition", lambda: None)()
    if condition == "JAVA_GATEWAY_EXITED":
        return make_delivery_error(DeliveryError, Statement("delivery.spark_missing"))
    if condition in _NOT_FOUND:
        setting = "table" if table.path is None else "path"
        where = table._setting(setting)  # noqa: SLF001 - of the same module
        return MissingTableError(where, f"there is no such {setting}", "name one that Spark can read")
    return None


def _insert_rows(into: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> None:
    """Insert rows from Arrow into the table; cast each value strictly to its type."""
    cells = ", ".join(f"CAST({quote_name(one.name)} AS {KINDS[one.type].duckdb})" for one in columns)
    sql = f"INSERT INTO {TABLE} SELECT {cells} FROM {_ARRIVED}"  # noqa: S608 - names are quoted
    guard_read(
        "delivery.rows_not_read",
        lambda: into.execute(sql),
        why=lambda: Statement("delivery.values_of_other_types"),
    )
    texts = [one.name for one in columns if one.type == "text"]
    if not texts:
        return
    has_nul = ", ".join(f"bool_or(contains({quote_name(name)}, chr(0)))" for name in texts)
    (found,) = into.execute(f"SELECT {has_nul} FROM {TABLE}").fetchall()  # noqa: S608 - names are quoted
    for name, holds in zip(texts, found, strict=True):
        if holds:
            number = [one.name for one in columns].index(name) + 1
            raise unreadable("delivery.value_nul", column=Amount(number))


def _type_name(spark_type: str) -> str:
    if spark_type.startswith("decimal(") and spark_type.endswith(",0)"):
        return "integer"
    word = spark_type.partition("(")[0].partition("<")[0]
    return _TYPES.get(word, "text")


def _cast_column(name: str, kind: str) -> str:
    value = _CASTS.get(kind, "{}").format(_quote_name(name))
    return f"{value} AS {_quote_name(name)}"
