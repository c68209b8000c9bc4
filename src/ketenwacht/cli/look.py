"""Commands that look and change nothing: history, report, incidents list and show, doctor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ketenwacht.errors import ConfigError

from .judge import Feed
from .options import ExitCode, Options, out, plain_words, tell
from .setup import DAY

if TYPE_CHECKING:
    from rich.console import Console

    from ketenwacht.domain.findings.finding import Event, Finding
    from ketenwacht.messages.formatter import MessageFormatter
    from ketenwacht.render.terminal_incidents import IncidentTexts
    from ketenwacht.workflows.histories import HistoryReader

Replayed = Annotated[
    bool, typer.Option("--replay", help="Look at the newest replay instead of what was judged live.")
]
Since = Annotated[datetime | None, typer.Option("--since", formats=DAY, help="First day, inclusive.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the incident, or enough of its beginning.")]

_CODES = {
    "fine": ExitCode.PASSED,
    "absent": ExitCode.PASSED,
    "warning": ExitCode.PASSED,
    "misconfigured": ExitCode.USAGE,
    "unreachable": ExitCode.NOT_JUDGED,
    "stuck": ExitCode.NOT_DELIVERED,
}
"""How a thing is found by `doctor` → exit code."""


incidents = typer.Typer(help="List, show, acknowledge, snooze and resolve incidents.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(history)
    app.command()(report)
    app.command()(doctor)
    incidents.command("list")(list_incidents)
    incidents.command("show")(show_incident)
    app.add_typer(incidents, name="incidents")


def history(
    context: typer.Context,
    feed: Feed = None,
    since: Since = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="So many of the latest runs are listed.")] = 10,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Also look for tampering with the audit log.")] = False,
    head: Annotated[
        str | None, typer.Option("--head", help="NUMBER:DIGITS of an earlier digest; finds lines cut off since.")
    ] = None,
    replay: Replayed = False,
) -> None:
    """Show how the counts of a feed went, by segment, and what was said of its latest deliveries.

    With --format json one object `ketenwacht/history/1`: `series` holds a count a delivery and what was expected
    of it, `runs` how many results had which status.
    """
    from ketenwacht.messages.views import view_run, view_trend
    from ketenwacht.render.json import history_object
    from ketenwacht.render.terminal import verdict_line
    from ketenwacht.render.terminal_history import print_history, print_runs
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.trends import known_by, trends

    options: Options = context.obj
    with looking(options, feed, replay=replay) as reader:
        named = reader.project.feed(reader.feeds[0])
        runs = reader.history.runs(named.name, since=_day(since))
        figures = known_by(reader, named, clock.now()).references
        found = trends(reader, named, runs, figures, since=_day(since))
        faults = reader.history.verify_audit(head=_head(head)) if verify or head is not None else None
        formatter = reader.project.formatter(named, language="en")
        latest = [view_run(run, formatter) for run in runs[max(0, len(runs) - limit) :]]
        series = [view_trend(one, formatter) for one in found.series]
        if options.json:
            shown = history_object(
                named.name, series, latest, more=found.more, replayed=reader.replayed, faults=faults
            )
            out(json.dumps(shown, ensure_ascii=False))
        else:
            print_history(named.name, series, formatter, screen(), more=found.more)
            print_runs(latest, formatter, screen())
            _print_chain(faults, formatter)
            for run in latest[-1:]:
                options.verdict(verdict_line(run, formatter).plain)
    raise typer.Exit(ExitCode.FAILED if faults else ExitCode.PASSED)


def _head(said: str | None) -> tuple[int, str] | None:
    if said is None:
        return None
    number, _, digits = said.partition(":")
    if not number.isdigit() or not re.fullmatch(r"[0-9a-f]{16,64}", digits):
        raise ConfigError("--head", "is no head of an audit log", "copy NUMBER:DIGITS from a digest")
    return int(number), digits


def _print_chain(faults: tuple[str, ...] | None, formatter: MessageFormatter) -> None:
    if faults is None:
        return
    screen().print()
    for fault in faults:
        screen().print(formatter.label("history.audit_fault", fault=fault), style="bold red")
    if not faults:
        screen().print(formatter.label("history.audit_holds"))


def report(
    context: typer.Context,
    path: Annotated[Path, typer.Option("--out", metavar="F", help="File to write; an earlier one is replaced.")],
    feed: Feed = None,
    since: Since = None,
    language: Annotated[Literal["en", "nl"], typer.Option("--language", help="Of its texts.")] = "en",
    *,
    replay: Replayed = False,
) -> None:
    """Write everything that is known of a feed into one HTML file that needs nothing else."""
    options: Options = context.obj
    done = options.project().report(path, feed, since=_day(since), replay=replay, language=language)
    if options.json:
        out(json.dumps(done.to_dict(), ensure_ascii=False))
        return
    headline = plain_words().label("cli.report", path=str(path), headline=done.headline)
    screen().print(headline, soft_wrap=True)
    options.verdict(headline)
    screen().print(done.detail)
    screen().print(done.found_first.sentence)


def list_incidents(
    context: typer.Context,
    feed: Feed = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    replay: Replayed = False,
) -> None:
    """List the incidents that live: those that ask for something first, the worst of them on top."""
    from ketenwacht.render.json import incidents_object
    from ketenwacht.render.terminal_incidents import IncidentTexts, count_text, print_incidents

    options: Options = context.obj
    project = options.project()
    found = project.incidents(feed, closed=all_, replay=replay)
    views = [one.view for one in found]
    if options.json:
        out(json.dumps(incidents_object(views, replayed=found.replayed), ensure_ascii=False))
    else:
        formatter = project.formatter()
        print_incidents(views, screen(), IncidentTexts(short=found.short, at=found.at, formatter=formatter))
        options.verdict(count_text(views, formatter))


def show_incident(context: typer.Context, incident: Id, *, replay: Replayed = False) -> None:
    """Show one incident: what is wrong, how sure that is, what to do, and what happened to it so far."""
    from ketenwacht.workflows.incidents import find_incident

    options: Options = context.obj
    with looking(options, None, replay=replay, every=True) as reader:
        found = find_incident(reader, incident)
        events = reader.history.events(found.id)
        show_one(reader, found, events, options)


def show_one(
    reader: HistoryReader,
    incident: Finding,
    events: Sequence[Event],
    options: Options,
    *,
    changed: bool | None = None,
) -> None:
    """Print one incident with its life; `changed` says whether it was acted on."""
    from ketenwacht.messages.views_incident import view_incident
    from ketenwacht.render.json import full_incident
    from ketenwacht.render.terminal_incidents import print_incident

    formatter = formatters(reader, [incident])[incident.fingerprint.feed]
    view = view_incident(incident, formatter)
    if options.json:
        shown = full_incident(view, events) | ({} if changed is None else {"changed": changed})
        out(json.dumps(shown, ensure_ascii=False))
        return
    if changed is False:
        screen().print(formatter.label("incident.unchanged"))
    print_incident(view, events, screen(), setting_of(reader, incident))


def formatters(reader: HistoryReader, incidents: Sequence[Finding]) -> dict[str, MessageFormatter]:
    """What says the incidents of each feed; of one that is no longer configured only codes are shown."""
    feeds = reader.project.settings.feeds
    named = {incident.fingerprint.feed for incident in incidents}
    return {name: reader.project.formatter(feeds.get(name), language="en") for name in named}


def doctor(context: typer.Context) -> None:
    """Say what is misconfigured, unreachable or stuck, and what to do about it; nothing is judged or changed.

    Exit codes: 0 nothing is in the way (1 with --strict and a warning), 2 misconfigured, 3 unreachable,
    4 alerts are stuck; the highest when there are several.
    """
    from ketenwacht.render.terminal import print_symptom
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.doctor import examine

    options: Options = context.obj
    found = []
    console = screen()
    for symptom in examine(options.config, overrides=options.overrides, at=clock.now()):
        found.append(symptom)
        if not options.json:
            print_symptom(symptom.trouble.value, symptom.subject, symptom.said, symptom.mend, console)
            if _CODES[symptom.trouble.value] is not ExitCode.PASSED:
                options.verdict(f"{symptom.subject}: {symptom.said} — {symptom.mend}")
    code = max((_CODES[symptom.trouble.value] for symptom in found), default=ExitCode.USAGE)
    if options.strict and code is ExitCode.PASSED and any(s.trouble.value == "warning" for s in found):
        code = ExitCode.FAILED
    if options.json:
        rows = [{"subject": s.subject, "trouble": s.trouble.value, "what": s.said, "mend": s.mend} for s in found]
        out(json.dumps({"schema": "ketenwacht/doctor/1", "findings": rows}, ensure_ascii=False))
    raise typer.Exit(code)


@contextmanager
def looking(options: Options, feed: str | None, *, replay: bool, every: bool = False) -> Iterator[HistoryReader]:
    """Open the history that is looked at; that it is a replay's is said on standard error."""
    from ketenwacht.workflows.histories import open_reader

    with open_reader(options.loaded_project(), feed, replay=replay, on_warning=tell, every=every) as reader:
        yield reader


def setting_of(reader: HistoryReader, incident: Finding | None = None) -> IncidentTexts:
    """What incidents of an open history are shown with; of the one that is named also what to do."""
    from ketenwacht.messages.report.verdict import action
    from ketenwacht.render.terminal_incidents import IncidentTexts
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.incidents import short_ids

    formatter = reader.project.formatter(language="en")
    actions = {}
    if incident is not None and incident.active:
        feed = reader.project.settings.feeds.get(incident.fingerprint.feed)
        sender = "" if feed is None else feed.sender
        actions[incident.id] = action(incident, sender, formatter)
    return IncidentTexts(
        short=short_ids(reader.history.incidents(closed=True)),
        at=reader.moment(clock.now()),
        formatter=formatter,
        actions=actions,
    )


def screen(*, stderr: bool = False) -> Console:
    """A terminal that takes text as it is."""
    import sys

    from ketenwacht.render.terminal import make_console

    return make_console(sys.stderr if stderr else sys.stdout)


def _day(since: datetime | None) -> date | None:
    return None if since is None else since.date()
