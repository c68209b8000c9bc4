"""What build servers take from this repository: each installs by hash, and calls the gate alike."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT
from ruamel.yaml import YAML

BASH = shutil.which("bash") or "bash"
ACTION = YAML(typ="safe").load(ROOT / "action.yml")
SPEC, COMPONENT = YAML(typ="safe").load_all(ROOT / "templates/ketenwacht.yml")
AZURE = YAML(typ="safe").load(ROOT / "azure-template.yml")
GIVEN = {
    "feed": "the feed", "environment": "acceptance", "config": "a/config.yaml", "measurements": "m.jsonl",
    "fail-on": "warned", "requirements": "r.txt", "reports": "out",
}  # fmt: skip
OF_ONE_SERVER = {"--github", "--sarif", "--gitlab", "--markdown"}
EXAMPLES = sorted((ROOT / "docs/ci").glob("*.yml"))


def fill(text: str, inputs: dict[str, str]) -> str:
    """Put the inputs where a build server puts them."""
    named = {**inputs, "failOn": inputs["fail-on"]}
    return re.sub(
        r"\$\[\[ inputs\.([a-z-]+) \]\]|\$\{\{ (?:inputs|parameters)\.([a-zA-Z-]+) \}\}",
        lambda found: named.get(found[1] or found[2], ""),
        text,
    )


def github(inputs):
    for step in ACTION["runs"]["steps"]:
        if step.get("if") != "inputs.requirements != ''" or inputs["requirements"]:
            yield step["run"], {name: fill(text, inputs) for name, text in step["env"].items()}


def gitlab(inputs):
    job = COMPONENT["ketenwacht"]
    variables = {name: fill(text, inputs) for name, text in job["variables"].items()}
    for script in (*job["before_script"], *job["script"]):
        yield script, variables


def azure(inputs):
    for step in AZURE["steps"]:
        if "bash" in step and "vso" not in step["bash"]:
            yield step["bash"], {name: fill(text, inputs) for name, text in step["env"].items()}


SERVERS = {"github": github, "gitlab": gitlab, "azure": azure}


def record(tmp_path: Path, steps) -> list[list[str]]:
    """Run the steps as a build server does, with programs that note how they are called."""
    programs, log = tmp_path / "bin", tmp_path / "calls"
    programs.mkdir()
    log.touch()
    for name in ("ketenwacht", "python"):
        (programs / name).write_text(f'#!{BASH}\nprintf "%s\\x1f" {name} "$@" >> "{log}"; echo >> "{log}"\n')
        (programs / name).chmod(0o755)
    for script, given in steps:
        env = {"PATH": f"{programs}:{os.environ['PATH']}", **given}
        subprocess.run([BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", script], env=env, check=True)
    return [line.rstrip("\x1f").split("\x1f") for line in log.read_text().splitlines()]


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_installs_by_hash_and_calls_the_gate_alike(server, tmp_path):
    installed, judged = record(tmp_path, SERVERS[server](GIVEN))
    assert installed == ["python", "-m", "pip", "install", "--require-hashes", "-r", "r.txt"]
    position = next(i for i, word in enumerate(judged) if word in OF_ONE_SERVER)
    assert judged[:position] == [
        "ketenwacht", "-c", "a/config.yaml", "ci", "the feed", "--env", "acceptance", "--fail-on", "warned",
        "--measurements", "m.jsonl",
    ]  # fmt: skip
    assert {"--junit", "out/ketenwacht.xml", "--html", "out/ketenwacht.html"} <= set(judged[position:])
    assert {word for word in judged[position:] if word.startswith("--")} - OF_ONE_SERVER == {"--junit", "--html"}


@pytest.mark.parametrize("server", SERVERS)
def test_what_is_not_given_is_left_out(server, tmp_path):
    calls = record(tmp_path, SERVERS[server](GIVEN | {"feed": "", "measurements": "", "requirements": ""}))
    ((*words,),) = calls
    assert words[:6] == ["ketenwacht", "-c", "a/config.yaml", "ci", "--env", "acceptance"]
    assert "--measurements" not in words


def test_every_server_has_the_same_inputs_with_the_same_defaults():
    expected = {name: one["default"] for name, one in ACTION["inputs"].items()}
    given = {name: one["default"] for name, one in SPEC["spec"]["inputs"].items()}
    assert {name: given[name] for name in expected} == expected
    assert set(given) - set(expected) == {"stage", "image"}
    named = {one["name"].replace("failOn", "fail-on"): one["default"] for one in AZURE["parameters"]}
    assert named == expected


@pytest.mark.integration
@pytest.mark.parametrize(
    ("name", "text", "schema"),
    [
        ("spec", "gitlab", ("vendor.gitlab-ci",)),
        ("jobs", "gitlab", ("vendor.gitlab-ci", "--data-transform", "gitlab-ci")),
        ("steps", "azure", ("vendor.azure-pipelines", "--regex-variant", "python")),
    ],
)
def test_a_template_meets_the_schema_that_its_server_publishes(name, text, schema, tmp_path):
    whole = (ROOT / ("templates/ketenwacht.yml" if text == "gitlab" else "azure-template.yml")).read_text("utf-8")
    parts = dict(zip(("spec", "jobs"), whole.split("\n---\n"), strict=True)) if text == "gitlab" else {name: whole}

    def validate(content):
        path = tmp_path / "template.yml"
        path.write_text(content, encoding="utf-8")
        call = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, str(path)]
        return subprocess.run(call, capture_output=True, text=True, check=False)

    done = validate(parts[name])
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = {
        "spec": ("options: [failed, warned, unproven]", "options: 3"),
        "jobs": ("timeout:", "timout:"),
        "steps": ("displayName:", "dispName:"),
    }
    assert validate(parts[name].replace(*wrong[name], 1)).returncode == 1


def test_the_workflow_of_a_release_meets_the_schema_that_github_publishes():
    call = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run(
        [*call, str(ROOT / ".github/workflows/release.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


INSTALLS = re.compile(r"(?:pip3?|uv|pipx|uvx|uv tool run|npm|npx)\s+(?:install|add|run)[^\n`]*")
ALLOWED = re.compile(r"--require-hashes|\.whl|-r |hatchling|emulate@|install \./")


def test_nothing_that_others_copy_installs_a_name_that_nobody_registered():
    """`ketenwacht` is no project of ours on a public registry: who takes it would run code in these builds."""
    places = [
        ROOT / "action.yml", ROOT / "azure-template.yml", ROOT / "templates/ketenwacht.yml", ROOT / "README.md",
        *(ROOT / ".github/workflows").glob("*.yml"),
        *(path for suffix in ("yml", "md", "ipynb") for path in (ROOT / "docs").rglob(f"*.{suffix}")),
        *(ROOT / "deploy").iterdir(),
        *(ROOT / "src/ketenwacht").rglob("*.py"), *(ROOT / "src/ketenwacht/config/feed_templates").rglob("*"),
    ]  # fmt: skip
    for place in places:
        if place.is_file():
            for found in INSTALLS.findall(place.read_text(encoding="utf-8")):
                assert "ketenwacht" not in found or ALLOWED.search(found), (place.name, found)
