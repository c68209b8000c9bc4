"""What `make demo` shows besides the replay, on feeds of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from project import ROOT

from ketenwacht.simulate import simulate
from ketenwacht.workflows.demo_evidence import compare_by_digest, find_lost_acknowledgement, move_feed
from ketenwacht.workflows.project import LoadedProject

pytestmark = pytest.mark.e2e
SAMPLE = Path("var/sample")


def test_a_lost_acknowledgement_is_found_on_the_third_working_day(tmp_path):
    lost = find_lost_acknowledgement(ROOT / "config.yaml", SAMPLE, tmp_path, seed=2022, progress=lambda *_: None)
    assert (lost.found is not None, lost.working_days) == (True, 3)
    assert not list((tmp_path / "chain").glob(f"*_{lost.delivery}.receipt.json"))


def test_an_exact_digest_finds_the_persons_of_the_reconciliation(tmp_path):
    simulate(tmp_path, first=date(2022, 1, 1), last=date(2022, 2, 25), seed=2022, scenario="incident-2022")
    opened = LoadedProject.open(ROOT / "config.yaml")
    feeds = {name: move_feed(feed, SAMPLE, tmp_path) for name, feed in opened.settings.feeds.items()}
    project = replace(opened, settings=replace(opened.settings, feeds=feeds))
    register, day = tmp_path / "register/REGISTER_20220225.csv", date(2022, 2, 25)
    found = compare_by_digest(project, register, day, at=datetime(2022, 3, 1, tzinfo=UTC))
    assert found.same
    assert found.missing > 200
    assert found.size < register.stat().st_size / 20
