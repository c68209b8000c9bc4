"""`ketenwacht ci` and `ketenwacht measurements`, as a build server calls them."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import xml.etree.ElementTree as ET  # our own reports only

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from project import Project

pytestmark = pytest.mark.e2e
CODE = "(G20)"
REPORTS = {
    "--junit": "ci.xml",
    "--markdown": "ci.md",
    "--html": "ci.html",
    "--json": "ci.jsonl",
    "--gitlab": "gl.json",
    "--sarif": "ci.sarif",
}
ALL_REPORTS = [part for option, name in REPORTS.items() for part in (option, f"out/{name}")]


@pytest.fixture(scope="module", name="staged")
def _staged(tmp_path_factory):
    """A project with a history of production, its measurement file, and two releases in staging."""
    project = Project.copied_to(tmp_path_factory.mktemp("ci"))
    project.simulate(first="2022-10-03", last="2022-12-30")
    kept = project.call("check", "--set", "feeds.ind-duo.evidence={}", "--set", "feeds.ind-duo.suites=[]")
    assert kept.code in {0, 1}, kept.err
    exported = project.call("history", "export", "out/production.jsonl")
    assert exported.code == 0, exported.err
    for name, scenario in (("good", "healthy"), ("bad", "code-filter")):
        made = project.call(
            "simulate",
            f"var/{name}",
            "--from",
            "2023-01-02",
            "--to",
            "2023-01-13",
            "--seed",
            "2",
            "--scenario",
            scenario,
        )
        assert made.code == 0, made.err
    return project


def release(name):
    """The options to judge one of the releases."""
    return ["--set", f"feeds.ind-duo.environments.staging.source.path=var/{name}/deliveries"]


def counted(name):
    """The same without the suite, where that does not matter: it takes seconds to load."""
    return [*release(name), "--set", "feeds.ind-duo.suites=[]"]


@pytest.fixture(scope="module", name="faulty")
def _faulty(staged):
    return staged.call("ci", "ind-duo", "--env", "staging", *release("bad"), *ALL_REPORTS, "--github")


@pytest.fixture(scope="module", name="sound")
def _sound(staged):
    return staged.call("ci", "ind-duo", "--env", "staging", *release("good"), "--save", "out/current.jsonl")


def test_a_release_that_drops_a_purpose_code_fails_and_names_it_with_expected_and_seen(faulty, staged):
    assert faulty.code == 1, faulty.err
    (run,) = [json.loads(line) for line in (staged.root / "out/ci.jsonl").read_text().splitlines()]
    failed = {r["check"]: r for r in run["results"] if r["status"] == "failed"}
    assert all(r["segment"] == {"doelgroep": "gezinsmigrant", "verblijfsdoel": "G20"} for r in failed.values())
    found = failed["category"]
    assert found["observed"] == 0
    assert found["expected"]["low"] > 20
    said = r"Expected from the share in production: about [345]0 persons\. Seen: 0, in the last \d+ deliveries\. "
    assert re.match(said, found["message"])
    assert "Seen: 0, in the last" in " ".join(faulty.out.split())


def test_the_same_release_without_the_fault_passes(sound):
    assert sound.code == 0, sound.out + sound.err
    assert "failed" not in sound.out


def test_a_parser_that_nobody_here_wrote_reads_the_junit_file(faulty, staged):
    (suite,) = list(JUnitXml.fromfile(str(staged.root / "out/ci.xml")))
    outcomes = [type(case.result[0]) for case in suite if case.result]
    assert outcomes.count(Failure) == suite.failures > 0
    assert outcomes.count(Error) == suite.errors == 0
    assert outcomes.count(Skipped) == suite.skipped > 0
    failures = ET.parse(staged.root / "out/ci.xml").getroot().findall(".//failure")  # noqa: S314 - our own file
    assert all(CODE in failure.get("message") for failure in failures)


def test_every_other_report_names_the_code(faulty, staged):
    for name in ("ci.md", "ci.html", "gl.json"):
        assert "G20" in (staged.root / "out" / name).read_text(encoding="utf-8")
    issues = json.loads((staged.root / "out/gl.json").read_text())
    assert {i["location"]["path"] for i in issues} == {"checks/ind_duo.yaml"}
    assert len({i["fingerprint"] for i in issues}) == len(issues)


def test_github_reads_the_finding_and_no_command_out_of_the_table(faulty):
    lines = faulty.out.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert token != lines[0]
    after = lines[lines.index(f"::{token}::") + 1 :]
    errors = [line for line in after if line.startswith("::")]
    assert any(
        e.startswith("::error file=checks/ind_duo.yaml,title=ketenwacht%3A category failed::") for e in errors
    )
    assert all(CODE in error for error in errors)
    assert after[-1].startswith("FAILED (exit 1) · report: ")


def test_nothing_is_kept_and_no_small_count_leaves(faulty, staged):
    before = hashlib.sha256((staged.root / "var/history.db").read_bytes()).hexdigest()
    done = staged.call("ci", *release("bad"), "--format", "json")
    assert done.code == 1
    assert hashlib.sha256((staged.root / "var/history.db").read_bytes()).hexdigest() == before
    for result in json.loads(done.out)["results"]:
        if result["unit"] == "persons" and result["observed"]:
            assert result["observed"] >= 10


def test_a_measurement_file_stands_in_for_the_history(staged):
    done = staged.call(
        "ci", *counted("bad"), "--measurements", "out/production.jsonl", "--set", "history=sqlite:///var/none.db"
    )
    assert done.code == 1
    assert "from the share in production" in " ".join(done.out.split())
    assert not (staged.root / "var/none.db").exists()


def test_a_candidate_on_the_same_input_says_who_is_lost(sound, staged):
    lost = staged.call("ci", *counted("bad"), "--against", "out/current.jsonl", "--format", "json")
    assert lost.code == 1
    found = [r for r in json.loads(lost.out)["results"] if r["check"] == "against" and r["status"] == "failed"]
    assert {"doelgroep": "gezinsmigrant", "verblijfsdoel": "G20"} in [r["segment"] for r in found]
    same = staged.call("ci", *counted("good"), "--against", "out/current.jsonl", "--format", "json")
    assert same.code == 0
    assert [r["status"] for r in json.loads(same.out)["results"] if r["check"] == "against"] == ["passed"]


def test_the_job_page_of_github_is_added_to(staged):
    page = staged.root / "page.md"
    page.write_text("before\n", encoding="utf-8")
    staged.call("ci", *counted("good"), env={"GITHUB_STEP_SUMMARY": str(page)})
    assert page.read_text(encoding="utf-8").startswith("before\n## ")


@pytest.mark.parametrize(
    ("why", "arguments", "code"),
    [
        ("an environment that nobody configured", ["--env", "acceptance"], 2),
        ("two ways to choose", [*counted("good"), "--all", "--delivery", "000001"], 2),
        ("a delivery that is not there", [*counted("good"), "--delivery", "nope"], 2),
        ("a run that is not there", [*counted("good"), "--against", "nope"], 2),
        ("another input than nothing", [*counted("good"), "--other-input"], 2),
        ("a file that is no measurement file", [*counted("good"), "--measurements", "config.yaml"], 3),
        ("nothing in staging", counted("none"), 3),
        ("a report that cannot be written", [*counted("good"), "--junit", "config.yaml/ci.xml"], 4),
        ("unproven, where that stops a release", [*counted("good"), "--fail-on", "unproven"], 1),
        ("the same, as every command says it", ["--strict", *counted("good")], 1),
    ],
)
def test_exit_codes(staged, why, arguments, code):
    done = staged.call("ci", *arguments)
    assert done.code == code, done.out + done.err


def test_measurements_come_in_once(staged, tmp_path):
    other = Project.copied_to(tmp_path)
    shutil.copy(staged.root / "out/production.jsonl", tmp_path / "production.jsonl")
    first = other.call("measurements", "import", "production.jsonl", "--by", "a tester")
    again = other.call("measurements", "import", "production.jsonl", "--by", "a tester")
    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert first.out != again.out
    assert again.out.startswith("0 ")
