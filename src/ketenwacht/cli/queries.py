"""Commands that only read: history, report, reproduce."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ketenwacht.errors import AuditError, ConfigError

from .options import Feed, Options, Replayed, Since, as_day
from .output import ExitCode, default_formatter, open_screen, print_json, print_note, progress

if TYPE_CHECKING:
    from ketenwacht.messages.formatter import MessageFormatter
    from ketenwacht.store.audit_heads import Head
    from ketenwacht.workflows.histories import HistoryReader


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("history")(history)
    app.command("report")(report)
    app.command("reproduce")(reproduce)


def history(
    context: typer.Context,
    feed: Feed = None,
    since: Since = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="So many of the latest runs are listed.")] = 10,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also look for tampering with the tables and the audit log.")
    ] = False,
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
    from ketenwacht.workflows.trends import load_figures, load_trends

    options: Options = context.obj
    with open_history(options, feed, replay=replay) as reader:
        named = reader.project.feed(reader.feeds[0])
        runs = reader.history.runs.find(named.name, since=as_day(since), limit=limit)
        figures = load_figures(reader, named, clock.now())
        found = load_trends(reader, named, figures, since=as_day(since))
        faults = _verify(reader, _parse_head(head)) if verify or head is not None else None
        start = reader.history.audit.read_start() if faults is not None else None
        formatter = reader.project.formatter(named, language="en")
        latest = [view_run(run, formatter) for run in runs]
        series = [view_trend(one, formatter) for one in found.series]
        if options.json:
            shown = history_object(
                named.name, series, latest, more=found.more, replayed=reader.replayed, faults=faults
            )
            print_json(shown)
        else:
            print_history(named.name, series, formatter, open_screen(), more=found.more)
            print_runs(latest, formatter, open_screen())
            _print_audit(faults, start, formatter)
            for run in latest[-1:]:
                options.print_verdict(verdict_line(run, formatter).plain)
    raise typer.Exit(ExitCode.FAILED if faults else ExitCode.PASSED)


def _verify(reader: HistoryReader, told: Sequence[Head]) -> tuple[str, ...]:
    """Return what is wrong with the audit log, compared with the heads that were told and those kept outside."""
    history, found = reader.history, tuple[str, ...]()
    kept: tuple[Head, ...] = ()
    if history.heads is not None:
        try:
            kept = history.heads.read()
        except AuditError as fault:
            found = (str(fault),)
    return (*history.audit.verify(heads=[*told, *kept]), *found)


def _parse_head(said: str | None) -> tuple[Head, ...]:
    if said is None:
        return ()
    from ketenwacht.store.audit_heads import Head

    number, _, digits = said.partition(":")
    if not number.isdigit() or not re.fullmatch(r"[0-9a-f]{16,64}", digits):
        raise ConfigError("--head", "is no head of an audit log", "copy NUMBER:DIGITS from a digest")
    return (Head(int(number), digits),)


def _print_audit(faults: tuple[str, ...] | None, start: datetime | None, formatter: MessageFormatter) -> None:
    if faults is None:
        return
    open_screen().print()
    for fault in faults:
        open_screen().print(formatter.label("history.audit_fault", fault=fault), style="bold red")
    if not faults:
        open_screen().print(formatter.label("history.audit_holds"))
    if not faults and start is not None:
        open_screen().print(formatter.label("history.audit_since", since=formatter.moment(start)))


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
    done = options.project().report(path, feed, since=as_day(since), replay=replay, language=language)
    if options.json:
        print_json(done.to_dict())
        return
    headline = default_formatter().label("cli.report", path=str(path), headline=done.headline)
    open_screen().print(headline, soft_wrap=True)
    options.print_verdict(headline)
    open_screen().print(done.detail)
    open_screen().print(done.found_first.sentence)


def reproduce(
    context: typer.Context,
    feed: Feed = None,
    delivery: Annotated[
        str | None, typer.Option("--delivery", metavar="ID", help="Only the verdicts on this delivery.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only so many of the newest; else every one.")
    ] = None,
    *,
    replay: Replayed = False,
) -> None:
    """Judge past deliveries again from stored counts, rules and evidence, and report every difference.

    No delivery is read, so an auditor needs the history alone. Exit 0: all came out the same; 1: some did not;
    3: none can be judged again.
    """
    from ketenwacht.domain.result import ReproductionOutcome
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_history import print_reproduction, reproduction_object
    from ketenwacht.workflows.reproduce import reproduce as again

    options: Options = context.obj
    with (
        open_history(options, feed, replay=replay) as reader,
        progress("judging again", shown=not options.json) as advanced,
    ):
        found = again(reader, delivery=delivery, limit=limit, progress=advanced)
        name = reader.feeds[0]
        formatter = reader.project.formatter(reader.project.feed(name), language="en")
    if options.json:
        print_json(reproduction_object(name, found))
    else:
        print_reproduction(name, found, formatter, make_console())
    outcomes = {one.outcome for one in found}
    if ReproductionOutcome.DIFFERENT in outcomes:
        raise typer.Exit(ExitCode.FAILED)
    raise typer.Exit(ExitCode.PASSED if ReproductionOutcome.SAME in outcomes else ExitCode.NOT_JUDGED)


@contextmanager
def open_history(
    options: Options, feed: str | None, *, replay: bool, every: bool = False
) -> Iterator[HistoryReader]:
    """Open the live or replayed history; a note on standard error says which replay it is."""
    from ketenwacht.workflows.histories import open_reader

    with open_reader(options.load_project(), feed, replay=replay, on_warning=print_note, every=every) as reader:
        yield reader
