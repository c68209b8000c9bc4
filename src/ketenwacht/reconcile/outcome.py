"""What a keyed reconciliation found: counts and ages, no persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ketenwacht.domain.catchup import Backlog
from ketenwacht.domain.evidence import ReconciliationCount


@dataclass(frozen=True, slots=True)
class Ages:
    """How many days persons waited, from decision to arrival (late) or to the reference date (missing)."""

    count: int
    p50: float
    p95: float
    longest: int

    @classmethod
    def of(cls, by_days: Mapping[int, int]) -> Ages | None:
        """From persons by days; None when there are none. Percentiles are of the nearest rank."""
        total = sum(by_days.values())
        if total == 0:
            return None
        return cls(total, _rank(by_days, total, 50), _rank(by_days, total, 95), max(by_days))


def _rank(by_days: Mapping[int, int], total: int, percent: int) -> float:
    wanted, seen = -(-total * percent // 100), 0
    for days in sorted(by_days):
        seen += by_days[days]
        if seen >= wanted:
            return float(days)
    return float(max(by_days))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationOutcome:
    """One register against everything delivered up to its reference date.

    Attributes:
        register_date: the register's reference date.
        counts: the whole feed first, then every declared segment; matched + late + pending + missing = registered.
        late: days from decision to arrival of those who came after the SLA.
        overdue: days from decision to the reference date of those missing.
        differences: matched or late persons whose value differs, by segment column.
        backlog: the missing by the dimensions asked for and decision date.
        key_id: the key that both sides were compared under.
        duplicates: rows of the register beyond the first for a person.
        undated: rows without a date of decision that can be read; not delivered, they count as missing.
        register_without_key: rows of the register that can never be matched.
        delivered_without_key: the same of the deliveries.
        deliveries: how many deliveries stood on the reference date.
    """

    register_date: date
    counts: tuple[ReconciliationCount, ...]
    late: Ages | None
    overdue: Ages | None
    differences: Mapping[str, int]
    backlog: tuple[Backlog, ...]
    key_id: str
    duplicates: int
    undated: int
    register_without_key: int
    delivered_without_key: int
    deliveries: int

    @property
    def whole(self) -> ReconciliationCount:
        """The count of the whole feed."""
        return self.counts[0]

    @property
    def clean(self) -> bool:
        """Whether both sides hold the same persons with the same values, within the SLA."""
        whole = self.whole
        return whole.missing == whole.extra == whole.different == 0
