from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ketenwacht.domain.guard import Guard
from ketenwacht.domain.measurement import MetricKey, Snapshot, Unmeasured
from ketenwacht.domain.personal import OTHER
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Name, Statement
from ketenwacht.errors import StoreError
from ketenwacht.store import History
from ketenwacht.store.exchange import dump, export_measurements, import_measurements, load

from .samples import AT, FEED, MANIFEST, absent, delivery, run, snapshot

ALL = (snapshot(delivery(1, manifest=MANIFEST)), snapshot(delivery(2)), snapshot(absent(3), hours_late=4.0))
TEXT = st.text("abzé ĳ\"\\'=;,|.-_0", max_size=4)  # what looks personal is refused, and tests/domain covers it
KEYS = st.builds(MetricKey, TEXT, st.builds(Segment, st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)))
NO_COLUMN = Statement("unmeasured.no_column", {"column": Name("town")})
VALUES = st.floats(-1e12, 1e12) | st.builds(Unmeasured, TEXT | st.just(NO_COLUMN))


def bring(history, lines):
    ids = map(str, itertools.count())
    return import_measurements(history, lines, new_id=lambda: next(ids), who="ci", at=AT)


def test_a_history_goes_out_and_comes_in_elsewhere(history, tmp_path):
    for one in ALL:
        history.runs.save(run(one.delivery), one)

    with History.open(f"sqlite:///{tmp_path}/elsewhere.db") as other:
        assert bring(other, export_measurements(history, FEED)) == 3
        assert other.runs.find_snapshots(FEED) == ALL
        assert {one.status for one in other.runs.find(FEED)} == {Status.SKIPPED}
        assert bring(other, export_measurements(history, FEED)) == 0
        assert [line.entry.result for line in other.audit.find()] == ["3 new of 3", "0 new of 3"]


def test_the_first_line_says_what_the_file_is_and_that_it_holds_small_counts(history):
    head = json.loads(next(iter(export_measurements(history, FEED))))
    assert head["schema"] == "ketenwacht/measurements/1"
    assert head["feed"] == FEED
    assert "below 10" in head["notice"]
    assert "not for publication" in head["notice"]


@given(measured=st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_measurements_that_the_guard_lets_pass_come_back_as_they_went_out(measured):
    one = Snapshot(delivery(), measured)
    assume(Guard().snapshot(one) == one)
    assert load(dump(FEED, [one])) == (FEED, (one,))


def test_names_that_could_be_a_persons_are_not_taken_in(history):
    person = Segment((("kind", "7777 12 345"),))
    lines = list(dump(FEED, [Snapshot(delivery(), {MetricKey("rows", person): 2.0})]))
    assert bring(history, lines) == 1
    assert history.runs.find_snapshots(FEED)[0].measurements == {
        MetricKey("rows", Segment((("kind", OTHER),))): 2.0
    }


def test_a_delivery_whose_id_could_be_a_persons_is_not_taken_in(history):
    lines = list(dump(FEED, [snapshot(replace(delivery(), id="7777123450"))]))
    with pytest.raises(StoreError, match="line 2 of the measurement file: ValueError"):
        bring(history, lines)


def test_a_number_that_is_none_comes_back_as_one_that_is_none():
    _, (one,) = load(dump(FEED, [snapshot(rows=math.nan)]))
    assert math.isnan(one.value("rows"))


LINES = list(dump(FEED, ALL))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "0 of 0"),
        (LINES[:-1], "2 of 3 deliveries — it was cut off"),
        ([*LINES[:2], LINES[2][:40]], "line 3 .* is not JSON"),
        (["{}"], "line 1 .* KeyError"),
        (["[]"], "line 1 .* TypeError"),
        (['{"schema": "another/1"}'], "line 1 .* schema is not"),
        ([LINES[0], '{"id": "jan@example.org"}'], "line 2 .* KeyError"),
        ([LINES[0], LINES[1].replace('"read"', '"jan@example.org"')], "line 2 .* ValueError"),
    ],
    ids=["empty", "cut off", "half a line", "no head", "a list", "another schema", "no delivery", "no such word"],
)
def test_what_is_no_measurement_file_is_said_without_quoting_it(lines, said):
    with pytest.raises(StoreError, match=said) as caught:
        load(lines)
    assert "jan@" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_broken_file_brings_nothing_in(history):
    with pytest.raises(StoreError):
        bring(history, LINES[:-1])
    assert history.runs.find_judged(FEED) == frozenset()


IMPOSSIBLE = [
    ("a count below zero", '["rows",[],-1.0]'),
    ("half a row", '["rows",[],1.5]'),
    ("an infinite count", '["rows",[],1e999]'),
    ("more rows than can be", '["rows",[],1e13]'),
    ("a number written as text", '["rows",[],"30"]'),
    ("a truth", '["rows",[],true]'),
    ("endless lateness", '["hours_late",[],1e300]'),
]


@pytest.mark.parametrize(("sentence", "entry"), IMPOSSIBLE, ids=[one[0] for one in IMPOSSIBLE])
def test_a_number_that_nothing_measured_is_refused_with_its_line(sentence, entry):
    head = '{"schema": "ketenwacht/measurements/1", "feed": "f", "deliveries": 1, "notice": ""}'
    line = (
        '{"arrived_at":null,"columns":[],"due_at":null,"id":"1","manifest":null,"measurements":[%s],'
        '"period":"%s","presence":"read","problem":null,"sha256":null,"size":10}'
    )
    load([head, line % ('["rows",[],30.0],["hours_late",[],-1.5]', "2024-01-03")])
    with pytest.raises(StoreError, match=r"^line 2 of the measurement file"):
        load([head, line % (entry, "2024-01-03")])
    with pytest.raises(StoreError, match=r"^line 2 of the measurement file"):
        load([head, line % ('["rows",[],30.0]', "9999-12-31")])
