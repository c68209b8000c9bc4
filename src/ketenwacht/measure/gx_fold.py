"""Prepares an expectation once, as the SQL of the numbers that it needs.

Great Expectations builds a graph of metrics for each expectation, and runs at least one statement for it, each
time. Everything in that graph except the numbers depends only on the expectation and the columns. So the library
builds the graph once, with the columns and without rows, and this module takes the numbers out of it as SQL. One
SELECT then queries the numbers of all expectations together, and the library judges them as always.
"""

from __future__ import annotations

import json
from abc import ABCMeta
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

from ketenwacht.dialects import Dialect, Schema
from ketenwacht.errors import EngineError
from ketenwacht.sql import TABLE, quote_name

from .gx_engine import RESULT_FORMAT, DatasetExecutionEngine
from .sql_table import QueryResult

_VALUES = ("unexpected_values", "unexpected_rows", "unexpected_index_list", "unexpected_value_counts")
_PARTIAL = ("condition", "map", "aggregate_fn")
_COLUMNS = ("table.columns", "table.column_types")
_ROW_COUNT = "table.row_count"
# Conditions name the row count among their dependencies; one that really used it would fail on this.
_PLACEHOLDER = object()


class NotFoldableError(Exception):
    """An expectation needs more than the numbers of one SELECT.

    The library must evaluate it by its own statements.
    """


@dataclass(frozen=True, slots=True)
class FoldedNumber:
    """A number that an expectation needs: its id in the library, and its SQL expression over the table."""

    id: tuple[str, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class PreparedExpectation:
    """An expectation with everything that does not depend on the rows.

    Attributes:
        expectation: the library's own object.
        wanted: metric name → its id, for each metric that the expectation needs.
        known: metrics that follow from the columns alone.
        numbers: metrics to query from the delivery.
    """

    expectation: Any
    wanted: Mapping[str, Any]
    known: Mapping[Any, object]
    numbers: tuple[FoldedNumber, ...]

    def judge(self, found: Mapping[Any, object]) -> tuple[bool, Mapping[str, object]]:
        """Let the library judge the numbers `found`; return whether it is met, and the library's result."""
        metrics = {name: found[key] if key in found else self.known[key] for name, key in self.wanted.items()}
        judged = self.expectation._validate(  # noqa: SLF001 - the method every expectation of the library overrides
            metrics=metrics, runtime_configuration={"result_format": dict(RESULT_FORMAT)}, execution_engine=None
        )
        return bool(judged["success"]), judged.get("result") or {}


def build_configuration(entry: str) -> ExpectationConfiguration:
    """Build the library's configuration from the JSON of an expectation with resolved parameters."""
    raw = json.loads(entry)
    return ExpectationConfiguration(
        type=raw["type"],
        kwargs=raw.get("kwargs") or {},
        meta=raw.get("meta") or {},
        severity=FailureSeverity(raw.get("severity") or "critical"),
    )


@lru_cache(maxsize=512)
def prepare(entry: str, schema: Schema, dialect: Dialect) -> PreparedExpectation:
    """Determine what an expectation needs from a table with these columns.

    Args:
        entry: the expectation as JSON, with resolved parameters.
        schema: (name, DuckDB type) of each column.
        dialect: of the SQL.

    Raises:
        NotFoldableError: one SELECT is not enough.
        Exception: one of `EVALUATION_ERRORS`, when the library cannot interpret it.
    """
    engine = _engine_without_rows(schema, dialect)
    configuration = build_configuration(entry)
    configuration.kwargs["batch_id"] = TABLE
    expectation = configuration.to_domain_obj()
    runtime = {"result_format": dict(RESULT_FORMAT)}
    dependencies = expectation.get_validation_dependencies(engine, runtime)
    configurations = dependencies.metric_configurations
    calculator = MetricsCalculator(engine, show_progress_bars=False)
    calculator.build_metric_dependency_graph(list(configurations.values()), runtime)
    state = _FoldState(engine, runtime)
    for metric in configurations.values():
        state.visit(metric)
    wanted = {name: metric.id for name, metric in configurations.items()}
    known = {key: state.known[key] for key in wanted.values() if key in state.known}
    _keep_configuration(expectation)
    return PreparedExpectation(
        expectation, wanted, known, tuple(FoldedNumber(key, sql) for key, sql in state.numbers.items())
    )


def _keep_configuration(expectation: Any) -> None:  # noqa: ANN401 - of any class of the library
    """Let an expectation hold its configuration, which no longer changes.

    The library builds it anew from the fields at each use, several times a judgement: a sixth of what measuring a
    small delivery costs. `ABCMeta` makes the class without entering it in the library's registry.
    """
    kept, kind = expectation.configuration, type(expectation)
    members = {"__module__": kind.__module__, "__slots__": (), "configuration": property(lambda _: kept)}
    keeping = ABCMeta.__new__(type(kind), kind.__name__, (kind,), members)
    object.__setattr__(expectation, "__class__", keeping)


@dataclass(frozen=True, slots=True)
class _TableWithoutRows:
    """A table with columns and no rows; see `SqlTable`."""

    schema: Schema
    dialect: Dialect
    name: str = TABLE

    def query(self, sql: str) -> QueryResult:
        del sql
        raise EngineError("this table has no rows to query")


@lru_cache(maxsize=8)
def _engine_without_rows(schema: Schema, dialect: Dialect) -> DatasetExecutionEngine:
    return DatasetExecutionEngine(_TableWithoutRows(schema, dialect))


class _FoldState:
    """The state of a visit to the metric graph of one expectation, dependencies first.

    Attributes:
        known: metrics that follow from the columns alone, and partial expressions of the library.
        numbers: id → SQL of the numbers to query.
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
        metrics = {**self.known, **{needed.id: _PLACEHOLDER for needed in numbers}}
        self.known.update(self._engine.resolve_metrics([metric], metrics, self._runtime))
        if self._engine.statements != before:  # it queried rows
            raise NotFoldableError(metric.metric_name)

    def _number(self, metric: MetricConfiguration, suffix: str) -> str:
        provider: Any = get_metric_provider(metric.metric_name, self._engine)[1]
        if provider is None:
            function, domain, _ = self.known[metric.metric_dependencies["metric_partial_fn"].id]
            return aggregate_sql(self._engine, function, domain)
        count = COUNTS.get(metric.metric_name) or COUNTS.get(suffix)
        if count is None:
            raise NotFoldableError(metric.metric_name)
        condition, compute, accessor = self.known[metric.metric_dependencies["unexpected_condition"].id]
        return count(self._engine, condition, {**compute, **accessor})


# The numbers of Great Expectations as SQL expressions for one SELECT over the delivery.


Expression = sa.ColumnElement[Any]
LONG_LIST = 30
"""A set with more values becomes a sub-select: DuckDB is slow on a long IN list inside an aggregate."""

_AGGREGATES = ("sum", "count", "min", "max", "avg")


def aggregate_sql(engine: DatasetExecutionEngine, function: Expression, domain: dict[str, Any]) -> str:
    """Return the SQL of a scalar aggregate over a domain; a row condition becomes its FILTER."""
    rows: Any = engine.get_domain_records(domain)
    if isinstance(rows, sa.Table):
        return _sql(engine, function)
    plain = all(isinstance(source, sa.Table) for source in rows.get_final_froms())
    if plain and getattr(function, "name", None) in _AGGREGATES:
        if engine.table.dialect.filters:
            return f"{_sql(engine, function)} FILTER (WHERE {_sql(engine, rows.whereclause)})"
        return _sql(engine, _apply_where(function, rows.whereclause))
    return f"({_sql(engine, sa.select(function).select_from(rows.subquery()))})"


def _apply_where(function: Expression, condition: Expression) -> Expression:
    """Return an aggregate over the rows that meet a condition, for a database without FILTER."""
    aggregate: Any = function
    arguments = list(aggregate.clauses) or [sa.literal_column("1")]
    starred = [sa.literal_column("1") if str(one) == "*" else one for one in arguments]
    applied: Expression = getattr(sa.func, aggregate.name)(*(sa.case((condition, one)) for one in starred))
    return applied


def _count_failing_rows(engine: DatasetExecutionEngine, condition: Expression, domain: dict[str, Any]) -> str:
    """Return SQL that counts the rows of a domain that fail a condition on several columns."""
    return f"(SELECT COUNT(*) FROM {_from(engine, domain)} WHERE {_sql(engine, condition)})"  # noqa: S608 - compiled


def _count_repeated_rows(engine: DatasetExecutionEngine, _condition: Expression, domain: dict[str, Any]) -> str:
    """Return SQL that counts the rows whose value, or combination of values, occurs more than once.

    Nulls never do.
    """
    columns = [_sql(engine, sa.column(name)) for name in domain.get("column_list", [domain.get("column")])]
    keys = ", ".join(columns)
    present = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    table = _from(engine, domain)
    repeated = f"SELECT COUNT(*) AS n FROM {table} WHERE {present} GROUP BY {keys} HAVING COUNT(*) > 1"  # noqa: S608 - compiled
    return f"(SELECT COALESCE(SUM(n), 0) FROM ({repeated}) AS repeated)"  # noqa: S608 - compiled


def _count_rows(engine: DatasetExecutionEngine, _condition: Expression, domain: dict[str, Any]) -> str:
    """Return SQL that counts the rows of a domain."""
    return f"(SELECT COUNT(*) FROM {_from(engine, domain)})"  # noqa: S608 - compiled


COUNTS: Mapping[str, Callable[[DatasetExecutionEngine, Expression, dict[str, Any]], str]] = {
    "column_values.unique.unexpected_count": _count_repeated_rows,
    "compound_columns.unique.unexpected_count": _count_repeated_rows,
    "column_pair_values.a_greater_than_b.unexpected_count": _count_failing_rows,
    "column_pair_values.equal.unexpected_count": _count_failing_rows,
    "column_pair_values.in_set.unexpected_count": _count_failing_rows,
    "multicolumn_values.equal.unexpected_count": _count_failing_rows,
    "select_column_values.unique.within_record.unexpected_count": _count_failing_rows,
    "filtered_row_count": _count_rows,
}
"""Metric name, or its last part → the SQL for a count that the library queries by a statement of its own."""


def _sql(engine: DatasetExecutionEngine, element: Any) -> str:  # noqa: ANN401 - whatever SQLAlchemy compiles
    """Return an expression of the library as SQL with its values, which all come from the suite."""
    if not engine.table.dialect.look_up:
        return engine.compile_sql(element)

    def look_up(part: Any, **_: Any) -> Any:  # noqa: ANN401 - any part of an expression
        return _replace_long_list(engine, part)

    traverse: Any = visitors.replacement_traverse
    return engine.compile_sql(traverse(element, {}, look_up))


def _from(engine: DatasetExecutionEngine, domain: dict[str, Any]) -> str:
    rows: Any = engine.get_domain_records(domain)
    if isinstance(rows, sa.Table):
        return quote_name(rows.name)
    return f"({_sql(engine, rows.element if isinstance(rows, sa.Subquery) else rows)}) AS domain"


def _replace_long_list(engine: DatasetExecutionEngine, element: object) -> Expression | None:
    """Return a sub-select in place of a long IN list; None for any other expression."""
    if not isinstance(element, sa.BinaryExpression) or element.operator not in {
        operators.in_op,
        operators.not_in_op,
    }:
        return None
    values = getattr(element.right, "value", None)
    if not isinstance(values, list | tuple) or len(values) <= LONG_LIST or None in values:
        return None
    listed = ", ".join(engine.compile_sql(sa.literal(value)) for value in values)
    word = "IN" if element.operator is operators.in_op else "NOT IN"
    return element.left.op(word, is_comparison=True)(sa.literal_column(f"(SELECT unnest([{listed}]))"))
