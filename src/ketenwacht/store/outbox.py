"""Outgoing alerts, saved in the transaction of their cause and sent later, in order per route."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from ketenwacht.domain.findings.finding import Alert
from ketenwacht.errors import StoreError

from .audit import record_row
from .codec import built, values_of
from .database import Connections, inserted, rows_of
from .tables import alerts as _alerts

PENDING, SENDING, SENT, FAILED = STATES = ("pending", "sending", "sent", "failed")
_UNSENT = (PENDING, SENDING)


@dataclass(frozen=True, slots=True)
class LeasedAlert:
    """An alert to be sent now, by the process that leased it.

    Attributes:
        alert: what must be told.
        attempt: 1 for the first time that it is tried, then counting up.
        recovered: an earlier lease ended without a result: the alert may have arrived already, so look first.
        refused: how often a channel that works refused it.
    """

    alert: Alert
    attempt: int
    recovered: bool
    refused: int = 0


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert, and how it went so far.

    Attributes:
        alert: what must be told.
        state: pending, sending, sent or failed.
        attempts: how often it was tried.
        next_attempt_at: from when it may be tried (UTC); of a failed one, when it was given up.
        sent_at: when it arrived (UTC), None when it did not.
        error: why the last attempt failed, None when none did or it was sent since.
    """

    alert: Alert
    state: str
    attempts: int
    next_attempt_at: datetime
    sent_at: datetime | None
    error: str | None


class OutboxRepository:
    """The alerts of every route."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def find(self, *, states: Sequence[str] = STATES, limit: int | None = None) -> tuple[AlertRow, ...]:
        """Return the alerts in these states, oldest first; with `limit` only the newest so many."""
        query = select(_alerts).where(_alerts.c.state.in_(states)).order_by(_alerts.c.number.desc()).limit(limit)
        names = ("state", "attempts", "next_attempt_at", "sent_at", "error")
        with self._database.reading() as connection:
            rows = rows_of(connection, query)
        return tuple(AlertRow(built(Alert, row), **{name: row[name] for name in names}) for row in reversed(rows))

    def add(self, alerts: Sequence[Alert]) -> None:
        """Add alerts, to be sent in this order; one whose id is known adds nothing."""
        with self._database.begin() as transaction:
            for alert in alerts:
                row = {
                    **values_of(alert),
                    "state": PENDING,
                    "attempts": 0,
                    "refused": 0,
                    "next_attempt_at": alert.created_at,
                }
                number = inserted(transaction.connection, _alerts, row)
                if number is not None:
                    record_row(transaction, _alerts, {**row, "number": number}, alert.created_at)

    def lease(
        self,
        *,
        at: datetime,
        worker: str,
        limit: int,
        lease: timedelta,
    ) -> tuple[LeasedAlert, ...]:
        """Take alerts to send, oldest first: of each route only its first unsent one.

        So a later alert of a route is never taken before an earlier one was sent or given up.

        Args:
            at: now (UTC).
            worker: a name that no other process has.
            limit: at most so many.
            lease: after this another worker may take what was not marked.
        """
        due = _due(at)
        query = select(_alerts).where(due, _first_of_its_route()).order_by(_alerts.c.number).limit(limit)
        taken = []
        with self._database.writing() as connection:
            # SQLite has no row locks and leaves FOR UPDATE out; there the UPDATE below decides.
            for row in rows_of(connection, query.with_for_update(skip_locked=True, of=_alerts)):
                mine = (
                    update(_alerts)
                    .where(_alerts.c.id == row["id"], due)
                    .values(
                        state=SENDING,
                        attempts=row["attempts"] + 1,
                        worker=worker,
                        leased_until=at + lease,
                    )
                )
                if connection.execute(mine).rowcount == 1:
                    recovered = row["state"] == SENDING
                    taken.append(LeasedAlert(built(Alert, row), row["attempts"] + 1, recovered, row["refused"]))
        return tuple(taken)

    def mark_sent(self, alert_id: str, *, at: datetime, ref: str | None) -> None:
        """Record that an alert arrived; `ref` is what the other side calls the message.

        None when it names nothing.

        Raises:
            StoreError: there is no such alert.
        """
        self._mark(
            alert_id, STATES, at, state=SENT, sent_at=at, ref=ref, error=None, worker=None, leased_until=None
        )

    def mark_retry(
        self, alert_id: str, *, at: datetime, next_attempt_at: datetime, error: str, refused: bool = False
    ) -> None:
        """Record that an alert did not arrive and is to be tried again.

        Nothing changes when it was sent after all.

        Args:
            alert_id: which.
            at: now (UTC).
            next_attempt_at: from when it may be tried (UTC); its route waits as long.
            error: why it did not arrive.
            refused: whether the channel answers otherwise, so that it may be the message that is at fault.

        Raises:
            StoreError: there is no such alert.
        """
        values: dict[str, object] = {"state": PENDING, "next_attempt_at": next_attempt_at, "error": error}
        if refused:
            values["refused"] = _alerts.c.refused + 1
        self._mark(alert_id, _UNSENT, at, **values, worker=None, leased_until=None)

    def mark_failed(self, alert_id: str, *, at: datetime, error: str) -> None:
        """Record that an alert can never arrive by this route; nothing changes when it was sent after all.

        Raises:
            StoreError: there is no such alert.
        """
        values = {"state": FAILED, "next_attempt_at": at, "error": error}
        self._mark(alert_id, _UNSENT, at, **values, worker=None, leased_until=None)

    def find_thread(self, route: str, topic: str, owns: Callable[[str], bool] = lambda _ref: True) -> str | None:
        """Return what the medium calls the first message of a topic; None while none was sent.

        Args:
            route: name of the channel.
            topic: what its root message is about.
            owns: whether a message is where the route leads now; one in an earlier channel is no root there.
        """
        query = (
            select(_alerts.c.ref)
            .where(_alerts.c.route == route, _alerts.c.topic == topic, _alerts.c.ref.is_not(None))
            .order_by(_alerts.c.number)
        )
        with self._database.reading() as connection:
            refs: Sequence[str] = connection.execute(query).scalars().all()
        return next((ref for ref in refs if owns(ref)), None)

    def count(self) -> Mapping[str, int]:
        """Count the alerts that are pending, sending, sent and failed; each state is always there."""
        query = select(_alerts.c.state, func.count()).group_by(_alerts.c.state)
        with self._database.reading() as connection:
            found: dict[str, int] = dict(connection.execute(query).all())
        return {state: found.get(state, 0) for state in STATES}

    def count_unsent(self) -> int:
        """Count the alerts that still must be sent."""
        counts = self.count()
        return sum(counts[state] for state in _UNSENT)

    def find_broken_routes(self) -> tuple[str, ...]:
        """Return the routes on which the last alert that was sent or given up was given up, by name."""
        over = (
            select(func.max(_alerts.c.number)).where(_alerts.c.state.in_((SENT, FAILED))).group_by(_alerts.c.route)
        )
        query = select(_alerts.c.route).where(_alerts.c.number.in_(over), _alerts.c.state == FAILED)
        with self._database.reading() as connection:
            return tuple(connection.execute(query.order_by(_alerts.c.route)).scalars())

    def find_oldest_unsent(self) -> datetime | None:
        """Return when the oldest alert that still must be sent was written (UTC); None when there is none."""
        query = select(func.min(_alerts.c.created_at)).where(_alerts.c.state.in_(_UNSENT))
        with self._database.reading() as connection:
            oldest: datetime | None = connection.execute(query).scalar_one()
        return oldest

    def _mark(self, alert_id: str, allowed: Sequence[str], at: datetime, **values: object) -> None:
        with self._database.begin() as transaction:
            connection = transaction.connection
            change = update(_alerts).where(_alerts.c.id == alert_id, _alerts.c.state.in_(allowed))
            if connection.execute(change.values(**values)).rowcount == 1:
                if values["state"] in {SENT, FAILED}:
                    (row,) = rows_of(connection, select(_alerts).where(_alerts.c.id == alert_id))
                    record_row(transaction, _alerts, row, at)
                return
            if connection.execute(select(_alerts.c.id).where(_alerts.c.id == alert_id)).first() is None:
                raise StoreError(f"history {self._database.where}: there is no alert {alert_id}")


def _due(at: datetime) -> ColumnElement[bool]:
    return or_(
        and_(_alerts.c.state == PENDING, _alerts.c.next_attempt_at <= at),
        and_(_alerts.c.state == SENDING, _alerts.c.leased_until <= at),
    )


def _first_of_its_route() -> ColumnElement[bool]:
    first = select(func.min(_alerts.c.number)).where(_alerts.c.state.in_(_UNSENT)).group_by(_alerts.c.route)
    return _alerts.c.number.in_(first)
