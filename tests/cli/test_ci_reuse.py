"""What other repositories reuse: the composite action, as written, and the hooks, by the real pre-commit."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT, Project
from ruamel.yaml import YAML

ACTION = YAML(typ="safe").load(ROOT / "action.yml")
BIN = Path(sys.executable).parent
BASH, GIT = (shutil.which(name) or name for name in ("bash", "git"))


def run_action(folder, **inputs):
    """Run the steps of the action as the runner of GitHub does; return the output of the last."""
    given = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    done = None
    for step in ACTION["runs"]["steps"]:
        condition = re.fullmatch(r"inputs\.([a-z]+) != ''", step.get("if", "inputs.config != ''"))
        if not given[condition[1]]:
            continue
        filled = {
            name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: given[found[1]], text)
            for name, text in step["env"].items()
        }
        done = subprocess.run(
            [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=folder,
            env={"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(folder), **filled},
            capture_output=True,
            text=True,
            check=False,
        )
    return done


@pytest.mark.integration
def test_the_action_meets_the_schema_that_github_publishes():
    call = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions"]
    done = subprocess.run([*call, str(ROOT / "action.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_input_of_the_action_stands_in_a_script():
    """An input is text of the caller: in a script it could be a command."""
    assert [step["run"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]] == []
    used = {
        name for step in ACTION["runs"]["steps"] for name in re.findall(r"inputs\.([a-z-]+)", json.dumps(step))
    }
    assert used == set(ACTION["inputs"])


@pytest.mark.e2e
def test_the_action_stops_a_release_with_a_renamed_column_and_leaves_its_reports(tmp_path):
    project = Project.copied_to(tmp_path)
    options = ("--from", "2023-01-02", "--to", "2023-01-13", "--seed", "2")
    assert project.call("simulate", "var/staging", *options).code == 0
    for right, code in ((True, 0), (False, 1)):
        if not right:
            *_, newest = sorted((tmp_path / "var/staging/deliveries").glob("*.csv"))
            content = newest.read_bytes().replace(b"postcode", b"zip", 1)
            newest.write_bytes(content)
            manifest = newest.with_name(f"{newest.stem}.manifest.json")
            stated = json.loads(manifest.read_text(encoding="utf-8"))
            stated |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            manifest.write_text(json.dumps(stated), encoding="utf-8")
        done = run_action(tmp_path, feed="ind-duo", requirements="")
        assert done.returncode == code, done.stdout + done.stderr
        assert ("::error file=" in done.stdout) is not right
        assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == [
            "ketenwacht.html",
            "ketenwacht.sarif",
            "ketenwacht.xml",
        ]
        shutil.rmtree(tmp_path / "reports")


def git(folder, *words):
    name = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run([GIT, *name, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.e2e
def test_the_hooks_refuse_what_is_wrong_and_what_breaks_the_agreement(tmp_path):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    for words in (("init",), ("add", "."), ("commit", "-qm", "Hooks")):
        git(hooks, *words)
    place = tmp_path / "project"
    place.mkdir()
    Project.copied_to(place)
    names = [one["id"] for one in YAML(typ="safe").load(hooks / ".pre-commit-hooks.yaml")]
    assert names == ["ketenwacht-lint", "ketenwacht-contract-diff"]
    # `system`: what is tested is what the hooks say and do, not that a package is installed anew
    wanted = [{"id": name, "language": "system"} for name in names]
    config = {"repos": [{"repo": hooks.as_uri(), "rev": git(hooks, "rev-parse", "HEAD"), "hooks": wanted}]}
    (place / ".pre-commit-config.yaml").write_text(json.dumps(config))
    for words in (("init",), ("add", "."), ("commit", "-qm", "Project")):
        git(place, *words)

    def commit(file, before, after):
        path = place / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")
        git(place, "add", ".")
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run"],
            cwd=place,
            env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "PRE_COMMIT_HOME": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        git(place, "checkout", "-q", "HEAD", "--", ".")
        return done.returncode, done.stdout

    code, said = commit("config.yaml", "key: v_nummer", "kye: v_nummer")
    assert (code, "did you mean `key`?" in said) == (1, True), said
    code, said = commit("expectations/ind_duo.json", '"referent_v_nummer", "postcode"', '"referent_v_nummer"')
    assert (code, "breaking" in said) == (1, True), said
    assert commit("checks/ind_duo.yaml", "version: 1", "version: 1 # of the agreement")[0] == 0
