"""The options that every command has. They may stand before or after the command's name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from enum import IntEnum
from io import TextIOBase
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ketenwacht.domain.result import Status
from ketenwacht.errors import ConfigError, DeliveryError, EngineError, KetenwachtError, NotifyError, StoreError

if TYPE_CHECKING:
    from rich.console import Console

    from ketenwacht.api import Project
    from ketenwacht.messages.formatter import MessageFormatter
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

    def loaded_project(self, *, environment: str | None = None) -> LoadedProject:
        """The configuration, read anew.

        Raises:
            ConfigError: with place, fault and remedy.
        """
        from ketenwacht.workflows.project import LoadedProject

        project = LoadedProject.open(self.config, overrides=self.overrides, environment=environment)
        where = "" if environment is None else f", environment {environment}"
        self.detail(f"feeds: {', '.join(project.settings.feeds)}{where}")
        return project

    def project(self, *, on_message: Callable[[str], object] | None = None) -> Project:
        """The same for Python; its warnings go to standard error.

        Args:
            on_message: called with each alert of a console route; None: it is printed.

        Raises:
            ConfigError: with place, fault and remedy.
        """
        from ketenwacht.api import Project

        project = Project(self.config, set=self.overrides, on_message=on_message or writer(self), on_warning=tell)
        self.detail(f"feeds: {', '.join(project.feeds)}")
        return project

    def verdict(self, text: str) -> None:
        """What is printed of this command with --quiet; without it nothing, as it was printed with the rest."""
        if self.held is not None:
            self.held.say(text)

    def detail(self, text: str) -> None:
        """Write one line on standard error, with --verbose only."""
        if self.verbose:
            sys.stderr.write(f"{text}\n")


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


class LastLine(TextIOBase):
    """A stream that holds back all but the last line that says anything."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._line, self._begun, self._said = stream, "", "", False

    @property
    def encoding(self) -> str:  # type: ignore[override] # what is written must fit the stream behind it
        """That of the stream behind it."""
        return self._stream.encoding

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Keep the last line of what was written."""
        *lines, self._begun = (self._begun + text).split("\n")
        self._line = next((line for line in reversed(lines) if line.strip()), self._line)
        return len(text)

    def say(self, text: str) -> None:
        """Write a line to the stream behind it now, and nothing else after it but what is said this way."""
        self._said = True
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def last(self) -> None:
        """Write the line to the stream behind it, if there is one and nothing was said instead."""
        line = self._begun if self._begun.strip() else self._line
        if line and not self._said:
            self._stream.write(f"{line.rstrip()}\n")


@contextmanager
def last_line_only() -> Iterator[LastLine]:
    """Of all that is written to standard output meanwhile, write the last line."""
    held = LastLine(sys.stdout)
    try:
        with redirect_stdout(held):
            yield held
    finally:
        held.last()


def names(given: list[str] | None) -> tuple[str, ...]:
    """Columns as given: an option a column, or several in one with commas between."""
    return tuple(dict.fromkeys(name.strip() for text in given or () for name in text.split(",") if name.strip()))


def console(*, stderr: bool = False) -> Console:
    """A terminal that knows its width and whether it may use colour."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def plain_words() -> MessageFormatter:
    """What says things where no configuration is read: in English, with counts hidden as they are by default."""
    from ketenwacht.messages.formatter import MessageFormatter

    return MessageFormatter()


def writer(options: Options) -> Callable[[str], None]:
    """Where the messages of the console go: to standard error when standard output holds something else."""
    screen = console(stderr=options.json or options.quiet)
    return lambda text: screen.print(text, markup=False, soft_wrap=True)


def tell(name: str, problem: str) -> None:
    """Something that was left aside, on standard error."""
    console(stderr=True).print(f"{name}: {problem}", style="yellow", markup=False, soft_wrap=True)


def out(text: str) -> None:
    """One line on standard output, at once, so that a reader of a pipe sees every run as it is judged."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


# Exit codes, in one place.


class ExitCode(IntEnum):
    """What a command says to whoever called it."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    NOT_JUDGED = 3
    NOT_DELIVERED = 4


_OF_ERROR: tuple[tuple[type[KetenwachtError], ExitCode], ...] = (
    (ConfigError, ExitCode.USAGE),
    (NotifyError, ExitCode.NOT_DELIVERED),
    (StoreError, ExitCode.NOT_JUDGED),
    (DeliveryError, ExitCode.NOT_JUDGED),
    (EngineError, ExitCode.NOT_JUDGED),
)

_OF_STATUS = {Status.FAILED: ExitCode.FAILED, Status.ERROR: ExitCode.NOT_JUDGED}
_STRICT = {Status.WARNED: ExitCode.FAILED, Status.UNPROVEN: ExitCode.FAILED, **_OF_STATUS}


def exit_of_error(error: KetenwachtError) -> ExitCode:
    """The exit code of an error that ended a command."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), ExitCode.NOT_JUDGED)


def exit_of(statuses: Iterable[Status], *, strict: bool, delivered: bool = True) -> ExitCode:
    """The exit code of a judgement: 4 over 3 over 1 over 0; nothing judged is 3.

    Args:
        statuses: of every run.
        strict: warned and unproven count as failed.
        delivered: whether alerts and history got where they had to.
    """
    if not delivered:
        return ExitCode.NOT_DELIVERED
    table = _STRICT if strict else _OF_STATUS
    codes = [table.get(status, ExitCode.PASSED) for status in statuses]
    return max(codes, default=ExitCode.NOT_JUDGED)
