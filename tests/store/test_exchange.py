from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ketenwacht.domain.guard import Guard
from ketenwacht.domain.measurement import MetricKey, Snapshot, Unmeasured
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.personal_values import OTHER
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Name, Statement
from ketenwacht.errors import StoreError
from ketenwacht.store import History
from ketenwacht.store.exchange import (
    ApprovedBaseline,
    MeasurementFile,
    dump,
    export_measurements,
    import_measurements,
    load,
)

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
    assert load(dump(MeasurementFile(FEED, (one,)))) == MeasurementFile(FEED, (one,))


def test_names_that_could_be_a_persons_are_not_taken_in(history):
    person = Segment((("kind", "7777 12 345"),))
    lines = list(dump(MeasurementFile(FEED, (Snapshot(delivery(), {MetricKey("rows", person): 2.0}),))))
    assert bring(history, lines) == 1
    assert history.runs.find_snapshots(FEED)[0].measurements == {
        MetricKey("rows", Segment((("kind", OTHER),))): 2.0
    }


def test_a_delivery_whose_id_could_be_a_persons_is_not_taken_in(history):
    lines = list(dump(MeasurementFile(FEED, (snapshot(replace(delivery(), id="7777123450")),))))
    with pytest.raises(StoreError, match="line 2 of the measurement file: a value is not what"):
        bring(history, lines)


def test_a_number_that_is_none_comes_back_as_one_that_is_none():
    (one,) = load(dump(MeasurementFile(FEED, (snapshot(rows=math.nan),)))).snapshots
    assert math.isnan(one.value("rows"))


LINES = list(dump(MeasurementFile(FEED, ALL)))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "0 of 0"),
        (LINES[:-1], "2 of 3 deliveries — it was cut off"),
        ([*LINES[:2], LINES[2][:40]], "line 3 .* is not JSON"),
        (["{}"], "line 1 .* a column or field is missing"),
        (["[]"], "line 1 .* of another type than agreed — write the file again"),
        (['{"schema": "another/1"}'], "line 1 .* schema is not"),
        ([LINES[0], '{"id": "jan@example.org"}'], "line 2 .* field is missing"),
        ([LINES[0], LINES[1].replace('"read"', '"jan@example.org"')], "line 2 .* not what belongs there"),
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


WINDOW = ExclusionWindow(
    date(2024, 1, 2), date(2024, 1, 9), "told by jan@example.org", "policy", Segment((("kind", "a"),)), "Jan"
)
SETTINGS = {"segments": ["kind"], "at_least": 1.0}
BODY = {"schema": "s", "kind": "volume", "settings": SETTINGS, "slack": 0.1, "threshold": 4.2, "parts": [1]}


def declare(history):
    """A history in which people declared a window, and approved the first of two baselines."""
    history.runs.save(run(ALL[0].delivery), ALL[0])
    history.exclusions.add(FEED, WINDOW, at=AT)
    for body in (BODY, {**BODY, "threshold": 9.0}):
        history.baselines.propose(FEED, "volume", body, who="Jan", why="calm year", at=AT)
    history.baselines.approve(FEED, "volume", 1, who="Jan", why="calm year", at=AT)


def test_what_people_declared_and_approved_goes_along_without_their_words_and_names(history):
    declare(history)
    lines = list(export_measurements(history, FEED))
    found = load(lines)
    assert found.exclusions == (replace(WINDOW, reason="", declared_by=""),)
    assert found.baselines == (ApprovedBaseline("volume", 1, {k: v for k, v in BODY.items() if k != "parts"}),)
    assert "jan" not in "".join(lines).lower()
    assert "calm" not in "".join(lines)


def test_imported_windows_count_once_and_an_imported_baseline_waits_for_approval(history, tmp_path):
    declare(history)
    with History.open(f"sqlite:///{tmp_path}/elsewhere.db") as other:
        for _ in range(2):
            bring(other, export_measurements(history, FEED))
        (window,) = other.exclusions.find(FEED)
        assert (window.first, window.last, window.kind) == (WINDOW.first, WINDOW.last, "policy")
        assert (window.segment, window.declared_by) == (WINDOW.segment, "ci")
        assert other.baselines.find(FEED) == ()


def test_a_file_of_an_earlier_version_has_no_windows_and_no_baselines():
    head = {k: v for k, v in json.loads(LINES[0]).items() if k not in {"exclusions", "baselines"}}
    assert load([json.dumps(head), *LINES[1:]]) == MeasurementFile(FEED, ALL)


HEADS = [
    (
        "a window of an unknown kind",
        {"exclusions": [{"first": "2024-01-02", "last": "2024-01-09", "kind": "x", "segment": []}]},
    ),
    (
        "a window that ends before it begins",
        {"exclusions": [{"first": "2024-01-09", "last": "2024-01-02", "kind": "pause", "segment": []}]},
    ),
    (
        "a window without a segment",
        {"exclusions": [{"first": "2024-01-02", "last": "2024-01-09", "kind": "pause"}]},
    ),
    ("a threshold below zero", {"baselines": [{**BODY, "check": "volume", "version": 1, "threshold": -1}]}),
    ("a slack that is no number", {"baselines": [{**BODY, "check": "volume", "version": 1, "slack": True}]}),
    ("an endless threshold", {"baselines": [{**BODY, "check": "volume", "version": 1, "threshold": 1e99}]}),
    ("settings that are a list", {"baselines": [{**BODY, "check": "volume", "version": 1, "settings": []}]}),
]


@pytest.mark.parametrize(("sentence", "part"), HEADS, ids=[one[0] for one in HEADS])
def test_a_first_line_that_states_the_impossible_is_refused(sentence, part):
    with pytest.raises(StoreError, match=r"^line 1 of the measurement file"):
        load([json.dumps({**json.loads(LINES[0]), **part}), *LINES[1:]])
