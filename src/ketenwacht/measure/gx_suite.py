"""Evaluate the expectations of a suite on a delivery, by Great Expectations, to three numbers each."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import duckdb
import great_expectations.exceptions.exceptions as gx_exceptions
import sqlalchemy as sa

from ketenwacht.domain.measurement import Unmeasured
from ketenwacht.errors import EngineError

from . import gx_expectations as _ours  # noqa: F401 - importing registers our own expectations
from .dialects import SqlTable, quoted
from .engine import ExpectationOutcome, Outcomes
from .gx_engine import EVALUATION_ERRORS, RESULT_FORMAT, DatasetExecutionEngine, QuietValidator
from .gx_fold import NotFoldableError, PreparedExpectation, configured, prepare

# A database's own refusal comes as our EngineError, whose text is the class.
_RAISED = re.compile(r"^(?:ketenwacht\.errors\.EngineError: )?(?:\w+\.)*(\w+)(?::|$)")
_ERROR_NAMES = frozenset(
    name
    for module in (builtins, duckdb, sa.exc, gx_exceptions)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
)


def evaluate_folded(asked: SqlTable, entries: Mapping[str, str]) -> Outcomes:
    """Evaluate expectations with one SELECT for all of them.

    Args:
        asked: where the rows are.
        entries: check id → expectation as JSON, parameters filled in.

    Returns:
        Check id → outcome. What cannot be folded, or is refused by the database, is left to `evaluate_stock`.
    """
    outcomes: Outcomes = {}
    prepared: dict[str, PreparedExpectation] = {}
    left: dict[str, str] = {}
    schema = asked.schema
    for check_id, entry in entries.items():
        try:
            prepared[check_id] = prepare(entry, schema, asked.dialect)
        except (NotFoldableError, *EVALUATION_ERRORS):
            left[check_id] = entry
    found, refused = _found(asked, prepared)
    for check_id, expectation in prepared.items():
        if check_id in refused:
            left[check_id] = entries[check_id]
        else:
            outcomes[check_id] = _judged(expectation, found)
    if left:
        outcomes |= evaluate_stock(asked, left)
    return outcomes


def evaluate_stock(asked: SqlTable, entries: Mapping[str, str]) -> Outcomes:
    """Evaluate expectations the library's own way: a statement or more for each.

    Args:
        asked: where the rows are.
        entries: check id → expectation as JSON, parameters filled in.
    """
    validator = QuietValidator(DatasetExecutionEngine(asked))
    runtime = {"result_format": dict(RESULT_FORMAT), "catch_exceptions": True}
    outcomes: Outcomes = {}
    configurations = []
    for check_id, entry in entries.items():
        configuration = configured(entry)
        configuration.kwargs["batch_id"] = asked.table
        try:
            configuration.to_domain_obj()  # inside the validator one malformed expectation would stop them all
        except EVALUATION_ERRORS as error:
            outcomes[check_id] = Unmeasured(_innermost(error))
        else:
            configurations.append(configuration)
    for result in validator.graph_validate(configurations=configurations, runtime_configuration=runtime):
        evaluated: Any = result.expectation_config
        check_id = evaluated.meta["check_id"]
        raised = error_class(result.exception_info or {})
        outcomes[check_id] = (
            Unmeasured(raised) if raised is not None else _outcome(result.result or {}, met=bool(result.success))
        )
    return outcomes


def _found(asked: SqlTable, prepared: Mapping[str, PreparedExpectation]) -> tuple[dict[Any, object], set[str]]:
    """Ask for the numbers of all expectations together; when the database refuses, of each alone.

    Returns:
        The numbers, and the check ids whose own were refused: one impossible column costs only itself.
    """
    try:
        return _numbers(asked, prepared.values()), set()
    except EngineError:
        found: dict[Any, object] = {}
    refused = set()
    for check_id, expectation in prepared.items():
        try:
            found |= _numbers(asked, [expectation])
        except EngineError:
            refused.add(check_id)
    return found, refused


def _numbers(asked: SqlTable, prepared: Iterable[PreparedExpectation]) -> dict[Any, object]:
    """Ask the delivery for every number that is wanted, each once, in one SELECT."""
    wanted = {number.id: number.sql for expectation in prepared for number in expectation.numbers}
    if not wanted:
        return {}
    rows = asked.ask(f"SELECT {', '.join(wanted.values())} FROM {quoted(asked.table)}").rows  # noqa: S608 - see gx_fold
    return {key: _plain(value) for key, value in zip(wanted, rows[0], strict=True)}


def _plain(value: object) -> object:
    """Return a number as the library's own engine gives it: sums come as decimals."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _judged(prepared: PreparedExpectation, found: Mapping[Any, object]) -> ExpectationOutcome | Unmeasured:
    try:
        met, result = prepared.met_and_result(found)
    except EVALUATION_ERRORS as error:
        return Unmeasured(_innermost(error))
    return _outcome(result, met=met)


def _outcome(result: Mapping[str, Any], *, met: bool) -> ExpectationOutcome:
    rows = result.get("element_count")
    if rows is not None:
        unexpected = result.get("unexpected_count")
        evaluated = rows - (result.get("missing_count") or 0)
        return ExpectationOutcome(float(evaluated), 0.0 if unexpected is None else float(unexpected), met)
    observed = "observed_value" not in result or result["observed_value"] is not None
    return ExpectationOutcome(float(observed), float(not met), met)


def _innermost(error: BaseException) -> str:
    """Return the class of the error at the root, which the library wraps; its text may quote a person."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) if isinstance(error, EngineError) else type(error).__name__


def error_class(info: Mapping[str, Any]) -> str | None:
    """Return the class of the error in a result, None when there is none.

    The library gives its text only, in two shapes; a class is taken from it when it is one we know.
    """
    shapes = [info] if "raised_exception" in info else list(info.values())
    for shape in shapes:
        if not shape["raised_exception"]:
            continue
        lines = str(shape["exception_traceback"]).splitlines()
        names = [match[1] for line in lines if (match := _RAISED.match(line))]
        return next((name for name in names if name in _ERROR_NAMES), "EngineError")
    return None
