"""What a check finds, and a run: all that was said of one delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, IntEnum

from .catchup import Impact
from .delivery import Delivery
from .segment import WHOLE, Segment
from .statement import Statement, Value, legacy

DETECTOR = 7
"""The version of the checks. It grows when the same measurements may lead to another verdict."""


class Evidence(Enum):
    """Where a verdict comes from, strongest first in the order of `STRENGTH`."""

    CONTRACT = "contract"
    CONTROL_TOTAL = "control-total"
    ACKNOWLEDGEMENT = "acknowledgement"
    RECONCILIATION = "reconciliation"
    REFERENCE = "reference"
    UNDERCOVERAGE = "undercoverage"
    HISTORY = "history"
    INQUIRY = "inquiry"
    SCHEDULE = "schedule"


STRENGTH = (
    Evidence.RECONCILIATION,
    Evidence.CONTROL_TOTAL,
    Evidence.ACKNOWLEDGEMENT,
    Evidence.REFERENCE,
    Evidence.HISTORY,
    Evidence.INQUIRY,
    Evidence.UNDERCOVERAGE,
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

    Negative values count persons who arrived and should not have. `low` and `high` bound a 90 % interval.
    """

    since: date
    value: float
    low: float
    high: float


def by_week(missing: Missing, evidence: Evidence) -> bool:
    """Return whether `since` is only known to the week (register results never store the exact day)."""
    return evidence is Evidence.RECONCILIATION and missing.value > 0.0 and missing.since.weekday() == 0


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's verdict on one segment of one delivery: what it found as a code, never in words.

    Attributes:
        check: the name of the check, perhaps followed by `.` and what it looked at.
        code: what was found, `<kind>.<what>`; the package `messages` has a text for it in every language.
        params: what the text is filled with.
        observed: the number that was judged; persons, unless `unit` says otherwise.
        expected: where it should have been.
        of_delivery: `observed` was counted in the one delivery that is judged (see `statement.Persons`).
        whole: of a share, how many persons it is a share of; None when it is a share of none.
        missing: how many persons it means, and since when.
        impact: details about missing persons for the finding; not part of the verdict.
        breach: that persons, or data of theirs, arrived where they should not have: goes to the incident too.
        by_due: it is about the one delivery that was due: its finding belongs to that due moment, and no other
            delivery says anything of it.
    """

    check: str
    status: Status
    evidence: Evidence
    message: str = ""
    segment: Segment = WHOLE
    observed: float | None = None
    expected: Interval | None = None
    unit: str | None = None
    missing: Missing | None = None
    impact: Impact | None = field(default=None, compare=False)
    code: str = ""
    params: Mapping[str, Value] = field(default_factory=dict, hash=False)
    of_delivery: bool = False
    whole: float | None = None
    breach: bool = field(default=False, compare=False)
    by_due: bool = field(default=False, compare=False)

    @property
    def said(self) -> Statement:
        """What it says."""
        return Statement(self.code, self.params) if self.code else legacy(self.message)


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """One delivery judged once.

    Attributes:
        id: its name.
        delivery: what was judged.
        at: when, UTC.
        results: of every check, in their order.
        smallest: the smallest count above 0 that the delivery holds (`measurement.smallest_count`); None: it holds
            none. It says how exactly the counts of this delivery may be shown.
        detector: the version of the checks that judged it.
        evidence: a digest of the outside evidence that came after the delivery was judged, for a run that judges
            it again for that reason; empty: the delivery's own run.
    """

    id: str
    delivery: Delivery
    at: datetime
    results: tuple[CheckResult, ...]
    smallest: float | None = 1.0
    detector: int = DETECTOR
    evidence: str = ""

    @property
    def by_evidence(self) -> bool:
        """Whether evidence made it judge again: no delivery arrived."""
        return bool(self.evidence)

    @property
    def status(self) -> Status:
        """The worst of its results; ERROR when nothing was checked."""
        return worst(result.status for result in self.results)


def newest_of_each(runs: Iterable[JudgedRun]) -> tuple[JudgedRun, ...]:
    """Return one run a delivery, in their order: the newest, which says what is known of it now."""
    found: dict[tuple[str, str | None], JudgedRun] = {}
    for run in runs:
        found[run.delivery.id, run.delivery.mark] = run
    return tuple(found.values())


# The verdict vocabulary. Order matters: the worst status of its parts is the status of the whole.


class Status(IntEnum):
    """A verdict, from best to worst.

    FAILED means the data is wrong; ERROR means we could not judge. They never look alike.
    UNPROVEN means nothing contradicts, but no independent evidence covers the segment and period.
    """

    PASSED = 0
    SKIPPED = 1
    UNPROVEN = 2
    WARNED = 3
    FAILED = 4
    ERROR = 5

    @property
    def word(self) -> str:
        """The lower-case word used in JSON, the terminal and reports."""
        return self.name.lower()


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of `statuses`; ERROR when there are none, since nothing checked is never green.

    SKIPPED counts only when nothing else was said: a check with nothing to say does not colour a delivery.
    """
    found = list(statuses)
    judged = [status for status in found if status is not Status.SKIPPED]
    return max(judged or found, default=Status.ERROR)


class ReproductionOutcome(Enum):
    """Result of reproducing a past verdict."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One past verdict that was judged again.

    Attributes:
        run: id of the run.
        delivery: id of its delivery.
        period: of the delivery.
        outcome: the same to the last bit; different; or it cannot be known, as of a verdict that differs and that
            another version of the checks gave.
        checks: check and segment of every result that differs; an empty segment: what the check remembered.
        why: why it cannot be known.
        detector: the version of the checks that gave it.
    """

    run: str
    delivery: str
    period: date
    outcome: ReproductionOutcome
    checks: tuple[tuple[str, str], ...]
    why: str = ""
    detector: int = DETECTOR
