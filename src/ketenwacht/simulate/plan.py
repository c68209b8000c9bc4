"""The planned deliveries of the sender: one a working day, before any defect."""

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
# Reasons for which the sender rightly excludes a person.
_REASONS = ("minderjarig", "pensioengerechtigd", "tijdelijk verblijfsdoel")
_EXCLUDED_PER_ROW = 0.007


class PlannedOutcome(Enum):
    """Whether a planned delivery is made and arrives."""

    ARRIVES = auto()
    LOST = auto()  # sent with a number, but it never arrives
    NEVER_SENT = auto()  # never made, so without a number


class StatedSelection(Enum):
    """The part of the sender's selection that a manifest states."""

    NOTHING = auto()
    SENT = auto()  # persons sent, and persons excluded for a reason
    ALL = auto()  # also persons lost after the selection


@dataclass(frozen=True, slots=True)
class PlantedDefect:
    """A defect in a delivery, with the status that a person would give: failed, error, warned or passed."""

    kind: str
    expected_status: str


class Acknowledged(Enum):
    """What becomes of the receiver's acknowledgement of a delivery."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DIFFERS = "differs"  # it counts fewer persons, and no reason
    LATE = "late"  # it comes after the term
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDelivery:
    """One planned delivery.

    Attributes:
        first: first day of its period.
        last: last day of its period, and the date in its name.
        created: when it is complete, local time with offset.
        records: the rows it carries.
        dropped: rows that should be in it and were not excluded for a reason.
        extra: those of its rows that should not be in it.
        paused: rows that a declared pause held back for a later delivery.
        left_out: reason and control-total key (values of TOTALS) of each rightly excluded person.
        kind: soort of the manifest.
        outcome: whether it arrives.
        defects: its planted defects.
        header: names of its columns.
        encoding: of its text.
        arriving_share: fraction of its bytes that arrives.
        acknowledged: what becomes of the acknowledgement.
        schema_version: that its manifest states; None: the usual one.
    """

    first: date
    last: date
    created: datetime
    records: Records
    dropped: Records
    extra: Records
    paused: Records
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()
    kind: str = MUTATION
    outcome: PlannedOutcome = PlannedOutcome.ARRIVES
    defects: tuple[PlantedDefect, ...] = ()
    header: tuple[str, ...] = COLUMNS
    encoding: str = "utf-8"
    arriving_share: float = 1.0
    acknowledged: Acknowledged = Acknowledged.ACCEPTED
    schema_version: str | None = None

    @property
    def arrives_whole(self) -> bool:
        """Whether it arrives as a readable file."""
        return self.outcome is PlannedOutcome.ARRIVES and self.arriving_share >= 1.0 and self.encoding == "utf-8"

    def count_excluded(self) -> Mapping[str, int]:
        """Return the rightly excluded persons by reason."""
        return Counter(reason for reason, _ in self.left_out)

    def count_selected(self, stated: StatedSelection) -> Counter[tuple[str, ...]]:
        """Return the selected persons by control-total key: sent, excluded and, when stated, lost."""
        found = self.records.count_totals() + Counter(key for _, key in self.left_out)
        return found + self.dropped.count_totals() if stated is StatedSelection.ALL else found


Plan = list[PlannedDelivery]
# Puts a defect into a healthy plan: takes the plan, the index of the delivery, and a generator.
ApplyDefect = Callable[[Plan, int, np.random.Generator], Plan]


@dataclass(frozen=True, slots=True)
class NumberedDelivery:
    """A planned delivery and its number in the sender's sequence; None when it was never sent."""

    planned: PlannedDelivery
    number: int | None

    @property
    def id(self) -> str:
        """The id in the feed: the number, or the due day without a number."""
        return f"{self.number:06d}" if self.number is not None else self.planned.last.isoformat()


def _draw_left_out(records: Records, rng: np.random.Generator) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Draw reason and control-total key of persons rightly excluded besides these rows; often none."""
    if records.count == 0:
        return ()
    count = int(rng.poisson(_EXCLUDED_PER_ROW * records.count))
    beside = records.take(rng.integers(0, records.count, count))
    keys = zip(*(beside.cells[c].tolist() for c in TOTALS[:2]), strict=True)
    reasons = rng.integers(0, len(_REASONS), count).tolist()
    return tuple((_REASONS[r], (*key, GRANT)) for r, key in zip(reasons, keys, strict=True))


def plan_deliveries(world: SimulatedWorld) -> Plan:
    """Return one mutation delivery for each working day of the world, with the rows due that day."""
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
                paused=none,
                left_out=_draw_left_out(records, others),
            )
        )
        begin = day + timedelta(days=1)
    return plan


def add_canaries(plan: Plan, canaries: Records) -> Plan:
    """Return the plan with each synthetic person in the first delivery after its decision."""
    spoilt, waiting = [], canaries
    for planned in plan:
        due = waiting.sent_on <= np.datetime64(planned.last)
        going, waiting = waiting.take(due), waiting.take(~due)
        spoilt.append(replace(planned, records=concatenate([planned.records, going])) if going.count else planned)
    return spoilt


def number_deliveries(plan: Plan) -> list[NumberedDelivery]:
    """Return the number the deliveries in order from 1, without gaps on the sender's side."""
    number, found = 0, []
    for planned in plan:
        if planned.outcome is PlannedOutcome.NEVER_SENT:
            found.append(NumberedDelivery(planned, None))
        else:
            number += 1
            found.append(NumberedDelivery(planned, number))
    return found
