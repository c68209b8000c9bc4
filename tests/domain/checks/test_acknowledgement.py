"""Each delivery has one expected acknowledgement, with a state of its own."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from declared_codes import hold_to_codes
from views import snapshot, view

from ketenwacht.domain.checks.acknowledgement import AcknowledgementCheck
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.evidence import CONTENT, REJECTED, Known, ReferenceFigure, acknowledgement_hop
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Persons, Serial

MONDAY = date(2022, 1, 3)
WORKDAYS = [d for i in range(60) if (d := MONDAY + timedelta(days=i)).weekday() < 5]
ROWS = 100.0


def delivered(n):
    """Delivery `n`, from 1, on the n-th working day."""
    return snapshot([("rows", ROWS)], id=f"{n:06d}", period=WORKDAYS[n - 1], arrived_at=None)


def ack(n, count=ROWS, *, reason="", days=0, name=None):
    day = WORKDAYS[n - 1]
    known = WORKDAYS[n - 1 + days]
    hop = acknowledgement_hop("accepted")
    return ReferenceFigure(WHOLE, day, day, count, 0.0, known, name or str(n), hop=hop, reason=reason)


def judge(last, figures, check=None, **changes):
    """Code and parameters by result, when delivery `last` is judged on its day."""
    check = check or AcknowledgementCheck()
    *earlier, now = [delivered(n) for n in range(1, last + 1)]
    now = changes.pop("now", now)
    at = datetime.combine(WORKDAYS[last - 1], time(12), tzinfo=UTC)
    known = Known(hops=tuple(f for f in figures if f.published_on <= at.date()))
    seen = replace(view(now, at=at, known=known), past=Past.of(earlier), **changes)
    results = check.judge(seen).results
    hold_to_codes(check, results)
    return {r.check.partition(".")[2]: (r.status, r.code.partition(".")[2], r.params) for r in results}


ALL = [ack(n) for n in range(1, 21)]


def without(*lost):
    return [a for a in ALL if a.source not in {str(n) for n in lost}]


def test_all_acknowledged_accepted_and_counted_the_same():
    found = judge(10, ALL)
    assert {what: (status, code) for what, (status, code, _) in found.items()} == {
        "received": (Status.PASSED, "complete"),
        "accepted": (Status.PASSED, "accepted"),
        "counts": (Status.PASSED, "counts_agree"),
    }


@pytest.mark.parametrize(
    ("last", "status", "code"),
    [(5, "PASSED", "awaited"), (6, "PASSED", "awaited"), (7, "PASSED", "awaited"), (8, "FAILED", "overdue")],
    ids=["its own day", "the next working day", "the second", "the third"],
)
def test_a_lost_one_fails_on_the_third_working_day(last, status, code):
    found = judge(last, without(5))["received"]
    assert found[:2] == (Status[status], code)
    assert found[2]["deliveries"] == (Serial(5, 5),)


def test_it_never_closes_by_itself_and_says_how_many_persons():
    status, code, params = judge(20, without(5))["received"]
    assert (status, code, params["deliveries"]) == (Status.FAILED, "overdue", (Serial(5, 5),))
    assert params["persons"] == Persons(ROWS)


def test_it_closes_when_it_comes_however_late():
    late = [*without(5), ack(5, days=9)]
    assert judge(13, late)["received"][0] is Status.FAILED
    assert judge(14, late)["received"][0] is Status.PASSED


def test_more_persons_later_do_not_make_up_for_it():
    later = [*without(5, 6), ack(6, 2 * ROWS)]
    found = judge(12, later)
    assert found["received"][:2] == (Status.FAILED, "overdue")
    assert found["counts"][1:] == (
        "counts_differ",
        {"deliveries": (Serial(6, 6),), "delivered": Persons(ROWS), "acknowledged": Persons(2 * ROWS)},
    )


def test_once_all_stop_every_one_is_named_in_runs():
    found = judge(20, without(3, *range(9, 21)))["received"]
    assert found[2]["deliveries"] == (Serial(3, 3), Serial(9, 17))


def test_a_holiday_is_no_working_day():
    holidays = frozenset({WORKDAYS[6]})
    assert judge(8, without(5), holidays=holidays)["received"][:2] == (Status.PASSED, "awaited")


def test_a_person_may_say_why_it_never_comes():
    check = AcknowledgementCheck(explained={5: "lost in the migration of the receiver"})
    assert judge(20, without(5), check)["received"][:2] == (Status.PASSED, "complete")


def test_a_receipt_of_another_file_fails_until_a_newer_one_is_of_this_file():
    def hashed(n):
        return replace(delivered(n), delivery=replace(delivered(n).delivery, sha256="a" * 64))

    other = ack(5, 0.0, reason=f"{CONTENT}{'b' * 64}")
    told = judge(5, [*ALL, other], now=hashed(5))
    assert told["content"] == (
        Status.FAILED,
        "content_differs",
        {"deliveries": (Serial(5, 5),), "persons": Persons(ROWS)},
    )
    assert told["counts"][0] is Status.PASSED
    assert "content" not in judge(5, [*ALL, other], AcknowledgementCheck(content=False), now=hashed(5))
    assert "content" not in judge(5, ALL, now=hashed(5))
    same = ack(5, 0.0, reason=f"{CONTENT}{'a' * 64}")
    assert judge(5, [*ALL, same], now=hashed(5))["content"][:2] == (Status.PASSED, "content_agrees")


def test_a_rejected_delivery_fails_until_it_is_acknowledged_anew():
    refused = [*without(5), ack(5, 0.0), ack(5, 0.0, reason=REJECTED)]
    assert judge(5, refused)["accepted"][:2] == (Status.FAILED, "rejected")
    assert judge(12, [*refused, ack(5, days=2)])["accepted"][0] is Status.PASSED


def test_persons_refused_for_a_stated_reason_count_as_acknowledged():
    split = [*without(5), ack(5, ROWS - 3), ack(5, 3.0, reason="incomplete")]
    assert judge(6, split)["counts"][0] is Status.PASSED
    assert judge(6, [*without(5), ack(5, ROWS - 3)])["counts"][:2] == (Status.FAILED, "counts_differ")


SPLIT = [
    ("the same persons in each group", {"family": 60.0, "asylum": 40.0}, 0.0, "counts_agree"),
    ("two groups that were mixed up", {"family": 40.0, "asylum": 60.0}, 0.0, "counts_differ"),
    ("a group that was left out for a reason", {"family": 60.0, "asylum": 37.0}, 3.0, "counts_agree"),
]


@pytest.mark.parametrize(("sentence", "counts", "refused", "code"), SPLIT, ids=[one[0] for one in SPLIT])
def test_a_receipt_by_group_is_compared_by_group(sentence, counts, refused, code):
    assert sentence
    groups = {name: Segment.of({"group": name}) for name in counts}
    rows = [("rows", ROWS), *(("rows", groups[name], n) for name, n in (("family", 60.0), ("asylum", 40.0)))]
    now = snapshot(rows, id="000005", period=WORKDAYS[4], arrived_at=None)
    figures = [replace(ack(5, n), segment=groups[name]) for name, n in counts.items()]
    figures += [ack(5, refused, reason="incomplete")] if refused else []
    assert judge(5, [*without(5), *figures], now=now)["counts"][1] == code


def test_without_any_acknowledgement_nothing_is_said_until_one_is_overdue():
    assert judge(2, [])["received"][:2] == (Status.SKIPPED, "none")
    assert judge(8, [])["received"][:2] == (Status.FAILED, "overdue")


def test_deliveries_before_the_first_acknowledgement_are_not_asked_for():
    assert judge(20, [a for a in ALL if int(a.source) >= 10])["received"][0] is Status.PASSED
    check = AcknowledgementCheck(since=WORKDAYS[4])
    found = judge(20, [a for a in ALL if int(a.source) >= 10], check)["received"]
    assert found[2]["deliveries"] == (Serial(5, 9),)


def test_an_absent_delivery_awaits_nothing_and_the_others_are_still_judged():
    absent = Snapshot(Delivery("feed", WORKDAYS[7].isoformat(), WORKDAYS[7], Presence.ABSENT), {})
    found = judge(8, without(5), now=absent)["received"]
    assert found[2]["deliveries"] == (Serial(5, 5),)


def test_it_breaks_when_the_names_differ():
    other = [a for a in ALL if a.source != "5"] + [ack(5, name="500")]
    assert judge(12, other)["received"][0] is Status.FAILED
