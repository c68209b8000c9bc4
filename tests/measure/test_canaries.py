"""Synthetic persons are counted by themselves and by nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from ketenwacht.domain.delivery import Delivery, Manifest
from ketenwacht.domain.measurement import Column, MetricKey
from ketenwacht.domain.segment import Segment
from ketenwacht.measure import KeyRange, MeasurementPlan, measure, open_workspace
from ketenwacht.measure.engine import CopiedDataset

A, B = Segment.of({"group": "a"}), Segment.of({"group": "b"})
GROUPS = ((), ("group",))
RANGE = KeyRange("key", "0090", "0099")


def measure_rows(rows, plan, manifest=None):
    with open_workspace() as connection:
        connection.execute('CREATE TABLE delivery (key VARCHAR, "group" VARCHAR)')
        connection.executemany("INSERT INTO delivery VALUES (?, ?)", rows)
        columns = (Column("key", "text"), Column("group", "text"))
        return measure(
            CopiedDataset(connection, columns), Delivery("f", "1", date(2022, 1, 3), manifest=manifest), plan
        )


ROWS = [["0001", "a"], ["0002", "b"], ["0090", "a"], [" 0091", "b"], ["0091", "a"], ["90", "a"], ["00900", "b"]]


def test_they_are_in_no_count_but_their_own():
    found = measure_rows(ROWS, MeasurementPlan(segments=GROUPS, canaries=RANGE))
    assert found == {
        MetricKey("rows"): 4.0,
        MetricKey("rows", A): 2.0,
        MetricKey("rows", B): 2.0,
        MetricKey("canary.0", A): 1.0,
        MetricKey("canary.1", A): 1.0,
        MetricKey("canary.1", B): 1.0,
    }


def test_what_the_sender_counts_is_held_against_persons_only():
    declared = Manifest(rows=7, rows_by_segment={A: 4, B: 3}, selected=8, selected_by_segment={A: 4, B: 4})
    found = measure_rows(ROWS, MeasurementPlan(segments=GROUPS, canaries=RANGE), declared)
    totals = [found[MetricKey(f"declared.{name}", segment)] for name in ("rows", "selected") for segment in (A, B)]
    assert totals == [2.0, 2.0, 2.0, 3.0]


@pytest.mark.parametrize("canaries", [None, KeyRange("other", "0090", "0099")])
def test_without_a_range_everybody_counts(canaries):
    assert measure_rows(ROWS, MeasurementPlan(segments=GROUPS, canaries=canaries))[MetricKey("rows")] == 7.0


def test_a_pseudonym_of_one_is_known_too():
    rows = [["k1:ab", "a"], ["k1:cd", "b"]]
    found = measure_rows(
        rows, MeasurementPlan(segments=GROUPS, canaries=KeyRange("key", "0090", "0099", {"k1:cd": 7}))
    )
    assert found[MetricKey("canary.7", B)] == found[MetricKey("rows")] == 1.0
