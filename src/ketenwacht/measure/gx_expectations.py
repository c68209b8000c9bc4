"""Expectations that this package adds to Great Expectations; a suite uses them like any other.

Plain Great Expectations loads such a suite after `import ketenwacht.measure.gx_expectations`. That is why this
file stands alone.
"""

from __future__ import annotations

import re
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


NUMBER = r"^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$"
DATE_PARTS = ("yyyy", "MM", "dd", "HH", "mm", "ss")
"""Parts of a date form, largest first."""


class ColumnTextsBetween(ColumnMapMetricProvider):
    """The metric: whether a value of a text column lies between bounds, compared as text, number or date."""

    condition_metric_name = "column_values.text_between"
    condition_value_keys = ("min_value", "max_value", "strict_min", "strict_max", "compare_as")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(self, column: Any, **given: Any) -> Any:  # noqa: ANN401 - pandas is untyped here
        bounds = TextBounds(given)
        return column.astype(str).map(bounds.hold).astype(bool)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(
        self,
        column: sa.ColumnElement[Any],
        _sqlalchemy_engine: sa.Engine,
        **given: Any,  # noqa: ANN401 - settings of the library
    ) -> sa.ColumnElement[bool]:
        bounds = TextBounds(given)
        text = sa.cast(column, sa.String)
        if bounds.number:
            fits = text.regexp_match(NUMBER)
            mysql = _sqlalchemy_engine.dialect.name in ("mysql", "mariadb")  # these cast to decimals only
            number = text.op("+")(sa.literal_column("0e0")) if mysql else sa.cast(text, sa.Double)
            return sa.and_(fits, *bounds.compare(sa.case((fits, number))))
        if bounds.places:
            text_of: Any = sa.literal("")
            for start, size in bounds.places:
                text_of = text_of.concat(sa.func.substr(text, start + 1, size))
            return sa.and_(sa.func.length(text) == bounds.length, *bounds.compare(text_of))
        return sa.and_(*bounds.compare(text))

    @column_condition_partial(engine=SparkDFExecutionEngine)
    def _spark(self, column: Any, **given: Any) -> Any:  # noqa: ANN401 - Spark is optional
        spark: Any = vars(pyspark)["functions"]
        bounds = TextBounds(given)
        text = column.cast("string")
        fits, value = spark.lit(True), text
        if bounds.number:
            fits = text.rlike(NUMBER)
            value = spark.when(fits, text.cast("double"))
        elif bounds.places:
            fits = spark.length(text) == bounds.length
            value = spark.concat(*(text.substr(start + 1, size) for start, size in bounds.places))
        for condition in bounds.compare(value):
            fits = fits & condition
        return spark.coalesce(fits, spark.lit(False))


class TextBounds:
    """The bounds of `ExpectColumnTextsToBeBetween`, as the values that they are compared with.

    Attributes:
        number: whether texts are compared as numbers.
        places: start (from 0) and length of each part of a date, largest first; () when it is no date.
        length: of a date, in characters.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        form = str(given.get("compare_as") or "text")
        self.number = form == "number"
        plain = form in ("text", "number")
        self.places = () if plain else tuple((form.index(one), len(one)) for one in DATE_PARTS if one in form)
        if not plain and not self.places:
            raise ValueError("compare_as is text, number or a date form such as dd-MM-yyyy")
        self.length = len(form)
        self._low = self._bound(given.get("min_value"))
        self._high = self._bound(given.get("max_value"))
        self._strict = (bool(given.get("strict_min")), bool(given.get("strict_max")))
        if self._low is None and self._high is None:
            raise ValueError("min_value and max_value cannot both be None")

    def _bound(self, given: Any) -> Any:  # noqa: ANN401 - a text or a number
        if given is None:
            return None
        if self.number:
            return float(given)
        if not self.places:
            return str(given)
        size = sum(length for _, length in self.places)
        return re.sub(r"[^0-9]", "", str(given))[:size].ljust(size, "0")

    def compare(self, value: Any) -> list[Any]:  # noqa: ANN401 - a column of pandas, SQL or Spark, or a value
        """Return the comparisons of a value with each bound."""
        found = []
        if self._low is not None:
            found.append(value > self._low if self._strict[0] else value >= self._low)
        if self._high is not None:
            found.append(value < self._high if self._strict[1] else value <= self._high)
        return found

    def hold(self, text: str) -> bool:
        """Return whether a text has the form and lies between the bounds."""
        if self.number:
            return (
                re.match(NUMBER, text) is not None and not text.endswith("\n") and all(self.compare(float(text)))
            )
        if self.places:
            key = "".join(text[start : start + size] for start, size in self.places)
            return len(text) == self.length and all(self.compare(key))
        return all(self.compare(text))


class ExpectColumnTextsToBeBetween(ColumnMapExpectation):
    """Expect each value of a text column to lie between bounds, compared as text, number or date.

    Great Expectations itself refuses to compare a column of text with a bound that is not text, and on pandas any
    text. A value that does not have the form fails. Nulls are not evaluated.

    Attributes:
        min_value: the lowest value that passes; None: there is none. A date is written as 2022-01-31.
        max_value: the highest value that passes; None: there is none.
        strict_min: whether `min_value` itself fails.
        strict_max: whether `max_value` itself fails.
        compare_as: `text`; `number`; or the form of a date in `yyyy`, `MM`, `dd`, `HH`, `mm` and `ss`.
    """

    map_metric = "column_values.text_between"
    success_keys = ("min_value", "max_value", "strict_min", "strict_max", "compare_as", "mostly")
    args_keys = ("column", "min_value", "max_value", "strict_min", "strict_max", "compare_as")
    min_value: Any = None
    max_value: Any = None
    strict_min: bool = False
    strict_max: bool = False
    compare_as: str = "text"


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
