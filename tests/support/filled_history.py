"""A history with rows in every table, to be tampered with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ketenwacht.domain.delivery import Delivery, Manifest
from ketenwacht.domain.evidence import InquiryCount, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.findings.finding import Alert, Event, Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.incidents.changes import IncidentEvent
from ketenwacht.domain.incidents.incident import KnownIncident, Membership
from ketenwacht.domain.measurement import Column, MetricKey, Snapshot, Unmeasured
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import CheckResult, Evidence, Interval, JudgedRun, Missing, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import legacy
from ketenwacht.store import History, VerdictProvenance

FEED = "parcels"
AT = datetime(2024, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)
DAY = date(2024, 3, 1)
NORTH = Segment((("region", "north"),))
PRUNED = 3
"""The number of the delivery whose run is pruned."""


def fill(history: History, *, deliveries: int = 4) -> None:
    """Write at least one row to every table: deliveries 1, 2 …, of which the run of the third is pruned."""
    for n in range(1, deliveries + 1):
        _judge(history, n, feed="pruned" if n == PRUNED else FEED)
    _judge(history, deliveries + 1, feed="pruned")  # the newest run of a feed is never pruned
    history.maintenance.prune(
        "pruned", before=DAY + timedelta(deliveries + 1), dry_run=False, who="anna", at=AT + timedelta(99)
    )
    given = {"who": "anna", "why": "known", "at": AT}
    figure = ReferenceFigure(NORTH, DAY, DAY, 20.0, 1.0, DAY, "bureau")
    other = ReferenceFigure(NORTH, DAY, DAY, 21.0, 1.0, DAY, "survey")
    history.evidence.add_references(FEED, [figure, other], **given)
    history.evidence.add_inquiries(FEED, [InquiryCount(DAY, "open", 3, NORTH)], **given)
    history.evidence.add_reconciliation(FEED, [ReconciliationCount(DAY, AT, NORTH, 20, 15, 5, 0, 0, 0, 0)])
    history.exclusions.add(FEED, ExclusionWindow(DAY, DAY, "strike", "pause", NORTH, "anna"), at=AT)
    history.baselines.propose(FEED, "volume", {"level": 20}, **given)
    history.baselines.approve(FEED, "volume", 1, **given)
    history.baselines.pin(FEED, "volume", 1, **given)


def _judge(history: History, n: int, *, feed: str) -> None:
    at = AT + timedelta(n)
    manifest = Manifest(sequence=n, rows=20 + n)
    delivery = Delivery(
        feed, f"{n:06}", DAY + timedelta(n), sha256=f"{n:064x}", size=n, arrived_at=at, manifest=manifest
    )
    measured = {
        MetricKey("rows"): 20.0 + n,
        MetricKey("rows", NORTH): 5.0,
        MetricKey("hours_late"): -0.25,
        MetricKey("expectation.e1.met"): Unmeasured("ValueError at line 3"),
    }
    missing = Missing(DAY, 190.0, 120.5, 260.0)
    results = (
        CheckResult("schedule", Status.PASSED, Evidence.SCHEDULE, "on time"),
        CheckResult(
            "volume", Status.FAILED, Evidence.HISTORY, "few", NORTH, 5.0, Interval(7.5, None), "persons", missing
        ),
    )
    finding = Finding(
        id=f"i{n}",
        fingerprint=Fingerprint(feed, f"volume{n}", NORTH),
        state=State.OPEN,
        nature=Nature.FAILED,
        severity=Severity.LOW,
        evidence=Evidence.HISTORY,
        opened_at=at,
        changed_at=at,
        period=DAY,
        said=legacy("too few"),
    )
    event = Event(f"i{n}", at, "failing", None, State.OPEN, "ketenwacht", "detail")
    alerts = [Alert(f"{kind}{n}", "ops", f"{feed}/{n}", "incident", '{"title":"too few"}', at) for kind in "ab"]
    provenance = VerdictProvenance({"checks": n % 2}, {"inquiries": n}, at)
    with history.transaction() as work:
        run = JudgedRun(f"run{n}", delivery, at, results, 5)
        snapshot = Snapshot(delivery, measured, (Column("region", "text"),))
        work.runs.save(run, snapshot, states={"volume": {"n": n}}, provenance=provenance)
        work.findings.save([finding], [event])
        work.incidents.save(
            [KnownIncident(n, feed, at)],
            [Membership(f"i{n}", n)],
            [IncidentEvent(n, at, "opened", "ketenwacht", "190")],
            at=at,
        )
        work.outbox.add(alerts)
        work.expected.add(feed, [at], watermark=at)
    history.outbox.mark_sent(f"b{n}", at=at, ref=f"{n}.2")
    history.expected.set_verdict(feed, at, delivery.id, "received", at)
