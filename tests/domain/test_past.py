"""The past of a feed, as checks see it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from views import ABSENT, UNREADABLE, snapshot

from ketenwacht.domain.delivery import DeliveryKind, Manifest
from ketenwacht.domain.past import ExclusionWindow, Past
from ketenwacht.domain.segment import WHOLE, Segment

A, B = Segment((("g", "a"),)), Segment((("g", "b"),))
START = date(2022, 1, 3)


def day(i, counts, *, kind=DeliveryKind.MUTATION, **changes):
    made = snapshot([("rows", s, c) for s, c in counts.items()], manifest=Manifest(kind=kind), **changes)
    return replace(made, delivery=replace(made.delivery, period=START + timedelta(days=i), id=f"{i}{kind.value}"))


THREE = [day(0, {A: 1.0}), day(1, {A: 2.0, B: 5.0}), day(2, {A: 3.0})]


def test_a_segment_that_is_not_there_counts_as_zero():
    assert list(Past.of(THREE).series("rows", B)) == [0.0, 5.0, 0.0]


def test_a_delivery_that_did_not_come_is_unknown_not_zero():
    past = Past.of([THREE[0], day(1, {}, **ABSENT), THREE[2]])
    assert math.isnan(past.series("rows", A)[1])


def test_nothing_of_today_or_later_is_in_the_past_of_today():
    past = Past.of(THREE).before(START + timedelta(days=1))
    assert past.periods == (START,)
    assert past.segments("rows", ("g",)) == (A,)


@pytest.mark.parametrize(
    ("sentence", "i", "kept"),
    [
        ("the newest is of that day", 2, 2),
        ("all are earlier", 3, 3),
        ("none is earlier", 0, 0),
    ],
)
def test_the_past_of_a_day_holds_what_is_strictly_earlier(sentence, i, kept):
    assert Past.of(THREE).before(START + timedelta(days=i)).snapshots == tuple(THREE[:kept]), sentence


@pytest.mark.parametrize(
    ("sentence", "later", "counts"),
    [
        ("a redelivery replaces its period", day(1, {A: 9.0}, kind=DeliveryKind.REDELIVERY), [1.0, 9.0, 3.0]),
        ("a late delivery replaces its absence", day(1, {A: 9.0}), [1.0, 9.0, 3.0]),
        ("an unreadable one replaces nothing", day(1, {}, **UNREADABLE), [1.0, 2.0, 3.0]),
        ("a full state is no change", day(1, {A: 500.0}, kind=DeliveryKind.SNAPSHOT), [1.0, 2.0, 3.0]),
        ("a catch-up is no baseline", day(1, {A: 500.0}, kind=DeliveryKind.CATCH_UP), [1.0, 2.0, 3.0]),
    ],
)
def test_what_comes_again(sentence, later, counts):
    assert list(Past.of([*THREE, later]).series("rows", A)) == counts, sentence


def test_the_newest_know_every_segment_there_ever_was():
    newest = Past.of(THREE).newest(1)
    assert newest.periods == (START + timedelta(days=2),)
    assert newest.segments("rows", ("g",)) == (A, B)


def test_segments_are_the_same_however_the_past_was_built():
    assert Past(tuple(THREE)).segments("rows", ("g",)) == Past.of(THREE).segments("rows", ("g",)) == (A, B)
    assert Past.of(THREE).segments("rows", ()) == ()


def test_a_window_covers_the_parts_of_its_segment():
    window = ExclusionWindow(START, START, "pause", segment=A)
    deeper = Segment((("g", "a"), ("code", "x")))
    assert window.covers(START, deeper)
    assert not window.covers(START, WHOLE)
    assert not window.covers(START + timedelta(days=1), A)
    assert list(replace(Past.of(THREE), exclusions=(window,)).excluded(A)) == [True, False, False]
