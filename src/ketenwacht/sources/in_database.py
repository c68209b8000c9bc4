"""Opens the rows of a delivery where they are, in one read-only transaction, without a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ketenwacht.dialects import Dialect, Schema, find_dialect
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Name, Statement, Term
from ketenwacht.errors import ConfigError, DeliveryError, EngineError, StatementTimeout
from ketenwacht.messages.formatter import make_delivery_error, unreadable
from ketenwacht.sql import quote_name, quote_text

from .columns import KINDS
from .database import SourceDatabase

STATEMENT_LIMIT = timedelta(seconds=48)
"""What one statement may take by default: a pattern of a suite can keep a database busy for ever."""
Answer = tuple[Sequence[str], Sequence[Sequence[object]]]
"""The names of the columns of an answer, and its rows."""


class KeysShownError(ConfigError):
    """Keys cannot be signed in a database, since its server would show them to others."""


_KEYS = ("inner_key", "outer_key")
Pads = tuple[bytes, bytes]
"""The inner and the outer padded key of HMAC; as secret as the key."""
PADS = "{keys}"
"""Stands at the end of the FROM of a statement that signs, for the table that holds the keys."""


def inner(number: int) -> str:
    """Return what stands for an inner padded key in a statement that signs."""
    return f"{{inner key {number}}}"


def outer(number: int) -> str:
    """Return what stands for an outer padded key in a statement that signs."""
    return f"{{outer key {number}}}"


def name_pads(sql: str, pads: Sequence[Pads], name: Callable[[str, int], str], table: str) -> str:
    """Return a statement that signs with the names of the keys in place of their marks."""
    for number in range(len(pads)):
        sql = sql.replace(inner(number), name("inner_key", number)).replace(
            outer(number), name("outer_key", number)
        )
    return sql.replace(PADS, table)


@dataclass(frozen=True, slots=True)
class OpenRows:
    """The rows of one delivery, open where they are; build it with `open_rows_in_place`.

    Attributes:
        dialect: of the database.
        columns: of the table.
        schema: (name, DuckDB type) of each column, as a copy would have them.
        select: the rows as SQL.
        run: runs a statement of the database; raises EngineError with the class of its error, StatementTimeout
            when it was stopped. A failure leaves the transaction as it was.
        run_signed: runs a statement that signs, in which the marks of `inner`, `outer` and `PADS` stand for the
            padded keys, as parameters; raises as `run`, and ConfigError where the server would show them.
    """

    dialect: Dialect
    columns: tuple[Column, ...]
    schema: Schema
    select: str = field(repr=False)  # a period is the only value of a row in it
    run: Callable[[str], Answer] = field(repr=False)
    run_signed: Callable[[str, Sequence[Pads]], Answer] = field(repr=False)
    _faults: list[DeliveryError] = field(default_factory=list, repr=False)
    _slow: set[str] = field(default_factory=set, repr=False)  # statements that were stopped; not asked again

    def query(self, sql: str) -> Answer:
        """Run one statement in standard SQL; a failure leaves the transaction as it was.

        Raises:
            StatementTimeout: it took longer than the limit, now or before.
            EngineError: with the class of the database's error, whose text may quote a value.
            DeliveryError: the connection, or the right to read the rows, was lost.
        """
        self.raise_fault()
        if sql in self._slow:
            raise StatementTimeout(StatementTimeout.__name__)
        try:
            return self.run(self.dialect.respell(sql))
        except StatementTimeout:
            self._slow.add(sql)
            raise
        except EngineError as error:
            refused = error
        self._check_reach()
        raise refused

    def query_signed(self, sql: str, pads: Sequence[Pads]) -> Answer:
        """Run one statement that signs, in standard SQL; raises as `query`, and ConfigError as `run_signed`."""
        self.raise_fault()
        try:
            return self.run_signed(self.dialect.respell(sql), pads)
        except EngineError as error:
            refused = error
        self._check_reach()
        raise refused

    def _check_reach(self) -> None:
        """Note a fault when the rows cannot be read any more: a refused statement must not hide it.

        One statement that needs every column and no row tells a revoked right or a changed table from an
        expectation that the database refuses; one without a table tells them from a lost connection.
        """
        for code, probe in (
            ("delivery.connection_lost", "SELECT 1"),
            ("delivery.rows_out_of_reach", f"SELECT * FROM ({self.select}) AS d WHERE 1 = 0"),  # noqa: S608 - quoted
        ):
            try:
                self.run(self.dialect.respell(probe))
            except EngineError as error:
                fault = make_delivery_error(DeliveryError, Statement(code, {"cause": Name(str(error))}))
                self._faults.append(fault)
                break
        self.raise_fault()

    def raise_fault(self) -> None:
        """Raise DeliveryError when the rows got out of reach, so that nothing of the delivery is recorded.

        Great Expectations swallows what a statement raises; so this is asked again at the end.
        """
        if self._faults:
            raise self._faults[0]

    def digest(self, *, empty: bool = False) -> str:
        """Return a SHA-256 (hexadecimal) of the rows; the rows stay in their database.

        Args:
            empty: whether the sender declares that there are none.

        Raises:
            UnreadableDelivery: a value is not of its column's type, or the rows cannot be read or are gone.
        """
        types = {column.name: column.type for column in self.columns}
        cells = " || ".join(
            f"CASE WHEN {quote_name(name)} IS NULL THEN '' "
            f"ELSE {quote_text(name)} || {_cell(self.dialect, quote_name(name), kind)} END"
            for name, kind in sorted(types.items())
        )
        rows = f"SELECT {cells} AS cells FROM ({self.select}) AS d"  # noqa: S608 - names are quoted
        try:
            self._check_types()
            summed = str(self.query(self.dialect.row_hash.format(rows=rows))[1][0][0])
        except StatementTimeout:
            raise unreadable("delivery.statement_took_time") from None
        except EngineError as error:
            raise unreadable("delivery.rows_not_read", cause=Name(str(error))) from None
        if not empty and summed.partition(":")[0] in {"0", "None"}:
            raise unreadable("delivery.gone_from_table")
        return sha256(summed.encode()).hexdigest()

    def _check_types(self) -> None:
        """Raise UnreadableDelivery for a value that a copy would refuse, but the database accepts."""
        known = self.dialect.rules
        rules = {n: known[column.type] for n, column in enumerate(self.columns) if column.type in known}
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


def _cell(dialect: Dialect, column: str, kind: str) -> str:
    """Return SQL for a non-null value as text with its length, so that different rows never give one text."""
    text = dialect.hex_text.format(column) if kind == "binary" else dialect.text.format(column)
    return f"'=' || {dialect.text.format(f'length({text})')} || ':' || {text} || ';'"


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
        dialect = find_dialect(database.dialect)
        assert dialect is not None  # noqa: S101 - the choice of an engine has found it
        spoken = dialect.key_of(connection)
        if spoken != dialect.name:  # one driver may reach servers of several kinds
            what = f"this server speaks `{spoken}`, and `engine: sql` judges rows in `{dialect.name}`"
            raise ConfigError(database.where, what, "take `engine: duckdb`, which copies the rows")
        begin, compiler = dialect.begin, dialect.compiler()
        database.guard_call(lambda: begin(connection, limit))
        shown = [cast_column(dialect, column, zone) for column in columns]
        statement: sa.Select[Any] = sa.select(sa.literal_column(", ".join(shown))).select_from(
            database.table_clause
        )
        statement = statement.where(database.guard_call(lambda: condition(connection)))
        text = str(statement.compile(dialect=compiler, compile_kwargs={"literal_binds": True}))
        runner = _Runner(connection, dialect, limit)
        yield OpenRows(dialect, tuple(columns), schema_of_columns(columns), text, runner.run, runner.run_signed)


def schema_of_columns(columns: Sequence[Column]) -> Schema:
    """Return (name, DuckDB type) of each column, as a copy would have them."""
    return tuple((column.name, KINDS[column.type].duckdb) for column in columns)


def cast_column(dialect: Dialect, column: Column, zone: tzinfo) -> str:
    """Return SQL for a column, each value as a copy would hold it."""
    name = quote_name(column.name)
    rule = dialect.casts.get(column.type)
    return name if rule is None else f"{rule.format(name, zone=quote_text(str(zone)))} AS {name}"


@dataclass(frozen=True, slots=True)
class _Runner:
    """Runs statements on one connection, within its transaction."""

    connection: sa.Connection
    dialect: Dialect
    limit: timedelta

    def run(self, sql: str) -> Answer:
        """See `OpenRows.run`."""
        # Without parameters, a driver does not interpret percent signs.
        plain = self.connection.execution_options(no_parameters=True)
        return self._run(lambda: plain.exec_driver_sql(sql))

    def run_signed(self, sql: str, pads: Sequence[Pads]) -> Answer:
        """See `OpenRows.run_signed`: the keys are bound, so that the text of the statement has none."""
        reason = self.dialect.shows_parameters(self.connection)
        if reason is not None:
            what = f"keys cannot be signed in the database: {reason}"
            mend = "change that for this user, or leave `engine` out, so that the rows are copied"
            raise KeysShownError(f"the database {self.connection.engine.dialect.name}", what, mend)
        text = sql.replace(":", "\\:")
        text = name_pads(text, pads, lambda name, number: f":{name}_{number}", "")
        bound = {f"{name}_{i}": key for i, pair in enumerate(pads) for name, key in zip(_KEYS, pair, strict=True)}
        return self._run(lambda: self.connection.execute(sa.text(text), bound))

    def _run(self, ask: Callable[[], sa.CursorResult[Any]]) -> Answer:
        try:
            limited = self.dialect.limit(self.connection, self.limit)
            undone = self.connection.begin_nested() if self.dialect.savepoints else nullcontext()
            with undone, limited:
                result = ask()
                return list(result.keys()), result.fetchall()
        except SQLAlchemyError as error:
            refused = type(error).__name__
            late = isinstance(error, DBAPIError) and self.dialect.is_timeout(error.orig or error)
        if not self.dialect.savepoints:
            self.connection.rollback()
        if late:
            raise StatementTimeout(StatementTimeout.__name__)
        raise EngineError(refused)
