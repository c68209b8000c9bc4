"""What is written in a value: counts, empty values and placeholders, judged by a whole `check`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from ketenwacht.cli.root import run

pytestmark = pytest.mark.integration
AT = "2024-01-31T12:00Z"

COUNTED = """
version: 1
feeds:
  counted:
    source: {kind: files, path: counts.csv, reader: csv, period_column: week, count_column: n%s}
    checks: checks.yaml
"""
FOLDER = """
version: 1
feeds:
  persons:
    source: {kind: files, path: ., pattern: "F_{date:%%Y%%m%%d}.csv", reader: csv%s}
    checks: checks.yaml
    suites: [suite.json]
"""
CHECKS = "version: 1\nchecks:\n  - kind: schema\n"
COMPLETE = CHECKS + "  - kind: contract\n  - kind: completeness\n    fields: {code: 0.9}\n"
SUITE = {
    "name": "s",
    "meta": {"great_expectations_version": "1.24.1"},
    "expectations": [
        {
            "type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "code"},
            "meta": {"check_id": "code-present", "title": "Code is filled in"},
            "severity": "critical",
        }
    ],
}


def judge(folder, config, checks, capsys):
    (folder / "config.yaml").write_text(config)
    (folder / "checks.yaml").write_text(checks)
    (folder / "suite.json").write_text(json.dumps(SUITE))
    capsys.readouterr()
    run(["-c", str(folder / "config.yaml"), "check", "--at", AT, "--format", "json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [one for one in lines if one["schema"] == "ketenwacht/run/1"]


@dataclass(frozen=True)
class Count:
    sentence: str
    count: str
    rows: float | None  # None: the delivery is unreadable
    numbers: str = ""


DUTCH = ', numbers: {thousands: ".", decimal: ","}'
COUNTS = [
    Count("digits are a count", "1234", 1244.0),
    Count("a last .0, as libraries write it, does no harm", "1234.0", 1244.0),
    Count("spaces around digits do no harm", " 1234 ", 1244.0),
    Count("a point may separate thousands: it is no count by itself", "1.234", None),
    Count("1.000 is neither one nor a thousand", "1.000", None),
    Count("a comma", "1,234", None),
    Count("an apostrophe", "1'234", None),
    Count("an underscore", "1_234", None),
    Count("a no-break space", "1\u00a0234", None),
    Count("a plus", "+12", None),
    Count("a minus", "-12", None),
    Count("a minus behind", "12-", None),
    Count("not a number", "nan", None),
    Count("infinity", "inf", None),
    Count("a power of ten", "1e3", None),
    Count("hexadecimal", "0x10", None),
    Count("a half", "12.5", None),
    Count("Arabic-Indic digits", "١٢", None),
    Count("a word", "twelve", None),
    Count("a percentage", "12 %", None),
    Count("brackets of a bookkeeper", "(12)", None),
    Count("a currency", "€ 12", None),
    Count("full width digits", "１２", None),
    Count("a typographic apostrophe", "1’234", None),
    Count("zeros before digits", "001234", 1244.0),
    Count("agreed apostrophes", "1'234", 1244.0, """, numbers: {thousands: "'"}"""),
    Count("an apostrophe that is not agreed", "1’234", None, """, numbers: {thousands: "'"}"""),
    Count("two separators at once", "1..234", None, DUTCH),
    Count("agreed thousands", "1.234", 1244.0, DUTCH),
    Count("agreed thousands and decimals of nothing", "1.234,00", 1244.0, DUTCH),
    Count("digits alone remain a count", "1234", 1244.0, DUTCH),
    Count("a group of two is no thousand", "12.34", None, DUTCH),
    Count("a decimal of something", "1.234,50", None, DUTCH),
]


@pytest.mark.parametrize("case", COUNTS, ids=lambda case: f"{case.sentence}{' (agreed)' * bool(case.numbers)}")
def test_a_count_is_never_read_as_another_number(case, tmp_path, capsys):
    lines = ["week,place,n", f'2024-01-01,a,"{case.count}"', "2024-01-01,b,10"]
    (tmp_path / "counts.csv").write_text("\n".join(lines) + "\n")
    (one,) = judge(tmp_path, COUNTED % case.numbers, CHECKS, capsys)
    if case.rows is not None:
        assert one["status"] == "unproven"
        return
    assert one["status"] == "error"
    problem = next(result for result in one["results"] if result["status"] == "error")
    assert "Column n holds no count in 1 row:" in problem["message"]
    assert "line 2" in problem["message"]
    assert case.count not in problem["message"]


def test_the_line_is_that_of_the_file_and_the_rows_those_of_the_delivery(tmp_path, capsys):
    lines = ["week,n", "2024-01-01,5", '2024-01-08,"1\n2"', "2024-01-08,7", "2024-01-08,x", "2024-01-08,y"]
    (tmp_path / "counts.csv").write_text("\n".join(lines) + "\n")
    first, second = judge(tmp_path, COUNTED % "", CHECKS, capsys)
    assert first["status"] == "unproven"
    assert "in 3 rows" in second["results"][0]["message"]
    assert "line 3" in second["results"][0]["message"]


@dataclass(frozen=True)
class Text:
    sentence: str
    text: str
    completeness: str
    contract: str
    settings: str = ""
    names: tuple[str, ...] = field(default=())


TEXTS = [
    Text("a code is filled in", "A1", "passed", "passed"),
    Text("nothing is empty", "", "failed", "failed"),
    Text("two spaces are empty", "  ", "failed", "failed"),
    Text("a tab is empty", "\t", "failed", "failed"),
    Text("a no-break space is empty", "\u00a0", "failed", "failed"),
    Text("a zero-width space is empty", "\u200b", "failed", "failed"),
    Text("an ideographic space is empty", "\u3000 ", "failed", "failed"),
    Text("NULL is named until it is agreed", "NULL", "warned", "passed", names=("NULL",)),
    Text("N/A is named", "N/A", "warned", "passed", names=("N/A",)),
    Text("the null of MySQL is named", "\\N", "warned", "passed", names=("\\N",)),
    Text("an agreed text is empty", "NULL", "failed", "failed", ", empty_values: ['NULL', onbekend]"),
    Text("any agreed text is empty", "onbekend", "failed", "failed", ", empty_values: ['NULL', onbekend]"),
    Text("an accent is no blank", "é", "passed", "passed"),
]


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.sentence)
def test_a_text_that_shows_nothing_is_empty(case, tmp_path, capsys):
    rows = "".join(f'{number};"{case.text if number % 2 else "B2"}"\n' for number in range(100))
    (tmp_path / "F_20240102.csv").write_text("nr;code\n" + rows)
    (one,) = judge(tmp_path, FOLDER % case.settings, COMPLETE, capsys)
    found = {result["check"]: result for result in one["results"]}
    assert found["completeness.code"]["status"] == case.completeness
    assert found["contract.code-present"]["status"] == case.contract
    for name in case.names:
        assert name in found["completeness.code"]["message"]


@pytest.mark.parametrize(
    ("content", "line"),
    [("nr;code\n1;A\n2;B\nnr;code\n3;C\n", 4), ("sep=;\nnr;code\n1;A\n\nnr;code\n", 5)],
    ids=["in the middle", "after a line that holds no row"],
)
def test_a_header_that_is_repeated_is_no_record(content, line, tmp_path, capsys):
    (tmp_path / "F_20240102.csv").write_text(content)
    (one,) = judge(tmp_path, FOLDER % "", CHECKS, capsys)
    assert one["status"] == "error"
    (problem,) = [result for result in one["results"] if result["status"] == "error"]
    assert "1 row repeats the header" in problem["message"]
    assert f"line {line}" in problem["message"]
