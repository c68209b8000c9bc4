"""The reader of another package: what it raises becomes an error of ours, what it returns is looked over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.personal import shown_text
from ketenwacht.domain.statement import Statement, Text
from ketenwacht.errors import DeliveryError, KetenwachtError, UnreadableDelivery
from ketenwacht.messages.problem import saying, unreadable
from ketenwacht.plugins import guard_plugin_call

from .base import AT_ONCE, SETTLE
from .columns import TABLE, checked_names
from .table import drop

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class GuardedReader:
    """Passes everything on to the reader of a plug-in; `open_source` builds it.

    Attributes:
        feed: name of the feed.
        word: the plug-in's, for errors.
        inner: its `FeedReader`.
        guard: what of the texts that it says of a delivery may be kept.
    """

    feed: str
    word: str
    inner: Any
    guard: Guard

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """See `FeedReader.find`; what is found is put in order."""
        found = guard_plugin_call(
            lambda: tuple(self.inner.find(at, settle=settle, quiet=quiet)), self._unreachable
        )
        if not all(isinstance(one, Delivery) and one.feed == self.feed for one in found):
            raise DeliveryError(f"the source {self.word} found what is no delivery of {self.feed}")
        if any(shown_text(one.id) != one.id for one in found):
            raise DeliveryError(f"the source {self.word} gives a delivery an id that may be a person's")
        return tuple(sorted(map(self.guard.delivery, found), key=lambda one: (one.period, one.id)))

    def verify(self, delivery: Delivery) -> Delivery:
        """See `FeedReader.verify`."""
        verified = guard_plugin_call(lambda: self.inner.verify(delivery), self._unreachable)
        if not isinstance(verified, Delivery) or verified.id != delivery.id:
            raise DeliveryError(f"the source {self.word} verified another delivery than it was asked to")
        return self.guard.delivery(verified)

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """See `FeedReader.load`; the columns must be those of the table that it made."""
        drop(into)
        columns: tuple[Column, ...] = ()
        try:
            columns = guard_plugin_call(lambda: tuple(self.inner.load(delivery, into)), self._unreadable)
        finally:
            if not columns:
                drop(into)
        checked_names([column.name for column in columns])
        made = guard_plugin_call(
            lambda: [row[0] for row in into.execute(f"DESCRIBE {TABLE}").fetchall()], self._unreadable
        )
        if made != [column.name for column in columns]:
            drop(into)
            raise unreadable("delivery.plugin_columns", plugin=Text.of(self.word))
        return columns

    def _unreachable(self, cause: str) -> KetenwachtError:
        return saying(DeliveryError, self._failed(cause))

    def _unreadable(self, cause: str) -> KetenwachtError:
        return saying(UnreadableDelivery, self._failed(cause))

    def _failed(self, cause: str) -> Statement:
        return Statement("delivery.plugin_failed", {"plugin": Text.of(self.word), "cause": Text.of(cause)})
