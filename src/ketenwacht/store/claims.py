"""Who judges what: compare-and-swap on one row, with an end, so that a dead worker holds nothing for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update

from ketenwacht.domain.delivery import Delivery
from ketenwacht.errors import AlreadyClaimed

from .codec import sha_key
from .database import Database, inserted
from .tables import claims, deliveries

LEASE = timedelta(minutes=30)
"""How long a worker may take over one delivery before another may take it from him."""


class Claims(Database):
    """Claims on deliveries."""

    def claim(  # noqa: PLR0913 - what, by whom and until when
        self,
        feed: str,
        delivery_id: str,
        sha256: str | None,
        *,
        worker: str,
        at: datetime,
        lease: timedelta = LEASE,
    ) -> None:
        """Take a delivery to judge it; `save` gives it back, and so does `release`.

        Args:
            feed: of which feed.
            delivery_id: its id in the feed.
            sha256: of its bytes, None for an absent one.
            worker: a name that no other process has.
            at: now (UTC).
            lease: after this another worker may take it.

        Raises:
            AlreadyClaimed: another worker has it, or it was judged before.
            StoreError: the history cannot be written.
        """
        what = {"feed": feed, "delivery_id": delivery_id, "sha256": sha_key(sha256)}
        row = {**what, "worker": worker, "until": at + lease}
        with self.writing() as connection:
            if inserted(connection, claims, row) is None:
                expired = update(claims).where(*_same(claims.c, what), claims.c.until <= at)
                if connection.execute(expired.values(worker=worker, until=at + lease)).rowcount == 0:
                    raise AlreadyClaimed(f"delivery {delivery_id} of {feed} is being judged by another worker")
            # After the claim, not before: a judgement that ends in between is then seen.
            if connection.execute(select(deliveries.c.id).where(*_same(deliveries.c, what))).first() is not None:
                raise AlreadyClaimed(f"delivery {delivery_id} of {feed} was judged before")

    def release(self, feed: str, delivery_id: str, sha256: str | None, *, worker: str) -> bool:
        """Give a delivery back without a verdict; False when this worker did not have it (any more)."""
        what = {"feed": feed, "delivery_id": delivery_id, "sha256": sha_key(sha256), "worker": worker}
        with self.writing() as connection:
            return connection.execute(delete(claims).where(*_same(claims.c, what))).rowcount == 1


def drop_claim(connection: Connection, delivery: Delivery) -> None:
    """Remove the claim on a delivery that has been judged."""
    what = {"feed": delivery.feed, "delivery_id": delivery.id, "sha256": sha_key(delivery.sha256)}
    connection.execute(delete(claims).where(*_same(claims.c, what)))


def _same(columns: Any, what: dict[str, str]) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a column collection
    return [columns[name] == value for name, value in what.items()]
