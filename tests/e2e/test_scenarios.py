"""Every defect that happened in this chain or one like it gets the verdict that a person would give."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from scenarios import Teller

from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.problems import PROBLEMS
from ketenwacht.domain.result import Evidence, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import LEGACY, departures
from ketenwacht.simulate import SCENARIOS

pytestmark = pytest.mark.e2e

WITHOUT_A_SINGLE_DEFECT = {"healthy", "incident-2022", "incident-2022-selected", "pause-2022"}
DEFECTS = [s.name for s in SCENARIOS if s.name not in WITHOUT_A_SINGLE_DEFECT]
# The check that must name the defect in the delivery that shows it.
NAMED_BY = {
    "truncated": "schedule",
    "missing": "schedule",
    "late": "schedule",
    "duplicate": "ledger.content",
    "number-gap": "ledger.sequence",
    "empty-delivery": "schedule",
    "code-filter": "vanished",
    "release-filter": "vanished",
    "column-renamed": "schema",
    "v-nummer-integer": "contract.v-nummer-form",
    "mojibake": "schedule",
    "zero-dates-null": "contract.geboortedatum-present",
    "pre-merger-municipality": "contract.gemeentecode-known",
    "unknown-code": "contract.verblijfsdoel-known",
    "over-delivery": "contract.no-union-law",
    "law-boundary": "contract.datum-bekendmaking-range",
    "completeness-drift": "completeness.bsn",
    "wrong-municipality": "reconciliation.different",
    "acknowledgement-lost": "acknowledgement.received",
    "acknowledgement-late": "acknowledgement.received",
    "acknowledgement-rejected": "acknowledgement.accepted",
    "acknowledgement-differs": "acknowledgement.counts",
}
# Deliveries between the first that shows the defect and the one that is held to account for it.
KNOWN_LATER = {
    "acknowledgement-rejected": 1,
    "acknowledgement-differs": 1,
    "code-filter": 1,
    "release-filter": 1,
    "completeness-drift": 3,
    "wrong-municipality": 10,
}


@pytest.fixture(scope="module")
def teller(tmp_path_factory):
    return Teller(tmp_path_factory.mktemp("scenarios"))


def test_every_defect_has_a_check_that_names_it():
    assert set(DEFECTS) == {*NAMED_BY, "redelivery"}


def test_a_healthy_feed_is_passed_and_nothing_is_found(teller):
    told = teller.tell("healthy")
    assert {run.status for run in told.runs} == {Status.PASSED}
    assert told.bad() == set()


def test_an_archive_looked_at_in_one_go_is_judged_as_it_came_and_only_its_newest_by_all_that_is_known(teller):
    runs = teller.tell("truncated").runs
    told = {run.delivery.id: run.status for run in reversed(runs)}  # as it came, before evidence arrived
    *earlier, newest = teller.check("truncated", at=datetime(2022, 4, 16, tzinfo=UTC))
    assert told.pop(newest.delivery.id) is not None
    assert {run.delivery.id: run.status for run in earlier} == told
    assert set(told.values()) >= {Status.PASSED, Status.ERROR}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_gets_the_verdict_that_a_person_would_give(teller, name):
    told = teller.tell(name)
    (defect,) = told.truth.defects
    run = told.of(defect.delivery)
    assert run.status.word == defect.expected_status
    if name in NAMED_BY:
        worst = {r.check for r in run.results if r.status is run.status}
        assert NAMED_BY[name] in worst


@pytest.mark.parametrize("name", DEFECTS)
def test_whatever_is_found_is_a_code_with_just_the_parameters_that_it_is_declared_with(teller, name):
    codes = {**PROBLEMS, **{code: params for kind in KINDS for code, params in kind.codes.items()}}
    said = [result.said for run in teller.tell(name).runs for result in run.results]
    assert {fault for one in said for fault in departures(one, codes)} == set()
    assert LEGACY not in {one.code for one in said}


@pytest.mark.parametrize("name", DEFECTS)
def test_before_its_defect_a_feed_is_not_accused(teller, name):
    told = teller.tell(name)
    (defect,) = told.truth.defects
    day = told.of(defect.delivery).delivery.period
    days = sorted({run.delivery.period for run in told.runs if run.delivery.period < day})
    healthy = set(days[: len(days) - KNOWN_LATER.get(name, 0)])
    assert {run.status for run in told.runs if run.delivery.period in healthy} == {Status.PASSED}


@pytest.mark.parametrize("name", ["incident-2022", "incident-2022-selected"])
def test_the_first_register_old_enough_finds_both_groups(teller, name):
    told = teller.tell(name)
    for group in ("asielstatushouder", "gezinsmigrant", "overige migrant"):
        segment = Segment((("doelgroep", group),))
        hits = [
            (run.delivery.period, r)
            for run in told.runs
            for r in run.results
            if r.check == "reconciliation.missing" and r.segment == segment and r.status is Status.FAILED
        ]
        assert hits, group
        assert hits[0][0] <= date(2022, 1, 31)
        assert hits[0][1].evidence is Evidence.RECONCILIATION


def test_the_manifest_alone_gives_nothing_away_unless_it_states_what_was_selected(teller):
    assert teller.tell("incident-2022").first("control_total.selection") is None
    found = teller.tell("incident-2022-selected").first("control_total.selection")
    assert found is not None
    assert found[0].delivery.period <= date(2022, 1, 10)


def test_without_evidence_the_verdict_is_unproven(teller):
    early = teller.tell("incident-2022").runs[0]
    assert early.status is Status.UNPROVEN
    assert "evidence.unproven" in {r.code for r in early.results}
