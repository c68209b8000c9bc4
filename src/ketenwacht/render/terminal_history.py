"""The history of a feed in the terminal: a row a segment with its trend, and a line a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ketenwacht.domain.findings.finding import Nature
from ketenwacht.domain.result import DETECTOR, Reproduction, ReproductionOutcome, Status
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.findings import ReportFinding, number_findings
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.found_first import measure_found_first, view_found_first
from ketenwacht.messages.report.data import Replay
from ketenwacht.messages.views import RunView, TrendView, clean, span_text
from ketenwacht.messages.views_finding import view_finding

from .json import Object
from .svg import Glyphs, sparkline
from .terminal import STYLE, glyphs_of, status_text

_SPARK, _LAST, _EXPECTED, _STATUS = 22, 7, 11, 10
_NARROW = 80  # columns; a narrower terminal has no room for a trend
_UNLIMITED = 10_000  # columns: a file has no edge
_WORST = (Status.ERROR, Status.FAILED, Status.WARNED, Status.UNPROVEN)


def print_history(
    feed: str, series: Sequence[TrendView], formatter: MessageFormatter, console: Console, *, more: int = 0
) -> None:
    """Print one row a segment: trend, last count, what was expected of it, newest verdict.

    Args:
        feed: its name.
        series: a row each.
        formatter: puts into words what the views leave out.
        console: where it is printed.
        more: how many smaller segments there are besides.
    """
    glyphs = glyphs_of(console)
    filled = [one for one in series if one.points]
    if not filled:
        console.print(Text(formatter.label("history.nothing", feed=feed)))
        return
    first, last = min(s.points[0].day for s in filled), max(s.points[-1].day for s in filled)
    count = Amount(max(len(s.points) for s in filled))
    title = formatter.label("history.title", feed=feed, count=count, span=span_text(first, last, formatter))
    console.print(Text(glyphs.plain(title), style="bold"))
    narrow = console.is_terminal and console.width < _NARROW
    table = _make_table(console, header=True)
    _add_text_column(table, console, formatter.label("column.who"))
    if not narrow:
        table.add_column(formatter.label("column.trend"), width=_SPARK, no_wrap=True)
    table.add_column(formatter.label("column.last"), width=_LAST, justify="right")
    table.add_column(formatter.label("column.expected"), width=_EXPECTED, justify="right")
    table.add_column(formatter.label("column.now"), width=_STATUS)
    for one in filled:
        newest = one.points[-1]
        table.add_row(
            one.segment_text,
            *(() if narrow else (_draw(one, glyphs),)),
            newest.observed_text,
            glyphs.plain(newest.expected.text if newest.expected is not None else ""),
            Text("") if one.status is None else status_text(one.status, one.status_text, glyphs),
        )
    _print_table(table, console)
    if more:
        console.print(formatter.label("history.more", count=Amount(more)))


def print_runs(runs: Sequence[RunView], formatter: MessageFormatter, console: Console) -> None:
    """Print one line a run, the newest first: its period, verdict, which delivery, and what was not right."""
    if not runs:
        return
    glyphs = glyphs_of(console)
    console.print()
    console.print(Text(formatter.label("history.runs", count=Amount(len(runs))), style="bold"))
    table = _make_table(console, header=False)
    for width in (11, 10):
        table.add_column(width=width, overflow="fold")
    _add_text_column(table, console, "")
    for run in reversed(runs):
        table.add_row(
            run.period_text,
            status_text(run.status, run.status_text, glyphs),
            Text(glyphs.plain(_describe_run(run, formatter))),
        )
    _print_table(table, console)


def _make_table(console: Console, *, header: bool) -> Table:
    """Return a table as wide as the terminal, and as wide as its texts elsewhere."""
    width = min(console.width, 100) if console.is_terminal else None
    return Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=header, width=width)


def _add_text_column(table: Table, console: Console, name: str) -> None:
    """Add the column that takes the room that is left; it wraps on a terminal only."""
    if console.is_terminal:
        table.add_column(name, ratio=1, overflow="fold")
    else:
        table.add_column(name, no_wrap=True)


def _print_table(table: Table, console: Console) -> None:
    width = console.width
    if not console.is_terminal:
        console.width = _UNLIMITED
    try:
        console.print(table)
    finally:
        console.width = width


def _draw(one: TrendView, glyphs: Glyphs) -> str:
    return sparkline([point.height for point in one.points], width=_SPARK, glyphs=glyphs)


def _describe_run(run: RunView, formatter: MessageFormatter) -> str:
    """Describe which delivery was judged, when if that was another day, and the checks that were not passed."""
    which = run.delivery_name
    judged = run.at.astimezone(formatter.zone).date()
    if judged != run.period:
        which = formatter.label("history.judged", delivery=which, day=formatter.short_day(judged))
    if run.status in _WORST:
        checks = dict.fromkeys(r.check.partition(".")[0] for r in run.results if r.status is run.status)
        return formatter.label("history.said", delivery=which, what=", ".join(checks))
    count = formatter.label("results.count", count=Amount(len(run.results)))
    return formatter.label("history.said", delivery=which, what=count)


# A replay in the terminal: its progress, and the timeline of findings with their evidence.


_INDENT = 18


def print_timeline(replay: Replay, formatter: MessageFormatter, console: Console) -> None:
    """Print what was found when, by which evidence, how many were missing since when, and how long it took."""
    glyphs = glyphs_of(console)
    found = number_findings(replay.incidents, replay.onsets, replay.zone)
    title = formatter.label(
        "replay.title", feed=clean(replay.feed), span=span_text(replay.first, replay.last, formatter)
    )
    console.print(Text(glyphs.plain(title), style="bold"))
    console.print()
    for finding in found:
        _print_finding(finding, formatter, console, glyphs)
    if not found:
        console.print(Text(formatter.label("replay.nothing")))
    console.print()
    weeks = ((replay.last - replay.first).days + 1) / 7
    totals = formatter.label(
        "replay.totals",
        deliveries=Amount(replay.deliveries),
        findings=Amount(len(found)),
        alerts=Amount(replay.alerts_sent),
        a_week=formatter.number(round(replay.alerts_sent / weeks, 1)),
    )
    console.print(totals)
    console.print(view_found_first(measure_found_first(replay), formatter).sentence)


def _print_finding(finding: ReportFinding, formatter: MessageFormatter, console: Console, glyphs: Glyphs) -> None:
    view = view_finding(finding.incident, formatter)
    status = max(finding.incident.last_status, Status.WARNED)  # a finding that healed is still a finding
    console.print(
        Text.assemble(
            f"{finding.number:>3}  ",
            (f"{formatter.short_day(finding.found):<11}  ", "bold"),
            (view.evidence_text, STYLE[status]),
            f"  {view.segment_text}",
        )
    )
    for line in _lines(finding, formatter):
        console.print(Padding(Text(glyphs.plain(line)), (0, 0, 0, _INDENT), expand=False))


def _lines(finding: ReportFinding, formatter: MessageFormatter) -> Iterator[str]:
    view = view_finding(finding.incident, formatter)
    state = view.state_text
    if finding.ended is not None:
        state = formatter.label("incident.ended", state=state, day=formatter.short_day(finding.ended))
    if view.missing is None or view.missing.nobody or finding.began is None:
        yield formatter.label("replay.said", message=view.message.removesuffix("."), state=state)
        return
    yield view.missing.sentence_with_range
    if view.nature is Nature.WARNED and not view.missing.too_many:
        # A question: its number is no part of the missing persons that the last line counts.
        yield formatter.label("incidents.warned")
    if finding.days is None:
        yield formatter.label("replay.begun_anew", state=state)
        return
    days = Amount(finding.days)
    if finding.began_known:
        yield formatter.label("replay.after_known", days=days, day=formatter.short_day(finding.began), state=state)
    else:
        yield formatter.label("replay.after_about", days=days, state=state)


# Past verdicts that were judged again: which came out the same.


_MOST = 20


def reproduction_object(feed: str, found: Sequence[Reproduction]) -> Object:
    """Return past verdicts that were judged again as `ketenwacht/reproduce/1`."""
    return {
        "schema": "ketenwacht/reproduce/1",
        "feed": feed,
        "detector": DETECTOR,
        **{outcome.value: sum(one.outcome is outcome for one in found) for outcome in ReproductionOutcome},
        "verdicts": [
            {
                "run": one.run,
                "delivery": one.delivery,
                "period": one.period.isoformat(),
                "outcome": one.outcome.value,
                "checks": [{"check": check, "segment": segment} for check, segment in one.checks],
                "why": one.why,
                "detector": one.detector,
            }
            for one in found
            if one.outcome is not ReproductionOutcome.SAME
        ],
    }


def print_reproduction(
    feed: str, found: Sequence[Reproduction], formatter: MessageFormatter, console: Console
) -> None:
    """Print how many came out the same, and those that did not."""
    same, glyphs = sum(one.outcome is ReproductionOutcome.SAME for one in found), glyphs_of(console)
    told = formatter.label("reproduce.same", feed=clean(feed), same=Amount(same), count=Amount(len(found)))
    console.print(Text(told, style="bold"), soft_wrap=True)
    others = [one for one in found if one.outcome is not ReproductionOutcome.SAME]
    for one in others[:_MOST]:
        what = one.why or "; ".join(_differs(check, segment, formatter) for check, segment in one.checks)
        line = formatter.label(
            "reproduce.other",
            day=formatter.short_day(one.period),
            delivery=clean(one.delivery),
            outcome=formatter.label(f"reproduce.{one.outcome.value}"),
            what=clean(what),
        )
        if one.detector != DETECTOR:
            line = formatter.label("reproduce.detector", verdict=line, detector=Amount(one.detector))
        console.print(Text(f"  {glyphs.plain(line)}"), soft_wrap=True)
    if len(others) > _MOST:
        console.print(f"  {formatter.label('reproduce.more', count=Amount(len(others) - _MOST))}")


def _differs(check: str, segment: str, formatter: MessageFormatter) -> str:
    if not segment:
        return formatter.label("reproduce.state", check=check)
    return formatter.label("reproduce.check", check=check, segment=segment)
