"""A summary of runs in Markdown, for the job page of a build server or a merge request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ketenwacht.domain.result import STRENGTH, CheckResult, Run
from ketenwacht.domain.status import Status, worst

from .words import (
    EVIDENCE,
    MEANING,
    UNICODE,
    band,
    clean,
    day,
    missing_amount,
    observed,
    plural,
    say,
    segment_words,
    since,
)

MOST_ROWS = 50
"""More results than this are told by their number: a summary is read, not searched."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#&~@!])")
_COUNTED = (Status.ERROR, Status.FAILED, Status.WARNED, Status.UNPROVEN, Status.SKIPPED, Status.PASSED)


def run_markdown(runs: Sequence[Run]) -> str:
    """The verdict on all runs, a line a delivery, then what is wrong, worst first. Ends with a line feed."""
    status = worst(run.status for run in runs)
    feeds = ", ".join(dict.fromkeys(_escape(run.delivery.feed) for run in runs))
    what = f"{feeds}, {plural(len(runs), 'delivery', 'deliveries')}" if runs else "nothing was judged"
    lines = [f"## {UNICODE.marks[status]} {status.word}: {what}", "", f"{MEANING[status].capitalize()}.", ""]
    if runs:
        lines += _deliveries(runs)
        lines += _wrong(runs)
        lines += _unproven(runs)
    return "\n".join(lines).rstrip() + "\n"


def _deliveries(runs: Sequence[Run]) -> list[str]:
    head = ["Delivery", "For", "Verdict", *(status.word.capitalize() for status in _COUNTED)]
    rows = []
    for run in runs:
        counts = Counter(result.status for result in run.results)
        rows.append(
            [
                _escape(run.delivery.id),
                day(run.delivery.period),
                _status(run.status),
                *(str(counts[status]) for status in _COUNTED),
            ]
        )
    return [*_table(head, rows, right=range(3, 3 + len(_COUNTED))), ""]


def _wrong(runs: Sequence[Run]) -> list[str]:
    wrong = [(run, result) for run in runs for result in run.results if result.status >= Status.WARNED]
    if not wrong:
        return []
    wrong.sort(key=lambda pair: (-pair[1].status, STRENGTH.index(pair[1].evidence), pair[0].delivery.period))
    head = ["Verdict", "Delivery", "Check", "Who", "Seen", "Expected", "Evidence", "What it says"]
    rows = [_row(run, result) for run, result in wrong[:MOST_ROWS]]
    lines = ["### What is wrong", "", *_table(head, rows, right=(4, 5)), ""]
    if len(wrong) > MOST_ROWS:
        lines += [f"And {plural(len(wrong) - MOST_ROWS, 'more result')}.", ""]
    return lines


def _row(run: Run, result: CheckResult) -> list[str]:
    said = _escape(say(result.said))
    if result.missing is not None and result.missing.value != 0:
        verb = "since" if result.missing.value < 0 else "missing since"
        said += f" ({missing_amount(result.missing)} {verb} {since(result.missing, result.evidence)})"
    return [
        _status(result.status),
        _escape(run.delivery.id),
        _escape(result.check),
        _escape(segment_words(result.segment)),
        _escape(observed(result)),
        _escape(band(result.expected, result.unit)),
        EVIDENCE[result.evidence],
        said,
    ]


def _unproven(runs: Sequence[Run]) -> list[str]:
    reasons = Counter(
        (result.check, say(result.said))
        for run in runs
        for result in run.results
        if result.status is Status.UNPROVEN
    )
    if not reasons:
        return []
    rows = [
        [_escape(check), str(count), _escape(why)] for (check, why), count in sorted(reasons.items())[:MOST_ROWS]
    ]
    more = [f"And {plural(len(reasons) - MOST_ROWS, 'more reason')}.", ""] if len(reasons) > MOST_ROWS else []
    return ["### What is unproven", "", *_table(["Check", "Results", "Why"], rows, right=(1,)), "", *more]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> list[str]:
    at_right = set(right)
    rule = ["---:" if i in at_right else "---" for i in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def _status(status: Status) -> str:
    return f"{UNICODE.marks[status]} {status.word}"


def _escape(text: str) -> str:
    """Text that Markdown shows as it is: names come from data and configuration."""
    return _SPECIAL.sub(r"\\\1", clean(text))
