"""An expectation of every sort that can be asked in SQL, and rows that meet and fail them."""

import json

import numpy as np

from ketenwacht.domain.measurement import Unmeasured

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
    column("texts_to_be_between", "text", min_value=5, max_value=90, compare_as="number"),
    column("texts_to_be_between", "day", min_value="2022-01-03", max_value="2022-05-01", strict_max=True),
    column(
        "texts_to_be_between", "other", min_value="2022-01-03", compare_as="yyyy-MM-dd", row_condition=GROUP_A_B
    ),
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

NAMES = ("text", "group", "number", "day", "other", "dated", "amount", "flag", "seen")
TYPED = [
    values("be_between", "dated", min_value="2022-01-20", max_value="2022-03-01"),
    values("be_in_set", "flag", value_set=[True]),
    values("be_between", "amount", min_value=10.5, max_value=80),
    values("not_be_null", "seen", mostly=0.9),
    column("sum_to_be_between", "amount", min_value=3, max_value=400),
    column("max_to_be_between", "dated", max_value="2022-02-02"),
    column("median_to_be_between", min_value=1, max_value=49),
    column("value_z_scores_to_be_less_than", threshold=1.5, double_sided=True),
    column("min_to_be_between", min_value=1),
    values("match_like_pattern_list", like_pattern_list=["1%", "%2"], match_on="any"),
    values("not_match_like_pattern", like_pattern="1%"),
    values("not_match_like_pattern", "group", like_pattern="A%"),
    values("not_match_like_pattern_list", like_pattern_list=["1%", "%2"]),
    values("not_match_regex_list", regex_list=["^1", "2$"]),
    together("multicolumn_sum_to_equal", "number", "amount", sum_total=9),
    together("multicolumn_values_to_be_equal", "text", "group"),
    ("expect_table_column_count_to_equal", {"value": 10}),
    ("expect_table_column_count_to_be_between", {"min_value": 11}),
    ("expect_table_columns_to_match_ordered_list", {"column_list": ["Period", *NAMES]}),
]
NOT_OF_A_COPY = [values("not_be_outliers", "number", method="iqr", multiplier=0.5)]
"""What the library can ask these databases, and not DuckDB."""
GROUPINGS = ((), ("group",), ("flag",), ("dated",), ("amount",), ("group", "number"), ("seen",), ("gone",))
ROWS_OF_TYPES = """SELECT text, "group", number, day, other, TRY_CAST(day AS DATE), number * 1.25,
    number % 2 = 0, TRY_CAST(day AS TIMESTAMP) + INTERVAL 36001 SECOND FROM delivery"""
"""What `fill` made, with a column of every type."""


def comparable(measurements):
    """Counts to nine digits: sums of fractions hang on the order in which they are added."""
    return {
        key: "unmeasured" if isinstance(value, Unmeasured) else round(value, 9)
        for key, value in measurements.items()
    }


def written(folder, expectations):
    """The path of a suite of these expectations."""
    document = {
        "name": "s",
        "expectations": [
            {"type": kind, "kwargs": kwargs, "meta": {"check_id": f"{i}-{kind}"}}
            for i, (kind, kwargs) in enumerate(expectations)
        ],
    }
    path = folder / "suite.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


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
