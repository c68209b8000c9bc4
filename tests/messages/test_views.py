"""View models: what of a run, a result or an incident may be shown, and in which words."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketenwacht.domain.catchup import PLAN_CLOCK, Backlog, Clock, Impact, Running, impact
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.findings.finding import Event, Finding, Fingerprint, Nature, Severity, State
from ketenwacht.domain.personal_values import OTHER
from ketenwacht.domain.result import CheckResult, Evidence, Interval, JudgedRun, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import (
    Amount,
    Fraction,
    MissingCount,
    Name,
    Persons,
    Serial,
    Share,
    Statement,
    Term,
    Text,
    legacy,
)
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy
from ketenwacht.messages.public import to_public
from ketenwacht.messages.views import clean, view_missing, view_run
from ketenwacht.messages.views_deadline import describe_deadline, view_deadline
from ketenwacht.messages.views_finding import view_event, view_finding, view_impact

DAY = date(2022, 5, 30)
AT = datetime(2022, 5, 30, 9, 12, tzinfo=UTC)
FAMILY = Segment.of({"group": "family"})


def viewed(result, *, smallest=None, limit=10, language="en"):
    """The view of one result of a delivery."""
    run = JudgedRun("r", Delivery("feed", "1", DAY), AT, (result,), smallest)
    return view_run(run, MessageFormatter(language, Privacy(limit))).results[0]


def result(observed, expected=None, unit="persons", **more):
    more = {"of_delivery": True} | more
    return CheckResult("volume", Status.FAILED, Evidence.HISTORY, "said", FAMILY, observed, expected, unit, **more)


@pytest.mark.parametrize(
    ("observed", "smallest", "limit", "value", "text"),
    [
        pytest.param(28.0, None, 10, 28.0, "28", id="exact where the delivery holds no small count"),
        pytest.param(28.0, 3.0, 10, 30.0, "30", id="rounded beside a small count"),
        pytest.param(3.0, 3.0, 10, None, "<10", id="a small count is hidden"),
        pytest.param(412.0, None, 500, None, "<500", id="hidden below a limit of 500"),
        pytest.param(812.0, 412.0, 500, 1000.0, "1,000", id="rounded to 500 under a limit of 500"),
        pytest.param(3.0, 3.0, 1, 3.0, "3", id="exact where nothing is personal"),
        pytest.param(0.0, 3.0, 10, 0.0, "0", id="nobody is no small count"),
    ],
)
def test_a_count_of_a_delivery_is_shown_as_far_as_privacy_allows(observed, smallest, limit, value, text):
    view = viewed(result(observed), smallest=smallest, limit=limit)
    assert (view.observed.value, view.observed_text) == (value, text)


@pytest.mark.parametrize(
    ("expected", "smallest", "limit", "text"),
    [
        pytest.param(Interval(20.4, 44.2), None, 10, "21–44", id="the whole numbers that are accepted"),
        pytest.param(Interval(20.4, 44.2), 3.0, 10, "20–50", id="outward beside a small count"),
        pytest.param(Interval(20.4, 44.2), 3.0, 1, "21–44", id="exact where nothing is personal"),
        pytest.param(Interval(20.4, None), None, 10, "at least 21", id="no upper limit"),
        pytest.param(Interval(None, 44.2), 3.0, 10, "at most 50", id="no lower limit"),
        pytest.param(Interval(0.0, 0.0), 3.0, 10, "0", id="nobody"),
        pytest.param(Interval(None, None), None, 10, "", id="no limits"),
        pytest.param(Interval(1.2, 1.4), None, 10, "1–2", id="no whole number in between"),
    ],
)
def test_what_was_expected_of_a_count_is_as_exact_as_the_count(expected, smallest, limit, text):
    assert viewed(result(28.0, expected), smallest=smallest, limit=limit).expected_text == text


@pytest.mark.parametrize(
    ("observed", "whole", "smallest", "value", "text"),
    [
        pytest.param(1 / 3, 3.0, 1.0, None, "hidden", id="a third of three persons says who they are"),
        pytest.param(0.25, 400.0, None, 0.25, "25%", id="a share of many"),
        pytest.param(0.02, 400.0, 8.0, None, "<3%", id="a share of many that is few"),
        pytest.param(0.98, 400.0, 8.0, None, ">97%", id="a share of many that leaves few"),
        pytest.param(0.993, None, 3.0, 0.993, "99%", id="a share of nobody"),
    ],
)
def test_a_share_says_no_more_than_its_counts(observed, whole, smallest, value, text):
    view = viewed(result(observed, unit="share", whole=whole), smallest=smallest)
    assert (view.observed.value, view.observed_text) == (value, text)


def test_other_units_count_nobody_and_are_named_in_the_language():
    hours = result(3.5, Interval(None, 4.0), "hours")
    assert viewed(hours).observed_text == "3.5 hours"
    assert viewed(hours, language="nl").observed_text == "3,5 uur"
    assert viewed(hours, language="nl").expected_text == "ten hoogste 4"
    assert viewed(result(None)).observed is None


def test_an_inquiry_is_no_count_of_the_delivery():
    """Also where the delivery itself may be shown exactly."""
    view = viewed(result(28.0, Interval(20.4, 44.2), "inquiries", of_delivery=False))
    assert (view.observed_text, view.expected_text) == ("30", "20–50")


@pytest.mark.parametrize(
    ("missing", "evidence", "sentence", "span"),
    [
        ((187.0, 123.0, 258.0), Evidence.HISTORY, "about 190 missing since 30 May 2022", "120–260"),
        ((3.0, 2.0, 4.0), Evidence.HISTORY, "<10 missing since 30 May 2022", ""),
        ((-41.0, -60.0, -22.0), Evidence.HISTORY, "about 40 too many since 30 May 2022", "20–60"),
        (
            (187.0, 187.0, 187.0),
            Evidence.RECONCILIATION,
            "about 190 missing since the week of 30 May 2022",
            "",
        ),
        ((14.0, -5.0, 33.0), Evidence.HISTORY, "about 10 missing since 30 May 2022", "extent unknown"),
        ((280.0, 60.0, 510.0), Evidence.HISTORY, "about 280 missing since 30 May 2022", "at least 60"),
        ((0.0, 0.0, 40.0), Evidence.HISTORY, "", "extent unknown"),
    ],
)
def test_how_many_are_missing_since_when_has_one_wording(missing, evidence, sentence, span):
    view = view_missing(Missing(DAY, *missing), evidence, MessageFormatter())
    assert (view.sentence, view.range_text) == (sentence, span)
    assert view.sentence_with_range == (f"{sentence} ({span})" if sentence and span else sentence)


def test_a_hidden_number_of_missing_keeps_an_interval_that_says_nothing_of_it():
    view = view_missing(Missing(DAY, 3.0, 2.0, 4.0), Evidence.HISTORY, MessageFormatter())
    assert (view.value.value, view.low, view.high) == (None, 0.0, 10.0)


def test_missing_in_dutch():
    view = view_missing(Missing(DAY, 1874.0, 1.0, 2.0), Evidence.RECONCILIATION, MessageFormatter("nl"))
    assert view.sentence == "ongeveer 1.870 ontbreken sinds de week van 30 mei 2022"


def test_a_run_names_its_delivery_and_what_the_verdict_means():
    come = view_run(JudgedRun("r", Delivery("feed", "000123", DAY), AT, ()), MessageFormatter())
    assert (come.delivery_text, come.status_text, come.meaning) == (
        "delivery 000123",
        "error",
        "could not be judged",
    )
    absent = Delivery("feed", "due:2022-05-30", DAY, Presence.ABSENT, problem=Statement("delivery.absent"))
    gone = view_run(JudgedRun("r", absent, AT, ()), MessageFormatter("nl"))
    assert (gone.delivery_text, gone.period_text, gone.problem) == (
        "geen levering",
        "30 mei 2022",
        "Er is niets ontvangen.",
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Persons(412.0), {"value": 410}),
        (Persons(28.0, of_delivery=True), {"value": 28}),
        (Persons(3.0, of_delivery=True), {"value": None, "hidden": True}),
        (MissingCount(-187.0), {"value": -190}),
        (Share(1.0, 3.0), {"value": None, "hidden": True}),
        (Share(100.0, 400.0), {"value": 0.25}),
        (Fraction(0.05), 0.05),
        (Amount(3.0), 3),
        (Amount(float("inf")), None),
        (Serial(5, 5), 5),
        (Serial(5, 7), [5, 7]),
        (Name("group"), "group"),
        (Text.of({"nl": "ja", "en": "yes"}), "yes"),
        (Term("cause.pause"), "cause.pause"),
        (FAMILY, {"group": "family"}),
        (DAY, "2022-05-30"),
        (AT, "2022-05-30T09:12:00Z"),
        ((DAY, DAY), ["2022-05-30", "2022-05-30"]),
        (
            Statement("x.y", {"n": Persons(3.0)}),
            {"code": "x.y", "params": {"n": {"value": None, "hidden": True}}},
        ),
    ],
)
def test_a_parameter_leaves_the_tool_as_privacy_allows(value, shown):
    assert to_public(value, MessageFormatter(privacy=Privacy(10, exact=True))) == shown


def incident(number=1, **changes):
    fields = {
        "id": f"i{number}",
        "fingerprint": Fingerprint("feed", "volume", FAMILY),
        "state": State.OPEN,
        "nature": Nature.FAILED,
        "severity": Severity.HIGH,
        "evidence": Evidence.HISTORY,
        "opened_at": AT,
        "changed_at": AT,
        "period": DAY,
        "said": legacy("something is\nwrong"),
    }
    return Finding(**(fields | changes))


def test_an_incident_says_how_many_are_missing_or_what_its_check_said():
    formatter = MessageFormatter()
    assert view_finding(incident(), formatter).what == "something is wrong"
    lost = view_finding(incident(missing=Missing(DAY, 187.0, 123.0, 258.0)), formatter)
    assert lost.what == "about 190 missing since 30 May 2022 (120–260)"
    assert (lost.state_text, lost.severity_text, lost.ended_text) == ("open", "high", "")
    over = view_finding(incident(state=State.CLOSED, resolved_at=AT, closed_at=AT + timedelta(5)), formatter)
    assert (over.status, over.ended) == (Status.PASSED, DAY + timedelta(5))


def test_a_count_of_an_incident_is_rounded_since_it_speaks_of_several_deliveries():
    said = Statement("legacy.text", {"text": Text.of("x")})
    exact = MessageFormatter(privacy=Privacy(10, exact=True))
    assert (
        view_finding(incident(said=said, missing=Missing(DAY, 28.0, 27.0, 29.0)), exact).missing.value.value == 30
    )


def test_parts_and_terms_of_an_impact_hide_their_small_counts():
    backlog = [
        Backlog(Segment.of({"town": "a"}), date(2022, 1, 3), 40),
        Backlog(Segment.of({"town": "b"}), date(2022, 1, 3), 4),
    ]
    view = view_impact(impact(backlog, DAY, (Clock(name="plan", term=timedelta(70)),)), MessageFormatter())
    assert view.count.value == 40
    assert [(part.segment_text, part.count_text) for part in view.parts] == [("town a", "40"), ("town b", "<10")]
    assert [part.segment_text for part in view.shown_parts] == ["town a"]
    assert view.lines == (
        "missing in 2 segments by town; most: a 40",
        (
            "plan (70 days): begins only on delivery (40), "
            "would be over by now for 40 had they been delivered on time"
        ),
    )
    assert view_impact(None, MessageFormatter()) is None
    assert view_impact(impact([Backlog(WHOLE, DAY, 0)], DAY), MessageFormatter()) is None


def test_an_impact_in_which_every_part_is_small_names_none():
    few = impact([Backlog(Segment.of({"town": name}), DAY, 4) for name in "abc"], DAY, ())
    assert view_impact(few, MessageFormatter()).lines == (
        "missing in 3 segments by town; in no segment as many as 10",
    )


@pytest.mark.parametrize("limit", range(2, 13))
def test_somebody_is_never_rounded_to_nobody(limit):
    for count in range(1, 30):
        assert Privacy(limit).count(float(count)).value != 0.0


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("a\x1b[31mb", "a�[31mb"),  # a terminal would obey it
        ("a\nb\t c", "a b c"),
        ("a\u202eb", "a�b"),  # would turn the rest of the line around
        ("ĳssel", "ĳssel"),
    ],
)
def test_names_from_data_lose_what_a_terminal_would_obey(raw, kept):
    assert clean(raw) == kept


@given(st.text())
def test_cleaned_text_is_printable_and_stays_clean(raw):
    assert clean(raw).isprintable()
    assert clean(clean(raw)) == clean(raw)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        pytest.param(Interval(0.99, 1.0), "at least 99%", id="all is no limit"),
        pytest.param(Interval(0.0, 0.2), "at most 20%", id="none is no limit"),
        pytest.param(Interval(0.1, 0.2), "10%–20%", id="two limits"),
    ],
)
def test_what_was_expected_of_a_share_names_the_limits_only(expected, text):
    assert viewed(result(0.5, expected, "share")).expected_text == text


def test_a_large_number_with_decimals_is_never_written_with_an_exponent():
    assert viewed(result(25507.4, unit="hours")).observed_text == "25,507 hours"


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "town (overig), kind (niet getoond)"), ("en", "town (other), kind (withheld)")]
)
def test_what_stands_for_a_withheld_text_is_said_in_words(language, said):
    formatter = MessageFormatter(language)
    assert formatter.segment(Segment((("town", OTHER), ("kind", "(withheld)")))) == said
    assert formatter.value(Name(OTHER)) == formatter.code("town", OTHER)


@pytest.mark.parametrize(
    ("reason", "detail", "what"),
    [
        ("severity-grew", "medium → high", "ernstiger geworden: midden → hoog"),
        (
            "nature-changed",
            "error → failed",
            "anders dan eerst gemeld: kon niet worden beoordeeld → de gegevens zijn onjuist",
        ),
        ("of a later release", "", "of a later release"),
    ],
)
def test_a_step_in_the_life_of_an_incident_has_no_english_in_dutch(reason, detail, what):
    event = Event("i1", datetime(2022, 6, 24, 7, tzinfo=UTC), reason, None, State.OPEN, "ketenwacht", detail)
    view = view_event(event, MessageFormatter("nl"), {})
    assert (view.what, view.before_text, view.after_text) == (what, "–", "open")


@pytest.mark.parametrize(
    ("weeks", "said", "sentence"),
    [
        (
            0,
            ("week of 30 May 2022: a term ends for 40 persons",),
            "the week in which they were counted is the next one",
        ),
        (
            2,
            ("week of 4 Jul 2022: a term ends for 20 persons", "already too late for 40 persons"),
            "of those whose week is over since, it is too late",
        ),
        (6, ("already too late for 60 persons",), "and so when nobody is left whose term still runs"),
    ],
)
def test_those_whose_week_is_over_since_they_were_counted_are_too_late(weeks, said, sentence):
    counted = Impact(60, (), (Running(PLAN_CLOCK, 0, 40, 0, weeks=((DAY, 40), (DAY + timedelta(weeks=5), 20))),))
    formatter, after = MessageFormatter(language="en"), DAY + timedelta(weeks=weeks)
    deadline = view_deadline(counted, formatter, after=after)
    assert describe_deadline(counted, deadline, formatter, after=after) == said, sentence
