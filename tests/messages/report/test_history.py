from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.messages.report.backtest import losses_text, needed_text, view_detection_limit, view_watched
from ketenwacht.messages.report.baselines import view_baseline
from ketenwacht.messages.report.data import Needed
from ketenwacht.messages.report.series import DeliveryMark, view_ledger

DAY = date(2022, 6, 24)


def came(presence=Presence.READ, *, late=False, day=DAY):
    status = Status.WARNED if late else Status.PASSED
    result = CheckResult("on_time", status, Evidence.SCHEDULE, "6 hours late" if late else "in time")
    return JudgedRun("r", Delivery("f", "1", day, presence, problem="why"), None, (result,))


@pytest.mark.parametrize(
    ("runs", "mark"),
    [
        ([came()], DeliveryMark.RECEIVED),
        ([came(late=True)], DeliveryMark.LATE),
        ([came(Presence.ABSENT)], DeliveryMark.MISSING),
        ([came(Presence.UNREADABLE)], DeliveryMark.UNREADABLE),
        ([came(Presence.ABSENT), came()], DeliveryMark.LATE),  # it came after all
        ([came(Presence.UNREADABLE), came()], DeliveryMark.RECEIVED),  # it was sent anew
        ([came(Presence.ABSENT), came(Presence.UNREADABLE)], DeliveryMark.UNREADABLE),
    ],
)
def test_a_period_has_one_mark_whatever_became_of_it(formatter, runs, mark):
    ledger = view_ledger(runs, formatter)
    (entry,) = ledger.entries
    assert entry.mark is mark
    assert [one for one, _, count in ledger.tally if count == "1"] == [mark]


def test_a_fault_in_the_data_is_not_a_fault_of_the_delivery(formatter):
    run = came()
    failed = CheckResult("volume", Status.FAILED, Evidence.HISTORY, "too few")
    (entry,) = view_ledger([replace(run, results=(*run.results, failed))], formatter).entries
    assert entry.mark is DeliveryMark.RECEIVED


def test_losses_have_a_decimal_only_where_they_are_fine(formatter):
    assert losses_text({30: None, 90: 0.24, 365: 0.019}, formatter) == "– / 24 / 1.9%"


def test_a_baseline_says_what_it_rests_on_and_counts_nobody(formatter, report):
    said = view_baseline(report.baselines[0], formatter)
    assert said.title == "volume 2: approved, in use"
    assert said.description.endswith("at most 13.0 nats, in the week from 17 Jan 2022, above the threshold.")
    assert said.warning.startswith("2 incidents about missing persons")
    assert said.notes[0].startswith(
        "Learned from 20 deliveries, 3 Jan 2022 – 28 Jan 2022, without 3 declared days"
    )
    assert said.notes[-1].endswith("Approved by ann on 1 Feb 2022: a year is enough.")


def test_a_check_that_judges_every_segment_by_itself_is_not_told(formatter, report):
    (one,) = report.watched
    assert view_watched(replace(one, together=()), formatter) is None
    assert view_watched(one, formatter).title.startswith("ratio: 2 segments are too small to watch alone")


@pytest.mark.parametrize(
    ("within", "reference", "reconciliation", "words"),
    [
        (
            90,
            0.019,
            12.4,
            (
                "by own history within 90 days of its beginning; from day one by an outside reference known to "
                "1.9% or better; by reconciliation in about 12 days"
            ),
        ),
        (None, None, None, "not by own history; by no outside reference; only name by name by reconciliation"),
    ],
)
def test_what_shows_a_loss_is_said_for_each_kind_of_evidence(formatter, within, reference, reconciliation, words):
    one = Needed(Segment.of({"group": "family"}), 0.016, within, reference, reconciliation)
    assert needed_text(one, formatter) == f"group family 1.6%: {words}"


def test_a_segment_of_which_own_history_sees_no_loss_says_so(formatter, report):
    (one,) = report.limits
    said = view_detection_limit(one, formatter).message
    assert said.startswith("group family: own history detects a loss of 50% in about 10 days. It does not")
    assert said.count("own history") == 1
    blind = replace(one, own=replace(one.own, blind=None, loss=None, days=None))
    assert view_detection_limit(blind, formatter).message.startswith(
        "group family: own history detects no loss within a year."
    )


def test_a_segment_with_an_open_loss_says_that_it_is_about_a_further_one(formatter, report):
    (one,) = report.limits
    open_ = replace(one, own=replace(one.own, open=True))
    assert (
        "A loss is open here already: this is about a further one."
        in view_detection_limit(open_, formatter).message
    )


def test_the_mean_of_a_small_part_is_hidden_and_its_sibling_rounded(formatter, report):
    entry = report.baselines[0]
    parts = [
        {"segment": {"group": name}, "members": 1, "mean": mean, "k": 9.0}
        for name, mean in (("a", 28.4), ("b", 3.2))
    ]
    view = view_baseline(replace(entry, body={**entry.body, "parts": parts}), formatter)
    assert [one["mean"] for one in view.body["parts"]] == [30, None]
    assert [one.get("hidden", False) for one in view.body["parts"]] == [False, True]
    assert view.parts == ("group a: about 30 persons a delivery, k 9", "group b: <10 persons a delivery, k 9")
