"""Which known loss a finding is about, with each condition alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ketenwacht.domain.incidents import KnownOnset, attribute
from ketenwacht.domain.segment import WHOLE, Segment

from .made import ASYLUM, FAMILY, HISTORY, REGISTER, TOWN, day, lost

LOSS = KnownOnset(FAMILY, day(20))
ONE = [
    ("found after it began", lost(5, since=20, found=27), True),
    ("found on the day it began", lost(5, since=20, found=20), True),
    ("found before it began", lost(5, since=19, found=19), False),
    ("too many persons", lost(-5, since=20), False),
    ("nobody is missing", lost(0, since=20), False),
    ("without a number", replace(lost(5, since=20), missing=None), False),
    ("other persons", lost(5, ASYLUM, since=20), False),
    ("the whole holds them", lost(5, WHOLE, since=20), True),
    ("a town may hold some of them", lost(5, TOWN, since=20), True),
    ("an onset two weeks before it", lost(5, since=6, found=40), True),
    ("an onset more than two weeks before it", lost(5, since=5, found=40), False),
    ("own history dates it a quarter later", lost(5, evidence=HISTORY, since=20 + 92), True),
    ("own history dates it more than a quarter later", lost(5, evidence=HISTORY, since=20 + 93), False),
    ("a register dates it years later", lost(5, evidence=REGISTER, since=20 + 700), True),
]


@pytest.mark.parametrize(("sentence", "finding", "about"), ONE, ids=[one[0] for one in ONE])
def test_a_finding_is_about_a_known_loss(sentence, finding, about):
    assert attribute(finding, [LOSS]) == (LOSS if about else None)


PART = Segment.of({"group": "family", "purpose": "G24"})
SEVERAL = [
    (
        "its own segment before one that began earlier",
        [KnownOnset(WHOLE, day(10)), KnownOnset(FAMILY, day(15))],
        1,
    ),
    ("else the earliest", [KnownOnset(PART, day(15)), KnownOnset(WHOLE, day(10))], 1),
    ("of its own segment the earliest", [KnownOnset(FAMILY, day(15)), KnownOnset(FAMILY, day(12))], 1),
    ("on one day the first by name", [KnownOnset(PART, day(15)), KnownOnset(WHOLE, day(15))], 1),
    ("one that cannot be meant is passed over", [KnownOnset(ASYLUM, day(1)), KnownOnset(FAMILY, day(15))], 1),
]


@pytest.mark.parametrize(("sentence", "losses", "index"), SEVERAL, ids=[one[0] for one in SEVERAL])
def test_of_several_losses_one_is_meant(sentence, losses, index):
    assert attribute(lost(5, since=15, found=30), losses) == losses[index]


def test_a_finding_is_about_nothing_that_is_not_known():
    assert attribute(lost(5), []) is None
