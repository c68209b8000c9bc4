"""The last lines of `check`, `ci` and `replay`: a line a feed, its incidents, the counts and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import STATUS_WORD
from ketenwacht.messages.views import RunView
from ketenwacht.messages.views_incident import IncidentView

from .svg import Glyphs
from .terminal import STYLE, glyphs_of

MOST_INCIDENTS = 10
"""Incidents that a summary shows; the others are counted."""
_COUNTED = (Status.ERROR, Status.FAILED, Status.WARNED, Status.UNPROVEN, Status.SKIPPED, Status.PASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSummary:
    """What was found of one feed.

    Attributes:
        feed: its name.
        status: the worst verdict.
        runs: what was judged, oldest first.
        incidents: those that need somebody, the worst first.
    """

    feed: str
    status: Status
    runs: Sequence[RunView] = ()
    incidents: Sequence[IncidentView] = field(default=())


def print_summary(
    feeds: Iterable[FeedSummary], formatter: MessageFormatter, console: Console, *, seconds: float | None = None
) -> None:
    """Print the summary: as wide as the terminal, and without wrapping anywhere else.

    Args:
        feeds: what was found.
        formatter: puts into words what the views leave out.
        console: where.
        seconds: how long it took; None: not said.
    """
    glyphs, counts = glyphs_of(console), Counter[Status]()
    for one in feeds:
        _print_line(console, Text(glyphs.plain(_head(one, formatter, glyphs)), style=STYLE[one.status]))
        for incident in one.incidents[:MOST_INCIDENTS]:
            _print_incident(incident, formatter, console, glyphs)
        if len(one.incidents) > MOST_INCIDENTS:
            more = Amount(len(one.incidents) - MOST_INCIDENTS)
            _print_line(console, Text(formatter.label("end.more", count=more), style="dim"), indent=2)
        newest = one.runs[-1:] if one.runs else ()
        counts.update(result.status for run in newest for result in run.results)
    parts = [f"{counts[s]} {STATUS_WORD[s][formatter.language]}" for s in _COUNTED if counts[s]]
    parts += [] if seconds is None else [formatter.label("end.seconds", seconds=_seconds(seconds, formatter))]
    if parts:
        _print_line(console, Text(glyphs.plain(_join(parts)), style="dim"), indent=2)


def verdict_text(
    status: Status, code: int, formatter: MessageFormatter, *, report: str | None = None, why: str = ""
) -> str:
    """Return the last line: the verdict, the exit code, and where the report is.

    Args:
        status: the worst verdict.
        code: the exit code.
        formatter: puts it into words.
        report: path of the report; None: none was written.
        why: why the exit code is another than the verdict's.
    """
    said = formatter.label("end.verdict", status=STATUS_WORD[status][formatter.language].upper(), code=str(code))
    parts = [said, why, "" if report is None else formatter.label("end.report", path=report)]
    return _join(filter(None, parts))


def _head(one: FeedSummary, formatter: MessageFormatter, glyphs: Glyphs) -> str:
    parts = [one.runs[-1].period_text] if one.runs else []
    if len({(run.period, run.delivery) for run in one.runs}) > 1:
        first, last = (pick(one.runs, key=lambda run: run.period).period_text for pick in (min, max))
        count = Amount(len({run.delivery for run in one.runs if run.presence is not Presence.ABSENT}))
        parts = [formatter.label("end.deliveries", count=count, first=first, last=last)]
    incidents = Amount(len(one.incidents))
    parts.append(formatter.label("end.incidents" if one.incidents else "end.none", count=incidents))
    return f"{glyphs.marks[one.status]} {one.feed} {_join(parts)}"


def _print_incident(view: IncidentView, formatter: MessageFormatter, console: Console, glyphs: Glyphs) -> None:
    parts = () if view.missing is None else view.missing.parts
    named = f" ({_join(part.text for part in parts[:5])})" if len(parts) > 1 else ""
    head = formatter.label("end.incident", name=view.name, what=f"{view.headline}{named}", since=view.since_text)
    _print_line(console, Text(glyphs.plain(head), style="bold" if view.active else ""), indent=2)
    said = [formatter.label("end.sure", sure=view.how_sure)]
    said += [formatter.label("end.do", do=view.do_now[0].rstrip("."))] if view.do_now else []
    _print_line(console, Text(glyphs.plain(_join(said))), indent=5)


def _print_line(console: Console, text: Text, *, indent: int = 0) -> None:
    """Print a line; on a terminal it wraps below its own beginning, elsewhere never."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        console.print(Text(" " * indent).append_text(text), soft_wrap=True)


def _join(parts: Iterable[str]) -> str:
    return " · ".join(parts)


def _seconds(seconds: float, formatter: MessageFormatter) -> str:
    text = f"{seconds:.1f}"
    return text.replace(".", ",") if formatter.language == "nl" else text
