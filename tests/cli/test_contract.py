"""`ketenwacht contract`: out, in, compared and on paper, as a person would call it."""

import difflib
import json
import os
import subprocess

import pytest
from project import Project

pytestmark = pytest.mark.integration


@pytest.fixture
def project(tmp_path):
    return Project.copied_to(tmp_path)


def git(project, *arguments):
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    subprocess.run(["git", *who, *arguments], cwd=project.root, env=env, check=True, capture_output=True)  # noqa: S607 - git is on the path, or the product says so


def edit(project, name, old, new):
    path = project.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_out_in_and_out_again_is_the_same_and_passes_lint(project):
    assert project.call("contract", "export", "--out", "a.yaml").code == 0
    done = project.call("contract", "import", "a.yaml", "--trusted", "--into", "copy")
    assert done.code == 0
    assert "kept as words" not in done.out
    assert project.call("-c", "copy/config.yaml", "lint").out.strip() == "nothing to fix"
    again = project.call("-c", "copy/config.yaml", "contract", "export")
    assert again.out == (project.root / "a.yaml").read_text(encoding="utf-8")
    assert project.call("contract", "diff", "config.yaml", "copy/config.yaml").out.strip() == "no change"


def test_an_import_overwrites_nothing_and_writes_nothing_when_it_would(project):
    project.call("contract", "export", "--out", "a.yaml")
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    done = project.call("contract", "import", "a.yaml", "--trusted")
    assert done.code == 2
    assert "never overwritten" in done.err
    assert {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()} == before


def test_a_second_feed_is_added_and_every_byte_of_the_configuration_stays(project):
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "x",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "moves", "properties": [{"name": "id", "required": True}]}],
    }
    (project.root / "other.yaml").write_text(json.dumps(document), encoding="utf-8")
    before = (project.root / "config.yaml").read_text(encoding="utf-8").splitlines()
    done = project.call("contract", "import", "other.yaml")
    assert done.code == 0, done.err
    assert "filled in" in done.out
    after = (project.root / "config.yaml").read_text(encoding="utf-8").splitlines()
    kinds = {kind for kind, *_ in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()}
    assert kinds == {"equal", "insert"}
    assert project.call("lint").code == 0
    assert project.call("contract", "import", "other.yaml").code == 2
    assert json.loads(project.call("contract", "export", "moves", "--format", "json").out)["id"] == "x"


def test_another_file_says_what_could_not_be_taken_over(project):
    rule = {"type": "sql", "query": "select 1"}  # without a bound
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "x",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "moves", "quality": [rule]}],
    }
    (project.root / "other.yaml").write_text(json.dumps(document), encoding="utf-8")
    done = project.call("contract", "import", "other.yaml", "--into", "new", "--format", "json")
    notes = json.loads(done.out)["notes"]
    assert [n["where"] for n in notes if n["kind"] == "sql rule"] == ["schema.moves.quality[0]"]


def test_a_diff_between_revisions_names_what_breaks_and_fails_when_asked(project):
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    codes = project.root / "expectations" / "codes" / "verblijfsdoel.csv"
    lines = codes.read_text(encoding="utf-8").splitlines()
    codes.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    edit(project, "checks/ind_duo.yaml", "tolerated: 0", "tolerated: 9")
    lost = lines[-1].partition(";")[0]
    done = project.call("contract", "diff", "HEAD", "config.yaml", "--fail-on", "breaking", "--markdown", "c.md")
    assert done.code == 1
    assert done.out.splitlines()[0].startswith(f"breaking    code {lost} of verblijfsdoel: removed")
    assert "tolerated of check control_total: raised from 0 to 9" in done.out
    assert "## Breaking" in (project.root / "c.md").read_text(encoding="utf-8")
    git(project, "commit", "-qam", "second")
    for before, after in (("HEAD~1", "HEAD"), ("HEAD~1:config.yaml", "HEAD:config.yaml")):
        found = json.loads(project.call("contract", "diff", before, after, "--format", "json").out)
        assert found["counts"] == {"breaking": 1, "tightening": 0, "loosening": 1, "editorial": 0}
    assert project.call("contract", "diff", "HEAD", "config.yaml", "--fail-on", "editorial").code == 0


def test_a_project_in_a_folder_of_a_repository_is_compared_too(project):
    (project.root / "feed").mkdir()
    for part in ("config.yaml", "checks"):
        (project.root / part).rename(project.root / "feed" / part)
    edit(
        project, "feed/config.yaml", "[expectations/", "[../expectations/"
    )  # beside the folder of the configuration
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    edit(project, "feed/config.yaml", "sla: 14d", "sla: 36h")
    for before, config in (("HEAD", "feed/config.yaml"), ("HEAD:feed/config.yaml", "config.yaml")):
        done = project.call("-c", config, "contract", "diff", before, "feed/config.yaml")
        assert done.code == 0, done.err
        assert "sla: lowered from 14d to 36h" in done.out
    done = project.call("contract", "diff", "HEAD:gone.yaml", "feed/config.yaml")
    assert (done.code, done.err.split(" — ")[0]) == (
        2,
        "error: HEAD:gone.yaml: gone.yaml was not there at that revision",
    )


def test_a_fault_in_an_earlier_revision_is_told_by_its_place_there(project):
    edit(project, "checks/ind_duo.yaml", "version: 1", "version: [")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    done = project.call("contract", "diff", "HEAD", "config.yaml")
    assert done.code == 2
    assert "error: HEAD:checks/ind_duo.yaml:" in done.err


def test_a_change_lighter_than_asked_for_passes(project):
    project.call("contract", "export", "--out", "a.yaml")
    edit(project, "config.yaml", "sla: 14d", "sla: 7d")
    assert project.call("contract", "diff", "a.yaml", "config.yaml", "--fail-on", "breaking").code == 0
    assert project.call("contract", "diff", "a.yaml", "config.yaml", "--fail-on", "tightening").code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["diff", "nowhere", "config.yaml"], "nor a revision"),
        (["diff", "--", "-x", "config.yaml"], "no"),
        (["import", "nowhere.yaml"], "cannot be read"),
        (["import", "config.yaml"], "ODCS v3"),
        (["export", "nobody"], "no such feed"),
        (["page", "--out", "x.pdf"], "HTML or Markdown"),
        (["diff", "config.yaml", "config.yaml", "--feed", "nobody"], "no feed nobody"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(arguments, said, project):
    done = project.call("contract", *arguments)
    assert done.code == 2
    assert said in done.err


def test_the_page_is_written_in_the_language_of_alerts(project):
    assert project.call("contract", "page", "--out", "c.html").code == 0
    assert '<html lang="nl">' in (project.root / "c.html").read_text(encoding="utf-8")
    assert project.call("--set", "alerts.language=en", "contract", "page").out.startswith("# Data contract: ")
