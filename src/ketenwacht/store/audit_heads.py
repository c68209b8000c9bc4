"""Heads of the audit log, kept in a file outside the history: they show a log that was cut off, or an older copy.

A line a head, only ever appended: the moment (UTC), then `NUMBER:DIGITS` of the last line of the log.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ketenwacht.document_limits import open_regular
from ketenwacht.errors import AuditError, describe_file_fault

_AT_ONCE = getattr(os, "O_NONBLOCK", 0)  # without it, a pipe waits for somebody who reads
_LINE = re.compile(r"(\S+) (\d{1,18}):([0-9a-f]{16,64})")
_TAIL = 4096  # bytes at the end of the file that hold its last line


class Head(NamedTuple):
    """The last line of the log at some moment: its number, its code or how its digits begin, and when (UTC).

    `at` is None when nobody wrote that down.
    """

    number: int
    code: str
    at: datetime | None = None


class HeadFile:
    """The file in which heads are kept. It may be one that can only be appended to.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Head, ...]:
        """Return every head, oldest first.

        Raises:
            AuditError: the file is not there, cannot be read, or holds a line that is no head.
        """
        try:
            with open_regular(self.path) as file:
                lines = file.read().decode("ascii").splitlines()
        except (OSError, UnicodeError) as fault:
            raise self._fault("cannot be read", fault) from None
        return tuple(self._parse(line, f"line {number}") for number, line in enumerate(lines, start=1))

    def read_last(self) -> Head | None:
        """Return the newest head; None when the file is not there or empty.

        Raises:
            AuditError: the file cannot be read, or its last line is no head.
        """
        try:
            with open_regular(self.path) as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise self._fault("cannot be read", fault) from None
        return self._parse(lines[-1].decode("ascii", "replace"), "its last line") if lines else None

    def append(self, head: Head, at: datetime) -> None:
        """Add a head as the newest one.

        Raises:
            AuditError: the file cannot be written.
        """
        line = f"{at.astimezone(UTC).isoformat(timespec='seconds')} {head.number}:{head.code}\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _AT_ONCE, 0o600)
            try:
                os.write(file, line.encode())
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as fault:
            raise self._fault("cannot be written", fault) from None

    def _parse(self, line: str, place: str) -> Head:
        found = _LINE.fullmatch(line)
        try:
            at = None if found is None else datetime.fromisoformat(found[1])
        except ValueError:
            at = None
        if found is None or at is None or at.tzinfo is None:
            raise AuditError(f"history_head_file: {place} is no head — restore the file, or begin a new one")
        return Head(int(found[2]), found[3], at)

    def _fault(self, what: str, fault: Exception) -> AuditError:
        return AuditError(
            f"history_head_file: it {what} ({describe_file_fault(fault)}) — check its place and its rights"
        )
