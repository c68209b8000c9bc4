"""What one delivery must satisfy by itself: the expectation suite, each expectation by its severity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from ketenwacht.domain.check_traits import CheckTraits
from ketenwacht.domain.measurement import Unmeasured, near_code, offending
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.statement import Codes, Name, Persons, Share, Statement, Text, Value

from .base import Expectation, Judgement, View

REMEDIES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("not_be_in_set",), "contract.remedy_not_sent"),
    (("in_set",), "contract.remedy_code"),
    (("not_be_null", "non_null"), "contract.remedy_filled"),
    (("unique",), "contract.remedy_once"),
    (("regex", "pattern", "length", "checksum", "type", "parseable"), "contract.remedy_form"),
    (("between", "greater_than", "increasing", "decreasing"), "contract.remedy_range"),
    ((), "contract.remedy_other"),
)
"""Words in the type of expectations, and the code of the remedy for them; the first that fits."""

_OF_COLUMNS = frozenset(
    {"contract.remedy_code", "contract.remedy_filled", "contract.remedy_form", "contract.remedy_range"}
)
"""Remedies that name the columns."""

_NEAR = {
    "space": "contract.near_space",
    "case": "contract.near_case",
    "unicode": "contract.near_unicode",
}
"""How a code differs from a known one → code of the statement; see `NEAR_FORMS`."""
_STATUS_OF = MappingProxyType({"critical": Status.FAILED, "warning": Status.WARNED, "info": Status.PASSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractCheck:
    """The expectation suite. One result an expectation, named `<name>.<id of the expectation>`.

    Attributes:
        severity: expectation id → critical | warning | info, where it differs from the suite's own.
    """

    kind: ClassVar[str] = "contract"
    codes: ClassVar[Codes] = {
        "contract.met": {"expectation": Text},
        "contract.not_met": {"expectation": Text, "remedy": Statement},
        "contract.not_met_rows": {
            "expectation": Text,
            "rows": Persons,
            "share": Share,
            "found": Statement,
            "remedy": Statement,
        },
        "contract.found": {"codes": Statement},
        "contract.code": {"code": Name, "rows": Persons},
        "contract.near_space": {"code": Name, "rows": Persons},
        "contract.near_case": {"code": Name, "rows": Persons},
        "contract.near_unicode": {"code": Name, "rows": Persons},
        **{code: {"columns": Name} if code in _OF_COLUMNS else {} for _, code in REMEDIES},
        "contract.no_rows": {"expectation": Text},
        "contract.no_columns": {"expectation": Text, "columns": Name},
        "contract.not_evaluated": {"expectation": Text, "reason": Statement},
    }
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    traits: ClassVar[CheckTraits] = CheckTraits(
        dimension="conformity", default=lambda feed: {} if feed.suites else None
    )
    name: str = "contract"
    severity: Mapping[str, str] = field(default_factory=dict)

    def judge(self, view: View) -> Judgement:
        """Return a result for every expectation of the suite; none for a delivery that was not read."""
        if not view.snapshot.delivery.read:
            return Judgement(())
        return Judgement(tuple(self._one(view, expectation) for expectation in view.expectations))

    def _one(self, view: View, expectation: Expectation) -> CheckResult:
        gone = set(expectation.columns) - {column.name for column in view.snapshot.columns}
        if gone:
            said = Statement("contract.no_columns", {"columns": tuple(map(Name, sorted(gone)))})
            return self._result(expectation, Status.FAILED, said, None)
        met = view.snapshot.value(f"expectation.{expectation.id}.met")
        unexpected = view.snapshot.value(f"expectation.{expectation.id}.unexpected")
        evaluated = view.snapshot.value(f"expectation.{expectation.id}.evaluated")
        status, said = self._verdict(expectation, met, unexpected, evaluated)
        if said.code == "contract.not_met_rows":
            said = Statement(said.code, {**said.params, "found": _find_codes(view, expectation)})
        return self._result(expectation, status, said, unexpected if isinstance(unexpected, float) else None)

    def _result(
        self, expectation: Expectation, status: Status, said: Statement, observed: float | None
    ) -> CheckResult:
        return CheckResult(
            check=f"{self.name}.{expectation.id}",
            status=status,
            evidence=Evidence.CONTRACT,
            code=said.code,
            params={"expectation": Text.of(expectation.title), **said.params},
            observed=observed,
            expected=Interval(0, 0),
            unit="rows",
            of_delivery=True,
        )

    def _verdict(
        self,
        expectation: Expectation,
        met: float | Unmeasured,
        unexpected: float | Unmeasured,
        evaluated: float | Unmeasured,
    ) -> tuple[Status, Statement]:
        if isinstance(met, Unmeasured):
            return Status.ERROR, Statement("contract.not_evaluated", {"reason": met.why})
        if evaluated == 0.0:
            return Status.SKIPPED, Statement("contract.no_rows")
        if met == 1.0:
            return Status.PASSED, Statement("contract.met")
        status = _STATUS_OF[self.severity.get(expectation.id, expectation.severity)]
        remedy: Mapping[str, Value] = {"remedy": _state_remedy(expectation)}
        if isinstance(unexpected, Unmeasured) or isinstance(evaluated, Unmeasured):
            return status, Statement("contract.not_met", remedy)
        share = Share(unexpected, evaluated, of_delivery=True)
        rows = Persons(unexpected, of_delivery=True)
        return status, Statement("contract.not_met_rows", {"rows": rows, "share": share, **remedy})


def _state_remedy(expectation: Expectation) -> Statement:
    code = _remedy_of(expectation.type)
    columns = tuple(Name(column, agreed=True) for column in expectation.columns)
    return Statement(code, {"columns": columns} if code in _OF_COLUMNS else {})


def _find_codes(view: View, expectation: Expectation) -> tuple[Statement, ...]:
    """Return the codes that did not meet an expectation, with their rows; () when none may be shown."""
    kinds = {offending(expectation.id): "contract.code"}
    kinds |= {near_code(expectation.id, form): code for form, code in _NEAR.items()}
    counted = [
        (rows, code, kind)
        for name, kind in kinds.items()
        for segment in view.snapshot.segments(name)
        for _, code in segment.pairs
        if isinstance(rows := view.snapshot.value(name, segment), float)
    ]
    codes = tuple(
        Statement(kind, {"code": Name(code, agreed=True), "rows": Persons(rows, of_delivery=True)})
        for rows, code, kind in sorted(counted, key=lambda one: (-one[0], one[1], one[2]))
    )
    return (Statement("contract.found", {"codes": codes}),) if codes else ()


def _remedy_of(kind: str) -> str:
    """Return the code of what to do about an expectation of this type that is not met."""
    return next((code for words, code in REMEDIES if any(word in kind for word in words)), "contract.remedy_other")
