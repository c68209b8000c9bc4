"""The deliveries as the sender plans them: one a working day, before anything goes wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum, auto

import numpy as np

from .records import COLUMNS, GRANT, TOTALS, Records, concatenate
from .volumes import to_local
from .world import SimulatedWorld, blank_repeated_bsns, make_generator

MUTATION, REDELIVERY, CATCH_UP = "mutatie", "herlevering", "inhaal"
# Reasons for which the sender leaves somebody out rightly.
_REASONS = ("minderjarig", "pensioengerechtigd", "tijdelijk verblijfsdoel")
_EXCLUDED_PER_ROW = 0.007


class PlannedOutcome(Enum):
    """What becomes of a planned delivery."""

    ARRIVES = auto()
    LOST = auto()  # it was sent and has a number, but never arrives
    NEVER_SENT = auto()  # it was never made, and has no number


class StatedSelection(Enum):
    """What a manifest says of the sender's selection."""

    NOTHING = auto()
    SENT = auto()  # what was sent and what was left out for a reason
    ALL = auto()  # and what was lost after it was selected


@dataclass(frozen=True, slots=True)
class PlantedDefect:
    """A defect that sits in a delivery, with the verdict a person would give: failed, error, warned, passed."""

    kind: str
    expected_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDelivery:
    """One delivery to be.

    Attributes:
        first: first day of its period.
        last: last day of its period, and the date in its name.
        created: when it is complete, local time with offset.
        records: the rows it carries.
        dropped: rows that should have been in it and that nobody left out on purpose.
        extra: those of its rows that should not have been in it.
        held: rows that a declared pause kept back; they come in a later delivery.
        left_out: reason and control-total key (values of TOTALS) of each person left out rightly.
        kind: soort of the manifest.
        outcome: whether it arrives.
        marks: what is wrong with it.
        header: names of its columns.
        encoding: of its text.
        kept: fraction of its bytes that arrives.
    """

    first: date
    last: date
    created: datetime
    records: Records
    dropped: Records
    extra: Records
    held: Records
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kind: str = MUTATION
    outcome: PlannedOutcome = PlannedOutcome.ARRIVES
    marks: tuple[PlantedDefect, ...] = ()
    header: tuple[str, ...] = COLUMNS
    encoding: str = "utf-8"
    kept: float = 1.0

    @property
    def arrives_whole(self) -> bool:
        """Whether it arrives as a file that can be read."""
        return self.outcome is PlannedOutcome.ARRIVES and self.kept >= 1.0 and self.encoding == "utf-8"

    def excluded(self) -> Mapping[str, int]:
        """Persons left out rightly, by reason."""
        return Counter(reason for reason, _ in self.left_out)

    def selected(self, stated: StatedSelection) -> Counter[tuple[str, ...]]:
        """Persons selected, by control-total key: sent, left out and, when stated, lost."""
        found = self.records.totals() + Counter(key for _, key in self.left_out)
        return found + self.dropped.totals() if stated is StatedSelection.ALL else found


Plan = list[PlannedDelivery]
# Turns a healthy plan into a scenario's: the plan, the index of the delivery to spoil, and chance.
ApplyDefect = Callable[[Plan, int, np.random.Generator], Plan]


@dataclass(frozen=True, slots=True)
class NumberedDelivery:
    """A planned delivery and its number in the sender's sequence; None when it was never sent."""

    planned: PlannedDelivery
    number: int | None

    @property
    def id(self) -> str:
        """Its identity in the feed: the number, or the day it was due when it has none."""
        return f"{self.number:06d}" if self.number is not None else self.planned.last.isoformat()


def _draw_left_out(records: Records, rng: np.random.Generator) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Reason and control-total key of each person left out rightly beside these rows; few, and often nobody."""
    if records.count == 0:
        return ()
    count = int(rng.poisson(_EXCLUDED_PER_ROW * records.count))
    beside = records.take(rng.integers(0, records.count, count))
    keys = zip(*(beside.cells[c].tolist() for c in TOTALS[:2]), strict=True)
    reasons = rng.integers(0, len(_REASONS), count).tolist()
    return tuple((_REASONS[r], (*key, GRANT)) for r, key in zip(reasons, keys, strict=True))


def plan_deliveries(world: SimulatedWorld) -> Plan:
    """One mutation delivery for each working day of the world, each with the rows that are to go on that day."""
    times, others = make_generator(world.seed, "times"), make_generator(world.seed, "left out")
    events = world.events
    order = np.argsort(events.sent_on, kind="stable")
    events = events.take(order)
    none = events.take(np.zeros(0, dtype=np.int64))
    plan, begin = [], world.first
    for day in world.days:
        bounds = np.searchsorted(events.sent_on, [np.datetime64(day), np.datetime64(day + timedelta(days=1))])
        records = blank_repeated_bsns(events.take(np.arange(*bounds)))
        seconds = int(times.integers(0, 20 * 60))
        plan.append(
            PlannedDelivery(
                first=begin,
                last=day,
                created=to_local(day, time(6, 20)) + timedelta(seconds=seconds),
                records=records,
                dropped=none,
                extra=none,
                held=none,
                left_out=_draw_left_out(records, others),
            )
        )
        begin = day + timedelta(days=1)
    return plan


def add_canaries(plan: Plan, canaries: Records) -> Plan:
    """A plan in which each of them goes with the first delivery after its decision."""
    spoilt, waiting = [], canaries
    for planned in plan:
        due = waiting.sent_on <= np.datetime64(planned.last)
        going, waiting = waiting.take(due), waiting.take(~due)
        spoilt.append(replace(planned, records=concatenate([planned.records, going])) if going.count else planned)
    return spoilt


def number_deliveries(plan: Plan) -> list[NumberedDelivery]:
    """Number the deliveries in order from 1, without gaps at the sender's side."""
    number, found = 0, []
    for planned in plan:
        if planned.outcome is PlannedOutcome.NEVER_SENT:
            found.append(NumberedDelivery(planned, None))
        else:
            number += 1
            found.append(NumberedDelivery(planned, number))
    return found
