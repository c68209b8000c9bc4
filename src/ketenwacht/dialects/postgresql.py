"""PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .base import Dialect, build_compiler

if TYPE_CHECKING:
    import sqlalchemy as sa

_CANCELLED = "57014"  # SQLSTATE of a statement that went over statement_timeout


def _compiler() -> sa.Dialect:
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - only where it is used

    return build_compiler(postgresql.dialect)


def _begin(connection: sa.Connection, limit: timedelta) -> None:
    milliseconds = limit // timedelta(milliseconds=1)
    for setting in (
        "datestyle = 'ISO, YMD'",
        "extra_float_digits = 1",
        "intervalstyle = 'postgres'",
        f"statement_timeout = {milliseconds}",
    ):
        connection.exec_driver_sql(f"SET LOCAL {setting}")


POSTGRESQL = Dialect(
    name="postgresql",
    compiler=_compiler,
    number="CAST({} AS DOUBLE PRECISION)",
    whole="(btrim({}) ~ '^[0-9]+([.]0)?$')",
    trim="btrim({}, {})",
    text="CAST({} AS TEXT)",
    texts={"DOUBLE": "CASE WHEN {0} = trunc({0}) THEN {0}::text || '.0' ELSE {0}::text END"},
    # Not materialised: it would otherwise copy the rows once a statement, and read all columns.
    with_rows="WITH {name} AS NOT MATERIALIZED ({select})",
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
    begin=_begin,
    is_timeout=lambda error: getattr(error, "sqlstate", None) == _CANCELLED,
    isolation="REPEATABLE READ",
)
