"""Runs as JUnit XML: failed is a failure, error an error, unproven and skipped are skipped; never mixed up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from ketenwacht.domain.result import CheckResult, Run
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.status import Status

from .words import EVIDENCE, clean, missing_amount, say, segment_words, since

_OUTCOME: Mapping[Status, type[Failure | Error | Skipped]] = MappingProxyType(
    {
        Status.ERROR: Error,
        Status.FAILED: Failure,
        Status.UNPROVEN: Skipped,
        Status.SKIPPED: Skipped,
    }
)
_STRICT: Mapping[Status, type[Failure | Error | Skipped]] = MappingProxyType(
    {**_OUTCOME, Status.UNPROVEN: Failure, Status.WARNED: Failure}
)


def junit_xml(runs: Sequence[Run], *, strict: bool = False) -> str:
    """One suite a delivery, one case a result, as an XML document.

    A delivery in which nothing was checked, and a call without deliveries, is one error: never an empty file.

    Args:
        runs: in the order in which they shall stand.
        strict: warned and unproven count as failures, as they do in the exit code.
    """
    document = JUnitXml("ketenwacht")
    for run in runs:
        document.add_testsuite(_suite(run, _STRICT if strict else _OUTCOME))
    if not runs:
        suite = TestSuite("ketenwacht")
        suite.add_testcase(_nothing("nothing was judged: there was no delivery"))
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]  # the library leaves these two without types
    raw: bytes = document.tostring()  # type: ignore[no-untyped-call]
    # Jenkins' schema knows `skipped` of a suite, not of all suites together; the first one is the root's.
    text = raw.decode("utf-8").replace(f' skipped="{document.skipped}"', "", 1)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n"


def _suite(run: Run, outcomes: Mapping[Status, type[Failure | Error | Skipped]]) -> TestSuite:
    suite = TestSuite(f"{clean(run.delivery.feed)} {clean(run.delivery.id)}")
    suite.timestamp = run.at.isoformat(timespec="seconds")
    suite.add_property("period", run.delivery.period.isoformat())
    suite.add_property("status", run.status.word)
    for result in run.results:
        suite.add_testcase(_case(run, result, outcomes))
    if not run.results:
        suite.add_testcase(_nothing("nothing was checked in this delivery"))
    return suite


def _case(run: Run, result: CheckResult, outcomes: Mapping[Status, type[Failure | Error | Skipped]]) -> TestCase:
    case = TestCase(segment_words(result.segment), f"{clean(run.delivery.feed)}.{clean(result.check)}")
    where = "" if result.segment == WHOLE else f"{segment_words(result.segment)}: "
    message = f"{result.status.word}: {where}{clean(say(result.said))} (by {EVIDENCE[result.evidence]})"
    if result.missing is not None and result.missing.value != 0:
        tail = "" if result.missing.value < 0 else " missing"
        began = since(result.missing, result.evidence, date.isoformat)
        message += f"; {missing_amount(result.missing)}{tail} since {began}"
    kind = outcomes.get(result.status)
    if kind is not None:
        case.result = [kind(message, result.status.word)]
    elif result.status is Status.WARNED:
        case.system_out = message
    return case


def _nothing(message: str) -> TestCase:
    case = TestCase("whole feed", "ketenwacht")
    case.result = [Error(message, Status.ERROR.word)]
    return case
