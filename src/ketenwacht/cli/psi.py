"""`psi`: compare both sides by private set intersection: request, respond, finish."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from .options import DAY, By, Feed, Options, as_day, split_names
from .output import ExitCode, default_formatter, open_console, print_json, print_note
from .reconciliation import print_comparison

if TYPE_CHECKING:
    from ketenwacht.workflows.project import LoadedProject
    from ketenwacht.workflows.psi import PsiOptions, WrittenPsi

psi = typer.Typer(
    help="Learn how many persons both ends share, or who, so that neither can read the other's list.",
    no_args_is_help=True,
)

Register = Annotated[
    Path | None,
    typer.Option("--register", metavar="FILE", help="This side's register; else what was delivered."),
]
Key = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="COLUMNS", help="Of the register; needs no configuration then."),
]
Decided = Annotated[
    str | None, typer.Option("--decided-column", metavar="COLUMN", help="With the date of decision, on this side.")
]
LastDecision = Annotated[
    datetime | None,
    typer.Option("--until", **DAY, help="Leave out who was decided on later; both sides the same."),
]
Day = Annotated[
    datetime | None,
    typer.Option("--date", **DAY, help="Reference date; else the newest delivery, or today for a register."),
]
Segments = Annotated[
    list[str] | None, typer.Option("--segments", metavar="COLUMNS", help="Columns of both sides to count by.")
]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    psi.command("request")(request)
    psi.command("respond")(respond)
    psi.command("finish")(finish)
    app.add_typer(psi, name="psi")


def request(
    context: typer.Context,
    target: Annotated[Path, typer.Option("--out", metavar="FILE", help="The request, for the other side.")],
    state: Annotated[
        Path,
        typer.Option("--state", metavar="FILE", help="What this side keeps until the response comes: secret."),
    ],
    feed: Feed = None,
    register: Register = None,
    key: Key = None,
    decided: Decided = None,
    until: LastDecision = None,
    day: Day = None,
    segments: Segments = None,
    *,
    identities: Annotated[
        bool, typer.Option("--identities", help="Learn which of our persons they hold; else counts only.")
    ] = False,
) -> None:
    """Begin: write a request that holds the persons of this side, blinded."""
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.psi import request_psi

    options: Options = context.obj
    asked = _read_side(register, feed, key, decided, (until, day), segments, identities=identities)
    project = _project(options, asked)
    made = request_psi(project, asked, target, state, at=clock.now(), on_warning=print_note)
    _print_written(made, target, options)


def respond(
    context: typer.Context,
    asked: Annotated[Path, typer.Argument(metavar="REQUEST", help="The request of the other side.")],
    target: Annotated[Path, typer.Option("--out", metavar="FILE", help="The response, for the other side.")],
    feed: Feed = None,
    register: Register = None,
    key: Key = None,
    decided: Decided = None,
    until: LastDecision = None,
    day: Day = None,
    segments: Segments = None,
    at_most: Annotated[
        int | None,
        typer.Option("--at-most", metavar="N", min=1, help="Persons in the request; else ten times our own."),
    ] = None,
    *,
    identities: Annotated[
        bool, typer.Option("--identities", help="Let them learn which of their persons we hold.")
    ] = False,
) -> None:
    """Answer a request. This side learns how many persons the other has, and nothing else.

    A request of another feed, key, --until, --date or --segments is refused; what is left out follows the request.
    """
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.psi import respond_psi

    options: Options = context.obj
    ours = _read_side(register, feed, key, decided, (until, day), segments, identities=identities)
    project, at = _project(options, ours), clock.now()
    made = respond_psi(project, ours, asked, target, at_most=at_most, at=at, on_warning=print_note)
    _print_written(made, target, options)


def finish(
    context: typer.Context,
    response: Annotated[Path, typer.Argument(metavar="RESPONSE", help="The response of the other side.")],
    state: Annotated[Path, typer.Option("--state", metavar="FILE", help="What `psi request` kept.")],
    target: Annotated[
        Path | None,
        typer.Option(
            "--list", metavar="FILE", help="With --identities: the pseudonyms of our persons that they lack."
        ),
    ] = None,
    by: By = None,
    *,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Compare only: keep no outcome, touch no incident.")
    ] = False,
) -> None:
    """Count whom both sides share, and judge it as `reconcile` does.

    The receiver's counts are kept and its incidents follow them; on the side of a register nothing is kept.
    """
    from ketenwacht.api.results import ReconcileResult
    from ketenwacht.reconcile.psi_files import DELIVERED
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.psi import finish_delivered, finish_register, read_state

    options: Options = context.obj
    at = clock.now()
    if read_state(state).side != DELIVERED:
        done = finish_register(state, response, target, at=at)
        shown = ReconcileResult.of(done, default_formatter())
        print_comparison(shown, options, (target, shown.listed_missing))
    project, who = options.load_project(), clock.actor(by)
    done, delivered = finish_delivered(
        project,
        state,
        response,
        target,
        keep=not no_history,
        who=who,
        at=at,
        write=options.message_writer(),
        on_warning=print_note,
    )
    formatter = project.formatter(project.feed(done.feed), language="en")
    shown = ReconcileResult.of(done, formatter, delivered=delivered)
    print_comparison(shown, options, (target, shown.listed_extra))


def _read_side(
    register: Path | None,
    feed: str | None,
    key: list[str] | None,
    decided: str | None,
    days: tuple[datetime | None, datetime | None],
    segments: list[str] | None,
    *,
    identities: bool,
) -> PsiOptions:
    """Return the options of this side; `days` are the last decision and the reference date."""
    from ketenwacht.workflows.psi import PsiOptions

    until, day = days
    return PsiOptions(
        register=register,
        key=split_names(key),
        decided=decided,
        feed=feed,
        until=as_day(until),
        day=as_day(day),
        columns=split_names(segments),
        identities=identities,
    )


def _project(options: Options, ours: PsiOptions) -> LoadedProject | None:
    """Return the configuration; None for a register whose key is named."""
    return None if ours.register is not None and ours.key else options.load_project()


def _print_written(made: WrittenPsi, path: Path, options: Options) -> NoReturn:
    from ketenwacht.domain.statement import Amount, Persons
    from ketenwacht.messages.public import public_counts

    formatter = default_formatter()
    if options.json:
        counts = public_counts(persons=formatter.privacy.count(made.persons))
        rounded = -(-made.size // 1000) * 1000  # exact bytes would tell the number of persons, which is rounded
        shown = {"groups": made.groups, "bytes": rounded, "key_id": made.terms.key_id, **counts}
        print_json({"schema": "ketenwacht/psi-written/1", "path": str(path), **shown})
        raise typer.Exit(ExitCode.PASSED)
    size, groups = Amount(-(-made.size // 1000)), Amount(made.groups)
    said = formatter.label(
        "cli.psi_written", persons=Persons(made.persons), groups=groups, size=size, key=made.terms.key_id
    )
    open_console().print(said, markup=False, soft_wrap=True)
    print_note(str(path), formatter.label("cli.written"))
    raise typer.Exit(ExitCode.PASSED)
