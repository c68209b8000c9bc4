"""Failures of other people's code, told in our words: their messages quote the rows they stumble on."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from typing import TypeVar

from ketenwacht.domain.statement import Name, Statement, Text, Value
from ketenwacht.errors import DeliveryError, UnreadableDelivery
from ketenwacht.messages.faults import saying

T = TypeVar("T")


def foreign_errors() -> tuple[type[Exception], ...]:
    """What reading a file or database may raise. Each of them can carry a value of a person in its message."""
    import duckdb

    return (duckdb.Error, OSError, ValueError, ArithmeticError, RecursionError, csv.Error)


def guarded(  # noqa: PLR0913 - what is done, what may go wrong, and what is said then
    code: str,
    work: Callable[[], T],
    *,
    foreign: tuple[type[Exception], ...] = (),
    error: type[DeliveryError] = UnreadableDelivery,
    about: Mapping[str, Value] | None = None,
    why: Callable[[], Statement | str | None] | None = None,
) -> T:
    """Do `work`; a failure of foreign code becomes an error of ours without a word of its message.

    The error is raised after the handler has ended, so that not even `__context__` leads back to the original.

    Args:
        code: what failed (`domain.problems`); the class of the failure is its `cause`.
        work: does it.
        foreign: the exceptions that count as a failure of foreign code; (): `foreign_errors()`.
        error: what to raise.
        about: further parameters of the code.
        why: looks again after a failure and says more: another problem, or the words of a plug-in.

    Raises:
        DeliveryError: of the class `error`.
    """
    try:
        return work()
    except Exception as failure:
        if not isinstance(failure, foreign or foreign_errors()):
            raise
        cause = type(failure).__name__
    raise saying(error, _reason(why) or Statement(code, {**(about or {}), "cause": Name(cause)}))


def _reason(why: Callable[[], Statement | str | None] | None) -> Statement | None:
    if why is None:
        return None
    try:
        said = why()
    except foreign_errors():
        return None
    return Statement("delivery.rows_wrong", {"why": Text.of(said)}) if isinstance(said, str) else said
