"""Commands for a build server: ci judges a release in staging, measurements takes production's along."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.domain.status import Status
from ketenwacht.errors import ConfigError, StoreError

from .exits import Exit
from .judge import Feed, show
from .options import Options, console, out
from .setup import DAY

if TYPE_CHECKING:
    from ketenwacht.workflows.ci.gate import Against, Gated
    from ketenwacht.workflows.ci.reports import Written
    from ketenwacht.workflows.office import Office


class FailOn(Enum):
    """The mildest verdict that stops a release."""

    FAILED = "failed"
    WARNED = "warned"
    UNPROVEN = "unproven"

    @property
    def statuses(self) -> frozenset[Status]:
        """Every verdict that does."""
        return frozenset(s for s in Status if Status[self.name] <= s < Status.ERROR)


def _report(option: str, what: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(option, metavar="F", help=f"Write {what}.")
    return found


measurements = typer.Typer(help="Measurements without persons: out to a file, in from one.", no_args_is_help=True)
Counts = Annotated[Path, typer.Argument(metavar="FILE", help="The measurement file.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(ci)
    measurements.command("export")(export_measurements)
    measurements.command("import")(import_measurements)
    app.add_typer(measurements, name="measurements")


def ci(
    context: typer.Context,
    feed: Feed = None,
    env: Annotated[str, typer.Option("--env", help="The environment of the feed to judge.")] = "staging",
    since: Annotated[
        datetime | None, typer.Option("--since", formats=DAY, help="Judge all for this day or later.")
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
        FailOn, typer.Option("--fail-on", help="The mildest verdict that stops the release.")
    ] = FailOn.FAILED,
    junit: Annotated[Path | None, _report("--junit", "JUnit XML")] = None,
    markdown: Annotated[Path | None, _report("--markdown", "a summary in Markdown")] = None,
    html: Annotated[Path | None, _report("--html", "the report as one HTML page")] = None,
    json: Annotated[Path | None, _report("--json", "the runs as JSON, one a line")] = None,
    gitlab: Annotated[Path | None, _report("--gitlab", "a GitLab code quality report")] = None,
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
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.ci.gate import Choice, open_gate
    from ketenwacht.workflows.ci.reports import Written
    from ketenwacht.workflows.ci.sources import production as measured

    options: Options = context.obj
    _one_of({"--all": every, "--since": since is not None, "--delivery": delivery is not None})
    if other_input and against is None:
        raise ConfigError("--other-input", "there is no run to compare with", "name one with --against")
    office, at = options.office(environment=env), clock.now()
    name = office.feed(feed).name
    gate = open_gate(
        office,
        name,
        production=measured(office, name, production),
        against=_against(office, name, against, same_input=not other_input),
        totals=not partial,
    )
    day = None if since is None else since.date()
    gated = gate.judge(Choice(every=every, since=day, delivery=delivery), at)
    failing = (FailOn.UNPROVEN if options.strict else fail_on).statuses
    written = Written(
        office=office,
        feed=gate.station.feed,
        gated=gated,
        failing=failing,
        file=_shown(office.root / (gate.station.feed.checks or options.config.name)),
        at=at,
    )
    wanted = {"junit": junit, "markdown": markdown, "html": html, "json": json, "gitlab": gitlab, "save": save}
    failed = written.write({kind: path for kind, path in wanted.items() if path is not None})
    _print(written, options, github=github)
    for said in failed:
        console(stderr=True).print(said, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(exit_of(gated, failing, delivered=not failed))


def exit_of(gated: Gated, failing: Collection[Status], *, delivered: bool) -> Exit:
    """4: a report was not written; 3: something could not be judged, or nothing was there; then 1, then 0."""
    if not delivered:
        return Exit.NOT_DELIVERED
    codes = dict.fromkeys(failing, Exit.FAILED) | {Status.ERROR: Exit.NOT_JUDGED}
    return max((codes.get(run.status, Exit.PASSED) for run in gated.runs), default=Exit.NOT_JUDGED)


def export_measurements(context: typer.Context, file: Counts, feed: Feed = None) -> None:
    """Write what was measured of a feed, without persons, for `ci --measurements`."""
    from ketenwacht.workflows.ci.reports import write_lines
    from ketenwacht.workflows.ci.sources import read_only

    options: Options = context.obj
    office = options.office()
    name = office.feed(feed).name
    with read_only(office) as history:
        if history is None:
            raise StoreError("there is no history yet — judge a delivery first")
        failed = write_lines(file, history.export_measurements(name))
    if failed is not None:
        raise ConfigError("FILE", failed, "name another file")
    console(stderr=True).print(
        f"{file}: it holds counts below 10, so keep it where the history may be", markup=False, soft_wrap=True
    )


def import_measurements(
    context: typer.Context,
    file: Counts,
    by: Annotated[str, typer.Option("--by", help="Who does this, for the audit log.")],
) -> None:
    """Take measurements from a file into the history, as deliveries that were not judged."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.ci.sources import take_in

    options: Options = context.obj
    added = take_in(options.office(), file, who=by, at=clock.now())
    console().print(f"{added} new deliveries", markup=False)


def _one_of(asked: dict[str, bool]) -> None:
    named = [option for option, given in asked.items() if given]
    if len(named) > 1:
        raise ConfigError(" ".join(named), "they exclude each other", "give one of them")


def _against(office: Office, feed: str, run: str | None, *, same_input: bool) -> Against | None:
    from ketenwacht.workflows.ci.gate import Against
    from ketenwacht.workflows.ci.sources import other_run

    return None if run is None else Against(snapshots=other_run(office, feed, run), same_input=same_input)


def _shown(path: Path) -> str:
    """A file of the repository as its annotations name it: relative to where the build runs."""
    here = Path.cwd().resolve()
    full = path.resolve()
    return full.relative_to(here).as_posix() if full.is_relative_to(here) else path.name


def _print(written: Written, options: Options, *, github: bool) -> None:
    """The verdicts on standard output; GitHub's commands too, unless that holds JSON.

    Names in a verdict come from data, so GitHub is told not to read commands out of it.
    """
    from ketenwacht.render.annotations import github_commands
    from ketenwacht.workflows import clock

    runs = written.gated.runs
    quiet = clock.new_id() if github and not options.json else None
    if quiet is not None:
        out(f"::stop-commands::{quiet}")
    how = written.how
    for run in runs:
        show(run, how, options)
    if not runs:
        console(stderr=True).print("nothing to judge: there is no such delivery in this environment")
    if quiet is not None:
        out(f"::{quiet}::")
    if github:
        for line in github_commands(written.views, how, file=written.file):
            typer.echo(line, err=options.json)
