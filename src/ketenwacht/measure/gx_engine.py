"""The execution engine that runs Great Expectations on any `SqlTable`, and settings that silence the library.

Importing this module imports Great Expectations, which takes seconds. Only `engine` does so, when it evaluates a
suite.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from great_expectations.exceptions.exceptions import GreatExpectationsError
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import Validator
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.pool import NullPool

from ketenwacht.errors import EngineError

from .sql_table import SqlTable

# It logs statements with their parameters, and exceptions that quote values. Neither may reach a log.
logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
logging.captureWarnings(capture=False)  # importing it diverts every warning of the process into a logger

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""Counts only: a limit of 0 fetches no value."""

EVALUATION_ERRORS = (
    GreatExpectationsError,
    EngineError,
    sa.exc.SQLAlchemyError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What the library raises when an expectation cannot be evaluated: it wraps some errors and passes on others."""

_COLUMNS = "table.column_types"


class DatasetExecutionEngine(SqlAlchemyExecutionEngine):
    """The library's SQL engine on a `SqlTable`: the library writes the statements, the table runs them.

    Do not rename this class: the library finds metric providers by the class name of the engine.

    Attributes:
        table: runs the statements.
        statements: number of statements that ran.
    """

    def __init__(self, table: SqlTable) -> None:
        self.table = table
        self.statements = 0
        self._compiler = table.dialect.compiler()
        # Only its dialect is used. The library connects to SQLite alone, to add functions.
        memory: Any = lambda: sqlite3.connect(":memory:")  # noqa: E731 - a driver, as the pool types it
        pool = NullPool(memory)
        super().__init__(engine=sa.Engine(pool, self._compiler, sa.make_url(f"{self._compiler.name}://")))
        functions: Any = table.dialect.functions()
        if functions is not None:
            self.dialect_module = functions
        self.load_batch_data(table.name, SqlAlchemyBatchData(self, table_name=table.name))

    def execute_query(self, query: Any) -> Any:  # noqa: ANN401 - the library passes and returns what it likes
        """Run `query` and return all of its rows.

        The library binds a date in an expectation as a date, which no database compares with text. Written into
        the statement, it compares with both.
        """
        self.statements += 1
        result = self.table.query(self.compile_sql(query))
        return IteratorResult(SimpleResultMetaData(result.names), iter(map(tuple, result.rows)))

    execute_query_in_transaction = execute_query

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[MetricConfiguration],
        metrics: dict[Any, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        """Resolve metrics as the library does, but without a query for the columns, which are known."""
        requested = list(metrics_to_resolve)
        columns = [{"name": name} for name, _ in self.table.schema]
        known = {metric.id: columns for metric in requested if metric.metric_name == _COLUMNS}
        rest = [metric for metric in requested if metric.id not in known]
        return {**known, **super().resolve_metrics(rest, metrics, runtime_configuration)}

    def compile_sql(self, element: Any) -> str:  # noqa: ANN401 - whatever SQLAlchemy can compile
        """Return an expression or statement as SQL with its values written into it.

        All values come from the suite.
        """
        return str(element.compile(dialect=self._compiler, compile_kwargs={"literal_binds": True}))


class QuietValidator(Validator):
    """The library's validator without its progress bars, which write to the terminal."""

    def _determine_progress_bars(self) -> bool:
        return False
