"""The protocol of every reader of a feed, and the guard around code that reads rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Name, Statement, Text, Value
from ketenwacht.errors import DeliveryError, UnreadableDelivery
from ketenwacht.messages.formatter import make_delivery_error

if TYPE_CHECKING:
    import duckdb

SETTLE = timedelta(hours=1)
AT_ONCE = timedelta(0)


def arrival_time(written: datetime, at: datetime) -> datetime | None:
    """Return when a file arrived that was last written at `written`.

    None when that is after `at`: the clock is virtual, or the file was copied later, so the moment is unknown.
    """
    return written if written <= at else None


def written_within(written: datetime, span: timedelta, at: datetime) -> bool:
    """Return whether a file was written less than `span` before `at`; False when it was written after `at`."""
    return at - span < written <= at


class FeedReader(Protocol):
    """Finds, verifies and loads the deliveries of one feed. A plain value: it may be sent to another process."""

    @property
    def feed(self) -> str:
        """Name of the feed."""
        ...

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """Return every delivery of the source, oldest period first. This reads names, periods and manifests only.

        Args:
            at: the present moment (aware); in a replay the virtual one.
            settle: a delivery with only its data or only its manifest is left out while it is younger than this;
                after that it is unreadable.
            quiet: a file that was written less than this ago may still grow, and is left out.

        Raises:
            DeliveryError: the folder, file or database cannot be reached.
            ConfigError: the source has no such table or column, or the column does not hold periods.
        """
        ...

    def verify(self, delivery: Delivery) -> Delivery:
        """Read all of a delivery.

        Return it with its size and SHA-256, or with presence UNREADABLE and its problem.

        Raises:
            DeliveryError: the database cannot be reached.
        """
        ...

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """Create or replace the table `delivery`, and return its columns.

        Raises:
            UnreadableDelivery: it cannot be read, or changed after it was verified; no table remains.
        """
        ...


# Libraries quote the row that they cannot read in their messages. These functions report a failure without a
# message.


T = TypeVar("T")


def foreign_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that reading a file or database may raise.

    Their messages can quote a value of a person.
    """
    import duckdb

    return (duckdb.Error, OSError, ValueError, ArithmeticError, RecursionError, csv.Error)


def _expected(foreign: tuple[type[Exception], ...]) -> tuple[type[Exception], ...]:
    """Return the exceptions that are caught.

    Asked for only after one was raised, since DuckDB is slow to import.
    """
    return foreign or foreign_errors()


def guard_read(  # noqa: PLR0913 - what to do, what may fail, and how to report it
    code: str,
    work: Callable[[], T],
    *,
    foreign: tuple[type[Exception], ...] = (),
    error: type[DeliveryError] = UnreadableDelivery,
    about: Mapping[str, Value] | None = None,
    why: Callable[[], Statement | str | None] | None = None,
) -> T:
    """Return `work()`; turn an exception of a library into our error, without its message.

    The error is raised outside the handler, so that not even `__context__` leads to the original exception.

    Args:
        code: of the problem (`domain.problems`); its parameter `cause` is the class of the exception.
        work: reads something.
        foreign: the exceptions to turn into an error; (): `foreign_errors()`.
        error: the class to raise.
        about: further parameters of the code.
        why: examines the source after a failure, and returns a more exact problem, or a text of a plug-in.

    Raises:
        DeliveryError: of the class `error`.
    """
    try:
        return work()
    except _expected(foreign) as failure:
        cause = type(failure).__name__
    raise make_delivery_error(error, _explain(why) or Statement(code, {**(about or {}), "cause": Name(cause)}))


def _explain(why: Callable[[], Statement | str | None] | None) -> Statement | None:
    if why is None:
        return None
    try:
        explanation = why()
    except foreign_errors():
        return None
    return (
        Statement("delivery.rows_wrong", {"why": Text.of(explanation)})
        if isinstance(explanation, str)
        else explanation
    )
