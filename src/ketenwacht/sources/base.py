"""What every reader of a feed can do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.measurement import Column

if TYPE_CHECKING:
    import duckdb

SETTLE = timedelta(hours=1)
AT_ONCE = timedelta(0)


def arrival(written: datetime, at: datetime) -> datetime | None:
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
