"""An identity for a set of rows: the same rows in another order, or beside other periods, give the same one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from ketenwacht.domain.measurement import Column

from .columns import literal, quoted

if TYPE_CHECKING:
    import duckdb


def digest_of(con: duckdb.DuckDBPyConnection, table: str, columns: Iterable[Column]) -> str:
    """SHA-256 (hexadecimal) of all rows of a table."""
    sql = f"SELECT sha256(coalesce(string_agg(h, '' ORDER BY h), '')) FROM ({_hashed(table, columns)})"  # noqa: S608 - quoted
    found = con.execute(sql).fetchone()
    return str(found[0]) if found is not None else ""


def digests_by_period(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: Iterable[Column],
    period_column: str,
    periods: dict[str, date],
) -> dict[date, str]:
    """SHA-256 (hexadecimal) of the rows of each period.

    Args:
        con: where `table` is.
        table: its name.
        columns: its columns.
        period_column: the column with the period.
        periods: the period of each text that the column holds.
    """
    hashed = _hashed(table, columns, f", CAST({quoted(period_column)} AS VARCHAR) AS raw")
    sql = (
        "SELECT p.day, sha256(string_agg(h, '' ORDER BY h)) "  # noqa: S608 - names are quoted, values are parameters
        f"FROM ({hashed}) JOIN (SELECT unnest(?) AS raw, unnest(?) AS day) p USING (raw) GROUP BY 1"
    )
    return dict(con.execute(sql, [list(periods), list(periods.values())]).fetchall())


def _hashed(table: str, columns: Iterable[Column], more: str = "") -> str:
    # A cell is its column's name and its text, as JSON so that no two rows run into one another. An empty cell is
    # nothing at all: a column that is added later leaves the identity of earlier rows alone.
    cells = [
        f"CASE WHEN {cell} IS NULL THEN '' ELSE CAST(to_json([{title}, CAST({cell} AS VARCHAR)]) AS VARCHAR) END"
        for title, cell in sorted((literal(column.name), quoted(column.name)) for column in columns)
    ]
    return f"SELECT sha256({' || '.join(cells)}) AS h{more} FROM {quoted(table)}"  # noqa: S608 - names are quoted
