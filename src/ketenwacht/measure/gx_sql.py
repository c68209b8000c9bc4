"""The numbers of Great Expectations as SQL expressions, to be asked together in one SELECT over the delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import operators, visitors

from .dialects import quoted
from .gx_engine import DatasetExecutionEngine

Expression = sa.ColumnElement[Any]
LONG_LIST = 30
"""Sets with more values than this are looked up: a long IN list inside an aggregate is DuckDB's worst case."""

_AGGREGATES = ("sum", "count", "min", "max", "avg")


def aggregate(engine: DatasetExecutionEngine, function: Expression, domain: dict[str, Any]) -> str:
    """Return a scalar aggregate over a domain; a row condition becomes its FILTER."""
    rows: Any = engine.get_domain_records(domain)
    if isinstance(rows, sa.Table):
        return _sql(engine, function)
    plain = all(isinstance(source, sa.Table) for source in rows.get_final_froms())
    if plain and getattr(function, "name", None) in _AGGREGATES:
        return f"{_sql(engine, function)} FILTER (WHERE {_sql(engine, rows.whereclause)})"
    return f"({_sql(engine, sa.select(function).select_from(rows.subquery()))})"


def _rows_that_fail(engine: DatasetExecutionEngine, condition: Expression, domain: dict[str, Any]) -> str:
    """Count the rows of a domain that fail a condition on several columns."""
    return f"(SELECT COUNT(*) FROM {_from(engine, domain)} WHERE {_sql(engine, condition)})"  # noqa: S608 - compiled


def _rows_that_repeat(engine: DatasetExecutionEngine, _condition: Expression, domain: dict[str, Any]) -> str:
    """Count the rows whose value, or combination of values, occurs more than once; nulls never repeat."""
    columns = [_sql(engine, sa.column(name)) for name in domain.get("column_list", [domain.get("column")])]
    keys = ", ".join(columns)
    present = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    table = _from(engine, domain)
    repeated = f"SELECT COUNT(*) AS n FROM {table} WHERE {present} GROUP BY {keys} HAVING COUNT(*) > 1"  # noqa: S608 - compiled
    return f"(SELECT COALESCE(SUM(n), 0) FROM ({repeated}) AS repeated)"  # noqa: S608 - compiled


def _rows_left(engine: DatasetExecutionEngine, _condition: Expression, domain: dict[str, Any]) -> str:
    """Count the rows that a domain leaves to look at."""
    return f"(SELECT COUNT(*) FROM {_from(engine, domain)})"  # noqa: S608 - compiled


COUNTS: Mapping[str, Callable[[DatasetExecutionEngine, Expression, dict[str, Any]], str]] = {
    "column_values.unique.unexpected_count": _rows_that_repeat,
    "compound_columns.unique.unexpected_count": _rows_that_repeat,
    "column_pair_values.a_greater_than_b.unexpected_count": _rows_that_fail,
    "column_pair_values.equal.unexpected_count": _rows_that_fail,
    "column_pair_values.in_set.unexpected_count": _rows_that_fail,
    "multicolumn_values.equal.unexpected_count": _rows_that_fail,
    "select_column_values.unique.within_record.unexpected_count": _rows_that_fail,
    "filtered_row_count": _rows_left,
}
"""Metric name, or its last part → how to count what the library asks a statement of its own for."""


def _sql(engine: DatasetExecutionEngine, element: Any) -> str:  # noqa: ANN401 - whatever SQLAlchemy compiles
    """Return an expression of the library's as text, values written out; they come from the suite alone."""
    if not engine.asked.dialect.look_up:
        return engine.written_out(element)

    def look_up(part: Any, **_: Any) -> Any:  # noqa: ANN401 - any part of an expression
        return _looked_up(engine, part)

    traverse: Any = visitors.replacement_traverse
    return engine.written_out(traverse(element, {}, look_up))


def _from(engine: DatasetExecutionEngine, domain: dict[str, Any]) -> str:
    rows: Any = engine.get_domain_records(domain)
    if isinstance(rows, sa.Table):
        return quoted(rows.name)
    return f"({_sql(engine, rows.element if isinstance(rows, sa.Subquery) else rows)}) AS looked_at"


def _looked_up(engine: DatasetExecutionEngine, element: object) -> Expression | None:
    """Replace a long IN list by a look-up."""
    if not isinstance(element, sa.BinaryExpression) or element.operator not in {
        operators.in_op,
        operators.not_in_op,
    }:
        return None
    values = getattr(element.right, "value", None)
    if not isinstance(values, list | tuple) or len(values) <= LONG_LIST or None in values:
        return None
    listed = ", ".join(engine.written_out(sa.literal(value)) for value in values)
    word = "IN" if element.operator is operators.in_op else "NOT IN"
    return element.left.op(word, is_comparison=True)(sa.literal_column(f"(SELECT unnest([{listed}]))"))
