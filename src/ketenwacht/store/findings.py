"""Findings and their transitions. The database enforces it too: at most one live finding a fingerprint.

The table of findings keeps its old name, `incidents`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, insert, select

from ketenwacht.domain.findings.finding import Event, Finding, Fingerprint, Snooze, State, TrailPoint
from ketenwacht.domain.result import Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Statement, legacy, params_from_json, params_json
from ketenwacht.errors import ConcurrentUpdate

from . import tables
from .audit import record_row
from .codec import built, digest, missing_of, missing_row, values_of
from .database import Connections, replace, rows_of
from .tables import events as _events
from .tables import incidents as _incidents
from .tables import memberships

_PLAIN = (
    "id", "state", "nature", "severity", "evidence", "opened_at", "changed_at", "period", "impact",
    "owner", "resolved_at", "closed_at", "last_status", "parent", "last_delivery", "last_period", "told_severity",
    "told_missing",
)  # fmt: skip


class FindingRepository:
    """The findings of every feed."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def find(
        self,
        feed: str | None = None,
        *,
        closed: bool = False,
        closed_since: datetime | None = None,
        of_incidents: Select[tuple[int]] | None = None,
    ) -> tuple[Finding, ...]:
        """Return findings, oldest first; those of one moment in order of check and segment.

        Args:
            feed: of which feed; None: of all.
            closed: whether closed ones are included.
            closed_since: of the closed ones, those that were closed then or later; None: all of them.
            of_incidents: selects the numbers of the incidents that they belong to; None: whichever.
        """
        at = _incidents.c
        query = select(_incidents).order_by(at.opened_at, at.check_name, at.segment, at.id)
        if feed is not None:
            query = query.where(_incidents.c.feed == feed)
        if of_incidents is not None:
            members = select(memberships.c.finding).where(memberships.c.incident.in_(of_incidents))
            query = query.where(at.id.in_(members))
        if not closed:
            query = query.where(_incidents.c.state != State.CLOSED)
        elif closed_since is not None:
            query = query.where((at.state != State.CLOSED) | (at.closed_at >= closed_since))
        with self._database.reading() as connection:
            return tuple(_finding_of(row) for row in rows_of(connection, query))

    def get(self, finding_id: str) -> Finding | None:
        """Return one finding; None when there is none with this id."""
        with self._database.reading() as connection:
            found = rows_of(connection, select(_incidents).where(_incidents.c.id == finding_id))
        return _finding_of(found[0]) if found else None

    def find_peaks(self, feed: str) -> Mapping[str, float]:
        """Return the highest number of missing persons during each finding, by its id.

        A finding itself holds the newest estimate, which shrinks while a loss is made good. Only failed results
        speak of missing persons; findings without any are left out.
        """
        said, runs = tables.results.c, tables.runs.c
        query = (
            select(said.check_name, said.segment, runs.at, said.missing_value)
            .join(tables.runs, runs.number == said.run)
            .join(tables.deliveries, tables.deliveries.c.id == runs.delivery)
            .where(tables.deliveries.c.feed == feed, said.missing_value > 0.0, said.status == Status.FAILED)
        )
        told: dict[tuple[str, Segment], list[tuple[datetime, float]]] = {}
        with self._database.reading() as connection:
            for check, segment, at, value in connection.execute(query):
                told.setdefault((check, segment), []).append((at, value))
        most: dict[str, float] = {}
        for one in self.find(feed, closed=True):
            lived = told.get((one.fingerprint.check, one.fingerprint.segment), ())
            values = [
                v for at, v in lived if one.opened_at <= at and (one.closed_at is None or at <= one.closed_at)
            ]
            if values:
                most[one.id] = max(values)
        return most

    def find_events(self, finding_id: str) -> tuple[Event, ...]:
        """Return the transitions of one finding, in order; () when there is none with this id."""
        query = select(_events).where(_events.c.incident_id == finding_id).order_by(_events.c.number)
        with self._database.reading() as connection:
            return tuple(built(Event, row) for row in rows_of(connection, query))

    def save(
        self, findings: Sequence[Finding], events: Sequence[Event] = (), *, based_on: Sequence[Finding] = ()
    ) -> None:
        """Save findings that began or changed, and their transitions: all of it, or nothing.

        Args:
            findings: as they are now.
            events: their transitions, in order.
            based_on: the findings as they were read before; one that somebody changed since is refused.

        Raises:
            ConcurrentUpdate: somebody changed one of `based_on` since it was read; read it again.
            StoreError: the history cannot be written; nothing is written.
        """
        with self._database.begin() as transaction:
            connection = transaction.connection
            for read in based_on:
                query = select(_incidents).where(_incidents.c.id == read.id).with_for_update()
                if [_finding_of(row) for row in rows_of(connection, query)] != [read]:
                    raise ConcurrentUpdate(f"incident {read.id} was changed meanwhile; read it again")
            # The closed ones first: one that opens with the same fingerprint may take their place.
            for finding in sorted(findings, key=lambda one: one.state is not State.CLOSED):
                row = _finding_row(finding)
                replace(connection, _incidents, row)
                record_row(transaction, _incidents, row, finding.changed_at)
            for event in events:
                row = values_of(event)
                added = insert(_events).returning(_events.c.number)
                number = connection.execute(added, row).scalar_one()
                record_row(transaction, _events, {**row, "number": number}, event.at)


def _finding_row(finding: Finding) -> dict[str, Any]:
    fingerprint, snooze = finding.fingerprint, finding.snooze
    return {
        **{name: getattr(finding, name) for name in _PLAIN},
        "feed": fingerprint.feed,
        "check_name": fingerprint.check,
        "segment": fingerprint.segment,
        # A digest, since PostgreSQL indexes no text of more than some 2,700 bytes.
        "fingerprint": digest(
            fingerprint.feed,
            fingerprint.check,
            fingerprint.segment.pairs,
            *([fingerprint.due] if fingerprint.due else []),
        ),
        "snooze_owner": None if snooze is None else snooze.owner,
        "snooze_reason": None if snooze is None else snooze.reason,
        "snooze_until": None if snooze is None else snooze.until,
        "snooze_missing": None if snooze is None else snooze.missing,
        "flips": list(finding.flips),
        "trail": [[point.day.isoformat(), point.value, point.low, point.high] for point in finding.trail],
        "summary": "",
        "said": _said_row(finding),
        **missing_row(finding.missing),
    }


def _finding_of(row: Mapping[str, Any]) -> Finding:
    silence = (row["snooze_owner"], row["snooze_reason"], row["snooze_until"], row["snooze_missing"])
    return Finding(
        **{name: row[name] for name in _PLAIN},
        fingerprint=Fingerprint(row["feed"], row["check_name"], row["segment"], _due_of(row["said"])),
        missing=missing_of(row),
        snooze=None if row["snooze_until"] is None else Snooze(*silence),
        flips=tuple(row["flips"]),
        trail=tuple(TrailPoint(date.fromisoformat(day), *ends) for day, *ends in row["trail"] or ()),
        said=legacy(row["summary"])
        if row["said"] is None
        else Statement(row["said"][0], params_from_json(row["said"][1])),
    )


def _said_row(finding: Finding) -> list[object]:
    """Return code and parameters, and the due moment of a finding that belongs to one."""
    due = finding.fingerprint.due
    return [finding.said.code, params_json(finding.said.params), *([due] if due else [])]


def _due_of(said: Sequence[Any] | None) -> str:
    return str(said[2]) if said is not None and len(said) > 2 else ""  # noqa: PLR2004 - see `_said_row`
