"""Failures of other people's code, told in our words: their messages quote the rows they stumble on."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import TypeVar

from ketenwacht.errors import DeliveryError, UnreadableDelivery

T = TypeVar("T")


def foreign_errors() -> tuple[type[Exception], ...]:
    """What reading a file or database may raise. Each of them can carry a value of a person in its message."""
    import duckdb

    return (duckdb.Error, OSError, ValueError, ArithmeticError, RecursionError, csv.Error)


def guarded(
    what: str,
    work: Callable[[], T],
    *,
    foreign: tuple[type[Exception], ...] = (),
    error: type[DeliveryError] = UnreadableDelivery,
    why: Callable[[], str | None] | None = None,
) -> T:
    """Do `work`; a failure of foreign code becomes an error of ours without a word of its message.

    The error is raised after the handler has ended, so that not even `__context__` leads back to the original.

    Args:
        what: what failed, in our words; it must hold no value.
        work: does it.
        foreign: the exceptions that count as a failure of foreign code; (): `foreign_errors()`.
        error: what to raise.
        why: looks again after a failure and says more, in our words, or returns None.

    Raises:
        DeliveryError: of the class `error`; its text is `what`, then the reason or the class of the failure.
    """
    caught = foreign or foreign_errors()
    try:
        return work()
    except caught as failure:
        cause = type(failure).__name__
    raise error(f"{what}: {_reason(why) or cause}")


def _reason(why: Callable[[], str | None] | None) -> str | None:
    if why is None:
        return None
    try:
        return why()
    except foreign_errors():
        return None
