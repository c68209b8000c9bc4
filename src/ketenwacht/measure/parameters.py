"""Suite parameters: the codes that are valid on the date of a delivery, and that date itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from ketenwacht.document_limits import read_document
from ketenwacht.domain.successors import CodeSuccessors, Succession
from ketenwacht.errors import ConfigError, describe_file_fault

from .suite import SuiteEntry, read_suite

DATES = {"delivery_date": "%Y-%m-%d", "delivery_date_digits": "%Y%m%d"}
"""The parameters that every suite has: the date of the delivery, as text in these formats."""

Value = str | list[str]
_PAIR = ("column_A", "column_B")
_COLUMNS = ("code", "name", "valid_from", "valid_to", "successor")


@dataclass(frozen=True, slots=True)
class CodeTableEntry:
    """One code of a code table.

    Attributes:
        code: as a delivery holds it; always text, so that leading zeros stay.
        name: for people, shown with the code; empty: the code has no name.
        valid_from: first day; None: no first day.
        valid_to: last day, inclusive; None: still valid.
        successor: the code to use from the next day; None: there is none.
    """

    code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None

    def valid_on(self, day: date) -> bool:
        """Return whether the code may be used on `day`."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_to is None or day <= self.valid_to)


_LONGEST_NAME = 60  # a file's name has 255 bytes at most, and a character up to four


def load_parameters(entries: Iterable[SuiteEntry], day: date) -> dict[str, Value]:
    """Return the value of every suite parameter that `entries` use.

    Args:
        entries: expectations; a parameter names a code table beside their suite, or is one of `DATES`.
        day: the date of the delivery, in the calendar of the feed.

    Returns:
        Parameter → the codes valid on `day`, in the order of the table; or the date as text. A parameter whose
        table is absent is left out, so that only the expectations that need it cannot be measured.

    Raises:
        ConfigError: a code table is malformed.
    """
    values: dict[str, Value] = {name: day.strftime(form) for name, form in DATES.items()}
    for entry in entries:
        for name in entry.parameters:
            path = code_table_path(entry.path, name)
            if name not in values and path.is_file():
                values[name] = [code.code for code in read_code_table(path) if code.valid_on(day)]
    return values


def resolve_parameters(value: object, parameters: Mapping[str, Value]) -> object:
    """Return `value` with each `{"$PARAMETER": name}` replaced.

    Raises:
        KeyError: a parameter has no value; the argument is its name.
    """
    if isinstance(value, dict):
        if "$PARAMETER" in value:
            return parameters[str(value["$PARAMETER"])]
        return {key: resolve_parameters(item, parameters) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve_parameters(item, parameters) for item in value]
    return value


def code_table_path(suite: str | Path, name: str) -> Path:
    """Return the path of the code table of a parameter: `codes/<name>.csv` beside the suite.

    A name that no file can have is cut off: its table is absent, and not a fault of the system.
    """
    return Path(suite).parent / "codes" / f"{name[:_LONGEST_NAME]}.csv"


def read_code_table(path: str | Path) -> tuple[CodeTableEntry, ...]:
    """Read a code table: CSV with `;` and the columns code;name;valid_from;valid_to;successor, dates ISO.

    Raises:
        ConfigError: it cannot be read, lacks a column, has no code, or has an invalid date.
    """
    try:
        return _read(str(path), Path(path).stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            str(path), f"the code table cannot be read ({describe_file_fault(error)})", "give a UTF-8 CSV file"
        ) from None


def code_labels(suites: Iterable[str | Path]) -> dict[str, dict[str, str]]:
    """Return the names of the codes of each column, from the code table that an expectation holds it to.

    Args:
        suites: paths; a suite or code table that cannot be read is skipped.

    Returns:
        Column → code → name, without names that are empty or equal to their code.
    """
    labels: dict[str, dict[str, str]] = {}
    for suite in suites:
        try:
            entries = read_suite(suite).entries
        except ConfigError:
            continue
        for entry in entries:
            column, given = entry.kwargs.get("column"), entry.kwargs.get("value_set")
            name = given.get("$PARAMETER") if isinstance(given, dict) else None
            if isinstance(column, str) and isinstance(name, str):
                labels[column] = {**_read_labels(code_table_path(entry.path, name)), **labels.get(column, {})}
    return labels


def agreed_codes(suites: Iterable[str | Path]) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Return the values that the expectations of suites allow, by column, as text, valid on any day.

    Args:
        suites: paths.

    Returns:
        Two mappings of column → values. The first is for columns whose every row must be in the list; the second
        for columns of which the expectations name only some values.

    Raises:
        ConfigError: a suite or code table is malformed. An absent code table has no values.
    """
    named: dict[str, set[str]] = {}
    complete: set[str] = set()
    for entry in (entry for suite in suites for entry in read_suite(suite).entries):
        for column, values in _allowed_values(entry):
            named.setdefault(column, set()).update(values)
            if values and entry.kwargs.get("row_condition") is None:
                complete.add(column)
    found = {column: frozenset(values) for column, values in named.items()}
    return (
        {column: values for column, values in found.items() if column in complete},
        {column: values for column, values in found.items() if column not in complete},
    )


def code_successors(suites: Iterable[str | Path]) -> CodeSuccessors:
    """Return which codes another code replaces, from the code tables that expectations hold columns to.

    Args:
        suites: paths.

    Raises:
        ConfigError: a suite or code table is malformed.
    """
    found: dict[str, dict[str, Succession]] = {}
    for entry in (entry for suite in suites for entry in read_suite(suite).entries):
        column, given = entry.kwargs.get("column"), entry.kwargs.get("value_set")
        name = given.get("$PARAMETER") if isinstance(given, dict) else None
        if not isinstance(column, str) or not isinstance(name, str):
            continue
        path = code_table_path(entry.path, name)
        for code in read_code_table(path) if path.is_file() else ():
            if code.successor is not None and code.valid_to is not None:
                over = Succession(code.code, code.valid_to, code.successor)
                found.setdefault(column, {}).setdefault(code.code, over)
    return CodeSuccessors({column: tuple(codes.values()) for column, codes in found.items() if codes})


def _allowed_values(entry: SuiteEntry) -> list[tuple[str, set[str]]]:
    """Return the columns for which an expectation lists values, with those values."""
    given = entry.kwargs
    if entry.type == "expect_column_values_to_be_in_set" and isinstance(given.get("column"), str):
        return [(str(given["column"]), _allowed_texts(entry, given.get("value_set")))]
    pairs = given.get("value_pairs_set")
    if entry.type != "expect_column_pair_values_to_be_in_set" or not isinstance(pairs, list):
        return []
    sides = zip(*(pair for pair in pairs if isinstance(pair, list) and len(pair) == len(_PAIR)), strict=True)
    return [
        (str(given.get(name)), _allowed_texts(entry, list(side))) for name, side in zip(_PAIR, sides, strict=False)
    ]


def _allowed_texts(entry: SuiteEntry, values: object) -> set[str]:
    """Return values of a suite as the texts by which values of a delivery are counted."""
    if isinstance(values, dict):
        path = code_table_path(entry.path, str(values.get("$PARAMETER")))
        return {entry.code for entry in read_code_table(path)} if path.is_file() else set()
    found = values if isinstance(values, list) else []
    texts = {str(one).lower() if isinstance(one, bool) else str(one) for one in found if one is not None}
    return texts | {str(int(one)) for one in found if isinstance(one, float) and one.is_integer()}


def _read_labels(path: Path) -> dict[str, str]:
    try:
        codes = read_code_table(path)
    except ConfigError:
        return {}
    return {
        entry.code: entry.name for entry in codes if entry.name and entry.name.casefold() != entry.code.casefold()
    }


@lru_cache(maxsize=64)
def _read(path: str, _changed: int) -> tuple[CodeTableEntry, ...]:
    with io.StringIO(read_document(Path(path), encoding="utf-8-sig"), newline="") as stream:
        reader = csv.DictReader(stream, delimiter=";")
        missing = [name for name in _COLUMNS[:1] if name not in (reader.fieldnames or ())]
        if missing:
            raise ConfigError(f"{path}:1", 'there is no column "code"', f"start with {';'.join(_COLUMNS)}")
        codes = tuple(_parse_code(row, f"{path}:{reader.line_num}") for row in reader)
    if not codes:
        raise ConfigError(f"{path}:1", "the code table is empty", "add its codes, or remove the parameter")
    return codes


def _parse_code(row: Mapping[str, str | None], where: str) -> CodeTableEntry:
    code = row.get("code")
    if not code:
        raise ConfigError(where, "a code is empty", "fill in the code, or remove the line")
    first, last = _parse_date(row.get("valid_from"), where), _parse_date(row.get("valid_to"), where)
    if first is not None and last is not None and first > last:
        raise ConfigError(where, "a code ends before it begins", "swap valid_from and valid_to")
    return CodeTableEntry(code, row.get("name") or "", first, last, row.get("successor") or None)


def _parse_date(text: str | None, where: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(where, "a date is not valid", "write it as YYYY-MM-DD") from None
