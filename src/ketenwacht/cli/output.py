"""What a command prints, where, and the exit code it ends with."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from enum import IntEnum
from io import TextIOBase
from typing import TYPE_CHECKING, TextIO

from ketenwacht.domain.result import Status
from ketenwacht.errors import ConfigError, DeliveryError, EngineError, KetenwachtError, NotifyError, StoreError
from ketenwacht.redaction import hide_secrets

if TYPE_CHECKING:
    from rich.console import Console

    from ketenwacht.messages.formatter import MessageFormatter


class LastLine(TextIOBase):
    """A stream that keeps only the last line that is not empty."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._line, self._begun, self._said = stream, "", "", False

    @property
    def encoding(self) -> str:  # type: ignore[override] # what is written must fit the stream behind it
        """That of the stream behind it."""
        return self._stream.encoding

    def writable(self) -> bool:
        """Return True: text can be written here."""
        return True

    def write(self, text: str) -> int:
        """Keep the last line of what was written."""
        *lines, self._begun = (self._begun + text).split("\n")
        self._line = next((line for line in reversed(lines) if line.strip()), self._line)
        return len(text)

    def say(self, text: str) -> None:
        """Write a line to the stream now, and suppress the last line; only further `say` calls print."""
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
    """Hold back standard output, and print its last line at the end."""
    held = LastLine(sys.stdout)
    try:
        with redirect_stdout(held):
            yield held
    finally:
        held.last()


def open_console(*, stderr: bool = False) -> Console:
    """Return a terminal that knows its width and whether it may use colour."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def print_note(name: str, problem: str) -> None:
    """Print a note on standard error, such as a file that was skipped."""
    open_console(stderr=True).print(
        hide_secrets(f"{name}: {problem}"), style="yellow", markup=False, soft_wrap=True
    )


def print_json(value: object) -> None:
    """Print a value as one line of JSON on standard output."""
    print_line(json.dumps(value, ensure_ascii=False))


def print_line(text: str) -> None:
    """Print one line on standard output and flush, so that a pipe shows every run when it is judged."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def default_formatter() -> MessageFormatter:
    """Return the formatter for calls without a configuration: English, small counts hidden."""
    from ketenwacht.messages.formatter import MessageFormatter

    return MessageFormatter()


def open_screen(*, stderr: bool = False) -> Console:
    """Return a terminal that takes text as it is."""
    import sys

    from ketenwacht.render.terminal import make_console

    return make_console(sys.stderr if stderr else sys.stdout)


@contextmanager
def progress(what: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield a progress bar on standard error, when that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    screen = open_console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, disable=not (shown and screen.is_terminal), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


# Exit codes, in one place.


class ExitCode(IntEnum):
    """The exit codes of every command."""

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


def exit_code_of_error(error: KetenwachtError) -> ExitCode:
    """Return the exit code of an error that ended a command."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), ExitCode.NOT_JUDGED)


def exit_code_of(statuses: Iterable[Status], *, strict: bool, delivered: bool = True) -> ExitCode:
    """Return the exit code of a judgement: 4 over 3 over 1 over 0; nothing judged is 3.

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
