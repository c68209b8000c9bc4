"""Expected deliveries: what was due, and its outcome. Each has one verdict, downtime or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from .audit import record_row
from .database import Connections, inserted
from .tables import expected as _expected
from .tables import watermarks


@dataclass(frozen=True, slots=True)
class ExpectedDelivery:
    """One expected delivery.

    Attributes:
        due: when it was due (UTC).
        verdict: its outcome, None while that is open.
        delivery_id: the delivery that came for it, None when none did.
        at: when that was decided (UTC), None while it is open.
    """

    due: datetime
    verdict: str | None
    delivery_id: str | None
    at: datetime | None


class ExpectedRepository:
    """What was due, by feed."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def read_watermark(self, feed: str) -> datetime | None:
        """Return the moment (UTC) up to which every due delivery was added; None for a new feed."""
        with self._database.reading() as connection:
            return connection.execute(
                select(watermarks.c.until).where(watermarks.c.feed == feed),
            ).scalar_one_or_none()

    def add(self, feed: str, dues: Sequence[datetime], *, watermark: datetime) -> None:
        """Add due moments, and set the moment up to which they are complete. A known one changes nothing.

        Args:
            feed: of which feed.
            dues: the due moments (UTC).
            watermark: up to when `dues` is complete (UTC); one earlier than the present one is ignored.
        """
        with self._database.begin() as transaction:
            connection = transaction.connection
            for due in dues:
                row = {"feed": feed, "due": due}
                if inserted(connection, _expected, row) is not None:
                    record_row(transaction, _expected, row, watermark)
            row = {"feed": feed, "until": watermark}
            later = update(watermarks).where(watermarks.c.feed == feed, watermarks.c.until < watermark)
            if (
                inserted(connection, watermarks, row) is not None
                or connection.execute(later.values(until=watermark)).rowcount == 1
            ):
                record_row(transaction, watermarks, row, watermark)

    def find_open(self, feed: str) -> tuple[datetime, ...]:
        """Return the due moments (UTC) without a verdict, oldest first."""
        query = select(_expected.c.due).where(_expected.c.feed == feed, _expected.c.verdict.is_(None))
        with self._database.reading() as connection:
            return tuple(connection.execute(query.order_by(_expected.c.due)).scalars())

    def find(self, feed: str, *, since: datetime | None = None) -> tuple[ExpectedDelivery, ...]:
        """Return what was due from `since` on (None: ever), oldest first."""
        query = select(_expected.c.due, _expected.c.verdict, _expected.c.delivery_id, _expected.c.at)
        query = query.where(_expected.c.feed == feed).order_by(_expected.c.due)
        if since is not None:
            query = query.where(_expected.c.due >= since)
        with self._database.reading() as connection:
            return tuple(ExpectedDelivery(*row) for row in connection.execute(query))

    def set_verdict(  # noqa: PLR0913 - the columns of one row
        self,
        feed: str,
        due: datetime,
        delivery_id: str | None,
        verdict: str,
        at: datetime,
        *,
        instead_of: str | None = None,
    ) -> bool:
        """Set the outcome of an expected delivery.

        Args:
            feed: of which feed.
            due: which one.
            delivery_id: what came for it, None when nothing did.
            verdict: its outcome.
            at: when that was decided (UTC).
            instead_of: the verdict that this one replaces (`missed`, when it came after all); None: it was open.

        Returns:
            False when it had another verdict than `instead_of`: the first verdict stays.
        """
        one = update(_expected).where(
            _expected.c.feed == feed,
            _expected.c.due == due,
            _expected.c.verdict.is_(None) if instead_of is None else _expected.c.verdict == instead_of,
        )
        row = {"delivery_id": delivery_id, "verdict": verdict, "at": at}
        with self._database.begin() as transaction:
            if transaction.connection.execute(one.values(row)).rowcount != 1:
                return False
            record_row(transaction, _expected, {"feed": feed, "due": due, **row}, at)
            return True
