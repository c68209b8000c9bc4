"""Runs as JUnit XML: failed is a failure, error an error, unproven and skipped are skipped; never mixed up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.status import Status
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import ResultView, RunView

_OUTCOME: Mapping[Status, type[Failure | Error | Skipped]] = MappingProxyType(
    {
        Status.ERROR: Error,
        Status.FAILED: Failure,
        Status.UNPROVEN: Skipped,
        Status.SKIPPED: Skipped,
    }
)


def junit_xml(
    runs: Sequence[RunView], how: MessageFormatter, *, failing: Collection[Status] = frozenset({Status.FAILED})
) -> str:
    """One suite a delivery, one case a result, as an XML document.

    A delivery in which nothing was checked, and a call without deliveries, is one error: never an empty file.

    Args:
        runs: in the order in which they shall stand.
        how: says what is not in the views.
        failing: verdicts that count as failures, as they do in the exit code.
    """
    document = JUnitXml("ketenwacht")
    for run in runs:
        document.add_testsuite(_suite(run, how, failing))
    if not runs:
        suite = TestSuite("ketenwacht")
        suite.add_testcase(_nothing(how, how.label("ci.no_delivery")))
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]  # the library leaves these two without types
    raw: bytes = document.tostring()  # type: ignore[no-untyped-call]
    # Jenkins' schema knows `skipped` of a suite, not of all suites together; the first one is the root's.
    text = raw.decode("utf-8").replace(f' skipped="{document.skipped}"', "", 1)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n"


def _suite(run: RunView, how: MessageFormatter, failing: Collection[Status]) -> TestSuite:
    suite = TestSuite(f"{run.feed} {run.delivery}")
    suite.timestamp = run.at.isoformat(timespec="seconds")
    suite.add_property("period", run.period.isoformat())
    suite.add_property("status", run.status.word)
    for result in run.results:
        suite.add_testcase(_case(run, result, how, failing))
    if not run.results:
        suite.add_testcase(_nothing(how, how.label("ci.no_results")))
    return suite


def _case(run: RunView, result: ResultView, how: MessageFormatter, failing: Collection[Status]) -> TestCase:
    case = TestCase(result.segment_text, f"{run.feed}.{result.check}")
    stops = result.status in failing and result.status not in {Status.FAILED, Status.ERROR}
    said = result.message
    if result.segment != WHOLE:
        said = how.label("results.of_segment", who=result.segment_text, message=said)
    key = "ci.stops" if stops else "ci.result"
    message = how.label(key, status=result.status_text, message=said, evidence=result.evidence_text)
    if result.missing is not None and not result.missing.nobody:
        message += f"; {result.missing.sentence}"
    kind = Failure if stops else _OUTCOME.get(result.status)
    if kind is not None:
        case.result = [kind(message, result.status.word)]
    elif result.status is Status.WARNED:
        case.system_out = message
    return case


def _nothing(how: MessageFormatter, message: str) -> TestCase:
    case = TestCase(how.segment(WHOLE), "ketenwacht")
    case.result = [Error(message, Status.ERROR.word)]
    return case
