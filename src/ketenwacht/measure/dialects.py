"""How the SQL of our own counts is spelt where it runs. Great Expectations spells its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

TABLE = "delivery"
"""The table that everything here measures."""

Schema = tuple[tuple[str, str], ...]
"""(name, DuckDB type) of each column: what it is, or would be after copying."""


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """One way to write SQL.

    Attributes:
        name: as SQLAlchemy calls it.
        number: a value as a floating number; what is none is refused.
        grouping_sets: whether several groupings can be asked in one scan.
        look_up: whether a long IN list is better looked up in a list.
        text: the text of a value.
        texts: DuckDB type → the text of a value, where it differs; always the text that DuckDB would give.
    """

    name: str
    number: str = "CAST({} AS DOUBLE)"
    grouping_sets: bool = True
    look_up: bool = False
    text: str = "CAST({} AS VARCHAR)"
    texts: Mapping[str, str] = field(default_factory=dict)

    def as_text(self, column: str, duckdb_type: str) -> str:
        """SQL: the text of a quoted column."""
        return self.texts.get(duckdb_type, self.text).format(column)


DUCKDB = Dialect("duckdb", look_up=True)
POSTGRESQL = Dialect(
    "postgresql",
    number="CAST({} AS DOUBLE PRECISION)",
    text="CAST({} AS TEXT)",
    texts={"DOUBLE": "CASE WHEN {0} = trunc({0}) THEN {0}::text || '.0' ELSE {0}::text END"},
)
SQLITE = Dialect(
    "sqlite",
    number="strict_number({})",  # a function of ours: a cast makes 0 of what is no number
    grouping_sets=False,
    text="CAST({} AS TEXT)",
    texts={"BOOLEAN": "CASE WHEN {0} IS NULL THEN NULL WHEN {0} THEN 'true' ELSE 'false' END"},
)
DIALECTS: Mapping[str, Dialect] = {one.name: one for one in (DUCKDB, POSTGRESQL, SQLITE)}


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What a database said: the names of the columns, and the rows."""

    names: Sequence[str]
    rows: Sequence[Sequence[object]]


class SqlTable(Protocol):
    """A place that answers SQL over one table of rows."""

    @property
    def table(self) -> str:
        """The name by which it is asked for."""
        ...

    @property
    def dialect(self) -> Dialect:
        """How it wants to be asked."""
        ...

    @property
    def schema(self) -> Schema:
        """The columns of the table."""
        ...

    def ask(self, sql: str) -> QueryResult:
        """Run one statement; all of it sees the same rows as every other.

        Raises:
            EngineError: the database refuses; its text is the class of its error.
        """
        ...


def quoted(name: str) -> str:
    """Return a column or table name as SQL, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'
