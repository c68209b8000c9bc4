"""From a sample to a first configuration: what to count by, what to hold a delivery to, when it is due."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

from ketenwacht.domain.measurement import Column

from .suggest_profile import (
    ColumnProfile,
    K,
    Readings,
    are_unique_together,
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
_PERIOD = re.compile(r"date|day|week|month|period|datum|dag|maand|periode|time|hour|moment")
_SEGMENTS = 4
_MOST_SEGMENTS = 50
_ID_LENGTH = 4
_LEAST_ALIKE = 2
_OFTEN = 0.9
_MOSTLY_NEW = 0.5
_MOSTLY_FILLED = 0.5


@dataclass(frozen=True, slots=True)
class SuiteSuggestion:
    """What a sample speaks for.

    Attributes:
        rows: of the sample.
        columns: their names, in order.
        first: earliest period, None without one.
        last: latest period.
        period_column: None when a file is one delivery.
        period_formats: the layouts that all its texts fit; (): it needs none. More than one: somebody must say.
        count_column: None when a row is a record.
        segments: the dimensions to count by; the whole feed first.
        key: column that identifies a person or thing; None: none found.
        rhythm: None when the periods keep none.
        rules: of the suite.
        drifting: columns that are empty in some rows, at most half.
        coverage: column → its codes, when every period that is not tiny has them all.
        reasons: setting → why it is as it is.
    """

    rows: int
    columns: tuple[str, ...]
    first: date | None
    last: date | None
    period_column: str | None
    period_formats: tuple[str, ...]
    count_column: str | None
    segments: tuple[tuple[str, ...], ...]
    key: str | None
    rhythm: SuggestedSchedule | None
    rules: tuple[SuggestedExpectation, ...]
    drifting: tuple[str, ...]
    coverage: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def always_filled(self) -> tuple[str, ...]:
        """Columns that no row leaves empty."""
        needed = [rule for rule in self.rules if rule.type == "expect_column_values_to_not_be_null"]
        return tuple(str(rule.kwargs["column"]) for rule in needed if "row_condition" not in rule.kwargs)


def suggest(
    con: duckdb.DuckDBPyConnection,
    columns: Sequence[Column],
    *,
    readings: Readings,
    holidays: Holidays,
    dates: Sequence[date] = (),
) -> SuiteSuggestion:
    """Learn what a sample speaks for.

    Args:
        con: a workspace that holds it in the table `delivery`.
        columns: as the reader found them.
        readings: every way to read the texts of a column as periods.
        holidays: public holidays of a country.
        dates: of the deliveries beside the sample, when a file is a delivery, its own first; empty: the sample
            holds the periods in a column.

    Returns:
        Suggestions; `first` is None when the sample has no periods at all.
    """
    period, layouts, days = (None, (), {}) if dates else _period(con, columns, readings)
    create_sample_view(
        con, period, days if period is not None else dict.fromkeys(("",), dates[0]) if dates else {}
    )
    profiles = profile_columns(con, columns)
    others = tuple(p for p in profiles if p.name != period)
    periods = sorted(set(days.values()) or set(dates))
    rows = profiles[0].rows if profiles else 0
    count, why_count = _count(con, others, periods=len(periods)) if period is not None else (None, "")
    described = tuple(p for p in others if p.name != count)
    segments, why_segments = _segments(described)
    unique = _unique(described, deliveries=len(periods), rows=rows) if count is None else []
    key = next((p.name for p in unique if _is_key(p)), None)
    rhythm = suggest_schedule(periods, holidays, whole_periods=period is not None)
    together = (period, *_dimensions(described)) if count is not None and period is not None else ()
    daily = rhythm is None or rhythm.name in {"daily", "working days"} or period is None
    rules = suggest_expectations(
        con, profiles, unique=[p.name for p in unique], together=together, dated=bool(periods) and daily
    )
    reasons = {
        "period_column": f"every row holds a period in {period}, {len(periods)} in all",
        "count_column": why_count,
        "segments": why_segments,
        "key": "its values do not repeat within a delivery, and look like those of an id",
        "schedule": rhythm.reason if rhythm is not None else "the periods of the sample keep no rhythm",
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
        tuple(p.name for p in others if 0 < p.empty <= _MOSTLY_FILLED * p.rows),
        {p.name: p.codes for p in described if (p.name,) in segments and p.codes and _steady(con, p)},
        reasons,
    )


def _period(
    con: duckdb.DuckDBPyConnection, columns: Sequence[Column], readings: Readings
) -> tuple[str | None, tuple[str | None, ...], Mapping[str, date]]:
    """The column that tells the period, its layouts and days: the most regular one; of equals a fitting name."""
    best: tuple[tuple[float, bool], str, tuple[str | None, ...], Mapping[str, date]] | None = None
    for column in columns:
        found = read_periods(con, column.name, readings)
        for days in found.values():
            rank = (_regularity(days), _PERIOD.search(column.name.casefold()) is not None)
            if rank[0] > 0 and (best is None or rank > best[0]):
                best = (rank, column.name, tuple(found), days)
    return best[1:] if best is not None else (None, (), {})


def _regularity(days: Mapping[str, date]) -> float:
    """Share of the gaps between periods that are as small as the smallest; 0 with a single period."""
    different = sorted(set(days.values()))
    gaps = [b - a for a, b in pairwise(different)]
    return round(sum(gap == min(gaps) for gap in gaps) / len(gaps), 1) if gaps else 0


def _count(
    con: duckdb.DuckDBPyConnection, columns: Sequence[ColumnProfile], *, periods: int
) -> tuple[str | None, str]:
    """The column with a count, when rows are counts already: one row for each period and code."""
    whole = [p for p in columns if p.number == "integer" and not p.codes and not p.consecutive and p.distinct > 1]
    whole = [p for p in whole if not any(shape.startswith("-") for shape in p.shapes)]
    named = [p for p in whole if _COUNT.fullmatch(p.name.casefold())]
    if not (named or (len(whole) == 1 and len([p for p in columns if p.number]) == 1)) or periods < _LEAST_ALIKE:
        return None, ""
    others = [p for p in columns if p not in whole and not p.number]
    if any(p.distinct > _MOST_SEGMENTS for p in others) or not are_unique_together(con, _dimensions(others)):
        return None, ""
    name = (named or whole)[0].name
    return name, f"{name} is a whole number, and there is one row for each period and group"


def _dimensions(columns: Sequence[ColumnProfile]) -> tuple[str, ...]:
    return tuple(p.name for p in columns if not p.number and 0 < p.distinct <= _MOST_SEGMENTS and p.filled)


def _segments(columns: Sequence[ColumnProfile]) -> tuple[tuple[tuple[str, ...], ...], str]:
    fit = [p for p in columns if p.varies and p.type == "text" and not p.personal and not p.consecutive]
    fit = [p for p in fit if 1 < p.distinct <= _MOST_SEGMENTS and p.rows >= K * p.distinct]
    fit = [p for p in fit if not p.number or len({len(shape) for shape in p.shapes}) == 1]
    chosen = sorted(fit, key=lambda p: p.distinct)[:_SEGMENTS]
    why = ", ".join(f"{p.name} has {p.distinct} values" for p in chosen)
    return ((), *((p.name,) for p in chosen)), why or "no column has few enough values to count by"


def _unique(columns: Sequence[ColumnProfile], *, deliveries: int, rows: int) -> list[ColumnProfile]:
    """Columns that do not repeat within a delivery, where that says anything."""
    if rows < K or rows < _LEAST_ALIKE * max(deliveries, 1):
        return []
    fit = [p for p in columns if p.filled and p.most_alike == 1 and p.number != "number" and p.dates is None]
    return [p for p in fit if p.consecutive or (_looks_like_an_id(p) and p.distinct >= _MOSTLY_NEW * p.rows)]


def _looks_like_an_id(profile: ColumnProfile) -> bool:
    """Whether values look like ids: letters, digits and marks, and no spaces."""
    marks = {mark for shape in profile.shapes for mark in shape}
    return bool(profile.shapes) and not marks & {" ", "?", ":"} and not profile.dated


def _is_key(profile: ColumnProfile) -> bool:
    return not profile.consecutive and min(len(shape) for shape in profile.shapes) >= _ID_LENGTH


def _steady(con: duckdb.DuckDBPyConnection, profile: ColumnProfile) -> bool:
    """Whether nine deliveries in ten hold every code, so that one that stays away means something."""
    name = '"' + profile.name.replace('"', '""') + '"'
    sql = (
        "SELECT COUNT(*) FILTER (WHERE n = ?) >= ? * COUNT(*) FROM "  # noqa: S608 - quoted
        f'(SELECT COUNT(DISTINCT {name}) AS n FROM sample GROUP BY "\x01day")'
    )
    found = con.execute(sql, [len(profile.codes), _OFTEN]).fetchone()
    return bool(found and found[0])
