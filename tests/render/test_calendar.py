from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.result import CheckResult, Evidence, Run
from ketenwacht.domain.status import Status
from ketenwacht.render.ledger import Entry, Mark, calendar, ledger, tally

DAY = date(2022, 6, 24)


def came(presence=Presence.READ, *, late=False, day=DAY):
    status = Status.WARNED if late else Status.PASSED
    result = CheckResult("on_time", status, Evidence.SCHEDULE, "6 hours late" if late else "in time")
    return Run("r", Delivery("f", "1", day, presence, problem="why"), None, (result,))


@pytest.mark.parametrize(
    ("runs", "mark"),
    [
        ([came()], Mark.RECEIVED),
        ([came(late=True)], Mark.LATE),
        ([came(Presence.ABSENT)], Mark.MISSING),
        ([came(Presence.UNREADABLE)], Mark.UNREADABLE),
        ([came(Presence.ABSENT), came()], Mark.LATE),  # it came after all
        ([came(Presence.UNREADABLE), came()], Mark.RECEIVED),  # it was sent anew
        ([came(Presence.ABSENT), came(Presence.UNREADABLE)], Mark.UNREADABLE),
    ],
)
def test_a_period_has_one_mark_whatever_became_of_it(runs, mark):
    (entry,) = ledger(runs)
    assert entry.mark is mark
    assert tally([entry])[mark] == 1


def test_a_fault_in_the_data_is_not_a_fault_of_the_delivery():
    run = came()
    failed = CheckResult("volume", Status.FAILED, Evidence.HISTORY, "too few")
    assert ledger([replace(run, results=(*run.results, failed))])[0].mark is Mark.RECEIVED


@pytest.mark.parametrize("width", [760, 340])
def test_the_calendar_holds_every_day_once_and_inside(width):
    entries = [Entry(DAY + timedelta(i), Mark.RECEIVED, "") for i in range(800)]
    laid = calendar(entries, width=width)
    places = {(cell.x, cell.y) for cell in laid.cells}
    assert len(places) == 800
    assert all(0 <= x <= width - laid.size and 0 <= y <= laid.height - laid.size for x, y in places)


def test_weekends_have_rows_only_where_something_came():
    friday = Entry(DAY, Mark.RECEIVED, "")
    sunday = Entry(DAY + timedelta(2), Mark.RECEIVED, "")
    assert calendar([friday], width=340).height < calendar([friday, sunday], width=340).height
