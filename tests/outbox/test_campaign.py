"""A part of the fault campaign of the outbox; all of it: `make campaign-alerts`."""

from __future__ import annotations

import pytest
from outbox_campaign import campaign

pytestmark = pytest.mark.integration


def test_every_alert_arrives_none_twice_and_in_order():
    figures = campaign(7000, 8, minutes=2)
    assert figures.schedules == 8
    assert figures.faults
    assert figures.kills_before > 0
    assert figures.kills_after > 0
    assert (figures.lost, figures.twice, figures.out_of_order) == (0, 0, 0), figures.seeds_at_fault


def test_without_history_scope_none_is_lost():
    figures = campaign(8000, 6, minutes=2, history_scope=False)
    assert (figures.lost, figures.out_of_order) == (0, 0), figures.seeds_at_fault
    assert figures.twice > 0, "an answer that is lost means a message twice"
