"""Which expectation types a suite may use. Kept as data, so that linting never imports Great Expectations."""

from __future__ import annotations

OWN = frozenset({"expect_column_values_to_pass_weighted_checksum"})
"""The types that this package adds."""

REFUSED = {
    "expect_column_distinct_values_to_be_in_set": "expect_column_values_to_be_in_set",
    "expect_column_distinct_values_to_contain_set": "expect_column_values_to_be_in_set",
    "expect_column_distinct_values_to_equal_set": "expect_column_values_to_be_in_set",
    "expect_column_kl_divergence_to_be_less_than": "a `volume` check per segment",
    "expect_column_most_common_value_to_be_in_set": "a `volume` check per segment",
    "expect_query_results_to_match_comparison": "an expectation on a column",
    "unexpected_rows_expectation": "an expectation on a column, with a row_condition",
}
"""Types that fetch values of persons in order to judge, and what to use instead."""

NOT_IN_SQL = {
    "expect_column_type_to_be": "a `schema` check, which tells a column whose type changed",
    "expect_column_values_to_be_dateutil_parseable": "expect_column_values_to_match_regex",
    "expect_column_values_to_be_decreasing": "an expectation on each row: a database keeps no order of rows",
    "expect_column_values_to_be_in_type_list": "a `schema` check, which tells a column whose type changed",
    "expect_column_values_to_be_increasing": "an expectation on each row: a database keeps no order of rows",
    "expect_column_values_to_be_json_parseable": "expect_column_values_to_match_regex, for what must be in it",
    "expect_column_values_to_be_of_type": "a `schema` check, which tells a column whose type changed",
    "expect_column_values_to_match_json_schema": "expect_column_values_to_match_regex, for what must be in it",
    "expect_column_values_to_match_strftime_format": "expect_column_values_to_match_regex",
    "expect_table_row_count_to_equal_other_table": "a `control_total` or `conservation` check",
}
"""Types that the library judges in memory only, and not where rows are counted here; and what to use instead."""

GREAT_EXPECTATIONS = frozenset(
    {
        "expect_column_max_to_be_between",
        "expect_column_mean_to_be_between",
        "expect_column_median_to_be_between",
        "expect_column_min_to_be_between",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
        "expect_column_pair_values_to_be_in_set",
        "expect_column_proportion_of_non_null_values_to_be_between",
        "expect_column_proportion_of_unique_values_to_be_between",
        "expect_column_quantile_values_to_be_between",
        "expect_column_stdev_to_be_between",
        "expect_column_sum_to_be_between",
        "expect_column_to_exist",
        "expect_column_unique_value_count_to_be_between",
        "expect_column_value_lengths_to_be_between",
        "expect_column_value_lengths_to_equal",
        "expect_column_value_z_scores_to_be_less_than",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_be_null",
        "expect_column_values_to_be_unique",
        "expect_column_values_to_match_like_pattern",
        "expect_column_values_to_match_like_pattern_list",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_match_regex_list",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_not_be_outliers",
        "expect_column_values_to_not_match_like_pattern",
        "expect_column_values_to_not_match_like_pattern_list",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_not_match_regex_list",
        "expect_compound_columns_to_be_unique",
        "expect_multicolumn_sum_to_equal",
        "expect_multicolumn_values_to_be_equal",
        "expect_select_column_values_to_be_unique_within_record",
        "expect_table_column_count_to_be_between",
        "expect_table_column_count_to_equal",
        "expect_table_columns_to_match_ordered_list",
        "expect_table_columns_to_match_set",
        "expect_table_row_count_to_be_between",
        "expect_table_row_count_to_equal",
    }
)
"""The types of Great Expectations 1.24 that judge without handing values over."""

KNOWN = GREAT_EXPECTATIONS | OWN

ABOUT_COLUMNS = frozenset(
    {
        "expect_column_to_exist",
        "expect_table_column_count_to_be_between",
        "expect_table_column_count_to_equal",
        "expect_table_columns_to_match_ordered_list",
        "expect_table_columns_to_match_set",
    }
)
"""Types that ask whether columns are there: for these an absent column is an answer, not an obstacle."""
