"""Did the shape of the delivery change: columns added, gone, renamed, retyped?"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ketenwacht.domain.result import CheckResult, Evidence
from ketenwacht.domain.statement import Amount, Codes, Name, Statement, Term, Value
from ketenwacht.domain.status import Status
from ketenwacht.domain.traits import Holds, Setting, Traits, Weight

from .base import Judgement, View

_ALIKE = 0.6  # similarity of two names (0–1) from which a gone and an added column are called a renaming


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCheck:
    """The columns of the delivery against those agreed, or against those of the last delivery that was read.

    Attributes:
        columns: the agreed names; empty: those of the feed's first delivery in its history.
    """

    kind: ClassVar[str] = "schema"
    codes: ClassVar[Codes] = {
        "schema.as_agreed": {"columns": Amount},
        "schema.different": {"differences": Statement},
        "schema.renamed": {"column": Name, "into": Name},
        "schema.gone": {"column": Name},
        "schema.added": {"column": Name, "position": Amount},
        "schema.retyped": {"column": Name, "agreed": Term, "found": Term},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[Traits] = Traits(
        settings={"columns": Setting(weight=Weight.ASKED, holds=Holds.AGREED_COLUMNS)},
        dimension="conformity",
        default=lambda _: {},
    )
    name: str = "schema"
    columns: tuple[str, ...] = ()

    def judge(self, view: View) -> Judgement:
        """One result for the whole feed; `observed` is the number of columns."""
        if not view.snapshot.delivery.read:
            return Judgement((), view.state)
        here = {column.name: column.type for column in view.snapshot.columns}
        agreed = self._agreed(view, here)
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

    def _agreed(self, view: View, here: Mapping[str, str]) -> Mapping[str, str]:
        """Name → type. Types are learnt from the first delivery, since a list of names says nothing of them."""
        remembered = (view.state or {}).get("columns")
        learnt = dict(remembered) if isinstance(remembered, dict) else dict(here)
        if not self.columns:
            return learnt
        return {name: learnt.get(name, here.get(name, "text")) for name in self.columns}


def _differences(agreed: Mapping[str, str], here: Mapping[str, str]) -> list[tuple[Status, Statement]]:
    gone = [name for name in agreed if name not in here]
    added = [name for name in here if name not in agreed]
    out: list[tuple[Status, Statement]] = []
    for name in tuple(gone):
        close = difflib.get_close_matches(name, added, n=1, cutoff=_ALIKE)
        if close:
            gone.remove(name)
            added.remove(close[0])
            renamed = Statement("schema.renamed", {"column": Name(name), "into": Name(close[0])})
            out.append((Status.FAILED, renamed))
    out += [(Status.FAILED, Statement("schema.gone", {"column": Name(name)})) for name in gone]
    place = {name: Amount(number) for number, name in enumerate(here, start=1)}
    out += [
        (Status.WARNED, Statement("schema.added", {"column": Name(name), "position": place[name]}))
        for name in added
    ]
    out += [
        (Status.FAILED, Statement("schema.retyped", _retyped(name, kind, here[name])))
        for name, kind in agreed.items()
        if name in here and here[name] != kind
    ]
    return out


def _retyped(name: str, agreed: str, found: str) -> Mapping[str, Value]:
    return {"column": Name(name), "agreed": Term(f"type.{agreed}"), "found": Term(f"type.{found}")}
