"""A replay in the terminal: its progress, and the timeline of what was found when and by which evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from ketenwacht.domain.result import JudgedRun
from ketenwacht.domain.statement import Amount
from ketenwacht.domain.status import Status
from ketenwacht.messages.findings import ReportFinding, findings
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import Replay
from ketenwacht.messages.views import clean, span_text
from ketenwacht.messages.views_incident import view_incident
from ketenwacht.messages.yardstick import view_found_first, yardstick_of

from .glyphs import Glyphs
from .terminal import STYLE, glyphs_of

_INDENT = 18


@contextmanager
def replay_progress(console: Console, how: MessageFormatter, total: int) -> Iterator[Callable[[JudgedRun], None]]:
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
        task = progress.add_task(how.label("replay.task"), total=total)
        bad = 0

        def advance(run: JudgedRun) -> None:
            nonlocal bad
            bad += run.status >= Status.FAILED
            words = f"{how.short_day(run.delivery.period):>11}  {how.label('replay.progress', bad=Amount(bad))}"
            progress.update(task, advance=1, description=words)

        yield advance


def print_timeline(replay: Replay, how: MessageFormatter, console: Console) -> None:
    """Print what was found when, by which evidence, how many were missing since when, and how long it took."""
    glyphs = glyphs_of(console)
    found = findings(replay.incidents, replay.onsets, replay.zone)
    title = how.label("replay.title", feed=clean(replay.feed), span=span_text(replay.first, replay.last, how))
    console.print(Text(glyphs.plain(title), style="bold"))
    console.print()
    for finding in found:
        _print_finding(finding, how, console, glyphs)
    if not found:
        console.print(Text(how.label("replay.nothing")))
    console.print()
    weeks = ((replay.last - replay.first).days + 1) / 7
    totals = how.label(
        "replay.totals",
        deliveries=Amount(replay.deliveries),
        findings=Amount(len(found)),
        alerts=Amount(replay.alerts_sent),
        a_week=how.number(round(replay.alerts_sent / weeks, 1)),
    )
    console.print(totals)
    console.print(view_found_first(yardstick_of(replay), how).sentence)


def _print_finding(finding: ReportFinding, how: MessageFormatter, console: Console, glyphs: Glyphs) -> None:
    view = view_incident(finding.incident, how)
    status = max(finding.incident.last_status, Status.WARNED)  # a finding that healed is still a finding
    console.print(
        Text.assemble(
            f"{finding.number:>3}  ",
            (f"{how.short_day(finding.found):<11}  ", "bold"),
            (view.evidence_text, STYLE[status]),
            f"  {view.segment_text}",
        )
    )
    for line in _lines(finding, how):
        console.print(Padding(Text(glyphs.plain(line)), (0, 0, 0, _INDENT), expand=False))


def _lines(finding: ReportFinding, how: MessageFormatter) -> Iterator[str]:
    view = view_incident(finding.incident, how)
    state = view.state_text
    if finding.ended is not None:
        state = how.label("incident.ended", state=state, day=how.short_day(finding.ended))
    if view.missing is None or view.missing.nobody or finding.began is None:
        yield how.label("replay.said", message=view.message, state=state)
        return
    yield view.missing.sentence_with_range
    days = Amount(finding.days or 0)
    if finding.began_known:
        yield how.label("replay.after_known", days=days, day=how.short_day(finding.began), state=state)
    else:
        yield how.label("replay.after_about", days=days, state=state)
