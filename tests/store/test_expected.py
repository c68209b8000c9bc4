from __future__ import annotations

from datetime import timedelta

import pytest

from ketenwacht.errors import StoreError
from ketenwacht.store.expected import ExpectedDelivery

from .samples import AT, FEED

DUES = tuple(AT + timedelta(n) for n in range(3))


def test_a_new_feed_has_no_watermark(history):
    assert history.expected.read_watermark(FEED) is None
    assert history.expected.find_open(FEED) == ()


def test_what_is_due_is_written_down_once_in_order(history):
    history.expected.add(FEED, DUES[1:], watermark=DUES[2])
    history.expected.add(FEED, DUES, watermark=DUES[2])

    assert history.expected.find_open(FEED) == DUES
    assert history.expected.read_watermark(FEED) == DUES[2]
    assert history.expected.find_open("another feed") == ()


def test_a_watermark_moves_forward_even_when_nothing_is_due_and_never_back(history):
    history.expected.add(FEED, (), watermark=DUES[1])
    history.expected.add(FEED, (), watermark=DUES[0])
    assert history.expected.read_watermark(FEED) == DUES[1]
    history.expected.add(FEED, (), watermark=DUES[2])
    assert history.expected.read_watermark(FEED) == DUES[2]


def test_what_came_is_no_longer_open(history):
    history.expected.add(FEED, DUES, watermark=DUES[2])

    assert history.expected.set_verdict(FEED, DUES[0], "000001", "received", AT) is True
    assert history.expected.set_verdict(FEED, DUES[1], None, "missed", AT) is True

    assert history.expected.find_open(FEED) == DUES[2:]
    assert history.expected.find(FEED) == (
        ExpectedDelivery(DUES[0], "received", "000001", AT),
        ExpectedDelivery(DUES[1], "missed", None, AT),
        ExpectedDelivery(DUES[2], None, None, None),
    )
    assert [one.due for one in history.expected.find(FEED, since=DUES[1])] == [*DUES[1:]]


def test_the_first_verdict_stays_unless_it_is_named(history):
    history.expected.add(FEED, DUES, watermark=DUES[2])
    history.expected.set_verdict(FEED, DUES[0], None, "missed", AT)

    assert history.expected.set_verdict(FEED, DUES[0], "000001", "received", AT) is False
    assert history.expected.find(FEED)[0].verdict == "missed"
    assert history.expected.set_verdict(FEED, DUES[0], "000001", "late", AT, instead_of="received") is False
    assert history.expected.set_verdict(FEED, DUES[0], "000001", "late", AT, instead_of="missed") is True
    assert history.expected.find(FEED)[0] == ExpectedDelivery(DUES[0], "late", "000001", AT)


def test_what_was_never_due_gets_no_verdict(history):
    assert history.expected.set_verdict(FEED, AT, "000001", "received", AT) is False
    assert history.expected.find(FEED) == ()


def test_a_due_moment_without_a_time_zone_is_refused_with_all_that_came_with_it(history):
    with pytest.raises(StoreError, match="time zone"):
        history.expected.add(FEED, [*DUES, AT.replace(tzinfo=None)], watermark=AT)
    assert history.expected.find_open(FEED) == ()
