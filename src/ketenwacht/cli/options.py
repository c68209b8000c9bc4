"""The options of every command, and those that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ketenwacht.errors import ConfigError

from .output import LastLine, open_console, print_note

if TYPE_CHECKING:
    from ketenwacht.api import Project
    from ketenwacht.workflows.project import LoadedProject


_WITH_VALUE = {"-c": "--config", "--config": "--config", "--set": "--set", "--format": "--format"}
_FLAGS = ("--strict", "--verbose", "--quiet")


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked of this call, whatever the command.

    Attributes:
        config: config.yaml.
        overrides: `KEY=VALUE` settings for this call.
        json: print JSON instead of text.
        strict: warned and unproven count as failed.
        verbose: say more: what is read, where it is kept, every result.
        quiet: print the verdict only.
        held: with `quiet` it holds back what is printed besides.
    """

    config: Path
    overrides: tuple[str, ...]
    json: bool
    strict: bool
    verbose: bool = False
    quiet: bool = False
    held: LastLine | None = None

    @property
    def bars(self) -> bool:
        """Whether progress may be shown."""
        return not (self.json or self.quiet)

    def load_project(self, *, environment: str | None = None) -> LoadedProject:
        """Return the configuration, read anew.

        Raises:
            ConfigError: with place, fault and remedy.
        """
        from ketenwacht.workflows.project import LoadedProject

        project = LoadedProject.open(self.config, overrides=self.overrides, environment=environment)
        where = "" if environment is None else f", environment {environment}"
        self.print_detail(f"feeds: {', '.join(project.settings.feeds)}{where}")
        return project

    def project(self, *, on_message: Callable[[str], object] | None = None) -> Project:
        """Return the same for Python; its warnings go to standard error.

        Args:
            on_message: called with each alert of a console route; None: it is printed.

        Raises:
            ConfigError: with place, fault and remedy.
        """
        from ketenwacht.api import Project

        project = Project(
            self.config, set=self.overrides, on_message=on_message or self.message_writer(), on_warning=print_note
        )
        self.print_detail(f"feeds: {', '.join(project.feeds)}")
        return project

    def message_writer(self) -> Callable[[str], None]:
        """Return what prints alerts of a console route: on standard error where standard output holds JSON."""
        screen = open_console(stderr=self.json or self.quiet)
        return lambda text: screen.print(text, markup=False, soft_wrap=True)

    def print_verdict(self, text: str) -> None:
        """Print the one line that --quiet leaves of this command; without --quiet it was printed with the rest."""
        if self.held is not None:
            self.held.say(text)

    def print_detail(self, text: str) -> None:
        """Write one line on standard error, with --verbose only."""
        if self.verbose:
            sys.stderr.write(f"{text}\n")


def hoist_options(arguments: Sequence[str]) -> list[str]:
    """Move the options of every command to the front, so that they may stand anywhere before a `--`."""
    front: list[str] = []
    rest: list[str] = []
    items = list(arguments)
    while items:
        item = items.pop(0)
        name, equals, _ = item.partition("=")
        if item == "--":
            rest += [item, *items]
            break
        if item in _FLAGS or (equals and name in _WITH_VALUE and name.startswith("--")):
            front.append(item)
        elif item in _WITH_VALUE and items:
            front += [_WITH_VALUE[item], items.pop(0)]
        else:
            rest.append(item)
    return front + rest


def find_command(words: Sequence[str]) -> str | None:
    """Return the first word that is no option of every command, of words that `hoist_options` returned.

    None: there is none, or another option stands before it.
    """
    items = list(words)
    while items and items[0].startswith("-"):
        name, equals, _ = items.pop(0).partition("=")
        if name in _WITH_VALUE.values() and not equals:
            del items[:1]
        elif name not in _FLAGS and name not in _WITH_VALUE.values():
            return None
    return items[0] if items else None


Feed = Annotated[
    str | None, typer.Argument(metavar="[FEED]", help="Name of the feed; needed when there are several.")
]
MOMENTS = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]
At = Annotated[
    datetime | None,
    typer.Option("--at", formats=MOMENTS, help="Judge as if it were this moment (UTC unless it has an offset)."),
]
_YEARS = (1970, 2100)


def check_year(param: typer.CallbackParam, day: datetime | None) -> datetime | None:
    """Return a day of the command line; the callback of every option that takes one.

    Raises:
        ConfigError: it is not of the years 1970 to 2100.
    """
    if day is not None and not _YEARS[0] <= day.year <= _YEARS[1]:
        raise ConfigError(param.opts[0], f"is not of the years {_YEARS[0]} to {_YEARS[1]}", "correct the year")
    return day


DAY: Mapping[str, Any] = {"formats": ["%Y-%m-%d"], "callback": check_year}
"""Of an option that takes a day."""

First = Annotated[datetime, typer.Option("--from", **DAY, help="First day, inclusive.")]
Last = Annotated[datetime, typer.Option("--to", **DAY, help="Last day, inclusive.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same result.")]
Since = Annotated[datetime | None, typer.Option("--since", **DAY, help="First day, inclusive.")]
Replayed = Annotated[
    bool, typer.Option("--replay", help="Look at the newest replay instead of what was judged live.")
]
Id = Annotated[
    str,
    typer.Argument(metavar="NUMBER", help="Number of the incident (7 or #7), or the id of one of its findings."),
]
By = Annotated[
    str | None, typer.Option("--by", help="Who does this; without it the account that runs the command.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for those who read it later.")]
Until = Annotated[
    datetime,
    typer.Option(
        "--until",
        formats=MOMENTS,
        help="Silence until then; local time unless it has an offset.",
    ),
]
Why = Annotated[str, typer.Option("--why", help="Why, for those who read it later.")]


def split_names(given: list[str] | None) -> tuple[str, ...]:
    """Return the names of a repeatable option, each of which may hold several, separated by commas."""
    return tuple(dict.fromkeys(name.strip() for text in given or () for name in text.split(",") if name.strip()))


def as_day(since: datetime | None) -> date | None:
    """Return the day that an option names; None when it was not given."""
    return None if since is None else since.date()


def as_utc(moment: datetime) -> datetime:
    """Return a moment of the command line in UTC, which it is in when it has no offset.

    Raises:
        ConfigError: it is not of the years 1970 to 2100.
    """
    if not _YEARS[0] <= moment.year <= _YEARS[1]:
        raise ConfigError("--at", f"is not of the years {_YEARS[0]} to {_YEARS[1]}", "correct the year")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
