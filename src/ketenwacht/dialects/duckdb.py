"""DuckDB: the workspace of every copy, and a file that is the source of a feed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from .base import Dialect, build_compiler

if TYPE_CHECKING:
    import duckdb
    import sqlalchemy as sa

_SHAPE = re.compile(r"(?P<word>[A-Z_0-9]+)(?P<rest>.*)", re.DOTALL)
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@cache
def _kind() -> Any:  # noqa: ANN401 - a dialect's class, untyped in SQLAlchemy
    """Return the SQLAlchemy dialect, which is PostgreSQL's where DuckDB speaks the same."""
    import duckdb
    import sqlalchemy as sa  # noqa: PLC0415 - only where it is used
    from sqlalchemy.dialects.postgresql import base  # noqa: PLC0415 - only where it is used

    # DuckDB reserves more words than PostgreSQL, and a column may have such a name (`at`, `pivot`).
    with duckdb.connect(":memory:") as connection:
        found = connection.execute(
            "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
        ).fetchall()
    reserved = frozenset(row[0] for row in found)

    class Names(base.PGIdentifierPreparer):
        reserved_words = base.PGIdentifierPreparer.reserved_words | reserved

        def quote_schema(self, schema: str, force: Any = None) -> str:  # noqa: ANN401 - of SQLAlchemy
            """Return a schema, or a database and a schema with a dot between them."""
            del force
            return ".".join(self.quote(part) for part in schema.split("."))

    class Types(base.PGTypeCompiler):
        def visit_FLOAT(self, type_: Any, **kw: Any) -> str:  # noqa: ANN401, N802 - of SQLAlchemy
            del type_, kw
            return "DOUBLE"  # its FLOAT has 32 bits

    class Statements(base.PGCompiler):
        def visit_regexp_match_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:  # noqa: ANN401 - of SQLAlchemy
            del operator  # `~` would match the whole text
            return f"regexp_matches({self.process(binary.left, **kw)}, {self.process(binary.right, **kw)})"

        def visit_not_regexp_match_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:  # noqa: ANN401 - of SQLAlchemy
            return f"NOT {self.visit_regexp_match_op_binary(binary, operator, **kw)}"

    class DuckDBDialect(base.PGDialect):
        name = "duckdb"
        driver = "duckdb"
        preparer = Names
        statement_compiler = Statements
        type_compiler_cls = Types
        supports_statement_cache = True

        def do_rollback(self, dbapi_connection: object) -> None:
            """Do nothing: each statement is a transaction of its own."""

        do_commit = do_begin = do_rollback

        def get_columns(  # type: ignore[override] # of what SQLAlchemy knows of a column, names and types
            self,
            connection: sa.Connection,
            table_name: str,
            schema: str | None = None,
            **kw: object,
        ) -> Sequence[Mapping[str, Any]]:
            """Return the columns of a table or view; raises NoSuchTableError."""
            del kw
            name = self.identifier_preparer.quote(table_name)
            if schema is not None:
                name = f"{self.identifier_preparer.quote_schema(schema)}.{name}"
            try:
                rows = connection.exec_driver_sql(f"DESCRIBE {name}").fetchall()
            except sa.exc.DBAPIError as error:
                unknown = isinstance(error.orig, duckdb.CatalogException)
                # a database that is not there is a fault of binding, as is a view that is broken
                if unknown or (isinstance(error.orig, duckdb.BinderException) and "." in (schema or "")):
                    raise sa.exc.NoSuchTableError(table_name) from None
                raise
            return [{"name": row[0], "type": _generic_type(row[1]), "nullable": row[2] == "YES"} for row in rows]

    return DuckDBDialect


@cache
def _words() -> Mapping[str, sa.types.TypeEngine[Any]]:
    import sqlalchemy as sa  # noqa: PLC0415 - only where it is used

    kinds: dict[sa.types.TypeEngine[Any], str] = {
        sa.Integer(): "TINYINT SMALLINT INTEGER BIGINT HUGEINT "
        "UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT BIGNUM",
        sa.Float(): "FLOAT DOUBLE",
        sa.Boolean(): "BOOLEAN",
        sa.Date(): "DATE",
        sa.Time(): "TIME TIME_NS",
        sa.DateTime(): "TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS",
        sa.JSON(): "JSON",
        sa.LargeBinary(): "BLOB",
    }
    return {word: kind for kind, words in kinds.items() for word in words.split()}


def _generic_type(text: str) -> sa.types.TypeEngine[Any]:
    """Return the type of SQLAlchemy that a type of DuckDB, as it writes it, is nearest to; else text."""
    import sqlalchemy as sa  # noqa: PLC0415 - only where it is used

    if text.endswith("[]"):
        return sa.ARRAY(sa.String())
    decimal = _DECIMAL.fullmatch(text)
    if decimal is not None:
        return sa.Numeric(int(decimal[1]), int(decimal[2]))
    word = _SHAPE.fullmatch(text)
    if word is None or word["rest"] not in {"", " WITH TIME ZONE"}:
        return sa.String()
    return _words().get(word["word"], sa.String())


@cache
def _compiler() -> sa.Dialect:
    return build_compiler(_kind())


def build_duckdb_engine(connect: Callable[[], duckdb.DuckDBPyConnection]) -> sa.Engine:
    """Return an engine on connections to DuckDB, without a pool; this opens nothing."""
    import duckdb
    import sqlalchemy as sa  # noqa: PLC0415 - only where it is used
    from sqlalchemy.pool import NullPool  # noqa: PLC0415 - only where it is used

    dialect = _kind()(dbapi=duckdb)
    driver: Any = connect  # as the pool types it
    return sa.Engine(NullPool(driver, dialect=dialect), dialect, sa.make_url("duckdb://"), hide_parameters=True)


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
    day_number="(CAST({} AS DATE) - DATE '1970-01-01')",
    before_comparing=("SET temp_directory = ''",),  # it would spill beside the file
    savepoints=False,  # a file that is open for reading has no writer, so nothing changes between statements
)
