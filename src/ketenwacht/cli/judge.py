"""Commands that judge: check, replay, ci; and measurements, which `ci` compares with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ketenwacht.domain.result import Status

from .options import DAY, At, Feed, First, Last, Options, as_utc
from .output import ExitCode, default_formatter, exit_code_of, open_console, print_json, print_line, progress

if TYPE_CHECKING:
    from ketenwacht.api import ReleaseCheckResult, Run
    from ketenwacht.api.results import Report, RunList
    from ketenwacht.messages.views_incident import IncidentView


def _report(option: str, what: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(option, metavar="F", help=f"Write {what}.")
    return found


measurements = typer.Typer(help="Measurements without persons: out to a file, in from one.", no_args_is_help=True)


Counts = Annotated[Path, typer.Argument(metavar="FILE", help="The measurement file.")]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("check")(check)
    app.command("replay")(replay)
    app.command("ci")(ci)
    measurements.command("export")(export_measurements)
    measurements.command("import")(import_measurements)
    app.add_typer(measurements, name="measurements")


def check(
    context: typer.Context,
    feed: Feed = None,
    delivery: Annotated[str | None, typer.Option("--delivery", help="Only the delivery of this id.")] = None,
    at: At = None,
) -> None:
    """Judge the deliveries that are new, and those that are missing, now."""
    options, began = context.obj, monotonic()
    moment = None if at is None else as_utc(at)
    project = options.project()
    runs = project.check(feed, delivery=delivery, at=moment, each=lambda run: show(run, options))
    if not runs:
        open_console(stderr=True).print(default_formatter().label("cli.nothing_new"))
    code = exit_code_of((run.status for run in runs), strict=options.strict, delivered=runs.delivered)
    if options.json:
        print_json(project.summarize(runs, feed))
    elif runs:
        _print_end(runs, _find_open(options, runs), options, code=code, seconds=monotonic() - began)
    raise typer.Exit(code)


def replay(context: typer.Context, first: First, last: Last, feed: Feed = None) -> None:
    """Judge past deliveries one by one, each at the moment it came, and tell what was found when."""
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_history import print_timeline

    options, began = context.obj, monotonic()
    with progress("judging", shown=options.bars) as advanced:
        nobody = (lambda _: None) if options.quiet else None  # a replay alerts nobody: it shows what was sent
        done = options.project(on_message=nobody).replay(
            feed,
            first=first.date(),
            last=last.date(),
            each=(lambda run: show(run, options)) if options.json else None,
            progress=advanced,
        )
    statuses = [run.status for run in done.runs]
    code = exit_code_of(statuses, strict=options.strict, delivered=done.runs.delivered)
    if options.json:
        print_json(done.to_dict())
    else:
        print_timeline(done.replay, done.formatter, make_console())
        options.print_verdict(f"{done.runs.status.word}: {done.found_first.sentence}")
        if done.runs:
            incidents = _find_open(options, done.runs, replayed=True)
            _print_end(done.runs, incidents, options, code=code, seconds=monotonic() - began)
    raise typer.Exit(code)


def _find_open(options: Options, runs: RunList, *, replayed: bool = False) -> tuple[IncidentView, ...]:
    """Return the incidents of the feed that was judged that need somebody."""
    from ketenwacht.workflows.histories import replay_url
    from ketenwacht.workflows.incidents import view_open

    project = options.load_project()
    return view_open(project, runs[0].feed, runs[0].formatter, replay_url(project) if replayed else None)


def _print_end(
    runs: RunList,
    incidents: Sequence[IncidentView],
    options: Options,
    *,
    code: ExitCode,
    seconds: float,
    report: Path | None = None,
) -> None:
    """Print the summary and, as the last line, the verdict."""
    from ketenwacht.messages.views import view_run
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_incidents import FeedSummary, print_summary, verdict_text

    formatter, console = runs[0].formatter, make_console()
    views = [view_run(run.judged, formatter, with_results=run is runs[-1]) for run in runs]
    summary = FeedSummary(feed=runs[0].feed, status=runs.status, runs=views, incidents=incidents)
    if not options.quiet:
        print_summary([summary], formatter, console, seconds=seconds)
    why = formatter.label("end.not_delivered") if code is ExitCode.NOT_DELIVERED else ""
    path = None if report is None else str(report)
    console.print(verdict_text(runs.status, int(code), formatter, report=path, why=why), soft_wrap=True)


def show(run: Run, options: Options) -> None:
    """Print one run: with --verbose all of it, with --quiet its verdict, else nothing: the summary follows."""
    from ketenwacht.render.terminal import make_console, print_run, verdict_line

    if options.json:
        print_json(run.to_dict())
    elif options.quiet:
        options.print_verdict(verdict_line(run.view, run.formatter).plain)
    elif options.verbose:
        print_run(run.view, run.formatter, make_console())


def ci(
    context: typer.Context,
    feed: Feed = None,
    env: Annotated[str, typer.Option("--env", help="The environment of the feed to judge.")] = "staging",
    since: Annotated[
        datetime | None,
        typer.Option("--since", **DAY, help="Judge all for this day or later."),
    ] = None,
    delivery: Annotated[str | None, typer.Option("--delivery", help="Judge the delivery of this id.")] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="RUN|FILE", help="Compare with a run: its id, or a file of --save."),
    ] = None,
    production: Annotated[
        Path | None,
        typer.Option("--measurements", metavar="F", help="Production's measurements, instead of the history."),
    ] = None,
    fail_on: Annotated[
        Literal["failed", "warned", "unproven"],
        typer.Option("--fail-on", help="The mildest verdict that stops the release."),
    ] = "failed",
    junit: Annotated[Path | None, _report("--junit", "JUnit XML")] = None,
    markdown: Annotated[Path | None, _report("--markdown", "a summary in Markdown")] = None,
    html: Annotated[Path | None, _report("--html", "the report as one HTML page")] = None,
    json_: Annotated[Path | None, _report("--json", "the runs as JSON, one a line")] = None,
    gitlab: Annotated[Path | None, _report("--gitlab", "a GitLab code quality report")] = None,
    sarif: Annotated[Path | None, _report("--sarif", "a SARIF log, for code scanning")] = None,
    save: Annotated[Path | None, _report("--save", "what was measured, for a later --against")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Judge all that are there, not the newest only.")] = False,
    other_input: Annotated[
        bool, typer.Option("--other-input", help="The run of --against had other input: compare by chance.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Staging gets a part of the input: compare no totals.")
    ] = False,
    github: Annotated[bool, typer.Option("--github", help="Annotate as GitHub workflow commands.")] = False,
) -> None:
    """Judge staging deliveries before a release; nothing is kept, nobody is told."""
    options, began = context.obj, monotonic()
    done = options.project().ci(
        feed,
        environment=env,
        since=None if since is None else since.date(),
        delivery=delivery,
        every=every,
        against=against,
        same_input=not other_input,
        measurements=production,
        totals=not partial,
        fail_on="unproven" if options.strict else fail_on,
    )
    wanted: dict[Report, Path | None] = {
        "junit": junit,
        "markdown": markdown,
        "html": html,
        "json": json_,
        "gitlab": gitlab,
        "sarif": sarif,
        "save": save,
    }
    failed = done.write({kind: path for kind, path in wanted.items() if path is not None})
    _print_release(done, options, github=github)
    for said in failed:
        open_console(stderr=True).print(said, style="red", markup=False, soft_wrap=True)
    code = exit_code_of_release(done, delivered=not failed)
    if done.runs and not options.json:
        report = next((path for path in (html, markdown, junit, gitlab, sarif, json_) if path is not None), None)
        _print_end(done.runs, done.incidents, options, code=code, seconds=monotonic() - began, report=report)
    raise typer.Exit(code)


def exit_code_of_release(done: ReleaseCheckResult, *, delivered: bool) -> ExitCode:
    """Return 4 when a report was not written, 3 when something was not judged or not there, else 1 or 0."""
    if not delivered:
        return ExitCode.NOT_DELIVERED
    codes = dict.fromkeys(done.failing, ExitCode.FAILED) | {Status.ERROR: ExitCode.NOT_JUDGED}
    return max((codes.get(run.status, ExitCode.PASSED) for run in done.runs), default=ExitCode.NOT_JUDGED)


def export_measurements(context: typer.Context, file: Counts, feed: Feed = None) -> None:
    """Write what was measured of a feed, without persons, for `ci --measurements`."""
    options: Options = context.obj
    options.project().export_measurements(file, feed)
    if options.json:
        print_json({"schema": "ketenwacht/measurements-export/1", "path": str(file)})
    said = default_formatter().label("cli.exported", path=str(file))
    open_console(stderr=True).print(said, markup=False, soft_wrap=True)


def import_measurements(
    context: typer.Context,
    file: Counts,
    by: Annotated[str, typer.Option("--by", help="Who does this, for the audit log.")],
) -> None:
    """Take measurements from a file into the history, as deliveries that were not judged."""
    from ketenwacht.domain.statement import Amount
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.ci.sources import import_measurements

    options: Options = context.obj
    added = import_measurements(options.load_project(), file, who=by, at=clock.now())
    if options.json:
        print_json({"schema": "ketenwacht/measurements-import/1", "path": str(file), "new": added})
    else:
        open_console().print(default_formatter().label("cli.imported", count=Amount(added)), markup=False)


def _print_release(done: ReleaseCheckResult, options: Options, *, github: bool) -> None:
    """Print the verdicts, and GitHub's commands too unless standard output holds JSON.

    Names in a verdict come from data, so GitHub is told not to read commands out of it.
    """
    from ketenwacht.workflows import clock

    mark = clock.new_id() if github and not options.json else None
    say = options.print_verdict if options.quiet else print_line  # with --quiet all else is held back
    if mark is not None:
        say(f"::stop-commands::{mark}")
    for run in done.runs:
        show(run, options)
    if not done.runs:
        open_console(stderr=True).print(default_formatter().label("cli.nothing_staged"))
    if mark is not None:
        say(f"::{mark}::")
    if github:
        for line in done.report("github").splitlines():
            if options.json:
                typer.echo(line, err=True)
            else:
                say(line)
