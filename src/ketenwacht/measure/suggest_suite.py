"""Suggests expectations and a schedule that a sample meets, with the reason for each.

The only values of the sample in them are codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ketenwacht.domain.statement import Language, Persons
from ketenwacht.messages.formatter import MessageFormatter

from .suggest_profile import ColumnProfile, K, count_empties, regex_of

if TYPE_CHECKING:
    import duckdb

Condition = Mapping[str, Any]
_FLOOR_OF_YEARS = 10
_TEXTS = ("text",)
_DATES = ("text", "date")
_TITLES: Mapping[str, Mapping[Language, str]] = {
    "present": {"nl": "{} is ingevuld", "en": "{} is filled in"},
    "known": {"nl": "{} is een van de bekende codes", "en": "{} is one of the known codes"},
    "form": {"nl": "{} heeft de afgesproken vorm", "en": "{} has the agreed form"},
    "range": {"nl": "{} ligt tussen de verwachte grenzen", "en": "{} lies in the expected range"},
    "with": {"nl": "{} is ingevuld bij sommige codes van {}", "en": "{} is filled in for some codes of {}"},
    "unique": {"nl": "{} komt in een levering niet twee keer voor", "en": "{} does not repeat within a delivery"},
    "at_most_one": {"nl": "{}: ten hoogste één rij van elk", "en": "{}: at most one row for each"},
}


@dataclass(frozen=True, slots=True)
class SuggestedExpectation:
    """One suggested expectation.

    Attributes:
        id: its check_id.
        type: of Great Expectations.
        kwargs: its arguments.
        title: for people, in each language.
        severity: critical, warning or info.
        reason: the property of the sample that suggests it.
    """

    id: str
    type: str
    kwargs: Mapping[str, Any]
    title: Mapping[Language, str]
    severity: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return the expectation as JSON of a suite."""
        meta = {"check_id": self.id, "title": dict(self.title), "reason": self.reason}
        return {"type": self.type, "kwargs": dict(self.kwargs), "meta": meta, "severity": self.severity}


def suggest_expectations(
    con: duckdb.DuckDBPyConnection,
    columns: Sequence[ColumnProfile],
    *,
    unique: Sequence[str],
    together: Sequence[str],
    dated: bool,
) -> tuple[SuggestedExpectation, ...]:
    """Return every expectation that the sample suggests.

    Args:
        con: a workspace with the view `sample`.
        columns: the profile of the sample.
        unique: columns whose values do not repeat within a delivery.
        together: columns that are unique together; (): none.
        dated: whether the date of a delivery is on or after all dates in it, so that it may limit them.
    """
    found = list(_suggest_required(columns))
    for column in columns:
        found += [*_suggest_codes(column), *_suggest_form(column), *_suggest_range(column, dated=dated)]
    found += list(_suggest_conditional(con, columns))
    found += [_suggest_unique(name) for name in unique]
    if together:
        listed = ", ".join(together)
        found.append(
            SuggestedExpectation(
                _check_id(*together, "unique"),
                "expect_compound_columns_to_be_unique",
                {"column_list": list(together), "ignore_row_if": "any_value_is_missing"},
                _titles("at_most_one", listed),
                "critical",
                "no two rows of the sample agree in them",
            )
        )
    return tuple({rule.id: rule for rule in found}.values())


def _show_rows(rows: int) -> str:
    """Return a number of rows as text; each row stands for a person, so a small number is hidden."""
    return MessageFormatter().value(Persons(rows))


def _suggest_required(columns: Sequence[ColumnProfile]) -> Iterator[SuggestedExpectation]:
    for column in columns:
        if column.filled and column.rows:
            yield SuggestedExpectation(
                _check_id(column.name, "present"),
                "expect_column_values_to_not_be_null",
                {"column": column.name},
                _titles("present", column.name),
                "critical",
                f"filled in all {_show_rows(column.rows)} rows of the sample",
            )


def _suggest_codes(column: ColumnProfile) -> Iterator[SuggestedExpectation]:
    if column.codes:
        yield SuggestedExpectation(
            _check_id(column.name, "known"),
            "expect_column_values_to_be_in_set",
            {"column": column.name, "value_set": list(column.codes)},
            _titles("known", column.name),
            "warning",
            f"{column.distinct} values, each in {K} rows or more",
        )


def _suggest_form(column: ColumnProfile) -> Iterator[SuggestedExpectation]:
    form = regex_of(column.shapes, number=column.number)
    if form is None or column.codes or column.type not in _TEXTS or column.rows - column.empty < K:
        return
    yield SuggestedExpectation(
        _check_id(column.name, "form"),
        "expect_column_values_to_match_regex",
        {"column": column.name, "regex": form},
        _titles("form", column.name),
        "warning",
        f"all {_show_rows(column.rows - column.empty)} filled rows have it",
    )


def _suggest_range(column: ColumnProfile, *, dated: bool) -> Iterator[SuggestedExpectation]:
    if column.dates is None or column.type not in _DATES or not column.varies:
        return
    year, none_later = column.dates
    first = year - year % _FLOOR_OF_YEARS
    limits: dict[str, Any] = {"min_value": f"{first}-01-01"}
    reason = f"no date lies before {first} (the decade of the earliest)"
    if dated and none_later:
        limits["max_value"] = {"$PARAMETER": "delivery_date"}
        reason += ", and none after its delivery's date"
    yield SuggestedExpectation(
        _check_id(column.name, "range"),
        "expect_column_texts_to_be_between" if column.type == "text" else "expect_column_values_to_be_between",
        {"column": column.name, **limits},
        _titles("range", column.name),
        "warning",
        reason,
    )


def _suggest_conditional(
    con: duckdb.DuckDBPyConnection, columns: Sequence[ColumnProfile]
) -> Iterator[SuggestedExpectation]:
    """Yield expectations for columns that are filled exactly where another column holds certain codes.

    Of several code columns, the one with the fewest codes is used.
    """
    by = sorted((c for c in columns if c.codes and c.filled), key=lambda c: c.distinct)
    for column in columns:
        if not 0 < column.empty < column.rows:
            continue
        for code in by:
            split = count_empties(con, column.name, code.name)
            always = [value for value, _, empty in split if empty == 0]
            if always and all(empty in {0, rows} for _, rows, empty in split):
                yield _required_with(column, code, always)
                break


def _required_with(column: ColumnProfile, code: ColumnProfile, values: Sequence[str]) -> SuggestedExpectation:
    condition: Condition = {
        "type": "comparison",
        "column": {"name": code.name},
        "operator": "IN",
        "parameter": list(values),
    }
    return SuggestedExpectation(
        _check_id(column.name, "with", code.name),
        "expect_column_values_to_not_be_null",
        {"column": column.name, "row_condition": condition},
        _titles("with", column.name, code.name),
        "critical",
        f"filled in every row with {len(values)} of the codes, empty in every row with the others",
    )


def _suggest_unique(name: str) -> SuggestedExpectation:
    return SuggestedExpectation(
        _check_id(name, "unique"),
        "expect_column_values_to_be_unique",
        {"column": name},
        _titles("unique", name),
        "critical",
        "no value comes twice in a delivery of the sample",
    )


def _titles(key: str, *columns: str) -> dict[Language, str]:
    return {language: text.format(*columns) for language, text in _TITLES[key].items()}


def _check_id(*words: str) -> str:
    """Return a check_id, without dots and spaces."""
    return "-".join("".join(c if c.isalnum() or c == "_" else "_" for c in word.strip()) for word in words).lower()


# The schedule of the periods of a sample.


LEAST = 4
"""The fewest periods from which a schedule is suggested."""
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SATURDAY, _WEEK = 5, 7
_DAILY_SHARE, _WORKING_SHARE, _HOLIDAY_SHARE = 0.95, 0.85, 0.6
_OFF_SHARE = 0.02
_MONTH = range(28, 32)
_SAME_GAP = 0.9

Holidays = Callable[[str], Collection[date]]
COUNTRIES = ("NL", "BE", "DE", "FR", "GB", "US")
"""Countries whose holidays may explain working days without a delivery."""


@dataclass(frozen=True, slots=True)
class SuggestedSchedule:
    """A schedule that the sample follows.

    Attributes:
        name: daily, working days, weekly or monthly.
        cron: when a delivery is due.
        lag: days from the first day of a period to the day from which its delivery can be due.
        grace: hours.
        calendar: country whose holidays have no delivery; None: none was recognised.
        reason: why it is suggested.
    """

    name: str
    cron: str
    lag: int
    grace: int
    calendar: str | None
    reason: str


def suggest_schedule(
    days: Collection[date], holidays: Holidays, *, whole_periods: bool
) -> SuggestedSchedule | None:
    """Return the schedule of the periods of a sample; None when they are not regular, or too few.

    Args:
        days: first day of each period.
        holidays: returns the public holidays of a country.
        whole_periods: True: a delivery holds the rows of a period, so it is complete only after the period;
            False: a delivery is a file with its own date.
    """
    found = sorted(set(days))
    if len(found) < LEAST:
        return None
    for kind in (_monthly, _weekly, _working, _daily):
        rhythm = kind(found, holidays, whole_periods)
        if rhythm is not None:
            return rhythm
    return None


def _daily(days: Sequence[date], _holidays: Holidays, whole: bool) -> SuggestedSchedule | None:  # noqa: FBT001 - one shape for all kinds
    span = (days[-1] - days[0]).days + 1
    if len(days) < _DAILY_SHARE * span:
        return None
    reason = f"{len(days)} of the {span} days from {days[0]} to {days[-1]} have rows, weekends included"
    return SuggestedSchedule("daily", "0 9 * * *", 1 if whole else 0, 12, None, reason)


def _working(days: Sequence[date], holidays: Holidays, _whole: bool) -> SuggestedSchedule | None:  # noqa: FBT001 - see _daily
    span = [days[0] + timedelta(n) for n in range((days[-1] - days[0]).days + 1)]
    present = set(days)
    working = [day for day in span if day.weekday() < _SATURDAY]
    weekend = len(days) - sum(day in present for day in working)
    missing = [day for day in working if day not in present]
    if weekend > _OFF_SHARE * len(days) or len(missing) > (1 - _WORKING_SHARE) * len(working):
        return None
    calendar = _find_calendar(missing, holidays)
    reason = f"{len(working) - len(missing)} of {len(working)} working days have rows, {weekend} days of weekends"
    if calendar is not None:
        reason += f"; most of the others are public holidays of {calendar}"
    return SuggestedSchedule("working days", "0 18 * * mon-fri", 0, 12, calendar, reason)


def _find_calendar(missing: Sequence[date], holidays: Holidays) -> str | None:
    """Return the country whose holidays explain most of the days without a delivery; the first of equals."""
    if not missing:
        return None
    explained = {country: sum(day in holidays(country) for day in missing) for country in COUNTRIES}
    best = max(COUNTRIES, key=lambda country: explained[country])
    return best if explained[best] >= _HOLIDAY_SHARE * len(missing) else None


def _weekly(days: Sequence[date], _holidays: Holidays, whole: bool) -> SuggestedSchedule | None:  # noqa: FBT001 - see _daily
    weekdays = {day.weekday() for day in days}
    gaps = Counter((b - a).days for a, b in pairwise(days))
    if len(weekdays) > 1 or gaps[_WEEK] < _SAME_GAP * gaps.total():
        return None
    weekday = _NAMES[weekdays.pop()]
    reason = f"{len(days)} periods from {days[0]} to {days[-1]}, each a week after the other"
    return SuggestedSchedule("weekly", f"0 9 * * {weekday}", _WEEK if whole else 0, 48, None, reason)


def _monthly(days: Sequence[date], _holidays: Holidays, whole: bool) -> SuggestedSchedule | None:  # noqa: FBT001 - see _daily
    gaps = Counter((b - a).days in _MONTH for a, b in pairwise(days))
    if len({day.day for day in days}) > 1 or gaps[True] < _SAME_GAP * gaps.total():
        return None
    reason = f"{len(days)} periods from {days[0]} to {days[-1]}, each a month after the other"
    if not whole:
        return SuggestedSchedule("monthly", f"0 9 {days[0].day} * *", 0, 120, None, reason)
    return SuggestedSchedule("monthly", "0 9 5 * *", 31, 120, None, reason)
