"""Tamper with each table that the audit log covers, and see what `verify` says."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ketenwacht.store import History

from .samples import alert, event, incident, run, save, snapshot

TOLD = (
    ("a measurement is changed", "UPDATE measurements SET value = 25 WHERE value = 5", "run 1: altered"),
    ("a measurement is removed", "DELETE FROM measurements WHERE value = 5", "run 1: altered"),
    ("results are removed", "DELETE FROM results", "run 1: altered"),
    ("a status is changed", "UPDATE results SET status = 0", "run 1: altered"),
    ("a delivery is changed", "UPDATE deliveries SET size = 1", "delivery 1: altered"),
    ("a finding is closed", "UPDATE incidents SET state = 'closed'", "finding i1: altered"),
    ("findings are removed", "DELETE FROM incidents", "finding i1: removed"),
    ("an event is changed", "UPDATE events SET actor = 'eve'", "event 1: altered"),
    ("events are removed", "DELETE FROM events", "event 1: removed"),
    ("an alert is changed", "UPDATE alerts SET body = '{}'", "alert a1: altered"),
    ("an alert is marked as sent", "UPDATE alerts SET state = 'sent'", "alert a1: altered"),
    ("alerts are removed", "DELETE FROM alerts", "alert a1: removed"),
    ("the log is emptied", "DELETE FROM audit", "run 1: no line of the log records it"),
)


@pytest.mark.parametrize(("statement", "said"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD])
def test_tampering_with_a_covered_table_is_told(tmp_path, statement, said):
    with History.open(f"sqlite:///{tmp_path}/h.db", audit_keys=[b"k" * 32]) as history:
        save(history, run(), snapshot(), findings=[incident()], events=[event()], alerts=[alert()])
        assert history.audit.verify() == ()
        with history.database.writing() as connection:
            connection.execute(text(statement))
        assert said in history.audit.verify()
