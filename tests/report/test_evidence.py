from __future__ import annotations

from dataclasses import replace

from ketenwacht.domain.evidence import Known
from ketenwacht.report.evidence import evidence_rows


def test_every_kind_is_listed_strongest_first(report):
    rows = evidence_rows(report)
    assert [row.kind for row in rows] == [
        "Keyed reconciliation",
        "Control totals",  # what was selected
        "Control totals",  # what was sent
        "Outside reference",
        "Inquiries",
    ]
    assert all(row.at_hand for row in rows)
    assert rows[1].covers == "group asylum; group family"
    assert rows[2].covers == "whole feed"
    assert rows[3].source == "Quarterly decisions (known to ±3 %)"
    assert rows[3].newest == "23 May 2022"


def test_what_is_not_there_is_said_to_be_absent(report):
    rows = evidence_rows(replace(report, known=Known(), runs=()))
    assert [(row.at_hand, row.source) for row in rows] == [(False, "none at hand")] * 4
