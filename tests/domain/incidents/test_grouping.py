"""Which findings are about the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.findings.finding import Nature
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.incidents import (
    IncidentNature,
    KnownIncidents,
    Membership,
    assemble_findings,
    count_live,
    group_incidents,
)
from ketenwacht.domain.result import Evidence
from ketenwacht.domain.segment import WHOLE, Segment

from .made import ASYLUM, FAMILY, HISTORY, INQUIRY, OTHER, REFERENCE, TOTAL, lost, said
from .test_count_missing import findings_made

G24 = Segment.of({"group": "family", "purpose": "G24"})

CASES = [
    ("three groups lost since one week are one incident", [lost(540), lost(200, OTHER), lost(140, ASYLUM)], [3]),
    ("a group lost months later is another", [lost(540), lost(200, OTHER, since=90)], [1, 1]),
    (
        "a late estimate in one segment does not pull in a later loss elsewhere",
        [lost(540), lost(300, FAMILY, TOTAL, since=90), lost(200, OTHER, since=90)],
        [2, 1],
    ),
    ("one segment by several evidences is one loss", [lost(540), lost(610, evidence=HISTORY, since=60)], [2]),
    ("a part lies in its whole", [lost(540), lost(60, G24, TOTAL, since=70)], [2]),
    (
        "the whole feed joins no two losses",
        [lost(540), lost(200, OTHER, since=90), lost(700, WHOLE, TOTAL, since=91)],
        [1, 2],
    ),
    ("a category that never came waits for its loss", [said("coverage.never_seen", G24, found=8), lost(540)], [2]),
    (
        "inquiries attach to the loss that they see",
        [lost(540), said("inquiries.misses", found=60, since=10, evidence=INQUIRY)],
        [2],
    ),
    (
        "a surplus that only own history sees is listed with the loss",
        [lost(540), lost(-90, evidence=HISTORY)],
        [2],
    ),
    (
        "a warning of another season stands alone",
        [lost(970, since=300), lost(8570, WHOLE, HISTORY, since=0, nature=Nature.WARNED)],
        [1, 1],
    ),
    (
        "a renamed column absorbs the rules that it breaks",
        [
            said("schema.renamed", columns=("group",)),
            said("contract.not_met", check="contract.group", columns=("group",)),
        ],
        [2],
    ),
    (
        "a rule that names no column follows any changed column",
        [said("schema.renamed", columns=("group",)), said("contract.not_met", check="contract.group")],
        [2],
    ),
    (
        "a rule about another column does not follow",
        [
            said("schema.renamed", columns=("group",)),
            said("contract.not_met", check="contract.town", columns=("town",)),
        ],
        [1, 1],
    ),
    (
        "an estimate of the delivery with the changed column follows it",
        [said("schema.renamed", columns=("group",)), lost(540, evidence=HISTORY, found=0)],
        [2],
    ),
    (
        "an estimate of a later delivery does not",
        [said("schema.renamed", columns=("group",)), lost(540, evidence=HISTORY, found=1)],
        [1, 1],
    ),
    (
        "a count, person by person, does not follow a changed column",
        [said("schema.renamed", columns=("group",)), lost(540, found=0)],
        [1, 1],
    ),
    (
        "a warning about a column absorbs nothing",
        [
            said("schema.renamed", columns=("group",), nature=Nature.WARNED),
            said("contract.not_met", check="contract.group", columns=("group",)),
        ],
        [1, 1],
    ),
    (
        "it does not absorb what was broken before",
        [said("contract.not_met", check="contract.group"), said("schema.renamed", found=9)],
        [1, 1],
    ),
    (
        "rules broken by one delivery are one incident",
        [said("contract.not_met", check=f"c{n}") for n in (1, 2)],
        [2],
    ),
    (
        "rules broken by two deliveries are two",
        [said("contract.not_met", check=f"c{n}", found=n) for n in (1, 5)],
        [1, 1],
    ),
    (
        "deliveries that fail to come one after the other are one incident",
        [said("schedule.missing", found=n, check=f"s{n}", evidence=Evidence.SCHEDULE) for n in (0, 1, 2)],
        [3],
    ),
    (
        "those far apart are two",
        [said("schedule.missing", found=n, check=f"s{n}", evidence=Evidence.SCHEDULE) for n in (0, 30)],
        [1, 1],
    ),
    (
        "what ended and begins again with one onset is the same incident",
        [lost(50, evidence=HISTORY, ended=20, name="a"), lost(60, evidence=HISTORY, found=25, name="b")],
        [2],
    ),
]


@pytest.mark.parametrize(("sentence", "findings", "sizes"), CASES, ids=[case[0] for case in CASES])
def test_the_incidents(sentence, findings, sizes):
    del sentence
    assert [len(ids) for ids in group_incidents(findings).members.values()] == sizes


def known_of(grouping, **by_hand):
    memberships = {one.finding: one for one in grouping.memberships}
    memberships |= {name: Membership(name, number, by_hand=True) for name, number in by_hand.items()}
    incidents = {one.number: one for one in grouping.incidents}
    return KnownIncidents(incidents, memberships, grouping.next_number)


def test_the_lowest_number_stays_when_two_incidents_become_one():
    gone = [
        said("coverage.not_seen_since", G24, found=15, since=0, name="family"),
        said("coverage.not_seen_since", OTHER, found=34, since=20, name="other"),
    ]
    first = group_incidents(gone)
    assert first.members == {1: ("family",), 2: ("other",)}
    losses = [lost(540, since=12, found=40, name="loss"), lost(90, OTHER, since=20, found=41, name="more")]
    second = group_incidents([*gone, *losses], known_of(first))
    assert second.members == {1: ("family", "other", "loss", "more")}
    assert [(one.number, one.merged_into) for one in second.incidents] == [(2, 1)]


def test_what_a_person_split_stays_apart():
    findings = [lost(540, name="a"), lost(200, OTHER, name="b")]
    grouping = group_incidents(findings)
    known = known_of(grouping, a=1, b=2)
    assert group_incidents(findings, known).members == {1: ("a",), 2: ("b",)}


def test_what_a_person_merged_stays_together():
    findings = [lost(540, name="a"), lost(200, OTHER, since=90, name="b")]
    known = known_of(group_incidents(findings), a=1, b=1)
    assert group_incidents(findings, known).members == {1: ("a", "b")}


@given(findings_made, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_incidents(findings, random):
    shuffled = list(findings)
    random.shuffle(shuffled)
    assert group_incidents(shuffled) == group_incidents(findings)


@given(findings_made)
def test_told_twice_changes_nothing(findings):
    first = group_incidents(findings)
    again = group_incidents(findings, known_of(first))
    assert (again.memberships, again.incidents) == (first.memberships, ())


@given(findings_made)
def test_a_feed_misses_no_more_than_its_incidents_together(findings):
    total = count_live(findings)
    each = [one.missing.value for one in assemble_findings(findings) if one.active and one.missing is not None]
    assert (total.value if total is not None else 0.0) <= sum(each) + 1e-6


def test_a_shortfall_and_a_surplus_beside_it_are_recoded():
    short, many = lost(90, evidence=HISTORY, spread=20), lost(-85, OTHER, HISTORY, spread=20)
    (incident,) = assemble_findings([short, many])
    assert (incident.recoded, incident.missing) == (True, None)


def test_severity_follows_the_number_and_not_one_segment():
    (incident,) = assemble_findings([lost(740), lost(260, OTHER), lost(160, ASYLUM)])
    assert incident.severity is Policy().severity(Nature.FAILED, incident.missing.to_estimate())
    assert incident.severity.name == "CRITICAL"


def test_what_does_not_fit_is_never_in_the_number():
    (incident,) = assemble_findings([lost(540), lost(-90, evidence=HISTORY, since=20)])
    assert (incident.nature, incident.missing.value) == (IncidentNature.MISSING, 540)
    assert [one.missing.value for one in incident.not_fitting] == [-90]


def test_it_stopped_when_its_causes_ended_and_the_register_counts_on_without_growth():
    still = lost(540, until=60, trail=((10, 300), (20, 540)))
    (incident,) = assemble_findings([still, said("coverage.never_seen", G24, found=3, ended=20)])
    assert (incident.state.value, incident.active) == ("stopped", True)
    (grows,) = assemble_findings([still, said("coverage.never_seen", G24, found=3)])
    assert grows.state.value == "open"
    repeated = lost(540, until=60, trail=((10, 300), (20, 540), (59, 540)))
    (again,) = assemble_findings([repeated, said("coverage.never_seen", G24, found=3, ended=20)])
    assert again.state.value == "stopped", "a number that comes again is no growth"


def test_weaker_evidence_alone_is_still_one_incident():
    (incident,) = assemble_findings([lost(610, evidence=REFERENCE), lost(500, evidence=HISTORY, since=5)])
    assert incident.missing.value == 610
