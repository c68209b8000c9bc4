"""Commands that keep the history: backup, restore, prune. All three may be given while the service runs."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ketenwacht.errors import ConfigError

from .options import Options, out, plain_words
from .setup import DAY

By = Annotated[
    str | None, typer.Option("--by", help="Who does this; without it the account that runs the command.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this it is only said what would be done.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(backup)
    app.command()(restore)
    app.command()(prune)


def backup(context: typer.Context, file: Annotated[Path, typer.Argument(help="Where the copy goes.")]) -> None:
    """Copy a SQLite history to a file, as it is at this moment, while others go on writing."""
    options: Options = context.obj
    with options.loaded_project().history(create=False) as history:
        history.backup(file)
    _say(options, {"backup": str(file)}, plain_words().label("cli.backup", path=str(file)))


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A copy that `backup` made.")],
    by: By = None,
    *,
    yes: Yes = False,
) -> None:
    """Make a SQLite history what it was when a copy was made; what was written since is lost."""
    from ketenwacht.workflows import clock

    options: Options = context.obj
    if not yes:
        raise ConfigError("--yes", "what was written since the copy would be lost", "add --yes to do it")
    who = _who(by)
    with options.loaded_project().history() as history:
        history.restore(file, who=who, at=clock.now())
    _say(options, {"restored": str(file)}, plain_words().label("cli.restored", path=str(file)))


def prune(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(help="Name of the feed.")],
    before: Annotated[datetime, typer.Option("--before", formats=DAY, help="What is older than this day goes.")],
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", help="runs, incidents, alerts or expected; may be repeated; without it all four."),
    ] = None,
    by: By = None,
    *,
    yes: Yes = False,
) -> None:
    """Remove what is older than a day: runs, closed incidents, told alerts, settled expectations."""
    from ketenwacht.domain.statement import Amount
    from ketenwacht.store.upkeep import KINDS
    from ketenwacht.workflows import clock

    unknown = sorted(set(kinds or ()) - set(KINDS))
    if unknown:
        raise ConfigError("--kind", f"there is no kind {unknown[0]}", f"write one of {', '.join(KINDS)}")

    options: Options = context.obj
    project = options.loaded_project()
    name = project.feed(feed).name
    who = _who(by)
    with project.history(create=False) as history:
        counts = history.prune(
            name, before=before.date(), dry_run=not yes, who=who, at=clock.now(), kinds=kinds or KINDS
        )
    formatter = plain_words()
    told = ", ".join(formatter.label("cli.prune_row", count=Amount(n), table=table) for table, n in counts.items())
    said = formatter.label("cli.pruned" if yes else "cli.would_prune", feed=name, rows=told)
    _say(options, {"feed": name, "removed": yes, "rows": dict(counts)}, said)


def _who(by: str | None) -> str:
    from ketenwacht.workflows import clock

    who = by or clock.user()
    if not who:
        raise ConfigError("--by", "this account has no name", "say who does this with --by")
    return who


def _say(options: Options, told: dict[str, object], text: str) -> None:
    out(json.dumps(told, ensure_ascii=False) if options.json else text)
