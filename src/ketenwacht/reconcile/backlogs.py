"""What a comparison found missing, by part and decision date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from ketenwacht.domain.catchup import Backlog
from ketenwacht.domain.segment import Segment

from .pseudonym import quoted

if TYPE_CHECKING:
    import duckdb

Values = tuple[str, ...]


def backlogs(
    connection: duckdb.DuckDBPyConnection, dimensions: Values, parts: Values, day: date
) -> dict[Values, list[Backlog]]:
    """The missing of each segment by part and decision date, oldest first.

    Args:
        connection: holds the tables `cube` and `segment`.
        dimensions: of the segments; () is the whole feed.
        parts: dimensions to divide each segment by.
        day: of the register.
    """
    named = "".join(f"{quoted(name)}, " for name in (*dimensions, *parts))
    rows = connection.execute(
        f"SELECT {named} days, sum(persons)::BIGINT FROM cube JOIN segment ON id = cube.segment "  # noqa: S608 - names are quoted
        f"WHERE class = 'missing' GROUP BY ALL ORDER BY {named} days DESC NULLS FIRST"
    ).fetchall()
    found: dict[Values, list[Backlog]] = {}
    for *values, days, persons in rows:
        part = Segment(tuple(zip(parts, values[len(dimensions) :], strict=True)))
        decided = day - timedelta(days=int(days)) if days is not None else None
        found.setdefault(tuple(values[: len(dimensions)]), []).append(Backlog(part, decided, int(persons)))
    return found
