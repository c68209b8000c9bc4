"""Runs, faults, alerts and incidents in the terminal. Works without colour, at 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import IO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ketenwacht.domain.findings.finding import Alert, Event, Severity, State
from ketenwacht.domain.message import Message
from ketenwacht.domain.result import STRENGTH, Status
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import STATE_WORD
from ketenwacht.messages.views import ResultView, RunView, clean
from ketenwacht.messages.views_finding import FindingView, describe_standing, view_event

from .svg import ASCII, UNICODE, Glyphs

STYLE: Mapping[Status, str] = MappingProxyType(
    {
        Status.PASSED: "green",
        Status.SKIPPED: "dim",
        Status.UNPROVEN: "blue",
        Status.WARNED: "yellow",
        Status.FAILED: "bold red",
        Status.ERROR: "bold magenta",
    }
)
_VERDICT, _SEEN, _EXPECTED, _EVIDENCE = 11, 8, 12, 20


def make_console(file: IO[str] | None = None, *, width: int | None = None, color: bool | None = None) -> Console:
    """Return a console that prints text as it is, without markup; `color` None leaves the choice to the terminal.

    On a stream that cannot write every character, what it cannot write becomes `?`; see `glyphs_of`.
    """
    console = Console(
        file=file,
        width=width,
        no_color=None if color is None else not color,
        force_terminal=True if color else None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    reconfigure = getattr(console.file, "reconfigure", None)
    if reconfigure is not None and not _is_unicode(console):
        reconfigure(errors="replace")
    return console


def glyphs_of(console: Console) -> Glyphs:
    """Return the signs that the console's stream can write."""
    return UNICODE if _is_unicode(console) else ASCII


def print_wrapped(console: Console, text: Text, *, indent: int = 0) -> None:
    """Print a line; on a terminal it wraps below its own beginning, elsewhere never."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        console.print(Text(" " * indent).append_text(text), soft_wrap=True)


def print_rows(rows: Iterable[tuple[str, str]], console: Console) -> None:
    """Print words in a column beside their names; a name that was just printed is left out."""
    listed, last = list(rows), ""
    width = max((len(name) for name, _ in listed), default=0)
    for name, words in listed:
        line = Text(glyphs_of(console).plain(words))
        head = Text().append(f"  {'' if name == last else name:<{width}}  ", style="dim")
        if console.is_terminal:
            lines = line.wrap(console, max(20, console.width - len(head)))
            head.append_text(Text(f"\n{' ' * len(head)}").join(lines))
            console.print(head)
        else:
            console.print(head.append_text(line), soft_wrap=True)
        last = name


def status_text(status: Status, word: str, glyphs: Glyphs) -> Text:
    """Return a verdict as mark and word, coloured: the word alone says it all."""
    return Text(f"{glyphs.marks[status]} {word}", style=STYLE[status])


def verdict_line(run: RunView, formatter: MessageFormatter, glyphs: Glyphs = UNICODE) -> Text:
    """Return the verdict on one delivery, on one line."""
    head = formatter.label("run.head", feed=run.feed, delivery=run.delivery_text, day=run.period_text)
    line = Text.assemble(status_text(run.status, run.status_text, glyphs), f"  {head}")
    return line.append(f" {glyphs.dash} {run.meaning}", style="dim")


def print_run(run: RunView, formatter: MessageFormatter, console: Console) -> None:
    """Print the verdict on one delivery, and every result by check: the worst first."""
    glyphs = glyphs_of(console)
    print_wrapped(console, verdict_line(run, formatter, glyphs))
    if run.problem:
        print_wrapped(console, Text(run.problem), indent=2)
    for check, results in _by_check(run.results):
        console.print()
        console.print(Text(check, style="bold"))
        for result in results:
            _print_result(result, formatter, console, glyphs)
    console.print()


def _by_check(results: Iterable[ResultView]) -> Iterator[tuple[str, list[ResultView]]]:
    """Yield results by check, the check with the worst verdict on the best evidence first."""
    groups: dict[str, list[ResultView]] = {}
    for result in results:
        groups.setdefault(result.check, []).append(result)
    ranked = {check: sorted(group, key=_urgency) for check, group in groups.items()}
    yield from sorted(ranked.items(), key=lambda item: (_urgency(item[1][0]), item[0]))


def _urgency(result: ResultView) -> tuple[float, ...]:
    missing = 0.0 if result.missing is None else abs(result.missing.value.value or 0.0)
    return (-result.status, STRENGTH.index(result.evidence), -missing)


def _print_result(result: ResultView, formatter: MessageFormatter, console: Console, glyphs: Glyphs) -> None:
    """Print one result: in columns on a terminal, on one line elsewhere; below it what it says."""
    expected = result.expected_text
    verdict = status_text(result.status, result.status_text, glyphs)
    cells = (
        result.segment_text,
        glyphs.plain(result.observed_text),
        glyphs.plain(formatter.label("expected.of", range=expected) if expected[:1].isdigit() else expected),
    )
    if console.is_terminal:
        row = Table.grid(padding=(0, 1, 0, 0), expand=False)
        row.width = min(console.width, 100)
        row.add_column(width=_VERDICT)
        row.add_column(ratio=1, overflow="fold")
        row.add_column(width=_SEEN, justify="right", overflow="fold")
        row.add_column(width=_EXPECTED, overflow="fold")
        row.add_column(width=_EVIDENCE)
        row.add_row(verdict, *cells, Text(result.evidence_text, style="dim"))
        console.print(row)
    else:
        verdict.pad_right(max(0, _VERDICT - len(verdict)))
        console.print(
            Text("  ").join([verdict, *map(Text, filter(None, (*cells, result.evidence_text)))]), soft_wrap=True
        )
    said = (result.message, result.missing.sentence_with_range if result.missing is not None else "")
    for line in filter(None, said):
        print_wrapped(console, Text(glyphs.plain(line)), indent=_VERDICT + 1)


def _is_unicode(console: Console) -> bool:
    return console.encoding.lower().replace("-", "").startswith("utf")


# Alerts: what was sent, when and through which route.


Row = tuple[Alert, str, int, datetime | None, str | None]
"""An alert, its state, how often it was tried, when it arrived (UTC), why the last attempt failed."""

_STATUS = {"pending": Status.WARNED, "sending": Status.WARNED, "sent": Status.PASSED, "failed": Status.FAILED}


def print_alerts(
    rows: Sequence[Row], counts: Mapping[str, int], formatter: MessageFormatter, console: Console
) -> None:
    """Print how many alerts are in which state, then these, oldest first."""
    glyphs = glyphs_of(console)
    told = ", ".join(
        f"{formatter.number(count)} {formatter.label(f'alerts.{state}')}"
        for state, count in counts.items()
        if count
    )
    title = formatter.label("alerts.count", states=told) if told else formatter.label("alerts.none")
    console.print(Text(title, style="bold"))
    for alert, state, attempts, sent_at, error in rows:
        status = _STATUS.get(state, Status.WARNED)
        local = (sent_at or alert.created_at).astimezone(formatter.zone)
        mark = (f"{glyphs.marks[status]} {formatter.label(f'alerts.{state}'):<7}", STYLE[status])
        when = f"{formatter.short_day(local.date())} {local:%H:%M}"
        console.print(Text.assemble(mark, f"  {when}  {clean(alert.route)}  {headline_of(alert)}"))
        if error is not None:
            said = formatter.label("alerts.tried", attempts=Amount(attempts), error=clean(error))
            console.print(Padding(Text(said), (0, 0, 0, 11), expand=False))


def headline_of(alert: Alert) -> str:
    """Return the one line that a telephone shows of an alert."""
    try:
        return clean(Message.from_json(alert.body).headline)
    except ValueError:
        return clean(alert.kind)


# Results of `doctor`, one line each.


MARKS: Mapping[str, Status] = MappingProxyType(
    {
        "fine": Status.PASSED,
        "absent": Status.SKIPPED,
        "warning": Status.WARNED,
        "misconfigured": Status.FAILED,
        "unreachable": Status.FAILED,
        "stuck": Status.FAILED,
    }
)
"""How a thing is → the verdict whose mark and colour it gets."""


def print_symptom(trouble: str, subject: str, said: str, mend: str, console: Console) -> None:
    """Print a mark, what it is about, what was found and what to do, on one line that is not cut."""
    glyphs = glyphs_of(console)
    status = MARKS[trouble]
    line = Text.assemble(
        (glyphs.marks[status], STYLE[status]),
        " ",
        (clean(subject), "bold" if status is Status.FAILED else ""),
        f": {clean(said)}",
        f" {'—' if glyphs.dash != '-' else '-'} {clean(mend)}" if mend else "",
    )
    console.print(line, soft_wrap=True)


# Incidents: the list, and everything about one of them.


_ORDER = (State.OPEN, State.ACKNOWLEDGED, State.RESOLVED, State.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentTexts:
    """What incidents are shown with.

    Attributes:
        short: id → the beginning of it that is enough.
        at: now (aware UTC).
        formatter: puts into words what the views leave out.
        actions: id → what to do; of those that ask for something.
    """

    short: Mapping[str, str]
    at: datetime
    formatter: MessageFormatter = field(default_factory=MessageFormatter)
    actions: Mapping[str, str] = field(default_factory=dict)


def count_text(incidents: Sequence[FindingView], formatter: MessageFormatter) -> str:
    """Return how many findings there are, by state, on one line."""
    if not incidents:
        return formatter.label("finding.none")
    counts = {state: sum(i.state is state for i in incidents) for state in _ORDER}
    told = ", ".join(
        f"{count} {STATE_WORD[state][formatter.language]}" for state, count in counts.items() if count
    )
    return formatter.label("finding.count", count=Amount(len(incidents)), states=told)


def print_incidents(incidents: Sequence[FindingView], console: Console, setting: IncidentTexts) -> None:
    """Print two or three lines for each finding, in the order given, and the commands that act on them."""
    formatter = setting.formatter
    console.print(Text(count_text(incidents, formatter), style="bold"))
    for incident in incidents:
        console.print()
        _print_short(incident, console, setting)
    active = [i for i in incidents if i.active]
    if active:
        console.print()
        name = setting.short.get(active[0].id, active[0].id)
        print_wrapped(console, Text(formatter.label("finding.hint", finding=name), style="dim"))


def print_incident(
    incident: FindingView, events: Sequence[Event], console: Console, setting: IncidentTexts
) -> None:
    """Print everything about one incident: what, where, how sure, what to do, and what happened to it."""
    formatter = setting.formatter
    print_wrapped(console, _head(incident, incident.id, glyphs_of(console)))
    rows = [
        ("feed", incident.feed),
        ("where", incident.segment_text),
        ("what", incident.what),
        ("evidence", formatter.label("incident.evidence", evidence=incident.evidence_text, check=incident.check)),
        ("says", incident.message),
        ("now", "; ".join(describe_standing(incident, formatter, at=setting.at, short=setting.short))),
    ]
    rows += [("means", line) for line in (incident.impact.lines if incident.impact is not None else ())]
    if incident.id in setting.actions:
        rows.append(("to_do", setting.actions[incident.id]))
    print_rows(((formatter.label(f"incident.row_{name}"), words) for name, words in rows), console)
    console.print()
    console.print(Text(formatter.label("incident.events"), style="bold"))
    views = (view_event(event, formatter, setting.short) for event in events)
    print_rows(((view.at_text, view.text) for view in views), console)


def _print_short(incident: FindingView, console: Console, setting: IncidentTexts) -> None:
    glyphs, formatter = glyphs_of(console), setting.formatter
    print_wrapped(console, _head(incident, setting.short.get(incident.id, incident.id), glyphs))
    what = formatter.label("incident.what", what=incident.what.removesuffix("."), evidence=incident.evidence_text)
    for line in (what, "; ".join(describe_standing(incident, formatter, at=setting.at, short=setting.short))):
        print_wrapped(console, Text(glyphs.plain(line)), indent=2)


def _head(incident: FindingView, name: str, glyphs: Glyphs) -> Text:
    loud = "bold" if incident.active and incident.severity >= Severity.HIGH else ""
    return Text.assemble(
        (f"{glyphs.marks[incident.status]} {name}", STYLE[incident.status]),
        "  ",
        (incident.severity_text, loud),
        f"  {incident.segment_text}",
    )
