"""Count how lists of pseudonyms overlap: by segment, in which of the lists persons are. Only counts leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.guard import Guard
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import ConfigError

from .keys import find_form, text
from .tables import Resources, Table, hide_values, open_table, workspace

if TYPE_CHECKING:
    import duckdb

    from ketenwacht.domain.stats.undercoverage import CaptureHistory


def count_captures(
    lists: Mapping[str, Path], *, key: str, segments: Sequence[str] = (), guard: Guard
) -> dict[Segment, dict[CaptureHistory, int]]:
    """Return persons by segment and by the lists that hold them, in the order of the lists.

    A person's segment is that of the first list that states it; a list without the column states none.

    Args:
        lists: name → a file that `pseudonymise` wrote; all under one key.
        key: the column of the pseudonym.
        segments: columns to count by.
        guard: withholds values that may be of a person.

    Raises:
        ConfigError: a list is in clear, is under another key, or lacks the column.
        UnreadableDelivery: a list cannot be parsed.
    """
    with workspace(Resources()) as connection:
        opened = [_open(connection, path, key) for path in lists.values()]
        for column in segments:
            if not any(column in table.columns for table, _ in opened):
                raise ConfigError("--segments", f"no list has the column {column}", "name a column of a list")
        names = {name for _, name in opened}
        if len(names) > 1:
            said = ", ".join(
                f"{path.name}: {name}" for path, (_, name) in zip(lists.values(), opened, strict=True)
            )
            raise ConfigError("--list", f"they are under different keys ({said})", "pseudonymise all under one")
        parts = [_rows_sql(table, key, place, segments) for place, (table, _) in enumerate(opened)]
        flags = [f"bool_or(place = {place}) AS l{place}" for place in range(len(lists))]
        stated = [f"arg_min(s{i}, place) FILTER (s{i} IS NOT NULL)" for i in range(len(segments))]
        groups = [f"coalesce({sql}, '') AS s{i}" for i, sql in enumerate(stated)]
        every = " UNION ALL ".join(parts)
        persons = f"SELECT {', '.join([*flags, *groups])} FROM ({every}) GROUP BY person"  # noqa: S608 - our own names
        with hide_values("the lists"):
            rows = connection.execute(f"SELECT *, count(*) FROM ({persons}) GROUP BY ALL").fetchall()  # noqa: S608 - see above
    counts: dict[Segment, dict[CaptureHistory, int]] = {}
    for row in rows:
        history = tuple(bool(one) for one in row[: len(lists)])
        segment = guard.segment(Segment(tuple(zip(segments, map(str, row[len(lists) : -1]), strict=True))))
        held = counts.setdefault(segment, {})
        held[history] = held.get(history, 0) + int(row[-1])
    return counts


def _open(connection: duckdb.DuckDBPyConnection, path: Path, key: str) -> tuple[Table, str]:
    """Return a list and the id of the one key that it is under."""
    table = open_table(connection, path)
    table.require(key)
    value = text(key)
    with hide_values(str(path)):
        if find_form(connection, table.relation, (key,), where=str(path)).clear:
            raise ConfigError(str(path), "it holds persons in clear", "pseudonymise it first")
        found = connection.execute(
            f"SELECT DISTINCT split_part({value}, ':', 1) FROM {table.relation} WHERE {value} <> ''"  # noqa: S608 - names are quoted
        ).fetchall()
    if len(found) != 1:
        raise ConfigError(str(path), f"it is under {len(found)} keys", "pseudonymise it under one key")
    return table, str(found[0][0])


def _rows_sql(table: Table, key: str, place: int, segments: Sequence[str]) -> str:
    columns = [f"NULLIF({text(one)}, '')" if one in table.columns else "NULL" for one in segments]
    chosen = "".join(f", {sql} AS s{i}" for i, sql in enumerate(columns))
    value = text(key)
    return f"SELECT {value} AS person, {place} AS place{chosen} FROM {table.relation} WHERE {value} <> ''"  # noqa: S608 - names are quoted
