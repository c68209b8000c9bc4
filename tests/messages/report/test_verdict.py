from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ketenwacht.domain.findings.finding import Nature, State
from ketenwacht.domain.result import Evidence, Missing, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.messages.report.verdict import MOST_CASES, view_verdict

FAMILY = Segment.of({"group": "family"})
JAN, FEB = date(2022, 1, 3), date(2022, 2, 1)


def lost(count):
    return Missing(JAN, count, count - 10, count + 10)


def bare(report, **changes):
    return replace(report, incidents=(), **changes)


def with_latest(report, status):
    run = report.runs[0]
    return bare(report, runs=(replace(run, results=(replace(run.results[0], status=status),)),))


def test_it_answers_who_how_many_since_when_on_what_and_what_to_do(formatter, report):
    said = view_verdict(report, formatter)
    assert said.status is Status.FAILED
    assert said.headline == "About 3,210 persons have been missing since the week of 3 January 2022."
    (loss,) = said.cases  # both groups were lost in one week: one loss, one case
    assert (loss.who, loss.missing.amount_text) == ("the whole feed", "about 3,210")
    assert loss.parts[:2] == ("of which group family: about 2,760", "of which group asylum: about 450")
    assert loss.found_text == "found 24 Jan 2022"
    assert loss.evidence_text == "keyed reconciliation"
    assert loss.also_text == "also control totals, outside reference, own history, inquiries"
    assert (
        loss.action
        == "Give A the list of missing keys of group family, asylum. Have these persons sent in a declared "
        "catch-up."
    )


@pytest.mark.parametrize(
    ("status", "headline", "to_do"),
    [
        (Status.PASSED, "Everybody who should be in the delivery is in it.", False),
        (Status.SKIPPED, "The latest delivery was not judged.", True),
        (Status.UNPROVEN, "Nothing looks wrong, but nothing proves that the delivery is complete.", True),
        (Status.WARNED, "Nobody is known to be missing. Something needs attention.", True),
        (Status.FAILED, "The latest delivery is wrong.", True),
        (Status.ERROR, "The latest delivery could not be judged.", True),
    ],
)
def test_without_an_open_incident_the_latest_delivery_speaks(formatter, report, status, headline, to_do):
    said = view_verdict(with_latest(report, status), formatter)
    assert (said.status, said.headline, bool(said.action), said.cases) == (status, headline, to_do, ())


def test_nothing_judged_is_an_error_never_green(formatter, report):
    assert view_verdict(bare(report, runs=()), formatter).status is Status.ERROR


def test_a_loss_that_is_over_is_still_told(formatter, report):
    closed = tuple(replace(i, state=State.CLOSED) for i in report.incidents)
    said = view_verdict(replace(with_latest(report, Status.UNPROVEN), incidents=closed), formatter)
    assert (
        "about 3,210 persons were missing, first found on 24 January 2022 by keyed reconciliation" in said.detail
    )


@pytest.mark.parametrize(
    ("changes", "status", "headline", "action"),
    [
        (
            {"nature": Nature.ERROR, "evidence": Evidence.CONTRACT},
            Status.ERROR,
            "What A delivered could not be judged.",
            "Find the cause, fix it",
        ),
        (
            {"evidence": Evidence.SCHEDULE},
            Status.FAILED,
            "What A delivered is wrong.",
            "Ask A for the delivery",
        ),
        (
            {"nature": Nature.PRIVACY, "evidence": Evidence.RECONCILIATION, "missing": lost(-40)},
            Status.FAILED,
            "What A delivered is wrong.",
            "Set the records aside and do not process them. Tell the data protection officer today",
        ),
        (
            {"evidence": Evidence.RECONCILIATION, "missing": lost(-40)},
            Status.FAILED,
            "What A delivered is wrong.",
            "Set the extra records aside and ask A why group family was delivered",
        ),
        (
            {"nature": Nature.WARNED, "evidence": Evidence.CONTRACT},
            Status.WARNED,
            "1 point needs attention. Nobody is known to be missing.",
            "Report the broken rules below to A",
        ),
        (
            {"evidence": Evidence.HISTORY, "missing": lost(90)},
            Status.FAILED,
            "About 90 persons have been missing since 3 January 2022.",
            "Ask A whether it changed its selection of group family around 3 January 2022",
        ),
    ],
)
def test_each_sort_of_problem_has_its_words_and_its_remedy(
    formatter, report, incident, changes, status, headline, action
):
    evidence = changes.pop("evidence")
    one = incident(1, evidence, FEB, segment=FAMILY, **changes)
    said = view_verdict(replace(report, incidents=(one,)), formatter)
    assert (said.status, said.headline) == (status, headline)
    assert said.cases[0].action.startswith(action)


def test_every_kind_of_evidence_has_a_remedy(formatter, report, incident):
    for evidence in Evidence:
        said = view_verdict(replace(report, incidents=(incident(1, evidence, FEB),)), formatter)
        assert said.cases[0].action.endswith(".")


def test_parts_on_the_same_evidence_say_where_in_the_whole_it_sits(formatter, report, incident):
    both = (
        incident(1, Evidence.RECONCILIATION, FEB, segment=WHOLE, missing=lost(3210)),
        incident(2, Evidence.RECONCILIATION, FEB, segment=FAMILY, missing=lost(2760)),
    )
    (case,) = view_verdict(replace(report, incidents=both), formatter).cases
    assert (case.who, case.parts) == ("the whole feed", ("of which group family: about 2,760", "the rest 450"))


def test_cases_come_by_severity_then_size_and_the_rest_by_number(formatter, report, incident):
    many = [
        incident(
            i,
            Evidence.HISTORY,
            FEB + timedelta(days=30 * i),
            segment=Segment.of({"group": str(i)}),
            missing=Missing(FEB + timedelta(days=30 * i), n, n, n),
        )
        for i, n in enumerate([1001.0, *(100.0 + i for i in range(1, 9))])
    ]
    said = view_verdict(replace(report, incidents=tuple(many)), formatter)
    assert [case.who for case in said.cases[:3]] == ["group 0", "group 8", "group 7"]
    assert len(said.cases) == MOST_CASES
    assert said.more == "See the table of findings below for 3 more cases."


def test_what_a_late_delivery_explains_is_not_told_again(formatter, report, incident):
    parent = incident(1, Evidence.SCHEDULE, FEB)
    child = incident(2, Evidence.HISTORY, FEB, missing=Missing(FEB, 90.0, 80.0, 100.0))  # due then
    said = view_verdict(replace(report, incidents=(parent, child)), formatter)
    assert len(said.cases) == 1
    assert said.headline == "What A delivered is wrong."
