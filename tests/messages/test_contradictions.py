"""What does not fit an incident, on one line, also a surplus beside a shortfall of the same segment."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ketenwacht.domain.findings.finding import Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import legacy
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views_incident import view_contradiction

FAMILY, ASYLUM = (Segment.of({"kind": kind}) for kind in ("family", "asylum"))
AT = datetime(2020, 5, 4, 8, tzinfo=UTC)


def finding(check, since, persons, *, segment=FAMILY, evidence=Evidence.HISTORY):
    return Finding(
        id=check,
        fingerprint=Fingerprint("f", check, segment),
        state=State.OPEN,
        nature=Nature.FAILED,
        severity=Severity.LOW,
        evidence=evidence,
        opened_at=AT,
        changed_at=AT,
        period=AT.date(),
        said=legacy("x"),
        missing=Missing(since, persons, persons, persons),
    )


SURPLUS = finding("volume.surplus", date(2020, 3, 16), -900.0)
PLAIN = "too many in kind family since 16 Mar 2020 by own history; does not count"
BESIDE = (
    "too many in kind family since 16 Mar 2020 and too few since 27 Apr 2020 by own history, each compared with "
    "the level before it; the surplus does not count"
)
CASES = [
    ("alone", (), PLAIN),
    ("another segment lacks persons", (finding("volume", date(2020, 4, 27), 400.0, segment=ASYLUM),), PLAIN),
    (
        "a register says otherwise",
        (finding("register", date(2020, 4, 27), 400.0, evidence=Evidence.RECONCILIATION),),
        PLAIN,
    ),
    (
        "too few of the same segment by the same evidence",
        (finding("volume", date(2020, 4, 27), 400.0),),
        BESIDE,
    ),
]


@pytest.mark.parametrize(("case", "fitting", "line"), CASES, ids=[case for case, *_ in CASES])
def test_a_contradiction_is_one_line(case, fitting, line):
    assert view_contradiction(SURPLUS, MessageFormatter(), fitting).text == line
