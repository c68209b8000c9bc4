"""Commands of keyed reconciliation: reconcile, plan-catchup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ketenwacht.errors import ConfigError

from .options import DAY, By, Feed, Options, split_names
from .output import ExitCode, default_formatter, exit_code_of, print_json, print_note

if TYPE_CHECKING:
    from ketenwacht.api.results import ReconcileResult
    from ketenwacht.domain.catchup import Clock
    from ketenwacht.workflows.reconciliation import ReconciliationOptions
    from ketenwacht.workflows.two_sides import TwoSides

LONGEST_TERM = 3653
"""Days, as of a term in the settings."""

RegisterPath = Annotated[
    Path, typer.Option("--register", metavar="FILE", help="The sender's register, in clear or pseudonymised.")
]


Day = Annotated[
    datetime | None,
    typer.Option("--date", **DAY, help="Its reference date, when its name does not say it."),
]


Keys = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="COLUMNS", help="Columns that together identify a person; else the feed's."),
]


Decided = Annotated[
    str | None,
    typer.Option(
        "--decided-column", metavar="COLUMN", help="Column with the date of decision; else as configured."
    ),
]


Shared = Annotated[
    list[str] | None,
    typer.Option("--segments", metavar="COLUMNS", help="Columns that both sides share; else as configured."),
]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("reconcile")(reconcile)
    app.command("plan-catchup")(plan_catchup)


def reconcile(
    context: typer.Context,
    feed: Feed = None,
    register: Annotated[
        str | None,
        typer.Option(
            "--register",
            metavar="FILE",
            help="The sender's register, in clear or pseudonymised; with --delivered also a table, as URL#table. "
            "Without it: the newest that is configured.",
        ),
    ] = None,
    day: Day = None,
    missing: Annotated[
        Path | None, typer.Option("--missing", metavar="FILE", help="Write the pseudonyms of the missing here.")
    ] = None,
    extra: Annotated[
        Path | None, typer.Option("--extra", metavar="FILE", help="Write those not in the register here.")
    ] = None,
    key: Keys = None,
    decided: Decided = None,
    segments: Shared = None,
    by: By = None,
    delivered: Annotated[
        str | None,
        typer.Option(
            "--delivered",
            metavar="FILE",
            help="Compare with this file or table (URL#table) of everybody delivered; needs no configuration.",
        ),
    ] = None,
    *,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Compare only: keep no outcome, touch no incident.")
    ] = False,
) -> None:
    """Compare the sender's register with everything delivered up to its reference date, in both directions.

    Exit 0: nobody is missing or too many; 1: somebody is; 3: it could not be compared. Counts below ten are hidden
    and all others rounded to tens, also with --format json; the history holds them exactly.

    Two files or tables need no configuration: name the other side with --delivered and the columns with --key.
    Then nothing is kept, and without --decided-column everybody in the register is due.
    """
    options: Options = context.obj
    if delivered is not None:
        sides = _sides(feed, register, delivered, split_names(key), split_names(segments), decided, day)
        done = _compare_sides(replace(sides, missing=missing, extra=extra))
        print_comparison(done, options, (missing, done.listed_missing), (extra, done.listed_extra))
    done = options.project().reconcile(
        feed,
        register=None if register is None else Path(register),
        day=None if day is None else day.date(),
        key=split_names(key),
        decided_column=decided,
        segments=split_names(segments),
        missing=missing,
        extra=extra,
        keep=not no_history,
        by=by,
    )
    print_comparison(done, options, (missing, done.listed_missing), (extra, done.listed_extra))


def _sides(
    feed: str | None,
    register: str | None,
    delivered: str,
    key: tuple[str, ...],
    segments: tuple[str, ...],
    decided: str | None,
    day: datetime | None,
) -> TwoSides:
    """Return the two sides of a comparison without a configuration.

    Raises:
        ConfigError: a feed is named too, which would be of a configuration.
    """
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.two_sides import TwoSides

    if feed is not None:
        raise ConfigError("FEED", "is named, and --delivered names what was delivered", "give one of the two")
    if register is None:
        raise ConfigError(
            "--register", "no register is named", "name a CSV or Parquet file, or a table as URL#table"
        )
    return TwoSides(
        register=register,
        delivered=delivered,
        key=key,
        segments=segments,
        decided=decided,
        day=day.date() if day is not None else clock.now().date(),
    )


def _compare_sides(sides: TwoSides) -> ReconcileResult:
    from ketenwacht.api.results import ReconcileResult
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.two_sides import compare_sides

    return ReconcileResult.of(compare_sides(sides, root=Path(), at=clock.now()), default_formatter())


def print_comparison(done: ReconcileResult, options: Options, *lists: tuple[Path | None, int | None]) -> NoReturn:
    """Print a comparison and end the command with its exit code."""
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_evidence import print_reconciliation

    if options.json:
        print_json(done.to_dict())
    else:
        print_reconciliation(done.view, done.formatter, make_console(), changed=done.changed)
        options.print_verdict(f"{done.view.status_text}: {done.view.title}")
    _print_lists(*lists)
    raise typer.Exit(exit_code_of([done.status], strict=options.strict, delivered=done.delivered))


def _print_lists(*lists: tuple[Path | None, int | None]) -> None:
    """Name the written lists on standard error, without the number of persons in them."""
    for path, persons in lists:
        if path is not None and persons is not None:
            print_note(str(path), default_formatter().label("cli.written" if persons else "cli.written_empty"))


def plan_catchup(
    context: typer.Context,
    register: RegisterPath,
    start: Annotated[datetime, typer.Option("--start", **DAY, help="First day of the first week.")],
    path: Annotated[
        Path, typer.Option("--out", metavar="F", help="CSV with exact numbers, for those who carry it out.")
    ],
    feed: Feed = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="COLUMNS", help="Spread by these; else as `register.backlog` says."),
    ] = None,
    multiple: Annotated[
        float, typer.Option("--multiple", help="At most so many times a normal week, what comes anyway included.")
    ] = 2.0,
    term: Annotated[
        list[str] | None,
        typer.Option(
            "--term",
            metavar="NAME=DAYS[:decision]",
            help="A term that runs, from delivery or from decision; else as `register.terms` says.",
        ),
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option("--chart", metavar="SVG", help="Draw the schedule: persons a week, and those waiting."),
    ] = None,
    day: Day = None,
    key: Keys = None,
    decided: Decided = None,
    segments: Shared = None,
) -> None:
    """Spread the missing persons over weeks, the oldest decision first, within the capacity of the next link."""
    from ketenwacht.domain.catchup import PLAN_CLOCK
    from ketenwacht.messages.views_evidence import view_catch_up
    from ketenwacht.render.json_evidence import catchup_object
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_evidence import print_catchup
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.catch_up import plan_catch_up, write_chart, write_schedule

    options: Options = context.obj
    project = options.load_project()
    configured = project.feed(feed).evidence.register
    done = plan_catch_up(
        project,
        feed,
        _reconciliation_options(register, day, key, decided, segments),
        by=split_names(by) or (configured.backlog if configured is not None else ()),
        multiple=multiple,
        start=start.date(),
        clocks=tuple(_parse_term(text) for text in term or ())
        or (configured.terms if configured is not None else (PLAN_CLOCK,)),
        at=clock.now(),
        on_warning=print_note,
    )
    formatter = project.formatter(project.feed(feed), language="en")
    write_schedule(done, path)
    view = view_catch_up(done.feed, done.whole.register_date, done.by, done.plan, formatter, multiple=multiple)
    if chart is not None:
        write_chart(view, formatter, chart)
    if options.json:
        print_json({**catchup_object(view), "path": str(path)})
    else:
        print_catchup(view, formatter, make_console())
        print_note(str(path), formatter.label("cli.written"))
    if chart is not None:
        print_note(str(chart), formatter.label("cli.drawn"))
    raise typer.Exit(ExitCode.PASSED)


def _reconciliation_options(
    register: Path, day: datetime | None, key: list[str] | None, decided: str | None, segments: list[str] | None
) -> ReconciliationOptions:
    from ketenwacht.workflows.reconciliation import ReconciliationOptions

    return ReconciliationOptions(
        register, day.date() if day is not None else None, split_names(key), decided, split_names(segments)
    )


def _parse_term(text: str) -> Clock:
    """Parse `NAME=DAYS`, or `NAME=DAYS:decision` for a term that runs since the decision."""
    from ketenwacht.domain.catchup import Clock, Starts

    name, _, rest = text.rpartition("=")
    days, _, starts = rest.partition(":")
    readable = re.fullmatch("[0-9]{1,5}", days) is not None and int(days) <= LONGEST_TERM
    if not name.strip() or not readable or starts not in {"", *(s.value for s in Starts)}:
        raise ConfigError(
            "--term",
            f"`{text[:80]}` cannot be read",
            f"write it like `plan=70` or `objection=42:decision`, with at most {LONGEST_TERM} days",
        )
    clock = Clock(name=name.strip(), term=timedelta(days=int(days)))
    return replace(clock, starts=Starts(starts)) if starts else clock
