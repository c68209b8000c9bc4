"""SQLite, asked for rows as a copy of them would be: it knows neither dates nor strict types, nor hashes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import md5
from math import sqrt
from typing import Any

import sqlalchemy as sa

SHOWN: Mapping[str, str] = {
    "number": "CASE WHEN typeof({0}) = 'integer' THEN CAST({0} AS REAL) ELSE {0} END",
    # SQLAlchemy writes microseconds that are not there.
    "timestamp": "replace({0}, '.000000', '')",
}
_DAY = "typeof({0}) = 'text' AND date({0}, '+0 days') IS {0}"  # a day that is none would become another
DOUBTED: Mapping[str, str] = {
    "text": "typeof({0}) IN ('text', 'null') AND instr({0}, char(0)) IS NOT TRUE",
    "integer": "typeof({0}) IN ('integer', 'null')",
    "number": "typeof({0}) IN ('integer', 'real', 'null')",
    "boolean": "{0} IS NULL OR (typeof({0}) = 'integer' AND {0} IN (0, 1))",
    "date": f"{{0}} IS NULL OR ({_DAY})",
    "timestamp": "{0} IS NULL OR (typeof({0}) = 'text' AND datetime({0}) IS NOT NULL "
    "AND date({0}, '+0 days') IS substr({0}, 1, 10))",
}
"""Our type → what must hold of every value of a column of it; a copy is refused where it does not."""

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)
_WIDTH = 2**64


def begin(connection: sa.Connection) -> None:
    """Begin a transaction in which all statements see one state, and teach SQLite what it lacks."""
    raw: Any = connection.connection.driver_connection
    raw.create_aggregate("sum_of_hashes", 1, _SumOfHashes)
    raw.create_function("strict_number", 1, _strict_number, deterministic=True)
    raw.create_function("sqrt", 1, sqrt, deterministic=True)  # what Great Expectations takes a deviation with
    connection.exec_driver_sql("PRAGMA case_sensitive_like = ON")  # as everywhere else
    connection.exec_driver_sql("BEGIN")


def _strict_number(value: object) -> float | None:
    """A value as a number; a text that is none is refused instead of becoming 0."""
    if value is None:
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
        raise ValueError
    return float(value)  # type: ignore[arg-type]


class _SumOfHashes:
    """Adds up the hashes of texts, so that their order does not matter."""

    def __init__(self) -> None:
        self.rows, self.left, self.right = 0, 0, 0

    def step(self, text: str) -> None:
        digest = md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).digest()
        self.rows += 1
        self.left += int.from_bytes(digest[:8], "big")
        self.right += int.from_bytes(digest[8:], "big")

    def finalize(self) -> str:
        return f"{self.rows}:{self.left % _WIDTH}:{self.right % _WIDTH}"
