"""Runs as JUnit XML: failed is a failure, error an error, unproven and skipped are skipped; never mixed up."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from ketenwacht.domain.result import STRENGTH, Status, worst
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import STATUS_MEANING, STATUS_WORD
from ketenwacht.messages.views import ResultView, RunView, segment_text

from .svg import UNICODE

Case = tuple[str, Segment]
"""Check and segment of a result: what names a case."""
Place = tuple[str, int]
"""File, relative to the repository, and line."""
_SHARED = frozenset({Status.FAILED, Status.WARNED})

_OUTCOME: Mapping[Status, type[Failure | Error | Skipped]] = MappingProxyType(
    {
        Status.ERROR: Error,
        Status.FAILED: Failure,
        Status.UNPROVEN: Skipped,
        Status.SKIPPED: Skipped,
    }
)


def junit_xml(
    runs: Sequence[RunView],
    formatter: MessageFormatter,
    *,
    failing: Collection[Status] = frozenset({Status.FAILED}),
    seconds: Sequence[float] = (),
    same: Mapping[Case, Case] = MappingProxyType({}),
) -> str:
    """Return one suite a delivery, one case a result, as an XML document.

    A delivery is read once for all of its checks, so that every case has an equal share of its time.

    A delivery in which nothing was checked, and a call without deliveries, is one error: never an empty file.

    Args:
        runs: in the order in which they shall stand.
        formatter: puts into words what the views leave out.
        failing: verdicts that count as failures, as they do in the exit code.
        seconds: how long each run took; empty: not known.
        same: a failure → the one that represents it, since both are about the same thing; it counts once.
    """
    document = JUnitXml("ketenwacht")
    for number, run in enumerate(runs):
        suite = _suite(run, formatter, failing, same)
        if number < len(seconds):
            _share_time(suite, seconds[number])
        document.add_testsuite(suite)
    if not runs:
        suite = TestSuite("ketenwacht")
        suite.add_testcase(_nothing(formatter, formatter.label("ci.no_delivery")))
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]  # the library leaves these two without types
    raw: bytes = document.tostring()  # type: ignore[no-untyped-call]
    # Jenkins' schema knows `skipped` of a suite, not of all suites together; the first one is the root's.
    text = raw.decode("utf-8").replace(f' skipped="{document.skipped}"', "", 1)
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n"


def _share_time(suite: TestSuite, seconds: float) -> None:
    cases = list(suite)
    for case in cases:
        case.time = round(seconds / len(cases), 6)
    suite.time = round(seconds, 3)


def _suite(
    run: RunView, formatter: MessageFormatter, failing: Collection[Status], same: Mapping[Case, Case]
) -> TestSuite:
    suite = TestSuite(f"{run.feed} {run.delivery}")
    suite.timestamp = run.at.isoformat(timespec="seconds")
    suite.add_property("period", run.period.isoformat())
    suite.add_property("status", run.status.word)
    for result in run.results:
        speaker = same.get((result.check, result.segment)) if result.status in _SHARED else None
        case = _case(run, result, formatter, failing)
        if speaker is not None:
            named = {"check": speaker[0], "who": segment_text(speaker[1], formatter)}
            case.result = [
                Skipped(formatter.label("ci.same", message=result.message, **named), result.status.word)
            ]
        suite.add_testcase(case)
    if not run.results:
        suite.add_testcase(_nothing(formatter, formatter.label("ci.no_results")))
    return suite


def _case(run: RunView, result: ResultView, formatter: MessageFormatter, failing: Collection[Status]) -> TestCase:
    case = TestCase(result.segment_text, f"{run.feed}.{result.check}")
    stops = result.status in failing and result.status not in {Status.FAILED, Status.ERROR}
    said = result.message
    if result.segment != WHOLE:
        said = formatter.label("results.of_segment", who=result.segment_text, message=said)
    said += _describe_expected(result, formatter) if result.status in _SHARED else ""
    key = "ci.stops" if stops else "ci.result"
    message = formatter.label(key, status=result.status_text, message=said, evidence=result.evidence_text)
    if result.missing is not None and not result.missing.nobody:
        message += f"; {result.missing.sentence}"
    kind = Failure if stops else _OUTCOME.get(result.status)
    if kind is not None:
        case.result = [kind(message, result.status.word)]
    elif result.status is Status.WARNED:
        case.system_out = message
    return case


def _describe_expected(result: ResultView, formatter: MessageFormatter) -> str:
    """Return what was seen and expected, as one more clause; empty when there is nothing to compare."""
    if not result.observed_text or not result.expected_text:
        return ""
    return formatter.label("ci.seen", seen=result.observed_text, expected=result.expected_text)


def _nothing(formatter: MessageFormatter, message: str) -> TestCase:
    case = TestCase(formatter.segment(WHOLE), "ketenwacht")
    case.result = [Error(message, Status.ERROR.word)]
    return case


# Findings as annotations of a build: GitHub workflow commands, and GitLab's code quality report.


MOST = 10
"""GitHub shows this many annotations of a kind from one step; the rest is given as a number."""
_LEVEL: Mapping[Status, str] = MappingProxyType(
    {Status.ERROR: "error", Status.FAILED: "error", Status.WARNED: "warning"}
)
_SEVERITY: Mapping[Status, str] = MappingProxyType(
    {Status.ERROR: "critical", Status.FAILED: "blocker", Status.WARNED: "minor"}
)
_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def github_commands(
    runs: Sequence[RunView],
    formatter: MessageFormatter,
    *,
    file: str,
    places: Mapping[str, Place] = MappingProxyType({}),
) -> Iterator[str]:
    """Yield one workflow command a finding, worst first, at most `MOST` of a kind; then how many more there are.

    Args:
        runs: what was judged; none is an error of its own.
        formatter: puts into words what the views leave out.
        file: the contract, relative to the repository, to which annotations without a place are attached.
        places: where each check or expectation stands, by its name.
    """
    if not runs:
        yield _command("error", (file, 0), formatter.label("ci.title_error"), formatter.label("ci.no_delivery"))
    by_level: dict[str, list[tuple[RunView, ResultView]]] = {}
    for run, result in _findings(runs):
        by_level.setdefault(_LEVEL[result.status], []).append((run, result))
    for level, found in by_level.items():
        for run, result in found[:MOST]:
            place = find_place(result.check, places, file)
            yield _command(level, place, _title(result, formatter), _describe(run, result, formatter))
        if len(found) > MOST:
            more = formatter.label("ci.more", count=Amount(len(found) - MOST))
            yield _command("notice", (file, 0), formatter.label("ci.title_more"), more)


def gitlab_quality(
    runs: Sequence[RunView],
    formatter: MessageFormatter,
    *,
    file: str,
    places: Mapping[str, Place] = MappingProxyType({}),
) -> str:
    """Return a GitLab code quality report as JSON text. A finding keeps its fingerprint from run to run.

    Args:
        runs: what was judged; none is an issue of its own.
        formatter: puts into words what the views leave out.
        file: the contract, relative to the repository, to which issues without a place are attached.
        places: where each check or expectation stands, by its name.
    """
    found: dict[tuple[str, ...], dict[str, object]] = {}
    for run, result in _findings(runs):
        key = (run.feed, result.check, str(result.segment))  # not its label, which may get another wording
        said = f"{_title(result, formatter)}: {_describe(run, result, formatter)}"
        # One finding in several deliveries is one issue: a report with a fingerprint twice is refused.
        found.setdefault(
            key, _issue(result.check, _SEVERITY[result.status], said, find_place(result.check, places, file), key)
        )
    issues = list(found.values())
    if not runs:
        said = f"{formatter.label('ci.title_error')}: {formatter.label('ci.no_delivery')}"
        issues.append(_issue("ketenwacht", _SEVERITY[Status.ERROR], said, (file, 0), ("ketenwacht", "nothing")))
    return json.dumps(issues, ensure_ascii=False, indent=1) + "\n"


def sarif_log(
    runs: Sequence[RunView],
    formatter: MessageFormatter,
    *,
    file: str,
    version: str,
    places: Mapping[str, Place] = MappingProxyType({}),
) -> str:
    """Return a SARIF 2.1.0 log (OASIS) as JSON text, as code scanning of GitHub and Azure DevOps reads it.

    Args:
        runs: what was judged; none is a result of its own.
        formatter: puts into words what the views leave out.
        file: the contract, relative to the repository, to which results without a place are attached.
        version: of this product.
        places: where each check or expectation stands, by its name.
    """
    found: dict[tuple[str, ...], dict[str, object]] = {}
    for run, result in _findings(runs):
        key = (run.feed, result.check, str(result.segment))
        place = find_place(result.check, places, file)
        said = _describe(run, result, formatter)
        found.setdefault(key, _sarif_result(result.check, _LEVEL[result.status], said, place, key))
    if not runs:
        nothing, said = ("ketenwacht", "nothing"), formatter.label("ci.no_delivery")
        found[nothing] = _sarif_result("ketenwacht", _LEVEL[Status.ERROR], said, (file, 0), nothing)
    rules = [{"id": name} for name in sorted({str(one["ruleId"]) for one in found.values()})]
    driver = {"name": "ketenwacht", "version": version, "rules": rules}
    log = {
        "$schema": _SARIF,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [*found.values()]}],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def _sarif_result(check: str, level: str, said: str, place: Place, key: tuple[str, ...]) -> dict[str, object]:
    at = {"artifactLocation": {"uri": quote(place[0])}, "region": {"startLine": max(1, place[1])}}
    return {
        "ruleId": check,
        "level": level,
        "message": {"text": said},
        "locations": [{"physicalLocation": at}],
        "partialFingerprints": {"finding/v1": _fingerprint(key)},
    }


def _fingerprint(key: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(key).encode()).hexdigest()[:40]


def escape_data(text: str) -> str:
    """Return the message of a workflow command."""
    return _replace_all(text, _DATA)


def escape_property(text: str) -> str:
    """Return the value of a property of a workflow command."""
    return _replace_all(text, _PROPERTY)


def _replace_all(text: str, table: Iterable[tuple[str, str]]) -> str:
    for plain, escaped in table:
        text = text.replace(plain, escaped)
    return text


def _findings(runs: Sequence[RunView]) -> list[tuple[RunView, ResultView]]:
    found = [(run, result) for run in runs for result in run.results if result.status in _LEVEL]
    return sorted(found, key=lambda pair: (-pair[1].status, STRENGTH.index(pair[1].evidence)))


def find_place(check: str, places: Mapping[str, Place], file: str) -> Place:
    """Return where a check stands; line 0: only the file is known."""
    return places.get(check) or places.get(check.partition(".")[0]) or (file, 0)


def _command(level: str, place: Place, title: str, message: str) -> str:
    file, line = place
    at = f"file={escape_property(file)}" + (f",line={line}" if line else "")
    return f"::{level} {at},title={escape_property(title)}::{escape_data(message)}"


def _title(result: ResultView, formatter: MessageFormatter) -> str:
    return formatter.label("ci.title", check=result.check, status=result.status_text)


def _describe(run: RunView, result: ResultView, formatter: MessageFormatter) -> str:
    message = result.message
    if result.segment != WHOLE:
        message = formatter.label("results.of_segment", who=result.segment_text, message=message)
    said = formatter.label("ci.finding", delivery=run.delivery_text, day=run.period_text, message=message)
    if result.missing is not None and not result.missing.nobody:
        said += f"; {result.missing.sentence}"
    return said


def _issue(check: str, severity: str, said: str, place: Place, key: tuple[str, ...]) -> dict[str, object]:
    return {
        "type": "issue",
        "check_name": f"ketenwacht/{check}",
        "description": said,
        "categories": ["Bug Risk"],
        "severity": severity,
        "fingerprint": _fingerprint(key),
        "location": {"path": place[0], "lines": {"begin": max(1, place[1])}},
    }


# A summary of runs in Markdown, for the job page of a build server or a merge request.


MOST_ROWS = 50
"""The most results in a summary; the rest is given as a number."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#&~@!])")
_COUNTED = (Status.ERROR, Status.FAILED, Status.WARNED, Status.UNPROVEN, Status.SKIPPED, Status.PASSED)


def run_markdown(runs: Sequence[RunView], formatter: MessageFormatter) -> str:
    """Return the verdict on all runs, a line a delivery, then what is wrong, worst first.

    Ends with a line feed.
    """
    status = worst(run.status for run in runs)
    word = STATUS_WORD[status][formatter.language]
    feeds = ", ".join(dict.fromkeys(_escape(run.feed) for run in runs))
    count = Amount(len(runs))
    head = formatter.label("summary.head", status=word, feeds=feeds, count=count) if runs else ""
    head = head or formatter.label("summary.head_nothing", status=word)
    lines = [
        f"## {UNICODE.marks[status]} {head}",
        "",
        f"{STATUS_MEANING[status][formatter.language].capitalize()}.",
        "",
    ]
    if runs:
        lines += _deliveries(runs, formatter)
        lines += _wrong(runs, formatter)
        lines += _list_unproven(runs, formatter)
    return "\n".join(lines).rstrip() + "\n"


def _deliveries(runs: Sequence[RunView], formatter: MessageFormatter) -> list[str]:
    names = ("head.delivery", "head.for", "head.verdict")
    head = [
        *map(formatter.label, names),
        *(STATUS_WORD[status][formatter.language].capitalize() for status in _COUNTED),
    ]
    rows = []
    for run in runs:
        counts = Counter(result.status for result in run.results)
        rows.append(
            [
                _escape(run.delivery),
                run.period_text,
                _status(run),
                *(str(counts[status]) for status in _COUNTED),
            ]
        )
    return [*_table(head, rows, right=range(3, 3 + len(_COUNTED))), ""]


def _wrong(runs: Sequence[RunView], formatter: MessageFormatter) -> list[str]:
    wrong = [(run, result) for run in runs for result in run.results if result.status >= Status.WARNED]
    if not wrong:
        return []
    wrong.sort(key=lambda pair: (-pair[1].status, STRENGTH.index(pair[1].evidence), pair[0].period))
    names = ("verdict", "delivery", "check", "who", "seen", "expected", "evidence", "says")
    head = [formatter.label(f"head.{name}") for name in names]
    rows = [_row(run, result) for run, result in wrong[:MOST_ROWS]]
    lines = [f"### {formatter.label('summary.wrong')}", "", *_table(head, rows, right=(4, 5)), ""]
    if len(wrong) > MOST_ROWS:
        lines += [formatter.label("summary.more_results", count=Amount(len(wrong) - MOST_ROWS)), ""]
    return lines


def _row(run: RunView, result: ResultView) -> list[str]:
    said = _escape(result.message)
    if result.missing is not None and not result.missing.nobody:
        said += f" ({_escape(result.missing.sentence)})"
    return [
        _status(result),
        _escape(run.delivery),
        _escape(result.check),
        _escape(result.segment_text),
        _escape(result.observed_text),
        _escape(result.expected_text),
        result.evidence_text,
        said,
    ]


def _list_unproven(runs: Sequence[RunView], formatter: MessageFormatter) -> list[str]:
    reasons = Counter(
        (result.check, result.message)
        for run in runs
        for result in run.results
        if result.status is Status.UNPROVEN
    )
    if not reasons:
        return []
    rows = [
        [_escape(check), str(count), _escape(why)] for (check, why), count in sorted(reasons.items())[:MOST_ROWS]
    ]
    left = len(reasons) - MOST_ROWS
    more = [formatter.label("summary.more_reasons", count=Amount(left)), ""] if left > 0 else []
    head = [formatter.label(f"head.{name}") for name in ("check", "results", "why")]
    return [f"### {formatter.label('summary.unproven')}", "", *_table(head, rows, right=(1,)), "", *more]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> list[str]:
    at_right = set(right)
    rule = ["---:" if i in at_right else "---" for i in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def _status(judged: RunView | ResultView) -> str:
    return f"{UNICODE.marks[judged.status]} {judged.status_text}"


def _escape(text: str) -> str:
    """Return the text that Markdown shows as it is: names come from data and configuration."""
    return _SPECIAL.sub(r"\\\1", text)
