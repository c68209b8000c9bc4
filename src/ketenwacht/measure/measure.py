"""Measure a delivery: everything that will ever be known of it is a number when this returns."""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import duckdb

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import ROWS, Column, Measurement, MetricKey, Unmeasured
from ketenwacht.domain.segment import WHOLE
from ketenwacht.errors import ConfigError

from .canaries import KeyRange, set_apart, without
from .declared import declared, hours_late
from .parameters import Value, parameters_for, resolved
from .profile import profile
from .suite import Entry, read_suite
from .suite_types import ABOUT_COLUMNS, KNOWN
from .workspace import schema_of

if TYPE_CHECKING:
    from .gx_suite import Outcome, Outcomes


@dataclass(frozen=True, slots=True)
class Plan:
    """How the deliveries of a feed are measured. Plain values: it may be sent to another process.

    Attributes:
        segments: the dimensions to count by; () is the whole feed.
        count_column: a column that says for how many records a row stands; None: a row is a record.
        suites: paths of expectation suites.
        canaries: keys of synthetic persons, who are counted by themselves; None: there are none.
        engine: folded: one SELECT for all expectations; stock: Great Expectations' own statements.
    """

    segments: tuple[tuple[str, ...], ...] = ((),)
    count_column: str | None = None
    suites: tuple[str, ...] = ()
    canaries: KeyRange | None = None
    engine: Literal["folded", "stock"] = "folded"


def measure(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], delivery: Delivery, plan: Plan
) -> dict[MetricKey, Measurement]:
    """Measure one delivery that was read.

    Args:
        connection: a workspace that holds its rows in the table `delivery`.
        columns: as the reader found them; a column that is not among them counts as absent.
        delivery: what is known of it besides its rows.
        plan: how to measure.

    Returns:
        The measurements named in `domain.measurement`. What could not be measured is `Unmeasured` with a reason
        of ours; no value of a row is in any of it.

    Raises:
        ConfigError: a suite or code table is malformed, or an expectation has no check_id of its own.
    """
    apart: dict[MetricKey, Measurement] = {}
    measured: dict[MetricKey, Measurement] = {}
    try:
        apart = set_apart(connection, plan.canaries, plan.segments)
        measured |= {key: value for key, value in apart.items() if key.name != ROWS}
        measured |= profile(connection, plan.segments, plan.count_column)
    except duckdb.Error as error:  # its text quotes the value that did not fit
        measured[MetricKey(ROWS, WHOLE)] = Unmeasured(type(error).__name__)
    measured |= without(declared(delivery.manifest, plan.segments), apart)
    measured |= hours_late(delivery)
    measured |= _expectations(connection, {column.name for column in columns}, delivery, plan)
    return measured


def _expectations(
    connection: duckdb.DuckDBPyConnection, columns: Collection[str], delivery: Delivery, plan: Plan
) -> dict[MetricKey, Measurement]:
    entries = _entries(plan.suites)
    if not entries:
        return {}
    outcomes: Outcomes = {}
    possible: dict[str, str] = {}
    parameters = parameters_for(entries, delivery.period)
    for entry in entries:
        obstacle = _obstacle(entry, columns, parameters)
        if obstacle is None:
            possible[entry.check_id] = json.dumps({**entry.raw, "kwargs": resolved(entry.kwargs, parameters)})
        else:
            outcomes[entry.check_id] = obstacle
    if possible:
        outcomes |= _evaluated(connection, possible, plan)
    measured: dict[MetricKey, Measurement] = {}
    for entry in entries:
        measured |= _as_measurements(entry.check_id, outcomes.get(entry.check_id, Unmeasured("not evaluated")))
    return measured


def _entries(suites: Sequence[str]) -> list[Entry]:
    """Read the expectations of all suites; one that could not be told from the others is refused, not dropped."""
    found: dict[str, Entry] = {}
    for path in suites:
        for entry in read_suite(path).entries:
            if not entry.check_id:
                raise ConfigError(entry.where, "an expectation has no check_id", 'add "meta": {"check_id": "…"}')
            if found.setdefault(entry.check_id, entry) is not entry:
                earlier = found[entry.check_id].where
                raise ConfigError(entry.where, f"its check_id is that of {earlier}", "give each its own")
    return list(found.values())


def _obstacle(entry: Entry, columns: Collection[str], parameters: Mapping[str, Value]) -> Unmeasured | None:
    """Say why an expectation cannot be evaluated at all; None when it can. Names come from the suite only."""
    if entry.type not in KNOWN:
        return Unmeasured(f'expectation type "{entry.type}" is not one that may be used')
    for name in entry.parameters:
        if name not in parameters:
            return Unmeasured(f'parameter "{name}" has no code table')
    if entry.type in ABOUT_COLUMNS:
        return None
    for name in entry.columns:
        if name not in columns:
            return Unmeasured(f'column "{name}" is not in the delivery')
    return None


def _evaluated(connection: duckdb.DuckDBPyConnection, possible: Mapping[str, str], plan: Plan) -> Outcomes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the library imports a module Python will drop
        from .gx_suite import evaluate_folded, evaluate_stock  # noqa: PLC0415 - importing it takes seconds

    if plan.engine == "stock":
        return evaluate_stock(connection, possible)
    return evaluate_folded(connection, schema_of(connection), possible)


def _as_measurements(check_id: str, outcome: Outcome | Unmeasured) -> dict[MetricKey, Measurement]:
    name = f"expectation.{check_id}"
    if isinstance(outcome, Unmeasured):
        return {MetricKey(f"{name}.met"): outcome}
    return {
        MetricKey(f"{name}.evaluated"): outcome.evaluated,
        MetricKey(f"{name}.unexpected"): outcome.unexpected,
        MetricKey(f"{name}.met"): 1.0 if outcome.met else 0.0,
    }
