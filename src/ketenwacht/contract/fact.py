"""One thing that a contract says, and how durations are compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from .model import Node

ANY = "setting"
"""The sort of a setting that can be stricter either way."""
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)\s*")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a contract says.

    Attributes:
        sort: a key of the table of changes.
        value: True for what is simply there; numbers and durations (seconds) can go up and down.
        subject: what it is about, for people.
        parent: key of the fact without which this one means nothing; its own coming or going is told instead.
    """

    sort: str
    value: Node
    subject: str
    parent: str | None = None


Facts = Iterator[tuple[str, Fact]]


class Seconds(float):
    """A duration: a number to programs, and written as in config.yaml for people."""

    __slots__ = ()

    def __str__(self) -> str:
        """`12h`, in the largest unit that it is a whole number of."""
        unit = next((unit for unit in ("d", "h", "min") if self % _SECONDS[unit] == 0), "s")
        return f"{float(self) / _SECONDS[unit]:g}{unit}"


def seconds(value: Node) -> Node:
    """A duration such as `4h` in seconds; anything else as it is."""
    if isinstance(value, timedelta):
        return Seconds(value.total_seconds())
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return Seconds(float(match[1]) * _SECONDS[match[2]]) if match is not None else value
