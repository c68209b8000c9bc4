"""SQLite: it has no dates, no strict types and no hashes, so rules and functions of ours add them."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from hashlib import md5
from math import sqrt
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any

from ketenwacht.errors import StatementTimeout

from .base import Dialect, build_compiler

if TYPE_CHECKING:
    import sqlalchemy as sa

_STEPS = 100_000  # instructions between two looks at the clock


def _compiler() -> sa.Dialect:
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - only where it is used

    return build_compiler(sqlite.dialect)


_CASTS: Mapping[str, str] = {
    "number": "CASE WHEN typeof({0}) = 'integer' THEN CAST({0} AS REAL) ELSE {0} END",
    # SQLAlchemy stores microseconds also when they are 0.
    "timestamp": "replace({0}, '.000000', '')",
}
_DAY = "typeof({0}) = 'text' AND date({0}, '+0 days') IS {0}"  # SQLite would turn an invalid day into another
_RULES: Mapping[str, str] = {
    "text": "typeof({0}) IN ('text', 'null') AND instr({0}, char(0)) IS NOT TRUE",
    "integer": "typeof({0}) IN ('integer', 'null')",
    "number": "typeof({0}) IN ('integer', 'real', 'null')",
    "boolean": "{0} IS NULL OR (typeof({0}) = 'integer' AND {0} IN (0, 1))",
    "date": f"{{0}} IS NULL OR ({_DAY})",
    "timestamp": "{0} IS NULL OR (typeof({0}) = 'text' AND datetime({0}) IS NOT NULL "
    "AND date({0}, '+0 days') IS substr({0}, 1, 10))",
}
"""Our type → the rule that every value of such a column must meet, as a copy would require."""

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)
_HASH_WIDTH = 2**64


def _begin(connection: sa.Connection, limit: timedelta) -> None:
    """Begin a transaction in which all statements see one state, and add the functions that SQLite lacks."""
    del limit  # SQLite knows none: see `_limit`
    raw: Any = connection.connection.driver_connection
    raw.create_aggregate("sum_of_hashes", 1, _SumOfHashes)
    raw.create_function("strict_number", 1, _strict_number, deterministic=True)
    raw.create_function(
        "sqrt", 1, sqrt, deterministic=True
    )  # Great Expectations needs it for a standard deviation
    connection.exec_driver_sql("PRAGMA case_sensitive_like = ON")  # as in the other databases
    connection.exec_driver_sql("BEGIN")


@contextmanager
def _limit(connection: sa.Connection, limit: timedelta) -> Iterator[None]:
    """Stop a statement of SQLite after a limit.

    SQLite looks at the clock between instructions. It matches regular expressions by Python's `re`, which a signal
    interrupts; only the main thread of a process gets one, and deliveries are measured there.
    """
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - only where it is used

    raw: Any = connection.connection.driver_connection
    deadline = monotonic() + limit.total_seconds()
    raw.set_progress_handler(lambda: monotonic() > deadline, _STEPS)
    main = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
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
    if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
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


SQLITE = Dialect(
    name="sqlite",
    compiler=_compiler,
    number="strict_number({})",  # our own function: SQLite's cast turns a text that is not a number into 0
    whole="(replace(trim({0}) || ';', '.0;', ';') NOT GLOB '*[^0-9;]*' AND trim({0}) NOT LIKE '%;%' "
    "AND trim({0}) <> '')",
    text="CAST({} AS TEXT)",
    texts={"BOOLEAN": "CASE WHEN {0} IS NULL THEN NULL WHEN {0} THEN 'true' ELSE 'false' END"},
    grouping_sets=False,
    with_rows="WITH {name} AS NOT MATERIALIZED ({select})",
    casts=_CASTS,
    row_hash="SELECT sum_of_hashes(cells) FROM ({rows}) AS r",
    rules=_RULES,
    begin=_begin,
    limit=_limit,
)
