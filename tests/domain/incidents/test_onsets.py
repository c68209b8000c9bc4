"""When what a finding is about may have begun."""

from __future__ import annotations

import pytest

from ketenwacht.domain.incidents.natures import onset_interval

from .made import HISTORY, TOTAL, day, lost, said

CASES = [
    ("from the stated day until it was found", lost(5, evidence=TOTAL, since=3, found=9), (3, 9)),
    ("at most two weeks long", lost(5, evidence=HISTORY, since=3, found=60), (3, 17)),
    ("not before the stated day", lost(5, evidence=TOTAL, since=3, found=1), (3, 3)),
    ("a register comes within six days", lost(5, since=3, found=4), (3, 9)),
    ("what was never seen counts back", said("coverage.never_seen", found=30), (16, 30)),
    ("also when it names the first delivery", said("coverage.never_seen", found=30, since=2), (16, 30)),
    ("unless it says since when", said("coverage.vanished", found=30, since=25), (25, 30)),
]


@pytest.mark.parametrize(("sentence", "finding", "days"), CASES, ids=[one[0] for one in CASES])
def test_the_days_on_which_it_may_have_begun(sentence, finding, days):
    assert onset_interval(finding) == tuple(map(day, days))
