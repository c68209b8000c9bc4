"""What the product knows of one kind of database: how it counts, shows rows as a copy has them, and is asked.

A dialect is one file of this package, or an entry point of another package. Everything in it is text, or a small
function; it opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy as sa

Schema = tuple[tuple[str, str], ...]
"""(name, DuckDB type) of each column, as a copy in DuckDB has them."""
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")


def _no_functions() -> object:
    return None


def _name_of(connection: sa.Connection) -> str:
    return connection.dialect.name


def _hide_all(connection: sa.Connection) -> str | None:
    del connection
    return None


def _begin_nothing(connection: sa.Connection, limit: timedelta) -> None:
    del connection, limit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dialect:
    """The SQL of one kind of database.

    The statements of this product are standard SQL: names in double quotes, texts in single quotes without
    escapes. `respell` turns them into what the database reads.

    Attributes:
        name: as SQLAlchemy calls it.
        compiler: returns the SQLAlchemy dialect that compiles complete statements, without a driver. Its parameter
            style must not double percent signs.
        functions: returns the module in which Great Expectations looks for what a database can (regular
            expressions); None: it knows the database by the name of `compiler`.
        respell: turns a statement in standard SQL into one for this database.
        number: casts a value to a floating-point number; fails on a text that is not a number.
        whole: whether a text is a whole number, written in digits with at most a last `.0`.
        trim: removes a set of characters from both ends of a text.
        text: casts a value to text.
        texts: DuckDB type → cast to text, for types whose text would differ from DuckDB's.
        grouping_sets: whether one scan can count several groupings.
        grouping: the function that tells them apart, with the first dimension in the highest bit.
        filters: whether an aggregate can have a FILTER.
        look_up: whether a long IN list is faster as a sub-select.
        with_rows: names the rows of a delivery in front of every statement: `{name}` and `{select}`.
        casts: our type → SQL for the value of a quoted column `{0}`, as a copy has it; `{zone}` is the time zone
            of the feed.
        hex_text: SQL for the bytes of a quoted column as text.
        row_hash: SQL that hashes a query `{rows}` of rows (one text `cells` each), independent of their order: a
            text that begins with the number of rows and a colon.
        rules: our type → a condition on a quoted column, where the database itself does not enforce the type.
        begin: starts a transaction in which all statements see one state, values read the same on every
            server, and each statement is stopped after a limit.
        limit: limits one statement, where `begin` cannot.
        is_timeout: whether an exception of the driver says that a statement was stopped by that limit.
        isolation: the isolation level of such a transaction; None: the default.
        savepoints: whether a refused statement can be undone by itself; else the connection begins anew.
        snapshot: whether all statements see one state; else the rows are hashed again after the last one.
        key_of: name of the dialect that the server of a connection speaks.
        hmac: SQL for the HMAC-SHA256 (64 lower hexadecimal digits) of a text `{text}`, of the two padded keys
            `{inner}` and `{outer}` (64 bytes each, RFC 2104); empty: it cannot compute one, or not without showing
            the keys to whoever reads its logs.
        octets: SQL for the length of a text in bytes of UTF-8.
        shows_parameters: why this server would show the parameters of a statement to others; None: it does not.
        day_number: SQL for the days since 1970 of an ISO date `{}` in a text; empty: register and deliveries are
            not compared inside this database.
        by_bytes: SQL for a text that compares and sorts by its bytes.
        before_comparing: statements in front of a comparison, so that it writes no text of a key to a disk here.
    """

    name: str
    compiler: Callable[[], sa.Dialect]
    functions: Callable[[], object] = _no_functions
    respell: Callable[[str], str] = str
    number: str = "CAST({} AS DOUBLE)"
    whole: str = "regexp_full_match(trim({}), '[0-9]+([.]0)?')"
    trim: str = "trim({}, {})"
    text: str = "CAST({} AS VARCHAR)"
    texts: Mapping[str, str] = field(default_factory=dict)
    grouping_sets: bool = True
    grouping: str = "GROUPING"
    filters: bool = True
    look_up: bool = False
    with_rows: str = "WITH {name} AS ({select})"
    casts: Mapping[str, str] = field(default_factory=dict)
    hex_text: str = "hex({0})"
    row_hash: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    begin: Callable[[sa.Connection, timedelta], None] = _begin_nothing
    limit: Callable[[sa.Connection, timedelta], AbstractContextManager[object]] = lambda *_: nullcontext()
    is_timeout: Callable[[BaseException], bool] = lambda _: False
    isolation: str | None = None
    savepoints: bool = True
    snapshot: bool = True
    key_of: Callable[[sa.Connection], str] = _name_of
    hmac: str = ""
    octets: str = "octet_length({})"
    shows_parameters: Callable[[sa.Connection], str | None] = _hide_all
    day_number: str = ""
    by_bytes: str = "{}"
    before_comparing: tuple[str, ...] = ()

    def cast_to_text(self, column: str, duckdb_type: str) -> str:
        """Return SQL that casts a quoted column to text."""
        return self.texts.get(duckdb_type, self.text).format(column)

    def count_if(self, condition: str) -> str:
        """Return SQL that counts the rows that meet a condition."""
        if self.filters:
            return f"COUNT(*) FILTER (WHERE {condition})"
        return f"COUNT(CASE WHEN {condition} THEN 1 END)"

    def sum_if(self, value: str, condition: str) -> str:
        """Return SQL that adds up a value over the rows that meet a condition."""
        if self.filters:
            return f"SUM({value}) FILTER (WHERE {condition})"
        return f"SUM(CASE WHEN {condition} THEN {value} END)"


def respell_with(text: Callable[[str], str], name: Callable[[str], str]) -> Callable[[str], str]:
    """Return a `respell` that writes every text and every quoted name anew.

    Args:
        text: value of a text → how the database writes it, with its quotes.
        name: name of a column or table → how the database writes it, with its quotes.
    """

    def write(found: re.Match[str]) -> str:
        quoted = found[0]
        if quoted[0] == "'":
            return text(quoted[1:-1].replace("''", "'"))
        return name(quoted[1:-1].replace('""', '"'))

    return lambda sql: _QUOTED.sub(write, sql)


def build_compiler(kind: Any, **settings: Any) -> sa.Dialect:  # noqa: ANN401 - a dialect's class, untyped in SQLAlchemy
    """Return an instance of a SQLAlchemy dialect that compiles complete statements.

    The default parameter style would double percent signs.
    """
    dialect: sa.Dialect = kind(paramstyle="named")
    for attribute, value in settings.items():
        setattr(dialect, attribute, value)
    return dialect
