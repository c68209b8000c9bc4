"""What every reader of a feed can do."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Name, Statement, Text, Value
from ketenwacht.errors import DeliveryError, UnreadableDelivery
from ketenwacht.messages.problem import saying

if TYPE_CHECKING:
    import duckdb

SETTLE = timedelta(hours=1)
AT_ONCE = timedelta(0)


def arrival_time(written: datetime, at: datetime) -> datetime | None:
    """When a file arrived that was last written at `written`.

    None when that is after `at`: the clock is a virtual one, or the file was copied since, and nothing tells.
    """
    return written if written <= at else None


def written_within(written: datetime, span: timedelta, at: datetime) -> bool:
    """Whether a file was written less than `span` before `at`; never one that was written after it."""
    return at - span < written <= at


class FeedReader(Protocol):
    """Finds, verifies and loads the deliveries of one feed."""

    @property
    def feed(self) -> str:
        """Name of the feed."""
        ...

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """Every delivery that is there, oldest period first; names, periods and manifests only.

        Args:
            at: the present moment (aware); in a replay the virtual one.
            settle: half a delivery (data without its manifest, or the other way round) is left out while it is
                younger than this, and unreadable after it.
            quiet: a file that was written to less than this ago may still grow, and is left out.

        Raises:
            DeliveryError: the folder, file or database cannot be reached.
            ConfigError: a table or column of the configuration is not there, or does not hold periods.
        """
        ...

    def verify(self, delivery: Delivery) -> Delivery:
        """The delivery with its size and SHA-256, or with presence UNREADABLE and its problem; reads all of it.

        Raises:
            DeliveryError: the database cannot be reached.
        """
        ...

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """Make the table `delivery`, replacing one of that name, and return its columns.

        Raises:
            UnreadableDelivery: it cannot be read, or is no longer what was verified; no table is left behind.
        """
        ...


# Failures of other people's code, told in our words: their messages quote the rows they stumble on.


T = TypeVar("T")


def foreign_errors() -> tuple[type[Exception], ...]:
    """What reading a file or database may raise. Each of them can carry a value of a person in its message."""
    import duckdb

    return (duckdb.Error, OSError, ValueError, ArithmeticError, RecursionError, csv.Error)


def guard_read(  # noqa: PLR0913 - what is done, what may go wrong, and what is said then
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
