from __future__ import annotations

from datetime import date, timedelta

from ketenwacht.domain.incident import Severity
from ketenwacht.domain.result import Evidence
from ketenwacht.messages.findings import findings
from ketenwacht.render.lanes import MOST_DRAWN, drawn, lanes

STRETCH = (date(2022, 1, 3), date(2022, 12, 30))


def test_one_lane_a_kind_of_evidence_strongest_on_top(incidents):
    laid = lanes(findings(incidents), width=760, stretch=STRETCH)
    assert [lane.title for lane in laid.lanes] == [
        "Keyed reconciliation",
        "Control totals",
        "Outside reference",
        "Own history",
        "Inquiries",
        "Schedule",
    ]
    assert sum(len(lane.bars) for lane in laid.lanes) == len(incidents)


def test_bars_never_touch_and_stay_inside(incident):
    days = [STRETCH[0] + timedelta(5 * i) for i in range(30)]
    found = findings(incident(i, Evidence.HISTORY, day) for i, day in enumerate(days))
    for width in (760, 340):
        (lane,) = lanes(found, width=width, stretch=STRETCH).lanes
        for i, bar in enumerate(lane.bars):
            assert 0 <= bar.began <= bar.found <= bar.ended <= width
            same = [other for other in lane.bars[i + 1 :] if other.y == bar.y]
            assert all(bar.ended < other.found or other.ended < bar.found for other in same)


def test_what_lives_reaches_the_edge_and_what_is_over_ends(incidents):
    laid = lanes(findings(incidents), width=760, stretch=STRETCH)
    bars = {bar.number: bar for lane in laid.lanes for bar in lane.bars}
    late = next(f for f in findings(incidents) if f.evidence is Evidence.SCHEDULE)
    assert bars[1].ended == laid.right
    assert bars[late.number].ended < 300


def test_of_very_many_findings_the_weighty_are_drawn(incident):
    many = [
        incident(i, Evidence.SCHEDULE, STRETCH[0], severity=Severity.HIGH if i < 3 else Severity.LOW)
        for i in range(MOST_DRAWN + 1)
    ]
    assert len(drawn(findings(many))) == 3
    assert len(drawn(findings(many[:MOST_DRAWN]))) == MOST_DRAWN
