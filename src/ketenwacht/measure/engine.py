"""The seam between a delivery and how it is measured: what is asked of an engine, wherever it finds the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column, Measurement, MetricKey, Unmeasured

from .profile import KeyRange

Statements = Literal["folded", "stock"]
Grouping = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectationOutcome:
    """What an expectation found, by allow-list: nothing of a row is in it.

    Attributes:
        evaluated: rows looked at (for an expectation on the table or a column as a whole: 1, or 0 when there
            was nothing to observe).
        unexpected: rows (or 0 and 1) that did not meet it.
        met: whether it was met at its own `mostly`.
    """

    evaluated: float
    unexpected: float
    met: bool


Outcomes = dict[str, ExpectationOutcome | Unmeasured]


class Dataset(Protocol):
    """The rows of one delivery, ready to be counted and judged. Only numbers come out of it."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns as they arrived."""
        ...

    def exclude(self, keys: KeyRange | None, groupings: Sequence[Grouping]) -> dict[MetricKey, Measurement]:
        """Count synthetic persons by themselves, and leave them out of everything asked later; see `canaries`."""
        ...

    def profile(self, groupings: Sequence[Grouping], count_column: str | None) -> dict[MetricKey, Measurement]:
        """Rows and empty fields by segment; see `profile.profile`.

        Raises:
            EngineError: it cannot be counted; its text is the class of what went wrong.
        """
        ...

    def evaluate(self, entries: Mapping[str, str], statements: Statements) -> Outcomes:
        """Judge expectations: check id → JSON of the expectation, parameters filled in.

        Returns:
            Check id → outcome; what could not be judged is `Unmeasured` with a reason that quotes no value.
        """
        ...


class Engine(Protocol):
    """Where the deliveries of one feed are measured. A plain value: it may be sent to another process."""

    def verify(self, delivery: Delivery) -> Delivery:
        """The delivery with what tells its content from other content, or UNREADABLE with its problem.

        Raises:
            DeliveryError: the source cannot be reached.
        """
        ...

    def open(self, delivery: Delivery) -> AbstractContextManager[Dataset]:
        """The rows of a verified delivery, while the context lasts.

        Raises:
            UnreadableDelivery: it cannot be read, or is no longer what was verified.
        """
        ...
