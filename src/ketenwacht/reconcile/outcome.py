"""What a keyed reconciliation found: counts and ages, no persons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ketenwacht.domain.catchup import Backlog
from ketenwacht.domain.delivery import Delivery, DeliveryKind
from ketenwacht.domain.evidence import ReconciliationCount
from ketenwacht.domain.segment import Segment

from .keys import quoted

if TYPE_CHECKING:
    import duckdb


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


# Which deliveries stand for their period when a register is compared, whatever the order they were added in.


_REPLACED_BY_REDELIVERY = {DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION}


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery in the account.

    Attributes:
        number: in the order of adding, from 0.
        delivery: as feeds found it.
        arrived_on: local date of arrival; its period where the arrival is unknown.
        rows: records with a key.
        without_key: records that can never be matched.
    """

    number: int
    delivery: Delivery
    arrived_on: date
    rows: int
    without_key: int

    @property
    def order(self) -> tuple[date, float, int]:
        """Later states come later: by period, then arrival, then the order of adding."""
        arrived = self.delivery.arrived_at
        return self.delivery.period, arrived.timestamp() if arrived is not None else 0.0, self.number


def live(entries: Iterable[Entry], reference_date: date) -> tuple[Entry, ...]:
    """Deliveries that stand for their period, as known now, oldest state first.

    Only those of a period up to `reference_date`. A redelivery replaces what arrived before it for its period, a
    snapshot everything of its period and before; a correction replaces single records, a catch-up adds.
    """
    kept: list[Entry] = []
    for entry in sorted((e for e in entries if e.delivery.period <= reference_date), key=lambda e: e.order):
        kind, period = entry.delivery.kind, entry.delivery.period
        if kind is DeliveryKind.SNAPSHOT:
            kept = []
        elif kind is DeliveryKind.REDELIVERY:
            kept = [
                e for e in kept if e.delivery.period != period or e.delivery.kind not in _REPLACED_BY_REDELIVERY
            ]
        kept.append(entry)
    return tuple(kept)


# What a comparison found missing, by part and decision date.


Values = tuple[str, ...]


def backlogs(
    connection: duckdb.DuckDBPyConnection, dimensions: Values, parts: Values, day: date
) -> dict[Values, list[Backlog]]:
    """The missing of each segment by part and decision date, oldest first.

    Args:
        connection: holds the tables `cube` and `segment`.
        dimensions: of the segments; () is the whole feed.
        parts: dimensions to divide each segment by.
        day: of the register.
    """
    named = "".join(f"{quoted(name)}, " for name in (*dimensions, *parts))
    rows = connection.execute(
        f"SELECT {named} days, sum(persons)::BIGINT FROM cube JOIN segment ON id = cube.segment "  # noqa: S608 - names are quoted
        f"WHERE class = 'missing' GROUP BY ALL ORDER BY {named} days DESC NULLS FIRST"
    ).fetchall()
    found: dict[Values, list[Backlog]] = {}
    for *values, days, persons in rows:
        part = Segment(tuple(zip(parts, values[len(dimensions) :], strict=True)))
        decided = day - timedelta(days=int(days)) if days is not None else None
        found.setdefault(tuple(values[: len(dimensions)]), []).append(Backlog(part, decided, int(persons)))
    return found
