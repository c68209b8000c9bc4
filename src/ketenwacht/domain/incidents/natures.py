"""The nature of a finding, its missing persons and its onset, from its code and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from ketenwacht.domain.findings.finding import Finding, Nature, counted_until
from ketenwacht.domain.findings.policy import DELIVERY_CHECK
from ketenwacht.domain.result import STRENGTH, Evidence
from ketenwacht.domain.statement import LEGACY, Name, Statement, Value

from .incident import IncidentNature

LONGEST_ONSET = timedelta(days=14)
"""An onset is never taken to be less certain than this."""
_REGISTER_WEEK = timedelta(days=6)  # a register tells the week of an onset, never the day

RANK: Mapping[Evidence, int] = {evidence: place for place, evidence in enumerate(STRENGTH)}
"""Place of each evidence, 0 for the strongest."""

# By code, else by kind of check (the code's first word); the first that is found counts.
_BY_CODE: Mapping[str, IncidentNature] = {
    "schedule.unreadable": IncidentNature.UNREADABLE,
    "ledger.gap": IncidentNature.LATE,
    "ledger.gap_given_up": IncidentNature.LATE,
    "ledger.excluded_unusual": IncidentNature.MISSING,
    "ledger.new_reason": IncidentNature.MISSING,
    "ledger.reason_rises": IncidentNature.MISSING,
    "reconciliation.old": IncidentNature.CANNOT_JUDGE,
    "reconciliation.not_compared": IncidentNature.CANNOT_JUDGE,
    "reconciliation.not_compared_whole": IncidentNature.CANNOT_JUDGE,
    "acknowledgement.overdue": IncidentNature.LATE,
    "conservation.old": IncidentNature.CANNOT_JUDGE,
    "conservation.uncounted": IncidentNature.CANNOT_JUDGE,
}
_BY_KIND: Mapping[str, IncidentNature] = {
    "coverage": IncidentNature.MISSING,
    "vanished": IncidentNature.MISSING,
    "inquiries": IncidentNature.MISSING,
    "canary": IncidentNature.MISSING,
    "volume": IncidentNature.MISSING,
    "ratio": IncidentNature.MISSING,
    "reference": IncidentNature.MISSING,
    "undercoverage": IncidentNature.MISSING,
    "schedule": IncidentNature.LATE,
    "schema": IncidentNature.SCHEMA,
    DELIVERY_CHECK: IncidentNature.UNREADABLE,
}
_CAUSES = frozenset({"coverage", "vanished", "ledger"})


def kind_of(finding: Finding) -> str:
    """Return the kind of check that a finding comes from: the first word of its code, else of its check."""
    code = finding.said.code
    return (finding.fingerprint.check if code == LEGACY else code).partition(".")[0]


def nature_of(finding: Finding) -> IncidentNature:
    """Return what a finding is about."""
    by_code = _BY_CODE.get(finding.said.code) or _BY_KIND.get(kind_of(finding))
    if finding.nature is Nature.PRIVACY:
        return IncidentNature.PRIVACY
    if finding.nature is Nature.ERROR:
        about_delivery = by_code in {IncidentNature.LATE, IncidentNature.UNREADABLE}
        return by_code if about_delivery and by_code is not None else IncidentNature.CANNOT_JUDGE
    if finding.missing is not None and finding.missing.value != 0.0:
        return IncidentNature.MISSING if finding.missing.value > 0.0 else IncidentNature.SURPLUS
    if finding.evidence is Evidence.SCHEDULE and by_code is not IncidentNature.UNREADABLE:
        return IncidentNature.BROKEN_RULE if finding.said.code == "schedule.unexpected" else IncidentNature.LATE
    return by_code or IncidentNature.BROKEN_RULE


def is_cause(finding: Finding) -> bool:
    """Return whether a finding says why persons are missing rather than how many."""
    return finding.missing is None and kind_of(finding) in _CAUSES and nature_of(finding) is IncidentNature.MISSING


def is_proof(finding: Finding) -> bool:
    """Return whether a finding may be about a number of missing persons: it failed, and has one above 0."""
    return finding.nature is Nature.FAILED and finding.missing is not None and finding.missing.value > 0.0


def is_anchor(finding: Finding) -> bool:
    """Return whether an incident of missing persons may rest on it: a proof in a part of the feed."""
    return is_proof(finding) and bool(finding.fingerprint.segment.pairs)


_UNDATED = frozenset({"coverage.never_seen"})
"""Codes about what was never there: the day that they state is that of the first delivery, and no onset."""


def onset_of(finding: Finding) -> date:
    """Return the first day of what a finding is about, as far as it is known."""
    return finding.period if finding.missing is None and finding.said.code in _UNDATED else stated_since(finding)


def stated_since(finding: Finding) -> date:
    """Return since when a finding says that it is so; the day of its delivery when it says nothing of it."""
    if finding.missing is not None:
        return finding.missing.since
    since = finding.said.params.get("since")
    return since if isinstance(since, date) else finding.period


def onset_interval(finding: Finding) -> tuple[date, date]:
    """Return the first and last day on which it may have begun, at most `LONGEST_ONSET` apart.

    It began on the stated day or later, and before it was found. A category that was never seen has no day: it
    counts back from when it was found.
    """
    since, found = onset_of(finding), finding.opened_at.date()
    if finding.missing is None and ("since" not in finding.said.params or finding.said.code in _UNDATED):
        return since - LONGEST_ONSET, since
    if finding.evidence is Evidence.RECONCILIATION:
        found = max(found, since + _REGISTER_WEEK)
    return since, max(since, min(found, since + LONGEST_ONSET))


def watermark_of(finding: Finding) -> date:
    """Return the day up to which a finding counts: a register's date, a figure's last day, its last delivery."""
    return counted_until(finding.said, finding.last_period or finding.period)


def columns_of(said: Statement) -> frozenset[str]:
    """Return the columns that a statement names, also within the statements in it."""
    found: set[str] = set()
    for name, value in said.params.items():
        for one in _each(value):
            if isinstance(one, Statement):
                found |= columns_of(one)
            elif isinstance(one, Name) and name in {"column", "columns", "into", "field"}:
                found.add(one.text)
    return frozenset(found)


def _each(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else (value,)


def lived_together(one: Finding, other: Finding) -> bool:
    """Return whether two findings were active at one moment."""
    return _starts_before_end(one, other) and _starts_before_end(other, one)


def _starts_before_end(one: Finding, other: Finding) -> bool:
    end = None if other.active else other.resolved_at or other.closed_at
    return end is None or one.opened_at <= end


def by_strength(finding: Finding) -> tuple[object, ...]:
    """Return the key that orders findings: strongest evidence, then the earliest; the same in any order."""
    return (
        finding.nature is not Nature.FAILED,
        RANK[finding.evidence],
        -abs(finding.missing.value) if finding.missing is not None else 0.0,
        finding.opened_at,
        finding.fingerprint,
        finding.id,
    )


def by_age(finding: Finding) -> tuple[object, ...]:
    """Return the key that orders findings by when they were opened."""
    return (finding.opened_at, RANK[finding.evidence], finding.fingerprint, finding.id)
