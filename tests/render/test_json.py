from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing, Run
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.status import Status
from ketenwacht.render.data import AuditRow, Replay
from ketenwacht.render.json import backtest_object, replay_object, run_object

DAY = date(2022, 1, 3)


def one(run, **changes):
    """The JSON of a run with a single result, as read back by a consumer."""
    result = replace(CheckResult("c", Status.FAILED, Evidence.HISTORY, "m"), **changes)
    text = json.dumps(run_object(replace(run, results=(result,))), allow_nan=False)
    return json.loads(text)["results"][0]


def test_a_run_is_the_object_of_the_interface(run, golden):
    golden("run.json", json.dumps(run_object(run), ensure_ascii=False, indent=1) + "\n")


def test_a_replay_is_the_object_of_the_interface(replay, golden):
    golden("replay.json", json.dumps(replay_object(replay), ensure_ascii=False, indent=1) + "\n")


FAMILY, ASYLUM = (Segment.of({"group": value}) for value in ("family", "asylum"))


def test_a_backtest_is_the_object_of_the_interface(golden):
    rows = (
        AuditRow(FAMILY, 0.2, Evidence.REFERENCE, 200, 0.98, 31.0, 64.0, 20.0, 0.9),
        AuditRow(ASYLUM, 0.016, Evidence.HISTORY, 200, 0.04, None, None, 863.0, 0.9),
    )
    golden("backtest.json", json.dumps(backtest_object("feed", rows), indent=1) + "\n")


@pytest.mark.parametrize(
    ("observed", "unit", "number", "text"),
    [
        (0.0, "persons", 0, None),
        (1.0, "persons", None, "<10"),
        (9.0, "rows", None, "<10"),
        (10.0, "persons", 10, None),
        (3.0, "hours", 3, None),
        (0.25, "share", 0.25, None),
        (float("inf"), "hours", None, None),
        (None, "persons", None, None),
    ],
)
def test_a_small_count_of_persons_is_null_and_said_to_be_small(run, observed, unit, number, text):
    shown = one(run, observed=observed, unit=unit)
    assert (shown["observed"], shown.get("observed_text")) == (number, text)


@pytest.mark.parametrize(
    ("missing", "shown"),
    [
        ((187, 123, 258), (190, 120, 260)),
        ((1, 0, 3), (10, 0, 10)),  # one missing person is not none
        ((-42, -61, -23), (-40, -70, -20)),
        ((0, -3, 3), (0, -10, 10)),
    ],
)
def test_missing_persons_are_whole_tens_with_the_interval_outward(run, missing, shown):
    found = one(run, missing=Missing(DAY, *missing))["missing"]
    assert (found["value"], found["low"], found["high"]) == shown
    assert all(isinstance(found[key], int) for key in ("value", "low", "high"))


def test_limits_of_a_count_are_the_whole_numbers_that_are_accepted(run):
    assert one(run, expected=Interval(20.4, 44.2), unit="persons")["expected"] == {"low": 21, "high": 44}
    assert one(run, expected=Interval(0.975, None), unit="share")["expected"] == {"low": 0.975, "high": None}


def test_a_run_without_results_is_an_error_never_green(run):
    assert run_object(replace(run, results=()))["status"] == "error"


def test_alerts_are_counted_by_the_week():
    assert replay_object(Replay("feed", DAY, date(2022, 1, 16), 10, alerts_sent=3))["alerts"] == {
        "sent": 3,
        "per_week": 1.5,
    }


@given(
    observed=st.one_of(st.none(), st.floats(-1e6, 1e6)),
    bounds=st.tuples(*[st.floats(-1e6, 1e6)] * 3).map(sorted),
    limits=st.tuples(*[st.one_of(st.none(), st.floats(-1e6, 1e6))] * 2),
)
def test_no_small_count_leaves_and_an_estimate_stays_in_its_interval(observed, bounds, limits):
    low, value, high = bounds
    result = CheckResult("c", Status.FAILED, Evidence.HISTORY, "m", observed=observed, unit="persons",
                         expected=Interval(*limits), missing=Missing(DAY, value, low, high))  # fmt: skip
    run = Run("r", Delivery("f", "1", DAY), None, (result,))
    shown = json.loads(json.dumps(run_object(run), allow_nan=False))["results"][0]
    assert shown["observed"] is None or not 0 < shown["observed"] < 10
    assert shown["missing"]["low"] <= shown["missing"]["value"] <= shown["missing"]["high"]
    assert not 0 < abs(shown["missing"]["value"]) < 10


def test_the_segment_of_the_whole_feed_is_an_empty_object(run):
    assert one(run, segment=WHOLE)["segment"] == {}
