"""The account of a chain, as the pipeline keeps it: deliveries, counts of others, catch-ups and pauses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from declared_codes import hold_to_codes
from views import DAY, snapshot, view

from ketenwacht.domain.checks.conservation import ConservationCheck, Hop
from ketenwacht.domain.delivery import DeliveryKind, Manifest
from ketenwacht.domain.evidence import Known, ReferenceFigure
from ketenwacht.domain.past import ExclusionWindow, Past
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, MissingCount, Name, Persons, Text

A, B = Segment.of({"group": "a"}), Segment.of({"group": "b"})
WITHIN = timedelta(days=3)
CHAIN = ConservationCheck(
    segments=("group",),
    hops=(
        Hop(name="decided"),
        Hop(name="selected", counts="declared.selected", within=WITHIN),
        Hop(name="sent", counts="declared.rows", explained=True),
        Hop(name="received", counts="rows"),
        Hop(name="accepted", within=timedelta(days=1)),
    ),
)


def day(n):
    return DAY + timedelta(days=n)


def delivered(n, *, rows=(6, 4), sent=(6, 4), selected=(6, 4), excluded=None, kind=DeliveryKind.MUTATION):
    """The delivery of day `n` with counts of groups a and b; None: not declared."""
    found = []
    for name, counts in (("rows", rows), ("declared.rows", sent), ("declared.selected", selected)):
        if counts is not None:
            found += [(name, s, float(c)) for s, c in zip((A, B), counts, strict=True)] + [
                (name, float(sum(counts)))
            ]
    manifest = Manifest(kind=kind, excluded=excluded or {})
    return snapshot(found, id=f"{n:06d}{kind.value[0]}", period=day(n), manifest=manifest)


def figure(hop, n, count, segment=A, *, reason="", published=None):
    known = day(n) if published is None else published
    return ReferenceFigure(segment, day(n), day(n), float(count), 0.0, known, "file", hop=hop, reason=reason)


def judged(check, shots, figures=(), exclusions=()):
    """Results of the last of `shots`, by hop and segment."""
    *earlier, now = shots
    past, at = Past.of(earlier, exclusions), datetime.combine(now.delivery.period, time(12), tzinfo=UTC)
    known = Known(hops=tuple(f for f in figures if f.published_on <= at.date()))
    seen = replace(view(now, at=at, known=known), past=past)
    found = hold_to_codes(check, check.judge(seen).results)
    return {(r.check.removeprefix("conservation."), r.segment): r for r in found}


def way(before, hop):
    return {"before": Name(before), "hop": Name(hop)}


def decided(days, counts=(6, 4)):
    return [figure("decided", n, c, s) for n in range(days) for s, c in zip((A, B), counts, strict=True)]


def test_a_chain_in_which_nobody_is_lost_is_even_at_every_hop():
    figures = [*decided(10), *(figure("accepted", n, c, s) for n in range(10) for s, c in ((A, 6), (B, 4)))]
    found = judged(CHAIN, [delivered(n) for n in range(10)], figures)
    assert {r.status for r in found.values()} == {Status.PASSED}
    assert {hop for hop, _ in found} == {"selected", "sent", "received", "accepted"}
    received = found["received", WHOLE]
    assert received.code == "conservation.complete"
    assert received.params == {**way("sent", "received"), "until": day(9)}


def test_what_is_lost_on_the_way_is_added_up_and_dated():
    shots = [delivered(n, rows=(6, 4) if n < 4 else (6, 3)) for n in range(10)]
    found = judged(CHAIN, shots)["received", B]
    assert (found.status, found.missing.value, found.missing.since) == (Status.FAILED, 6.0, day(4))
    assert found.code == "conservation.unexplained"
    assert found.params == {
        **way("sent", "received"),
        "since": day(4),
        "missing": MissingCount(6.0),
        "came": Persons(40.0),
        "until": day(9),
    }


def test_a_loss_within_what_is_tolerated_a_delivery_is_found_when_it_has_grown():
    hops = (
        Hop(name="sent", counts="declared.rows"),
        Hop(name="received", counts="rows", tolerated=5, because="tests"),
    )
    check = ConservationCheck(hops=hops)
    shots = [delivered(n, rows=(6, 3)) for n in range(10)]
    within = judged(check, shots[:5])["received", WHOLE]
    assert (within.status, within.code) == (Status.PASSED, "conservation.tolerated")
    agreed = {"missing": MissingCount(5.0), "tolerated": Amount(5), "because": Text.of("tests")}
    assert within.params == {**way("sent", "received"), **agreed}
    assert judged(check, shots[:6])["received", WHOLE].missing.value == 6.0


def test_a_stated_reason_explains_and_too_small_a_one_does_not():
    shots = [delivered(n, sent=(5, 4), rows=(5, 4), excluded={"minor": 1}) for n in range(5)]
    assert judged(CHAIN, shots)["sent", WHOLE].status is Status.PASSED
    shots[2] = delivered(2, sent=(4, 4), rows=(4, 4), excluded={"minor": 1})
    assert judged(CHAIN, shots)["sent", A].missing.value == 1.0


def test_who_was_decided_on_and_never_selected_is_found_after_the_way_took_too_long():
    shots = [delivered(n, selected=(6, 3), sent=(6, 3), rows=(6, 3)) for n in range(40)]
    late = {
        n
        for n in range(1, 40)
        if ("selected", B) in (found := judged(CHAIN, shots[: n + 1], decided(n)))
        and found["selected", B].status is Status.FAILED
    }
    assert min(late) == 12  # those of three later days hide nine, and one more must be lacking
    assert judged(CHAIN, shots, decided(40))["selected", A].status is Status.PASSED


def test_a_restated_count_stands_from_the_day_that_it_was_published():
    figures = [*decided(10), figure("decided", 2, 16, A, published=day(8))]
    shots = [delivered(n) for n in range(10)]
    assert judged(CHAIN, shots[:8], figures)["selected", A].status is Status.PASSED
    assert judged(CHAIN, shots, figures)["selected", A].status is Status.PASSED  # 18 under way hide them
    assert judged(CHAIN, shots, [*figures, figure("decided", 3, 40, A, published=day(8))])["selected", A].missing


def test_a_hop_that_nothing_was_counted_at_is_bridged():
    shots = [delivered(n, selected=None) for n in range(30)]
    shots[20:] = [delivered(n, selected=None, sent=(0, 4), rows=(0, 4)) for n in range(20, 30)]
    found = judged(CHAIN, shots, decided(30))
    bridged = found["selected", WHOLE]
    assert (bridged.status, bridged.code) == (Status.SKIPPED, "conservation.uncounted")
    assert bridged.params == {"hop": Name("selected")}
    assert found["sent", A].status is Status.FAILED
    assert found["sent", A].params.items() >= way("decided", "sent").items()


def test_while_nobody_is_due_nothing_is_judged():
    found = judged(CHAIN, [delivered(0)], decided(1))["selected", WHOLE]
    assert (found.status, found.code) == (Status.SKIPPED, "conservation.nobody_due")


def test_a_catch_up_brings_the_account_back_to_even():
    shots = [delivered(n, rows=(6, 3)) for n in range(5)]
    caught_up = delivered(4, rows=(0, 5), sent=(0, 5), selected=(0, 5), kind=DeliveryKind.CATCH_UP)
    lost_later = ConservationCheck(
        hops=(Hop(name="selected", counts="declared.selected"), Hop(name="received", counts="rows"))
    )
    assert judged(lost_later, [*shots, delivered(6)])["received", WHOLE].missing.value == 5.0
    assert judged(lost_later, [*shots, caught_up, delivered(6)])["received", WHOLE].status is Status.PASSED


def test_a_redelivery_replaces_and_a_correction_adds_nobody():
    shots = [delivered(0, rows=(6, 1)), delivered(0, kind=DeliveryKind.REDELIVERY), delivered(1)]
    assert judged(CHAIN, shots)["received", WHOLE].status is Status.PASSED
    shots = [delivered(0), delivered(1, rows=(1, 0), sent=(1, 0), kind=DeliveryKind.CORRECTION), delivered(2)]
    assert judged(CHAIN, shots)["received", WHOLE].observed == 20.0


def test_more_than_ever_came_before_is_worth_a_look():
    figures = [*decided(9), *(figure("accepted", n, 9, A) for n in range(9))]
    found = judged(CHAIN, [delivered(n) for n in range(10)], figures)["accepted", A]
    assert found.status is Status.WARNED
    assert found.code == "conservation.surplus"
    assert found.params.items() >= way("received", "accepted").items()


def test_who_is_due_in_a_declared_pause_is_not_missing():
    shots = [delivered(n) for n in range(5)] + [
        delivered(n, rows=(0, 0), sent=(0, 0), selected=(0, 0)) for n in range(5, 30)
    ]
    assert judged(CHAIN, shots, decided(30))["selected", WHOLE].status is Status.FAILED
    pause = ExclusionWindow(day(5), day(40), "moving house", "pause")
    found = judged(CHAIN, shots, decided(30), [pause])
    assert found["selected", WHOLE].status is Status.PASSED


def test_counts_that_end_long_ago_do_not_speak_for_today():
    shots = [delivered(n) for n in range(5)] + [delivered(90)]
    found = judged(CHAIN, shots, decided(4))
    (old,) = (r for (hop, _), r in found.items() if hop == "selected")
    assert (old.status, old.code) == (Status.WARNED, "conservation.old")
    assert old.params == {**way("decided", "selected"), "until": day(3)}


@pytest.mark.parametrize("kind", [DeliveryKind.CATCH_UP, DeliveryKind.CORRECTION, DeliveryKind.SNAPSHOT])
def test_only_a_delivery_of_its_period_is_judged(kind):
    assert judged(CHAIN, [delivered(0), delivered(1, kind=kind)], decided(2)) == {}


def test_a_delivery_of_nobody_is_counted_for_the_whole_feed_only():
    figures = [figure("accepted", n, c, s) for n in range(9) if n != 4 for s, c in ((A, 6), (B, 4))]
    shots = [
        delivered(n) if n != 4 else delivered(n, rows=(0, 0), sent=(0, 0), selected=(0, 0)) for n in range(10)
    ]
    found = judged(CHAIN, shots, [*figures, figure("accepted", 4, 0, WHOLE)])
    assert {r.status for (hop, _), r in found.items() if hop == "accepted"} == {Status.PASSED}
