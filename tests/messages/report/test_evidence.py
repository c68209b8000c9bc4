from __future__ import annotations

from dataclasses import replace
from datetime import date

from ketenwacht.domain.evidence import Known
from ketenwacht.messages.report.evidence import view_evidence


def test_every_kind_is_listed_strongest_first(formatter, report):
    rows = view_evidence(report, formatter)
    assert [row.kind for row in rows] == [
        "Keyed reconciliation",
        "Control totals",  # what was selected
        "Control totals",  # what was sent
        "Outside reference",
        "Inquiries",
    ]
    assert all(row.at_hand for row in rows)
    assert rows[1].covers == "group asylum; group family"
    assert rows[2].covers == "the whole feed"
    assert rows[3].source == "Quarterly decisions (known to ±3%)"
    assert rows[3].newest == "23 May 2022"


def test_what_is_not_there_is_said_to_be_absent(formatter, report):
    rows = view_evidence(replace(report, known=Known(), runs=()), formatter)
    assert [(row.at_hand, row.source) for row in rows] == [(False, "not available")] * 4


def test_a_source_is_as_fresh_as_its_newest_figure_and_as_sure_as_its_least(formatter, report):
    (figure,) = report.known.references
    newer = replace(figure, period_to=date(2022, 9, 30), published_on=date(2022, 11, 7), uncertainty=0.05)
    rows = view_evidence(replace(report, known=Known(references=(newer, figure)), runs=()), formatter)
    row = next(row for row in rows if row.kind == "Outside reference")
    assert row.source == "Quarterly decisions (known to ±5%)"
    assert (row.period, row.newest) == ("3 Jan 2022 – 30 Sep 2022", "7 Nov 2022")
