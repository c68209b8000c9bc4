from datetime import date
from pathlib import Path

import pytest

from ketenwacht.errors import ConfigError
from ketenwacht.measure.parameters import load_parameters, read_code_table, resolve_parameters
from ketenwacht.measure.suite import SuiteEntry, read_suite

EXPECTATIONS = Path(__file__).parents[2] / "expectations"
TABLE = "code;name;valid_from;valid_to;successor\nold;Old;;2022-03-23;new\nnew;New;2022-03-24;;\n007;Bond;;;\n"


@pytest.fixture
def entry(tmp_path):
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "town.csv").write_text(TABLE, encoding="utf-8")
    kwargs = {
        "value_set": {"$PARAMETER": "town"},
        "max_value": {"$PARAMETER": "delivery_date"},
        "other": [{"$PARAMETER": "gone"}],
    }
    return SuiteEntry(str(tmp_path / "suite.json"), 1, {"kwargs": kwargs})


@pytest.mark.parametrize(
    ("why", "day", "codes"),
    [
        ("the last valid day is inclusive", date(2022, 3, 23), ["old", "007"]),
        ("the successor begins on the day after", date(2022, 3, 24), ["new", "007"]),
    ],
)
def test_codes_are_those_of_the_deliverys_date(entry, why, day, codes):
    assert load_parameters([entry], day)["town"] == codes, why


def test_the_date_is_there_as_text_and_an_absent_table_is_not(entry):
    values = load_parameters([entry], date(2022, 3, 1))
    assert values["delivery_date"] == "2022-03-01"
    assert values["delivery_date_digits"] == "20220301"
    assert "gone" not in values


def test_parameters_are_filled_in_wherever_they_stand():
    value = {"a": {"$PARAMETER": "x"}, "b": [{"c": {"$PARAMETER": "y"}}], "d": 1}
    assert resolve_parameters(value, {"x": ["1"], "y": "2"}) == {"a": ["1"], "b": [{"c": "2"}], "d": 1}
    with pytest.raises(KeyError):
        resolve_parameters(value, {"x": ["1"]})


def test_a_changed_table_is_read_anew(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("code\na\n", encoding="utf-8")
    assert [code.code for code in read_code_table(path)] == ["a"]
    path.write_text("code\nb\n", encoding="utf-8")
    later = path.stat().st_mtime_ns + 10**9
    __import__("os").utime(path, ns=(later, later))
    assert [code.code for code in read_code_table(path)] == ["b"]


@pytest.mark.parametrize(
    ("why", "text", "line"),
    [
        ("it has other columns", "kode;naam\n1;x\n", ":1"),
        ("it has no codes", "code;name\n", ":1"),
        ("a code is empty", "code;name\na;A\n;B\n", ":3"),
        ("a date is not valid", "code;valid_from\na;2022-02-30\n", ":2"),
    ],
)
def test_a_malformed_table_is_named_by_its_line(tmp_path, why, text, line):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_code_table(path)
    assert caught.value.where == f"{path}{line}", why


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_table_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "t.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_code_table(path)


@pytest.mark.parametrize(
    ("day", "towns"), [(date(2022, 1, 3), 345), (date(2022, 3, 24), 344), (date(2023, 1, 2), 342)]
)
def test_the_municipalities_of_the_sample_feed(day, towns):
    values = load_parameters(read_suite(EXPECTATIONS / "ind_duo.json").entries, day)
    assert len(values["gemeentecode"]) == towns + 2  # and unknown, and non-residents
