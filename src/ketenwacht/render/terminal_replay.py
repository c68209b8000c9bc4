"""A replay in the terminal: its progress, and the timeline of what was found when and by which evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from ketenwacht.domain.result import Run
from ketenwacht.domain.status import Status
from ketenwacht.messages.findings import Finding, findings, is_loss
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.yardstick import view_found_first, yardstick_of

from .data import Replay
from .terminal import STYLE, glyphs_of
from .words import (
    EVIDENCE,
    Glyphs,
    clean,
    day,
    missing_amount,
    missing_range,
    plural,
    say,
    segment_words,
    since,
    span,
)

_INDENT = 18


@contextmanager
def replay_progress(console: Console, total: int) -> Iterator[Callable[[Run], None]]:
    """A bar that the yielded callback moves by one run, showing its date and how many failed so far.

    Without a terminal nothing is drawn but the last state, so that logs stay short.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, expand=True, transient=console.is_terminal) as progress:
        task = progress.add_task("replay", total=total)
        bad = 0

        def advance(run: Run) -> None:
            nonlocal bad
            bad += run.status >= Status.FAILED
            words = f"{day(run.delivery.period):>11}  {bad} not right"
            progress.update(task, advance=1, description=words)

        yield advance


def print_timeline(replay: Replay, console: Console) -> None:
    """Print what was found when, by which evidence, how many were missing since when, and how long it took."""
    glyphs = glyphs_of(console)
    found = findings(replay.incidents, replay.onsets, replay.zone)
    title = f"What was found when, and by which evidence: {clean(replay.feed)}, {span(replay.first, replay.last)}"
    console.print(Text(glyphs.plain(title), style="bold"))
    console.print()
    for finding in found:
        _print_finding(finding, console, glyphs)
    if not found:
        console.print(Text("Nothing was found. That proves nothing by itself: see what is unproven."))
    console.print()
    weeks = ((replay.last - replay.first).days + 1) / 7
    console.print(
        f"{plural(replay.deliveries, 'delivery', 'deliveries')}, {plural(len(found), 'finding')}, "
        f"{plural(replay.alerts_sent, 'alert')} sent ({replay.alerts_sent / weeks:.1f} a week)."
    )
    console.print(view_found_first(yardstick_of(replay), MessageFormatter()).sentence)


def _print_finding(finding: Finding, console: Console, glyphs: Glyphs) -> None:
    incident = finding.incident
    status = max(incident.last_status, Status.WARNED)  # a finding that healed is still a finding
    console.print(
        Text.assemble(
            f"{finding.number:>3}  ",
            (f"{day(finding.found):<11}  ", "bold"),
            (EVIDENCE[finding.evidence], STYLE[status]),
            f"  {segment_words(finding.segment)}",
        )
    )
    for line in _lines(finding):
        console.print(Padding(Text(glyphs.plain(line)), (0, 0, 0, _INDENT), expand=False))


def _lines(finding: Finding) -> Iterator[str]:
    incident, missing = finding.incident, finding.incident.missing
    ended = "" if finding.ended is None else f" {day(finding.ended)}"
    state = f"{incident.state.value}{ended}"
    if missing is None or finding.began is None:
        yield f"{clean(say(incident.said))}; {state}"
        return
    what = " missing" if is_loss(finding) else ""
    yield f"{missing_amount(missing)}{what} since {since(missing, finding.evidence)} ({missing_range(missing)})"
    days = plural(finding.days or 0, "day")
    if finding.began_known:
        yield f"found {days} after it began on {day(finding.began)}; {state}"
    else:
        yield f"found about {days} after it seems to have begun; {state}"
