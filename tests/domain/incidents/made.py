"""Findings for the tests of incidents, with what matters given and the rest filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State, TrailPoint
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Name, Statement, Value

REGISTER, TOTAL, REFERENCE, HISTORY, INQUIRY = (
    Evidence.RECONCILIATION,
    Evidence.CONTROL_TOTAL,
    Evidence.REFERENCE,
    Evidence.HISTORY,
    Evidence.INQUIRY,
)
_KIND = {REGISTER: "reconciliation", TOTAL: "conservation", REFERENCE: "reference", HISTORY: "volume"}
FAMILY, ASYLUM, OTHER = (Segment.of({"group": name}) for name in ("family", "asylum", "other"))
TOWN = Segment.of({"town": "0363"})
MONDAY = date(2022, 1, 3)


def day(number: int) -> date:
    """Day `number` after Monday 3 January 2022."""
    return MONDAY + timedelta(days=number)


def moment(number: int) -> datetime:
    """Nine o'clock on that day, UTC."""
    return datetime.combine(day(number), time(9), UTC)


def lost(
    persons: float,
    segment: Segment = FAMILY,
    evidence: Evidence = REGISTER,
    *,
    since: int = 0,
    found: int | None = None,
    ended: int | None = None,
    spread: float = 0.0,
    until: int | None = None,
    nature: Nature = Nature.FAILED,
    trail: tuple[tuple[int, float], ...] = (),
    name: str = "",
) -> Finding:
    """A finding of missing persons (negative: too many), since day `since`, found a week later."""
    kind = _KIND.get(evidence, "inquiries")
    code = f"{kind}.{'shortfall' if persons > 0 else 'surplus'}"
    params: dict[str, Value] = {} if until is None else {"until": day(until)}
    missing = Missing(day(since), persons, persons - spread, persons + spread)
    opened = since + 7 if found is None else found
    return _finding(
        kind,
        segment,
        evidence,
        Statement(code, params),
        opened,
        ended,
        nature,
        missing=missing,
        trail=tuple(TrailPoint(day(at), value, value, value) for at, value in trail),
        name=name,
    )


def said(
    code: str,
    segment: Segment = WHOLE,
    *,
    found: int = 0,
    ended: int | None = None,
    nature: Nature = Nature.FAILED,
    check: str = "",
    evidence: Evidence = Evidence.CONTRACT,
    since: int | None = None,
    columns: tuple[str, ...] = (),
    name: str = "",
) -> Finding:
    """A finding without a number, found on day `found`."""
    params: dict[str, Value] = {} if since is None else {"since": day(since)}
    if columns:
        params["columns"] = tuple(Name(one, agreed=True) for one in columns)
    kind = check or code.partition(".")[0]
    return _finding(kind, segment, evidence, Statement(code, params), found, ended, nature, name=name)


def _finding(
    check: str,
    segment: Segment,
    evidence: Evidence,
    statement: Statement,
    found: int,
    ended: int | None,
    nature: Nature,
    *,
    missing: Missing | None = None,
    trail: tuple[TrailPoint, ...] = (),
    name: str = "",
) -> Finding:
    return Finding(
        id=name or f"{check}-{segment}-{statement.code}-{found}-{missing and missing.value}",
        fingerprint=Fingerprint("feed", check, segment),
        state=State.OPEN if ended is None else State.RESOLVED,
        nature=nature,
        severity=Severity.HIGH if nature is not Nature.WARNED else Severity.LOW,
        evidence=evidence,
        opened_at=moment(found),
        changed_at=moment(found),
        period=day(found),
        said=statement,
        missing=missing,
        resolved_at=None if ended is None else moment(ended),
        last_period=day(found),
        trail=trail,
    )
