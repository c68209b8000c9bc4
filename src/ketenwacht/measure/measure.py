"""Measures a delivery. Afterwards only numbers of it remain."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.measurement import (
    OLDEST_DECISION,
    ROWS,
    Measurement,
    MetricKey,
    Unmeasured,
    decided,
    near_code,
    offending,
)
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Name, Statement
from ketenwacht.errors import ConfigError, EngineError, StatementTimeout, UnreadableDelivery

from .engine import MOST_CODES, Dataset, Statements
from .parameters import Value, load_parameters, resolve_parameters
from .profile import KeyRange, measure_declared, measure_lateness, subtract_excluded
from .query_rules import NEEDS_COPY
from .suite import ABOUT_COLUMNS, KNOWN, QUERY, TOOK_TIME, ExpectationOutcome, Outcomes, SuiteEntry, read_suite


@dataclass(frozen=True, slots=True)
class MeasurementPlan:
    """How to measure the deliveries of a feed. Plain values: it may be sent to another process.

    Attributes:
        segments: the dimensions to count by; () is the whole feed.
        count_column: the column that holds for how many records a row stands; None: a row is a record.
        suites: paths of expectation suites.
        canaries: keys of the canaries, which are counted by themselves; None: there are none.
        statements: how to evaluate expectations; see `Statements`.
        guard: decides which names of segments and columns may be kept.
        decided: columns with the date of a decision, and the dimensions to count it by.
    """

    segments: tuple[tuple[str, ...], ...] = ((),)
    count_column: str | None = None
    suites: tuple[str, ...] = ()
    canaries: KeyRange | None = None
    statements: Statements = "folded"
    guard: Guard = field(default_factory=Guard)
    decided: tuple[tuple[str, tuple[str, ...]], ...] = ()


def measure(dataset: Dataset, delivery: Delivery, plan: MeasurementPlan) -> dict[MetricKey, Measurement]:
    """Measure one delivery that can be read.

    Args:
        dataset: its rows; a column that the dataset does not have counts as absent.
        delivery: its manifest and moments.
        plan: how to measure.

    Returns:
        The measurements named in `domain.measurement`; `Unmeasured`, with a reason, for what could not be
        measured. No value of a row is in them, except codes that passed the guard.

    Raises:
        ConfigError: a suite or code table is malformed, or an expectation has no unique check_id.
    """
    excluded: Mapping[MetricKey, Measurement] = {}
    measured: dict[MetricKey, Measurement] = {}
    names = plan.guard.names([column.name for column in dataset.columns])
    try:
        excluded = plan.guard.measurements(dataset.exclude(plan.canaries, plan.segments), names)
        measured |= {key: value for key, value in excluded.items() if key.name != ROWS}
        measured |= plan.guard.measurements(dataset.profile(plan.segments, plan.count_column), names)
        measured |= plan.guard.measurements(_count_decided(dataset, delivery.period, plan), names)
    except EngineError as error:
        measured[MetricKey(ROWS, WHOLE)] = _unmeasured(error)
    measured |= subtract_excluded(measure_declared(delivery.manifest, plan.segments), excluded)
    measured |= measure_lateness(delivery)
    measured |= _expectations(dataset, delivery, plan)
    return measured


_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


def _count_decided(dataset: Dataset, day: date, plan: MeasurementPlan) -> dict[MetricKey, Measurement]:
    """Count rows by the days between their decision and the delivery; no date is kept.

    Rows without a date, decided later than the delivery or more than `OLDEST_DECISION` days before it are left
    out.
    Nothing is counted where the column is absent or holds too many values to be dates.
    """
    counts: dict[MetricKey, Measurement] = {}
    for column, dimensions in plan.decided:
        if column in dimensions:
            continue
        try:
            found = dataset.profile([(*dimensions, column)], plan.count_column)
        except UnreadableDelivery:
            continue
        for key, rows in found.items():
            if key.name != ROWS or key.segment.dimensions != (*dimensions, column) or isinstance(rows, Unmeasured):
                continue
            on = _read_day(key.segment.pairs[-1][1])
            age = (day - on).days if on is not None else -1
            if 0 <= age <= OLDEST_DECISION:
                place = MetricKey(decided(age), Segment(key.segment.pairs[:-1]))
                counts[place] = float(counts.get(place, 0.0)) + rows  # type: ignore[arg-type]
    return counts


def _read_day(text: str) -> date | None:
    """Return the day of a date or moment, year or day first; None when it is none."""
    turned = _DAY_FIRST.match(text)
    try:
        if turned is not None:
            return date(int(turned[3]), int(turned[2]), int(turned[1]))
        return date.fromisoformat(text[:10] if "-" in text[:10] else text[:8])
    except ValueError:
        return None


def _expectations(dataset: Dataset, delivery: Delivery, plan: MeasurementPlan) -> dict[MetricKey, Measurement]:
    entries = _entries(plan.suites)
    if not entries:
        return {}
    columns = {column.name for column in dataset.columns}
    outcomes: Outcomes = {}
    possible: dict[str, str] = {}
    queries: dict[str, str] = {}
    parameters = load_parameters(entries, delivery.period)
    for entry in entries:
        obstacle = _obstacle(entry, columns, parameters)
        if obstacle is None:
            chosen = queries if entry.type == QUERY else possible
            chosen[entry.check_id] = json.dumps(
                {**entry.raw, "kwargs": resolve_parameters(entry.kwargs, parameters)}
            )
        else:
            outcomes[entry.check_id] = obstacle
    if possible:
        try:
            outcomes |= dataset.evaluate(possible, plan.statements)
        except EngineError as error:
            outcomes |= dict.fromkeys(possible, _unmeasured(error))
    if queries:
        run: Callable[[Mapping[str, str]], Outcomes] | None = getattr(dataset, "evaluate_queries", None)
        outcomes |= run(queries) if run is not None else dict.fromkeys(queries, NEEDS_COPY)
    measured: dict[MetricKey, Measurement] = {}
    for entry in entries:
        outcome = outcomes.get(entry.check_id, Unmeasured(Statement("unmeasured.not_evaluated")))
        measured |= _as_measurements(entry.check_id, outcome)
        if isinstance(outcome, ExpectationOutcome) and outcome.unexpected > 0.0:
            measured |= _offending_codes(dataset, entry, parameters, plan.guard)
    return measured


_SETS = {"expect_column_values_to_be_in_set": False, "expect_column_values_to_not_be_in_set": True}
"""Expectations of a list of values → whether the offending values are those in the list."""


def _offending_codes(
    dataset: Dataset, entry: SuiteEntry, parameters: Mapping[str, Value], guard: Guard
) -> dict[MetricKey, Measurement]:
    """Count the rows of each offending code that may be shown; nothing where there are too many to be codes."""
    count: Callable[..., dict[str, float]] | None = getattr(dataset, "count_values", None)
    listed, column = _SETS.get(entry.type), entry.kwargs.get("column")
    if count is None or listed is None or not isinstance(column, str) or entry.kwargs.get("row_condition"):
        return {}
    given = resolve_parameters(entry.kwargs.get("value_set"), parameters)
    values = [str(value) for value in given if value is not None] if isinstance(given, list) else []
    try:
        found = count(column, values, listed=listed)
    except EngineError:
        return {}
    if len(found) > MOST_CODES:
        return {}
    near = {} if listed else _near_codes(found, values)
    counts: Counter[MetricKey] = Counter()
    for code, (form, known) in near.items():
        counts[MetricKey(near_code(entry.check_id, form), Segment(((column, known),)))] += int(found[code])
    name = offending(entry.check_id)
    measured: dict[MetricKey, Measurement] = {key: float(rows) for key, rows in counts.items()}
    return measured | {
        MetricKey(name, Segment(((column, code),))): rows
        for code, rows in found.items()
        if code not in near and guard.may_show(column, code)
    }


_UNSEEN = re.compile("[\u200b-\u200d\u2060\ufeff]")
_FOLDS: Mapping[str, Callable[[str], str]] = {
    "space": lambda text: " ".join(_UNSEEN.sub("", text).split()),
    "case": lambda text: _FOLDS["space"](text).casefold(),
    "unicode": lambda text: _FOLDS["case"](unicodedata.normalize("NFKC", text)),
}
"""Form → what two codes have in common that differ by it alone."""


def _near_codes(found: Iterable[str], known: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return, for each code that differs from a known one by its form, that form and the known one."""
    near: dict[str, tuple[str, str]] = {}
    for form, fold in _FOLDS.items():
        folded = {fold(code): code for code in known}
        near |= {code: (form, folded[fold(code)]) for code in found if code not in near and fold(code) in folded}
    return near


def _unmeasured(error: EngineError) -> Unmeasured:
    return Unmeasured(TOOK_TIME if isinstance(error, StatementTimeout) else str(error))


def _entries(suites: Sequence[str]) -> list[SuiteEntry]:
    """Read the expectations of all suites; refuse one without a unique check_id, so that none is lost."""
    found: dict[str, SuiteEntry] = {}
    for path in suites:
        for entry in read_suite(path).entries:
            if not entry.check_id:
                raise ConfigError(entry.where, "an expectation has no check_id", 'add "meta": {"check_id": "…"}')
            if found.setdefault(entry.check_id, entry) is not entry:
                earlier = found[entry.check_id].where
                raise ConfigError(entry.where, f"its check_id is also used at {earlier}", "give each its own")
    return list(found.values())


def _obstacle(entry: SuiteEntry, columns: Collection[str], parameters: Mapping[str, Value]) -> Unmeasured | None:
    """Return why an expectation cannot be evaluated; None when it can. All names in it come from the suite."""
    if entry.type not in KNOWN:
        return Unmeasured(Statement("unmeasured.type_not_allowed", {"type": Name(entry.type)}))
    for name in entry.parameters:
        if name not in parameters:
            return Unmeasured(Statement("unmeasured.no_code_table", {"parameter": Name(name)}))
    if entry.type in ABOUT_COLUMNS:
        return None
    for name in entry.columns:
        if name not in columns:
            return Unmeasured(Statement("unmeasured.no_column", {"column": Name(name)}))
    return None


def _as_measurements(check_id: str, outcome: ExpectationOutcome | Unmeasured) -> dict[MetricKey, Measurement]:
    name = f"expectation.{check_id}"
    if isinstance(outcome, Unmeasured):
        return {MetricKey(f"{name}.met"): outcome}
    return {
        MetricKey(f"{name}.evaluated"): outcome.evaluated,
        MetricKey(f"{name}.unexpected"): outcome.unexpected,
        MetricKey(f"{name}.met"): 1.0 if outcome.met else 0.0,
    }
