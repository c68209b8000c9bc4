"""What a check says, and a run: all that was said of one delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from .delivery import Delivery
from .impact import Impact
from .segment import WHOLE, Segment
from .status import Status, worst


class Evidence(Enum):
    """Where a verdict comes from, strongest first in the order of `STRENGTH`."""

    CONTRACT = "contract"
    CONTROL_TOTAL = "control-total"
    RECONCILIATION = "reconciliation"
    REFERENCE = "reference"
    HISTORY = "history"
    INQUIRY = "inquiry"
    SCHEDULE = "schedule"


STRENGTH = (
    Evidence.RECONCILIATION,
    Evidence.CONTROL_TOTAL,
    Evidence.REFERENCE,
    Evidence.HISTORY,
    Evidence.INQUIRY,
    Evidence.CONTRACT,
    Evidence.SCHEDULE,
)


@dataclass(frozen=True, slots=True)
class Interval:
    """What a value was expected to be. None on a side: no limit there."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """An estimate of the persons who should have arrived since `since` and did not.

    Negative values speak of persons who arrived and should not have. `low` and `high` bound a 90 % interval.
    """

    since: date
    value: float
    low: float
    high: float


def by_week(missing: Missing, evidence: Evidence) -> bool:
    """Whether `since` stands for its week: of a register the day of a single decision is never kept."""
    return evidence is Evidence.RECONCILIATION and missing.value > 0.0 and missing.since.weekday() == 0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's verdict on one segment of one delivery.

    `impact` goes to the incident: it adds to the number of the missing, and is no part of the verdict.
    """

    check: str
    status: Status
    evidence: Evidence
    message: str
    segment: Segment = WHOLE
    observed: float | None = None
    expected: Interval | None = None
    unit: str | None = None
    missing: Missing | None = None
    impact: Impact | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Run:
    """One delivery judged once."""

    id: str
    delivery: Delivery
    at: datetime
    results: tuple[CheckResult, ...]

    @property
    def status(self) -> Status:
        """The worst of its results; ERROR when nothing was checked."""
        return worst(result.status for result in self.results)
