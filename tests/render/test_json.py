from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.result import CheckResult, Evidence, Interval, JudgedRun, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Persons
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy
from ketenwacht.messages.report.data import AuditRow, Replay
from ketenwacht.messages.views import view_run
from ketenwacht.render.json import backtest_object, run_object
from ketenwacht.render.json_summary import replay_object

DAY = date(2022, 1, 3)


HOW = MessageFormatter()


def one(run, *, smallest=None, formatter=HOW, **changes):
    """The JSON of a run with a single result, as read back by a consumer."""
    result = replace(CheckResult("c", Status.FAILED, Evidence.HISTORY, "m", of_delivery=True), **changes)
    shown = run_object(view_run(replace(run, results=(result,), smallest=smallest), formatter))
    text = json.dumps(shown, allow_nan=False)
    return json.loads(text)["results"][0]


def test_a_run_is_the_object_of_the_interface(run, golden):
    golden("run.json", json.dumps(run_object(view_run(run, HOW)), ensure_ascii=False, indent=1) + "\n")


def test_a_replay_is_the_object_of_the_interface(replay, golden):
    golden("replay.json", json.dumps(replay_object(replay, HOW), ensure_ascii=False, indent=1) + "\n")


FAMILY, ASYLUM = (Segment.of({"group": value}) for value in ("family", "asylum"))


def test_a_backtest_is_the_object_of_the_interface(golden):
    rows = (
        AuditRow(FAMILY, 0.2, Evidence.REFERENCE, 200, 0.98, 31.0, 64.0, 20.0, 0.9),
        AuditRow(ASYLUM, 0.016, Evidence.HISTORY, 200, 0.04, None, None, 863.0, 0.9),
    )
    golden("backtest.json", json.dumps(backtest_object("feed", rows), indent=1) + "\n")


@pytest.mark.parametrize(
    ("observed", "unit", "smallest", "limit", "number", "text"),
    [
        pytest.param(0.0, "persons", None, 10, 0, None, id="nobody"),
        pytest.param(1.0, "persons", 1.0, 10, None, "<10", id="one person"),
        pytest.param(9.0, "rows", 9.0, 10, None, "<10", id="the largest small count"),
        pytest.param(10.0, "persons", None, 10, 10, None, id="the smallest count that is shown"),
        pytest.param(28.0, "persons", None, 10, 28, None, id="exact without a small count beside it"),
        pytest.param(28.0, "persons", 3.0, 10, 30, None, id="rounded with one"),
        pytest.param(412.0, "persons", 412.0, 500, None, "<500", id="hidden below a limit of 500"),
        pytest.param(3.0, "persons", 3.0, 1, 3, None, id="exact where nothing is personal"),
        pytest.param(3.0, "hours", 3.0, 10, 3, None, id="hours are nobody"),
        pytest.param(float("inf"), "hours", None, 10, None, None, id="no number"),
        pytest.param(None, "persons", None, 10, None, None, id="nothing was counted"),
    ],
)
def test_a_count_leaves_as_privacy_allows_and_a_hidden_one_says_so(
    run, observed, unit, smallest, limit, number, text
):
    shown = one(
        run, smallest=smallest, formatter=MessageFormatter(privacy=Privacy(limit)), observed=observed, unit=unit
    )
    assert (shown["observed"], shown.get("observed_text")) == (number, text)
    assert shown.get("hidden", False) is (text is not None)


@pytest.mark.parametrize(
    ("observed", "whole", "shown", "text"),
    [
        pytest.param(0.25, 400.0, 0.25, None, id="a share of many"),
        pytest.param(1 / 3, 3.0, None, "hidden", id="a share of few"),
        pytest.param(0.01, 400.0, None, "<3%", id="few of many"),
        pytest.param(0.25, None, 0.25, None, id="a share of nobody"),
    ],
)
def test_a_share_says_no_more_than_its_two_counts(run, observed, whole, shown, text):
    found = one(run, observed=observed, unit="share", whole=whole, smallest=3.0)
    assert (found["observed"], found.get("observed_text")) == (shown, text)


def test_a_result_says_its_code_and_parameters(run):
    params = {"seen": Persons(3.0, of_delivery=True), "usual": Persons(41.0), "days": Amount(4.0)}
    found = one(run, code="other.code", params=params, smallest=3.0)
    assert (found["code"], found["message"]) == ("other.code", "other.code")
    assert found["params"] == {"seen": {"value": None, "hidden": True}, "usual": {"value": 40}, "days": 4}


@pytest.mark.parametrize(
    ("missing", "shown"),
    [
        ((187, 123, 258), (190, 120, 260)),
        ((1, 0, 3), (None, 0, 10)),  # one missing person is not none, and is not told
        ((-42, -61, -23), (-40, -70, -20)),
        ((0, -3, 3), (0, -10, 10)),
    ],
)
def test_missing_persons_are_whole_tens_with_the_interval_outward(run, missing, shown):
    found = one(run, missing=Missing(DAY, *missing))["missing"]
    assert (found["value"], found["low"], found["high"]) == shown
    assert all(isinstance(found[key], int) for key in ("low", "high"))
    assert found.get("hidden", False) is (shown[0] is None)


def test_limits_of_a_count_are_as_exact_as_the_count(run):
    assert one(run, expected=Interval(20.4, 44.2), unit="persons")["expected"] == {"low": 21, "high": 44}
    rounded = one(run, expected=Interval(20.4, 44.2), unit="persons", smallest=3.0)
    assert rounded["expected"] == {"low": 20, "high": 50}
    assert one(run, expected=Interval(0.975, None), unit="share")["expected"] == {"low": 0.975, "high": None}


def test_a_run_without_results_is_an_error_never_green(run):
    assert run_object(view_run(replace(run, results=()), HOW))["status"] == "error"


def test_alerts_are_counted_by_the_week():
    assert replay_object(Replay("feed", DAY, date(2022, 1, 16), 10, alerts_sent=3), HOW)["alerts"] == {
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
    run = JudgedRun("r", Delivery("f", "1", DAY), None, (result,))
    shown = json.loads(json.dumps(run_object(view_run(run, HOW)), allow_nan=False))["results"][0]
    assert shown["observed"] is None or not 0 < shown["observed"] < 10
    estimate = shown["missing"]
    assert estimate["value"] is None or estimate["low"] <= estimate["value"] <= estimate["high"]
    assert not 0 < abs(estimate["value"] or 0) < 10


def test_the_segment_of_the_whole_feed_is_an_empty_object(run):
    assert one(run, segment=WHOLE)["segment"] == {}
