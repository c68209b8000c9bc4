"""Settings for severity, notification and closing of findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar

from ketenwacht.domain.result import CheckResult, Evidence, Missing, Status

from .finding import Finding, Nature, Severity

DELIVERY_CHECK = "delivery"
"""Name of the check that says whether a delivery could be read at all."""

# Severity of a problem with an unknown number of missing persons.
UNCOUNTED = {
    Nature.ERROR: Severity.MEDIUM,
    Nature.FAILED: Severity.MEDIUM,
    Nature.WARNED: Severity.LOW,
    Nature.PRIVACY: Severity.HIGH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The policy of findings.

    Attributes:
        medium: severity is at least medium from this many missing (or surplus) persons.
        high: the same for high.
        critical: the same for critical.
        growth: a shortfall has grown when it is this many times what was told.
        growth_persons: and at least this many persons more.
        reopen: a problem that returns within this time of being resolved is the same finding.
        flap_window: number of deliveries over which flips are counted.
        flap_flips: this many flips in the window is flapping: one notice, then silence until stable.
        settled: healthy deliveries in a row after which a resolved finding may be closed.
        forget: a resolved finding is closed after this time, whatever was delivered since.
        warned_opens: whether a result `warned` opens a finding.
        told: natures that are told to people; the others are only listed.
        privacy_checks: further checks whose failure means that persons, or data of theirs, arrived where they
            should not have; a check that always means that says so itself.
        privacy_evidence: evidence that makes persons too many a matter of privacy; by other evidence they are
            only more than was expected.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    medium: float = 10
    high: float = 100
    critical: float = 1000
    growth: float = 1.5
    growth_persons: float = 10
    reopen: timedelta = timedelta(hours=24)
    flap_window: int = 7
    flap_flips: int = 3
    settled: int = 3
    forget: timedelta = timedelta(days=14)
    warned_opens: bool = True
    told: frozenset[Nature] = field(default=frozenset({Nature.ERROR, Nature.FAILED, Nature.PRIVACY}))
    privacy_checks: frozenset[str] = frozenset()
    privacy_evidence: frozenset[Evidence] = field(
        default=frozenset(
            {Evidence.RECONCILIATION, Evidence.CONTROL_TOTAL, Evidence.ACKNOWLEDGEMENT, Evidence.CONTRACT}
        )
    )

    def nature(self, result: CheckResult) -> Nature:
        """Return what sort of problem a result that is not healthy is about."""
        if result.status is Status.ERROR:
            return Nature.ERROR
        surplus = result.missing is not None and result.missing.value < 0
        too_many = surplus and result.evidence in self.privacy_evidence
        if too_many or result.breach or result.check in self.privacy_checks:
            return Nature.PRIVACY
        return Nature.WARNED if result.status is Status.WARNED else Nature.FAILED

    def severity(self, nature: Nature, missing: Missing | None) -> Severity:
        """Return how bad, from persons; without an estimate, by nature alone.

        A warning is never more than low, and one person too many may be a data breach: at least medium.
        """
        if nature is Nature.WARNED or missing is None or nature is Nature.ERROR:
            return UNCOUNTED[nature]
        ladder = ((self.critical, Severity.CRITICAL), (self.high, Severity.HIGH), (self.medium, Severity.MEDIUM))
        lowest = Severity.MEDIUM if nature is Nature.PRIVACY else Severity.LOW
        return next((level for least, level in ladder if abs(missing.value) >= least), lowest)

    def grown(self, told: float | None, missing: Missing | None) -> bool:
        """Return whether the shortfall is well above the one that was `told` (persons; None counts as 0)."""
        if missing is None:
            return False
        base, now = abs(told) if told is not None else 0.0, abs(missing.value)
        return now >= base * self.growth and now >= base + self.growth_persons

    def flapping(self, incident: Finding) -> bool:
        """Return whether it goes up and down too often to be told each time."""
        window = incident.flips[-self.flap_window :]
        return sum(a != b for a, b in pairwise(window)) >= self.flap_flips
