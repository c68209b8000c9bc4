"""Spark SQL, version 4, in its ANSI mode; by `kind: spark`, on this machine or over Spark Connect."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from .base import Dialect, build_compiler, respell_with

if TYPE_CHECKING:
    import sqlalchemy as sa


@cache
def _compiler() -> sa.Dialect:
    from sqlalchemy.engine.default import DefaultDialect  # noqa: PLC0415 - only where it is used
    from sqlalchemy.sql import compiler  # noqa: PLC0415 - only where it is used

    class Types(compiler.GenericTypeCompiler):
        def visit_VARCHAR(self, type_: Any, **kw: Any) -> str:  # noqa: ANN401, N802 - of SQLAlchemy
            del type_, kw
            return "STRING"  # its VARCHAR has a length

        visit_TEXT = visit_string = visit_text = visit_VARCHAR  # noqa: N815 - of SQLAlchemy

        def visit_FLOAT(self, type_: Any, **kw: Any) -> str:  # noqa: ANN401, N802 - of SQLAlchemy
            del type_, kw
            return "DOUBLE"

    class Statements(compiler.SQLCompiler):
        def visit_regexp_match_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:  # noqa: ANN401 - of SQLAlchemy
            del operator
            return f"regexp_like({self.process(binary.left, **kw)}, {self.process(binary.right, **kw)})"

    class CompilingSpark(DefaultDialect):
        name = "spark"
        statement_compiler = Statements
        type_compiler_cls = Types
        supports_native_boolean = True
        supports_statement_cache = False

    return build_compiler(CompilingSpark)


def _functions() -> object:
    """Return what makes Great Expectations write `regexp_like`, which Spark and Trino share."""
    return SimpleNamespace(TrinoDialect=object)


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote(name: str) -> str:
    """Return the name of a column or table as Spark reads it."""
    return "`" + name.replace("`", "``") + "`"


SPARK = Dialect(
    name="spark",
    compiler=_compiler,
    functions=_functions,
    respell=respell_with(_text, quote),
    whole="(trim({}) RLIKE '^[0-9]+([.]0)?\\z')",
    trim="btrim({}, {})",
    text="CAST({} AS STRING)",
    texts={
        "DOUBLE": "CASE WHEN {0} = floor({0}) AND abs({0}) < 1e15 "
        "THEN CAST(CAST({0} AS BIGINT) AS STRING) || '.0' ELSE CAST({0} AS STRING) END",
    },
    grouping="GROUPING_ID",
    casts={
        "text": "CAST({0} AS STRING)",
        "integer": "CAST({0} AS BIGINT)",
        "number": "CAST({0} AS DOUBLE)",
        "timestamp": "CAST({0} AS TIMESTAMP_NTZ)",
        "json": "to_json({0})",
    },
    row_hash=(
        "SELECT concat_ws(':', count(*), sum(CAST(conv(left(h, 16), 16, 10) AS DECIMAL(20, 0))), "
        "sum(CAST(conv(right(h, 16), 16, 10) AS DECIMAL(20, 0)))) "
        "FROM (SELECT md5(cells) AS h FROM ({rows}) AS r) AS s"
    ),
    hmac="sha2(concat({outer}, unhex(sha2(concat({inner}, CAST({text} AS BINARY)), 256))), 256)",
    snapshot=False,
)
