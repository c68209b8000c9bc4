"""Rules of the standard's library, which other tools also run, and the expectation types with the same meaning."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Node, Tree

NOT_NULL = "expect_column_values_to_not_be_null"
UNIQUE = "expect_column_values_to_be_unique"
IN_SET = "expect_column_values_to_be_in_set"
REGEX = "expect_column_values_to_match_regex"
COMPOUND = "expect_compound_columns_to_be_unique"
ROWS_BETWEEN = "expect_table_row_count_to_be_between"
ROWS_EQUAL = "expect_table_row_count_to_equal"

_LIBRARY: Mapping[str, tuple[str, str | None, str | None]] = {
    NOT_NULL: ("nullValues", None, None),
    UNIQUE: ("duplicateValues", None, None),
    IN_SET: ("invalidValues", "validValues", "value_set"),
    REGEX: ("invalidValues", "pattern", "regex"),
    COMPOUND: ("duplicateValues", "properties", "column_list"),
}
"""Expectation type → metric of the standard's library, its argument, and the keyword that argument is."""

QUERY = "expect_query_number_to_be"
OPERATORS = (
    *("mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan"),
    *("mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween"),
)
"""Every operator of the standard."""
_OPERATORS = ("mustBe", "mustBeLessThan", "mustBeLessOrEqualTo")
_OLD_RULES = {"duplicateCount": "duplicateValues", "nullCheck": "nullValues", "validValues": "invalidValues"}


class NoExpectation(Exception):  # noqa: N818 - control flow: the reason that a rule is not judged
    """A quality rule without a matching expectation; the text gives the reason."""


def to_library(kind: str, kwargs: Tree) -> Tree | None:
    """Return the expectation as a rule of the library, None when no rule means exactly the same."""
    item: Tree = {"type": "library"}
    if kind in (ROWS_BETWEEN, ROWS_EQUAL):
        item |= {"metric": "rowCount", "unit": "rows", **_build_row_bounds(kind, kwargs)}
    elif kind in _LIBRARY:
        metric, argument, keyword = _LIBRARY[kind]
        item |= {"metric": metric, **_build_share_bound(kwargs.get("mostly"))}
        if argument is not None and keyword is not None:
            if isinstance(kwargs.get(keyword), dict):
                return None  # a suite parameter: the codes on the delivery's date, which other tools do not know
            item["arguments"] = {argument: kwargs.get(keyword)}
    else:
        return None
    try:
        read = from_library(item, kwargs.get("column"))
    except NoExpectation:
        return None
    return item if read == ((kind, kwargs),) else None


def _build_row_bounds(kind: str, kwargs: Tree) -> Tree:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if kind == ROWS_EQUAL:
        return {"mustBe": kwargs.get("value")}
    if low is not None and low == high:  # the standard refuses two equal bounds; this imports as another type
        return {"mustBe": low}
    if low is not None and high is not None:
        return {"mustBeBetween": [low, high]}
    return {"mustBeGreaterOrEqualTo": low} if high is None else {"mustBeLessOrEqualTo": high}


def _build_share_bound(mostly: Node) -> Tree:
    if not isinstance(mostly, float):
        return {"mustBe": 0}
    return {"mustBeLessOrEqualTo": round((1 - mostly) * 100, 10), "unit": "percent"}


def describe_changes(item: Tree) -> str:
    """Describe how the expectation differs from the rule; empty when it does not."""
    strict = "mustBeLessThan" in item and item.get("unit") == "percent"
    nulls = None in (_find_arguments(item).get("validValues") or [])
    parts = ["less than is read as at most"] if strict else []
    parts += ["an absent value is not a value, and not listed among the valid ones"] if nulls else []
    return "; ".join(parts)


def _find_arguments(item: Tree) -> Tree:
    found = item.get("arguments")
    return (
        found if isinstance(found, dict) else {key: item[key] for key in ("validValues", "pattern") if key in item}
    )


def from_library(item: Tree, column: str | None) -> tuple[tuple[str, Tree], ...]:
    """Return the expectation types and arguments for a rule of the library.

    Raises:
        NoExpectation: no expectation means the same.
    """
    metric = item.get("metric") or _OLD_RULES.get(str(item.get("rule")), item.get("rule"))
    if metric == "rowCount":
        return (_read_row_count(item),)
    arguments, about = _find_arguments(item), {"column": column}
    if metric == "duplicateValues" and isinstance(arguments.get("properties"), list):
        return ((COMPOUND, {"column_list": arguments["properties"], **_read_share(item)}),)
    if column is None:
        raise NoExpectation(f"{metric} of a whole object says nothing about one column")
    if metric == "missingValues":
        return _read_missing_values(item, arguments, column)
    for kind, (known, argument, keyword) in _LIBRARY.items():
        if metric == known and argument is None:
            return ((kind, about | _read_share(item)),)
        if metric == known and argument in arguments and keyword is not None:
            value = arguments[argument]
            value = [one for one in value if one is not None] if isinstance(value, list) else value
            return ((kind, about | {keyword: value} | _read_share(item)),)
    raise NoExpectation(f"there is no expectation for the metric {metric} with these arguments")


def _read_missing_values(item: Tree, arguments: Tree, column: str) -> tuple[tuple[str, Tree], ...]:
    values = arguments.get("missingValues") or [None]
    words = [value for value in values if value is not None]
    found: list[tuple[str, Tree]] = []
    if None in values:
        found.append((NOT_NULL, {"column": column, **_read_share(item)}))
    if words:
        kind = "expect_column_values_to_not_be_in_set"
        found.append((kind, {"column": column, "value_set": words, **_read_share(item)}))
    return tuple(found)


def _read_share(item: Tree) -> Tree:
    """Return `mostly`, the share that must pass, from a bound on the share that may fail."""
    used = [key for key in item if key.startswith(("mustBe", "mustNot"))]
    operator = used[0] if len(used) == 1 else ""
    bound = item.get(operator)
    if operator not in _OPERATORS or not isinstance(bound, int | float) or isinstance(bound, bool):
        raise NoExpectation("its bound is not one on what may be wrong" if used else "it has no bound")
    none_at_all = bound == (1 if operator == "mustBeLessThan" and item.get("unit") != "percent" else 0)
    if none_at_all and not (operator == "mustBeLessThan" and bound == 0):
        return {}
    if item.get("unit") != "percent" or operator == "mustBe" or not 0 < bound <= 100:  # noqa: PLR2004 - percent
        raise NoExpectation("a number of rows says nothing without the size of a delivery: give a percentage")
    return {"mostly": round(1 - bound / 100, 12)}


def _read_row_count(item: Tree) -> tuple[str, Tree]:
    if item.get("unit") == "percent":
        raise NoExpectation("a number of rows is not a percentage")
    whole = {k: v for k, v in item.items() if k.startswith(("mustBe", "mustNot"))}
    bounds: Tree = {}
    numbers = [one for value in whole.values() for one in (value if isinstance(value, list) else [value])]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        raise NoExpectation("its bound is not a number")
    for operator, value in whole.items():
        if operator == "mustBe":
            return ROWS_EQUAL, {"value": value}
        if operator == "mustBeBetween":
            bounds |= {"min_value": value[0], "max_value": value[1]}
        elif operator in _ROW_BOUNDS:
            keyword, step = _ROW_BOUNDS[operator]
            bounds[keyword] = value + step
    if not bounds or any(operator.startswith("mustNot") for operator in whole):
        raise NoExpectation("its bound is not one on the number of rows")
    return ROWS_BETWEEN, bounds


_ROW_BOUNDS: Mapping[str, tuple[str, int]] = {
    "mustBeGreaterThan": ("min_value", 1),
    "mustBeGreaterOrEqualTo": ("min_value", 0),
    "mustBeLessThan": ("max_value", -1),
    "mustBeLessOrEqualTo": ("max_value", 0),
}
