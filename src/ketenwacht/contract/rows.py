"""Rules for one delivery: an expectation of a suite as a quality rule of the standard, and back.

A rule that the standard's own library says just as exactly is written in it, so that other tools run it; any other
is written as Great Expectations' own. Which of the two is decided by reading the rule back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ketenwacht.errors import ConfigError

from . import overtime
from .library import NotJudged, changed, from_library, to_library
from .model import ENGINE, ImportNote, ImportOutcome, Node, Tree
from .trees import custom, jsonable, one_text, slug

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
"""Part of an expectation type → quality dimension; the first that fits, otherwise accuracy."""

SEVERITY: Mapping[str, str] = {
    **dict.fromkeys(("critical", "error", "high", "blocker", "fatal", "major"), "critical"),
    **dict.fromkeys(("warning", "warn", "medium", "minor"), "warning"),
    **dict.fromkeys(("info", "low", "informational", "notice"), "info"),
}
"""Words for severity that are met in contracts → those of a suite."""

KEPT = (
    *("id", "businessImpact", "method", "schedule", "scheduler", "tags", "authoritativeDefinitions"),
    *("customProperties", "dimension"),
)
"""What a rule says besides what is judged; kept with the terms."""


@dataclass(frozen=True, slots=True)
class RuleExpectations:
    """One or more expectations that a quality rule stands for, and what had to be changed on the way."""

    expectations: tuple[Tree, ...]
    changed: str = ""


def column_of(raw: Tree) -> str | None:
    """The one column that an expectation is about; None when it is about several or the whole delivery."""
    column = raw.get("kwargs", {}).get("column")
    return column if isinstance(column, str) else None


def to_item(raw: Tree, *, where: str) -> Tree:
    """An expectation as a quality rule.

    Raises:
        ConfigError: it has no check_id to be known by.
    """
    raw = jsonable(raw)
    meta, kwargs, kind = dict(raw.get("meta") or {}), raw.get("kwargs") or {}, str(raw.get("type") or "")
    name = meta.pop("check_id", None)
    if not isinstance(name, str) or not name:
        raise ConfigError(where, "an expectation has no check_id", 'add "meta": {"check_id": "…"}')
    item: Tree = {"name": name}
    if isinstance(meta.get("title"), str):
        item["description"] = meta.pop("title")
    elif isinstance(meta.get("title"), dict):  # one text a language: the rule says one, and keeps all of them
        item["description"] = one_text(meta["title"])
    item |= {"dimension": dimension(kind)}
    item |= {"severity": raw["severity"]} if "severity" in raw else {}
    item |= to_library(kind, kwargs) or {
        "type": "custom",
        "engine": GX,
        "implementation": {"type": kind, "kwargs": kwargs},
    }
    rest = {key: value for key, value in raw.items() if key not in ("type", "kwargs", "meta", "severity")}
    extra = [{"property": key, "value": value} for key, value in meta.items()]
    extra += [{"property": GX, "value": rest}] if rest else []
    return item | ({"customProperties": extra} if extra else {})


def dimension(kind: str) -> str:
    """The quality dimension that an expectation type is about."""
    return next((word for part, word in _DIMENSION if part in kind), "accuracy")


def from_item(item: Tree, column: str | None, *, known: Callable[[str], bool]) -> RuleExpectations:
    """The expectations that a quality rule stands for.

    Args:
        item: the rule.
        column: of the property it stands with; None when it stands with the object.
        known: whether an expectation type may be used in a suite.

    Raises:
        NotJudged: no expectation can stand for it.
    """
    kind = item.get("type", "library" if "metric" in item or "rule" in item else "text")
    if kind == "custom":
        found: tuple[tuple[str, Tree], ...] = (_from_engine(item, column, known),)
        said = ""
    elif kind == "library":
        found, said = from_library(item, column), changed(item)
    else:
        raise NotJudged({"sql": "a query is not run: write it as an expectation"}.get(kind, "it is plain text"))
    several = len(found) > 1
    built = tuple(_expectation(item, column, k, w, i if several else None) for i, (k, w) in enumerate(found))
    return RuleExpectations(built, said)


def _from_engine(item: Tree, column: str | None, known: Callable[[str], bool]) -> tuple[str, Tree]:
    engine, body = str(item.get("engine", "")), item.get("implementation")
    if engine.lower() not in _GX_NAMES:
        raise NotJudged(f"it is for the engine {engine}")
    if not isinstance(body, dict):
        raise NotJudged("its implementation is text, not a mapping")
    kind = str(body.get("type") or body.get("expectation_type") or "")
    if not known(kind):
        raise NotJudged(f"the expectation type {kind or 'it names'} is not one that a suite may use")
    kwargs = dict(body.get("kwargs") or {})
    if column is not None and kind.startswith("expect_column_") and not {"column", "column_A"} & set(kwargs):
        kwargs = {"column": column, **kwargs}
    return kind, kwargs


def _expectation(item: Tree, column: str | None, kind: str, kwargs: Tree, number: int | None) -> Tree:
    """The raw expectation: its id is the rule's name, or made of column and type."""
    given = item.get("name")
    short = kind.removeprefix("expect_").removeprefix("column_values_to_").removeprefix("table_")
    name = str(given) if given else f"{column or 'rows'} {short}"
    check_id = name if _is_id(given) else slug(name)
    meta: Tree = {"check_id": check_id if number is None else f"{check_id}-{number + 1}"}
    extra, rest = taken_properties(item)
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


def _is_id(name: Node) -> bool:
    return isinstance(name, str) and bool(name) and "." not in name and name == name.strip()


def taken_properties(item: Tree) -> tuple[Tree, Tree]:
    """Meta and other members of an expectation in a rule's custom properties; both empty unless all are plain."""
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


# The quality rules of another's schema object, taken into suites and checks; the rest is kept and told.


Known = Callable[[str], bool]


@dataclass(slots=True)
class QualityRules:
    """What the quality rules of one object and its properties came to.

    Attributes:
        by_suite: name of a suite, empty for the first → its expectations.
        checks: those of ours, as in the checks YAML.
        notes: what could not be taken over as it stood.
        ids: of expectations that are taken.
    """

    by_suite: dict[str, list[Tree]] = field(default_factory=dict)
    checks: list[Tree] = field(default_factory=list)
    notes: list[ImportNote] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def add(self, suite: str, raw: Tree) -> Tree:
        """Take a rule into a suite, under an id that is its own."""
        meta, wanted, n = dict(raw["meta"]), raw["meta"]["check_id"], 1
        while meta["check_id"] in self.ids:
            n += 1
            meta["check_id"] = f"{wanted}-{n}"
        self.ids.add(meta["check_id"])
        raw = {**raw, "meta": meta}
        self.by_suite.setdefault(suite, []).append(raw)
        return raw


def read_quality(items: Node, column: str | None, where: str, rules: QualityRules, known: Known) -> list[Tree]:
    """Take rules into suites and checks; returns what they say besides, and those that nothing judges."""
    left = []
    for i, item in enumerate(items or ()):
        place = f"{where}.quality[{i}]"
        check = overtime.from_item(item) if column is None else None
        if check is not None:
            rules.checks.append(check)
            left.append({k: v for k, v in item.items() if k in ("name", "description", *KEPT)})
            continue
        suite = custom(item.get("customProperties"), "suite")
        plain = _without_suite(item)
        try:
            row = from_item(plain, column, known=known)
        except NotJudged as reason:
            kind = f"{item.get('type', 'library')} rule"
            rules.notes.append(ImportNote(place, kind, ImportOutcome.WORDS, str(reason)))
            left.append(item)
            continue
        if row.changed:
            rules.notes.append(ImportNote(place, "quality rule", ImportOutcome.CHANGED, row.changed))
        made = [rules.add(str(suite or ""), raw) for raw in row.expectations]
        left.append(_besides(plain, made[0]["meta"]["check_id"]))
    return left


def _without_suite(item: Tree) -> Tree:
    name = f"{ENGINE}.suite"
    kept = [
        one
        for one in item.get("customProperties") or ()
        if not (isinstance(one, dict) and one.get("property") == name)
    ]
    rest = {key: value for key, value in item.items() if key != "customProperties"}
    return rest | ({"customProperties": kept} if kept else {})


def _besides(item: Tree, check_id: str) -> Tree:
    """What a rule says that no expectation holds, under the id by which its rule is found again."""
    kept = {key: value for key, value in item.items() if key in KEPT}
    if taken_properties(item) != ({}, {}):
        kept.pop("customProperties", None)
    return {"name": check_id} | kept
