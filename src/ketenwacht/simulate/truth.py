"""The truth about planted defects, against which a replay is judged: counts only, no persons."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ketenwacht.domain.segment import Segment

from .plan import CATCH_UP, NumberedDelivery, PlannedOutcome
from .records import GRANT, Records
from .scenarios import Scenario
from .world import SimulatedWorld

TRUTH_SCHEMA = "ketenwacht/truth/1"
TRUTH_FILE = "truth.json"


@dataclass(frozen=True, slots=True)
class PlantedPersons:
    """Persons of one segment who are missing, extra or paused, and the periods of their deliveries."""

    segment: Segment
    count: int
    first: date
    last: date

    def as_dict(self) -> dict[str, Any]:
        """Return the entry in truth.json."""
        return {
            "segment": self.segment.as_dict(),
            "count": self.count,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class TruthDefect:
    """One planted defect.

    Attributes:
        kind: of the defect.
        delivery: id of the delivery that shows it (`000123`), or the ISO date of its due day.
        expected_status: the status that a person would give it: failed, error, warned or passed.
    """

    kind: str
    delivery: str
    expected_status: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Persons and deliveries of the whole range.

    Attributes:
        deliveries: arrived deliveries of every kind.
        registered: persons with a decision, due from the first delivery on.
        delivered: of these, those who arrived at least once.
        pending: of these, those whose delivery is due after the range.
    """

    deliveries: int
    registered: int
    delivered: int
    pending: int


@dataclass(frozen=True, slots=True)
class Truth:
    """The planted persons and defects of a simulation.

    Attributes:
        scenario: its name.
        seed: of the simulation.
        first: first day of the range.
        last: last day of the range.
        missing: persons who were due and not delivered, before any catch-up.
        extra: persons who were delivered and not due.
        paused: persons whom a declared pause held back for a while.
        catch_up: ids of the catch-up deliveries, and the persons in them.
        defects: planted defects in order of delivery.
        totals: of the whole range.
    """

    scenario: str
    seed: int
    first: date
    last: date
    missing: tuple[PlantedPersons, ...]
    extra: tuple[PlantedPersons, ...]
    paused: tuple[PlantedPersons, ...]
    catch_up: tuple[tuple[str, int], ...]
    defects: tuple[TruthDefect, ...]
    totals: Totals

    def to_json(self) -> str:
        """Return the text of truth.json."""
        whole = {
            "schema": TRUTH_SCHEMA,
            "scenario": self.scenario,
            "seed": self.seed,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "missing": [p.as_dict() for p in self.missing],
            "extra": [p.as_dict() for p in self.extra],
            "paused": [p.as_dict() for p in self.paused],
            "catch_up": [{"delivery": d, "count": n} for d, n in self.catch_up],
            "defects": [
                {"kind": d.kind, "delivery": d.delivery, "expected_status": d.expected_status}
                for d in self.defects
            ],
            "totals": {
                "deliveries": self.totals.deliveries,
                "registered": self.totals.registered,
                "delivered": self.totals.delivered,
                "pending": self.totals.pending,
            },
        }
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _count_planted(
    deliveries: Sequence[NumberedDelivery], part: Callable[[NumberedDelivery], Records], columns: tuple[str, ...]
) -> tuple[PlantedPersons, ...]:
    """Count first grants in one part of the deliveries by segment over `columns`, sorted by segment."""
    found: dict[tuple[str, ...], PlantedPersons] = {}
    for delivery in deliveries:
        rows = part(delivery)
        rows = rows.take(rows.mask(mutatiesoort=(GRANT,)))
        for values, count in rows.count_totals(columns).items():
            before = found.get(values)
            segment = Segment(tuple(zip(columns, values, strict=True)))
            first = before.first if before is not None else delivery.planned.first
            total = count + (before.count if before is not None else 0)
            found[values] = PlantedPersons(segment, total, first, delivery.planned.last)
    return tuple(found[values] for values in sorted(found))


def build_truth(scenario: Scenario, world: SimulatedWorld, deliveries: Sequence[NumberedDelivery]) -> Truth:
    """Return the truth about the planted defects of a plan."""
    arrived = [d for d in deliveries if d.planned.outcome is PlannedOutcome.ARRIVES]
    keys = {key for d in arrived for key in d.planned.records.cells["v_nummer"].tolist()}
    # A V-number without its leading zeros is the same person.
    keys = {key.zfill(10) for key in keys}
    registered = world.grants.cells["v_nummer"].tolist()
    totals = Totals(
        deliveries=len(arrived),
        registered=len(registered),
        delivered=sum(key in keys for key in registered),
        pending=int((world.grants.sent_on.astype(object) > world.days[-1]).sum()),
    )
    return Truth(
        scenario=scenario.name,
        seed=world.seed,
        first=world.first,
        last=world.last,
        missing=_count_planted(deliveries, lambda d: d.planned.dropped, scenario.missing_by),
        extra=_count_planted(deliveries, lambda d: d.planned.extra, ("doelgroep",)),
        paused=_count_planted(deliveries, lambda d: d.planned.paused, ("doelgroep",)),
        catch_up=tuple((d.id, d.planned.records.count) for d in arrived if d.planned.kind == CATCH_UP),
        defects=tuple(TruthDefect(m.kind, d.id, m.expected_status) for d in deliveries for m in d.planned.defects),
        totals=totals,
    )
