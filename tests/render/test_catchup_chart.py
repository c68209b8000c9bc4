"""The schedule of a catch-up, drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # our own drawings only
from datetime import date

from ketenwacht.domain.catchup import Backlog, plan
from ketenwacht.domain.segment import Segment
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy
from ketenwacht.messages.views_evidence import view_catch_up
from ketenwacht.render.charts import catchup_svg

NS = "{http://www.w3.org/2000/svg}"
START = date(2022, 7, 4)


def drawn(*counts, feed="feed", language="en", limit=10):
    """A town with `counts` missing each, caught up twenty a week."""
    parts = [Segment.of({"town": str(i)}) for i in range(len(counts))]
    backlog = [Backlog(part, date(2022, 1, 3), n) for part, n in zip(parts, counts, strict=True)]
    made = plan(backlog, dict.fromkeys(parts, 20.0), multiple=2.0, start=START)
    formatter = MessageFormatter(language, Privacy(limit))
    drawn = catchup_svg(view_catch_up(feed, START, ("town",), made, formatter, multiple=2.0), formatter)
    return ET.fromstring(drawn)  # noqa: S314 - our own


def bars(root):
    return [one for one in root.iter(f"{NS}rect") if one.find(f"{NS}title") is not None]


def test_every_week_has_a_bar_that_says_what_it_is():
    found = bars(drawn(60, 40))
    assert [bar.find(f"{NS}title").text for bar in found] == [
        "4 Jul 2022: 40 persons, 60 still waiting",
        "11 Jul 2022: 40 persons, 20 still waiting",
        "18 Jul 2022: 20 persons, 0 still waiting",
    ]
    heights = [float(bar.get("height")) for bar in found]
    assert heights[0] == heights[1] > heights[2] > 0


def test_small_counts_are_drawn_alike_and_told_alike():
    few, more = (ET.tostring(drawn(n)) for n in (3, 8))
    assert few == more
    assert b"&lt;10 persons" in few


def test_the_limit_that_is_configured_governs_the_drawing():
    assert b"&lt;500 persons" in ET.tostring(drawn(60, limit=500))
    assert b"63 persons" in ET.tostring(drawn(63, limit=1))


def test_it_speaks_dutch_too():
    root = drawn(60, 40, language="nl")
    assert root.find(f"{NS}title").text == "feed: 100 personen in 3 weken, 4 jul 2022 – 24 jul 2022"


def test_names_from_the_configuration_cannot_break_out():
    root = drawn(20, feed='<script>"&')
    assert root.find(f"{NS}script") is None
    assert "<script>" in root.find(f"{NS}title").text


def test_a_plan_for_nobody_says_so():
    root = drawn()
    assert "nobody in the register of 4 Jul 2022 is missing" in root.find(f"{NS}title").text
    assert bars(root) == []
