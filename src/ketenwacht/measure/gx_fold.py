"""What one expectation asks of the data, worked out once and kept: the SQL of the numbers it needs.

Great Expectations builds a graph of metrics for each expectation, and asks a statement or more for it, each time.
Everything in that graph but the numbers depends only on the expectation and the columns. So it is built once,
by the library itself, knowing the columns but no row; its numbers are taken out as SQL, to be
asked of each delivery in one SELECT together with those of all other expectations. The library then judges the
numbers, as always.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.registry import get_metric_provider
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.metrics_calculator import MetricsCalculator
from sqlalchemy.sql import operators, visitors

from ketenwacht.errors import EngineError

from .dialects import TABLE, Dialect, QueryResult, Schema, quoted
from .gx_engine import RESULT_FORMAT, DatasetExecutionEngine

_VALUES = ("unexpected_values", "unexpected_rows", "unexpected_index_list", "unexpected_value_counts")
_PARTIAL = ("condition", "map", "aggregate_fn")
_COLUMNS = ("table.columns", "table.column_types")
_ROW_COUNT = "table.row_count"
_NOT_A_NUMBER_YET = (
    object()
)  # conditions list the row count among their needs; one that used it would break on this


class NotFoldableError(Exception):
    """An expectation needs more than numbers of one SELECT; the library's own engine must ask for it."""


@dataclass(frozen=True, slots=True)
class FoldedNumber:
    """A number that an expectation needs: its identity in the library, and an SQL expression over the table."""

    id: tuple[str, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class PreparedExpectation:
    """An expectation with all that does not depend on the rows.

    Attributes:
        expectation: the library's own object.
        wanted: metric name → its identity, as the expectation asks for it.
        known: the metrics that the columns alone decide.
        numbers: the metrics to ask the delivery for.
    """

    expectation: Any
    wanted: Mapping[str, Any]
    known: Mapping[Any, object]
    numbers: tuple[FoldedNumber, ...]

    def met_and_result(self, found: Mapping[Any, object]) -> tuple[bool, Mapping[str, object]]:
        """Let the library judge the numbers `found`; returns whether it is met, and the library's result."""
        metrics = {name: found[key] if key in found else self.known[key] for name, key in self.wanted.items()}
        judged = self.expectation._validate(  # noqa: SLF001 - the method every expectation of the library overrides
            metrics=metrics, runtime_configuration={"result_format": dict(RESULT_FORMAT)}, execution_engine=None
        )
        return bool(judged["success"]), judged.get("result") or {}


def configured(entry: str) -> ExpectationConfiguration:
    """Build the library's configuration from an expectation's JSON, parameters filled in."""
    raw = json.loads(entry)
    return ExpectationConfiguration(
        type=raw["type"],
        kwargs=raw.get("kwargs") or {},
        meta=raw.get("meta") or {},
        severity=FailureSeverity(raw.get("severity") or "critical"),
    )


@lru_cache(maxsize=512)
def prepare(entry: str, schema: Schema, dialect: Dialect) -> PreparedExpectation:
    """Work out what an expectation needs of a table with these columns.

    Args:
        entry: the expectation as JSON, parameters filled in.
        schema: (name, DuckDB type) of each column.
        dialect: of the SQL that its numbers are asked in.

    Raises:
        NotFoldableError: it cannot be asked in one SELECT.
        Exception: any of `EVALUATION_ERRORS`, when the library cannot make sense of it.
    """
    engine = _rowless(schema, dialect)
    configuration = configured(entry)
    configuration.kwargs["batch_id"] = TABLE
    expectation = configuration.to_domain_obj()
    runtime = {"result_format": dict(RESULT_FORMAT)}
    dependencies = expectation.get_validation_dependencies(engine, runtime)
    configurations = dependencies.metric_configurations
    calculator = MetricsCalculator(engine, show_progress_bars=False)
    calculator.build_metric_dependency_graph(list(configurations.values()), runtime)
    walk = _FoldState(engine, runtime)
    for metric in configurations.values():
        walk.visit(metric)
    wanted = {name: metric.id for name, metric in configurations.items()}
    known = {key: walk.known[key] for key in wanted.values() if key in walk.known}
    return PreparedExpectation(
        expectation, wanted, known, tuple(FoldedNumber(key, sql) for key, sql in walk.numbers.items())
    )


@dataclass(frozen=True, slots=True)
class _Rowless:
    """A table of which only the columns are known; see `Asked`."""

    schema: Schema
    dialect: Dialect
    table: str = TABLE

    def ask(self, sql: str) -> QueryResult:
        del sql
        raise EngineError("there are no rows to ask")


@lru_cache(maxsize=8)
def _rowless(schema: Schema, dialect: Dialect) -> DatasetExecutionEngine:
    return DatasetExecutionEngine(_Rowless(schema, dialect))


class _FoldState:
    """A walk through the metric graph of one expectation, dependencies first.

    Attributes:
        known: what the columns alone decide, and the library's half-built expressions.
        numbers: identity → SQL of the numbers to ask for.
    """

    def __init__(self, engine: DatasetExecutionEngine, runtime: dict[str, Any]) -> None:
        self.known: dict[Any, Any] = {}
        self.numbers: dict[Any, str] = {}
        self._engine = engine
        self._runtime = runtime

    def visit(self, metric: MetricConfiguration) -> None:
        if metric.id in self.known or metric.id in self.numbers:
            return
        suffix = metric.metric_name.rsplit(".", 1)[-1]
        if suffix in _VALUES:
            self.known[metric.id] = []  # values of persons: never fetched
            return
        for dependency in metric.metric_dependencies.values():
            self.visit(dependency)
        if metric.metric_name in _COLUMNS or suffix in _PARTIAL:
            self._resolve(metric)
        else:
            self.numbers[metric.id] = self._number(metric, suffix)

    def _resolve(self, metric: MetricConfiguration) -> None:
        numbers = [needed for needed in metric.metric_dependencies.values() if needed.id in self.numbers]
        if any(needed.metric_name != _ROW_COUNT for needed in numbers):
            raise NotFoldableError(metric.metric_name)
        before = self._engine.statements
        metrics = {**self.known, **{needed.id: _NOT_A_NUMBER_YET for needed in numbers}}
        self.known.update(self._engine.resolve_metrics([metric], metrics, self._runtime))
        if self._engine.statements != before:  # it wanted to look at rows
            raise NotFoldableError(metric.metric_name)

    def _number(self, metric: MetricConfiguration, suffix: str) -> str:
        provider: Any = get_metric_provider(metric.metric_name, self._engine)[1]
        if provider is None:
            function, domain, _ = self.known[metric.metric_dependencies["metric_partial_fn"].id]
            return aggregate(self._engine, function, domain)
        count = COUNTS.get(metric.metric_name) or COUNTS.get(suffix)
        if count is None:
            raise NotFoldableError(metric.metric_name)
        condition, compute, accessor = self.known[metric.metric_dependencies["unexpected_condition"].id]
        return count(self._engine, condition, {**compute, **accessor})


# The numbers of Great Expectations as SQL expressions, to be asked together in one SELECT over the delivery.


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
