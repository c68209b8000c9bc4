"""Commands that import outside evidence, and declare days: reference, inquiries, declare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ketenwacht.errors import ConfigError

from .options import DAY, By, Feed, Options, Replayed, Why
from .output import open_console, print_json

if TYPE_CHECKING:
    from ketenwacht.domain.statement import Amount, Persons
    from ketenwacht.messages.formatter import MessageFormatter


File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8, with a header.")]


class PeriodKind(Enum):
    """Why a stretch of days says nothing about the normal level."""

    PAUSE = "pause"
    INCIDENT = "incident"
    CATCH_UP = "catch-up"
    POLICY = "policy"
    RELEASE = "release"


class _Adding(TyperGroup):
    """A group whose first word may be left out: `declare FEED …` is `declare add FEED …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer keeps that class to itself
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["add", *args]
        return super().parse_args(ctx, args)


reference = typer.Typer(
    help="Bring in what others published of the same persons, and list it.", no_args_is_help=True
)


inquiries = typer.Typer(
    help="Bring in inquiries about persons whom nobody delivered, and list them.", no_args_is_help=True
)


declaring = typer.Typer(
    cls=_Adding, help="Declare days that say nothing about the normal level; list them.", no_args_is_help=True
)


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this file."""
    reference.command("import")(import_references)
    reference.command("list")(list_references)
    inquiries.command("import")(import_inquiries)
    inquiries.command("list")(list_inquiries)
    declaring.command("add")(declare_exclusion)
    declaring.command("list")(list_declared)
    app.add_typer(reference, name="reference")
    app.add_typer(inquiries, name="inquiries")
    app.add_typer(declaring, name="declare")


def import_references(
    context: typer.Context,
    path: File,
    why: Why,
    feed: Feed = None,
    hop: Annotated[
        str | None,
        typer.Option("--hop", metavar="NAME", help="The file counts at this hop of the chain, and is exact."),
    ] = None,
    by: By = None,
) -> None:
    """Keep figures that others published; a restated one is kept beside what it was before.

    Columns: period_from; period_to; segment columns; count; uncertainty; published_on; source. With --hop neither
    uncertainty nor source is needed, and a column reason may tell who was left out before that hop.
    """
    from ketenwacht.domain.statement import Amount
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.outside_evidence import Attribution, import_references

    options: Options = context.obj
    project = options.load_project()
    attribution = Attribution(clock.actor(by), why, clock.now())
    done = import_references(project, feed, path, attribution, hop=hop)
    counts = {"rows": Amount(done.rows), "new": Amount(done.new)}
    _print_import("reference-import", done.feed, counts, project.formatter(language="en"), options)


def import_inquiries(context: typer.Context, path: File, why: Why, feed: Feed = None, by: By = None) -> None:
    """Keep inquiries, counted by day, segment and outcome; a file that seems to hold persons is refused.

    Columns: date; segment columns; outcome (known, should_have_been_sent, not_obliged, open). A row is an inquiry.
    """
    from ketenwacht.domain.statement import Persons
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.outside_evidence import Attribution, import_inquiries

    options: Options = context.obj
    project = options.load_project()
    attribution = Attribution(clock.actor(by), why, clock.now())
    done = import_inquiries(project, feed, path, attribution)
    counts = {"rows": Persons(done.rows), "new": Persons(done.new)}  # a row stands for who asked
    _print_import("inquiries-import", done.feed, counts, project.formatter(language="en"), options)


def _print_import(
    schema: str, feed: str, counts: Mapping[str, Amount | Persons], formatter: MessageFormatter, options: Options
) -> None:
    from ketenwacht.domain.statement import Persons
    from ketenwacht.messages.privacy import Shown
    from ketenwacht.messages.public import public_counts

    if options.json:
        shown = {
            name: formatter.privacy.count(one.value) if isinstance(one, Persons) else Shown(one.value)
            for name, one in counts.items()
        }
        print_json({"schema": f"ketenwacht/{schema}/1", "feed": feed, **public_counts(**shown)})
        return
    key = "cli.figures_new" if counts["new"].value else "cli.figures_known"
    open_console().print(formatter.label(key, feed=feed, **counts), markup=False)


def list_references(context: typer.Context, feed: Feed = None, *, replay: Replayed = False) -> None:
    """List what others published, a row a source, the newest version of each figure."""
    from ketenwacht.messages.views_evidence import view_sources
    from ketenwacht.render.json_evidence import references_object
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_evidence import print_sources
    from ketenwacht.workflows.histories import open_required

    options: Options = context.obj
    project = options.load_project()
    name = project.feed(feed).name
    with open_required(project, replay=replay) as history:
        formatter = project.formatter(project.feed(feed), language="en")
        rows = view_sources(history.evidence.find_references(name, known_on=None), formatter)
    if options.json:
        print_json(references_object(name, rows))
    else:
        print_sources(name, rows, formatter, make_console())


def list_inquiries(context: typer.Context, feed: Feed = None, *, replay: Replayed = False) -> None:
    """List inquiries a month, and the yardstick: who was first found by an inquiry, and who by us."""
    from ketenwacht.messages.found_first import view_found_first
    from ketenwacht.messages.views_evidence import view_inquiries
    from ketenwacht.render.json_evidence import inquiries_object
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_evidence import print_inquiries
    from ketenwacht.workflows.histories import open_required
    from ketenwacht.workflows.outside_evidence import count_found_first

    options: Options = context.obj
    project = options.load_project()
    name = project.feed(feed).name
    with open_required(project, replay=replay) as history:
        formatter = project.formatter(project.feed(feed), language="en")
        months = view_inquiries(history.evidence.find_inquiries(name, known_on=None), formatter)
        first = view_found_first(count_found_first(project, history, name), formatter)
    if options.json:
        print_json(inquiries_object(name, months, first))
    else:
        print_inquiries(name, months, first, formatter, make_console())


def declare_exclusion(
    context: typer.Context,
    first: Annotated[datetime, typer.Option("--from", **DAY, help="First day, inclusive.")],
    last: Annotated[datetime, typer.Option("--to", **DAY, help="Last day, inclusive.")],
    kind: Annotated[
        PeriodKind, typer.Option("--kind", help="Days of an incident are judged; those of others are not.")
    ],
    why: Why,
    feed: Feed = None,
    segment: Annotated[
        list[str] | None, typer.Option("--segment", metavar="COLUMN=VALUE", help="Only this part of the feed.")
    ] = None,
    by: By = None,
) -> None:
    """Declare days that say nothing about the normal level, so that no baseline learns from them."""
    from ketenwacht.domain.past import ExclusionWindow
    from ketenwacht.domain.segment import Segment
    from ketenwacht.messages.views_evidence import view_exclusion
    from ketenwacht.render.json_evidence import exclusions_object
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_evidence import print_exclusions
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.outside_evidence import Attribution
    from ketenwacht.workflows.outside_evidence import declare_exclusion as keep

    options: Options = context.obj
    project, who = options.load_project(), clock.actor(by)
    part = Segment.of(dict(_parse_pair(text) for text in segment or ()))
    window = ExclusionWindow(first.date(), last.date(), why.strip(), kind.value, part, who)
    new = keep(project, feed, window, Attribution(who, why, clock.now()))
    name = project.feed(feed).name
    formatter = project.formatter(project.feed(feed), language="en")
    view = view_exclusion(window, formatter)
    if options.json:
        print_json({**exclusions_object(name, [view]), "new": new})
        return
    if not new:
        open_console().print(formatter.label("declared.unchanged"))
    print_exclusions(name, [view], formatter, make_console())


def list_declared(context: typer.Context, feed: Feed = None) -> None:
    """List every declared stretch: of the checks file, and declared by hand."""
    from ketenwacht.messages.views_evidence import view_exclusion
    from ketenwacht.render.json_evidence import exclusions_object
    from ketenwacht.render.terminal import make_console
    from ketenwacht.render.terminal_evidence import print_exclusions
    from ketenwacht.workflows.histories import open_required
    from ketenwacht.workflows.outside_evidence import list_exclusions

    options: Options = context.obj
    project = options.load_project()
    named = project.feed(feed)
    with open_required(project) as history:
        exclusions = list_exclusions(project, named, history)
    formatter = project.formatter(named, language="en")
    views = [view_exclusion(window, formatter) for window in exclusions]
    if options.json:
        print_json(exclusions_object(named.name, views))
    else:
        print_exclusions(named.name, views, formatter, make_console())


def _parse_pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ConfigError("--segment", "is not a pair", "write it like column=value")
    return name.strip(), value.strip()
