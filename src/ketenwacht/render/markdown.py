"""A summary of runs in Markdown, for the job page of a build server or a merge request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ketenwacht.domain.result import STRENGTH
from ketenwacht.domain.statement import Amount
from ketenwacht.domain.status import Status, worst
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import STATUS_MEANING, STATUS_WORD
from ketenwacht.messages.views import ResultView, RunView

from .glyphs import UNICODE

MOST_ROWS = 50
"""More results than this are told by their number: a summary is read, not searched."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#&~@!])")
_COUNTED = (Status.ERROR, Status.FAILED, Status.WARNED, Status.UNPROVEN, Status.SKIPPED, Status.PASSED)


def run_markdown(runs: Sequence[RunView], how: MessageFormatter) -> str:
    """The verdict on all runs, a line a delivery, then what is wrong, worst first. Ends with a line feed."""
    status = worst(run.status for run in runs)
    word = STATUS_WORD[status][how.language]
    feeds = ", ".join(dict.fromkeys(_escape(run.feed) for run in runs))
    count = Amount(len(runs))
    head = how.label("summary.head", status=word, feeds=feeds, count=count) if runs else ""
    head = head or how.label("summary.head_nothing", status=word)
    lines = [f"## {UNICODE.marks[status]} {head}", "", f"{STATUS_MEANING[status][how.language].capitalize()}.", ""]
    if runs:
        lines += _deliveries(runs, how)
        lines += _wrong(runs, how)
        lines += _unproven(runs, how)
    return "\n".join(lines).rstrip() + "\n"


def _deliveries(runs: Sequence[RunView], how: MessageFormatter) -> list[str]:
    names = ("head.delivery", "head.for", "head.verdict")
    head = [*map(how.label, names), *(STATUS_WORD[status][how.language].capitalize() for status in _COUNTED)]
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


def _wrong(runs: Sequence[RunView], how: MessageFormatter) -> list[str]:
    wrong = [(run, result) for run in runs for result in run.results if result.status >= Status.WARNED]
    if not wrong:
        return []
    wrong.sort(key=lambda pair: (-pair[1].status, STRENGTH.index(pair[1].evidence), pair[0].period))
    names = ("verdict", "delivery", "check", "who", "seen", "expected", "evidence", "says")
    head = [how.label(f"head.{name}") for name in names]
    rows = [_row(run, result) for run, result in wrong[:MOST_ROWS]]
    lines = [f"### {how.label('summary.wrong')}", "", *_table(head, rows, right=(4, 5)), ""]
    if len(wrong) > MOST_ROWS:
        lines += [how.label("summary.more_results", count=Amount(len(wrong) - MOST_ROWS)), ""]
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


def _unproven(runs: Sequence[RunView], how: MessageFormatter) -> list[str]:
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
    more = [how.label("summary.more_reasons", count=Amount(left)), ""] if left > 0 else []
    head = [how.label(f"head.{name}") for name in ("check", "results", "why")]
    return [f"### {how.label('summary.unproven')}", "", *_table(head, rows, right=(1,)), "", *more]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> list[str]:
    at_right = set(right)
    rule = ["---:" if i in at_right else "---" for i in range(len(head))]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def _status(judged: RunView | ResultView) -> str:
    return f"{UNICODE.marks[judged.status]} {judged.status_text}"


def _escape(text: str) -> str:
    """Text that Markdown shows as it is: names come from data and configuration."""
    return _SPECIAL.sub(r"\\\1", text)
