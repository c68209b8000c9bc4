from __future__ import annotations

from datetime import date, timedelta

from ketenwacht.domain.result import Evidence
from ketenwacht.messages.findings import number_findings
from ketenwacht.messages.report.view import LaneView
from ketenwacht.render.timeline import make_timeline

STRETCH = (date(2022, 1, 3), date(2022, 12, 30))


def lane(found):
    return LaneView("a kind", tuple(found))


def test_bars_never_touch_and_stay_inside(formatter, incident):
    days = [STRETCH[0] + timedelta(5 * i) for i in range(30)]
    found = number_findings(incident(i, Evidence.HISTORY, day) for i, day in enumerate(days))
    for width in (760, 340):
        (laid,) = make_timeline([lane(found)], formatter, width=width, stretch=STRETCH).lanes
        for i, bar in enumerate(laid.bars):
            assert 0 <= bar.began <= bar.found <= bar.ended <= width
            same = [other for other in laid.bars[i + 1 :] if other.y == bar.y]
            assert all(bar.ended < other.found or other.ended < bar.found for other in same)


def test_what_lives_reaches_the_edge_and_what_is_over_ends(formatter, incidents):
    found = number_findings(incidents)
    laid = make_timeline([lane(found)], formatter, width=760, stretch=STRETCH)
    bars = {bar.number: bar for bar in laid.lanes[0].bars}
    late = next(f for f in found if f.evidence is Evidence.SCHEDULE)
    assert bars[1].ended == laid.right
    assert bars[late.number].ended < 300
