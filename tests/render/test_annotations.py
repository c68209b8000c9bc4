"""Annotations of a build: escaped as their readers unescape them, worst first, never too many."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Missing, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import view_run
from ketenwacht.render import ci_formats
from ketenwacht.render.ci_formats import MOST, escape_data, escape_property

HOW = MessageFormatter()
AT = datetime(2023, 1, 3, tzinfo=UTC)


def github_commands(runs, *, file):
    return ci_formats.github_commands([view_run(one, HOW) for one in runs], HOW, file=file)


def gitlab_quality(runs, *, file):
    return ci_formats.gitlab_quality([view_run(one, HOW) for one in runs], HOW, file=file)


def sarif(runs):
    log = json.loads(
        ci_formats.sarif_log(
            [view_run(one, HOW) for one in runs], HOW, file="checks/f.yaml", version="1.2", places=PLACES
        )
    )
    (only,) = log["runs"]
    return log, only["tool"]["driver"], only["results"]


PLACES = {"volume": ("checks/a b.yaml", 12)}


def run(*results, name="7"):
    return JudgedRun("r", Delivery("f", name, date(2023, 1, 2)), AT, results)


def said(status, message="wrong", code="a", check="volume"):
    return CheckResult(check, status, Evidence.HISTORY, message, Segment((("code", code),)))


@pytest.mark.parametrize(
    ("why", "text", "data", "value"),
    [
        ("plain words stay", "all is well", "all is well", "all is well"),
        ("a percent sign first, or it would be escaped twice", "50%\n", "50%25%0A", "50%25%0A"),
        ("line ends cannot begin a command", "a\r\n::error::b", "a%0D%0A::error::b", "a%0D%0A%3A%3Aerror%3A%3Ab"),
        ("properties end at a comma", "a, b: c", "a, b: c", "a%2C b%3A c"),
    ],
)
def test_escaping(why, text, data, value):
    assert (escape_data(text), escape_property(text)) == (data, value)


def test_a_finding_becomes_a_command_of_one_line():
    (line,) = github_commands([run(said(Status.FAILED, "a\n::warning::b 5 %"))], file="checks/f.yaml")
    assert line == (
        "::error file=checks/f.yaml,title=ketenwacht%3A volume failed::"
        "delivery 7 for 2 Jan 2023: code a: a ::warning::b 5 %25"
    )


def test_levels_follow_the_verdict_and_quiet_results_say_nothing():
    results = [said(status, code=status.word) for status in Status]
    levels = [line.split()[0] for line in github_commands([run(*results)], file="f")]
    assert levels == ["::error", "::error", "::warning"]


def test_no_more_are_shown_than_github_shows_and_the_rest_is_counted():
    lines = list(github_commands([run(*(said(Status.FAILED, code=f"{i}") for i in range(MOST + 3)))], file="f"))
    assert len(lines) == MOST + 1
    assert lines[-1].startswith("::notice")
    assert "3 more results" in lines[-1]


def test_who_is_missing_is_rounded():
    one = replace(said(Status.FAILED), missing=Missing(date(2022, 5, 1), 187, 120, 260))
    (line,) = github_commands([run(one)], file="f")
    assert line.endswith("wrong; about 190 missing since 1 May 2022")


def test_nothing_judged_is_an_error_everywhere():
    (line,) = github_commands([], file="f")
    assert line.startswith("::error")
    (issue,) = json.loads(gitlab_quality([], file="f"))
    assert issue["severity"] == "critical"


def test_a_code_quality_report_holds_what_gitlab_reads():
    (issue,) = json.loads(gitlab_quality([run(said(Status.WARNED), said(Status.PASSED))], file="checks/f.yaml"))
    assert issue["severity"] == "minor"
    assert issue["check_name"] == "ketenwacht/volume"
    assert issue["location"] == {"path": "checks/f.yaml", "lines": {"begin": 1}}
    assert "delivery 7 for 2 Jan 2023: code a: wrong" in issue["description"]


def test_a_sarif_log_holds_what_code_scanning_reads():
    log, driver, results = sarif([run(said(Status.FAILED), said(Status.WARNED, code="b"), said(Status.PASSED))])
    assert log["version"] == "2.1.0"
    assert (driver["name"], driver["version"], driver["rules"]) == ("ketenwacht", "1.2", [{"id": "volume"}])
    assert [(one["ruleId"], one["level"]) for one in results] == [("volume", "error"), ("volume", "warning")]
    assert results[0]["message"]["text"] == "delivery 7 for 2 Jan 2023: code a: wrong"
    assert results[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "checks/a%20b.yaml"},
        "region": {"startLine": 12},
    }


def test_a_sarif_log_without_a_delivery_is_an_error_and_a_finding_stands_there_once():
    assert [one["level"] for one in sarif([])[2]] == ["error"]
    twice = sarif([run(said(Status.FAILED)), run(said(Status.FAILED), name="8")])[2]
    later = sarif([run(said(Status.FAILED, "still wrong"), name="9")])[2]
    assert [one["partialFingerprints"] for one in twice] == [later[0]["partialFingerprints"]]


def test_a_finding_keeps_its_fingerprint_and_stands_there_once():
    twice = json.loads(gitlab_quality([run(said(Status.FAILED)), run(said(Status.FAILED), name="8")], file="f"))
    later = json.loads(gitlab_quality([run(said(Status.FAILED, "still wrong"), name="9")], file="f"))
    other = json.loads(gitlab_quality([run(said(Status.FAILED, code="b"))], file="f"))
    assert [i["fingerprint"] for i in twice] == [later[0]["fingerprint"]]
    assert other[0]["fingerprint"] != later[0]["fingerprint"]
