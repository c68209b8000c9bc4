"""Finds faults in a suite, without data and without Great Expectations."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from ketenwacht.domain.statement import Language
from ketenwacht.errors import ConfigError

from .parameters import DATES, code_table_path, read_code_table
from .query_rules import OPERATORS as OPERATORS_OF_QUERY
from .suite import KNOWN, NEEDED, NOT_IN_SQL, OF_ALL, QUERY, REFUSED, TAKEN, SuiteEntry, read_suite

SEVERITIES = ("critical", "warning", "info")
LANGUAGES: tuple[str, ...] = get_args(Language)
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "IN", "NOT_IN")
"""Operators of a row condition, as Great Expectations names them; a test compares the two."""
_LISTS = frozenset(("value_set", "column_list", "column_set", "regex_list", "like_pattern_list", "weights"))
_DATE_FORM = re.compile(r"(?=.*(yyyy|HH))((?:yyyy|MM|dd|HH|mm|ss)[^A-Za-z]*)+|yyyy-MM-dd'?T'?HH:mm(:ss)?")
_MOST = 5
"""A message lists at most so many words."""


@dataclass(frozen=True, slots=True)
class SuiteFault:
    """What is wrong with an expectation, how to mend it, and the word of it that is at fault."""

    what: str
    mend: str
    word: str | None = None

    def at(self, entry: SuiteEntry) -> ConfigError:
        """Return the fault as an error with its place."""
        return ConfigError(entry.where if self.word is None else entry.place(self.word), self.what, self.mend)


def lint(path: str | Path, columns: Collection[str] | None = None) -> list[ConfigError]:
    """Return every fault of a suite, each with `path:line:column`, what it is, and how to mend it.

    Args:
        path: of the suite.
        columns: of a delivery, to find misspelt names; None: columns are not checked.
    """
    try:
        suite = read_suite(path)
    except ConfigError as error:
        return [error]
    faults = [fault.at(entry) for entry in suite.entries for rule in _RULES for fault in rule(entry)]
    faults += _duplicates(suite.entries)
    faults += _code_tables(suite.entries)
    if columns is not None:
        faults += [fault.at(entry) for entry in suite.entries for fault in _columns(entry, columns)]
    return faults


def _type(entry: SuiteEntry) -> Iterator[SuiteFault]:
    kind = entry.type
    if not kind:
        yield SuiteFault("an expectation has no type", 'add "type": "expect_…"')
    elif kind in REFUSED:
        yield SuiteFault(f"{kind} fetches values of persons", f"use {REFUSED[kind]}", kind)
    elif kind in NOT_IN_SQL:
        yield SuiteFault(f"{kind} cannot be judged by SQL", f"use {NOT_IN_SQL[kind]}", kind)
    elif kind not in KNOWN:
        yield SuiteFault(f'unknown expectation type "{kind}"', did_you_mean(kind, KNOWN), kind)


def _check_id(entry: SuiteEntry) -> Iterator[SuiteFault]:
    name = entry.check_id
    if not name:
        yield SuiteFault("an expectation has no check_id", 'add "meta": {"check_id": "…"}, unique in the suite')
    elif "." in name or name != name.strip():
        yield SuiteFault(
            f'check_id "{name}" has a dot, or a space at its start or end',
            "use lower-case words joined by - or _",
            name,
        )


def _title(entry: SuiteEntry) -> Iterator[SuiteFault]:
    title = entry.meta.get("title", "")
    if isinstance(title, dict):
        for name in title:
            if name not in LANGUAGES:
                mend = f"use {' and '.join(LANGUAGES)}, or write one text for all"
                yield SuiteFault(f'the title has a text in the unknown language "{name}"', mend, name)
    if not isinstance(title, str | dict) or (isinstance(title, dict) and not all(map(_is_text, title.values()))):
        yield SuiteFault("the title is not a text", 'write "title": "…", or {"nl": "…", "en": "…"}', "title")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _severity(entry: SuiteEntry) -> Iterator[SuiteFault]:
    severity = entry.raw.get("severity", SEVERITIES[0])
    if severity not in SEVERITIES:
        yield SuiteFault(f'unknown severity "{severity}"', did_you_mean(str(severity), SEVERITIES), "severity")


def _arguments(entry: SuiteEntry) -> Iterator[SuiteFault]:
    given, taken = set(entry.kwargs), TAKEN.get(entry.type)
    if taken is None:
        return
    meant = ""
    for name in sorted(given - taken - OF_ALL):
        mend = did_you_mean(name, taken)
        meant += mend
        yield SuiteFault(f'unknown argument "{name}"', mend, name)
    for name in sorted(one for one in NEEDED[entry.type] - given if f'"{one}"?' not in meant):
        yield SuiteFault(f'{entry.type} has no "{name}"', f'add "{name}" to its kwargs', "kwargs")


def _mostly(entry: SuiteEntry) -> Iterator[SuiteFault]:
    mostly = entry.kwargs.get("mostly", 1)
    if isinstance(mostly, dict):
        return
    if not isinstance(mostly, int | float) or isinstance(mostly, bool) or not 0 <= mostly <= 1:
        yield SuiteFault("mostly is not a fraction", "give a number from 0 to 1", "mostly")


def _bounds(entry: SuiteEntry) -> Iterator[SuiteFault]:
    low, high = entry.kwargs.get("min_value"), entry.kwargs.get("max_value")
    for kind in (str, int | float):
        if isinstance(low, kind) and isinstance(high, kind) and low > high:  # type: ignore[operator]
            yield SuiteFault("min_value is above max_value, so no value meets it", "swap them", "min_value")


def _compare_as(entry: SuiteEntry) -> Iterator[SuiteFault]:
    form = entry.kwargs.get("compare_as", "text")
    known = form in ("text", "number") or (isinstance(form, str) and _DATE_FORM.fullmatch(form) is not None)
    if entry.type == "expect_column_texts_to_be_between" and not known:
        mend = "use text, number, or the form of a date such as dd-MM-yyyy"
        yield SuiteFault("compare_as is not known", mend, "compare_as")


def _query(entry: SuiteEntry) -> Iterator[SuiteFault]:
    if entry.type != QUERY:
        return
    given = {word: bound for word, bound in entry.kwargs.items() if word in OPERATORS_OF_QUERY}
    if not given:
        yield SuiteFault("the rule has no bound", f"add one of: {', '.join(OPERATORS_OF_QUERY)}", "kwargs")
    for word, bound in given.items():
        numbers = bound if isinstance(bound, list) else [bound]
        size = 2 if word.endswith("Between") else 1
        right = all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers)
        if not right or len(numbers) != size or (isinstance(bound, list) and size == 1):
            mend = "write [low, high]" if size > 1 else "write one number"
            yield SuiteFault(f"the bound of {word} is not {'two numbers' if size > 1 else 'a number'}", mend, word)


def _regex(entry: SuiteEntry) -> Iterator[SuiteFault]:
    listed = entry.kwargs.get("regex_list")
    for pattern in (entry.kwargs.get("regex"), *(listed if isinstance(listed, list) else ())):
        if isinstance(pattern, str):
            try:
                re.compile(pattern)
            except re.error as error:
                place = f" at character {error.pos + 1}" if error.pos is not None else ""
                yield SuiteFault(f"the regex is not valid: {error.msg}{place}", "mend the expression", pattern)


def _lists(entry: SuiteEntry) -> Iterator[SuiteFault]:
    for name in sorted(_LISTS & set(entry.kwargs)):
        given = entry.kwargs[name]
        if not isinstance(given, list | dict):  # a parameter is an object
            yield SuiteFault(f"{name} is not a list", f'write "{name}": ["one", "other"]', name)
        elif not given:
            yield SuiteFault(f"{name} is empty, so no value meets it", "fill it, or remove the expectation", name)


def _condition(entry: SuiteEntry) -> Iterator[SuiteFault]:
    condition = entry.kwargs.get("row_condition")
    if isinstance(condition, str):
        mend = "write it as a condition object, which every engine understands"
        yield SuiteFault("row_condition is text", mend, "row_condition")
    for operator in _operators(condition):
        if operator not in OPERATORS:
            yield SuiteFault(f'unknown operator "{operator}"', f"use one of: {', '.join(OPERATORS)}", operator)


def _operators(condition: object) -> Iterator[str]:
    """Yield the operators of a row condition and its parts."""
    if isinstance(condition, dict):
        if condition.get("type") == "comparison":
            yield str(condition.get("operator"))
        parts = condition.get("conditions")
        for part in parts if isinstance(parts, list) else ():
            yield from _operators(part)


_RULES: tuple[Callable[[SuiteEntry], Iterator[SuiteFault]], ...] = (
    _type,
    _check_id,
    _title,
    _severity,
    _arguments,
    _mostly,
    _bounds,
    _compare_as,
    _query,
    _regex,
    _lists,
    _condition,
)


def find_entry_faults(entry: SuiteEntry) -> list[tuple[str, str]]:
    """Return what is wrong with one expectation by itself, each with how to mend it."""
    return [(fault.what, fault.mend) for rule in _RULES for fault in rule(entry)]


def _duplicates(entries: Collection[SuiteEntry]) -> Iterator[ConfigError]:
    first: dict[str, SuiteEntry] = {}
    for entry in entries:
        if entry.check_id and first.setdefault(entry.check_id, entry) is not entry:
            yield ConfigError(
                entry.place(entry.check_id),
                f'check_id "{entry.check_id}" is also used on line {first[entry.check_id].line}',
                "give each expectation its own",
            )


def _code_tables(entries: Collection[SuiteEntry]) -> Iterator[ConfigError]:
    seen: set[str] = set()
    for entry in entries:
        for name in entry.parameters:
            if name in seen or name in DATES:
                continue
            seen.add(name)
            table = code_table_path(entry.path, name)
            if not table.is_file():
                yield ConfigError(
                    entry.place(name),
                    f'parameter "{name}" has no code table',
                    f"add {table} or use one of {', '.join(DATES)}",
                )
                continue
            try:
                read_code_table(table)
            except ConfigError as error:
                yield error


def _columns(entry: SuiteEntry, columns: Collection[str]) -> Iterator[SuiteFault]:
    for name in entry.columns:
        if name not in columns:
            yield SuiteFault(f'unknown column "{name}"', did_you_mean(name, columns), name)


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return how to mend an unknown word: the nearest known word, or all of them when they are few."""
    near = get_close_matches(word, sorted(known), n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    return (
        f"use one of: {', '.join(sorted(known))}" if len(known) <= _MOST else "see the list in the documentation"
    )
