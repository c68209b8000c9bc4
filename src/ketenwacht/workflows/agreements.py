"""Collect what the contract of a feed agrees, for the guard of texts from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketenwacht.config.rules import list_agreed_columns, load_rules
from ketenwacht.config.validate import to_plain
from ketenwacht.config.yaml_file import YamlFile, read_yaml
from ketenwacht.domain.check_traits import Holds, list_held
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.settings import FeedRules
from ketenwacht.errors import ConfigError
from ketenwacht.measure.parameters import agreed_codes, code_successors
from ketenwacht.measure.suite import SuiteEntry, read_suite

if TYPE_CHECKING:
    from ketenwacht.workflows.project import LoadedProject  # it imports the history, which `lint` does not need

_ALL_COLUMNS = {
    "expect_table_columns_to_match_set": "column_set",
    "expect_table_columns_to_match_ordered_list": "column_list",
}
"""Expectation type → the argument in which it lists every column of a delivery."""


def load_guard(project: LoadedProject, feed: Feed) -> Guard:
    """Return the guard of a feed, from its configuration.

    Raises:
        ConfigError: its suites, code tables, checks or contract are wrong.
    """
    return build_guard(feed, load_rules(feed, project.root), project.root)


def build_guard(feed: Feed, rules: FeedRules, root: Path) -> Guard:
    """Return the guard of a feed: its code tables, and the values, columns and reasons that it names.

    A column has a code table when an expectation restricts every row to a list. The guard knows all columns when a
    `schema` check lists them, or an expectation on the whole table does.

    Args:
        feed: as configured.
        rules: its checks and declared days.
        root: folder of config.yaml.

    Raises:
        ConfigError: a suite, code table or contract is malformed.
    """
    suites = [root / suite for suite in feed.suites]
    codes, named = agreed_codes(suites)
    entries = [entry for suite in suites for entry in read_suite(suite).entries]
    listed = {*list_agreed_columns(rules.checks), *(name for entry in entries for name in _listed_columns(entry))}
    dimensions = frozenset(name for grouping in feed.segments for name in grouping)
    return Guard(
        codes=codes,
        known=_merge(
            [
                *named.items(),
                *_find_values(
                    (rules.checks, [window.segment.as_dict() for window in rules.exclusions]), dimensions
                ),
            ]
        ),
        columns=frozenset(
            {
                *listed,
                *dimensions,
                *_columns_of_feed(feed),
                *_columns_of_suites(entries),
                *_columns_of_checks(rules),
                *_columns_of_terms(feed, root),
            }
        ),
        listed=bool(listed),
        reasons=frozenset(feed.reasons),
        parties=frozenset({feed.sender, feed.receiver}),
        successors=code_successors(suites),
        numbered="{sequence" in (getattr(feed.source, "pattern", None) or ""),
    )


def _listed_columns(entry: SuiteEntry) -> tuple[str, ...]:
    """Return the columns of a delivery that an expectation lists completely; () when it does not."""
    listed = entry.kwargs.get(_ALL_COLUMNS.get(entry.type, ""))
    complete = entry.kwargs.get("exact_match") is not False
    return tuple(map(str, listed)) if isinstance(listed, list) and complete else ()


def _columns_of_feed(feed: Feed) -> Iterator[str]:
    """Yield the columns that the settings of a feed name."""
    source, register, canaries = feed.source, feed.evidence.register, feed.canaries
    single = [*feed.key_columns, source.count_column, getattr(source, "period_column", None)]
    several: list[Iterable[str]] = [getattr(source, "columns", ())]
    if register is not None:
        single += [register.decided_column, register.mutation_column]
        several += [register.segments, register.backlog, *register.count_by]
    if canaries is not None:
        single.append(canaries.decided_column)
        several.append(canaries.values)
    yield from (name for name in single if name)
    for names in several:
        yield from names


def _columns_of_suites(entries: Iterable[SuiteEntry]) -> Iterator[str]:
    for entry in entries:
        yield from entry.columns
        listed = entry.kwargs.get("column_set")
        yield from map(str, listed if isinstance(listed, list) else ())


def _columns_of_checks(rules: FeedRules) -> Iterator[str]:
    """Yield the columns that checks name."""
    for check in rules.checks:
        yield from getattr(check, "segments", None) or ()
        for _, names in list_held(check, Holds.COLUMNS):
            yield from (names,) if names and isinstance(names, str) else names or ()


def _columns_of_terms(feed: Feed, root: Path) -> Iterator[str]:
    """Yield the columns that the terms of the contract describe, in the words of ODCS."""
    terms = to_plain(read_yaml(root / feed.contract).tree) if feed.contract is not None else None
    for described in _mappings_in(terms, "schema"):
        for column in _mappings_in(described, "properties"):
            name = column.get("physicalName") or column.get("name")
            if isinstance(name, str):
                yield name


def _mappings_in(tree: object, key: str) -> list[Mapping[str, object]]:
    found = tree.get(key) if isinstance(tree, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _find_values(setting: object, dimensions: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield dimension and values of every segment in a setting, at any depth."""
    if isinstance(setting, Mapping):
        if setting and dimensions.issuperset(setting):
            for name, value in setting.items():
                listed = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
                yield str(name), frozenset(map(str, listed))
            return
        setting = tuple(setting.values())
    elif is_dataclass(setting) and not isinstance(setting, type):
        setting = tuple(getattr(setting, one.name) for one in fields(setting))
    if isinstance(setting, list | tuple):
        for inner in setting:
            yield from _find_values(inner, dimensions)


def _merge(found: Iterable[tuple[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    merged: dict[str, frozenset[str]] = {}
    for name, values in found:
        merged[name] = merged.get(name, frozenset()) | values
    return merged


def find_faults_of_terms(path: Path) -> Iterator[ConfigError]:
    """Yield every fault in the terms of a contract, as `path:line:column`."""
    from ketenwacht.contract import find_terms_faults  # noqa: PLC0415 - few feeds have terms

    try:
        file = read_yaml(path)
    except ConfigError as fault:
        yield fault
        return
    for place, what, mend in find_terms_faults(_plain_tree(file)):
        yield ConfigError(file.where(place), what, mend)


def read_terms(path: Path) -> dict[str, Any]:
    """Return the terms of a contract.

    Raises:
        ConfigError: they cannot be read, or are not in the form of ODCS; the first fault.
    """
    for fault in find_faults_of_terms(path):
        raise fault
    return _plain_tree(read_yaml(path))


def _plain_tree(file: YamlFile) -> dict[str, Any]:
    tree: Any = to_plain(file.tree)
    return dict(tree)
