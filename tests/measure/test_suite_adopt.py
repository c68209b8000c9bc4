"""Suites of somebody else become ours, and ours open in plain Great Expectations."""

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from ketenwacht.cli.root import run
from ketenwacht.domain.measurement import MetricKey
from ketenwacht.errors import ConfigError
from ketenwacht.measure.parameters import load_parameters
from ketenwacht.measure.suite import read_suite
from ketenwacht.measure.suite_adopt import adopt_suite, parse_condition
from ketenwacht.measure.suite_lint import lint

SUITE = Path(__file__).parents[2] / "expectations" / "ind_duo.json"
DAY = date(2022, 6, 24)
OLD = {
    "data_asset_type": None,
    "expectation_suite_name": "persons.warning",
    "ge_cloud_id": None,
    "expectations": [
        {
            "expectation_type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "code", "result_format": "COMPLETE", "mostly": None},
            "meta": {"notes": {"format": "markdown", "content": ["Everybody has a code"]}},
        },
        {
            "expectation_type": "expect_column_distinct_values_to_be_in_set",
            "kwargs": {"column": "code", "value_set": ["A", "B"]},
            "meta": {},
        },
        {
            "expectation_type": "expect_column_values_to_be_between",
            "kwargs": {
                "column": "n",
                "min_value": 0,
                "max_value": None,
                "row_condition": "code == 'A' and n.notnull()",
                "condition_parser": "pandas",
                "parse_strings_as_datetimes": True,
            },
            "meta": {},
        },
        {
            "expectation_type": "expect_column_values_to_match_strftime_format",
            "kwargs": {"column": "day", "strftime_format": "%Y"},
            "meta": {},
        },
        {
            "expectation_type": "expect_column_values_to_be_unique",
            "kwargs": {"column": "n", "row_condition": "n.str.len() > 3", "condition_parser": "pandas"},
            "meta": {},
        },
        {"expectation_type": "expect_column_values_to_be_unicorn", "kwargs": {"column": "n"}, "meta": {}},
        {
            "expectation_type": "expect_column_values_to_not_be_null",
            "kwargs": {"column": "code"},
            "meta": {},
        },
    ],
    "meta": {"great_expectations_version": "0.18.22"},
}


def _write(folder, document, name="theirs.json"):
    path = folder / name
    path.write_text(json.dumps(document))
    return path


def test_a_suite_of_0x_becomes_ours_and_every_change_is_named(tmp_path):
    adopted = adopt_suite(_write(tmp_path, OLD))
    listed = adopted.document["expectations"]
    assert adopted.document["name"] == "persons.warning"
    assert [(one["type"], one["meta"]["check_id"]) for one in listed] == [
        ("expect_column_values_to_not_be_null", "code-not-be-null"),
        ("expect_column_values_to_be_in_set", "code-be-in-set"),
        ("expect_column_values_to_be_between", "n-be-between"),
        ("expect_column_values_to_not_be_null", "code-not-be-null-2"),
    ]
    assert listed[0]["kwargs"] == {"column": "code"}
    assert listed[0]["meta"]["title"] == "Everybody has a code"
    assert listed[2]["kwargs"] == {
        "column": "n",
        "min_value": 0,
        "row_condition": {
            "type": "and",
            "conditions": [
                {"type": "comparison", "column": {"name": "code"}, "operator": "==", "parameter": "A"},
                {"type": "nullity", "column": {"name": "n"}, "is_null": False},
            ],
        },
    }
    told = "\n".join(note.what for note in adopted.changes)
    assert "left out, it says how and not what: condition_parser, parse_strings_as_datetimes" in told
    assert "left out, it is null: max_value" in told
    assert "expect_column_distinct_values_to_be_in_set is written expect_column_values_to_be_in_set" in told
    assert [note.where.rpartition("(")[2] for note in adopted.refused] == [
        "expect_column_values_to_match_strftime_format)",
        "expect_column_values_to_be_unique)",
        "expect_column_values_to_be_unicorn)",
    ]
    assert all(note.mend for note in adopted.refused)
    assert lint(_write(tmp_path, adopted.document, "ours.json")) == []


@pytest.mark.integration
def test_a_suite_that_1x_saves_becomes_ours_and_says_the_same(tmp_path, library):
    import great_expectations.expectations as gxe  # noqa: PLC0415 - after `library`, quietly

    library.get_context(mode="ephemeral")
    suite = library.ExpectationSuite(name="theirs")
    suite.add_expectation(gxe.ExpectColumnValuesToNotBeNull(column="code", mostly=0.9, severity="warning"))
    suite.add_expectation(gxe.ExpectColumnValueLengthsToEqual(column="code", value=1, description="One letter"))
    suite.add_expectation(gxe.ExpectColumnDistinctValuesToContainSet(column="code", value_set=["A"]))
    saved = suite.to_json_dict()
    for number, one in enumerate(saved["expectations"]):
        one["id"] = f"7f9c2a1e-0000-4000-8000-00000000000{number}"
    adopted = adopt_suite(_write(tmp_path, saved | {"id": "7f9c2a1e-0000-4000-8000-000000000009"}))
    ours = _write(tmp_path, adopted.document, "ours.json")
    assert lint(ours) == []
    first, second = read_suite(ours).entries
    assert (first.kwargs["mostly"], first.raw["severity"]) == (0.9, "warning")
    assert (second.type, second.title) == ("expect_column_value_lengths_to_equal", "One letter")
    (refused,) = adopted.refused
    assert "fetches values of persons" in refused.what
    again = library.ExpectationSuite(**json.loads(ours.read_text()))
    assert len(again.expectations) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('col("a").notNull()', {"type": "nullity", "column": {"name": "a"}, "is_null": False}),
        ("a.isna()", {"type": "nullity", "column": {"name": "a"}, "is_null": True}),
        ("`a b` >= 2.5", {"type": "comparison", "column": {"name": "a b"}, "operator": ">=", "parameter": 2.5}),
        ("a > b", None),
        ("a == 'x' or b == 'y'", None),
        ("__import__('os').system('x')", None),
    ],
)
def test_only_plain_comparisons_of_a_row_condition_are_carried_over(text, expected):
    assert parse_condition(text) == expected


def test_a_file_that_is_no_suite_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no list of expectations"):
        adopt_suite(_write(tmp_path, {"name": "x"}))


def test_the_command_writes_the_suite_and_overwrites_nothing(tmp_path, capsys):
    theirs = _write(tmp_path, OLD)
    config = ["-c", str(tmp_path / "config.yaml")]
    assert run([*config, "suite", "adopt", str(theirs)]) == 0
    out = capsys.readouterr().out
    assert "kept: 4" in out
    assert "cannot be judged: 3" in out
    assert lint(tmp_path / "expectations" / "theirs.json") == []
    assert run([*config, "suite", "adopt", str(theirs)]) == 2
    assert run([*config, "suite", "adopt", str(theirs), "--to", str(tmp_path / "b.json"), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["kept"] == 4


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:This pattern is interpreted as a regular expression")
@pytest.mark.parametrize("engine", ["pandas", "sqlite"])
def test_our_suite_opens_in_plain_great_expectations_with_our_counts(
    library, measured, feed_rows, feed_columns, tmp_path, engine
):
    """Every one is evaluated, the custom ones by importing one module, and finds what ours finds."""
    import pandas as pd  # noqa: PLC0415 - heavy

    import ketenwacht.measure.gx_expectations  # noqa: F401, PLC0415 - the documented module

    rows = [row for _ in range(30) for row in feed_rows(asylum={"bsn": "999900081"}, family={"doelgroep": None})]
    rows += feed_rows(asylum={"datum_bekendmaking": "2021-12-31"}, family={"datum_bekendmaking": "2022-06-25"})
    ours = measured(rows, suites=(SUITE,))
    suite = library.ExpectationSuite(**json.loads(SUITE.read_text(encoding="utf-8")))
    parameters = load_parameters(read_suite(SUITE).entries, DAY)
    context = library.get_context(mode="ephemeral")
    table = pd.DataFrame([{name: row.get(name) for name in feed_columns} for row in rows], dtype="object")
    if engine == "pandas":
        asset = context.data_sources.add_pandas("x").add_dataframe_asset("x")
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": table})
    else:
        with sqlite3.connect(tmp_path / "x.db") as connection:
            table.to_sql("delivery", connection, index=False)
        connection.close()
        source = context.data_sources.add_sqlite("x", connection_string=f"sqlite:///{tmp_path}/x.db")
        asset = source.add_table_asset("x", table_name="delivery")
        batch = asset.add_batch_definition_whole_table("all").get_batch()
    result = batch.validate(suite, result_format="BASIC", expectation_parameters=parameters)
    assert len(result.results) == len(suite.expectations)
    refused, differ = [], []
    for one in result.results:
        check_id = one.expectation_config.meta["check_id"]
        if any(info.get("raised_exception") for info in _shapes(one.exception_info)):
            refused.append(check_id)
        elif "unexpected_count" in one.result:
            mine, theirs = (
                ours[MetricKey(f"expectation.{check_id}.unexpected")],
                one.result["unexpected_count"] or 0,
            )
            differ += [(check_id, mine, theirs)] if mine != theirs else []
    assert differ == []
    assert refused == []


def _shapes(info):
    return [info] if "raised_exception" in info else list(info.values())
