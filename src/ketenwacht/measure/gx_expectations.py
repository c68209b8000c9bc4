"""Expectations that this package adds to Great Expectations; a suite uses them like any other.

Plain Great Expectations loads such a suite after `import ketenwacht.measure.gx_expectations`. That is why this
file stands alone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from great_expectations.compatibility import pyspark
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)

DIGITS = "0123456789"
_FIND = dict.fromkeys(("sqlite", "mysql", "oracle", "spark"), "instr")  # other databases call it strpos


class ColumnValuesPassWeightedChecksum(ColumnMapMetricProvider):
    """The metric: whether the digits of a value, each times its weight, add up to a multiple of the modulus.

    A value that is not a number is never cast to one: it fails the expectation, not the query.
    """

    condition_metric_name = "column_values.pass_weighted_checksum"
    condition_value_keys = ("weights", "modulus")

    # The library calls these methods with the class, not an instance, and with settings of its own.
    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(self, column: Any, weights: list[int], modulus: int, **_: object) -> Any:  # noqa: ANN401 - pandas is untyped here
        return column.astype(str).map(lambda text: passes_checksum(text, weights, modulus)).astype(bool)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        self,
        column: sa.ColumnElement[Any],
        weights: list[int],
        modulus: int,
        _sqlalchemy_engine: sa.Engine,
        **_: object,
    ) -> sa.ColumnElement[bool]:
        find = getattr(sa.func, _FIND.get(_sqlalchemy_engine.dialect.name, "strpos"))
        text = sa.cast(column, sa.String)
        # 1 for "0" to 10 for "9", and 0 for anything that is not a digit.
        places = [find(sa.literal(DIGITS), sa.func.substr(text, i, 1)) for i in range(1, len(weights) + 1)]
        total = sum((weight * (place - 1) for weight, place in zip(weights, places, strict=True)), sa.literal(0))
        return sa.and_(
            sa.func.length(text) == len(weights),
            text != "0" * len(weights),
            *(place > 0 for place in places),
            total % modulus == 0,
        )

    @column_condition_partial(engine=SparkDFExecutionEngine)
    def _spark(self, column: Any, weights: list[int], modulus: int, **_: object) -> Any:  # noqa: ANN401 - Spark is optional
        spark: Any = vars(pyspark)["functions"]
        text = column.cast("string")
        digits = [text.substr(i, 1).cast("int") for i in range(1, len(weights) + 1)]
        total = sum((weight * digit for weight, digit in zip(weights, digits, strict=True)), spark.lit(0))
        number = text.rlike(f"^[0-9]{{{len(weights)}}}$") & (text != "0" * len(weights))
        return spark.when(number, total % modulus == 0).otherwise(spark.lit(False))


class ExpectColumnValuesToPassWeightedChecksum(ColumnMapExpectation):
    """Expect the digits of each value, each times its weight, to add up to a multiple of the modulus.

    The Dutch eleven test (elfproef) of a citizen service number has the weights 9, 8, 7, 6, 5, 4, 3, 2, -1 and
    the modulus 11. A value of another length, with anything but digits, or of zeros only, does not meet it. Nulls
    are not evaluated.

    Attributes:
        weights: one per digit, first digit first.
        modulus: the sum must be a multiple of it.
    """

    map_metric = "column_values.pass_weighted_checksum"
    success_keys = ("weights", "modulus", "mostly")
    args_keys = ("column", "weights", "modulus")
    weights: list[int]
    modulus: int


def passes_checksum(text: str, weights: list[int], modulus: int) -> bool:
    """Return whether the digits of `text` pass the weighted checksum."""
    if len(text) != len(weights) or not text.strip("0") or any(character not in DIGITS for character in text):
        return False
    return sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True)) % modulus == 0
