from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import view_run
from ketenwacht.render import ci_formats

HOW = MessageFormatter()
STRICT = frozenset({Status.UNPROVEN, Status.WARNED, Status.FAILED})


def junit_xml(runs, **options):
    return ci_formats.junit_xml([view_run(run, HOW) for run in runs], HOW, **options)


def read(text):
    return JUnitXml.fromstring(text.encode())


def outcomes(run, status, **options):
    result = CheckResult("volume", status, Evidence.HISTORY, "why")
    (suite,) = read(junit_xml([replace(run, results=(result,))], **options))
    (case,) = suite
    return [(type(outcome), outcome.message) for outcome in case.result]


@pytest.mark.parametrize(
    ("status", "normal", "strict"),
    [
        (Status.PASSED, None, None),
        (Status.SKIPPED, Skipped, Skipped),
        (Status.UNPROVEN, Skipped, Failure),
        (Status.WARNED, None, Failure),
        (Status.FAILED, Failure, Failure),
        (Status.ERROR, Error, Error),
    ],
)
def test_each_verdict_has_its_own_outcome(run, status, normal, strict):
    message = f"{status.word}: why (by own history)"
    assert outcomes(run, status) == ([] if normal is None else [(normal, message)])
    stops = status in {Status.UNPROVEN, Status.WARNED}
    message = f"{status.word}, and this blocks the release: why (by own history)" if stops else message
    assert outcomes(run, status, failing=STRICT) == ([] if strict is None else [(strict, message)])


def test_totals_are_right(run):
    text = junit_xml([run, replace(run, delivery=replace(run.delivery, id="000124"))])
    document = read(text)
    assert text.startswith("<?xml version='1.0' encoding='utf-8'?>\n")
    assert (document.tests, document.failures, document.errors) == (94, 4, 2)
    assert [suite.skipped for suite in document] == [41, 41]
    assert [suite.name for suite in document] == ["feed 000123", "feed 000124"]


# What the schema of Jenkins' xUnit plug-in (junit-10.xsd) lets each element have; it refuses anything else.
JENKINS = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "file"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name", "time", "classname", "group"},
    **{name: {"type", "message"} for name in ("failure", "error", "skipped")},
    **{name: set() for name in ("system-out", "system-err")},
}


@pytest.mark.parametrize("runs", [0, 1, 3])
def test_jenkins_strict_schema_knows_every_element_and_attribute(run, runs):
    root = ET.fromstring(junit_xml([run] * runs))  # noqa: S314 - our own text
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= JENKINS[element.tag], element.tag
    for suite in root:
        assert {"name", "tests", "failures", "errors"} <= set(suite.attrib)


def test_a_warning_is_written_down_though_it_does_not_fail(run):
    assert "Codes that are not in the table" in junit_xml([run])
    assert "warned: " in junit_xml([run])


def test_an_estimate_is_told_in_tens(run):
    assert "about 190 missing since 30 May 2022" in junit_xml([run])


@pytest.mark.parametrize("empty", ["no runs", "no results"])
def test_nothing_judged_is_an_error_never_an_empty_green_file(run, empty):
    document = read(junit_xml([] if empty == "no runs" else [replace(run, results=())]))
    assert (document.tests, document.errors) == (1, 1)


def test_names_that_xml_cannot_hold_are_cleaned(run):
    result = CheckResult("a\x00<b>", Status.FAILED, Evidence.HISTORY, "\x1b]]>&")
    (suite,) = read(junit_xml([replace(run, results=(result,))]))
    assert next(iter(suite)).classname == "feed.a�<b>"
