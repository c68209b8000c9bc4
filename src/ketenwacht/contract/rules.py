"""Rules for one delivery: an expectation of a suite as a quality rule of the standard, and back.

An expectation becomes a rule of the standard's library when that rule reads back as the same expectation, so that
other tools run it. Any other expectation becomes a custom rule of Great Expectations.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ketenwacht.domain.check_traits import Holds, traits_of
from ketenwacht.domain.checks.base import Check
from ketenwacht.errors import ConfigError
from ketenwacht.plugins import find_check_kind

from .library import OPERATORS, QUERY, NoExpectation, describe_changes, from_library, to_library
from .model import ENGINE, Node, Tree
from .trees import pick_text, slugify, to_json_types

GX = "greatExpectations"
_GX_NAMES = frozenset({"greatexpectations", "great-expectations", "great_expectations", "gx"})
_DIMENSION: tuple[tuple[str, str], ...] = (
    ("not_be_null", "completeness"),
    ("be_null", "completeness"),
    ("row_count", "completeness"),
    ("unique", "uniqueness"),
    ("columns", "conformity"),
    ("column_to_exist", "conformity"),
    ("match", "conformity"),
    ("length", "conformity"),
    ("in_set", "conformity"),
    ("of_type", "conformity"),
    ("pair", "consistency"),
    ("multicolumn", "consistency"),
)
"""Part of an expectation type → quality dimension; the first match counts, without a match it is accuracy."""

SEVERITY: Mapping[str, str] = {
    **dict.fromkeys(("critical", "error", "high", "blocker", "fatal", "major"), "critical"),
    **dict.fromkeys(("warning", "warn", "medium", "minor"), "warning"),
    **dict.fromkeys(("info", "low", "informational", "notice"), "info"),
}
"""Word for a severity in a contract → severity of a suite."""

KEPT = (
    *("id", "businessImpact", "method", "schedule", "scheduler", "tags", "authoritativeDefinitions"),
    *("customProperties", "dimension"),
)
"""Members of a rule that no check judges; they stay in the terms."""


@dataclass(frozen=True, slots=True)
class RuleExpectations:
    """The expectations for one quality rule, and what differs from the rule."""

    expectations: tuple[Tree, ...]
    changes: str = ""


def find_column(raw: Tree) -> str | None:
    """Return the column that an expectation is about; None for several columns or the whole delivery."""
    column = raw.get("kwargs", {}).get("column")
    return column if isinstance(column, str) else None


def expectation_to_rule(raw: Tree, *, where: str) -> Tree:
    """Return an expectation as a quality rule.

    Raises:
        ConfigError: it has no check_id.
    """
    raw = to_json_types(raw)
    meta, kwargs, kind = dict(raw.get("meta") or {}), raw.get("kwargs") or {}, str(raw.get("type") or "")
    name = meta.pop("check_id", None)
    if not isinstance(name, str) or not name:
        raise ConfigError(where, "an expectation has no check_id", 'add "meta": {"check_id": "…"}')
    item: Tree = {"name": name}
    if isinstance(meta.get("title"), str):
        item["description"] = meta.pop("title")
    elif isinstance(
        meta.get("title"), dict
    ):  # one text a language: `description` holds one, the custom property all
        item["description"] = pick_text(meta["title"])
    item |= {"dimension": find_dimension(kind)}
    item |= {"severity": raw["severity"]} if "severity" in raw else {}
    item |= (
        _query_to_rule(kind, kwargs)
        or to_library(kind, kwargs)
        or {
            "type": "custom",
            "engine": GX,
            "implementation": {"type": kind, "kwargs": kwargs},
        }
    )
    rest = {key: value for key, value in raw.items() if key not in ("type", "kwargs", "meta", "severity")}
    extra = [{"property": key, "value": value} for key, value in meta.items()]
    extra += [{"property": GX, "value": rest}] if rest else []
    return item | ({"customProperties": extra} if extra else {})


def _query_to_rule(kind: str, kwargs: Tree) -> Tree | None:
    """Return a rule in SQL as one of the standard, None for any other expectation."""
    if kind != QUERY:
        return None
    item: Tree = {"type": "sql"} | kwargs
    try:
        return item if _read_query(item, None) == (kind, kwargs) else None
    except NoExpectation:
        return None


def find_dimension(kind: str) -> str:
    """Return the quality dimension of an expectation type."""
    return next((word for part, word in _DIMENSION if part in kind), "accuracy")


@dataclass(frozen=True, slots=True)
class DescribedObject:
    """What a rule in SQL needs of the object that holds it.

    Attributes:
        tables: the names under which a query may know its rows.
        read_as: column of a delivery that is text → the logical type of its values, with the form of a date.
    """

    tables: tuple[str, ...] = ()
    read_as: Mapping[str, str] = field(default_factory=dict)


def rule_to_expectations(
    item: Tree, column: str | None, *, known: Callable[[str], bool], about: DescribedObject
) -> RuleExpectations:
    """Return the expectations for a quality rule.

    Args:
        item: the rule.
        column: of the property that holds it; None when the object holds it.
        known: whether an expectation type may be used in a suite.
        about: the object that holds it.

    Raises:
        NoExpectation: no expectation means the same.
    """
    kind = item.get("type", "library" if "metric" in item or "rule" in item else "text")
    if kind == "custom":
        found: tuple[tuple[str, Tree], ...] = (_read_engine_rule(item, column, known),)
        changes = ""
    elif kind == "library":
        found, changes = from_library(item, column), describe_changes(item)
    elif kind == "sql":
        found, changes = (_read_query(item, column),), ""
    else:
        raise NoExpectation("it is plain text")
    several = len(found) > 1
    built = tuple(_build_expectation(item, column, k, w, i if several else None) for i, (k, w) in enumerate(found))
    return RuleExpectations(tuple(_name_tables(raw, about) for raw in built), changes)


_OF_TABLE = re.compile(r"\$?\{\{?\s*(?:model|table|object|schema)\s*\}?\}")
_OF_COLUMN = re.compile(r"\$?\{\{?\s*(?:property|column|field)\s*\}?\}")


def _read_query(item: Tree, column: str | None) -> tuple[str, Tree]:
    query = item.get("query")
    bounds = {word: item[word] for word in item if word in OPERATORS}
    if not isinstance(query, str) or not query.strip():
        raise NoExpectation("it has no query")
    if not bounds or any(word.startswith("must") and word not in OPERATORS for word in item):
        raise NoExpectation("it has no bound" if not bounds else "it has an operator that is not known")
    for word, bound in bounds.items():
        numbers = bound if isinstance(bound, list) else [bound]
        sized = len(numbers) == (2 if word.endswith("Between") else 1)
        if not sized or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
            raise NoExpectation("its bound is not a number")
    query = _OF_TABLE.sub("delivery", query)
    if column is not None:
        query = _OF_COLUMN.sub(lambda _: '"' + column.replace('"', '""') + '"', query)
    return QUERY, {"query": query.strip(), **bounds}


def _name_tables(raw: Tree, about: DescribedObject) -> Tree:
    """Return a rule in SQL with the names of its table, and the types of the columns that it uses."""
    if raw["type"] != QUERY or "tables" in raw["meta"] or "read_as" in raw["meta"]:
        return raw
    words = raw["kwargs"]["query"].casefold()
    tables = [name for name in about.tables if name.casefold() in words]
    read_as = {name: kind for name, kind in about.read_as.items() if name.casefold() in words}
    more: Tree = ({"tables": tables} if tables else {}) | ({"read_as": read_as} if read_as else {})
    return {**raw, "meta": raw["meta"] | more}


def _read_engine_rule(item: Tree, column: str | None, known: Callable[[str], bool]) -> tuple[str, Tree]:
    engine, body = str(item.get("engine", "")), item.get("implementation")
    if engine.lower() not in _GX_NAMES:
        raise NoExpectation(f"it is for the engine {engine}")
    if not isinstance(body, dict):
        raise NoExpectation("its implementation is text, not a mapping")
    kind = str(body.get("type") or body.get("expectation_type") or "")
    if not known(kind):
        raise NoExpectation(f"the expectation type {kind or 'it names'} is not one that a suite may use")
    kwargs = dict(body.get("kwargs") or {})
    if column is not None and kind.startswith("expect_column_") and not {"column", "column_A"} & set(kwargs):
        kwargs = {"column": column, **kwargs}
    return kind, kwargs


def _build_expectation(item: Tree, column: str | None, kind: str, kwargs: Tree, number: int | None) -> Tree:
    """Return the raw expectation; its id is the rule's name, or column and type when it has no name."""
    given = item.get("name")
    short = kind.removeprefix("expect_").removeprefix("column_values_to_").removeprefix("table_")
    name = str(given) if given else f"{column or 'rows'} {short}"
    check_id = name if _is_check_id(given) else slugify(name)
    meta: Tree = {"check_id": check_id if number is None else f"{check_id}-{number + 1}"}
    extra, rest = read_custom_properties(item)
    if "title" not in extra and isinstance(item.get("description"), str):
        meta["title"] = item["description"]
    elif "title" not in extra and given and given != check_id:
        meta["title"] = str(given)
    meta |= extra
    if given and given != check_id and meta.get("title") != given:
        meta.setdefault("name", str(given))
    raw: Tree = {"type": kind, "kwargs": kwargs, "meta": meta}
    if "severity" in item:
        word = str(item["severity"])
        raw["severity"] = SEVERITY.get(word.lower(), "critical")
    return raw | rest


def _is_check_id(name: Node) -> bool:
    return isinstance(name, str) and bool(name) and "." not in name and name == name.strip()


def read_custom_properties(item: Tree) -> tuple[Tree, Tree]:
    """Return meta and other members of an expectation from custom properties; both empty unless all are ours."""
    found = item.get("customProperties")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return {}, {}
    names = [one.get("property") for one in found]
    plain = all(set(one) == {"property", "value"} for one in found) and len(set(names)) == len(names)
    titled = [one["value"] for one in found if one.get("property") == "title" and "value" in one]
    if not plain or "check_id" in names or not all(isinstance(title, dict) for title in titled):
        return {}, {}
    meta = {one["property"]: one["value"] for one in found if one["property"] != GX}
    rest: Node = next((one["value"] for one in found if one["property"] == GX), {})
    return meta, rest if isinstance(rest, dict) else {}


def requires_every_row(raws: Iterable[Tree], kind: str) -> bool:
    """Return whether a critical rule of this type holds for every row, without `mostly` or a condition."""
    return any(
        raw.get("type") == kind
        and raw.get("severity", "critical") == "critical"
        and (raw.get("kwargs") or {}).get("mostly", 1) == 1
        and (raw.get("kwargs") or {}).get("row_condition") is None
        for raw in raws
    )


# Rules for the stream of deliveries: our own checks as custom quality rules, and back.


def find_kind(word: str) -> type[Check] | None:
    """Return the class of a check kind; None when no kind has this name or its plug-in cannot be loaded."""
    try:
        return find_check_kind(word, word)
    except ConfigError:
        return None


def list_agreed_columns(check: Tree) -> list[str]:
    """Return the columns that a check of the checks YAML lists as agreed."""
    settings = traits_of(find_kind(str(check.get("kind")))).settings
    lists = (check.get(name) or () for name, one in settings.items() if one.holds is Holds.AGREED_COLUMNS)
    return [column for listed in lists for column in listed]


def describe_kind(word: str) -> str:
    """Return one sentence about a check kind; empty for an unknown kind."""
    kind = find_kind(word)
    return (inspect.getdoc(kind) or "").partition("\n")[0] if kind is not None else ""


def checks_to_rules(checks: Iterable[Tree]) -> list[Tree]:
    """Return checks of the checks YAML as quality rules of the object."""
    return [_check_to_rule(to_json_types(check)) for check in checks]


def _check_to_rule(check: Tree) -> Tree:
    word = str(check.get("kind") or "")
    item = {"name": str(check.get("name") or word), "type": "custom", "engine": ENGINE, "implementation": check}
    description = describe_kind(word)
    return (
        item
        | ({"description": description} if description else {})
        | {"dimension": traits_of(find_kind(word)).dimension}
    )


def rule_to_check(item: Tree) -> Tree | None:
    """Return the check in a quality rule of ours, None for any other rule."""
    body = item.get("implementation")
    ours = item.get("type") == "custom" and item.get("engine") == ENGINE and isinstance(body, dict)
    return dict(body) if ours and isinstance(body, dict) and body.get("kind") else None
