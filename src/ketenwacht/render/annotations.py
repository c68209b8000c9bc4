"""Findings as annotations of a build: GitHub workflow commands, and GitLab's code quality report.

GitHub: `::error file=…,title=…::message`, with `%`, line ends and, in properties, `:` and `,` escaped as its
runner unescapes them (actions/toolkit, `command.ts`). GitLab: a JSON array after the Code Climate
specification, of which it reads description, check_name, fingerprint, severity and location.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from ketenwacht.domain.result import STRENGTH
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import Amount
from ketenwacht.domain.status import Status
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views import ResultView, RunView

MOST = 10
"""GitHub shows this many annotations of a kind from one step; the rest are told by their number."""
_LEVEL: Mapping[Status, str] = MappingProxyType(
    {Status.ERROR: "error", Status.FAILED: "error", Status.WARNED: "warning"}
)
_SEVERITY: Mapping[Status, str] = MappingProxyType(
    {Status.ERROR: "critical", Status.FAILED: "blocker", Status.WARNED: "minor"}
)
_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def github_commands(runs: Sequence[RunView], how: MessageFormatter, *, file: str) -> Iterator[str]:
    """One workflow command a finding, worst first, at most `MOST` of a kind; then how many more there are.

    Args:
        runs: what was judged; none is an error of its own.
        how: says what is not in the views.
        file: the contract, relative to the repository, to which annotations are attached.
    """
    if not runs:
        yield _command("error", file, how.label("ci.title_error"), how.label("ci.no_delivery"))
    by_level: dict[str, list[tuple[RunView, ResultView]]] = {}
    for run, result in _findings(runs):
        by_level.setdefault(_LEVEL[result.status], []).append((run, result))
    for level, found in by_level.items():
        for run, result in found[:MOST]:
            yield _command(level, file, _title(result, how), _said(run, result, how))
        if len(found) > MOST:
            more = how.label("ci.more", count=Amount(len(found) - MOST))
            yield _command("notice", file, how.label("ci.title_more"), more)


def gitlab_quality(runs: Sequence[RunView], how: MessageFormatter, *, file: str) -> str:
    """A GitLab code quality report as JSON text. A finding keeps its fingerprint from run to run.

    Args:
        runs: what was judged; none is an issue of its own.
        how: says what is not in the views.
        file: the contract, relative to the repository, to which issues are attached.
    """
    found: dict[tuple[str, ...], dict[str, object]] = {}
    for run, result in _findings(runs):
        key = (run.feed, result.check, str(result.segment))  # not its label, which may get another wording
        said = f"{_title(result, how)}: {_said(run, result, how)}"
        # One finding in several deliveries is one issue: a report with a fingerprint twice is refused.
        found.setdefault(key, _issue(result.check, _SEVERITY[result.status], said, file, key))
    issues = list(found.values())
    if not runs:
        said = f"{how.label('ci.title_error')}: {how.label('ci.no_delivery')}"
        issues.append(_issue("ketenwacht", _SEVERITY[Status.ERROR], said, file, ("ketenwacht", "nothing")))
    return json.dumps(issues, ensure_ascii=False, indent=1) + "\n"


def escape_data(text: str) -> str:
    """The message of a workflow command."""
    return _replaced(text, _DATA)


def escape_property(text: str) -> str:
    """The value of a property of a workflow command."""
    return _replaced(text, _PROPERTY)


def _replaced(text: str, table: Iterable[tuple[str, str]]) -> str:
    for plain, escaped in table:
        text = text.replace(plain, escaped)
    return text


def _findings(runs: Sequence[RunView]) -> list[tuple[RunView, ResultView]]:
    found = [(run, result) for run in runs for result in run.results if result.status in _LEVEL]
    return sorted(found, key=lambda pair: (-pair[1].status, STRENGTH.index(pair[1].evidence)))


def _command(level: str, file: str, title: str, message: str) -> str:
    return f"::{level} file={escape_property(file)},title={escape_property(title)}::{escape_data(message)}"


def _title(result: ResultView, how: MessageFormatter) -> str:
    return how.label("ci.title", check=result.check, status=result.status_text)


def _said(run: RunView, result: ResultView, how: MessageFormatter) -> str:
    message = result.message
    if result.segment != WHOLE:
        message = how.label("results.of_segment", who=result.segment_text, message=message)
    said = how.label("ci.finding", delivery=run.delivery_text, day=run.period_text, message=message)
    if result.missing is not None and not result.missing.nobody:
        said += f"; {result.missing.sentence}"
    return said


def _issue(check: str, severity: str, said: str, file: str, key: tuple[str, ...]) -> dict[str, object]:
    return {
        "type": "issue",
        "check_name": f"ketenwacht/{check}",
        "description": said,
        "categories": ["Bug Risk"],
        "severity": severity,
        "fingerprint": hashlib.sha256("\0".join(key).encode()).hexdigest()[:40],
        "location": {"path": file, "lines": {"begin": 1}},
    }
