"""Incidents in the terminal: as a list, one in full, and below the feeds that a command judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console
from rich.text import Text

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.incidents.changes import IncidentEvent
from ketenwacht.domain.incidents.incident import IncidentState
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import STATUS_WORD
from ketenwacht.messages.texts.labels_incidents import INCIDENT_STATE
from ketenwacht.messages.views import RunView
from ketenwacht.messages.views_event import view_steps
from ketenwacht.messages.views_incident import IncidentView

from .svg import Glyphs
from .terminal import STYLE, glyphs_of, print_rows, print_wrapped


def count_text(incidents: Sequence[IncidentView], formatter: MessageFormatter) -> str:
    """Return how many incidents there are, by state, on one line."""
    if not incidents:
        return formatter.label("incident.none")
    counts = {state: sum(one.state is state for one in incidents) for state in IncidentState}
    said = ", ".join(
        f"{count} {INCIDENT_STATE[state][formatter.language]}" for state, count in counts.items() if count
    )
    return formatter.label("incident.count", count=Amount(len(incidents)), states=said)


def print_numbered(
    incidents: Sequence[IncidentView], formatter: MessageFormatter, console: Console, *, at: datetime
) -> None:
    """Print two lines for each incident as of `at`, in the order given, and the commands that act on them."""
    console.print(Text(count_text(incidents, formatter), style="bold"))
    for one in incidents:
        console.print()
        _print_head(one, console)
        print_wrapped(console, Text(glyphs_of(console).plain(_standing(one, formatter, at))), indent=2)
    active = [one for one in incidents if one.active]
    if active:
        console.print()
        hint = formatter.label("incidents.hint", incident=str(active[0].number))
        print_wrapped(console, Text(hint, style="dim"))


def print_one(
    view: IncidentView,
    events: Sequence[IncidentEvent],
    formatter: MessageFormatter,
    console: Console,
    *,
    at: datetime,
) -> None:
    """Print everything about one incident as of `at`: what, how sure, since when, what to do, what happened."""
    _print_head(view, console)
    rows = [("what", _standing(view, formatter, at)), ("says", view.stopped), ("now", view.owner_text)]
    rows += [("to_do", said) for said in view.do_now]
    rows += [("means", line) for line in (view.impact.lines if view.impact is not None else ())]
    rows += [("means", view.deadline.text)] if view.deadline is not None else []
    rows += [("why", view.why)]
    rows += [("evidence", line.text) for line in view.evidence if line.active or not view.active]
    rows += [("earlier", line.text) for line in view.evidence if view.active and not line.active]
    rows += [("apart", line.text) for line in view.not_fitting]
    print_rows(((formatter.label(f"incident.row_{name}"), words) for name, words in rows if words), console)
    console.print()
    console.print(Text(formatter.label("incident.events"), style="bold"))
    print_rows(((step.at_text, step.text) for step in view_steps(events, formatter)), console)


def _standing(view: IncidentView, formatter: MessageFormatter, at: datetime) -> str:
    """Return the state, since when, how sure and who; of one that is not over also for how long it is known."""
    found, now = (moment.astimezone(formatter.zone).date() for moment in (view.opened_at, at))
    active = "incidents.standing_active" if found < now else "incidents.standing_today"
    return formatter.label(
        active if view.active else "incidents.standing",
        state=view.state_text,
        day=view.opened_text,
        lasted=Amount(max(0, (now - found).days)),
        since=view.since_text,
        sure=view.how_sure,
        owner=view.owner_text,
    )


def _print_head(view: IncidentView, console: Console) -> None:
    glyphs = glyphs_of(console)
    head = Text.assemble((f"{glyphs.marks[view.status]} {view.name}", STYLE[view.status]), f"  {view.title}")
    print_wrapped(console, head)


# The last lines of `check`, `ci` and `replay`: a line for each feed, its incidents, the counts and the verdict.


MOST_INCIDENTS = 10
"""Incidents that a summary shows; the others are counted."""
_MOST_WARNINGS = 3
_COUNTED = (Status.ERROR, Status.FAILED, Status.WARNED, Status.UNPROVEN, Status.SKIPPED, Status.PASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSummary:
    """What was found of one feed.

    Attributes:
        feed: its name.
        status: the worst verdict.
        runs: what was judged, oldest first; only the results of the newest one are read.
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
        print_wrapped(console, Text(glyphs.plain(_head(one, formatter, glyphs)), style=STYLE[one.status]))
        for incident in one.incidents[:MOST_INCIDENTS]:
            _print_incident(incident, formatter, console, glyphs)
        if len(one.incidents) > MOST_INCIDENTS:
            more = Amount(len(one.incidents) - MOST_INCIDENTS)
            print_wrapped(console, Text(formatter.label("end.more", count=more), style="dim"), indent=2)
        over = [run for run in one.runs[:-1] if run.status >= Status.FAILED]
        if over and not one.incidents:  # says why the verdict of all is worse than the newest one
            said = formatter.label("end.over", count=Amount(len(over)), day=over[-1].period_text)
            print_wrapped(console, Text(glyphs.plain(said), style="dim"), indent=2)
        newest = one.runs[-1:] if one.runs else ()
        if not one.incidents:  # an incident says it already
            for said in _describe_warnings(newest, formatter):
                print_wrapped(console, Text(glyphs.plain(said), style="dim"), indent=2)
        counts.update(result.status for run in newest for result in run.results)
    parts = [f"{counts[s]} {STATUS_WORD[s][formatter.language]}" for s in _COUNTED if counts[s]]
    parts += [] if seconds is None else [formatter.label("end.seconds", seconds=_seconds(seconds, formatter))]
    if parts:
        print_wrapped(console, Text(glyphs.plain(_join(parts)), style="dim"), indent=2)


def _describe_warnings(runs: Sequence[RunView], formatter: MessageFormatter) -> Iterator[str]:
    """Yield what each check warns of, once a message, and how many more there are; `--verbose` shows these."""
    warned = {(one.check, one.message): one for run in runs for one in run.results if one.status is Status.WARNED}
    for one in tuple(warned.values())[:_MOST_WARNINGS]:
        yield formatter.label("results.same", check=one.check, who=one.segment_text, message=one.message)
    if len(warned) > _MOST_WARNINGS:
        yield formatter.label("results.more", count=Amount(len(warned) - _MOST_WARNINGS))


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
    parts = () if view.missing is None else view.missing.named
    named = f" ({_join(parts)})" if parts else ""
    sentence = view.missing is None  # of a check: it may name a day itself
    head = formatter.label(
        "end.sentence" if sentence else "end.incident",
        name=view.name,
        what=f"{view.headline}{named}",
        since=view.since_text,
    )
    print_wrapped(console, Text(glyphs.plain(head), style="bold" if view.active else ""), indent=2)
    said = [formatter.label("end.since", since=view.since_text)] if sentence else []
    said += [formatter.label("end.sure", sure=view.how_sure)]
    said += [formatter.label("end.do", do=view.do_now[0].rstrip("."))] if view.do_now else []
    print_wrapped(console, Text(glyphs.plain(_join(said))), indent=5)
    if view.probable_causes:
        why = formatter.label("end.why", why=view.why)
        print_wrapped(console, Text(glyphs.plain(why)), indent=5)


def _join(parts: Iterable[str]) -> str:
    return " · ".join(parts)


def _seconds(seconds: float, formatter: MessageFormatter) -> str:
    text = f"{seconds:.1f}"
    return text.replace(".", ",") if formatter.language == "nl" else text
