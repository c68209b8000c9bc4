"""Did the shape of the delivery change: columns added, gone, renamed, retyped?"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ketenwacht.domain.result import CheckResult, Evidence
from ketenwacht.domain.status import Status

from .base import Judgement, View

_ALIKE = 0.6  # similarity of two names (0–1) from which a gone and an added column are called a renaming


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCheck:
    """The columns of the delivery against those agreed, or against those of the last delivery that was read.

    Attributes:
        columns: the agreed names; empty: those of the feed's first delivery in its history.
    """

    kind: ClassVar[str] = "schema"
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    name: str = "schema"
    columns: tuple[str, ...] = ()

    def judge(self, view: View) -> Judgement:
        """One result for the whole feed; `observed` is the number of columns."""
        if not view.snapshot.delivery.read:
            return Judgement((), view.state)
        here = {column.name: column.type for column in view.snapshot.columns}
        agreed = self._agreed(view, here)
        findings = _differences(agreed, here)
        status = max((s for s, _ in findings), default=Status.PASSED)
        message = "; ".join(text for _, text in findings) or f"{len(here)} columns, as agreed"
        result = CheckResult(
            check=self.name,
            status=status,
            evidence=Evidence.CONTRACT,
            message=message,
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


def _differences(agreed: Mapping[str, str], here: Mapping[str, str]) -> list[tuple[Status, str]]:
    gone = [name for name in agreed if name not in here]
    added = [name for name in here if name not in agreed]
    out: list[tuple[Status, str]] = []
    for name in tuple(gone):
        close = difflib.get_close_matches(name, added, n=1, cutoff=_ALIKE)
        if close:
            gone.remove(name)
            added.remove(close[0])
            out.append((Status.FAILED, f"column {name} was renamed to {close[0]}"))
    out += [(Status.FAILED, f"column {name} is gone") for name in gone]
    out += [(Status.WARNED, f"column {name} is new") for name in added]
    out += [
        (Status.FAILED, f"column {name} changed type from {kind} to {here[name]}")
        for name, kind in agreed.items()
        if name in here and here[name] != kind
    ]
    return out
