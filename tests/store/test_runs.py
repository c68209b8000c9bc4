from __future__ import annotations

import itertools
import math
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketenwacht.domain.delivery import DeliveryKind, Manifest, Presence
from ketenwacht.domain.measurement import MetricKey, Snapshot, Unmeasured
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Name, Statement
from ketenwacht.errors import StoreError

from .samples import (
    DAY,
    FEED,
    MANIFEST,
    NORTH,
    RESULTS,
    absent,
    alert,
    delivery,
    event,
    incident,
    run,
    save,
    snapshot,
)

TEXT = st.text(max_size=6)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
SEGMENTS = st.builds(Segment, st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple))
NO_COLUMN = Statement("unmeasured.no_column", {"column": Name("town")})
VALUES = st.floats(allow_nan=False) | st.builds(Unmeasured, NAMES | st.just(NO_COLUMN))
MEASURED = st.dictionaries(st.builds(MetricKey, NAMES, SEGMENTS), VALUES, max_size=8)
_feeds = itertools.count()


def test_a_run_comes_back_as_it_went_in(history):
    of = delivery(manifest=MANIFEST)

    assert history.runs.save(run(of), snapshot(of)) is True

    assert history.runs.find(FEED) == (run(of),)
    assert history.runs.find_snapshots(FEED) == (snapshot(of),)


@pytest.mark.parametrize(
    "of",
    [
        delivery(manifest=Manifest()),
        delivery(manifest=Manifest(kind=DeliveryKind.CATCH_UP, selected=0)),
        delivery(size=2**40),
        delivery(presence=Presence.UNREADABLE, sha256=None, problem="UnicodeDecodeError at line 7"),
        delivery(
            presence=Presence.UNREADABLE, sha256=None, problem=Statement("delivery.nul", {"line": Amount(7)})
        ),
        delivery(presence=Presence.UNREADABLE, sha256=None, problem='["cut off'),
        delivery(arrived_at=None, due_at=None, sha256=None, size=None),
        absent(),
    ],
    ids=[
        "empty manifest",
        "catch-up",
        "a terabyte",
        "unreadable, in words of an earlier release",
        "unreadable",
        "unreadable, in odd words",
        "hardly known",
        "absent",
    ],
)
def test_every_sort_of_delivery_comes_back_as_it_went_in(history, of):
    history.runs.save(run(of), snapshot(of))

    assert history.runs.find(FEED)[0].delivery == of
    assert history.runs.find_snapshots(FEED)[0].delivery == of
    assert history.runs.find_judged(FEED) == {(of.id, of.mark)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(measured=MEASURED)
def test_any_measurements_come_back_as_they_went_in(history, measured):
    of = delivery(feed=f"feed {next(_feeds)}")

    history.runs.save(run(of), Snapshot(of, measured))

    assert history.runs.find_snapshots(of.feed) == (Snapshot(of, measured),)


def test_a_number_that_is_none_comes_back_as_one_that_is_none(history):
    history.runs.save(run(), snapshot(rows=math.nan))

    (back,) = history.runs.find_snapshots(FEED)
    assert math.isnan(back.value("rows"))


def test_segments_that_differ_only_in_order_are_two(history):
    one, other = Segment((("a", "1"), ("b", "2"))), Segment((("b", "2"), ("a", "1")))
    measured = {MetricKey("rows", one): 1.0, MetricKey("rows", other): 2.0}

    history.runs.save(run(), Snapshot(delivery(), measured))

    assert history.runs.find_snapshots(FEED)[0].measurements == measured


def test_a_segment_may_hold_what_databases_refuse_in_text(history):
    measured = {MetricKey("rows", Segment((("a", "\0"), ("b", "\udc80")))): 1.0}

    history.runs.save(run(), Snapshot(delivery(), measured))

    assert history.runs.find_snapshots(FEED)[0].measurements == measured


def test_a_very_long_segment_value_is_kept(history):
    measured = {MetricKey("rows", Segment((("remark", "é" * 20_000),))): 1.0}

    history.runs.save(run(), Snapshot(delivery(), measured))

    assert history.runs.find_snapshots(FEED)[0].measurements == measured


def test_saving_the_same_delivery_again_changes_nothing(history):
    history.runs.save(run(), snapshot())

    again = save(
        history,
        run(name="another run", results=()),
        snapshot(rows=99.0),
        states={"volume": {"n": 1}},
        findings=[incident()],
        events=[event()],
        alerts=[alert()],
    )

    assert again is False
    assert history.runs.find(FEED) == (run(),)
    assert history.runs.find_snapshots(FEED) == (snapshot(),)
    assert history.runs.find_states(FEED) == {}
    assert history.findings.find(closed=True) == ()
    assert history.outbox.count()["pending"] == 0


def test_a_delivery_with_other_bytes_is_another_one(history):
    other = delivery(sha256="f" * 64)
    history.runs.save(run(), snapshot())

    assert history.runs.save(run(other, name="second"), snapshot(other)) is True
    assert len(history.runs.find(FEED)) == 2


def test_one_absence_is_judged_once(history):
    assert history.runs.save(run(absent()), snapshot(absent())) is True
    assert history.runs.save(run(absent(), name="later"), snapshot(absent())) is False


def test_two_deliveries_cannot_share_a_run(history):
    history.runs.save(run(), snapshot())

    with pytest.raises(StoreError, match="nothing was written"):
        history.runs.save(run(delivery(2), name=run().id), snapshot(delivery(2)))

    assert history.runs.find_judged(FEED) == {("000001", delivery().sha256)}


def test_snapshots_come_in_order_of_judging_not_of_period(history):
    for number in (2, 1, 3):
        history.runs.save(run(delivery(number)), snapshot(delivery(number), rows=number))

    assert [found.value("rows") for found in history.runs.find_snapshots(FEED)] == [2.0, 1.0, 3.0]


def test_before_leaves_out_the_day_itself(history):
    for number in (1, 2, 3):
        history.runs.save(run(delivery(number)), snapshot(delivery(number), rows=number))

    found = history.runs.find_snapshots(FEED, before=DAY + timedelta(2))

    assert [one.value("rows") for one in found] == [1.0]


def test_only_the_wanted_metrics_are_read(history):
    history.runs.save(run(), snapshot())

    (found,) = history.runs.find_snapshots(FEED, metrics={"rows"})

    assert found.measurements == {MetricKey("rows"): 20.0, MetricKey("rows", NORTH): 5.0}
    assert history.runs.find_snapshots(FEED, metrics=())[0].measurements == {}


def test_one_feed_never_sees_another(history):
    history.runs.save(run(delivery(feed="a")), snapshot(delivery(feed="a")), states={"volume": {}})

    assert history.runs.find_snapshots("b") == ()
    assert history.runs.find("b") == ()
    assert history.runs.find_states("b") == {}
    assert history.runs.find_judged("b") == frozenset()


def test_runs_are_cut_to_the_newest_and_still_come_newest_last(history):
    for number in (1, 2, 3):
        history.runs.save(run(delivery(number)), snapshot(delivery(number)))

    assert [one.delivery.id for one in history.runs.find(FEED, limit=2)] == ["000002", "000003"]
    assert [one.delivery.id for one in history.runs.find(FEED, since=DAY + timedelta(3))] == ["000003"]
    assert history.runs.find(FEED, limit=0) == ()
    assert history.runs.find(FEED)[0].results == RESULTS


def test_a_check_remembers_what_it_last_left(history):
    history.runs.save(
        run(delivery(1)), snapshot(delivery(1)), states={"volume": {"n": 1}, "schema": {"columns": ["é"]}}
    )
    history.runs.save(
        run(delivery(2)), snapshot(delivery(2)), states={"volume": {"n": 2.5, "deep": {"x": [None, True]}}}
    )

    assert history.runs.find_states(FEED) == {
        "volume": {"n": 2.5, "deep": {"x": [None, True]}},
        "schema": {"columns": ["é"]},
    }
    assert history.runs.find_states_of(run(delivery(1)).id) == {
        "volume": {"n": 1},
        "schema": {"columns": ["é"]},
    }
    assert history.runs.find_states_of("unknown") == {}


def test_what_is_no_json_is_refused_and_leaves_nothing(history):
    with pytest.raises(StoreError):
        history.runs.save(run(), snapshot(), states={"volume": {"set": {1}}})

    assert history.runs.find_judged(FEED) == frozenset()
    assert history.runs.save(run(), snapshot()) is True


def test_a_moment_without_a_time_zone_is_refused(history):
    naive = delivery(arrived_at=delivery().arrived_at.replace(tzinfo=None))

    with pytest.raises(StoreError, match="time zone"):
        history.runs.save(run(naive), snapshot(naive))


def test_a_second_process_writes_on_series_that_the_first_one_made(history, url):
    history.runs.save(run(delivery(1)), snapshot(delivery(1)))
    with type(history).open(url) as other:
        other.runs.save(run(delivery(2)), snapshot(delivery(2)))
    history.runs.save(run(delivery(3)), snapshot(delivery(3)))

    assert [one.measurements for one in history.runs.find_snapshots(FEED)] == [snapshot().measurements] * 3
