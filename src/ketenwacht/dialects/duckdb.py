"""DuckDB: the workspace of every copy, and a file that is the source of a feed."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

from .base import Dialect, build_compiler

if TYPE_CHECKING:
    import sqlalchemy as sa


@cache
def _compiler() -> sa.Dialect:
    import duckdb
    import duckdb_sqlalchemy  # noqa: PLC0415 - only where it is used

    # It quotes the keywords of PostgreSQL. DuckDB reserves more words, and a column may have such a name (`at`,
    # `pivot`).
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(
            "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
        ).fetchall()
    dialect = build_compiler(duckdb_sqlalchemy.Dialect)
    preparer = dialect.identifier_preparer
    preparer.reserved_words = {*preparer.reserved_words, *(row[0] for row in found)}
    return dialect


def _functions() -> object:
    """Return what makes Great Expectations write DuckDB's search for a pattern.

    The library writes a regular expression per dialect and has no DuckDB. Dremio's REGEXP_MATCHES(column, pattern)
    is DuckDB's search; PostgreSQL's `~` would be a full match in DuckDB.
    """
    return SimpleNamespace(DremioDialect=object)


DUCKDB = Dialect(
    name="duckdb",
    compiler=_compiler,
    functions=_functions,
    look_up=True,
    with_rows="WITH {name} AS NOT MATERIALIZED ({select})",
    casts={
        "text": "CAST({0} AS VARCHAR)",
        "json": "CAST({0} AS VARCHAR)",
        "integer": "CAST({0} AS BIGINT)",
        "number": "CAST({0} AS DOUBLE)",
        "timestamp": "CAST({0} AS TIMESTAMP)",
    },
    row_hash=(
        "SELECT concat_ws(':', count(*), sum(md5_number_lower(cells)), sum(md5_number_upper(cells))) "
        "FROM ({rows}) AS r"
    ),
    hmac="sha256({outer} || unhex(sha256({inner} || encode({text}))))",
    octets="strlen({})",
    savepoints=False,  # a file that is open for reading has no writer, so nothing changes between statements
)
