"""The fixture of pytest, in a pytest of its own: it passes what is healthy and fails with what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from project import Project

pytestmark = pytest.mark.e2e
TESTS = """
def test_newest(ketenwacht_feed):
    ketenwacht_feed("ind-duo").assert_passed()

def test_strictly(ketenwacht_feed):
    ketenwacht_feed("ind-duo").assert_passed(fail_on="unproven")

def test_judged(ketenwacht_feed):
    assert [run.feed for run in ketenwacht_feed("ind-duo").judge().runs] == ["ind-duo"]
"""


def run_pytest(folder, *options):
    (folder / "test_feed.py").write_text(TESTS)
    call = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", *options]
    return subprocess.run(
        call, cwd=folder, env=os.environ | {"PYTHONPATH": ""}, capture_output=True, text=True, check=False
    )


def test_a_healthy_release_passes_and_what_is_unproven_fails_where_that_is_asked(tmp_path):
    project = Project.copied_to(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    period = ("--from", "2023-01-02", "--to", "2023-01-06")
    assert project.call("simulate", "var/staging", *period, "--seed", "2").code == 0
    done = run_pytest(tmp_path)
    assert "1 failed, 2 passed" in done.stdout, done.stdout
    assert "ind-duo: unproven in staging" in done.stdout


def test_nothing_there_and_another_place_are_told(tmp_path):
    Project.copied_to(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nketenwacht_config = other.yaml\n")
    done = run_pytest(tmp_path, "-k", "newest")
    assert (done.returncode, "other.yaml" in done.stdout) == (1, True), done.stdout
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "var/staging/deliveries").mkdir(parents=True)
    done = run_pytest(tmp_path, "-k", "newest")
    assert "ind-duo: there is no delivery in staging" in done.stdout, done.stdout
