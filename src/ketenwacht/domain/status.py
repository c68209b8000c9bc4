"""The verdict vocabulary. Order matters: the worst status of its parts is the status of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Status(IntEnum):
    """A verdict, from best to worst.

    FAILED means the data is wrong; ERROR means we could not judge. They never look alike.
    UNPROVEN means nothing contradicts, but no independent evidence covers the segment and period.
    """

    PASSED = 0
    SKIPPED = 1
    UNPROVEN = 2
    WARNED = 3
    FAILED = 4
    ERROR = 5

    @property
    def word(self) -> str:
        """The lower-case word used in JSON, the terminal and reports."""
        return self.name.lower()


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of `statuses`; ERROR when there are none, since nothing checked is never green.

    SKIPPED counts only when nothing else was said: a check with nothing to say does not colour a delivery.
    """
    found = list(statuses)
    judged = [status for status in found if status is not Status.SKIPPED]
    return max(judged or found, default=Status.ERROR)
