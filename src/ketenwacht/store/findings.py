"""Incidents and their events. The database holds it too: at most one live incident a fingerprint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from ketenwacht.domain.findings.finding import Alert, Event, Finding, Fingerprint, Snooze, State
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Statement, legacy, params_from_json, params_json
from ketenwacht.errors import ConcurrentUpdate

from . import tables
from .audit import AuditEntry, record
from .codec import built, digest, missing_of, missing_row, values_of
from .database import HistoryDatabase, replace, rows_of
from .outbox import enqueue
from .problems import events as _events
from .problems import incidents as _incidents

_PLAIN = (
    "id", "state", "nature", "severity", "evidence", "opened_at", "changed_at", "period", "impact",
    "owner", "resolved_at", "closed_at", "last_status", "parent", "last_delivery", "last_period", "told_severity",
    "told_missing",
)  # fmt: skip


class FindingRepository(HistoryDatabase):
    """The incidents of every feed."""

    def live_incidents(self, feed: str) -> tuple[Finding, ...]:
        """The incidents of a feed that are not closed, oldest first."""
        return self.incidents(feed)

    def incidents(self, feed: str | None = None, *, closed: bool = False) -> tuple[Finding, ...]:
        """Incidents, oldest first; those of one moment in order of check and segment.

        Args:
            feed: of which feed; None: of all.
            closed: whether closed ones are wanted too.
        """
        at = _incidents.c
        query = select(_incidents).order_by(at.opened_at, at.check_name, at.segment, at.id)
        if feed is not None:
            query = query.where(_incidents.c.feed == feed)
        if not closed:
            query = query.where(_incidents.c.state != State.CLOSED)
        with self.reading() as connection:
            return tuple(_incident(row) for row in rows_of(connection, query))

    def incident(self, incident_id: str) -> Finding | None:
        """One incident, None when there is none with this id."""
        with self.reading() as connection:
            found = rows_of(connection, select(_incidents).where(_incidents.c.id == incident_id))
        return _incident(found[0]) if found else None

    def peaks(self, feed: str) -> Mapping[str, float]:
        """By id of an incident, the most persons that a result it lived through ever said were missing.

        What an incident itself holds is the newest estimate, which shrinks while a loss is made good. One that
        never said so is not there.
        """
        said, runs = tables.results.c, tables.runs.c
        query = (
            select(said.check_name, said.segment, runs.at, said.missing_value)
            .join(tables.runs, runs.number == said.run)
            .join(tables.deliveries, tables.deliveries.c.id == runs.delivery)
            .where(tables.deliveries.c.feed == feed, said.missing_value > 0.0)
        )
        told: dict[tuple[str, Segment], list[tuple[datetime, float]]] = {}
        with self.reading() as connection:
            for check, segment, at, value in connection.execute(query):
                told.setdefault((check, segment), []).append((at, value))
        most: dict[str, float] = {}
        for one in self.incidents(feed, closed=True):
            lived = told.get((one.fingerprint.check, one.fingerprint.segment), ())
            values = [
                v for at, v in lived if one.opened_at <= at and (one.closed_at is None or at <= one.closed_at)
            ]
            if values:
                most[one.id] = max(values)
        return most

    def events(self, incident_id: str) -> tuple[Event, ...]:
        """All that happened to one incident, in order; () when there is none with this id."""
        query = select(_events).where(_events.c.incident_id == incident_id).order_by(_events.c.number)
        with self.reading() as connection:
            return tuple(built(Event, row) for row in rows_of(connection, query))

    def act(
        self,
        incident: Finding,
        event: Event,
        alerts: Sequence[Alert] = (),
        *,
        based_on: Finding,
        origin: str = "cli",
    ) -> None:
        """Keep what a person did to an incident: its new form, the event, what must be told, and the audit line.

        Args:
            incident: as it is now.
            event: what was done, by whom.
            alerts: what must be told, in order.
            based_on: the incident as it was read before the act.
            origin: from where the act came (cli, slack, web).

        Raises:
            ConcurrentUpdate: somebody changed the incident since it was read; read it again.
            StoreError: the history cannot be written.
        """
        entry = AuditEntry(
            event.reason, f"incident {incident.id}", incident.state.value, origin, event.actor, event.at
        )
        with self.writing() as connection:
            record(connection, self.audit_key, entry)
            write_incidents(connection, [incident], [event], [based_on])
            enqueue(connection, alerts)

    def keep(
        self,
        incidents: Sequence[Finding],
        events: Sequence[Event],
        alerts: Sequence[Alert] = (),
        *,
        based_on: Sequence[Finding],
    ) -> None:
        """Keep what time alone did to incidents, without a run: all of it, or nothing.

        Args:
            incidents: the ones that changed, as they are now.
            events: their transitions, in order.
            alerts: what must be told, in order.
            based_on: the incidents as they were read before.

        Raises:
            ConcurrentUpdate: somebody changed one of them since it was read; read them again.
            StoreError: the history cannot be written.
        """
        with self.writing() as connection:
            write_incidents(connection, incidents, events, based_on)
            enqueue(connection, alerts)


def write_incidents(
    connection: Connection,
    incidents: Sequence[Finding],
    events: Sequence[Event],
    based_on: Sequence[Finding],
) -> None:
    """Write incidents and their events.

    Raises:
        ConcurrentUpdate: an incident of `based_on` is no longer as it was read.
    """
    for read in based_on:
        query = select(_incidents).where(_incidents.c.id == read.id).with_for_update()
        if [_incident(row) for row in rows_of(connection, query)] != [read]:
            raise ConcurrentUpdate(f"incident {read.id} was changed meanwhile; read it again")
    # The closed ones first: one that opens with the same fingerprint may take their place.
    for incident in sorted(incidents, key=lambda one: one.state is not State.CLOSED):
        replace(connection, _incidents, _row(incident))
    if events:
        connection.execute(insert(_events), [values_of(event) for event in events])


def _row(incident: Finding) -> dict[str, Any]:
    fingerprint, snooze = incident.fingerprint, incident.snooze
    return {
        **{name: getattr(incident, name) for name in _PLAIN},
        "feed": fingerprint.feed,
        "check_name": fingerprint.check,
        "segment": fingerprint.segment,
        # A digest, since PostgreSQL indexes no text of more than some 2,700 bytes.
        "fingerprint": digest(fingerprint.feed, fingerprint.check, fingerprint.segment.pairs),
        "snooze_owner": None if snooze is None else snooze.owner,
        "snooze_reason": None if snooze is None else snooze.reason,
        "snooze_until": None if snooze is None else snooze.until,
        "snooze_missing": None if snooze is None else snooze.missing,
        "flips": list(incident.flips),
        "summary": "",
        "said": [incident.said.code, params_json(incident.said.params)],
        **missing_row(incident.missing),
    }


def _incident(row: Mapping[str, Any]) -> Finding:
    silence = (row["snooze_owner"], row["snooze_reason"], row["snooze_until"], row["snooze_missing"])
    return Finding(
        **{name: row[name] for name in _PLAIN},
        fingerprint=Fingerprint(row["feed"], row["check_name"], row["segment"]),
        missing=missing_of(row),
        snooze=None if row["snooze_until"] is None else Snooze(*silence),
        flips=tuple(row["flips"]),
        said=legacy(row["summary"])
        if row["said"] is None
        else Statement(row["said"][0], params_from_json(row["said"][1])),
    )
