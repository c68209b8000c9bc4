"""`undercoverage`: how many persons neither the register nor an independent list holds."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketenwacht.errors import ConfigError

from .options import DAY, By, Options, Why, as_day, split_names
from .output import ExitCode, default_formatter, open_console, print_json

if TYPE_CHECKING:
    from ketenwacht.domain.stats.undercoverage import Undercoverage
    from ketenwacht.messages.formatter import MessageFormatter
    from ketenwacht.workflows.undercoverage import OverlapEstimate


def add_commands(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("undercoverage")(undercoverage)


def undercoverage(
    context: typer.Context,
    lists: Annotated[
        list[str],
        typer.Option("--list", metavar="NAME=FILE", help="A list that `pseudonymise` wrote; two to five of them."),
    ],
    feed: Annotated[str | None, typer.Argument(metavar="[FEED]", help="Keep the counts for this feed.")] = None,
    key: Annotated[
        str, typer.Option("--key", metavar="COLUMN", help="The column of the pseudonym.")
    ] = "pseudonym",
    segments: Annotated[list[str] | None, typer.Option("--segments", help="Columns to count by.")] = None,
    linkage_error: Annotated[
        float, typer.Option("--linkage-error", help="Fraction of true links between two lists that are missed.")
    ] = 0.0,
    day: Annotated[
        datetime | None, typer.Option("--date", **DAY, help="Reference date of the lists; today by default.")
    ] = None,
    why: Why = "",
    by: By = None,
) -> None:
    """Estimate how many persons no list holds, from how pseudonymised lists overlap.

    With FEED the counts (no persons) are kept for `kind: undercoverage`; that needs `--why`.
    """
    from ketenwacht.workflows import clock
    from ketenwacht.workflows.agreements import load_guard
    from ketenwacht.workflows.undercoverage import estimate_overlap, keep_overlap

    options: Options = context.obj
    at = clock.now()
    on = as_day(day) or at.date()
    if feed is not None and not why.strip():
        raise ConfigError("--why", "it is empty", "say why, for those who read it later")
    project = None if feed is None else options.load_project()
    named = None if project is None else project.feed(feed)
    found = estimate_overlap(
        _split_lists(lists),
        key=key,
        segments=split_names(segments),
        linkage_error=linkage_error,
        guard=None if project is None or named is None else load_guard(project, named),
    )
    if project is not None and named is not None:
        with project.history() as history:
            keep_overlap(
                history,
                named.name,
                found,
                day=on,
                linkage_error=linkage_error,
                who=clock.actor(by),
                why=why,
                at=at,
            )
    formatter = default_formatter()
    if options.json:
        print_json(_as_object(found, on, formatter))
    else:
        _print(found, formatter)
    raise typer.Exit(
        ExitCode.PASSED if any(one is not None for one in found.parts.values()) else ExitCode.NOT_JUDGED
    )


def _split_lists(given: list[str]) -> dict[str, Path]:
    lists: dict[str, Path] = {}
    for one in given:
        name, equals, path = one.partition("=")
        if not equals or not path or name in lists:
            raise ConfigError("--list", "not NAME=FILE, or a name twice", "give each list as NAME=FILE")
        lists[name] = Path(path)
    return lists


def _print(found: OverlapEstimate, formatter: MessageFormatter) -> None:
    console = open_console()
    for segment, part in found.parts.items():
        said = f"{formatter.segment(segment)}: {_text(part, formatter)}"
        console.print(said, markup=False, soft_wrap=True)
    if len(found.parts) > 1:
        said = f"{formatter.phrase('whole')}: {_text(found.total, formatter)}"
        console.print(said, markup=False, soft_wrap=True)


def _text(part: Undercoverage | None, formatter: MessageFormatter) -> str:
    from ketenwacht.domain.statement import MissingCount, Persons

    if part is None:
        return formatter.label("cli.overlap_too_little")
    ends = {"low": Persons(part.low), "high": Persons(part.high)}
    return formatter.label("cli.overlap", seen=Persons(part.seen), unseen=MissingCount(part.unseen), **ends)


def _as_object(found: OverlapEstimate, day: date, formatter: MessageFormatter) -> dict[str, object]:
    return {
        "schema": "ketenwacht/undercoverage/1",
        "lists": list(found.lists),
        "date": day.isoformat(),
        "segments": [
            {"segment": segment.as_dict(), **_counts(part, formatter)} for segment, part in found.parts.items()
        ],
        "total": _counts(found.total, formatter),
    }


def _counts(part: Undercoverage | None, formatter: MessageFormatter) -> dict[str, object]:
    from ketenwacht.messages.public import public_counts

    if part is None:
        return {"seen": None, "unseen": None, "low": None, "high": None, "says": "too little overlap"}
    count = formatter.privacy.count
    low, high = formatter.privacy.outward(part.low, part.high)
    return {**public_counts(seen=count(part.seen), unseen=count(part.unseen)), "low": low, "high": high}
