from datetime import UTC, date, datetime

import pytest

from ketenwacht.domain.delivery import Delivery, Manifest, Presence
from ketenwacht.domain.measurement import MetricKey
from ketenwacht.domain.segment import Segment
from ketenwacht.measure.profile import measure_declared, measure_lateness


def segment(**pairs):
    return Segment.of(pairs)


TOTALS = {
    segment(group="a", purpose="1", kind="new"): 3,
    segment(group="a", purpose="1", kind="change"): 4,
    segment(group="a", purpose="2", kind="new"): 5,
    segment(group="b", purpose="1", kind="new"): 6,
}


def test_control_totals_are_added_up_to_the_groupings_of_the_feed():
    found = measure_declared(
        Manifest(rows=18, rows_by_segment=TOTALS), ((), ("group",), ("group", "purpose"), ("municipality",))
    )
    assert found == {
        MetricKey("declared.rows"): 18,
        MetricKey("declared.rows", segment(group="a")): 12,
        MetricKey("declared.rows", segment(group="b")): 6,
        MetricKey("declared.rows", segment(group="a", purpose="1")): 7,
        MetricKey("declared.rows", segment(group="a", purpose="2")): 5,
        MetricKey("declared.rows", segment(group="b", purpose="1")): 6,
    }


def test_a_count_that_the_sender_states_goes_before_a_sum_of_ours():
    found = measure_declared(Manifest(rows=20, rows_by_segment=TOTALS), ((),))
    assert found == {MetricKey("declared.rows"): 20}


def test_the_whole_is_added_up_when_only_segments_are_stated():
    assert measure_declared(Manifest(rows_by_segment=TOTALS), ((),)) == {MetricKey("declared.rows"): 18}


def test_selected_and_excluded_are_told_apart():
    found = measure_declared(
        Manifest(selected=100, selected_by_segment={segment(group="a"): 60}, excluded={"age": 7}), (("group",),)
    )
    assert found == {
        MetricKey("declared.selected"): 100,
        MetricKey("declared.selected", segment(group="a")): 60,
        MetricKey("declared.excluded.age"): 7,
    }


@pytest.mark.parametrize("manifest", [None, Manifest()])
def test_what_is_not_stated_is_not_measured(manifest):
    assert measure_declared(manifest, ((), ("group",))) == {}


DUE = datetime(2022, 6, 24, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("why", "due", "arrived", "at", "hours"),
    [
        ("it came two and a half hours late", DUE, DUE.replace(hour=7, minute=30), None, 2.5),
        ("it came early", DUE, DUE.replace(hour=4), None, -1.0),
        ("it is absent and grows later", DUE, None, DUE.replace(day=25), 24.0),
        ("it was never due", None, DUE, None, None),
        ("it is absent and nobody says what time it is", DUE, None, None, None),
        ("it arrived: what time it is now does not matter", DUE, DUE, DUE.replace(day=30), 0.0),
    ],
)
def test_hours_late(why, due, arrived, at, hours):
    presence = Presence.READ if arrived is not None else Presence.ABSENT
    delivery = Delivery("feed", "1", date(2022, 6, 24), presence, arrived, due)
    expected = {} if hours is None else {MetricKey("hours_late"): hours}
    assert measure_lateness(delivery, at) == expected, why
