"""Counting both ends."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from declared_codes import hold_to_codes
from views import ABSENT, DAY, snapshot, view

from ketenwacht.domain.checks.control_total import ControlTotalCheck
from ketenwacht.domain.delivery import DeliveryKind, Manifest
from ketenwacht.domain.result import Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, MissingCount, Persons, Statement, Text

A, B = Segment.of({"group": "a"}), Segment.of({"group": "b"})


def counted(day=0, *, rows=(60, 40), declared=None, selected=None, excluded=None, kind=DeliveryKind.MUTATION):
    """A delivery of groups a and b; `declared` and `selected` by group, None: not stated."""
    found = [("rows", float(sum(rows)))]
    for name, counts in (("rows", rows), ("declared.rows", declared), ("declared.selected", selected)):
        if counts is not None:
            found += [
                (name, segment, float(n)) for segment, n in zip((A, B), counts, strict=True) if n is not None
            ]
            found += [(name, float(sum(n or 0 for n in counts)))] if name != "rows" else []
    manifest = Manifest(kind=kind, excluded=excluded or {})
    return snapshot(found, id=f"{day + 1:06d}", period=DAY + timedelta(days=day), manifest=manifest)


def results(check, now, past=()):
    found = hold_to_codes(check, check.judge(view(now, past)).results)
    return {(r.check, r.segment): r for r in found}


def told(persons):
    """So many persons, counted in the delivery that is judged."""
    return Persons(persons, of_delivery=True)


BY_GROUP = ControlTotalCheck(segments=("group",))
TRANSPORT, SELECTION = "control_total.transport", "control_total.selection"


def test_a_feed_that_declares_nothing_gets_no_verdict():
    assert results(BY_GROUP, counted()) == {}
    assert results(BY_GROUP, snapshot(**ABSENT)) == {}


def test_what_was_sent_was_received():
    found = results(BY_GROUP, counted(declared=(60, 40)))
    assert {key: r.status for key, r in found.items()} == dict.fromkeys(
        [(TRANSPORT, WHOLE), (TRANSPORT, A), (TRANSPORT, B)], Status.PASSED
    )
    whole = found[TRANSPORT, WHOLE]
    assert (whole.code, whole.params) == ("control_total.received", {"received": told(100.0)})
    assert whole.of_delivery


def test_a_record_lost_on_the_way_fails_with_its_number():
    found = results(BY_GROUP, counted(declared=(60, 52)))
    assert found[TRANSPORT, A].status is Status.PASSED
    assert found[TRANSPORT, B].status is Status.FAILED
    assert found[TRANSPORT, B].missing == Missing(DAY, 12.0, 12.0, 12.0)
    assert found[TRANSPORT, B].code == "control_total.lost"
    assert found[TRANSPORT, B].params == {
        "declared": told(52.0),
        "received": told(40.0),
        "difference": told(12.0),
    }
    assert found[TRANSPORT, WHOLE].status is Status.FAILED


def test_more_than_was_sent_is_a_surplus():
    found = results(BY_GROUP, counted(declared=(60, 30)))[TRANSPORT, B]
    assert found.missing == Missing(DAY, -10.0, -10.0, -10.0)
    assert (found.code, found.params["difference"]) == ("control_total.extra", told(10.0))


def test_totals_that_agree_over_segments_that_do_not():
    found = results(ControlTotalCheck(), counted(declared=(58, 42)))
    assert set(found) == {(TRANSPORT, WHOLE)}
    assert found[TRANSPORT, WHOLE].status is Status.FAILED
    assert (found[TRANSPORT, WHOLE].code, found[TRANSPORT, WHOLE].unit) == ("control_total.changed", None)
    assert found[TRANSPORT, WHOLE].params == {"segments": Amount(2)}


def test_a_segment_that_the_sender_does_not_name_was_declared_to_be_empty():
    assert results(BY_GROUP, counted(declared=(100, None)))[TRANSPORT, B].missing.value == -40.0


def test_a_delivery_without_the_column_of_a_segment_is_not_accused_of_losing_everybody():
    now = snapshot([("rows", 100.0), ("declared.rows", 100.0), ("declared.rows", A, 100.0)])
    found = results(BY_GROUP, now)
    assert {key: r.status for key, r in found.items()} == {(TRANSPORT, WHOLE): Status.PASSED}


def test_what_was_selected_and_left_out_for_a_reason_is_explained():
    found = results(BY_GROUP, counted(selected=(62, 41), excluded={"minor": 3}))
    assert {key: r.status for key, r in found.items()} == dict.fromkeys(
        [(SELECTION, WHOLE), (SELECTION, A), (SELECTION, B)], Status.PASSED
    )


def test_somebody_selected_and_not_sent_fails_in_the_segment_it_is_about():
    past = [counted(day, selected=(60, 40)) for day in range(3)] + [counted(3, selected=(60, 45))]
    found = results(BY_GROUP, counted(4, selected=(60, 47)), past)
    assert found[SELECTION, A].status is Status.PASSED
    assert found[SELECTION, B].status is Status.FAILED
    assert found[SELECTION, B].missing == Missing(DAY + timedelta(days=3), 12.0, 12.0, 12.0)
    assert found[SELECTION, WHOLE].missing.value == 12.0
    assert found[SELECTION, B].code == "control_total.not_sent"
    assert found[SELECTION, B].params == {"since": DAY + timedelta(days=3), "missing": MissingCount(12.0)}


def test_more_than_was_selected_fails_too():
    found = results(BY_GROUP, counted(selected=(60, 30)))[SELECTION, B]
    assert found.status is Status.FAILED
    assert found.missing.value == -10.0
    assert (found.code, found.params) == ("control_total.not_selected", {"extra": MissingCount(-10.0)})


def test_a_catch_up_evens_the_account():
    past = [counted(0, selected=(70, 40)), counted(1, rows=(70, 40), selected=(60, 40))]
    found = results(BY_GROUP, counted(2, selected=(60, 40)), past)
    assert found[SELECTION, A].status is Status.PASSED
    assert (found[SELECTION, A].code, found[SELECTION, A].params) == ("control_total.explained", {"earlier": ()})


def test_of_a_delivery_that_is_explained_it_is_said_what_earlier_ones_still_lack():
    found = results(BY_GROUP, counted(1, selected=(60, 40)), [counted(0, selected=(60, 52))])[SELECTION, B]
    assert (found.status, found.code) == (Status.PASSED, "control_total.explained")
    lacked = {"since": DAY, "missing": MissingCount(12.0)}
    assert found.params["earlier"] == (Statement("control_total.earlier", lacked),)


def test_a_redelivery_replaces_the_remainder_of_its_period():
    past = [
        counted(0, selected=(70, 40)),
        counted(0, rows=(70, 40), selected=(70, 40), kind=DeliveryKind.REDELIVERY),
    ]
    assert results(BY_GROUP, counted(1, selected=(61, 40)), past)[SELECTION, A].missing.value == 1.0


def drip(share, days, seed=1):
    rng = np.random.default_rng(seed)
    selected = rng.poisson(60, days)
    lost = rng.binomial(selected, share)
    pairs = enumerate(zip(selected.tolist(), lost.tolist(), strict=True))
    return [counted(day, rows=(all_ - gone, 40), selected=(all_, 40)) for day, (all_, gone) in pairs]


def test_a_small_difference_is_tolerated_until_it_keeps_coming_back():
    check = ControlTotalCheck(segments=("group",), tolerated=10, because="corrections by hand")
    series = drip(0.08, 30)
    first = results(check, series[0])[SELECTION, A]
    assert first.status is Status.PASSED
    assert first.code == "control_total.tolerated"
    assert (first.params["tolerated"], first.params["because"]) == (Amount(10), Text.of("corrections by hand"))
    found = results(check, series[-1], series[:-1])[SELECTION, A]
    assert found.status is Status.FAILED
    assert found.code == "control_total.keeps_coming"
    assert found.missing.since == series[0].delivery.period
    assert found.missing.value == sum(s.value("declared.selected", A) - s.value("rows", A) for s in series)


def test_an_ordinary_slip_rate_is_left_alone():
    check = ControlTotalCheck(segments=("group",), tolerated=10, because="corrections by hand")
    series = drip(0.002, 200)
    assert results(check, series[-1], series[:-1])[SELECTION, A].status is Status.PASSED


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tolerated", [1, 2, 5])
def test_a_loss_far_below_what_is_tolerated_is_found_within_five_weeks(tolerated, seed):
    check = ControlTotalCheck(segments=("group",), tolerated=tolerated, because="corrections by hand")
    series = drip(0.016, 25, seed)
    found = results(check, series[-1], series[:-1])
    assert Status.FAILED in {found[SELECTION, WHOLE].status, found[SELECTION, A].status}


def test_who_comes_a_delivery_later_is_no_difference_that_keeps_coming_back():
    check = ControlTotalCheck(segments=("group",), tolerated=5, because="corrections by hand")
    series = [counted(day, rows=(56 if day % 2 == 0 else 64, 40), selected=(60, 40)) for day in range(200)]
    found = [results(check, series[n], series[:n])[SELECTION, A] for n in (50, 100, 198)]
    assert [result.status for result in found] == [Status.PASSED] * 3


def test_more_than_is_tolerated_is_not_forgotten_as_part_of_what_keeps_coming_back():
    check = ControlTotalCheck(segments=("group",), tolerated=2, because="corrections by hand")
    lacks = [3 if day % 4 == 0 else 1 for day in range(40)]
    series = [counted(day, rows=(60 - gone, 40), selected=(60, 40)) for day, gone in enumerate(lacks)]
    assert results(check, series[-1], series[:-1])[SELECTION, A].status is Status.FAILED


def test_what_is_spread_over_segments_is_no_count_of_the_delivery():
    exact = results(BY_GROUP, counted(selected=(70, 41)))
    spread = results(BY_GROUP, counted(selected=(70, 41), excluded={"minor": 2}))
    assert [exact[SELECTION, s].of_delivery for s in (WHOLE, A, B)] == [True, True, True]
    assert [spread[SELECTION, s].of_delivery for s in (WHOLE, A, B)] == [True, False, False]


def test_where_somebody_was_left_out_for_a_reason_a_segment_is_known_within_limits():
    past = [counted(d, selected=(70, 41), excluded={"minor": 2}) for d in range(9)]
    found = results(BY_GROUP, counted(9, selected=(70, 41), excluded={"minor": 2}), past)
    assert found[SELECTION, WHOLE].missing == Missing(DAY, 90.0, 90.0, 90.0)
    by_group = [found[SELECTION, segment] for segment in (A, B)]
    assert by_group[0].status is Status.FAILED
    assert by_group[0].missing.low == 80.0
    assert by_group[0].missing.high == 100.0
    assert by_group[1].status is Status.PASSED


def test_a_group_whose_loss_hides_behind_those_left_out_stays_failed_while_the_feed_lacks_somebody():
    past = [counted(0, selected=(60, 42))]
    assert results(BY_GROUP, counted(1, selected=(61, 41), excluded={"minor": 1}), past)[SELECTION, B].status is (
        Status.FAILED
    )
    assert results(BY_GROUP, counted(1, selected=(60, 41), excluded={"minor": 1}), past)[SELECTION, B].status is (
        Status.PASSED
    )


def test_once_mended_a_difference_that_came_back_is_soon_forgotten():
    check = ControlTotalCheck(segments=("group",), tolerated=10, because="corrections by hand")
    series = drip(0.08, 200)
    mended = [counted(200 + d, selected=(60, 40)) for d in range(12)]
    assert results(check, mended[0], series)[SELECTION, A].status is Status.FAILED
    assert results(check, mended[-1], [*series, *mended[:-1]])[SELECTION, A].status is Status.PASSED
