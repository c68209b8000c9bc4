"""What one delivery must satisfy by itself: the expectation suite, each expectation by its severity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Status
from ketenwacht.domain.statement import Codes, Name, Share, Statement, Text
from ketenwacht.domain.traits import CheckTraits

from .base import Expectation, Judgement, View

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
        "contract.not_met": {"expectation": Text},
        "contract.not_met_rows": {"expectation": Text, "share": Share},
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
        """A result for every expectation of the suite; none for a delivery that was not read."""
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
        if isinstance(unexpected, Unmeasured) or isinstance(evaluated, Unmeasured):
            return status, Statement("contract.not_met")
        share = Share(unexpected, evaluated, of_delivery=True)
        return status, Statement("contract.not_met_rows", {"share": share})
