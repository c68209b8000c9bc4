"""A year in which nothing is wrong bothers nobody: no red day, no alert, and no open finding at its end."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import date

import pytest
from replayed import configured

from ketenwacht.store import History
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.e2e

FIRST, LAST = date(2022, 1, 1), date(2022, 12, 31)
RED = {"failed", "error"}


@pytest.mark.parametrize("seed", [2022])
def test_a_healthy_year_has_no_red_day_and_ends_without_an_open_finding(tmp_path, monkeypatch, seed):
    monkeypatch.delenv("KETENWACHT_HISTORY", raising=False)
    place = configured(tmp_path)
    span = ("--from", FIRST.isoformat(), "--to", LAST.isoformat())
    sample = str(tmp_path / "var/sample")
    assert place("simulate", sample, *span, "--seed", str(seed), "--scenario", "healthy").code == 0
    told = place("replay", *span, "--format", "json")
    assert told.code == 0, told.err
    *runs, summary = map(json.loads, told.out.splitlines())
    red = [run["period"] for run in runs if run["status"] in RED]
    assert (red, Counter(run["status"] for run in runs)["failed"]) == ([], 0)
    assert len(runs) >= 250
    assert summary["alerts"]["sent"] == 0
    assert [one["title"] for one in summary["incidents"] if one["state"] not in {"resolved", "closed"}] == []
    shutil.move(place.replayed, place.live)
    with History.open(LoadedProject.open(tmp_path / "config.yaml").history_url()) as history:
        assert [one.fingerprint for one in history.findings.find("ind-duo") if one.active] == []
