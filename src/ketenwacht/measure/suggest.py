"""Suggests a first configuration from a sample: segments, key, expectations and schedule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from ketenwacht.domain.measurement import Column

from .suggest_profile import (
    DAY,
    ColumnProfile,
    K,
    Readings,
    are_unique_together,
    count_days,
    count_no_periods,
    count_rows_unlike,
    create_sample_view,
    profile_columns,
    read_periods,
)
from .suggest_suite import (
    Holidays,
    SuggestedExpectation,
    SuggestedSchedule,
    suggest_expectations,
    suggest_schedule,
)

if TYPE_CHECKING:
    import duckdb

_COUNT = re.compile(r"count|counts|number|n|total|aantal|aantallen|freq|frequency|cases|sales")
_KEY = re.compile(r"(^|_)(id|key|nr|nummer|number|code|bsn)$")
_GROUP = re.compile(r"group|groep|type|soort|kind|class|categor|stream|product|aard")
_OF_PERSONS = re.compile(r"sex|gender|geslacht|age|leeftijd|nation")
_PERIOD = re.compile(r"date|day|week|month|period|datum|dag|maand|periode|time|hour|moment")
_REPEATS = "the key `{}` repeats within a delivery: a person may stand in several rows of it."
_SEGMENTS = 4
_MOST_SEGMENTS = 50
_ID_LENGTH = 4
_LEAST_ALIKE = 2
_OFTEN = 0.9
_MOSTLY_NEW = 0.5
_MOSTLY_FILLED = 0.5


@dataclass(frozen=True, slots=True)
class SuiteSuggestion:
    """Suggestions from a sample.

    Attributes:
        rows: of the sample.
        columns: their names, in order.
        first: earliest period; None: the sample has no periods.
        last: latest period.
        period_column: None: a file is one delivery.
        period_formats: the formats that all of its texts fit; (): no format is needed. With more than one, the
            user must choose.
        count_column: None: a row is a record.
        segments: the dimensions to count by; the whole feed first.
        key: columns that together identify a person or thing; () when none was found.
        rhythm: the schedule; None: the periods are not regular.
        rules: the expectations of the suite.
        drifting: columns that are empty in some rows, in at most half of them.
        coverage: column → its codes, when nine in ten deliveries have all of them.
        reasons: setting → why it is suggested.
        evidence_by: the dimensions that evidence is asked of.
        notes: of each column that nearly was something, why it was not; no values of a row.
    """

    rows: int
    columns: tuple[str, ...]
    first: date | None
    last: date | None
    period_column: str | None
    period_formats: tuple[str, ...]
    count_column: str | None
    segments: tuple[tuple[str, ...], ...]
    key: tuple[str, ...]
    rhythm: SuggestedSchedule | None
    rules: tuple[SuggestedExpectation, ...]
    drifting: tuple[str, ...]
    coverage: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    evidence_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def always_filled(self) -> tuple[str, ...]:
        """Columns that are filled in every row."""
        needed = [rule for rule in self.rules if rule.type == "expect_column_values_to_not_be_null"]
        return tuple(str(rule.kwargs["column"]) for rule in needed if "row_condition" not in rule.kwargs)


def suggest(  # noqa: PLR0913 - the sample, and what the user knows of it
    con: duckdb.DuckDBPyConnection,
    columns: Sequence[Column],
    *,
    readings: Readings,
    holidays: Holidays,
    dates: Sequence[date] = (),
    period: str | None = None,
    key: Sequence[str] = (),
    whole_names: bool = False,
) -> SuiteSuggestion:
    """Suggest a configuration for a sample.

    Args:
        con: a workspace that holds the sample in the table `delivery`.
        columns: of the sample.
        readings: returns every way to read the texts of a column as periods.
        holidays: returns the public holidays of a country.
        dates: when a file is a delivery: the dates of all deliveries; the rows then have the day of theirs in the
            column `DAY`. (): the sample has its periods in a column.
        period: the column with the periods, when the user knows it.
        key: the columns that together identify a person, when the user knows them.
        whole_names: whether the name of a file says a month or week, and not a day.

    Returns:
        Suggestions; `first` is None when the sample has no periods.
    """
    asked = [column for column in columns if period in {None, column.name}]
    period, layouts, days = (None, (), {}) if dates else _find_period(con, asked, readings)
    create_sample_view(con, period, days, dated=bool(dates))
    profiles = profile_columns(con, columns)
    other_columns = tuple(p for p in profiles if p.name != period)
    periods = sorted(set(days.values()) or set(dates))
    rows = profiles[0].rows if profiles else 0
    count, why_count = _find_count(con, other_columns, periods=len(periods)) if period is not None else (None, "")
    described = tuple(p for p in other_columns if p.name != count)
    segments, why_segments = _choose_segments(described)
    loaded = min(len(periods), count_days(con)) if dates else len(periods)
    unique = _find_unique(described, deliveries=loaded, rows=rows) if count is None else []
    given_key = tuple(key)
    key = given_key or tuple(p.name for p in unique if _is_key(p))[:1]
    rhythm = suggest_schedule(periods, holidays, whole_periods=period is not None or whole_names)
    together = (period, *_dimensions(described)) if count is not None and period is not None else ()
    repeats = bool(given_key) and not are_unique_together(con, given_key)
    if len(given_key) > 1 and not repeats:
        together = given_key
    daily = rhythm is None or rhythm.name in {"daily", "working days"} or period is None
    rules = suggest_expectations(
        con, profiles, unique=[p.name for p in unique], together=together, dated=bool(periods) and daily
    )
    reasons = {
        "period_column": f"every row holds a period in {period}, {len(periods)} in all",
        "count_column": why_count,
        "segments": why_segments,
        "key": "as given" if given_key else "its values do not repeat within a delivery, and look like ids",
        "schedule": rhythm.reason if rhythm is not None else "the periods of the sample are not regular",
    }
    return SuiteSuggestion(
        rows,
        tuple(p.name for p in profiles),
        periods[0] if periods else None,
        periods[-1] if periods else None,
        period,
        tuple(layout for layout in layouts if layout is not None),
        count,
        segments,
        key,
        rhythm,
        rules,
        tuple(p.name for p in other_columns if 0 < p.empty <= _MOSTLY_FILLED * p.rows),
        {p.name: p.codes for p in described if (p.name,) in segments and p.codes and _has_all_codes(con, p)},
        reasons,
        _choose_evidence(segments),
        (
            *([_REPEATS.format(", ".join(given_key))] if repeats else []),
            *(
                _explain_near_misses(con, other_columns, period=period, count=count, key=key, readings=readings)
                if not dates or count is None
                else ()
            ),
        ),
    )


def _find_period(
    con: duckdb.DuckDBPyConnection, columns: Sequence[Column], readings: Readings
) -> tuple[str | None, tuple[str | None, ...], Mapping[str, date]]:
    """Return the period column, its formats and days: the most regular column.

    Of equals, one with a fitting name.
    """
    best: tuple[tuple[float, bool], str, tuple[str | None, ...], Mapping[str, date]] | None = None
    for column in columns:
        found = read_periods(con, column.name, readings)
        for days in found.values():
            rank = (_regularity(days), _PERIOD.search(column.name.casefold()) is not None)
            if rank[0] > 0 and (best is None or rank > best[0]):
                best = (rank, column.name, tuple(found), days)
    return best[1:] if best is not None else (None, (), {})


def _regularity(days: Mapping[str, date]) -> float:
    """Return the fraction of gaps between periods that equal the smallest gap; 0 for a single period."""
    different = sorted(set(days.values()))
    gaps = [b - a for a, b in pairwise(different)]
    return round(sum(gap == min(gaps) for gap in gaps) / len(gaps), 1) if gaps else 0


def _find_count(
    con: duckdb.DuckDBPyConnection, columns: Sequence[ColumnProfile], *, periods: int
) -> tuple[str | None, str]:
    """Return the column with a count, and the reason, when each row is the count of one period and group."""
    whole = [p for p in columns if p.number == "integer" and not p.codes and not p.consecutive and p.distinct > 1]
    whole = [p for p in whole if not any(shape.startswith("-") for shape in p.shapes)]
    named = [p for p in whole if _COUNT.fullmatch(p.name.casefold())]
    if not (named or (len(whole) == 1 and len([p for p in columns if p.number]) == 1)) or periods < _LEAST_ALIKE:
        return None, ""
    other_columns = [p for p in columns if p not in whole and not p.number]
    if any(p.distinct > _MOST_SEGMENTS for p in other_columns) or not are_unique_together(
        con, _dimensions(other_columns)
    ):
        return None, ""
    name = (named or whole)[0].name
    return name, f"{name} is a whole number, and there is one row for each period and group"


def _choose_evidence(segments: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the dimension that evidence is asked of: one that is named like a group, else the coarsest other one.

    What belongs to a person, such as the sex, says nothing of who was selected.
    """
    offered = [dims for dims in segments if dims and not _OF_PERSONS.search(dims[0].casefold())]
    named = [dims for dims in offered if _GROUP.search(dims[0].casefold())]
    return next(iter([*named, *offered]), ())


def _explain_near_misses(  # noqa: PLR0913 - each is what was found for one setting
    con: duckdb.DuckDBPyConnection,
    columns: Sequence[ColumnProfile],
    *,
    period: str | None,
    count: str | None,
    key: Sequence[str],
    readings: Readings,
) -> Iterator[str]:
    """Yield of each column that nearly was the count, the period or the key why it was not."""
    for column in columns:
        filled = column.rows - column.empty
        if count is None and _COUNT.fullmatch(column.name.casefold()) and column.number != "integer":
            odd = count_rows_unlike(con, column.name, "[0-9]+")
            yield f"`{column.name}` is no count: {odd:,} of {column.rows:,} rows are not whole numbers."
        if period is None and _PERIOD.search(column.name.casefold()) and column.empty and filled:
            yield f"`{column.name}` is no period: it is empty in {column.empty:,} of {column.rows:,} rows."
        elif period is None and _PERIOD.search(column.name.casefold()):
            odd = count_no_periods(con, column.name, readings)
            if odd:
                yield f"`{column.name}` is no period: {odd:,} of {column.rows:,} rows hold none."
        if not key and _KEY.search(column.name.casefold()) and column.most_alike > 1:
            yield f"`{column.name}` is no key: a value stands in {column.most_alike:,} rows of one delivery."


def _dimensions(columns: Sequence[ColumnProfile]) -> tuple[str, ...]:
    return tuple(p.name for p in columns if not p.number and 0 < p.distinct <= _MOST_SEGMENTS and p.filled)


def _choose_segments(columns: Sequence[ColumnProfile]) -> tuple[tuple[tuple[str, ...], ...], str]:
    fit = [p for p in columns if p.varies and p.type == "text" and not p.personal and not p.consecutive]
    fit = [p for p in fit if 1 < p.distinct <= _MOST_SEGMENTS and p.rows >= K * p.distinct]
    fit = [p for p in fit if not p.number or len({len(shape) for shape in p.shapes}) == 1]
    chosen = sorted(fit, key=lambda p: p.distinct)[:_SEGMENTS]
    why = ", ".join(f"{p.name} has {p.distinct} values" for p in chosen)
    return ((), *((p.name,) for p in chosen)), why or "no column has few enough values to count by"


def _find_unique(columns: Sequence[ColumnProfile], *, deliveries: int, rows: int) -> list[ColumnProfile]:
    """Return columns whose values do not repeat within a delivery, if the sample is large enough to tell."""
    if rows < K or rows < _LEAST_ALIKE * max(deliveries, 1):
        return []
    fit = [p for p in columns if p.filled and p.most_alike == 1 and p.number != "number" and p.dates is None]
    return [p for p in fit if p.consecutive or (_looks_like_an_id(p) and p.distinct >= _MOSTLY_NEW * p.rows)]


def _looks_like_an_id(profile: ColumnProfile) -> bool:
    """Return whether the values look like ids: letters, digits and marks, without spaces."""
    marks = {mark for shape in profile.shapes for mark in shape}
    return bool(profile.shapes) and not marks & {" ", "?", ":"} and not profile.dated


def _is_key(profile: ColumnProfile) -> bool:
    return not profile.consecutive and min(len(shape) for shape in profile.shapes) >= _ID_LENGTH


def _has_all_codes(con: duckdb.DuckDBPyConnection, profile: ColumnProfile) -> bool:
    """Return whether nine in ten deliveries have every code, so that an absent code is a signal."""
    name = '"' + profile.name.replace('"', '""') + '"'
    sql = (
        "SELECT COUNT(*) FILTER (WHERE different = ?) >= ? * COUNT(*) FROM "  # noqa: S608 - quoted
        f"(SELECT COUNT(DISTINCT {name}) AS different FROM sample GROUP BY {DAY})"
    )
    found = con.execute(sql, [len(profile.codes), _OFTEN]).fetchone()
    return bool(found and found[0])
