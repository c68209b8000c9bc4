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
        "plan_cache_mode = 'force_generic_plan'",  # a plan shows `$1`, never the value of a parameter
    ):
        connection.exec_driver_sql(f"SET LOCAL {setting}")


_LOGS = {
    "log_statement": {"none", "ddl", "mod"},
    "log_min_duration_statement": {"-1"},
    "log_min_duration_sample": {"-1"},
    "log_transaction_sample_rate": {"0"},
    "log_parameter_max_length_on_error": {"0"},
    "auto_explain.log_min_duration": {"-1"},
    "debug_print_parse": {"off"},
    "debug_print_rewritten": {"off"},
    "debug_print_plan": {"off"},
    "pgaudit.log_parameter": {"off"},
}
"""Setting → the values with which no parameter of a SELECT reaches the server's log; a setting may be absent."""
_SILENCED = "log_parameter_max_length"
_BY_PARAMETER = frozenset(
    {"log_statement", "log_min_duration_statement", "log_min_duration_sample", "log_transaction_sample_rate"}
)
"""Settings that log parameters only as far as `_SILENCED` allows."""


def _shows_parameters(connection: sa.Connection) -> str | None:
    """Return the setting or driver by which a parameter would be seen by whoever reads the server's log."""
    if connection.dialect.driver not in {"psycopg", "asyncpg"}:
        return f"the driver {connection.dialect.driver} writes parameters into the text of a statement"
    names = ", ".join(f"current_setting('{name}', true)" for name in (*_LOGS, _SILENCED))
    found = connection.exec_driver_sql(f"SELECT {names}").fetchone()
    values = dict(zip((*_LOGS, _SILENCED), found or (), strict=True))
    for name, harmless in _LOGS.items():
        silenced = name in _BY_PARAMETER and values[_SILENCED] in {"0", "0B"}
        if values[name] not in {None, "", *harmless} and not silenced:
            return f"the server has {name} = {values[name]}, which puts parameters into its log"
    return None


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
    hmac="encode(sha256({outer} || sha256({inner} || convert_to({text}, 'UTF8'))), 'hex')",
    octets="octet_length(convert_to({}, 'UTF8'))",
    shows_parameters=_shows_parameters,
    day_number="(CAST({} AS DATE) - DATE '1970-01-01')",
    by_bytes='({}) COLLATE "C"',
    is_timeout=lambda error: getattr(error, "sqlstate", None) == _CANCELLED,
    isolation="REPEATABLE READ",
)
