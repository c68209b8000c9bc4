"""The channel that docs/incidents.md shows is what a replay of the sample feed writes, to the letter."""

from __future__ import annotations

import shutil

import pytest
from channel import MANUAL, read_channel, show_channel, write_channel
from replayed import ROOT, configured

from ketenwacht.cli.demo import FIRST, LAST, SEED
from ketenwacht.store import History

pytestmark = pytest.mark.e2e
AS_SHIPPED = ("--set", "alerts.language=nl", "--set", "feeds.ind-duo.suites=[expectations/ind_duo.json]")


def test_the_manual_shows_the_channel_of_eighteen_months(tmp_path, pytestconfig):
    """Eighteen months of deliveries are judged day by day; nothing of what people would have read is left out."""
    place = configured(tmp_path)
    shutil.copytree(ROOT / "expectations", tmp_path / "expectations")
    span = ("--from", FIRST.isoformat(), "--to", LAST.isoformat())
    scenario = ("--seed", str(SEED), "--scenario", "incident-2022")
    assert place("simulate", str(tmp_path / "var/sample"), *span, *scenario).code == 0
    assert place(*AS_SHIPPED, "replay", *span).code == 1
    with History.open(f"sqlite:///{place.replayed}", create=False) as history:
        text = write_channel([row.alert for row in history.outbox.find()])
    if pytestconfig.getoption("--update-golden"):
        show_channel(text)
    assert text == read_channel(MANUAL.read_text(encoding="utf-8")), (
        "meant? pytest test_channel.py --update-golden"
    )
