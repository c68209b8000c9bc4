"""Defects of a delivery as a whole: cut, absent, late, twice, out of sequence, empty, or sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import numpy as np

from .calendar import local
from .plan import REDELIVERY, Plan, PlannedOutcome, PlantedDefect
from .world import together


def truncated(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """The file stops in the middle of a row; its manifest tells of the whole."""
    spoilt = replace(plan[at], kept=0.6, marks=(PlantedDefect("truncated", "error"),))
    return [*plan[:at], spoilt, *plan[at + 1 :]]


def late(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """The delivery is there only in the afternoon, past its grace."""
    spoilt = replace(
        plan[at], created=local(plan[at].last, time(14, 42, 10)), marks=(PlantedDefect("late", "warned"),)
    )
    return [*plan[:at], spoilt, *plan[at + 1 :]]


def _moved_on(plan: Plan, at: int) -> Plan:
    """The rows of a delivery travel with the next one."""
    today, tomorrow = plan[at], plan[at + 1]
    rows = together([today.records, tomorrow.records], tomorrow.last)
    left_out = (*today.left_out, *tomorrow.left_out)
    rest = replace(today, records=today.dropped, left_out=())
    return [*plan[:at], rest, replace(tomorrow, records=rows, left_out=left_out), *plan[at + 2 :]]


def missing(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """No delivery is made on a working day; the next one covers both days, and the numbers go on."""
    found = _moved_on(plan, at)
    found[at] = replace(found[at], outcome=PlannedOutcome.NEVER_SENT, marks=(PlantedDefect("missing", "failed"),))
    found[at + 1] = replace(found[at + 1], first=found[at].first)
    return found


def empty(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """An explicit empty delivery: a header, and a manifest that says 0; its rows come the day after."""
    found = _moved_on(plan, at)
    found[at] = replace(found[at], marks=(PlantedDefect("empty-delivery", "warned"),))
    return found


def duplicate(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """The sender's job runs twice: the same bytes again, under the next number."""
    again = replace(
        plan[at], created=plan[at].created + timedelta(minutes=35), marks=(PlantedDefect("duplicate", "warned"),)
    )
    return [*plan[: at + 1], again, *plan[at + 1 :]]


def number_gap(plan: Plan, at: int, _rng: np.random.Generator) -> Plan:
    """A second delivery of the day, with half of its rows, is lost on its way; the next one shows it."""
    half = plan[at].records.count // 2
    morning, afternoon = (
        plan[at].records.take(part) for part in np.split(np.arange(plan[at].records.count), [half])
    )
    lost = replace(
        plan[at],
        created=local(plan[at].last, time(15, 31, 5)),
        records=plan[at].dropped,
        dropped=afternoon,
        left_out=(),
        outcome=PlannedOutcome.LOST,
    )
    following = replace(plan[at + 1], marks=(PlantedDefect("number-gap", "failed"),))
    return [*plan[:at], replace(plan[at], records=morning), lost, following, *plan[at + 2 :]]


def redelivery(plan: Plan, at: int, rng: np.random.Generator) -> Plan:
    """The next morning the delivery comes again with a few postcodes mended; it replaces the first."""
    right = plan[at].records
    postcode = right.cells["postcode"].copy()
    some = rng.permutation(np.flatnonzero(postcode != ""))[:5]
    postcode[some] = "9999XX"
    again = replace(
        plan[at],
        created=local(plan[at + 1].last, time(6, 5, 30)),
        kind=REDELIVERY,
        marks=(PlantedDefect("redelivery", "passed"),),
    )
    first = replace(plan[at], records=right.with_cells(postcode=postcode))
    return [*plan[:at], first, again, *plan[at + 1 :]]
