"""Measurements: numbers with a name and a segment. Persons are gone by the time these exist.

The names in use (a closed vocabulary, so that a check can be read without the reader's code):

rows                              rows in the segment
nulls.<column>                    rows of the segment in which the column is empty
expectation.<id>.evaluated        rows (or 1) that an expectation of the suite looked at
expectation.<id>.unexpected       rows (or 0/1) that did not meet it
expectation.<id>.met              1.0 when the expectation was met at its own `mostly`, 0.0 when not
expectation.<id>.code             rows with one offending code; by column=code, only codes that may be shown
expectation.<id>.near_<form>      rows with a code that differs from a known one by its form; by column=known code
declared.rows                     rows the sender says it sent (manifest), per segment it gives
declared.selected                 rows the sender says it selected, before anything was left out
declared.excluded.<reason>        rows the sender left out, by its own reason; whole feed
canary.<number>                   records of a synthetic person of the declared range; in no other count
decided.<days>                    rows whose date of decision lies so many days before the delivery's day
hours_late                        hours past the due moment (negative: early); absence keeps growing

Counts are stored sparsely: in a delivery that was read, a `rows` or `nulls.` count that is not there is 0.
Every other name that is not there was not measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .delivery import Delivery
from .segment import WHOLE, Segment
from .statement import Statement, Text

ROWS = "rows"
DECLARED_ROWS = "declared.rows"
DECLARED_SELECTED = "declared.selected"
DECLARED_EXCLUDED = "declared.excluded."
HOURS_LATE = "hours_late"
DECIDED = "decided."
OLDEST_DECISION = 183
"""Days before a delivery, up to which decisions are counted by day."""


def nulls(column: str) -> str:
    """Name of the count of rows in which `column` is empty."""
    return f"nulls.{column}"


def decided(days: int) -> str:
    """Name of the count of rows that were decided so many days before the delivery's day."""
    return f"{DECIDED}{days}"


PLACEHOLDERS = ("NULL", "null", "N/A", "n/a", "NA", "#N/A", "\\N", "NaN", "nan", "None", "none", "nil", "-", "?")
"""Texts that often stand where a value is empty, unless the parties agreed on them."""


def placeholder(text: str, column: str) -> str:
    """Name of the count of rows in which `column` holds one of `PLACEHOLDERS`."""
    return f"placeholder:{text}.{column}"


def placed_in(name: str) -> tuple[str, str] | None:
    """Return the text and the column of a name that `placeholder` gave; None for any other name."""
    text, dot, column = name.removeprefix("placeholder:").partition(".")
    return (text, column) if dot and name.startswith("placeholder:") and text in PLACEHOLDERS else None


def offending(check_id: str) -> str:
    """Name of the count of rows with an offending code, of an expectation; its segment is column=code."""
    return f"expectation.{check_id}.code"


NEAR_FORMS = ("space", "case", "unicode")
"""How a code may differ from a known one: by spaces, by capitals too, by the form of its characters too."""


def near_code(check_id: str, form: str) -> str:
    """Name of the count of rows with a code that differs from a known one by its form; by column=known code."""
    return f"expectation.{check_id}.near_{form}"


def is_sparse_count(name: str) -> bool:
    """Return whether a missing measurement of this name means 0 rather than unknown."""
    return name == ROWS or name.startswith("nulls.")


@dataclass(frozen=True, slots=True, order=True)
class MetricKey:
    """What was measured, and of which part of the feed."""

    name: str
    segment: Segment = WHOLE


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A measurement that failed; a value, so that it can never be mistaken for a pass.

    `reason` is ours: a code (`problems.PROBLEMS`), or an exception's class and a line number, never its text
    (which may quote a person).
    """

    reason: Statement | str

    @property
    def why(self) -> Statement:
        """The reason, as it is said."""
        if isinstance(self.reason, Statement):
            return self.reason
        return Statement("unmeasured.failed", {"cause": Text.of(self.reason)})


Measurement = float | Unmeasured


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it arrived: its name and the reader's type for it (`text` for CSV)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One delivery, measured. The only thing that checks ever see of it."""

    delivery: Delivery
    measurements: Mapping[MetricKey, Measurement] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    _shapes: frozenset[tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Remember by which dimensions rows were counted."""
        segments = {id(key.segment): key.segment for key in self.measurements if key.name == ROWS}
        object.__setattr__(self, "_shapes", frozenset(one.dimensions for one in segments.values()))

    def value(self, name: str, segment: Segment = WHOLE) -> Measurement:
        """Return the measurement, 0.0 for a sparse count that is not there, `Unmeasured` otherwise.

        A count by a column that the delivery lacks is not 0: it was not measured.
        """
        found = self.measurements.get(MetricKey(name, segment))
        if found is not None:
            return found
        if is_sparse_count(name) and self.delivery.read and self.counts_by(segment.dimensions):
            return 0.0
        return Unmeasured(Statement("unmeasured.not_measured"))

    def counts_by(self, dimensions: tuple[str, ...]) -> bool:
        """Return whether rows were counted by these dimensions: not when the delivery lacks one of their columns.

        A delivery without rows has 0 of everything; one of which the rows are not known is taken at its word.
        """
        rows = self.measurements.get(MetricKey(ROWS))
        return dimensions in self._shapes or not isinstance(rows, float | int) or rows == 0.0

    def segments(self, name: str) -> tuple[Segment, ...]:
        """Return every segment for which `name` was measured, sorted."""
        return tuple(sorted(key.segment for key in self.measurements if key.name == name))


def add_up(values: Iterable[tuple[MetricKey, Measurement]]) -> dict[MetricKey, Measurement]:
    """Return measurements by key; of several under one key the sum, or what could not be measured."""
    found: dict[MetricKey, Measurement] = {}
    for key, value in values:
        earlier = found.get(key)
        if earlier is None or isinstance(value, Unmeasured):
            found[key] = value
        elif not isinstance(earlier, Unmeasured):
            found[key] = earlier + value
    return found


def smallest_count(snapshot: Snapshot) -> float | None:
    """Return the smallest count of persons above 0 that the measurements of a delivery hold or imply.

    Counted are rows, rows with an empty or unexpected value and the rest of them, what the sender declares, by how
    much that differs from what came, and whom no stated reason explains. None when there is no such count.
    """
    values = snapshot.measurements
    counted = [v for key, v in values.items() if isinstance(v, float) and _counts_persons(key.name)]
    for key, value in values.items():
        if key.name.startswith("nulls.") and isinstance(value, float):
            rows = values.get(MetricKey(ROWS, key.segment))
            counted.append(rows - value if isinstance(rows, float) else value)
    counted += _subtract_counts(DECLARED_ROWS, ROWS, values) + _subtract_counts(DECLARED_SELECTED, ROWS, values)
    counted += _subtract_counts(DECLARED_SELECTED, DECLARED_ROWS, values) + _subtract_explained(values)
    return min((count for count in counted if count > 0.0), default=None)


def _counts_persons(name: str) -> bool:
    return (
        name == ROWS
        or name.startswith(("nulls.", "declared."))
        or name.endswith((".unexpected", ".code", *(f".near_{form}" for form in NEAR_FORMS)))
    )


def _subtract_explained(values: Mapping[MetricKey, Measurement]) -> list[float]:
    """Return persons of the whole feed that were selected, not left out, and not sent or not received."""
    whole = {key.name: v for key, v in values.items() if key.segment == WHOLE and isinstance(v, float)}
    left = sum(v for name, v in whole.items() if name.startswith(DECLARED_EXCLUDED))
    if DECLARED_SELECTED not in whole:
        return []
    went = [whole[name] for name in (DECLARED_ROWS, ROWS) if name in whole]
    return [abs(whole[DECLARED_SELECTED] - left - persons) for persons in went]


def _subtract_counts(one: str, other: str, values: Mapping[MetricKey, Measurement]) -> list[float]:
    """Return by how much two counts of the same segments differ."""
    found = []
    for key, value in values.items():
        beside = values.get(MetricKey(other, key.segment)) if key.name == one else None
        if isinstance(value, float) and isinstance(beside, float):
            found.append(abs(value - beside))
    return found
