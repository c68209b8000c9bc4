"""Evaluates expectations by Great Expectations, to three numbers each."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import great_expectations.exceptions.exceptions as gx_exceptions
import sqlalchemy as sa

from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.errors import EngineError, StatementTimeout
from ketenwacht.sql import quote_name

from . import gx_expectations as _ours  # noqa: F401 - importing registers our own expectations
from .gx_engine import EVALUATION_ERRORS, RESULT_FORMAT, DatasetExecutionEngine, QuietValidator
from .gx_fold import NotFoldableError, PreparedExpectation, build_configuration, prepare
from .sql_table import SqlTable
from .suite import TOOK_TIME, ExpectationOutcome, Outcomes

# An error of the database arrives as our EngineError, whose text is the class.
_RAISED = re.compile(r"^(?:ketenwacht\.errors\.EngineError: )?(?:\w+\.)*(\w+)(?::|$)")


def evaluate_folded(table: SqlTable, entries: Mapping[str, str]) -> Outcomes:
    """Evaluate expectations with one SELECT for all of them.

    Args:
        table: holds the rows.
        entries: check id → expectation as JSON, with resolved parameters.

    Returns:
        Check id → outcome. `evaluate_stock` evaluates what cannot be folded, and what the database refuses.
    """
    outcomes: Outcomes = {}
    prepared: dict[str, PreparedExpectation] = {}
    left: dict[str, str] = {}
    schema = table.schema
    for check_id, entry in entries.items():
        try:
            prepared[check_id] = prepare(entry, schema, table.dialect)
        except (NotFoldableError, *EVALUATION_ERRORS):
            left[check_id] = entry
    found, refused = _query_numbers(table, prepared)
    for check_id, expectation in prepared.items():
        if isinstance(refused.get(check_id), StatementTimeout):
            outcomes[check_id] = Unmeasured(TOOK_TIME)
        elif check_id in refused:
            left[check_id] = entries[check_id]
        else:
            outcomes[check_id] = _judge(expectation, found)
    if left:
        outcomes |= evaluate_stock(table, left)
    return outcomes


def evaluate_stock(table: SqlTable, entries: Mapping[str, str]) -> Outcomes:
    """Evaluate expectations by the library's own statements, at least one for each.

    Args:
        table: holds the rows.
        entries: check id → expectation as JSON, with resolved parameters.
    """
    validator = QuietValidator(DatasetExecutionEngine(table))
    runtime = {"result_format": dict(RESULT_FORMAT), "catch_exceptions": True}
    outcomes: Outcomes = {}
    configurations = []
    for check_id, entry in entries.items():
        configuration = build_configuration(entry)
        configuration.kwargs["batch_id"] = table.name
        try:
            configuration.to_domain_obj()  # inside the validator, one malformed expectation stops them all
        except EVALUATION_ERRORS as error:
            outcomes[check_id] = Unmeasured(_root_class(error))
        else:
            configurations.append(configuration)
    for result in validator.graph_validate(configurations=configurations, runtime_configuration=runtime):
        evaluated: Any = result.expectation_config
        check_id = evaluated.meta["check_id"]
        raised = error_class(result.exception_info or {})
        outcomes[check_id] = (
            Unmeasured(TOOK_TIME if raised == StatementTimeout.__name__ else raised)
            if raised is not None
            else _outcome_of(result.result or {}, met=bool(result.success))
        )
    return outcomes


def _query_numbers(
    table: SqlTable, prepared: Mapping[str, PreparedExpectation]
) -> tuple[dict[Any, object], dict[str, EngineError]]:
    """Query the numbers of all expectations together; when the database refuses, those of each alone.

    Returns:
        The numbers, and the check ids that the database refused, with its error: one impossible column, or one
        endless pattern, affects only its own expectations.
    """
    try:
        return _query_together(table, prepared.values()), {}
    except EngineError:
        found: dict[Any, object] = {}
    refused: dict[str, EngineError] = {}
    for check_id, expectation in prepared.items():
        try:
            found |= _query_together(table, [expectation])
        except EngineError as fault:
            refused[check_id] = fault
    return found, refused


def _query_together(table: SqlTable, prepared: Iterable[PreparedExpectation]) -> dict[Any, object]:
    """Query every number once, in one SELECT."""
    wanted = {number.id: number.sql for expectation in prepared for number in expectation.numbers}
    if not wanted:
        return {}
    rows = table.query(f"SELECT {', '.join(wanted.values())} FROM {quote_name(table.name)}").rows  # noqa: S608 - see gx_fold
    return {key: _as_number(value) for key, value in zip(wanted, rows[0], strict=True)}


def _as_number(value: object) -> object:
    """Return a number as the library's own engine returns it: databases give sums as decimals."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _judge(prepared: PreparedExpectation, found: Mapping[Any, object]) -> ExpectationOutcome | Unmeasured:
    try:
        met, result = prepared.judge(found)
    except EVALUATION_ERRORS as error:
        return Unmeasured(_root_class(error))
    return _outcome_of(result, met=met)


def _outcome_of(result: Mapping[str, Any], *, met: bool) -> ExpectationOutcome:
    rows = result.get("element_count")
    if rows is not None:
        unexpected = result.get("unexpected_count")
        evaluated = rows - (result.get("missing_count") or 0)
        return ExpectationOutcome(float(evaluated), 0.0 if unexpected is None else float(unexpected), met)
    observed = "observed_value" not in result or result["observed_value"] is not None
    return ExpectationOutcome(float(observed), float(not met), met)


def _root_class(error: BaseException) -> str:
    """Return the class of the root error, which the library wraps. Its text may quote a value of a person."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) if isinstance(error, EngineError) else type(error).__name__


def error_class(info: Mapping[str, Any]) -> str | None:
    """Return the class of the error in a result; None when there is none.

    The library gives a traceback as text, in two shapes. Only a class that is known here is taken from it.
    """
    shapes = [info] if "raised_exception" in info else list(info.values())
    for shape in shapes:
        if not shape["raised_exception"]:
            continue
        lines = str(shape["exception_traceback"]).splitlines()
        names = [match[1] for line in lines if (match := _RAISED.match(line))]
        return next(
            (name for name in names if name == StatementTimeout.__name__ or _is_error(name)), "EngineError"
        )
    return None


def _is_error(name: str) -> bool:
    """Return whether this is the name of an exception, and not a value that a message quotes."""
    modules = (builtins, sys.modules.get("duckdb"), sa.exc, gx_exceptions)
    kinds = [getattr(module, name, None) for module in modules]
    return any(isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds)
