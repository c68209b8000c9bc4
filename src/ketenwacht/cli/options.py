"""The options that every command has. They may stand before or after the command's name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ketenwacht.workflows.office import Office

_WITH_VALUE = {"-c": "--config", "--config": "--config", "--set": "--set", "--format": "--format"}
_FLAGS = ("--strict",)


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked of this call, whatever the command.

    Attributes:
        config: config.yaml.
        overrides: `KEY=VALUE` settings for this call.
        json: print JSON instead of text.
        strict: warned and unproven count as failed.
    """

    config: Path
    overrides: tuple[str, ...]
    json: bool
    strict: bool

    def office(self, *, environment: str | None = None) -> Office:
        """The configuration, read anew.

        Raises:
            ConfigError: with place, fault and remedy.
        """
        from ketenwacht.workflows.office import Office

        return Office.open(self.config, overrides=self.overrides, environment=environment)


def hoisted(arguments: Sequence[str]) -> list[str]:
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


def names(given: list[str] | None) -> tuple[str, ...]:
    """Columns as given: an option a column, or several in one with commas between."""
    return tuple(dict.fromkeys(name.strip() for text in given or () for name in text.split(",") if name.strip()))


def console(*, stderr: bool = False) -> Console:
    """A terminal that knows its width and whether it may use colour."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def out(text: str) -> None:
    """One line on standard output, at once, so that a reader of a pipe sees every run as it is judged."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
