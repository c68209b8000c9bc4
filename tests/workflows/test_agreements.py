"""What the guard of a feed takes for agreed: code tables, columns, values, reasons, wherever they are written."""

from __future__ import annotations

import json

import pytest

from ketenwacht.workflows.agreements import load_guard
from ketenwacht.workflows.project import LoadedProject

CONFIG = """
feeds:
  tiny:
    sender: IND
    receiver: DUO
    source: {kind: files, path: in, pattern: "T_{date:%Y%m%d}_{sequence:06d}.csv"}
    segments: [[], [kind, town]]
    reasons: [too young]
    key: number
    suites: [suite.json]
    checks: checks.yaml
    contract: terms.yaml
"""
CHECKS = """
checks:
  - {kind: completeness, fields: {bsn: 0.5}}
  - kind: coverage
    expected: [{kind: [a, z]}]
    explained: [{segment: {town: "1234567"}, reason: not yet, who: me, until: 2030-01-01}]
  - {kind: volume, segments: [kind, town]}
declared:
  - {first: 2022-01-01, last: 2022-01-02, kind: pause, why: holidays, by: me, segment: {town: "7654321"}}
"""
TERMS = "schema: [{name: rows, properties: [{name: remark}, {name: x, physicalName: y}]}]\n"


def expectation(kind, **kwargs):
    return {"type": kind, "kwargs": kwargs, "meta": {"check_id": f"{kind}-{len(kwargs)}"}}


IN_SET = "expect_column_values_to_be_in_set"
CONDITION = {"type": "comparison", "column": {"name": "town"}, "operator": "==", "parameter": "1"}
ONE_TABLE = (expectation(IN_SET, column="kind", value_set={"$PARAMETER": "kinds"}),)


@pytest.fixture
def guard(tmp_path):
    """A function that gives the guard of the feed with some expectations, and other checks."""

    def made(*expectations, checks=CHECKS):
        (tmp_path / "config.yaml").write_text(CONFIG)
        (tmp_path / "checks.yaml").write_text(checks)
        (tmp_path / "terms.yaml").write_text(TERMS)
        (tmp_path / "codes").mkdir(exist_ok=True)
        (tmp_path / "codes/kinds.csv").write_text("code;valid_to\na;\nold;2001-01-01\n")
        (tmp_path / "suite.json").write_text(json.dumps({"name": "s", "expectations": expectations}))
        project = LoadedProject.open(tmp_path / "config.yaml")
        return load_guard(project, project.feed(None))

    return made


def test_a_code_table_agrees_its_codes_whenever_valid(guard):
    assert guard(*ONE_TABLE).codes == {"kind": frozenset({"a", "old"})}


@pytest.mark.parametrize(
    ("sentence", "listed", "codes", "known"),
    [
        ("a list in the expectation", {"value_set": ["A", "B"]}, {"A", "B"}, set()),
        ("numbers, as they are counted", {"value_set": [1, 2.0, True]}, {"1", "2", "2.0", "true"}, set()),
        ("a list for some rows", {"value_set": ["A"], "row_condition": CONDITION}, None, {"A"}),
        ("a table that is not there", {"value_set": {"$PARAMETER": "gone"}}, None, set()),
    ],
)
def test_every_list_of_allowed_values_is_a_code_table(guard, sentence, listed, codes, known):
    found = guard(expectation(IN_SET, column="town", **listed))
    assert found.codes.get("town") == (None if codes is None else frozenset(codes)), sentence
    assert known <= found.known.get("town", frozenset()), sentence


def test_pairs_of_allowed_values_are_a_code_table_of_both_columns(guard):
    kind = "expect_column_pair_values_to_be_in_set"
    found = guard(expectation(kind, column_A="kind", column_B="town", value_pairs_set=[["a", "1"], ["b", "2"]]))
    assert found.codes == {"kind": frozenset({"a", "b"}), "town": frozenset({"1", "2"})}


def test_values_that_checks_and_declared_days_name_are_never_withheld(guard):
    found = guard(*ONE_TABLE)
    assert found.value("kind", "z") == "z"
    assert [found.value("town", value) for value in ("1234567", "7654321")] == ["1234567", "7654321"]


def test_columns_are_agreed_wherever_they_are_named_and_all_of_them_where_a_list_says_so(guard):
    found = guard(*ONE_TABLE)
    assert found.columns == {"kind", "town", "number", "bsn", "remark", "y"}
    assert not found.listed
    assert guard(checks="checks: [{kind: schema, columns: [a]}]").listed
    assert guard(expectation("expect_table_columns_to_match_set", column_set=["a", "b"])).listed
    assert not guard(expectation("expect_table_columns_to_match_set", column_set=["a"], exact_match=False)).listed
    assert guard(expectation("expect_table_columns_to_match_ordered_list", column_list=["a"])).listed


def test_the_feed_says_reasons_parties_and_how_deliveries_are_numbered(guard):
    found = guard()
    assert (found.reasons, found.parties, found.numbered) == ({"too young"}, {"IND", "DUO"}, True)
