"""The quality rules of another's schema object, taken into suites and checks; the rest is kept and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from . import overtime
from .library import NotJudged
from .model import ENGINE, ImportNote, ImportOutcome, Node, Tree
from .rows import KEPT, from_item, taken_properties
from .trees import custom

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
