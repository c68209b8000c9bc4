"""The notebook of the documents runs, in a folder with the sample feed."""

import json
import os
import subprocess
import sys

import pytest
from project import ROOT, Project

pytestmark = pytest.mark.e2e

NOTEBOOK = ROOT / "docs/python.ipynb"


def cells():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_the_notebook_runs(tmp_path):
    place = Project.copied_to(tmp_path)
    place.simulate(last="2022-01-12")
    *before, last = cells()
    script = "\n".join([*before, f"print(({last}))", "print(runs.status.word, len(runs))"])
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("KETENWACHT_", "SLACK_"))}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    headline, verdict = done.stdout.splitlines()[-2:]
    assert headline in (tmp_path / "var/report.html").read_text(encoding="utf-8")
    assert verdict == "passed 8"


def test_it_is_short_and_committed_without_output():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len([line for cell in cells() for line in cell.splitlines() if line.strip()]) == 5
