"""Synthetic persons, as sender and receiver use them: written, put in, and missed where one does not come out."""

from __future__ import annotations

import json
import stat

import pytest
from project import Project

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("canary")]
LIST = "var/canaries.csv"


@pytest.fixture(scope="module", name="project")
def _project(tmp_path_factory):
    found = Project.copied_to(tmp_path_factory.mktemp("canary"))
    made = found.call("canary", "--date", "2022-03-04", "--out", LIST)
    assert made.code == 0, made.err
    return found


def staged(project, scenario):
    range_ = ("--from", "2022-02-21", "--to", "2022-03-11", "--seed", "1")
    made = project.call("simulate", "var/staging", *range_, "--scenario", scenario, "--canaries", LIST)
    assert made.code == 0, made.err
    judged = project.call(
        "--set", "feeds.ind-duo.suites=[]", "--format", "json", "ci", "ind-duo", "--env", "staging"
    )
    return judged.code, [r for line in judged.out.splitlines() for r in json.loads(line).get("results", [])]


def test_the_list_holds_one_of_each_category_once(project):
    path = project.root / LIST
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    assert header.startswith("v_nummer;datum_beschikking;")
    assert len(rows) == 16
    assert len({row.split(";")[0] for row in rows}) == 16
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = project.call("canary", "--date", "2022-03-04", "--out", LIST)
    assert (again.code, path.read_text(encoding="utf-8").count("\n")) == (2, 17)


def test_all_come_out_of_a_sound_release_and_no_count_holds_them(project):
    _, results = staged(project, "healthy")
    assert [(r["status"], r["observed"]) for r in results if r["check"] == "canary"] == [("passed", 16)]
    totals = [r for r in results if r["check"] in {"control_total.transport", "conservation.received"}]
    assert totals
    assert {r["status"] for r in totals} == {"passed"}


def test_a_release_that_drops_a_code_does_not_ship(project):
    code, results = staged(project, "code-filter")
    failed = [r["segment"] for r in results if r["check"] == "canary" and r["status"] == "failed"]
    assert (code, failed) == (1, [{"doelgroep": "gezinsmigrant", "verblijfsdoel": "G20"}])


def test_a_reconciliation_knows_them_not(project):
    staged(project, "healthy")
    done = project.call(
        "--set",
        "feeds.ind-duo.source.path=var/staging/deliveries",
        "--format",
        "json",
        "reconcile",
        "--register",
        "var/staging/register/REGISTER_20220311.csv",
        "--no-history",
    )
    whole = json.loads(done.out.splitlines()[0])["segments"][0]
    assert (done.code, whole["extra"], whole["missing"]) == (0, 0, 0), done.err


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("feeds.ind-duo.canaries.last='1'", "not a range"),
        ("feeds.ind-duo.canaries.first='0000000000'", "more than 100,000 keys"),
        ("feeds.ind-duo.canaries.last='9990000003'", "too few keys left"),
        ("feeds.ind-duo.key=null", "has no key"),
    ],
)
def test_what_cannot_be_is_refused(project, setting, said):
    done = project.call("--set", setting, "canary", "--date", "2022-03-09", "--out", "var/other.csv")
    assert done.code == 2
    assert said in done.err
