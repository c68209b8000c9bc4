"""Lists that are written for people and for other programs: every character of them, and what is read back."""

from __future__ import annotations

import csv
import stat
from datetime import date

import pytest

from ketenwacht.domain.catchup import Backlog, plan
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Persons
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy
from ketenwacht.simulate.evidence import write_csv
from ketenwacht.sources.canaries import format_csv, read_rows
from ketenwacht.workflows.catch_up import CatchUp, write_schedule

TOWNS = [Segment((("town", name), ("kind", "new; old"))) for name in ("0014", "0363")]


def test_the_schedule_of_a_catch_up(tmp_path):
    backlog = [Backlog(TOWNS[0], date(2022, 1, 3), 40), Backlog(TOWNS[1], None, 5)]
    made = plan(backlog, dict.fromkeys(TOWNS, 20.0), multiple=2.0, start=date(2022, 7, 4))
    target = tmp_path / "schedule.csv"
    write_schedule(CatchUp("f", None, ("town", "kind"), 2.0, made), target)
    assert target.read_text(encoding="utf-8") == (
        "week;town;kind;persons;at_most;oldest_decision\n"
        '2022-07-04;0014;"new; old";20;20;2022-01-03\n'
        '2022-07-04;0363;"new; old";5;20;\n'
        '2022-07-11;0014;"new; old";20;20;2022-01-03\n'
    )
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_list_of_canaries_is_read_back_as_it_was_written(tmp_path):
    rows = [{"key": "0099", "decided": "2022-01-03", "town": "A;B"}, {"key": "0100", "kind": "x"}]
    text = format_csv(rows)
    assert text == 'key;decided;town;kind\n0099;2022-01-03;"A;B";\n0100;;;x\n'
    target = tmp_path / "canaries.csv"
    target.write_text(text, encoding="utf-8")
    assert [{name: value for name, value in row.items() if value} for row in read_rows(target)] == rows
    assert read_rows(tmp_path / "none.csv") == []


def test_a_file_of_references(tmp_path):
    target = tmp_path / "counts.csv"
    write_csv(target, ("period", "source"), [(date(2022, 1, 3), "a; b"), (4, 0.5)], date(2022, 2, 1))
    assert target.read_bytes() == b'period;source\n2022-01-03;"a; b"\n4;0.5\n'
    with target.open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream, delimiter=";")) == [
            ["period", "source"],
            ["2022-01-03", "a; b"],
            ["4", "0.5"],
        ]


@pytest.mark.parametrize(
    ("language", "value", "text"),
    [
        ("en", (Persons(1200), Amount(3)), "1,200; 3"),
        ("nl", (Persons(1200), Amount(3)), "1.200; 3"),
        ("en", TOWNS[0], "town 0014, kind new; old"),
        ("en", date(2022, 1, 3), "3 January 2022"),
        ("nl", date(2022, 1, 3), "3 januari 2022"),
    ],
)
def test_a_value_within_a_sentence(language, value, text):
    assert MessageFormatter(language, Privacy(10)).value(value) == text
