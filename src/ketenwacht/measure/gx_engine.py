"""Great Expectations on DuckDB: an execution engine over a workspace, and what keeps the library quiet.

Importing this module imports Great Expectations, which costs seconds; only `measure` does so, when a suite is run.
"""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import duckdb
import duckdb_engine
import sqlalchemy as sa
from great_expectations.exceptions.exceptions import GreatExpectationsError
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.validator.validator import Validator
from sqlalchemy.pool import StaticPool

from .workspace import TABLE

# It logs statements with their parameters, and exceptions that quote values: nothing of it may come out.
logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
logging.captureWarnings(capture=False)  # importing it diverts every warning of the process into a logger

RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""Counts only: a limit of 0 fetches no value."""

EVALUATION_ERRORS = (
    GreatExpectationsError,
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

# The library spells a regular expression per dialect and has no DuckDB; of its spellings, the one for Dremio,
# REGEXP_MATCHES(column, pattern), is DuckDB's search. The one for PostgreSQL, `~`, would be a full match here.
_SPELLING: Any = SimpleNamespace(DremioDialect=duckdb_engine.Dialect)


class WorkspaceExecutionEngine(SqlAlchemyExecutionEngine):
    """The library's SQL engine, on the DuckDB connection of a workspace.

    The name is ours for good: the library finds metric providers by an engine's class name.

    Attributes:
        statements: how many statements it has issued, reflection not counted.
        reflected: what `gx_fold` keeps of the table's columns, since reflecting them takes the longest.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        def connect() -> Any:  # noqa: ANN401 - duckdb_engine's own wrapper, untyped
            # A cursor of its own: closing it, as the pool does in the end, leaves the workspace open.
            return duckdb_engine.ConnectionWrapper(connection.cursor())

        self.statements = 0
        self.reflected: dict[Any, Any] = {}
        super().__init__(engine=sa.create_engine("duckdb:///:memory:", creator=connect, poolclass=StaticPool))
        self.dialect_module = _SPELLING
        self.load_batch_data(TABLE, SqlAlchemyBatchData(self, table_name=TABLE))

    def execute_query(self, query: Any) -> Any:  # noqa: ANN401 - the library passes and returns what it likes
        """Run `query` and hand its rows over complete.

        The library's own method returns a cursor after giving the connection back; DuckDB has one result a
        connection, so that the next statement empties it. It also binds a date in an expectation as a date,
        which DuckDB does not compare with text; written out, it is compared with either.
        """
        self.statements += 1
        with self.get_connection() as connection:
            return connection.exec_driver_sql(written_out(query)).freeze()()


# Its default way to mark parameters would double every percent sign of a statement.
_DIALECT = duckdb_engine.Dialect(paramstyle="numeric_dollar")
# It quotes what PostgreSQL reserves; a column may be called by a word that only DuckDB does (`at`, `pivot`).
with duckdb.connect(":memory:") as _room:
    _WORDS = _room.execute("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'")
    _DIALECT.identifier_preparer.reserved_words = {
        *_DIALECT.identifier_preparer.reserved_words,
        *(row[0] for row in _WORDS.fetchall()),
    }


def written_out(element: Any) -> str:  # noqa: ANN401 - whatever SQLAlchemy can compile
    """Return an expression or statement as SQL with its values in it; those come from the suite alone."""
    return str(element.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))


class QuietValidator(Validator):
    """The library's validator without its progress bars, which write to the terminal."""

    def _determine_progress_bars(self) -> bool:
        return False
