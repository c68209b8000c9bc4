"""One number: what findings prove of missing persons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.findings.finding import Nature
from ketenwacht.domain.incidents import count_missing
from ketenwacht.domain.segment import WHOLE, Segment

from .made import ASYLUM, FAMILY, HISTORY, OTHER, REFERENCE, REGISTER, TOTAL, TOWN, day, lost

G24 = Segment.of({"group": "family", "purpose": "G24"})

CASES = [
    ("nothing is said", [], None, []),
    ("a surplus is nobody missing", [lost(-40)], None, []),
    ("a warning proves nobody missing", [lost(8570, WHOLE, HISTORY, nature=Nature.WARNED)], None, []),
    (
        "a warning is never in the number beside a failure",
        [lost(970, FAMILY, HISTORY), lost(8570, WHOLE, HISTORY, nature=Nature.WARNED)],
        970,
        [970],
    ),
    ("parts add up", [lost(540), lost(200, OTHER), lost(140, ASYLUM)], 880, [540, 200, 140]),
    ("of one segment the strongest evidence counts", [lost(540), lost(610, evidence=REFERENCE)], 540, [540]),
    ("not the largest", [lost(610), lost(540, evidence=REFERENCE)], 610, [610]),
    (
        "the whole by its own evidence, when that is stronger than that of its parts",
        [lost(900, WHOLE), lost(540, evidence=REFERENCE)],
        900,
        [540],
    ),
    (
        "weaker parts that do not fit into the whole are left out",
        [lost(500, WHOLE), lost(540, evidence=REFERENCE)],
        500,
        [],
    ),
    (
        "the sum of the parts, when these rest on stronger evidence",
        [lost(1974, WHOLE, TOTAL), lost(540), lost(200, OTHER)],
        740,
        [540, 200],
    ),
    (
        "at a tie the sum, when the parts cover the whole",
        [lost(880, WHOLE, spread=10), lost(700), lost(175, OTHER)],
        875,
        [700, 175],
    ),
    ("at a tie the whole, when the parts do not cover it", [lost(880, WHOLE), lost(700)], 880, [700]),
    (
        "stronger parts are certain to be in the whole",
        [lost(500, WHOLE, TOTAL), lost(540), lost(60, OTHER, REFERENCE)],
        540,
        [540],
    ),
    ("two dimensions are the same persons", [lost(880), lost(300, TOWN)], 880, [880]),
    ("the dimension with stronger evidence counts", [lost(880, FAMILY, TOTAL), lost(300, TOWN)], 300, [300]),
    (
        "a part of a part counts in its part",
        [lost(60, G24), lost(200, OTHER)],
        260,
        [200, 60],
    ),
    ("a part of a part on weaker evidence adds nobody", [lost(540), lost(500, G24, REFERENCE)], 540, [540]),
    (
        "what began after the register's date comes on top",
        [lost(540, until=20), lost(30, evidence=TOTAL, since=21)],
        570,
        [570],
    ),
    (
        "what weaker evidence counted up to the register's date does not come on top",
        [lost(540, until=20), lost(610, evidence=TOTAL, until=27)],
        540,
        [540],
    ),
    (
        "what it counted since then does",
        [lost(540, until=20), lost(610, evidence=TOTAL, until=27, trail=((19, 580), (27, 610)))],
        570,
        [570],
    ),
    (
        "evidence that came no further than the register adds nothing",
        [lost(540, until=20), lost(610, evidence=TOTAL, until=18, trail=((10, 580), (18, 610)))],
        540,
        [540],
    ),
]


@pytest.mark.parametrize(("sentence", "findings", "value", "parts"), CASES, ids=[case[0] for case in CASES])
def test_the_number(sentence, findings, value, parts):
    del sentence
    found = count_missing(findings)
    assert (None if found is None else found.value) == value
    assert [part.value for part in (found.parts if found is not None else ())] == parts


def test_the_onset_is_that_of_the_strongest_evidence():
    found = count_missing([lost(540, since=4), lost(610, evidence=REFERENCE, since=0)])
    assert (found.since, found.evidence) == (day(4), REGISTER)


def test_weaker_evidence_is_told_beside_the_number():
    found = count_missing([lost(540), lost(610, evidence=REFERENCE, spread=150), lost(50, OTHER, REFERENCE)])
    assert found.value == 590
    (also,) = found.also
    assert (also.evidence, also.value, also.low, also.high) == (REFERENCE, 660, 510, 810)


def test_the_ends_of_intervals_add_up():
    found = count_missing([lost(540, spread=40), lost(200, OTHER, spread=7)])
    assert (found.low, found.value, found.high) == (693, 740, 787)


def test_within_a_segment_only_what_lies_in_it_counts():
    findings = [lost(1000, WHOLE), lost(540), lost(200, OTHER), lost(90, TOWN)]
    assert count_missing(findings, within=FAMILY).value == 540
    assert count_missing(findings, within=ASYLUM) is None


segments = st.sampled_from([WHOLE, FAMILY, ASYLUM, OTHER, TOWN, G24])
evidences = st.sampled_from([REGISTER, TOTAL, REFERENCE, HISTORY])
findings_made = st.lists(
    st.builds(
        lost,
        st.integers(-500, 3000).filter(bool),
        segments,
        evidences,
        since=st.integers(0, 60),
        spread=st.integers(0, 200),
        until=st.none() | st.integers(0, 120),
        nature=st.sampled_from([Nature.FAILED, Nature.FAILED, Nature.WARNED]),
        trail=st.lists(st.tuples(st.integers(0, 120), st.integers(0, 3000)), max_size=4).map(
            lambda points: tuple(sorted(points))
        ),
        name=st.uuids().map(str),
    ),
    max_size=12,
)


@given(findings_made)
def test_parts_are_never_more_than_the_whole(findings):
    found = count_missing(findings)
    if found is not None:
        assert found.low <= found.value <= found.high
        for side in ("low", "value", "high"):
            assert sum(getattr(part, side) for part in found.parts) <= getattr(found, side) + 1e-6


@given(findings_made, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_same_number(findings, random):
    shuffled = [*findings, *findings[:3]]
    random.shuffle(shuffled)
    assert count_missing(shuffled) == count_missing(findings)


@given(findings_made)
def test_parts_differ_in_one_dimension(findings):
    found = count_missing(findings)
    if found is not None and found.parts:
        assert len({part.segment.dimensions for part in found.parts}) == 1
        assert len({part.segment for part in found.parts}) == len(found.parts)


@given(findings_made, st.integers(1, 5000))
def test_stronger_evidence_on_the_whole_replaces_all_weaker(findings, persons):
    weaker = [finding for finding in findings if finding.evidence is not REGISTER]
    register = lost(persons, WHOLE, REGISTER, until=200, name="register")
    assert count_missing([*weaker, register]).value == persons


@given(findings_made)
def test_the_number_is_never_more_than_the_evidence_says(findings):
    found = count_missing(findings)
    if found is not None:
        proofs = [one for one in findings if one.nature is Nature.FAILED and one.missing.value > 0]
        assert found.value <= sum(one.missing.value for one in proofs) + 1e-6
