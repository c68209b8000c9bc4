"""One SELECT gives the same verdicts and counts as Great Expectations' own statements."""

import json
from datetime import date
from pathlib import Path

import pytest
from every_expectation import EXPECTATIONS, fill, written

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column, MetricKey, Unmeasured
from ketenwacht.domain.statement import Name, Statement
from ketenwacht.measure.engine import CopiedDataset, evaluate_expectations
from ketenwacht.measure.measure import MeasurementPlan, measure
from ketenwacht.measure.parameters import load_parameters, resolve_parameters
from ketenwacht.measure.sql_table import WorkspaceTable, open_workspace
from ketenwacht.measure.suite import GREAT_EXPECTATIONS, KNOWN, NOT_IN_SQL, OWN, QUERY, REFUSED, read_suite
from ketenwacht.measure.suite_lint import OPERATORS
from ketenwacht.sql import quote_name

pytestmark = pytest.mark.integration
SUITE = Path(__file__).parents[2] / "expectations" / "ind_duo.json"


@pytest.fixture
def suite(tmp_path):
    return lambda expectations: written(tmp_path, expectations)


def run(connection, path, engine):
    names = [row[0] for row in connection.execute("DESCRIBE delivery").fetchall()]
    plan = MeasurementPlan(segments=(), suites=(path,), statements=engine)
    delivery = Delivery("feed", "1", date(2022, 6, 24))
    return measure(CopiedDataset(connection, tuple(Column(name, "text") for name in names)), delivery, plan)


@pytest.mark.parametrize(
    ("why", "rows", "share_of_nulls"),
    [
        ("a small delivery", 1_000, 0.05),
        ("a large delivery", 100_000, 0.05),
        ("hardly a field is filled in", 1_000, 0.97),
        ("no field is filled in", 100, 1.1),
        ("no row", 0, 0.0),
    ],
)
def test_the_folded_engine_agrees_with_the_stock_one(suite, why, rows, share_of_nulls):
    path = suite(EXPECTATIONS)
    with open_workspace() as connection:
        fill(connection, rows, share_of_nulls, seed=7)
        stock, folded = run(connection, path, "stock"), run(connection, path, "folded")
    assert folded == stock, why
    assert len({key.name for key in folded if key.name.endswith(".met")}) == len(EXPECTATIONS)
    if rows == 1_000:
        assert not [key for key, value in folded.items() if isinstance(value, Unmeasured)]
    if share_of_nulls < 1 and rows:
        assert {0.0, 1.0} <= {value for key, value in folded.items() if key.name.endswith(".met")}


def test_the_sample_suite_agrees_too(measured, feed_rows):
    rows = [row | {"v_nummer": f"{i:010d}" if i % 3 else None} for i in range(200) for row in feed_rows()]
    stock, folded = (measured(rows, suites=(str(SUITE),), statements=engine) for engine in ("stock", "folded"))
    assert folded == stock


def test_the_sample_suite_is_asked_in_one_statement(feed_rows, feed_columns, load_rows):
    statements = []

    class Heard(WorkspaceTable):
        def query(self, sql):
            statements.append(sql)
            return WorkspaceTable.query(self, sql)

    entries = read_suite(SUITE).entries
    codes = load_parameters(entries, date(2022, 6, 24))
    texts = {e.check_id: json.dumps({**e.raw, "kwargs": resolve_parameters(e.kwargs, codes)}) for e in entries}
    with open_workspace() as connection:
        load_rows(connection, feed_columns, [[row.get(name) for name in feed_columns] for row in feed_rows()])
        found = evaluate_expectations(Heard(connection), texts, "folded")
    assert len(statements) == 1
    assert {outcome.met for outcome in found.values()} == {True}


def test_what_cannot_be_evaluated_costs_only_itself(suite):
    expectations = [
        ("expect_column_values_to_not_be_null", {"column": "text"}),
        ("expect_column_values_to_match_regex", {"column": "number", "regex": "^1"}),
        ("expect_column_values_to_be_between", {"column": "number"}),
    ]
    path = suite(expectations)
    with open_workspace() as connection:
        fill(connection, 100, 0.0, seed=7)
        found = {key.name: value for key, value in run(connection, path, "folded").items()}
    assert found["expectation.0-expect_column_values_to_not_be_null.met"] == 1.0
    unmeasured = [value for value in found.values() if isinstance(value, Unmeasured)]
    assert len(unmeasured) == 2
    assert {value.reason for value in unmeasured} <= {"BinderException", "ValueError", "ValidationError"}


def test_a_whole_suite_that_cannot_run_is_unmeasured(suite):
    path = suite([("expect_column_values_to_not_be_null", {"column": "a"}), ("expect_nothing", {})])
    with open_workspace() as connection:
        connection.execute("CREATE TABLE delivery (b VARCHAR)")
        found = run(connection, path, "folded")
    assert found == {
        MetricKey("expectation.0-expect_column_values_to_not_be_null.met"): Unmeasured(
            Statement("unmeasured.no_column", {"column": Name("a")})
        ),
        MetricKey("expectation.1-expect_nothing.met"): Unmeasured(
            Statement("unmeasured.type_not_allowed", {"type": Name("expect_nothing")})
        ),
    }


def test_the_known_types_are_those_of_the_library(library):
    registered = library.expectations.registry.list_registered_expectation_implementations()
    assert set(registered) == GREAT_EXPECTATIONS | (OWN - {QUERY}) | set(REFUSED) | set(NOT_IN_SQL)
    assert not KNOWN & (set(REFUSED) | set(NOT_IN_SQL))


def test_a_column_may_be_called_by_any_word_that_duckdb_reserves(tmp_path):
    with open_workspace() as room:
        query = (
            "SELECT DISTINCT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved' ORDER BY 1"
        )
        words = [row[0] for row in room.execute(query).fetchall()]
        assert {"at", "select", "left", "is"} <= set(words)
        room.execute(f"CREATE TABLE delivery ({', '.join(quote_name(word) + ' VARCHAR' for word in words)})")
        room.execute(f"INSERT INTO delivery VALUES ({', '.join('?' for _ in words)})", ["x"] * len(words))  # noqa: S608 - marks
        asked = [
            {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": w}, "meta": {"check_id": w}}
            for w in words
        ]
        path = tmp_path / "suite.json"
        path.write_text(json.dumps({"name": "words", "expectations": asked}))
        columns = tuple(Column(word, "text") for word in words)
        found = measure(
            CopiedDataset(room, columns),
            Delivery("f", "1", date(2024, 1, 1)),
            MeasurementPlan(suites=(str(path),)),
        )
    assert {word for word in words if found[MetricKey(f"expectation.{word}.met")] != 1.0} == set()


def test_the_operators_of_conditions_are_those_of_great_expectations(library):
    from great_expectations.expectations.row_conditions import Operator  # noqa: PLC0415 - after `library`, quietly

    assert {operator.value for operator in Operator} == set(OPERATORS)


def test_a_prepared_expectation_holds_its_configuration_and_leaves_the_registry_as_it_is(library):
    from great_expectations.expectations.registry import get_expectation_impl  # noqa: PLC0415 - after `library`

    from ketenwacht.dialects.duckdb import DUCKDB  # noqa: PLC0415 - as above
    from ketenwacht.measure.gx_fold import build_configuration, prepare  # noqa: PLC0415 - as above

    kind = "expect_column_values_to_not_be_null"
    before = get_expectation_impl(kind)
    entry = json.dumps({"type": kind, "kwargs": {"column": "a", "mostly": 0.5}, "meta": {"check_id": "a"}})
    prepared = prepare(entry, (("a", "VARCHAR"),), DUCKDB).expectation

    plain = build_configuration(entry)
    plain.kwargs["batch_id"] = "delivery"
    assert prepared.configuration.to_json_dict() == plain.to_domain_obj().configuration.to_json_dict()
    assert prepared.configuration is prepared.configuration
    assert get_expectation_impl(kind) is before
