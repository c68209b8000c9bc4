"""Deliveries, runs and incidents of a made-up feed, to write down and read back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ketenwacht.domain.catchup import Clock, Impact, Running, Starts
from ketenwacht.domain.delivery import Delivery, DeliveryKind, Manifest, Presence
from ketenwacht.domain.findings.finding import (
    Alert,
    Event,
    Finding,
    Fingerprint,
    Nature,
    Severity,
    Snooze,
    State,
    TrailPoint,
)
from ketenwacht.domain.measurement import Column, MetricKey, Snapshot, Unmeasured
from ketenwacht.domain.result import CheckResult, Evidence, Interval, JudgedRun, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import legacy
from ketenwacht.store.audit import AuditEntry

FEED = "parcels"
AT = datetime(2024, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)
DAY = date(2024, 3, 1)
NORTH = Segment((("region", "north"), ("kind", "")))

MANIFEST = Manifest(
    delivery_uuid="0b7c",
    sequence=12,
    kind=DeliveryKind.CORRECTION,
    sender="A",
    receiver="B",
    period_from=DAY,
    period_to=DAY + timedelta(1),
    created_at=AT,
    schema_version="1.2",
    code_table_versions={"region": "2024-01"},
    size=1234,
    sha256="ab" * 32,
    rows=20,
    rows_by_segment={NORTH: 5, WHOLE: 20},
    selected=25,
    selected_by_segment={NORTH: 6},
    excluded={"no address": 5},
)

RESULTS = (
    CheckResult("schedule", Status.PASSED, Evidence.SCHEDULE, "on time"),
    CheckResult(
        "volume",
        Status.FAILED,
        Evidence.HISTORY,
        "too few — “noord”",
        NORTH,
        5.0,
        Interval(7.5, None),
        "persons",
        Missing(DAY, 190.0, 120.5, 260.0),
    ),
    CheckResult("suite", Status.ERROR, Evidence.CONTRACT, "no value", WHOLE, None, Interval(), "rows"),
)

IMPACT = Impact(
    190,
    ((Segment((("town", "x"),)), 120), (Segment((("town", ""),)), 70)),
    (
        Running(Clock(name="plan “a”", term=timedelta(70)), 0, 0, 190, 130),
        Running(
            Clock(name={"nl": "bezwaar", "en": "objection"}, term=timedelta(42), starts=Starts.DECISION),
            90,
            60,
            10,
            weeks=((DAY, 20), (DAY + timedelta(weeks=1), 40)),
        ),
    ),
)

FULL = Finding(
    id="i1",
    fingerprint=Fingerprint(FEED, "volume", NORTH),
    state=State.ACKNOWLEDGED,
    nature=Nature.PRIVACY,
    severity=Severity.HIGH,
    evidence=Evidence.RECONCILIATION,
    opened_at=AT,
    changed_at=AT + timedelta(hours=1),
    period=DAY,
    said=legacy("too few"),
    missing=Missing(DAY, 190.0, 120.5, 260.0),
    impact=IMPACT,
    owner="anna",
    snooze=Snooze("anna", "known", AT + timedelta(days=2), 190.0),
    resolved_at=AT + timedelta(hours=2),
    closed_at=AT + timedelta(hours=3),
    last_status=Status.ERROR,
    flips=(True, False, True),
    parent="i0",
    last_delivery="000012",
    last_period=DAY,
    told_severity=Severity.MEDIUM,
    told_missing=150.0,
    trail=(TrailPoint(DAY, 150.0, 100.0, 200.0), TrailPoint(DAY + timedelta(days=7), 190.0, 120.5, 260.0)),
)


def delivery(number: int = 1, *, feed: str = FEED, **changes: object) -> Delivery:
    """The delivery of a working day."""
    values = {
        "id": f"{number:06}",
        "period": DAY + timedelta(number),
        "arrived_at": AT + timedelta(number),
        "due_at": AT + timedelta(number, hours=-1),
        "sha256": f"{number:064x}",
        "size": 100 + number,
    }
    return Delivery(feed, **(values | changes))


def absent(number: int = 1) -> Delivery:
    """A delivery that was due and did not come."""
    due = DAY + timedelta(number)
    return Delivery(FEED, f"due:{due}", due, Presence.ABSENT, due_at=AT, problem="not there 4 h after it was due")


def snapshot(of: Delivery | None = None, **measured: float) -> Snapshot:
    """What was measured of a delivery: some of everything, or only the named numbers of the whole feed."""
    values = {MetricKey(name): value for name, value in measured.items()} or {
        MetricKey("rows"): 20.0,
        MetricKey("rows", NORTH): 5.0,
        MetricKey("hours_late"): -0.25,
        MetricKey("expectation.e1.met"): Unmeasured("ValueError at line 3"),
    }
    return Snapshot(delivery() if of is None else of, values, (Column("region", "text"), Column("kind", "date")))


def run(of: Delivery | None = None, *, name: str | None = None, results=RESULTS) -> JudgedRun:
    """What was said of a delivery."""
    of = delivery() if of is None else of
    return JudgedRun(f"run-{of.feed}-{of.id}" if name is None else name, of, AT + timedelta(minutes=1), results)


def incident(name: str = "i1", *, check: str = "volume", state: State = State.OPEN) -> Finding:
    """A small incident."""
    return Finding(
        id=name,
        fingerprint=Fingerprint(FEED, check, NORTH),
        state=state,
        nature=Nature.FAILED,
        severity=Severity.LOW,
        evidence=Evidence.HISTORY,
        opened_at=AT,
        changed_at=AT,
        period=DAY,
        said=legacy("too few"),
    )


def event(
    of: str = "i1", *, reason: str = "failing", before: State | None = None, after: State = State.OPEN
) -> Event:
    """A transition."""
    return Event(of, AT, reason, before, after, "ketenwacht", "detail")


def alert(name: str = "a1", *, route: str = "ops", topic: str = f"{FEED}/2024-03-01") -> Alert:
    """Something to tell."""
    return Alert(name, route, topic, "incident", '{"title":"too few"}', AT)


def save(history, run, snapshot, *, findings=(), events=(), alerts=(), based_on=(), **more) -> bool:
    """Save a run with all that follows from it in one transaction, as the pipeline does."""
    with history.transaction() as work:
        saved = work.runs.save(run, snapshot, **more)
        if saved:
            work.findings.save(findings, events, based_on=based_on)
            work.outbox.add(alerts)
    return saved


def act(history, finding, event, alerts=(), *, based_on, origin="cli") -> None:
    """Save what a person did to a finding, as `incidents` does."""
    entry = AuditEntry(event.reason, f"incident {finding.id}", finding.state.value, origin, event.actor, event.at)
    with history.transaction() as work:
        work.audit.add(entry)
        work.findings.save([finding], [event], based_on=[based_on])
        work.outbox.add(alerts)
