"""Which arguments each expectation type takes. Kept as data, so that linting never imports Great Expectations."""

from __future__ import annotations

from collections.abc import Mapping

_TAKES = {
    "expect_column_max_to_be_between": "column between?",
    "expect_column_mean_to_be_between": "column between?",
    "expect_column_median_to_be_between": "column between?",
    "expect_column_min_to_be_between": "column between?",
    "expect_column_pair_values_a_to_be_greater_than_b": "column_A column_B ignore_row_if? mostly? or_equal?",
    "expect_column_pair_values_to_be_equal": "column_A column_B ignore_row_if? mostly?",
    "expect_column_pair_values_to_be_in_set": "column_A column_B value_pairs_set ignore_row_if? mostly?",
    "expect_column_proportion_of_non_null_values_to_be_between": "column between?",
    "expect_column_proportion_of_unique_values_to_be_between": "column between?",
    "expect_column_quantile_values_to_be_between": "column quantile_ranges allow_relative_error?",
    "expect_column_stdev_to_be_between": "column between?",
    "expect_column_sum_to_be_between": "column between?",
    "expect_column_to_exist": "column column_index?",
    "expect_column_unique_value_count_to_be_between": "column between?",
    "expect_column_value_lengths_to_be_between": "column mostly? between?",
    "expect_column_value_lengths_to_equal": "column value mostly?",
    "expect_column_value_z_scores_to_be_less_than": "column double_sided threshold mostly?",
    "expect_column_values_to_be_between": "column mostly? between?",
    "expect_column_values_to_be_in_set": "column value_set mostly?",
    "expect_column_values_to_be_null": "column mostly?",
    "expect_column_values_to_be_unique": "column mostly?",
    "expect_column_values_to_match_like_pattern": "column like_pattern escape? mostly?",
    "expect_column_values_to_match_like_pattern_list": "column like_pattern_list escape? match_on? mostly?",
    "expect_column_values_to_match_regex": "column mostly? regex?",
    "expect_column_values_to_match_regex_list": "column regex_list match_on? mostly?",
    "expect_column_values_to_not_be_in_set": "column value_set mostly?",
    "expect_column_values_to_not_be_null": "column mostly?",
    "expect_column_values_to_not_be_outliers": "column method? mostly? multiplier?",
    "expect_column_values_to_not_match_like_pattern": "column like_pattern escape? mostly?",
    "expect_column_values_to_not_match_like_pattern_list": "column like_pattern_list escape? mostly?",
    "expect_column_values_to_not_match_regex": "column regex mostly?",
    "expect_column_values_to_not_match_regex_list": "column regex_list mostly?",
    "expect_column_values_to_pass_weighted_checksum": "column modulus weights mostly?",
    "expect_compound_columns_to_be_unique": "column_list ignore_row_if? mostly?",
    "expect_multicolumn_sum_to_equal": "column_list sum_total ignore_row_if? mostly?",
    "expect_multicolumn_values_to_be_equal": "column_list ignore_row_if? mostly?",
    "expect_select_column_values_to_be_unique_within_record": "column_list ignore_row_if? mostly?",
    "expect_table_column_count_to_be_between": "max_value? min_value?",
    "expect_table_column_count_to_equal": "value",
    "expect_table_columns_to_match_ordered_list": "column_list?",
    "expect_table_columns_to_match_set": "column_set? exact_match?",
    "expect_table_row_count_to_be_between": "between?",
    "expect_table_row_count_to_equal": "value",
}

OF_ALL = frozenset({"row_condition", "condition_parser", "batch_id", "result_format", "catch_exceptions"})
"""Arguments that no type needs, and that are no mistake with any."""
_BETWEEN = "min_value? max_value? strict_min? strict_max?"

NEEDED: Mapping[str, frozenset[str]] = {
    kind: frozenset(word for word in words.split() if not word.endswith("?")) for kind, words in _TAKES.items()
}
"""Expectation type → the arguments without which it is none."""
TAKEN: Mapping[str, frozenset[str]] = {
    kind: frozenset(word.removesuffix("?") for word in words.replace("between?", _BETWEEN).split())
    for kind, words in _TAKES.items()
}
"""Expectation type → the arguments that it knows."""
