"""Which deliveries stand for their period when a register is compared, whatever the order they were added in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ketenwacht.domain.delivery import Delivery, DeliveryKind

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
