"""Opens the rows of a delivery in their own database, in one read-only transaction, without a copy."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from hashlib import md5, sha256
from math import sqrt
from time import monotonic
from types import FrameType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Name, Term
from ketenwacht.errors import EngineError, StatementTimeout
from ketenwacht.messages.formatter import unreadable
from ketenwacht.sql import quote_name, quote_text

from .columns import KINDS
from .database import SourceDatabase

Schema = tuple[tuple[str, str], ...]
STATEMENT_LIMIT = timedelta(seconds=48)
"""What one statement may take by default: a pattern of a suite can keep a database busy for ever."""
_CANCELLED = "57014"  # PostgreSQL's SQLSTATE of a statement that went over statement_timeout
_STEPS = 100_000  # instructions of SQLite between two looks at the clock


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """The SQL by which one kind of database shows rows as a copy in DuckDB has them.

    Attributes:
        begin: starts a transaction in which all statements see one state, values read the same on every
            server, and each statement is stopped after a limit.
        limit: limits one statement, where `begin` cannot.
        casts: our type → SQL for the value of a quoted column `{0}`; `{zone}` is the time zone of the feed.
        hex_text: SQL for the bytes of a quoted column as text.
        row_hash: SQL that hashes a query of rows (one text `cells` each), independent of their order.
        rules: our type → a condition on a quoted column, where the database itself does not enforce the type.
    """

    begin: Callable[[sa.Connection, timedelta], None]
    casts: Mapping[str, str]
    hex_text: str
    row_hash: str
    rules: Mapping[str, str] = field(default_factory=dict)
    limit: Callable[[sa.Connection, timedelta], AbstractContextManager[object]] = lambda *_: nullcontext()


def _begin_postgresql(connection: sa.Connection, limit: timedelta) -> None:
    milliseconds = limit // timedelta(milliseconds=1)
    for setting in (
        "datestyle = 'ISO, YMD'",
        "extra_float_digits = 1",
        "intervalstyle = 'postgres'",
        f"statement_timeout = {milliseconds}",
    ):
        connection.exec_driver_sql(f"SET LOCAL {setting}")


_POSTGRESQL = SourceLocation(
    begin=_begin_postgresql,
    casts={
        # DuckDB sorts and compares by code point. The padding of char(n) stays, as in the values of the driver.
        "text": 'CASE WHEN {0} IS NOT NULL THEN concat({0}) END COLLATE "C"',
        "json": 'CAST({0} AS TEXT) COLLATE "C"',
        "integer": "CAST({0} AS BIGINT)",
        "number": "CAST({0} AS DOUBLE PRECISION)",
        "timestamp": "CAST({0} AT TIME ZONE {zone} AS TIMESTAMP)",
    },
    hex_text="encode({0}, 'hex')",
    # A sum of hashes does not depend on the order of rows, so nothing is sorted or stored.
    row_hash=(
        "SELECT concat_ws(':', count(*), sum(CAST(CAST('x' || left(h, 16) AS BIT(64)) AS BIGINT)), "
        "sum(CAST(CAST('x' || right(h, 16) AS BIT(64)) AS BIGINT))) "
        "FROM (SELECT md5(cells) AS h FROM ({rows}) AS r) AS s"
    ),
)
# SQLite has no dates, no strict types and no hashes: the rules and functions below add them.

_SQLITE_CASTS: Mapping[str, str] = {
    "number": "CASE WHEN typeof({0}) = 'integer' THEN CAST({0} AS REAL) ELSE {0} END",
    # SQLAlchemy stores microseconds also when they are 0.
    "timestamp": "replace({0}, '.000000', '')",
}
_SQLITE_DAY = (
    "typeof({0}) = 'text' AND date({0}, '+0 days') IS {0}"  # SQLite would turn an invalid day into another
)
_SQLITE_RULES: Mapping[str, str] = {
    "text": "typeof({0}) IN ('text', 'null') AND instr({0}, char(0)) IS NOT TRUE",
    "integer": "typeof({0}) IN ('integer', 'null')",
    "number": "typeof({0}) IN ('integer', 'real', 'null')",
    "boolean": "{0} IS NULL OR (typeof({0}) = 'integer' AND {0} IN (0, 1))",
    "date": f"{{0}} IS NULL OR ({_SQLITE_DAY})",
    "timestamp": "{0} IS NULL OR (typeof({0}) = 'text' AND datetime({0}) IS NOT NULL "
    "AND date({0}, '+0 days') IS substr({0}, 1, 10))",
}
"""Our type → the rule that every value of such a column must meet, as a copy would require."""

_SQLITE_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)
_HASH_WIDTH = 2**64


def _begin_sqlite(connection: sa.Connection, limit: timedelta) -> None:
    """Begin a transaction in which all statements see one state, and add the functions that SQLite lacks."""
    del limit  # SQLite knows none: see `_limit_sqlite`
    raw: Any = connection.connection.driver_connection
    raw.create_aggregate("sum_of_hashes", 1, _SumOfHashes)
    raw.create_function("strict_number", 1, _strict_number, deterministic=True)
    raw.create_function(
        "sqrt", 1, sqrt, deterministic=True
    )  # Great Expectations needs it for a standard deviation
    connection.exec_driver_sql("PRAGMA case_sensitive_like = ON")  # as in the other databases
    connection.exec_driver_sql("BEGIN")


@contextmanager
def _limit_sqlite(connection: sa.Connection, limit: timedelta) -> Iterator[None]:
    """Stop a statement of SQLite after a limit.

    SQLite looks at the clock between instructions. It matches regular expressions by Python's `re`, which a signal
    interrupts; only the main thread of a process gets one, and deliveries are measured there.
    """
    raw: Any = connection.connection.driver_connection
    deadline = monotonic() + limit.total_seconds()
    raw.set_progress_handler(lambda: monotonic() > deadline, _STEPS)
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGALRM, _interrupt) if main else None
    try:
        if main:
            signal.setitimer(signal.ITIMER_REAL, limit.total_seconds())
        yield
    except (SQLAlchemyError, TimeoutError):
        if monotonic() < deadline:
            raise
        late = True
    else:
        late = False
    finally:
        if main:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        raw.set_progress_handler(None, 0)
    if late:
        raise StatementTimeout(StatementTimeout.__name__)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise TimeoutError


def _strict_number(value: object) -> float | None:
    """Return a value as a number; raise ValueError for a text that is not one, which SQLite would cast to 0."""
    if value is None:
        return None
    if isinstance(value, str) and _SQLITE_NUMBER.fullmatch(value) is None:
        raise ValueError
    return float(value)  # type: ignore[arg-type]


class _SumOfHashes:
    """Adds up the hashes of texts; their order does not matter."""

    def __init__(self) -> None:
        self.rows, self.left, self.right = 0, 0, 0

    def step(self, text: str) -> None:
        digest = md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).digest()
        self.rows += 1
        self.left += int.from_bytes(digest[:8], "big")
        self.right += int.from_bytes(digest[8:], "big")

    def finalize(self) -> str:
        return f"{self.rows}:{self.left % _HASH_WIDTH}:{self.right % _HASH_WIDTH}"


_SQLITE = SourceLocation(
    begin=_begin_sqlite,
    casts=_SQLITE_CASTS,
    hex_text="hex({0})",
    row_hash="SELECT sum_of_hashes(cells) FROM ({rows}) AS r",
    rules=_SQLITE_RULES,
    limit=_limit_sqlite,
)
LOCATIONS: Mapping[str, SourceLocation] = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE}
"""Dialect → the SQL for rows that stay in such a database."""


@dataclass(frozen=True, slots=True)
class OpenRows:
    """The rows of one delivery in an open transaction; build it with `open_rows_in_place`.

    Attributes:
        connection: every statement on it sees one state of the database.
        dialect: of the database, as SQLAlchemy calls it.
        columns: of the table.
        schema: (name, DuckDB type) of each column, as a copy would have them.
        select: the rows as SQL.
        limit: what one statement may take.
    """

    connection: sa.Connection
    dialect: str
    columns: tuple[Column, ...]
    schema: Schema
    select: str = field(repr=False)  # a period is the only value of a row in it
    limit: timedelta = STATEMENT_LIMIT
    _slow: set[str] = field(default_factory=set, repr=False)  # statements that were stopped; not asked again

    def query(self, sql: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        """Run one statement; a failure leaves the transaction as it was.

        Raises:
            StatementTimeout: it took longer than the limit, now or before.
            EngineError: with the class of the database's error, whose text may quote a value.
        """
        if sql in self._slow:
            raise StatementTimeout(StatementTimeout.__name__)
        try:
            limited = LOCATIONS[self.dialect].limit(self.connection, self.limit)
            with self.connection.begin_nested(), limited:
                # Without parameters, a driver does not interpret percent signs.
                plain = self.connection.execution_options(no_parameters=True)
                result = plain.exec_driver_sql(sql)
                return list(result.keys()), result.fetchall()
        except StatementTimeout:
            self._slow.add(sql)
            raise
        except SQLAlchemyError as error:
            refused = type(error).__name__
            late = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _CANCELLED
        if late:
            self._slow.add(sql)
            raise StatementTimeout(StatementTimeout.__name__)
        raise EngineError(refused)

    def digest(self) -> str:
        """Return a SHA-256 (hexadecimal) of the rows; the rows stay in their database.

        Raises:
            UnreadableDelivery: a value is not of its column's type, or the rows cannot be read.
        """
        location = LOCATIONS[self.dialect]
        types = {column.name: column.type for column in self.columns}
        cells = " || ".join(
            f"CASE WHEN {column} IS NULL THEN '' ELSE {quote_text(name)} || {_cell(location, column, kind)} END"
            for name, column, kind in sorted((name, quote_name(name), kind) for name, kind in types.items())
        )
        rows = f"SELECT {cells} AS cells FROM ({self.select}) AS d"  # noqa: S608 - names are quoted
        try:
            self._check_types(location)
            summed = str(self.query(location.row_hash.format(rows=rows))[1][0][0])
        except StatementTimeout:
            raise unreadable("delivery.statement_took_time") from None
        except EngineError as error:
            raise unreadable("delivery.rows_not_read", cause=Name(str(error))) from None
        if summed.partition(":")[0] in {"0", "None"}:
            raise unreadable("delivery.gone_from_table")
        return sha256(summed.encode()).hexdigest()

    def _check_types(self, location: SourceLocation) -> None:
        """Raise UnreadableDelivery for a value that a copy would refuse, but the database accepts."""
        rules = {n: location.rules[c.type] for n, c in enumerate(self.columns) if c.type in location.rules}
        if not rules:
            return
        sums = [
            f"COALESCE(SUM(NOT ({rule.format(quote_name(self.columns[n].name))})), 0)" for n, rule in rules.items()
        ]
        found = self.query(f"SELECT {', '.join(sums)} FROM ({self.select}) AS d")[1][0]  # noqa: S608 - names are quoted
        for number, wrong in zip(rules, found, strict=True):
            if wrong:
                kind = Term(f"type.{self.columns[number].type}")
                raise unreadable("delivery.value_type", column=Amount(number + 1), type=kind)


def _cell(location: SourceLocation, column: str, kind: str) -> str:
    """Return SQL for a non-null value as text with its length, so that different rows never give one text."""
    text = location.hex_text.format(column) if kind == "binary" else f"CAST({column} AS TEXT)"
    return f"'=' || length({text}) || ':' || {text} || ';'"


@contextmanager
def open_rows_in_place(
    database: SourceDatabase,
    columns: Sequence[Column],
    condition: Callable[[sa.Connection], sa.ColumnElement[bool]],
    zone: tzinfo,
    limit: timedelta = STATEMENT_LIMIT,
) -> Iterator[OpenRows]:
    """Yield rows of a table, in one read-only transaction.

    Args:
        database: holds the table.
        columns: of the table.
        condition: returns, within the transaction, which rows to select.
        zone: for moments with an offset.
        limit: what one statement may take.
    """
    with database.connect_read_only() as connection:
        dialect = connection.dialect.name
        location = LOCATIONS[dialect]
        database.guard_call(lambda: location.begin(connection, limit))
        shown = [_cast_column(location, column, zone) for column in columns]
        statement: sa.Select[Any] = sa.select(sa.literal_column(", ".join(shown))).select_from(
            database.table_clause
        )
        statement = statement.where(database.guard_call(lambda: condition(connection)))
        text = str(statement.compile(dialect=_build_dialect(dialect), compile_kwargs={"literal_binds": True}))
        schema = tuple((column.name, KINDS[column.type].duckdb) for column in columns)
        yield OpenRows(connection, dialect, tuple(columns), schema, text, limit)


def _cast_column(location: SourceLocation, column: Column, zone: tzinfo) -> str:
    name = quote_name(column.name)
    rule = location.casts.get(column.type)
    return name if rule is None else f"{rule.format(name, zone=quote_text(str(zone)))} AS {name}"


def _build_dialect(dialect: str) -> sa.Dialect:
    """Return a dialect that compiles complete statements.

    The default parameter style would double percent signs.
    """
    kinds: dict[str, Any] = {"postgresql": postgresql.dialect, "sqlite": sqlite.dialect}
    built: sa.Dialect = kinds[dialect](paramstyle="named")
    return built
