"""The examples for orchestrators run in the real ones: green on a healthy feed only, red on all others."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT, Project
from replayed import made  # noqa: F401 - a fixture is found by its name

pytestmark = pytest.mark.e2e

EXAMPLES = ROOT / "docs/integrations"
ENVIRONMENTS = ROOT / ".tools/orchestrators"
DAGSTER = """
import sys; sys.path.insert(0, sys.argv[1])
from dagster_check import definitions
done = definitions.resolve_implicit_global_asset_job_def().execute_in_process()
(found,) = done.get_asset_check_evaluations()
print(found.metadata, found.description)
sys.exit(0 if found.passed else 1)
"""
PATIENCE = 600


@pytest.fixture
def feed(made, tmp_path, request):  # noqa: F811 - the fixture
    """A project: `healthy`, with the loss that a register proves, or replayed while nothing came in."""
    root = tmp_path / "feed"
    shutil.copytree(made, root)
    if request.param != "persons are missing":  # nothing is missing where nobody says who should be there
        shutil.rmtree(root / "var")
        (root / "config.yaml").write_text(
            "version: 1\nhistory: sqlite:///history.db\nfeeds:\n  ind-duo:\n"
            '    source: {kind: files, path: in, pattern: "{date:%Y%m%d}.csv"}\n    checks: checks.yaml\n',
            encoding="utf-8",
        )
        (root / "checks.yaml").write_text("version: 1\nchecks: [{kind: ledger}]\n", encoding="utf-8")
        (root / "in").mkdir()
        delivery = root / "in/20240102.csv"
        delivery.write_text("a\n1\n", encoding="utf-8")
        if request.param == "nothing came in":
            assert Project(root).call("replay", "--from", "2024-01-01", "--to", "2024-01-03").code == 0
            delivery.unlink()
    else:
        shutil.copytree(ROOT / "expectations", root / "expectations")
        shutil.move(root / "var/history.replay.db", root / "var/history.db")
    return root


def run(name: str, feed: Path, *call: str) -> subprocess.CompletedProcess[str]:
    """Run something in the environment of an orchestrator, on a project."""
    home = feed / "home"
    home.mkdir(exist_ok=True)
    programs = ENVIRONMENTS / name / "bin"
    if not programs.exists():
        pytest.skip(f"{name} is not installed: run `make .tools/orchestrators`")
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(home),
        "KETENWACHT": str(Path(sys.executable).with_name("ketenwacht")),
        "KETENWACHT_PYTHON": sys.executable,
        "KETENWACHT_CONFIG": str(feed / "config.yaml"),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(EXAMPLES),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "1",  # seconds; else it waits for five minutes
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(PATIENCE),
        "DO_NOT_TRACK": "1",
    }
    return subprocess.run(
        [str(programs / call[0]), *call[1:]],
        env=environment, cwd=feed, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


EACH = pytest.mark.parametrize("feed", ["healthy", "persons are missing", "nothing came in"], indirect=True)


@EACH
def test_the_asset_check_of_dagster(feed, request):
    done = run("dagster", feed, "python", "-c", DAGSTER, str(EXAMPLES))
    healthy = "healthy" in request.node.callspec.id
    assert done.returncode == (0 if healthy else 1), done.stderr[-2000:]
    assert ("incident" in done.stdout) is ("missing" in request.node.callspec.id)
    assert ("not judged" in done.stdout) is ("nothing" in request.node.callspec.id)


@EACH
def test_the_command_of_the_page_runs_the_asset_check(feed, request):
    page = (ROOT / "docs/integrations.md").read_text(encoding="utf-8")
    words = re.search(r"^dagster (job execute .*)$", page, re.MULTILINE)[1]
    done = run(
        "dagster", feed, "dagster", *words.replace("dagster_check.py", str(EXAMPLES / "dagster_check.py")).split()
    )
    passed = "Asset check 'everybody_is_in_it' on 'ind_duo' passed" in done.stdout + done.stderr
    assert passed is ("healthy" in request.node.callspec.id), done.stderr[-2000:]


@EACH
def test_the_task_of_airflow(feed, request):
    assert run("apache-airflow", feed, "airflow", "db", "migrate").returncode == 0
    assert run("apache-airflow", feed, "airflow", "dags", "reserialize").returncode == 0
    done = run("apache-airflow", feed, "airflow", "dags", "test", "notify_persons", "2024-01-02")
    healthy = "healthy" in request.node.callspec.id
    assert ("the feed was judged" in done.stdout) is healthy, done.stdout[-2000:] + done.stderr[-2000:]
    assert healthy or "failed" in done.stdout + done.stderr


@EACH
def test_the_flow_of_prefect(feed, request):
    done = run("prefect", feed, "python", str(EXAMPLES / "prefect_flow.py"))
    healthy = "healthy" in request.node.callspec.id
    assert (done.returncode == 0) is healthy, done.stderr[-2000:]
    assert healthy or "RuntimeError" in done.stderr
    assert ("not judged" in done.stderr) is ("nothing" in request.node.callspec.id)
