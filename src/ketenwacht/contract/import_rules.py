"""Import of rules: quality rules and types of properties become expectations and checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .library import NOT_NULL, REGEX, UNIQUE, NoExpectation
from .model import ENGINE, ImportNote, ImportOutcome, Node, Tree
from .rules import (
    KEPT,
    DescribedObject,
    read_custom_properties,
    requires_every_row,
    rule_to_check,
    rule_to_expectations,
)
from .trees import find_custom_property, name_in_delivery, slugify

Known = Callable[[str], bool]


@dataclass(slots=True)
class QualityRules:
    """The expectations and checks from the quality rules of one object and its properties.

    Attributes:
        by_suite: name of a suite, empty for the first → its expectations.
        checks: our own checks, as in the checks YAML.
        notes: rules that could not be taken over unchanged.
        ids: check ids in use.
    """

    by_suite: dict[str, list[Tree]] = field(default_factory=dict)
    checks: list[Tree] = field(default_factory=list)
    notes: list[ImportNote] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def add(self, suite: str, raw: Tree) -> Tree:
        """Add an expectation to a suite under a unique id, and return it."""
        meta, base_id, n = dict(raw["meta"]), raw["meta"]["check_id"], 1
        while meta["check_id"] in self.ids:
            n += 1
            meta["check_id"] = f"{base_id}-{n}"
        self.ids.add(meta["check_id"])
        raw = {**raw, "meta": meta}
        self.by_suite.setdefault(suite, []).append(raw)
        return raw


def read_quality_rules(  # noqa: PLR0913, PLR0917 - the rules, their place, and what holds them
    items: Node, column: str | None, where: str, rules: QualityRules, known: Known, about: DescribedObject
) -> list[Tree]:
    """Add rules to suites and checks; return their other members, and whole rules that no check judges."""
    rest = []
    for i, item in enumerate(items or ()):
        place = f"{where}.quality[{i}]"
        check = rule_to_check(item) if column is None else None
        if check is not None:
            rules.checks.append(check)
            rest.append({k: v for k, v in item.items() if k in ("name", "description", *KEPT)})
            continue
        suite = find_custom_property(item.get("customProperties"), "suite")
        plain = _remove_suite(item)
        try:
            found = rule_to_expectations(plain, column, known=known, about=about)
        except NoExpectation as reason:
            kind = f"{item.get('type', 'library')} rule"
            rules.notes.append(ImportNote(place, kind, ImportOutcome.WORDS, str(reason)))
            rest.append(item)
            continue
        if found.changes:
            rules.notes.append(ImportNote(place, "quality rule", ImportOutcome.CHANGED, found.changes))
        added = [rules.add(str(suite or ""), raw) for raw in found.expectations]
        rest.append(_keep_unjudged(plain, added[0]["meta"]["check_id"]))
    return rest


_READ_AS = ("integer", "number", "boolean", "date", "timestamp", "time")


def describe_object(described: Tree) -> DescribedObject:
    """Return the names that rules in SQL may use for an object, and the types of its columns."""
    names = (described.get("physicalName"), described.get("name"))
    read_as = {}
    for prop in described.get("properties") or ():
        kind = str(prop.get("logicalType"))
        form = (prop.get("logicalTypeOptions") or {}).get("format") if kind in _TIMES else None
        if kind in _READ_AS:
            read_as[name_in_delivery(prop)] = f"{kind} {form}" if isinstance(form, str) else kind
    return DescribedObject(tuple(dict.fromkeys(str(name) for name in names if name)), read_as)


def _remove_suite(item: Tree) -> Tree:
    name = f"{ENGINE}.suite"
    kept = [
        one
        for one in item.get("customProperties") or ()
        if not (isinstance(one, dict) and one.get("property") == name)
    ]
    rest = {key: value for key, value in item.items() if key != "customProperties"}
    return rest | ({"customProperties": kept} if kept else {})


def _keep_unjudged(item: Tree, check_id: str) -> Tree:
    """Return the members of a rule that its expectation does not hold, under the id of the expectation."""
    kept = {key: value for key, value in item.items() if key in KEPT}
    if read_custom_properties(item) != ({}, {}):
        kept.pop("customProperties", None)
    return {"name": check_id} | kept


# Expectations from a property's flags, type and type options.

_FLAGS = (("required", NOT_NULL), ("unique", UNIQUE))
_LENGTHS = {"minLength": "min_value", "maxLength": "max_value"}
_BOUNDS = {
    "minimum": ("min_value", None),
    "exclusiveMinimum": ("min_value", "strict_min"),
    "maximum": ("max_value", None),
    "exclusiveMaximum": ("max_value", "strict_max"),
}
_DATE_PARTS = ("yyyy", "MM", "dd", "HH", "mm", "ss")
_DAYS = (
    {"MM": "(0[1-9]|1[0-2])", "dd": r"(0[1-9]|1\d|2[0-8])"},
    {"MM": "(0[13-9]|1[0-2])", "dd": "(29|30)"},
    {"MM": "(0[13578]|1[02])", "dd": "31"},
    {"MM": "02", "dd": "29", "yyyy": r"(\d{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)"},
)
"""The days that the calendar has, as regular expressions of their parts; 29 February in leap years."""
_PARTS = {
    "yyyy": r"\d{4}",
    "MM": r"(0[1-9]|1[0-2])",
    "dd": r"(0[1-9]|[12]\d|3[01])",
    "HH": r"([01]\d|2[0-3])",
    "mm": r"[0-5]\d",
    "ss": r"[0-5]\d",
}
_ZONE = r"(\.\d+)?(Z|[+-]\d{2}(:?\d{2})?)?"
_ISO = {"date": "yyyy-MM-dd", "timestamp": "yyyy-MM-dd HH:mm:ss", "time": "HH:mm:ss"}
"""Logical type → its form where a contract states none; a `T`, parts of seconds and a zone may be in it."""
BOOLEAN = "^([Tt]rue|TRUE|[Ff]alse|FALSE|[01])$"
_PATTERNS = {"integer": r"^[+-]?\d+$", "number": r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"}
TEXTS_BETWEEN = "expect_column_texts_to_be_between"
_TIMES = ("date", "timestamp", "time")


def derive_expectations(
    prop: Tree, column: str, where: str, *, text: bool, rules: list[Tree]
) -> tuple[list[Tree], Tree, list[ImportNote]]:
    """Return the expectations for a property's flags, type and type options.

    Args:
        prop: the property of the schema.
        column: its name in a delivery.
        where: its place in the file.
        text: whether a delivery holds text only, so that a type is checked by a pattern.
        rules: expectations from its quality rules.

    Returns:
        The expectations; the property without the members that they cover; notes about all other members.
    """
    found, rest, notes = [], dict(prop), []
    for flag, kind in _FLAGS:
        if rest.pop(flag, False) is True and not requires_every_row(rules, kind):
            found.append(_build_expectation(kind, column, {}, f"{column} {flag}"))
    options = dict(prop.get("logicalTypeOptions") or {})
    for kind, kwargs, name, used in list(_read_options(options, str(prop.get("logicalType")), text=text)):
        found.append(_build_expectation(kind, column, kwargs, f"{column} {name}"))
        for key in used:
            options.pop(key, None)
    if text and prop.get("logicalType") in _PATTERNS:
        word = str(prop["logicalType"])
        found.append(_build_expectation(REGEX, column, {"regex": _PATTERNS[word]}, f"{column} is {word}"))
    rest.pop("logicalTypeOptions", None)
    if options:
        rest["logicalTypeOptions"] = options
    notes += [
        ImportNote(
            f"{where}.logicalTypeOptions.{key}", "option of a type", ImportOutcome.WORDS, _explain_option(key)
        )
        for key in options
    ]
    return found, rest, notes + list(_list_unjudged(prop, where, text=text))


def _read_options(options: Tree, logical: str, *, text: bool) -> Iterator[tuple[str, Tree, str, list[str]]]:
    if isinstance(options.get("pattern"), str) and logical in ("string", "None"):
        yield REGEX, {"regex": options["pattern"]}, "pattern", ["pattern"]
    lengths = {word: options[key] for key, word in _LENGTHS.items() if isinstance(options.get(key), int)}
    if lengths:
        yield "expect_column_value_lengths_to_be_between", lengths, "length", list(_LENGTHS)
    form = _build_regex(options.get("format")) if text and logical in _TIMES else None
    if text and logical in _TIMES and "format" not in options:
        form = _build_iso_regex(logical)
    if form is not None:
        yield REGEX, {"regex": form}, "form", ["format"]
    if text and logical == "boolean":
        yield REGEX, {"regex": BOOLEAN}, "form", []
    yield from _read_bounds(options, logical, text=text)


def _read_bounds(options: Tree, logical: str, *, text: bool) -> Iterator[tuple[str, Tree, str, list[str]]]:
    bounds: Tree = {}
    used = []
    form = _find_form(options.get("format"), logical)
    for key, (word, strict) in _BOUNDS.items():
        bound = _read_bound(options.get(key), logical, form, text=text)
        if bound is not None and word not in bounds:
            bounds |= {word: bound} | ({strict: True} if strict else {})
            used.append(key)
    if bounds and text:
        compared = {"compare_as": "number"} if logical in _PATTERNS else {}
        compared = {"compare_as": form} if form not in (None, _ISO["date"]) else compared
        yield TEXTS_BETWEEN, bounds | compared, "range", used
    elif bounds:
        yield "expect_column_values_to_be_between", bounds, "range", used


def _read_bound(bound: Node, logical: str, form: str | None, *, text: bool) -> Node:
    """Return a bound as an expectation holds it, None when values cannot be compared with it."""
    if isinstance(bound, str) and form is not None and logical in _TIMES:
        if len(bound) == len(form) and re.search(_build_regex(form) or "$^", bound):
            return _to_iso(bound, form)
        return bound if re.match(r"\d{4}-\d{2}-\d{2}", bound) and "yyyy" in form else None
    number = isinstance(bound, int | float) and not isinstance(bound, bool)
    return bound if number and (logical in _PATTERNS or not text) else None


def _find_form(form: Node, logical: str) -> str | None:
    """Return the form of a date or moment whose parts can be compared, None when it has none."""
    form = _ISO["date"] if form is None and logical == "date" else form
    plain = form.replace("'", "") if isinstance(form, str) else ""
    return plain if _build_regex(plain) is not None else None


def _to_iso(bound: str, form: str) -> str:
    """Return a bound in the form of its column as ISO."""
    parts = {part: bound[form.index(part) :][: len(part)] for part in _DATE_PARTS if part in form}
    day = "-".join(parts[part] for part in ("yyyy", "MM", "dd") if part in parts)
    time = ":".join(parts[part] for part in ("HH", "mm", "ss") if part in parts)
    return " ".join(filter(None, (day, time)))


def _build_regex(form: Node) -> str | None:
    """Return a date pattern as a regular expression, None when it has an unknown part."""
    if not isinstance(form, str):
        return None
    escaped = re.escape(form.replace("'", "")).replace("\\-", "-").replace("\\ ", " ").replace("T", "\1")
    words = re.sub("|".join(_DATE_PARTS), "", escaped)
    if re.search(r"[A-Za-z]", words) or words == escaped:
        return None
    days = _DAYS if all(part in form for part in ("yyyy", "MM", "dd")) else ({},)
    made = [re.sub("|".join(_DATE_PARTS), lambda m, d=one: (_PARTS | d)[m[0]], escaped) for one in days]  # type: ignore[misc]
    return f"^({'|'.join(made)})$".replace("\1", "T") if len(made) > 1 else f"^{made[0]}$".replace("\1", "T")


def _build_iso_regex(logical: str) -> str:
    """Return what a date, moment or time is in ISO 8601, with or without parts of seconds and a zone."""
    regex = (_build_regex(_ISO[logical]) or "").removesuffix("$")
    if logical == "date":
        return f"{regex}$"
    seconds = regex.replace(r":[0-5]\d:[0-5]\d", r":[0-5]\d(:[0-5]\d)?").replace(" ([01]", "[T ]([01]")
    return f"{seconds}{_ZONE}$"


def _build_expectation(kind: str, column: str, kwargs: Tree, name: str) -> Tree:
    return {
        "type": kind,
        "kwargs": {"column": column, **kwargs},
        "meta": {"check_id": slugify(name), "title": name},
        "severity": "critical",
    }


def _explain_option(option: str) -> str:
    return (
        "values cannot be compared with it: state the type and format"
        if option in _BOUNDS
        else "no expectation means the same"
    )


def _list_unjudged(prop: Tree, where: str, *, text: bool) -> Iterator[ImportNote]:
    logical = prop.get("logicalType")
    if not text and logical is not None:
        yield ImportNote(
            where,
            "type",
            ImportOutcome.WORDS,
            "the database or file holds the type; the schema check sees a change",
        )
    for key, kind in (
        ("properties", "nested column"),
        ("items", "nested column"),
        ("relationships", "relationship"),
    ):
        if prop.get(key):
            yield ImportNote(
                f"{where}.{key}", kind, ImportOutcome.WORDS, "only flat columns of one delivery are judged"
            )
    if prop.get("primaryKey") is True and prop.get("encryptedName"):
        yield ImportNote(
            f"{where}.encryptedName", "key", ImportOutcome.WORDS, "keys are only ever used as pseudonyms"
        )
