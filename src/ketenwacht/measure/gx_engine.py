"""Great Expectations on any ground that answers SQL: an execution engine, and what keeps the library quiet.

Importing this module imports Great Expectations, which costs seconds; only `measure` does so, when a suite is run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import duckdb
import duckdb_engine
import sqlalchemy as sa
from great_expectations.exceptions.exceptions import GreatExpectationsError
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import Validator
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.pool import NullPool

from ketenwacht.errors import EngineError

from .dialects import SqlTable

# It logs statements with their parameters, and exceptions that quote values: nothing of it may come out.
logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
logging.captureWarnings(capture=False)  # importing it diverts every warning of the process into a logger

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""Counts only: a limit of 0 fetches no value."""

EVALUATION_ERRORS = (
    GreatExpectationsError,
    EngineError,
    sa.exc.SQLAlchemyError,
    duckdb.Error,
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
    """The library's SQL engine, for whatever answers SQL: it makes the statements, `asked` runs them.

    The name is ours for good: the library finds metric providers by an engine's class name.

    Attributes:
        asked: what runs them.
        statements: how many it was asked.
    """

    def __init__(self, asked: SqlTable) -> None:
        self.asked = asked
        self.statements = 0
        self._speech = SPEECHES[asked.dialect.name]
        # For its dialect alone: it is never connected to.
        super().__init__(engine=sa.create_engine(self._speech.url, poolclass=NullPool))
        if self._speech.module is not None:
            self.dialect_module = self._speech.module
        self.load_batch_data(asked.table, SqlAlchemyBatchData(self, table_name=asked.table))

    def execute_query(self, query: Any) -> Any:  # noqa: ANN401 - the library passes and returns what it likes
        """Run `query` and hand its rows over complete.

        The library binds a date in an expectation as a date, which no database compares with text; written out,
        it is compared with either.
        """
        self.statements += 1
        answer = self.asked.ask(self.written_out(query))
        return IteratorResult(SimpleResultMetaData(answer.names), iter(map(tuple, answer.rows)))

    execute_query_in_transaction = execute_query

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[MetricConfiguration],
        metrics: dict[Any, Any] | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        """As the library does, but the columns are known: no database is asked for them."""
        asked = list(metrics_to_resolve)
        columns = [{"name": name} for name, _ in self.asked.schema]
        known = {metric.id: columns for metric in asked if metric.metric_name == _COLUMNS}
        rest = [metric for metric in asked if metric.id not in known]
        return {**known, **super().resolve_metrics(rest, metrics, runtime_configuration)}

    def written_out(self, element: Any) -> str:  # noqa: ANN401 - whatever SQLAlchemy can compile
        """Return an expression or statement as SQL with its values in it; those come from the suite alone."""
        return str(element.compile(dialect=self._speech.dialect, compile_kwargs={"literal_binds": True}))


@dataclass(frozen=True, slots=True)
class _SqlDialect:
    """How SQLAlchemy writes SQL for one database.

    Attributes:
        url: makes an engine of that dialect.
        dialect: writes statements out. Its usual way to mark parameters would double every percent sign.
        module: where the library looks a dialect's spelling up; None: it knows that itself.
    """

    url: str
    dialect: sa.Dialect
    module: Any = None


_DUCKDB = duckdb_engine.Dialect(paramstyle="numeric_dollar")
# It quotes what PostgreSQL reserves; a column may be called by a word that only DuckDB does (`at`, `pivot`).
with duckdb.connect(":memory:") as _room:
    _WORDS = _room.execute("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'")
    _DUCKDB.identifier_preparer.reserved_words = {
        *_DUCKDB.identifier_preparer.reserved_words,
        *(row[0] for row in _WORDS.fetchall()),
    }


def _plain(kind: Any) -> sa.Dialect:  # noqa: ANN401 - a dialect's class, untyped in SQLAlchemy
    made: sa.Dialect = kind(paramstyle="named")
    return made


SPEECHES: Mapping[str, _SqlDialect] = {
    # The library spells a regular expression per dialect and has no DuckDB; of its spellings, the one for Dremio,
    # REGEXP_MATCHES(column, pattern), is DuckDB's search. The one for PostgreSQL, `~`, would be a full match here.
    "duckdb": _SqlDialect("duckdb:///:memory:", _DUCKDB, SimpleNamespace(DremioDialect=duckdb_engine.Dialect)),
    "postgresql": _SqlDialect("postgresql+psycopg://", _plain(postgresql.dialect)),
    "sqlite": _SqlDialect("sqlite://", _plain(sqlite.dialect)),
}


class QuietValidator(Validator):
    """The library's validator without its progress bars, which write to the terminal."""

    def _determine_progress_bars(self) -> bool:
        return False
