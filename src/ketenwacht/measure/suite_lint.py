"""What is wrong with a suite, found without data and without Great Expectations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches
from pathlib import Path

from ketenwacht.errors import ConfigError

from .parameters import DATES, code_table_path, read_code_table
from .suite import Entry, read_suite
from .suite_types import KNOWN, REFUSED

SEVERITIES = ("critical", "warning", "info")
Fault = tuple[str, str]  # what is wrong, how to mend it


def lint(path: str | Path, columns: Collection[str] | None = None) -> list[ConfigError]:
    """Return every fault of a suite, each with `path:line`, what it is, and how to mend it.

    Args:
        path: of the suite.
        columns: those a delivery has, to tell misspelt ones; None: columns are not looked at.
    """
    try:
        suite = read_suite(path)
    except ConfigError as error:
        return [error]
    faults = [ConfigError(entry.where, what, mend) for entry in suite.entries for what, mend in _faults(entry)]
    faults += _duplicates(suite.entries)
    faults += _code_tables(suite.entries)
    if columns is not None:
        faults += [
            ConfigError(entry.where, what, mend)
            for entry in suite.entries
            for what, mend in _columns(entry, columns)
        ]
    return faults


def _faults(entry: Entry) -> Iterator[Fault]:
    for rule in _RULES:
        yield from rule(entry)


def _type(entry: Entry) -> Iterator[Fault]:
    if not entry.type:
        yield "an expectation has no type", 'add "type": "expect_…"'
    elif entry.type in REFUSED:
        yield f"{entry.type} fetches values of persons", f"use {REFUSED[entry.type]}"
    elif entry.type not in KNOWN:
        yield f'unknown expectation type "{entry.type}"', _did_you_mean(entry.type, KNOWN)


def _check_id(entry: Entry) -> Iterator[Fault]:
    if not entry.check_id:
        yield "an expectation has no check_id", 'add "meta": {"check_id": "…"}, unique in the suite'
    elif "." in entry.check_id or entry.check_id != entry.check_id.strip():
        yield f'check_id "{entry.check_id}" has a dot or outer space', "use lower-case words joined by - or _"


def _severity(entry: Entry) -> Iterator[Fault]:
    severity = entry.raw.get("severity", SEVERITIES[0])
    if severity not in SEVERITIES:
        yield f'unknown severity "{severity}"', "use " + ", ".join(SEVERITIES)


def _mostly(entry: Entry) -> Iterator[Fault]:
    mostly = entry.kwargs.get("mostly", 1)
    if isinstance(mostly, dict):
        return
    if not isinstance(mostly, int | float) or isinstance(mostly, bool) or not 0 <= mostly <= 1:
        yield "mostly is not a fraction", "give a number from 0 to 1"


def _condition(entry: Entry) -> Iterator[Fault]:
    if isinstance(entry.kwargs.get("row_condition"), str):
        yield "row_condition is text", "write it as a condition object, which every engine understands"


_RULES: tuple[Callable[[Entry], Iterator[Fault]], ...] = (_type, _check_id, _severity, _mostly, _condition)


def _duplicates(entries: Collection[Entry]) -> Iterator[ConfigError]:
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.check_id and first.setdefault(entry.check_id, entry) is not entry:
            yield ConfigError(
                entry.where,
                f'check_id "{entry.check_id}" is used before, on line {first[entry.check_id].line}',
                "give each expectation its own",
            )


def _code_tables(entries: Collection[Entry]) -> Iterator[ConfigError]:
    seen: set[str] = set()
    for entry in entries:
        for name in entry.parameters:
            if name in seen or name in DATES:
                continue
            seen.add(name)
            table = code_table_path(entry.path, name)
            if not table.is_file():
                yield ConfigError(
                    entry.where,
                    f'parameter "{name}" has no code table',
                    f"add {table} or use one of {', '.join(DATES)}",
                )
                continue
            try:
                read_code_table(table)
            except ConfigError as error:
                yield error


def _columns(entry: Entry, columns: Collection[str]) -> Iterator[Fault]:
    for name in entry.columns:
        if name not in columns:
            yield f'unknown column "{name}"', _did_you_mean(name, columns)


def _did_you_mean(word: str, known: Collection[str]) -> str:
    near = get_close_matches(word, sorted(known), n=1)
    return f'did you mean "{near[0]}"?' if near else "see the list in the documentation"
