"""A feed of 2022 in which two groups were missing from the first day: what reports are made from, as fixtures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ketenwacht.domain.catchup import Backlog, impact
from ketenwacht.domain.delivery import Delivery, Manifest, Presence
from ketenwacht.domain.evidence import InquiryCount, Known, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.incidents import KnownOnset, assemble_findings
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import CheckResult, Evidence, Interval, JudgedRun, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import legacy
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import (
    BaselineEntry,
    DetectionLimitView,
    MergedSegments,
    Needed,
    OwnHistoryView,
    Replay,
    ReportData,
    Series,
    Signature,
    WatchedCheck,
)

FAMILY, ASYLUM, OTHER = (Segment.of({"group": value}) for value in ("family", "asylum", "other"))


GONE = impact(
    (Backlog(Segment.of({"town": f"t{i}"}), date(2022, 1, 3), max(4, 601 - 73 * i)) for i in range(12)),
    date(2022, 6, 24),
)
"""Who of the family group is missing: most in eight towns, four in each of the others."""


def at(day, hour=9):
    return datetime(day.year, day.month, day.day, hour, 12, tzinfo=UTC)


def make_incident(number, evidence, opened, **changes):
    fields = {
        "id": f"i{number}",
        "fingerprint": Fingerprint("feed", changes.pop("check", "volume"), changes.pop("segment", WHOLE)),
        "state": State.OPEN,
        "nature": Nature.FAILED,
        "severity": Severity.HIGH,
        "evidence": evidence,
        "opened_at": at(opened),
        "changed_at": at(opened),
        "period": opened,
        "said": legacy("something is wrong"),
    }
    return Finding(**(fields | changes))


@pytest.fixture
def incident():
    """Build an incident: number, evidence, the day it was opened, and whatever else differs."""
    return make_incident


@pytest.fixture
def run():
    """One delivery with every kind of verdict in it."""
    results = (
        CheckResult(
            "volume",
            Status.FAILED,
            Evidence.HISTORY,
            "12 delivered where 21–44 were expected",
            FAMILY,
            12.0,
            Interval(20.4, 44.2),
            "persons",
            Missing(date(2022, 5, 30), 187.0, 123.0, 258.0),
        ),
        CheckResult(
            "selected",
            Status.FAILED,
            Evidence.CONTROL_TOTAL,
            "The sender selected 190 and sent 120",
            FAMILY,
            120.0,
            Interval(190, 190),
            "persons",
            Missing(date(2022, 1, 3), 2754.0, 2741.0, 2760.0),
        ),
        CheckResult(
            "codes",
            Status.WARNED,
            Evidence.CONTRACT,
            "Codes that are not in the table of 1 June",
            OTHER,
            3.0,
            Interval(None, 0),
            "rows",
        ),
        CheckResult("suite", Status.ERROR, Evidence.CONTRACT, "Could not be evaluated: BinderException"),
        CheckResult(
            "delivery_on_time",
            Status.PASSED,
            Evidence.SCHEDULE,
            "In time",
            observed=-0.5,
            expected=Interval(None, 4.0),
            unit="hours",
        ),
        CheckResult(
            "completeness",
            Status.PASSED,
            Evidence.CONTRACT,
            "Filled",
            FAMILY,
            0.993,
            Interval(0.98, None),
            "share",
        ),
        CheckResult("register", Status.SKIPPED, Evidence.RECONCILIATION, "No register snapshot this week"),
        *(
            CheckResult(
                "volume",
                Status.UNPROVEN,
                Evidence.HISTORY,
                "No outside reference covers this",
                Segment.of({"municipality": f"{code:04d}"}),
                2.0,
                None,
                "persons",
            )
            for code in range(1, 41)
        ),
    )
    delivery = Delivery("feed", "000123", date(2022, 6, 24), arrived_at=at(date(2022, 6, 24)))
    return JudgedRun("r1", delivery, at(date(2022, 6, 24)), results)


@pytest.fixture
def incidents():
    """What was found in 2022: the family group by five kinds of evidence, the asylum group by one."""
    told = (
        (Evidence.RECONCILIATION, date(2022, 1, 24), "register", FAMILY, (2760, 2700, 2800), State.ACKNOWLEDGED),
        (Evidence.CONTROL_TOTAL, date(2022, 1, 26), "selected", FAMILY, (2750, 2740, 2760), State.OPEN),
        (Evidence.REFERENCE, date(2022, 2, 14), "decisions", FAMILY, (2900, 2300, 3500), State.OPEN),
        (Evidence.RECONCILIATION, date(2022, 3, 7), "register", ASYLUM, (450, 430, 470), State.OPEN),
        (Evidence.INQUIRY, date(2022, 4, 20), "inquiries", FAMILY, (900, 200, 1900), State.OPEN),
        (Evidence.HISTORY, date(2022, 11, 9), "volume", WHOLE, (190, 20, 390), State.OPEN),
    )
    losses = tuple(
        make_incident(
            number,
            evidence,
            opened,
            check=check,
            segment=segment,
            state=state,
            missing=Missing(date(2022, 1, 3), *amounts),
            impact=GONE if evidence is Evidence.RECONCILIATION and segment is FAMILY else None,
            owner="A. Jansen",
        )
        for number, (evidence, opened, check, segment, amounts, state) in enumerate(told)
    )
    late = make_incident(
        7,
        Evidence.SCHEDULE,
        date(2022, 3, 29),
        check="delivery_on_time",
        severity=Severity.MEDIUM,
        state=State.CLOSED,
        resolved_at=at(date(2022, 3, 30)),
        said=legacy("No delivery four hours after it was due"),
    )
    return (*losses, late)


@pytest.fixture
def days():
    """The working days of 2022."""
    every = (date(2022, 1, 3) + timedelta(i) for i in range(362))
    return tuple(day for day in every if day.weekday() < 5)


@pytest.fixture
def report(run, incidents, days):
    """A whole report: a year of deliveries with three groups, one of which loses a third."""
    rng = np.random.default_rng(7)
    series = tuple(_series(rng, days, *cut) for cut in ((FAMILY, 26, 0.34), (ASYLUM, 76, 0.02), (OTHER, 4, 0.0)))
    manifest = Manifest(rows=100, selected=110, selected_by_segment={FAMILY: 30, ASYLUM: 80})
    gone, broken = {days[61]}, {days[207]}
    runs = tuple(_run(i, day, manifest, gone, broken) for i, day in enumerate(days))
    known = Known(
        references=(ReferenceFigure(FAMILY, days[0], days[60], 1800, 0.03, days[100], "Quarterly decisions"),),
        inquiries=(InquiryCount(days[30], "open", 3),),
        reconciliations=(ReconciliationCount(days[9], at(days[10]), FAMILY, 100, 90, 8, 2, 0, 0, 0),),
    )
    return ReportData(
        feed="feed",
        title="Persons, A to B",
        sender="A",
        receiver="B",
        generated_at=at(date(2023, 1, 2)),
        zone=ZoneInfo("Europe/Amsterdam"),
        runs=(*runs, run),
        series=series,
        incidents=incidents,
        known=known,
        exclusions=(
            ExclusionWindow(
                date(2022, 1, 17), date(2022, 3, 1), "halted after a leak", "pause", FAMILY, "J. de Vries"
            ),
        ),
        onsets=(KnownOnset(FAMILY, date(2022, 1, 1), 2760), KnownOnset(ASYLUM, date(2022, 1, 1), 450)),
        limits=(
            DetectionLimitView(
                FAMILY,
                {30: None, 90: 0.24, 365: 0.16},
                {30: 0.19, 90: 0.15, 365: 0.13},
                {30: 0.04, 90: 0.019, 365: 0.011},
                Needed(FAMILY, 0.08, None, 0.019, 21.0),
                OwnHistoryView(FAMILY, "judged", True, 0.16, 0.5, 10.0),
            ),
        ),
        watched=(WatchedCheck("ratio", 3.0, 7, (MergedSegments(Segment(), (FAMILY, ASYLUM)),)),),
        baselines=(baseline(),),
    )


def baseline(**changed):
    """A version of a baseline that judges; its evidence passed its threshold once."""
    body = {
        "schema": "ketenwacht/baseline/2",
        "slack": 0.09,
        "kind": "volume",
        "settings": {},
        "threshold": 12.5,
        "false_alarms_a_year": 0.9,
        "at_most": 1.3,
        "exposure_years": 88.0,
        "highest_seen": 13.0,
        "path": [0.0, 2.0, 13.0, 4.0],
        "curve": [[12.0, 1.0], [13.0, 0.8]],
        "training": {
            "first": "2022-01-03",
            "last": "2022-01-28",
            "deliveries": 20,
            "masked": 3,
            "declared": 1,
            "incidents": 2,
            "replayed": False,
        },
        "drift_a_week": 0.012,
        "parts": [{"segment": {"group": "family"}, "members": 1, "mean": 28.0, "k": 12.0}],
        "runs": 100,
        "seed": 1,
        "code": "0.1.0",
    }
    signed = Signature("ann", "a year is enough", at(date(2022, 2, 1)))
    shown = BaselineEntry("volume", 2, "approved", used=True, proposed=signed, approved=signed, body=body)
    return replace(shown, **changed)


@pytest.fixture
def replay(incidents):
    return Replay(
        "feed",
        date(2022, 1, 3),
        date(2022, 12, 30),
        260,
        incidents,
        14,
        (KnownOnset(FAMILY, date(2022, 1, 1), 2760),),
        numbered=assemble_findings(incidents),
    )


def _series(rng, days, segment, level, loss):
    mean = level * (1 + 0.1 * np.sin(2 * np.pi * np.arange(len(days)) / 250))
    counts = rng.negative_binomial(12, 12 / (12 + mean * (1 - loss)))
    half = 1.64 * np.sqrt(mean + mean**2 / 12)
    observed = tuple(None if i == 61 else float(count) for i, count in enumerate(counts))
    low, high = (tuple(map(float, np.maximum(0, edge))) for edge in (mean - half, mean + half))
    return Series(segment, days, observed, low, high, Status.FAILED if loss > 0.1 else Status.UNPROVEN)


def _run(number, day, manifest, gone, broken):
    if day in gone:
        delivery = Delivery("feed", f"due:{day}", day, Presence.ABSENT, problem="nothing came by 11:00")
    elif day in broken:
        delivery = Delivery("feed", f"{number:06d}", day, Presence.UNREADABLE, problem="fewer bytes than stated")
    else:
        delivery = Delivery("feed", f"{number:06d}", day, arrived_at=at(day), manifest=manifest)
    late = number in {18, 133}
    status = Status.WARNED if late else Status.PASSED if delivery.read else Status.FAILED
    return JudgedRun(
        f"r{number}", delivery, at(day), (CheckResult("on_time", status, Evidence.SCHEDULE, "6 hours late"),)
    )


@pytest.fixture
def formatter():
    """What says everything: English, a limit of ten, local time in Amsterdam."""
    return MessageFormatter(zone=ZoneInfo("Europe/Amsterdam"))
