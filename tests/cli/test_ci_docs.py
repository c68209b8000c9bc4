"""The page on the gate and its example workflows say what the command really has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from ruamel.yaml import YAML

from ketenwacht.cli.output import ExitCode
from ketenwacht.cli.root import app

DOCS = Path(__file__).resolve().parents[2] / "docs"
WORKFLOWS = sorted((DOCS / "ci").glob("*.yml"))
OPTIONS = {
    option for p in typer.main.get_command(app).commands["ci"].params for option in p.opts if option[:2] == "--"
}
OF_EVERY_COMMAND = {"--config", "--set", "--format", "--strict"}


def scripts(node):
    """Every text in a YAML tree."""
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        return [text for one in node for text in scripts(one)]
    return [node] if isinstance(node, str) else []


def test_every_option_and_exit_code_of_the_gate_is_described():
    page = (DOCS / "ci.md").read_text(encoding="utf-8")
    assert [option for option in sorted(OPTIONS - {"--help"}) if option not in page] == []
    assert [code for code in ExitCode if f"| {code.value} |" not in page] == []


def test_there_is_a_workflow_for_each_of_three_build_servers():
    assert [path.stem for path in WORKFLOWS] == ["azure-pipelines", "github-actions", "gitlab-ci"]


PUBLISHED = {
    "azure-pipelines": (
        "vendor.azure-pipelines",
        "--regex-variant",
        "python",
    ),  # it has a regex that is not JavaScript's
    "github-actions": ("vendor.github-workflows",),
    "gitlab-ci": ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}
"""Example → the schema of its build server, as check-jsonschema brings it along."""


def validated(path, schema):
    call = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, str(path)]
    return subprocess.run(call, capture_output=True, text=True, check=False)


@pytest.mark.integration
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_meets_the_schema_that_its_build_server_publishes(path, tmp_path):
    done = validated(path, PUBLISHED[path.stem])
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = tmp_path / path.name
    wrong.write_text(
        re.sub(r"timeout(?=\W|-minutes|InMinutes)", "timout", path.read_text(encoding="utf-8"), count=1)
    )
    assert validated(wrong, PUBLISHED[path.stem]).returncode == 1


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_the_gate_with_options_that_exist(path):
    calls = [text for text in scripts(YAML(typ="safe").load(path)) if text.startswith("ketenwacht ci ")]
    (call,) = calls
    named = set(re.findall(r"--[a-z-]+", call))
    assert {"--env", "--measurements", "--junit"} <= named <= OPTIONS | OF_EVERY_COMMAND
