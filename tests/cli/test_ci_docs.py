"""The page on the gate and its example workflows say what the command really has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from ruamel.yaml import YAML

from ketenwacht.cli.exits import Exit
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
    assert [code for code in Exit if f"| {code.value} |" not in page] == []


def test_there_is_a_workflow_for_each_of_three_build_servers():
    assert [path.stem for path in WORKFLOWS] == ["azure-pipelines", "github-actions", "gitlab-ci"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_the_gate_with_options_that_exist(path):
    calls = [text for text in scripts(YAML(typ="safe").load(path)) if text.startswith("ketenwacht ci ")]
    (call,) = calls
    named = set(re.findall(r"--[a-z-]+", call))
    assert {"--env", "--measurements", "--junit"} <= named <= OPTIONS | OF_EVERY_COMMAND
