"""Synthetic persons in a delivery: counted by themselves, and then taken out, so that nothing else counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ketenwacht.domain.canary import PREFIX
from ketenwacht.domain.measurement import DECLARED_ROWS, DECLARED_SELECTED, ROWS, Measurement, MetricKey

from .profile import Grouping, profile
from .workspace import TABLE, WorkspaceTable, quoted, schema_of

if TYPE_CHECKING:
    import duckdb

_ASIDE = "synthetic"
_NUMBERS = "canary_numbers"


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Keys that are nobody's. Plain values: it may be sent to another process.

    Attributes:
        column: that identifies a person.
        first: lowest key.
        last: highest key, with as many digits.
        pseudonyms: of listed keys, as deliveries with pseudonyms hold them → place in the range.
    """

    column: str
    first: str
    last: str
    pseudonyms: Mapping[str, int] = field(default_factory=dict)

    def keys(self) -> tuple[str, ...]:
        """Every key of the range, in order."""
        return tuple(f"{n:0{len(self.first)}d}" for n in range(int(self.first), int(self.last) + 1))


def exclude(
    connection: duckdb.DuckDBPyConnection, keys: KeyRange | None, groupings: Sequence[Grouping]
) -> dict[MetricKey, Measurement]:
    """Take the synthetic persons out of `TABLE`.

    Args:
        connection: a workspace that holds the delivery in `TABLE`.
        keys: which they are; None: there are none.
        groupings: the dimensions the feed is counted by.

    Returns:
        `canary.<number>` by all dimensions together, and under `rows` how many were taken out of each segment.
    """
    if keys is None or keys.column not in {name for name, _ in schema_of(connection)}:
        return {}
    number = _number_sql(connection, keys)
    connection.execute(
        f"CREATE OR REPLACE TABLE {_ASIDE} AS SELECT * FROM "  # noqa: S608 - names are quoted
        f"(SELECT *, {number} AS canary_number FROM {TABLE}) WHERE canary_number IS NOT NULL"
    )
    (count,) = connection.execute(f"SELECT count(*) FROM {_ASIDE}").fetchall()[0]  # noqa: S608 - our own name
    measured: dict[MetricKey, Measurement] = {}
    if count:
        measured = _counted(connection, groupings)
        connection.execute(f"DELETE FROM {TABLE} WHERE {number} IS NOT NULL")  # noqa: S608 - names are quoted
    connection.execute(f"DROP TABLE {_ASIDE}")
    return measured


def without(
    declared: Mapping[MetricKey, Measurement], apart: Mapping[MetricKey, Measurement]
) -> dict[MetricKey, Measurement]:
    """What the sender declares, less the synthetic persons that came: it counts them with the others."""
    found = dict(declared)
    for key, value in declared.items():
        gone = apart.get(MetricKey(ROWS, key.segment))
        if key.name in {DECLARED_ROWS, DECLARED_SELECTED} and isinstance(gone, float) and isinstance(value, float):
            found[key] = value - gone
    return found


def _number_sql(connection: duckdb.DuckDBPyConnection, keys: KeyRange) -> str:
    """SQL: the place in the range of a row's key, null for a person's."""
    value = f"trim(CAST({quoted(keys.column)} AS VARCHAR))"
    digits = len(keys.first)
    clear = (
        f"CASE WHEN length({value}) = {digits} AND {value} BETWEEN '{keys.first}' AND '{keys.last}' "
        f"THEN TRY_CAST({value} AS BIGINT) - {int(keys.first)} END"
    )
    if not keys.pseudonyms:
        return clear
    connection.execute(f"CREATE OR REPLACE TABLE {_NUMBERS} (pseudonym VARCHAR, number BIGINT)")
    pairs = [list(pair) for pair in keys.pseudonyms.items()]
    connection.executemany(f"INSERT INTO {_NUMBERS} VALUES (?, ?)", pairs)  # noqa: S608 - our own name
    return f"coalesce({clear}, (SELECT min(number) FROM {_NUMBERS} WHERE pseudonym = {value}))"  # noqa: S608 - names are quoted


def _counted(connection: duckdb.DuckDBPyConnection, groupings: Sequence[Grouping]) -> dict[MetricKey, Measurement]:
    present = {name for name, _ in schema_of(connection)}
    usable = [grouping for grouping in groupings if present.issuperset(grouping)]
    finest = tuple(dict.fromkeys(name for grouping in usable for name in grouping))
    wanted = [*usable, ("canary_number", *finest)]
    measured: dict[MetricKey, Measurement] = {}
    for key, value in profile(WorkspaceTable(connection, _ASIDE), wanted).items():
        values = key.segment.as_dict()
        number = values.pop("canary_number", None)
        if key.name != ROWS:
            continue
        if number is None:
            measured[key] = value
        else:
            measured[MetricKey(f"{PREFIX}{number}", key.segment.project(finest))] = value
    return measured
