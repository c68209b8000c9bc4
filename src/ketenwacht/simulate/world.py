"""The simulated truth at the sender: every decision, and the delivery that should hold it.

A world depends on the dates and the seed, not on the scenario. A scenario changes the deliveries of a world, so
two scenarios of one seed differ by their defect only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from .people import assign_numbers, draw_persons, format_dates, map_municipalities
from .records import CHANGE, WITHDRAWAL, Days, Records, concatenate
from .volumes import GROUPS, decide, list_working_days

# The purposes of stay that the selection missed in the incident.
LOST_PURPOSES = ("A14", "G24", "G25", "O33")
SLA_DAYS = 14
# Working days between a decision and its delivery: mostly one, rarely more than three, never after the SLA.
_LAG = {1: 0.66, 2: 0.19, 3: 0.07, 4: 0.025, 5: 0.02, 6: 0.015, 7: 0.01, 8: 0.01}
_WARM_UP, _RUN_OUT = timedelta(days=21), timedelta(days=30)
# Share of restricted titles that change later, and share of other titles that are withdrawn.
_CHANGED, _WITHDRAWN = 0.04, 0.003


@dataclass(frozen=True, slots=True)
class SimulatedWorld:
    """All decisions of the sender.

    Attributes:
        first: first day of the range.
        last: last day of the range, inclusive.
        seed: of the random draws.
        days: the working days of the range; a delivery is due on each.
        grants: first grants, one a person, in order of decision; some of the first decisions are before the
            range, and some of the last deliveries after it.
        changes: later changes and withdrawals of persons in `grants`.
    """

    first: date
    last: date
    seed: int
    days: tuple[date, ...]
    grants: Records
    changes: Records

    @property
    def events(self) -> Records:
        """Every row to deliver."""
        return concatenate([self.grants, self.changes])


def make_generator(seed: int, purpose: str) -> np.random.Generator:
    """Return a generator for one purpose, so that draws for one purpose do not change another."""
    return np.random.default_rng([seed, *purpose.encode()])


def _draw_delivery_days(day: NDArray[np.int64], calendar: Days, rng: np.random.Generator) -> Days:
    """Draw the delivery day of decisions on the working days `calendar[day]`."""
    lag = rng.choice(list(_LAG), day.size, p=list(_LAG.values()))
    planned = calendar[day + lag]
    # Around Christmas and Easter, eight working days exceed the SLA.
    latest = np.searchsorted(calendar, calendar[day] + np.timedelta64(SLA_DAYS, "D"), side="right") - 1
    sent_on: Days = np.minimum(planned, calendar[latest])
    return sent_on


def _draw_changes(grants: Records, calendar: Days, last: date, rng: np.random.Generator) -> Records:
    """Draw changes of title and withdrawals, 20 to 200 days after the grant and within the range."""
    chance = rng.random(grants.count)
    short = grants.mask(verblijfstitel=("23", "24")) & (chance < _CHANGED)
    other = ~short & (chance < _WITHDRAWN)
    # Persons whom the incident loses do not change: a change would deliver them to the receiver.
    changed = (short | other) & ~grants.mask(verblijfsdoel=LOST_PURPOSES)
    kind, title = np.where(short, CHANGE, WITHDRAWAL)[changed], np.where(short, "21", "98")[changed]
    rows = grants.take(changed)
    planned_on = rows.decided + rng.integers(20, 200, rows.count)
    day = np.searchsorted(calendar, planned_on)
    inside = (day < calendar.size) & (planned_on <= np.datetime64(last))
    rows, day = rows.take(inside), day[inside]
    decided, sent_on = calendar[day], _draw_delivery_days(day, calendar, rng)
    municipality = map_municipalities(rows.cells["gemeentecode"], sent_on)
    return Records(decided, sent_on, rows.cells).with_cells(
        mutatiesoort=kind[inside].astype(np.object_),
        verblijfstitel=title[inside].astype(np.object_),
        datum_beschikking=format_dates(decided),
        datum_bekendmaking=format_dates(decided),
        gemeentecode=municipality,
    )


def _draw_grants(calendar: Days, decision_days: tuple[date, ...], first: date, seed: int) -> Records:
    parts = []
    for group in GROUPS:
        decided = decide(group, decision_days, make_generator(seed, f"volumes {group.name}"))
        rng = make_generator(seed, f"persons {group.name}")
        sent_on = _draw_delivery_days(decided.day, calendar, rng)
        parts.append(draw_persons(group.name, decided.purpose, calendar[decided.day], sent_on, rng))
    rng = make_generator(seed, "numbers")
    everybody = concatenate(parts)
    everybody = everybody.take(everybody.sent_on >= np.datetime64(first))
    shuffled = everybody.take(rng.permutation(everybody.count))
    ordered = shuffled.take(np.argsort(shuffled.decided, kind="stable"))
    return assign_numbers(ordered, ordered.mask(verblijfsdoel=LOST_PURPOSES), rng)


def build_world(first: date, last: date, seed: int) -> SimulatedWorld:
    """Draw a world.

    Args:
        first: first day of the feed, not before 2022-01-01.
        last: last day, inclusive; there is at least one working day in the range.
        seed: not negative.
    """
    every_day = list_working_days(first - _WARM_UP, last + _RUN_OUT)
    calendar = np.array(every_day, dtype="datetime64[D]")
    decision_days = tuple(d for d in every_day if d <= last)
    grants = _draw_grants(calendar, decision_days, first, seed)
    changes = _draw_changes(grants, calendar, last, make_generator(seed, "changes"))
    return SimulatedWorld(first, last, seed, list_working_days(first, last), grants, changes)


def merge_rows(parts: Sequence[Records], day: date) -> Records:
    """Return the rows of `parts` as one delivery of `day`: municipality codes of that day, each BSN once."""
    rows = concatenate(parts)
    days = np.full(rows.count, np.datetime64(day))
    municipality = map_municipalities(rows.cells["gemeentecode"], days)
    return blank_repeated_bsns(Records(rows.decided, days, {**rows.cells, "gemeentecode": municipality}))


def blank_repeated_bsns(records: Records) -> Records:
    """Return the rows without a BSN that an earlier row has: there are fewer BSNs than persons."""
    bsn = records.cells["bsn"]
    _, first = np.unique(bsn.astype(str), return_index=True)
    repeated = np.ones(records.count, dtype=np.bool_)
    repeated[first] = False
    return records.with_cells(bsn=np.where(repeated, "", bsn))
