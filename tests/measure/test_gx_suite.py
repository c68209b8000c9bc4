"""One SELECT gives the same verdicts and counts as Great Expectations' own statements."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column, MetricKey, Unmeasured
from ketenwacht.measure.measure import Plan, measure
from ketenwacht.measure.suite_lint import OPERATORS
from ketenwacht.measure.suite_types import GREAT_EXPECTATIONS, KNOWN, OWN, REFUSED
from ketenwacht.measure.workspace import open_workspace, quoted

pytestmark = pytest.mark.integration
SUITE = Path(__file__).parents[2] / "expectations" / "ind_duo.json"

GROUP_A_B = {"type": "comparison", "column": {"name": "group"}, "operator": "IN", "parameter": ["a", "b"]}
FILLED_IN = {"type": "nullity", "column": {"name": "text"}, "is_null": False}
EITHER = {"type": "or", "conditions": [GROUP_A_B, FILLED_IN]}
MANY = [str(number) for number in range(0, 400, 3)] + ["it's", 'a "quoted" \\d % :name']


def values(kind, column="text", condition=None, **arguments):
    where = {} if condition is None else {"row_condition": condition}
    return (f"expect_column_values_to_{kind}", {"column": column, **arguments, **where})


def column(kind, name="number", **arguments):
    return (f"expect_column_{kind}", {"column": name, **arguments})


def pair(kind, first, second, **arguments):
    return (f"expect_column_pair_values_{kind}", {"column_A": first, "column_B": second, **arguments})


def together(kind, *columns, **arguments):
    return (f"expect_{kind}", {"column_list": list(columns), **arguments})


ANY, EITHER_ONE = {"ignore_row_if": "any_value_is_missing"}, {"ignore_row_if": "either_value_is_missing"}
MEDIAN = {"quantiles": [0.5], "value_ranges": [[10, 90]]}
EXPECTATIONS = [
    column("to_exist", "gone"),
    values("not_be_null"),
    values("not_be_null", mostly=0.5, condition=GROUP_A_B),
    values("not_be_null", condition=EITHER),
    values("be_null", condition=GROUP_A_B),
    values("match_regex", regex=r"^\d+$|it's|100% :x"),
    values("match_regex", regex=r"\d"),
    values("not_match_regex", regex=r"^\d{2}$", condition=GROUP_A_B),
    values("match_regex_list", regex_list=["^1", "2$"], match_on="any"),
    values("match_like_pattern", like_pattern="1%"),
    values("be_in_set", value_set=MANY),
    values("be_in_set", value_set=MANY, condition=GROUP_A_B),
    values("be_in_set", "group", value_set=["a", "b"]),
    values("be_in_set", "number", value_set=list(range(50))),
    values("not_be_in_set", value_set=MANY),
    values("be_between", "number", min_value=5, max_value=90),
    values("be_between", "day", min_value="2022-01-03", max_value="2022-05-01"),
    values("be_between", "other", min_value="2022-01-03", condition=GROUP_A_B),
    values("be_unique"),
    values("be_unique", "number", condition=GROUP_A_B),
    values("pass_weighted_checksum", weights=[2, 1], modulus=7),
    column("value_lengths_to_be_between", "text", min_value=1, max_value=2),
    column("value_lengths_to_equal", "text", value=2),
    together("compound_columns_to_be_unique", "text", "group"),
    together("compound_columns_to_be_unique", "text", "group", **ANY),
    together("compound_columns_to_be_unique", "number", "group", "text", ignore_row_if="never"),
    together("select_column_values_to_be_unique_within_record", "text", "group"),
    pair("a_to_be_greater_than_b", "day", "other", or_equal=True),
    pair("a_to_be_greater_than_b", "day", "other", row_condition=GROUP_A_B, **EITHER_ONE),
    pair("to_be_equal", "text", "group"),
    pair("to_be_in_set", "text", "group", value_pairs_set=[["1", "a"]]),
    ("expect_table_row_count_to_be_between", {"min_value": 10}),
    ("expect_table_row_count_to_equal", {"value": 1, "row_condition": GROUP_A_B}),
    ("expect_table_columns_to_match_set", {"column_set": ["text", "group"], "exact_match": False}),
    column("mean_to_be_between", min_value=0, max_value=10),
    column("sum_to_be_between", min_value=0),
    column("max_to_be_between", max_value=95),
    column("stdev_to_be_between", min_value=1),
    column("quantile_values_to_be_between", quantile_ranges=MEDIAN),
    column("unique_value_count_to_be_between", "text", min_value=3),
    column("proportion_of_unique_values_to_be_between", "text", min_value=0.5),
    column("proportion_of_non_null_values_to_be_between", "text", min_value=0.5),
]


@pytest.fixture
def suite(tmp_path):
    def write(expectations):
        document = {
            "name": "s",
            "expectations": [
                {"type": kind, "kwargs": kwargs, "meta": {"check_id": f"{i}-{kind}"}}
                for i, (kind, kwargs) in enumerate(expectations)
            ],
        }
        path = tmp_path / "suite.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return str(path)

    return write


def fill(connection, rows, share_of_nulls, seed):
    """Fill a delivery with values that meet and fail the expectations above, by a seeded generator."""
    rng = np.random.default_rng(seed)
    connection.execute(
        'CREATE TABLE delivery (text VARCHAR, "group" VARCHAR, number INTEGER, day VARCHAR, other VARCHAR)'
    )
    connection.execute("SELECT setseed(?)", [float(rng.random())])
    sources = (
        "CASE WHEN random() < 0.02 THEN '100% :x' ELSE (random() * 120)::INT::VARCHAR END",
        "chr(97 + (random() * 4)::INT)",
        "(random() * 100)::INT",
        "(DATE '2022-01-01' + (random() * 200)::INT)::VARCHAR",
        "(DATE '2022-01-01' + (random() * 100)::INT)::VARCHAR",
    )
    cells = ", ".join(f"CASE WHEN random() >= ? THEN {source} END" for source in sources)
    connection.execute(
        f"INSERT INTO delivery SELECT {cells} FROM range(?)",  # noqa: S608 - the text above
        [share_of_nulls] * len(sources) + [rows],
    )


def run(connection, path, engine):
    names = [row[0] for row in connection.execute("DESCRIBE delivery").fetchall()]
    plan = Plan(segments=(), suites=(path,), engine=engine)
    delivery = Delivery("feed", "1", date(2022, 6, 24))
    return measure(connection, tuple(Column(name, "text") for name in names), delivery, plan)


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
    stock, folded = (measured(rows, suites=(str(SUITE),), engine=engine) for engine in ("stock", "folded"))
    assert folded == stock


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
            'column "a" is not in the delivery'
        ),
        MetricKey("expectation.1-expect_nothing.met"): Unmeasured(
            'expectation type "expect_nothing" is not one that may be used'
        ),
    }


def test_the_known_types_are_those_of_the_library(library):
    registered = library.expectations.registry.list_registered_expectation_implementations()
    assert set(registered) == GREAT_EXPECTATIONS | OWN | set(REFUSED)
    assert not KNOWN & set(REFUSED)


def test_a_column_may_be_called_by_any_word_that_duckdb_reserves(tmp_path):
    with open_workspace() as room:
        query = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved' ORDER BY 1"
        words = [row[0] for row in room.execute(query).fetchall()]
        assert {"at", "select", "left", "is"} <= set(words)
        room.execute(f"CREATE TABLE delivery ({', '.join(quoted(word) + ' VARCHAR' for word in words)})")
        room.execute(f"INSERT INTO delivery VALUES ({', '.join('?' for _ in words)})", ["x"] * len(words))  # noqa: S608 - marks
        asked = [
            {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": w}, "meta": {"check_id": w}}
            for w in words
        ]
        path = tmp_path / "suite.json"
        path.write_text(json.dumps({"name": "words", "expectations": asked}))
        columns = tuple(Column(word, "text") for word in words)
        found = measure(room, columns, Delivery("f", "1", date(2024, 1, 1)), Plan(suites=(str(path),)))
    assert {word for word in words if found[MetricKey(f"expectation.{word}.met")] != 1.0} == set()


def test_the_operators_of_conditions_are_those_of_great_expectations(library):
    from great_expectations.expectations.row_conditions import Operator  # noqa: PLC0415 - after `library`, quietly

    assert {operator.value for operator in Operator} == set(OPERATORS)
