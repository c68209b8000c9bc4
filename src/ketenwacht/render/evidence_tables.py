"""Outside evidence, gathered into the few rows that people look at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ketenwacht.domain.evidence import InquiryCount, ReconciliationCount, ReferenceFigure

CLASSES = ("registered", "matched", "pending", "late", "missing", "extra", "different")
"""The counts of a comparison, in the order in which they are shown."""


class Waited(Protocol):
    """Days that persons waited; for whom, and how many they are."""

    @property
    def count(self) -> int:
        """Persons."""
        ...

    @property
    def p50(self) -> float:
        """Days, the middle person."""
        ...

    @property
    def p95(self) -> float:
        """Days, all but one in twenty waited less."""
        ...

    @property
    def longest(self) -> int:
        """Days."""
        ...


class Compared(Protocol):
    """What is shown of a comparison of register and deliveries."""

    @property
    def register_date(self) -> date:
        """The register's reference date."""
        ...

    @property
    def counts(self) -> Sequence[ReconciliationCount]:
        """The whole feed first."""
        ...

    @property
    def late(self) -> Waited | None:
        """From decision to arrival, of those late."""
        ...

    @property
    def overdue(self) -> Waited | None:
        """From decision to the reference date, of those missing."""
        ...

    @property
    def differences(self) -> Mapping[str, int]:
        """Persons whose value differs, by column."""
        ...

    @property
    def deliveries(self) -> int:
        """Deliveries that stood on the reference date."""
        ...

    @property
    def duplicates(self) -> int:
        """Rows of the register beyond the first for a person."""
        ...

    @property
    def undated(self) -> int:
        """Rows of the register without a date of decision."""
        ...

    @property
    def register_without_key(self) -> int:
        """Rows of the register that can never be matched."""
        ...

    @property
    def delivered_without_key(self) -> int:
        """The same of the deliveries."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """What one publisher says, in one row; `restated` figures have another version before them."""

    name: str
    figures: int
    segments: int
    first: date
    last: date
    newest: date
    uncertainty: float
    restated: int


@dataclass(frozen=True, slots=True)
class InquiryMonth:
    """Inquiries of one month by outcome; `first` is its first day."""

    first: date
    outcomes: Mapping[str, int]


def sources(figures: Iterable[ReferenceFigure]) -> tuple[Source, ...]:
    """Figures by their source; the uncertainty is the largest of them."""
    by_name: defaultdict[str, list[ReferenceFigure]] = defaultdict(list)
    for figure in figures:
        by_name[figure.source].append(figure)
    return tuple(
        Source(
            name,
            len(some),
            len({one.segment for one in some}),
            min(one.period_from for one in some),
            max(one.period_to for one in some),
            max(one.published_on for one in some),
            max(one.uncertainty for one in some),
            sum(one.version > 1 for one in some),
        )
        for name, some in sorted(by_name.items())
    )


def inquiry_months(counts: Iterable[InquiryCount]) -> tuple[InquiryMonth, ...]:
    """Inquiries by month and outcome, in order; every outcome that occurs is in every month."""
    tally: Counter[tuple[date, str]] = Counter()
    for one in counts:
        tally[one.day.replace(day=1), one.outcome] += one.count
    outcomes = sorted({outcome for _, outcome in tally})
    months = sorted({month for month, _ in tally})
    return tuple(InquiryMonth(month, {name: tally[month, name] for name in outcomes}) for month in months)
