"""Rules in SQL that come from a contract: run on a copy of the delivery that can reach nothing else.

Anybody may have written the query. It runs in a DuckDB database of its own, in memory, that holds nothing but
the rows: no file, no network, no extension, no setting can be changed, one SELECT statement only. The process of
that database is ended when it goes over a limit of time or memory. The number that the query returns is compared
with the bounds of the rule and forgotten: `SELECT max(number)` is a value of a person.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.domain.statement import Statement
from ketenwacht.processes import CallRaised, ChildProcess, End, ProcessEnded, ProcessLimits, stop_at_exit
from ketenwacht.sql import TABLE, quote_name, quote_text

from .sql_table import schema_of
from .suite import TOOK_TIME, ExpectationOutcome, Outcomes

if TYPE_CHECKING:
    import duckdb

SECONDS = 30.0
"""A query that takes longer is stopped."""
MEMORY, SPILL = "1GB", "4GB"
"""What a query may keep in memory, and what it may spill to a private folder."""
_GRACE = 5.0
"""Seconds after which the process is ended: DuckDB cannot be interrupted while it folds constants."""
_RESIDENT = 2048 * 1024**2
"""Bytes that the process may hold: values of lists and texts do not count in DuckDB's own limit."""
_REFUSED_FUNCTIONS = frozenset(
    {"query", "query_table", "enable_logging", "disable_logging", "truncate_duckdb_logs", "write_log"}
)
"""Functions that run SQL in a text, or write files or to the console."""
NO_NUMBER = Unmeasured(Statement("unmeasured.query_no_number"))
REFUSED = Unmeasured(Statement("unmeasured.query_refused"))
NEEDS_COPY = Unmeasured(Statement("unmeasured.query_needs_copy"))

OPERATORS: Mapping[str, Callable[[float, Sequence[float]], bool]] = {
    "mustBe": lambda number, bound: number == bound[0],
    "mustNotBe": lambda number, bound: number != bound[0],
    "mustBeGreaterThan": lambda number, bound: number > bound[0],
    "mustBeGreaterOrEqualTo": lambda number, bound: number >= bound[0],
    "mustBeLessThan": lambda number, bound: number < bound[0],
    "mustBeLessOrEqualTo": lambda number, bound: number <= bound[0],
    "mustBeBetween": lambda number, bound: bound[0] <= number <= bound[1],
    "mustNotBeBetween": lambda number, bound: not bound[0] <= number <= bound[1],
}
"""Operator of the Open Data Contract Standard → whether a number meets it."""

_TYPES = {
    "integer": "CASE WHEN regexp_full_match(trim({0}), '[+-]?[0-9]+([.]0*)?') THEN TRY_CAST({0} AS BIGINT) END",
    "number": "TRY_CAST({} AS DOUBLE)",
    "boolean": "TRY_CAST({} AS BOOLEAN)",
    "date": "TRY_CAST({} AS DATE)",
    "timestamp": "TRY_CAST({} AS TIMESTAMP)",
    "time": "TRY_CAST({} AS TIME)",
}
"""Logical type → how a text is read as it; a text that is no such value is null."""
_DIRECTIVES = (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))
_KNOWN_FORM = re.compile(r"(?:%[YmdHMS]|[^A-Za-z%'])*(?:T(?:%[YmdHMS]|[^A-Za-z%'])*)?")
"""A form of which every letter is read, but for the T between date and time."""
_ROWS = "\x01rows"
_process = stop_at_exit(ChildProcess())


def evaluate_queries(
    connection: duckdb.DuckDBPyConnection, entries: Mapping[str, str], *, seconds: float = SECONDS
) -> Outcomes:
    """Evaluate rules in SQL on a copy of the table `delivery`.

    Args:
        connection: holds the delivery; the queries never see it.
        entries: check id → the expectation as JSON.
        seconds: within which each query must answer.

    Returns:
        Check id → outcome: one number evaluated, and whether it meets every bound.
    """
    outcomes: Outcomes = {}
    with tempfile.TemporaryDirectory(prefix="ketenwacht-", ignore_cleanup_errors=True) as folder:
        rows = Path(folder) / "rows.parquet"
        connection.execute(f"COPY {quote_name(TABLE)} TO {quote_text(str(rows))} (FORMAT parquet)")
        limits = ProcessLimits(memory=_RESIDENT, total=timedelta(seconds=seconds + _GRACE))
        for check_id, text in entries.items():
            try:
                found = _process.call(evaluate_query, rows, text, seconds, limits=limits)
                outcomes[check_id] = cast("ExpectationOutcome | Unmeasured", found)
            except ProcessEnded as fault:
                names: dict[End, Statement | str] = {End.TOTAL: TOOK_TIME, End.MEMORY: "MemoryError"}
                outcomes[check_id] = Unmeasured(names.get(fault.end, "ProcessEnded"))
            except CallRaised as fault:
                outcomes[check_id] = Unmeasured(fault.cause.split(" at ")[0])
    return outcomes


def evaluate_query(rows: Path, text: str, seconds: float) -> ExpectationOutcome | Unmeasured:
    """Evaluate one rule on a Parquet file of rows; in the process that `evaluate_queries` starts."""
    import duckdb

    entry = json.loads(text)
    meta = entry.get("meta") or {}
    names = [str(name) for name in meta.get("tables") or ()]
    read_as = {str(name): str(kind) for name, kind in (meta.get("read_as") or {}).items()}
    try:
        with _open_sandbox(rows, names, read_as) as sandbox:
            return _run(sandbox, entry["kwargs"], seconds)
    except duckdb.InterruptException:
        return Unmeasured(TOOK_TIME)
    except duckdb.Error as error:  # its text quotes values of rows
        return Unmeasured(type(error).__name__)


@contextmanager
def _open_sandbox(
    rows: Path, names: Sequence[str], read_as: Mapping[str, str]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a database that holds the delivery under its names, and can reach nothing else."""
    import duckdb

    spill = rows.parent / "spill"
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(spill),
        "max_temp_directory_size": SPILL,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with closing(duckdb.connect(":memory:", config=config)) as sandbox:
        sandbox.execute("SET enable_progress_bar = false")
        loaded = f"CREATE TABLE {quote_name(_ROWS)} AS SELECT * FROM read_parquet({quote_text(str(rows))})"  # noqa: S608 - quoted
        sandbox.execute(loaded)
        _name_rows(sandbox, names, read_as)
        for setting in ("python_enable_replacements = false", "enable_external_access = false"):
            sandbox.execute(f"SET {setting}")
        sandbox.execute("SET lock_configuration = true")
        yield sandbox


def _name_rows(sandbox: duckdb.DuckDBPyConnection, names: Sequence[str], read_as: Mapping[str, str]) -> None:
    """Create a view of the rows for each name; `a.b` in the schema a, `a.b.c` in the database a."""
    known = {name.casefold(): _type_of(kind) for name, kind in read_as.items()}
    cells = [
        f"{known[name.casefold()].format(quote_name(name))} AS {quote_name(name)}"
        if kind == "VARCHAR" and name.casefold() in known
        else quote_name(name)
        for name, kind in schema_of(sandbox, _ROWS)
    ]
    select = f"SELECT {', '.join(cells)} FROM memory.main.{quote_name(_ROWS)}"  # noqa: S608 - names are quoted
    made: set[str] = set()
    for name in (TABLE, *names):
        parts = [part.strip('"`[]') for part in name.split(".")]
        if name.casefold() in made or not all(parts) or len(parts) > 3:  # noqa: PLR2004 - database, schema, table
            continue
        made.add(name.casefold())
        if len(parts) == 3 and parts[0].casefold() != "memory":  # noqa: PLR2004 - as above
            sandbox.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {quote_name(parts[0])}")
        if len(parts) > 1:
            sandbox.execute(f"CREATE SCHEMA IF NOT EXISTS {'.'.join(map(quote_name, parts[:-1]))}")
        sandbox.execute(f"CREATE OR REPLACE VIEW {'.'.join(map(quote_name, parts))} AS {select}")


def _type_of(kind: str) -> str:
    """Return the SQL that reads a text as a logical type; `date dd-MM-yyyy` has a form of its own.

    A column whose form is not known stays text: read as null, it would meet rules that it was never compared with.
    """
    word, _, form = kind.partition(" ")
    if form and word in ("date", "timestamp", "time"):
        form = form.replace("'T'", "T")
        for part, directive in _DIRECTIVES:
            form = form.replace(part, directive)
        if _KNOWN_FORM.fullmatch(form) is None:
            return "{}"
        parsed = f"try_strptime({{}}, {quote_text(form.replace('{', '{{').replace('}', '}}'))})"
        return f"CAST({parsed} AS {word.upper()})"
    return _TYPES.get(word, "{}")


def _run(
    sandbox: duckdb.DuckDBPyConnection, kwargs: Mapping[str, object], seconds: float
) -> ExpectationOutcome | Unmeasured:
    import duckdb

    query = str(kwargs["query"])
    statements = sandbox.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        return REFUSED
    if _REFUSED_FUNCTIONS & set(_list_functions(sandbox, query)):
        return REFUSED
    timer = threading.Timer(seconds, sandbox.interrupt)
    timer.daemon = True
    timer.start()
    try:
        cursor = sandbox.execute(statements[0])
        width, rows = len(cursor.description or ()), cursor.fetchmany(2)
    finally:
        timer.cancel()
    number = rows[0][0] if len(rows) == 1 and width == 1 else None
    if not isinstance(number, int | float | Decimal) or not math.isfinite(number):
        return NO_NUMBER
    compared = number if isinstance(number, int) else float(number)
    met = all(
        OPERATORS[word](compared, bound if isinstance(bound, list) else [bound])  # type: ignore[list-item]
        for word, bound in kwargs.items()
        if word in OPERATORS
    )
    return ExpectationOutcome(1.0, float(not met), met)


def _list_functions(sandbox: duckdb.DuckDBPyConnection, query: str) -> Iterator[str]:
    """Yield the name of every function that a SELECT statement calls, also of those that give a table."""
    (text,) = sandbox.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchone() or ("{}",)
    tree = json.loads(text)
    if tree.get("error"):  # such as a statement that this version of DuckDB cannot describe
        yield from _REFUSED_FUNCTIONS
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield str(node.get("function_name", "")).casefold()
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
