"""A few rounds of the tamper campaign; `make tamper` runs many."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import text
from tamper_campaign import KEY, run

from ketenwacht.store import History
from ketenwacht.store.audit_facts import NOT_COVERED
from ketenwacht.store.tables import metadata

pytestmark = pytest.mark.integration


def test_every_random_change_is_told(new_url):
    with History.open(new_url, audit_keys=[KEY]) as history:
        found = run(history, count=60, seed=7)
    assert found.untold == []
    assert found.told == found.tried
    assert sum(found.tried.values()) == 60
    cuts = Counter({key: count for key, count in found.tried.items() if key[1] == "cut off"})
    assert found.tried - found.alone == cuts, "only what is cut off needs a head that was kept elsewhere"
    assert {table for table, _ in found.tried} <= set(metadata.tables) - {"leases"}
    assert "leases" in NOT_COVERED


def test_a_campaign_on_a_history_that_does_not_hold_ends_at_once(tmp_path):
    with History.open(f"sqlite:///{tmp_path}/h.db", audit_keys=[KEY]) as history:
        with history.database.writing() as connection:
            connection.execute(text("INSERT INTO watermarks VALUES ('x', '2024-01-01 00:00:00.000000')"))
        with pytest.raises(SystemExit, match="does not hold before"):
            run(history, count=1, seed=1)
