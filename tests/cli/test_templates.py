"""Each template of `init`: it lints, its fictional deliveries are judged, and what its README shows works."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from project import ROOT, Project

from ketenwacht.config.templates import TEMPLATES

pytestmark = pytest.mark.e2e
FOLDER = ROOT / "src/ketenwacht/config/feed_templates"
FOUND = {
    "daily-files": ("unproven", []),
    "weekly-counts": ("unproven", []),
    "database-table": ("unproven", []),
    "two-party-reconciliation": ("failed", ["reconciliation.missing"]),
    "ci-gate": ("unproven", []),
}
"""Template → verdict on its newest delivery, and the checks that failed for certain."""


def test_every_template_is_a_folder_and_has_a_verdict_here():
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) == sorted(TEMPLATES) == sorted(FOUND)


@pytest.fixture(scope="module", params=list(FOUND))
def made(request, tmp_path_factory):
    """A template as it was written, linted and judged: its name, the project, the runs."""
    folder = tmp_path_factory.mktemp("made") / "new"
    done = Project(folder.parent).call("init", str(folder), "--template", request.param)
    assert done.code == 0, done.err
    new = Project(folder)
    linted = new.call("lint")
    assert (linted.code, linted.out.strip()) == (0, "nothing to fix")
    judged = new.call("check", "--format", "json")
    assert judged.code == (1 if FOUND[request.param][1] else 0), judged.out[-2000:]
    *runs, _summary = [json.loads(line) for line in judged.out.splitlines()]
    return request.param, new, runs


def test_its_newest_delivery_is_judged_and_what_its_readme_shows_works(made):
    template, new, runs = made
    status, failed = FOUND[template]
    assert runs[-1]["status"] == status
    found = {r["check"] for r in runs[-1]["results"] if r["status"] == "failed"}
    assert (found >= set(failed), bool(found)) == (True, bool(failed)), (
        found
    )  # own history sees a loss of weeks too
    done = {tuple(words): new.call(*words[1:]).code for words in commands_of(new.root / "README.md")}
    assert all(code == CODES.get((template, words[1]), 0) for words, code in done.items()), done
    if template == "two-party-reconciliation":
        everybody_lost_is_counted(new)


CODES = {
    ("two-party-reconciliation", "reconcile"): 1,  # the sender lost a category
    ("ci-gate", "ci"): 1,  # the release lost one
}
LONG = {"check", "backtest"}
"""Commands of a README that are not run here: the first was, and the other takes a minute."""


def commands_of(readme):
    """Return the words of each command in the blocks of a README, with the only file that a pattern fits."""
    text = readme.read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    commands = [[fill(readme.parent, word) for word in shlex.split(line)] for line in lines]
    return [words for words in commands if words[1] not in LONG]


def fill(folder, word):
    return str(next(folder.glob(word))) if "*" in word else word


def everybody_lost_is_counted(new):
    """Missing is whom the register has and no delivery has, but those whose term still runs."""
    (register,) = (new.root / "register").iterdir()
    known = {line.split(";")[0] for line in register.read_text().splitlines()[1:]}
    sent = {
        line.split(";")[0]
        for path in (new.root / "deliveries").glob("*.csv")
        for line in path.read_text().splitlines()[1:]
    }
    done = new.call("reconcile", "registrations", "--register", str(register), "--format", "json")
    told = json.loads(done.out)["segments"][0]
    assert told["missing"] + told["pending"] == pytest.approx(len(known - sent), abs=10)  # each rounded to tens
    assert told["missing"] > 50


def test_the_gate_names_the_category_that_the_release_lost(made):
    template, new, _ = made
    if template == "ci-gate":
        done = new.call("ci", "registrations", "--env", "staging", "--format", "json")
        failed = [r for r in json.loads(done.out.splitlines()[0])["results"] if r["status"] == "failed"]
        assert {(r["check"], r["segment"].get("category")) for r in failed} >= {("category", "B")}


def test_workflows_of_the_template_are_those_of_the_manual():
    made = FOLDER / "ci-gate"
    for ours, manual in (
        (".github/workflows/ketenwacht.yml", "github-actions.yml"),
        (".gitlab-ci.yml", "gitlab-ci.yml"),
    ):
        text = (made / ours).read_text(encoding="utf-8").replace("<< feed >>", "ind-duo")
        assert text == (ROOT / "docs/ci" / manual).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--template", "monthly"], "--template: there is no such template — use one of: daily-files"),
        (["--template", "ci-gate", "--from", "x.csv"], "a feed begins with a template or with a sample"),
        (["--template", "ci-gate", "--feed", "1 x"], "--feed: this is no name for a feed"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(tmp_path, arguments, said):
    done = Project(tmp_path).call("init", "new", *arguments)
    assert (done.code, said in done.err) == (2, True), done.err
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over_deliveries_or_files(tmp_path):
    project = Project(tmp_path)
    (tmp_path / "deliveries").mkdir()
    done = project.call("init", "--template", "daily-files")
    assert (done.code, "deliveries: is there already" in done.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["deliveries"]


def test_they_are_listed(tmp_path):
    shown = json.loads(Project(tmp_path).call("--format", "json", "init", "--template", "list").out)
    assert {one["name"]: one["description"] for one in shown["templates"]} == TEMPLATES
