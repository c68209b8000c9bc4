"""Reads an expectation suite with the line of each expectation, without Great Expectations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from ketenwacht.document_limits import DocumentError, parse_json, read_document
from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.domain.statement import Language, Statement, TextSetting
from ketenwacht.errors import ConfigError, describe_file_fault

if TYPE_CHECKING:
    from ketenwacht.domain.checks.base import Expectation

JsonObject = Mapping[str, object]
_LIST_START = re.compile(r'"expectations"\s*:\s*\[')
_GAP = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class SuiteEntry:
    """One expectation of a suite file.

    Attributes:
        path: of the suite.
        line: of the start of its JSON object, from 1.
        raw: the object.
        text: the object as written in the file; empty when its place is not known.
        column: of the start of the object in its line, from 1.
    """

    path: str
    line: int
    raw: JsonObject
    text: str = field(default="", repr=False)
    column: int = 1

    @property
    def where(self) -> str:
        """`path:line:column`."""
        return f"{self.path}:{self.line}:{self.column}"

    def place(self, word: str) -> str:
        """Return `path:line:column` of the first key or value `word` in it; of the object when it has none."""
        at = self.text.find(json.dumps(word, ensure_ascii=False))
        if at < 0:
            return self.where
        lines = self.text[:at].split("\n")
        column = len(lines[-1]) + (self.column if len(lines) == 1 else 1)
        return f"{self.path}:{self.line + len(lines) - 1}:{column}"

    @property
    def type(self) -> str:
        """The type in snake case; empty when there is none."""
        return str(self.raw.get("type") or "")

    @property
    def kwargs(self) -> JsonObject:
        """The arguments of the expectation."""
        return _object(self.raw.get("kwargs"))

    @property
    def meta(self) -> JsonObject:
        """What this package keeps with an expectation: check_id, title, owner, nature."""
        return _object(self.raw.get("meta"))

    @property
    def check_id(self) -> str:
        """The id of the expectation in measurements and checks; empty when there is none."""
        return str(self.meta.get("check_id") or "")

    @property
    def title(self) -> TextSetting:
        """The title for people: one text, or one for each language; the check_id when there is none."""
        given = self.meta.get("title") or self.raw.get("description") or self.check_id
        if not isinstance(given, dict):
            return str(given)
        known: dict[Language, str] = {word: str(given[word]) for word in get_args(Language) if word in given}
        return known or self.check_id

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the expectation uses, including those of its row condition."""
        found = [self.kwargs.get(key) for key in ("column", "column_A", "column_B")]
        listed = self.kwargs.get("column_list")
        found += listed if isinstance(listed, list) else []
        found += _condition_columns(self.kwargs.get("row_condition"))
        return tuple(dict.fromkeys(name for name in found if isinstance(name, str)))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the suite parameters in its arguments."""
        return tuple(dict.fromkeys(_parameters(self.kwargs)))


@dataclass(frozen=True, slots=True)
class Suite:
    """An expectation suite."""

    path: str
    name: str
    entries: tuple[SuiteEntry, ...]


def read_suite(path: str | Path) -> Suite:
    """Read a suite in the JSON format of Great Expectations.

    Raises:
        ConfigError: the file cannot be read, is not JSON, or has no list of expectations.
    """
    try:
        text = read_document(Path(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            str(path), f"the suite cannot be read ({describe_file_fault(error)})", "name a UTF-8 JSON file"
        ) from None
    return _parse(str(path), text)


def summary(path: str | Path) -> tuple[Expectation, ...]:
    """Return the id, title, columns and severity of each expectation, which the checks need.

    Raises:
        ConfigError: as `read_suite`.
    """
    return tuple(_summarise(entry) for entry in read_suite(path).entries if entry.check_id)


def _summarise(entry: SuiteEntry) -> Expectation:
    from ketenwacht.domain.checks.base import Expectation  # noqa: PLC0415 - reading names needs no check

    severity = str(entry.raw.get("severity") or "critical")  # Great Expectations' own default
    return Expectation(entry.check_id, entry.title, entry.columns, severity, entry.type)


@lru_cache(maxsize=16)
def _parse(path: str, text: str) -> Suite:
    try:
        document = parse_json(text)
    except DocumentError as error:
        raise ConfigError(error.place(path), f"the suite {error.what}", error.mend) from None
    listed = document.get("expectations") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ConfigError(f"{path}:1", "the suite has no list of expectations", 'add "expectations": […]')
    spans = _spans(text, listed)
    entries = tuple(_entry(path, text, span, _object(raw)) for span, raw in zip(spans, listed, strict=True))
    return Suite(path, str(document.get("name") or Path(path).stem), entries)


def _entry(path: str, text: str, span: tuple[int, int], raw: JsonObject) -> SuiteEntry:
    start, end = span
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return SuiteEntry(path, line, raw, text[start:end], column)


def _spans(text: str, listed: list[object]) -> list[tuple[int, int]]:
    """Return the start and end of each item of the list; (0, 0) for all when the list cannot be found."""
    decoder = json.JSONDecoder()
    for head in _LIST_START.finditer(text):
        places, found, at = [], [], head.end()
        for _ in listed:
            start = _end(_GAP, text, at)
            try:
                item, at = decoder.raw_decode(text, start)
            except json.JSONDecodeError:
                break
            places.append((start, at))
            found.append(item)
        if found == listed:
            return places
    return [(0, 0)] * len(listed)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match is not None else at


def _object(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _condition_columns(condition: object) -> list[object]:
    if not isinstance(condition, dict):
        return []
    nested = condition.get("conditions")
    found = [_object(condition.get("column")).get("name")]
    for part in nested if isinstance(nested, list) else []:
        found += _condition_columns(part)
    return found


def _parameters(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "$PARAMETER" in value:
            yield str(value["$PARAMETER"])
            return
        for item in value.values():
            yield from _parameters(item)
    elif isinstance(value, list):
        for item in value:
            yield from _parameters(item)


# The arguments of each expectation type. They are data, so that `lint` does not import Great Expectations.


_TAKES = {
    "expect_column_max_to_be_between": "column between?",
    "expect_column_mean_to_be_between": "column between?",
    "expect_column_median_to_be_between": "column between?",
    "expect_column_min_to_be_between": "column between?",
    "expect_column_pair_values_a_to_be_greater_than_b": "column_A column_B ignore_row_if? mostly? or_equal?",
    "expect_column_pair_values_to_be_equal": "column_A column_B ignore_row_if? mostly?",
    "expect_column_pair_values_to_be_in_set": "column_A column_B value_pairs_set ignore_row_if? mostly?",
    "expect_column_proportion_of_non_null_values_to_be_between": "column between?",
    "expect_column_proportion_of_unique_values_to_be_between": "column between?",
    "expect_column_quantile_values_to_be_between": "column quantile_ranges allow_relative_error?",
    "expect_column_stdev_to_be_between": "column between?",
    "expect_column_sum_to_be_between": "column between?",
    "expect_column_texts_to_be_between": "column compare_as? mostly? between?",
    "expect_column_to_exist": "column column_index?",
    "expect_column_unique_value_count_to_be_between": "column between?",
    "expect_column_value_lengths_to_be_between": "column mostly? between?",
    "expect_column_value_lengths_to_equal": "column value mostly?",
    "expect_column_value_z_scores_to_be_less_than": "column double_sided threshold mostly?",
    "expect_column_values_to_be_between": "column mostly? between?",
    "expect_column_values_to_be_in_set": "column value_set mostly?",
    "expect_column_values_to_be_null": "column mostly?",
    "expect_column_values_to_be_unique": "column mostly?",
    "expect_column_values_to_match_like_pattern": "column like_pattern escape? mostly?",
    "expect_column_values_to_match_like_pattern_list": "column like_pattern_list escape? match_on? mostly?",
    "expect_column_values_to_match_regex": "column mostly? regex?",
    "expect_column_values_to_match_regex_list": "column regex_list match_on? mostly?",
    "expect_column_values_to_not_be_in_set": "column value_set mostly?",
    "expect_column_values_to_not_be_null": "column mostly?",
    "expect_column_values_to_not_be_outliers": "column method? mostly? multiplier?",
    "expect_column_values_to_not_match_like_pattern": "column like_pattern escape? mostly?",
    "expect_column_values_to_not_match_like_pattern_list": "column like_pattern_list escape? mostly?",
    "expect_column_values_to_not_match_regex": "column regex mostly?",
    "expect_column_values_to_not_match_regex_list": "column regex_list mostly?",
    "expect_column_values_to_pass_weighted_checksum": "column modulus weights mostly?",
    "expect_compound_columns_to_be_unique": "column_list ignore_row_if? mostly?",
    "expect_multicolumn_sum_to_equal": "column_list sum_total ignore_row_if? mostly?",
    "expect_multicolumn_values_to_be_equal": "column_list ignore_row_if? mostly?",
    "expect_query_number_to_be": (
        "query mustBe? mustNotBe? mustBeGreaterThan? mustBeGreaterOrEqualTo? mustBeLessThan? "
        "mustBeLessOrEqualTo? mustBeBetween? mustNotBeBetween?"
    ),
    "expect_select_column_values_to_be_unique_within_record": "column_list ignore_row_if? mostly?",
    "expect_table_column_count_to_be_between": "max_value? min_value?",
    "expect_table_column_count_to_equal": "value",
    "expect_table_columns_to_match_ordered_list": "column_list?",
    "expect_table_columns_to_match_set": "column_set? exact_match?",
    "expect_table_row_count_to_be_between": "between?",
    "expect_table_row_count_to_equal": "value",
}

OF_ALL = frozenset({"row_condition", "condition_parser", "batch_id", "result_format", "catch_exceptions"})
"""Arguments that every type accepts and none needs."""
_BETWEEN = "min_value? max_value? strict_min? strict_max?"

NEEDED: Mapping[str, frozenset[str]] = {
    kind: frozenset(word for word in words.split() if not word.endswith("?")) for kind, words in _TAKES.items()
}
"""Expectation type → its required arguments."""
TAKEN: Mapping[str, frozenset[str]] = {
    kind: frozenset(word.removesuffix("?") for word in words.replace("between?", _BETWEEN).split())
    for kind, words in _TAKES.items()
}
"""Expectation type → all of its arguments."""


# The expectation types that a suite may use. They are data, so that `lint` does not import Great Expectations.


QUERY = "expect_query_number_to_be"
"""The type of a rule in SQL, which this package runs itself; see `query_rules`."""
OWN = frozenset({"expect_column_texts_to_be_between", "expect_column_values_to_pass_weighted_checksum", QUERY})
"""The types that this package adds."""

REFUSED = {
    "expect_column_distinct_values_to_be_in_set": "expect_column_values_to_be_in_set",
    "expect_column_distinct_values_to_contain_set": "expect_column_values_to_be_in_set",
    "expect_column_distinct_values_to_equal_set": "expect_column_values_to_be_in_set",
    "expect_column_kl_divergence_to_be_less_than": "a `volume` check per segment",
    "expect_column_most_common_value_to_be_in_set": "a `volume` check per segment",
    "expect_query_results_to_match_comparison": "an expectation on a column",
    "unexpected_rows_expectation": "an expectation on a column, with a row_condition",
}
"""Types that fetch values of persons → what to use instead."""

NOT_IN_SQL = {
    "expect_column_type_to_be": "a `schema` check, which finds a column whose type changed",
    "expect_column_values_to_be_dateutil_parseable": "expect_column_values_to_match_regex",
    "expect_column_values_to_be_decreasing": "an expectation on each row: rows in a database have no order",
    "expect_column_values_to_be_in_type_list": "a `schema` check, which finds a column whose type changed",
    "expect_column_values_to_be_increasing": "an expectation on each row: rows in a database have no order",
    "expect_column_values_to_be_json_parseable": "expect_column_values_to_match_regex, for some parts of it",
    "expect_column_values_to_be_of_type": "a `schema` check, which finds a column whose type changed",
    "expect_column_values_to_match_json_schema": "expect_column_values_to_match_regex, for some parts of it",
    "expect_column_values_to_match_strftime_format": "expect_column_values_to_match_regex",
    "expect_table_row_count_to_equal_other_table": "a `control_total` or `conservation` check",
}
"""Types that the library judges in memory only, not by SQL → what to use instead."""

GREAT_EXPECTATIONS = frozenset(
    {
        "expect_column_max_to_be_between",
        "expect_column_mean_to_be_between",
        "expect_column_median_to_be_between",
        "expect_column_min_to_be_between",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
        "expect_column_pair_values_to_be_in_set",
        "expect_column_proportion_of_non_null_values_to_be_between",
        "expect_column_proportion_of_unique_values_to_be_between",
        "expect_column_quantile_values_to_be_between",
        "expect_column_stdev_to_be_between",
        "expect_column_sum_to_be_between",
        "expect_column_to_exist",
        "expect_column_unique_value_count_to_be_between",
        "expect_column_value_lengths_to_be_between",
        "expect_column_value_lengths_to_equal",
        "expect_column_value_z_scores_to_be_less_than",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_be_null",
        "expect_column_values_to_be_unique",
        "expect_column_values_to_match_like_pattern",
        "expect_column_values_to_match_like_pattern_list",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_match_regex_list",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_not_be_outliers",
        "expect_column_values_to_not_match_like_pattern",
        "expect_column_values_to_not_match_like_pattern_list",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_not_match_regex_list",
        "expect_compound_columns_to_be_unique",
        "expect_multicolumn_sum_to_equal",
        "expect_multicolumn_values_to_be_equal",
        "expect_select_column_values_to_be_unique_within_record",
        "expect_table_column_count_to_be_between",
        "expect_table_column_count_to_equal",
        "expect_table_columns_to_match_ordered_list",
        "expect_table_columns_to_match_set",
        "expect_table_row_count_to_be_between",
        "expect_table_row_count_to_equal",
    }
)
"""The types of Great Expectations 1.24 that judge without fetching values."""

KNOWN = GREAT_EXPECTATIONS | OWN

ABOUT_COLUMNS = frozenset(
    {
        "expect_column_to_exist",
        "expect_table_column_count_to_be_between",
        "expect_table_column_count_to_equal",
        "expect_table_columns_to_match_ordered_list",
        "expect_table_columns_to_match_set",
    }
)
"""Types about the columns themselves: for these an absent column is a result, not an obstacle."""


# What an engine answers.


@dataclass(frozen=True, slots=True)
class ExpectationOutcome:
    """What an expectation found: three numbers, and nothing of a row.

    Attributes:
        evaluated: rows that it evaluated. For an expectation on the table or a whole column: 1, or 0 when there
            was nothing to observe.
        unexpected: rows (or 0 and 1) that did not meet it.
        met: whether it was met at its own `mostly`.
    """

    evaluated: float
    unexpected: float
    met: bool


TOOK_TIME = Statement("unmeasured.took_time")
"""Why something was not measured: its statement was stopped by its limit."""

Outcomes = dict[str, ExpectationOutcome | Unmeasured]
"""Check id → outcome."""
