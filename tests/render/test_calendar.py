from __future__ import annotations

from datetime import date, timedelta

import pytest

from ketenwacht.messages.report.series import DeliveryMark, LedgerEntry
from ketenwacht.render.timeline import make_calendar

DAY = date(2022, 6, 24)


def entry(day):
    return LedgerEntry(day, str(day), DeliveryMark.RECEIVED, "received", "", "")


@pytest.mark.parametrize("width", [760, 340])
def test_the_calendar_holds_every_day_once_and_inside(formatter, width):
    entries = [entry(DAY + timedelta(i)) for i in range(800)]
    laid = make_calendar(entries, formatter, width=width)
    places = {(cell.x, cell.y) for cell in laid.cells}
    assert len(places) == 800
    assert all(0 <= x <= width - laid.size and 0 <= y <= laid.height - laid.size for x, y in places)


def test_weekends_have_rows_only_where_something_came(formatter):
    friday = entry(DAY)
    sunday = entry(DAY + timedelta(2))
    assert (
        make_calendar([friday], formatter, width=340).height
        < make_calendar([friday, sunday], formatter, width=340).height
    )
