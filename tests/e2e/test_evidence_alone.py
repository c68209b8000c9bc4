"""The incident of 2022, seen by one kind of evidence alone: how soon, and what is said while nothing is seen."""

from __future__ import annotations

import json
import shutil

import pytest
import worlds
from project import Project

from ketenwacht.domain.evidence import Known

pytestmark = pytest.mark.e2e

FAMILY = {"doelgroep": "gezinsmigrant"}
RULES = "version: 1\nfalse_alarms_per_year: 8\nchecks:\n  - {kind: schedule}\n"
REFERENCE = "  - {kind: reference, segments: [doelgroep], same_persons: [IND]}\n"
HISTORY = "  - {kind: volume, segments: [doelgroep]}\n  - {kind: evidence, segments: [doelgroep]}\n"


@pytest.fixture
def replayed(tmp_path):
    """Replay the incident with some checks and without the evidence that they do not use."""

    def replay(checks, last, *, without):
        project = Project.copied_to(tmp_path)
        project.simulate("incident-2022", last=last)
        for name in without:
            shutil.rmtree(project.root / "var/sample" / name)
        (project.root / "checks/ind_duo.yaml").write_text(RULES + checks)
        light = ("--set", "feeds.ind-duo.suites=[]")
        done = project.call("replay", "--from", "2022-01-01", "--to", last, "--format", "json", *light)
        told = project.call("report", "--out", "var/report.html", *light)
        assert told.code in {0, 1}, told.err
        lines = [json.loads(line) for line in done.out.splitlines()]
        return lines, (project.root / "var/report.html").read_text()

    return replay


def test_references_alone_alarm_on_family_within_six_weeks(replayed):
    lines, _ = replayed(REFERENCE, "2022-02-11", without=["register", "inquiries"])
    (incident,) = lines[-1]["incidents"]
    opened = [finding for finding in incident["findings"] if finding["segment"] == FAMILY]
    assert incident["evidence"] == [finding["evidence"] for finding in opened] == ["reference"]
    assert opened[0]["opened_at"] < "2022-02-12"


@pytest.mark.parametrize("seed", [2022, 3001, 3002, 3003])
def test_so_they_do_in_other_worlds(seed):
    found = worlds.days_by_references(seed)
    assert found is not None
    assert found <= 42


@pytest.mark.parametrize("seed", [2022, 3001])
def test_inquiries_alone_alarm_within_fifteen_weeks(seed):
    found = worlds.days_by_inquiries(seed)
    assert found is not None
    assert found <= 105


def test_a_healthy_world_is_not_accused_by_its_references():
    real = worlds.built(3004, 6)
    shots = list(worlds.snapshots(worlds.deliveries(real, "healthy")))
    known = Known(references=worlds.figures(real))
    assert worlds.first_failure(worlds.configured("reference"), shots, known, None, weekly=True) is None


def test_own_history_alone_is_unproven_and_the_report_says_why(replayed):
    lines, report = replayed(HISTORY, "2022-03-11", without=["register", "references", "inquiries"])
    last = lines[-2]["results"]
    family = [r for r in last if r["segment"] == FAMILY and r["check"] == "evidence"]
    assert [r["status"] for r in family] == ["unproven"]
    assert "Only own history suggests" in family[0]["message"]
    assert "A loss since the first delivery would look normal" in family[0]["message"]
    assert not [i for i in lines[-1]["incidents"] if i["segment"] == FAMILY and i["severity"] == "high"]
    assert "onbewezen" in report.lower() or "unproven" in report.lower()
