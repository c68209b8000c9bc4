"""Any deliveries, in any order, against any register: each person has the one class that plain rereading gives."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketenwacht.domain.delivery import Delivery, DeliveryKind, Manifest
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.reconcile import DeliveredKeys, KeyColumns, Keys, ReconciliationTerms, RegisterFile, reconcile

COLUMNS = KeyColumns(
    key=("key",), segments=("group", "town"), decided="decided", mutation="does", withdrawn=("w",)
)
KEYS = Keys.of({"k": bytes(range(180, 220))})
START = date(2022, 1, 1)
SLA = 5
REFERENCE = 12
REPLACED = {DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION}


@dataclass(frozen=True)
class Sent:
    number: int  # also the order of arrival within a day
    kind: DeliveryKind
    period: int
    arrived: int
    rows: tuple[tuple[str, str, str, str], ...]

    @property
    def order(self):
        return self.period, self.arrived, self.number

    def as_delivery(self) -> Delivery:
        at = datetime(2022, 1, 1, 8, tzinfo=UTC) + timedelta(days=self.arrived, minutes=self.number)
        manifest = Manifest(kind=self.kind)
        return Delivery("f", str(self.number), START + timedelta(self.period), arrived_at=at, manifest=manifest)


PERSONS = st.sampled_from(["01", "02", "03", "04", "05", "06"])
GROUPS, TOWNS = st.sampled_from(["a", "b"]), st.sampled_from(["", "x"])


@st.composite
def sent(draw, number):
    period = draw(st.integers(0, 15))
    return Sent(
        number,
        draw(st.sampled_from(list(DeliveryKind))),
        period,
        period + draw(st.integers(0, 6)),
        tuple(draw(st.lists(st.tuples(PERSONS, GROUPS, TOWNS, st.sampled_from(["new", "w"])), max_size=5))),
    )


@st.composite
def histories(draw):
    return [draw(sent(number)) for number in range(draw(st.integers(0, 6)))]


REGISTERS = st.lists(
    st.tuples(PERSONS, GROUPS, TOWNS, st.one_of(st.none(), st.integers(0, 15))),
    min_size=1,
    max_size=8,
    unique_by=lambda row: (row[0], row[3]),  # rows of a person on one day are the one tie left open
)


def stands(one: Sent, history: list[Sent]) -> bool:
    later = [s for s in history if s.period <= REFERENCE and s.order > one.order]
    if any(s.kind is DeliveryKind.SNAPSHOT for s in later):
        return False
    redelivered = any(s.kind is DeliveryKind.REDELIVERY and s.period == one.period for s in later)
    return not (redelivered and one.kind in REPLACED)


def followed(history, values):
    """Day of first arrival, and the segment at the receiver (None: withdrawn), of everybody ever sent."""
    first, state, named = {}, {}, {}
    for one in sorted((s for s in history if s.period <= REFERENCE), key=lambda s: s.order):
        for key, group, town, does in one.rows:
            if does != "w":
                first[key] = min(first.get(key, 99), one.arrived)
            if stands(one, history):
                state[key] = None if does == "w" else (group, town)
                if does != "w":
                    named.setdefault(key, []).append((one.period, (group, town)))
    if values == "first":
        for key in (key for key, there in state.items() if there is not None):
            begin = min(period for period, _ in named[key])
            state[key] = [there for period, there in named[key] if period == begin][-1]
    return first, state


def reread(history, register, values):
    """Class, own segment and delivered segment of every person, the slow and plain way."""
    first, state = followed(history, values)
    classes = {}
    for key in {row[0] for row in register} | set(state):
        rows = [row for row in register if row[0] == key]
        there = state.get(key)
        if not rows:
            if there is not None:
                classes[key] = ("extra", there, there)
            continue
        location = max(rows, key=lambda row: -1 if row[3] is None else row[3])[1:3]
        dated = [row[3] for row in rows if row[3] is not None]
        decided = min(dated, default=None)
        if there is not None:
            late = decided is not None and first[key] - decided > SLA
            classes[key] = ("late" if late else "matched", location, there)
        else:
            within = decided is not None and REFERENCE - decided <= SLA
            classes[key] = ("pending" if within else "missing", location, location)
    return classes


def put(rows, into):
    into.execute('CREATE OR REPLACE TABLE delivery (key VARCHAR, "group" VARCHAR, town VARCHAR, does VARCHAR)')
    if rows:
        into.executemany("INSERT INTO delivery VALUES (?, ?, ?, ?)", rows)


def compared(history, register, values, folder):
    path = Path(folder) / "register.csv"
    lines = ["key;group;town;decided"]
    for key, group, town, day in register:
        lines.append(f"{key};{group};{town};{'' if day is None else (START + timedelta(day)).isoformat()}")
    path.write_text("\n".join(lines) + "\n")
    with DeliveredKeys(COLUMNS, KEYS) as account:
        for one in history:
            account.add(one.as_delivery(), partial(put, one.rows))
        terms = ReconciliationTerms(
            reference_date=START + timedelta(REFERENCE),
            at=datetime(2022, 2, 1, tzinfo=UTC),
            sla=timedelta(days=SLA),
            segments=((), ("group",), ("town", "group")),
        )
        return reconcile(account, RegisterFile(path=path, columns=COLUMNS, values=values), terms)


@pytest.mark.integration
@settings(max_examples=60, deadline=None)
@given(
    history=histories(),
    register=REGISTERS,
    values=st.sampled_from(["first", "newest"]),
    order=st.randoms(use_true_random=False),
)
def test_missing_pending_late_and_matched_partition_the_register_in_any_order(history, register, values, order):
    shuffled = list(history)
    order.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        outcome = compared(shuffled, register, values, folder)
    expected = reread(history, register, values)

    tally = Counter((name, WHOLE) for name, _, _ in expected.values())
    for name, (group, town), _ in expected.values():
        tally[name, Segment.of({"group": group})] += 1
        tally[name, Segment.of({"town": town, "group": group})] += 1
    for count in outcome.counts:
        found = {n: getattr(count, n) for n in ("matched", "late", "pending", "missing", "extra")}
        assert found == {name: tally[name, count.segment] for name in found}
        assert count.registered == count.matched + count.late + count.pending + count.missing
    assert outcome.whole.registered == len({row[0] for row in register})
    assert outcome.duplicates == len(register) - outcome.whole.registered
    both = [(location, there) for name, location, there in expected.values() if name in {"matched", "late"}]
    assert outcome.whole.different == sum(tuple(location) != tuple(there) for location, there in both)
    assert outcome.differences == {
        "group": sum(location[0] != there[0] for location, there in both),
        "town": sum(location[1] != there[1] for location, there in both),
    }
