"""Did the shape of the delivery change: columns added, gone, renamed, retyped?"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from ketenwacht.domain.check_traits import CheckTraits, Holds, SettingRange, Weight
from ketenwacht.domain.personal_values import by_position, plain_form
from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.statement import Amount, Codes, Name, Statement, Term, Value

from .base import Judgement, View

_ALIKE = 0.6  # similarity of two names (0–1) from which a gone and an added column are called a renaming
_NEAR: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("schema.near_space", lambda name: " ".join(name.split())),
    ("schema.near_case", lambda name: " ".join(name.casefold().split())),
)
"""What is said of a name → the form in which it equals the agreed one; the first that fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCheck:
    """The columns of the delivery against those agreed, or against those of the last delivery that was read.

    Attributes:
        columns: the agreed names; empty: those of the feed's first delivery in its history.
        optional: names of columns that a delivery may have or not.
    """

    kind: ClassVar[str] = "schema"
    codes: ClassVar[Codes] = {
        "schema.as_agreed": {"columns": Amount},
        "schema.different": {"differences": Statement},
        "schema.renamed": {"column": Name, "into": Name},
        "schema.near_space": {"columns": Name},
        "schema.near_case": {"columns": Name},
        "schema.near_unicode": {"columns": Name},
        "schema.called_otherwise": {"column": Name, "position": Amount},
        "schema.gone": {"column": Name},
        "schema.added": {"column": Name, "position": Amount},
        "schema.retyped": {"column": Name, "agreed": Term, "found": Term},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        settings={
            "columns": SettingRange(weight=Weight.ASKED, holds=Holds.AGREED_COLUMNS),
            "optional": SettingRange(weight=Weight.EITHER, holds=Holds.AGREED_COLUMNS),
        },
        dimension="conformity",
        default=lambda _: {},
    )
    name: str = "schema"
    columns: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def judge(self, view: View) -> Judgement:
        """Return one result for the whole feed; `observed` is the number of columns."""
        if not view.snapshot.delivery.read:
            return Judgement((), view.state)
        here = {column.name: column.type for column in view.snapshot.columns}
        agreed = self._agreed_types(view, here)
        differences = _differences(agreed, here)
        found = {"differences": tuple(said for _, said in differences)}
        result = CheckResult(
            check=self.name,
            status=max((status for status, _ in differences), default=Status.PASSED),
            evidence=Evidence.CONTRACT,
            code="schema.different" if differences else "schema.as_agreed",
            params=found if differences else {"columns": Amount(len(here))},
            observed=float(len(here)),
            unit="columns",
        )
        return Judgement((result,), {"columns": dict(agreed)})

    def _agreed_types(self, view: View, here: Mapping[str, str]) -> Mapping[str, str]:
        """Return name → type. The first delivery gives the types when the contract lists names only."""
        remembered = (view.state or {}).get("columns")
        learnt = dict(remembered) if isinstance(remembered, dict) else dict(here)
        names = [name for name in self.columns or learnt if name not in self.optional]
        names += [name for name in self.optional if name in here]
        return {name: learnt.get(name, here.get(name, "text")) for name in names}


def _differences(agreed: Mapping[str, str], here: Mapping[str, str]) -> list[tuple[Status, Statement]]:
    gone = [name for name in agreed if name not in here]
    added = [name for name in here if name not in agreed]
    out = _match_spellings(gone, added)
    for name, position in _in_the_place_of(agreed, here).items():
        if name not in gone:
            continue  # it was learnt from a delivery without its header, and is a position itself
        gone.remove(name)
        added.remove(by_position(position))
        found: Mapping[str, Value] = {"column": Name(name, agreed=True), "position": Amount(position)}
        out.append((Status.FAILED, Statement("schema.called_otherwise", found)))
    for name in tuple(gone):
        close = difflib.get_close_matches(name, added, n=1, cutoff=_ALIKE)
        if close:
            gone.remove(name)
            added.remove(close[0])
            into = {"column": Name(name, agreed=True), "into": Name(close[0])}
            out.append((Status.FAILED, Statement("schema.renamed", into)))
    out += [(Status.FAILED, Statement("schema.gone", {"column": Name(name, agreed=True)})) for name in gone]
    place = {name: Amount(number) for number, name in enumerate(here, start=1)}
    out += [
        (Status.WARNED, Statement("schema.added", {"column": Name(name), "position": place[name]}))
        for name in added
    ]
    out += [
        (Status.FAILED, Statement("schema.retyped", _describe_type_change(name, kind, here[name])))
        for name, kind in agreed.items()
        if name in here and here[name] != kind
    ]
    return out


def _match_spellings(gone: list[str], added: list[str]) -> list[tuple[Status, Statement]]:
    """Match columns in `gone` and `added` that differ by spaces, capitals or characters only, and remove them."""
    by_form = {plain_form(name): name for name in added}
    found: dict[str, list[str]] = {}
    for name in tuple(gone):
        into = by_form.pop(plain_form(name), None)
        if into is None:
            continue
        gone.remove(name)
        added.remove(into)
        same = (code for code, form in _NEAR if form(into) == form(name))
        found.setdefault(next(same, "schema.near_unicode"), []).append(name)
    return [
        (Status.FAILED, Statement(code, {"columns": tuple(Name(one, agreed=True) for one in columns)}))
        for code, columns in sorted(found.items())
    ]


def _in_the_place_of(agreed: Mapping[str, str], here: Mapping[str, str]) -> dict[str, int]:
    """Return agreed column → position where an unknown column took its place; {} if other columns also moved."""
    pairs = list(enumerate(zip(agreed, here, strict=False), start=1))
    moved = len(agreed) != len(here) or any(
        theirs != by_position(n) and plain_form(theirs) != plain_form(ours) for n, (ours, theirs) in pairs
    )
    return {} if moved else {ours: n for n, (ours, theirs) in pairs if theirs == by_position(n)}


def _describe_type_change(name: str, agreed: str, found: str) -> Mapping[str, Value]:
    return {"column": Name(name, agreed=True), "agreed": Term(f"type.{agreed}"), "found": Term(f"type.{found}")}
