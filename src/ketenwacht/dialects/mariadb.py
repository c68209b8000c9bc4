"""MariaDB, by the URLs `mariadb+pymysql://` and `mysql+pymysql://`.

A session setting makes it read standard SQL: names in double quotes, `||`, no backslash escapes.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from .base import Dialect, build_compiler

if TYPE_CHECKING:
    import sqlalchemy as sa

_STOPPED = 1969  # ER_STATEMENT_TIMEOUT
_MODE = "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO"


@cache
def _compiler() -> sa.Dialect:
    from sqlalchemy.dialects.mysql import mysqldb  # noqa: PLC0415 - only where it is used

    class Compiler(mysqldb.MySQLCompiler_mysqldb):
        def visit_length_func(self, fn: Any, **kw: Any) -> str:  # noqa: ANN401 - of SQLAlchemy
            return f"char_length{self.function_argspec(fn, **kw)}"  # its `length` counts bytes

    class CompilingMariaDb(mysqldb.MySQLDialect_mysqldb):
        statement_compiler = Compiler
        supports_statement_cache = False

    return build_compiler(CompilingMariaDb, _backslash_escapes=False)


def _functions() -> object:
    from sqlalchemy.dialects import mysql  # noqa: PLC0415 - only where it is used

    return mysql


def _begin(connection: sa.Connection, limit: timedelta) -> None:
    for setting in (f"sql_mode = '{_MODE}'", f"max_statement_time = {limit.total_seconds()}"):
        connection.exec_driver_sql(f"SET SESSION {setting}")
    connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def _key_of(connection: sa.Connection) -> str:
    return "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name


_REAL_DAY = "({0} IS NULL OR (year({0}) > 0 AND month({0}) > 0 AND dayofmonth({0}) > 0))"  # it can hold 0000-00-00

MARIADB = Dialect(
    name="mariadb",
    compiler=_compiler,
    functions=_functions,
    number="CAST({} AS DOUBLE)",
    whole="(trim({}) REGEXP '^[0-9]+([.]0)?\\z')",
    trim="regexp_replace({0}, concat('^[', {1}, ']+|[', {1}, ']+$'), '')",
    # Code points, and spaces at the end count: as in a copy.
    text="CAST({} AS CHAR) COLLATE utf8mb4_nopad_bin",
    texts={
        "DOUBLE": "CASE WHEN {0} = truncate({0}, 0) THEN concat(CAST(CAST({0} AS DECIMAL(65, 0)) AS CHAR), '.0') "
        "ELSE CAST({0} AS CHAR) END COLLATE utf8mb4_nopad_bin",
    },
    grouping_sets=False,
    filters=False,
    casts={
        "text": "CONVERT({0} USING utf8mb4) COLLATE utf8mb4_nopad_bin",
        "json": "CONVERT({0} USING utf8mb4) COLLATE utf8mb4_nopad_bin",
        "number": "CAST({0} AS DOUBLE)",
    },
    row_hash=(
        "SELECT concat_ws(':', count(*), sum(CAST(conv(left(h, 16), 16, 10) AS UNSIGNED)), "
        "sum(CAST(conv(right(h, 16), 16, 10) AS UNSIGNED))) FROM (SELECT md5(cells) AS h FROM ({rows}) AS r) AS s"
    ),
    rules={"date": _REAL_DAY, "timestamp": _REAL_DAY},
    begin=_begin,
    is_timeout=lambda error: bool(error.args) and error.args[0] == _STOPPED,
    isolation="REPEATABLE READ",
    key_of=_key_of,
)
