"""Incidents: what people handle, which findings belong to each, and what happened to it.

An incident is put together from its findings each time it is read (`domain.incidents.assemble`); the history holds
its number, its members and what people did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, insert, or_, select, text

from ketenwacht.domain.findings.finding import Event, Finding, Snooze
from ketenwacht.domain.findings.policy import Policy
from ketenwacht.domain.incidents import (
    Incident,
    IncidentNature,
    KnownIncident,
    KnownIncidents,
    Membership,
    assemble_all,
    group_incidents,
    nature_of,
)
from ketenwacht.domain.incidents.causes import search_from_json, search_json
from ketenwacht.domain.incidents.changes import (
    IncidentChange,
    IncidentEvent,
    IncidentReason,
    compare_incidents,
    events_of,
)

from .audit import record_row
from .codec import values_of
from .database import Connections, rows_of
from .database import replace as _replace
from .findings import FindingRepository
from .tables import deliveries
from .tables import incident_events as _events
from .tables import incidents as _findings
from .tables import memberships as _memberships
from .tables import numbered_incidents as _incidents

_PLAIN = ("number", "feed", "opened_at", "owner", "acknowledged_at", "merged_into", "told")


MAY_REOPEN = timedelta(days=60)
"""A finding that was closed this long ago no longer decides which findings are about the same thing."""
_NAMING = tuple(one.value for one in (IncidentReason.OPENED, IncidentReason.REOPENED, IncidentReason.GREW))
_ABSENT = frozenset({IncidentNature.LATE, IncidentNature.UNREADABLE})


@dataclass(frozen=True, slots=True)
class Regrouping:
    """The outcome of grouping the findings of a feed anew.

    Attributes:
        before: the incidents as they were, by number.
        after: as they are.
        changes: what happened to them.
    """

    before: tuple[Incident, ...]
    after: tuple[Incident, ...]
    changes: tuple[IncidentChange, ...]


class IncidentRepository:
    """The incidents of every feed."""

    def __init__(self, database: Connections) -> None:
        self._database = database
        self._findings = FindingRepository(database)

    def find(
        self,
        policy: Policy,
        feed: str | None = None,
        *,
        closed: bool = False,
        closed_since: datetime | None = None,
    ) -> tuple[Incident, ...]:
        """Return incidents by number. Only those that are returned are read.

        Args:
            policy: the limits of severity.
            feed: of which feed; None: of all.
            closed: whether those are included of which every finding is closed.
            closed_since: of these, the ones with a finding that was closed then or later (UTC); None: all of them,
                if `closed`.
        """
        numbers = None if closed and closed_since is None else _select_recent(feed, closed_since)
        known = self._read_known(feed, numbers)
        findings = {one.id: one for one in self._findings.find(feed, closed=True, of_incidents=numbers)}
        return _assemble(known.incidents.values(), known.memberships, findings, policy)

    def get(self, number: int, policy: Policy) -> Incident | None:
        """Return one incident, the one it is continued in when it was merged; None: there is no such number."""
        known = self._read_known(None)
        seen: set[int] = set()
        while number in known.incidents and number not in seen:
            seen.add(number)
            into = known.incidents[number].merged_into
            if into is None:
                break
            number = into
        if number not in known.incidents:
            return None
        feed = known.incidents[number].feed
        return next((one for one in self.find(policy, feed, closed=True) if one.number == number), None)

    def number_of(self, finding: str) -> int | None:
        """Return the number of the incident that a finding belongs to; None: to none."""
        return self.numbers_of([finding]).get(finding)

    def numbers_of(self, findings: Collection[str]) -> dict[str, int]:
        """Return the number of the incident of each finding, by its id; one that belongs to none is left out."""
        query = select(_memberships.c.finding, _memberships.c.incident).where(_memberships.c.finding.in_(findings))
        with self._database.reading() as connection:
            return {row.finding: row.incident for row in connection.execute(query)}

    def read_known(self, feed: str | None = None, *, to_change: bool = False) -> KnownIncidents:
        """Return what the history knows of incidents, besides their findings.

        Args:
            feed: of which feed; None: of all.
            to_change: whether new numbers will be taken in the same transaction: nobody else takes one meanwhile.
        """
        if to_change:
            with self._database.writing() as connection:
                _take_turns(connection)
        return self._read_known(feed)

    def find_events(self, number: int) -> tuple[IncidentEvent, ...]:
        """Return what happened to an incident, oldest first; also what happened to those merged into it."""
        with self._database.reading() as connection:
            rows = rows_of(connection, select(_incidents.c.number, _incidents.c.merged_into))
            into = {row["number"]: row["merged_into"] for row in rows}
            numbers, todo = {number}, [number]
            while todo:
                target = todo.pop()
                more = {n for n, merged in into.items() if merged == target} - numbers
                numbers |= more
                todo += more
            query = select(_events).where(_events.c.incident.in_(numbers)).order_by(_events.c.id)
            return tuple(
                IncidentEvent(row["incident"], row["at"], row["reason"], row["actor"], row["detail"])
                for row in rows_of(connection, query)
            )

    def save_findings(  # noqa: PLR0913 - what a run leaves, by keyword
        self,
        feed: str,
        findings: Sequence[Finding],
        events: Sequence[Event] = (),
        *,
        based_on: Sequence[Finding] = (),
        policy: Policy,
        at: datetime,
    ) -> Regrouping:
        """Save findings that began or changed, and group the findings of the feed anew: all of it, or nothing.

        Args:
            feed: name of the feed.
            findings: as they are now.
            events: their transitions, in order.
            based_on: as for `FindingRepository.save`.
            policy: the limits of severity, and when a number has grown.
            at: now (UTC).

        Raises:
            ConcurrentUpdate: somebody changed one of `based_on` since it was read; read it again.
            StoreError: the history cannot be written; nothing is written.
        """
        with self._database.begin() as transaction:
            within = IncidentRepository(transaction)
            before = within._find_recent(feed, at)
            within._findings.save(findings, events, based_on=based_on)
            known = within.read_known(feed)
            if not findings and not _end_snoozes(known.incidents.values(), at):
                same = _assemble(known.incidents.values(), known.memberships, before, policy)
                return Regrouping(same, same, ())
            now = {**before, **{one.id: one for one in findings}}
            return within._regroup(feed, now, before, policy, at)

    def has_ended_snooze(self, feed: str, at: datetime) -> bool:
        """Return whether a snooze of an incident of the feed is over at `at` (UTC) and still stands."""
        return bool(_end_snoozes(self._read_known(feed).incidents.values(), at))

    def _find_recent(self, feed: str, at: datetime) -> dict[str, Finding]:
        found = self._findings.find(feed, closed=True, closed_since=at - MAY_REOPEN)
        return {finding.id: finding for finding in found}

    def _regroup(
        self, feed: str, now: Mapping[str, Finding], then: Mapping[str, Finding], policy: Policy, at: datetime
    ) -> Regrouping:
        known = self.read_known(feed, to_change=True)
        grouping = group_incidents(now.values(), known, periods=self._find_periods(feed, now.values()))
        ended = _end_snoozes(known.incidents.values(), at)
        changed = {one.number: one for one in (*ended, *grouping.incidents)}
        joined = [one for one in grouping.memberships if known.memberships.get(one.finding) != one]
        was = _assemble(known.incidents.values(), known.memberships, then, policy)
        incidents = {**known.incidents, **changed}
        memberships = {**known.memberships, **{one.finding: one for one in joined}}
        after = _assemble(incidents.values(), memberships, now, policy)
        merged = {n: one.merged_into for n, one in changed.items() if one.merged_into is not None}
        named = self._find_named([one.number for one in was if one.active])
        changes = compare_incidents(was, after, policy, merged=merged, named=named)
        self.save(tuple(changed.values()), joined, events_of(changes, at), at=at)
        return Regrouping(was, after, changes)

    def _find_named(self, numbers: Collection[int]) -> dict[int, float]:
        """Return the persons that the last event about the number of an incident named; 0: it named none."""
        query = select(_events.c.incident, _events.c.detail).where(
            _events.c.incident.in_(numbers), _events.c.reason.in_(_NAMING)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(_events.c.id)).all()
        return {number: float(detail) if detail.isdecimal() else 0.0 for number, detail in rows}

    def _find_periods(self, feed: str, findings: Iterable[Finding]) -> frozenset[date]:
        """Return the periods that were judged, where that decides which late deliveries follow each other."""
        if sum(nature_of(finding) in _ABSENT for finding in findings) < 2:  # noqa: PLR2004 - one follows nothing
            return frozenset()
        query = select(deliveries.c.period).where(deliveries.c.feed == feed).distinct()
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def save(
        self,
        incidents: Sequence[KnownIncident] = (),
        memberships: Sequence[Membership] = (),
        events: Sequence[IncidentEvent] = (),
        *,
        at: datetime,
    ) -> None:
        """Save incidents as they are now, where findings belong, and what happened: all of it, or nothing.

        Args:
            incidents: new and changed ones.
            memberships: new and changed ones.
            events: in order.
            at: now (UTC).

        Raises:
            StoreError: the history cannot be written; nothing is written.
        """
        with self._database.begin() as transaction:
            connection = transaction.connection
            for one in incidents:
                row = _row(one)
                _replace(connection, _incidents, row)
                record_row(transaction, _incidents, row, at)
            for membership in memberships:
                row = _membership_row(membership)
                _replace(connection, _memberships, row)
                record_row(transaction, _memberships, row, at)
            for event in events:
                row = values_of(event)
                added = insert(_events).returning(_events.c.id)
                number = connection.execute(added, row).scalar_one()
                record_row(transaction, _events, {**row, "id": number}, at)

    def _read_known(self, feed: str | None, numbers: Select[tuple[int]] | None = None) -> KnownIncidents:
        query = select(_incidents)
        members = select(_memberships).join(_incidents, _incidents.c.number == _memberships.c.incident)
        if numbers is not None:
            query, members = (one.where(_incidents.c.number.in_(numbers)) for one in (query, members))
        if feed is not None:
            query, members = query.where(_incidents.c.feed == feed), members.where(_incidents.c.feed == feed)
        with self._database.reading() as connection:
            incidents = {row["number"]: _load_known(row) for row in rows_of(connection, query)}
            found = rows_of(connection, members)
            following = _next_number(connection)
        memberships = {
            row["finding"]: Membership(row["finding"], row["incident"], by_hand=row["by_hand"]) for row in found
        }
        return KnownIncidents(incidents, memberships, following)


def group_existing(database: Connections) -> None:
    """Group the findings of a history from before incidents had numbers, a feed at a time."""
    repository = IncidentRepository(database)
    findings: dict[str, list[Finding]] = {}
    for finding in FindingRepository(database).find(closed=True):
        findings.setdefault(finding.fingerprint.feed, []).append(finding)
    for feed, found in sorted(findings.items()):
        last = max(finding.changed_at for finding in found)
        repository._regroup(feed, {one.id: one for one in found}, {}, Policy(), last)  # noqa: SLF001 - of this file


def _assemble(
    known: Iterable[KnownIncident],
    memberships: Mapping[str, Membership],
    findings: Mapping[str, Finding],
    policy: Policy,
) -> tuple[Incident, ...]:
    members: dict[int, list[Finding]] = {}
    for name, membership in memberships.items():
        if name in findings:
            members.setdefault(membership.incident, []).append(findings[name])
    return assemble_all(known, members, policy)


def _select_recent(feed: str | None, closed_since: datetime | None) -> Select[tuple[int]]:
    """Return a query for the numbers of incidents with a finding that is not closed, or was closed lately."""
    query = select(_memberships.c.incident).join(_findings, _findings.c.id == _memberships.c.finding).distinct()
    live = _findings.c.closed_at.is_(None)
    recent = live if closed_since is None else or_(live, _findings.c.closed_at >= closed_since)
    return query.where(recent) if feed is None else query.where(recent, _findings.c.feed == feed)


def _end_snoozes(known: Iterable[KnownIncident], at: datetime) -> list[KnownIncident]:
    return [replace(one, snooze=None) for one in known if one.snooze is not None and one.snooze.until <= at]


def _take_turns(connection: Connection) -> None:
    """Block other transactions from taking the same number; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE numbered_incidents IN SHARE ROW EXCLUSIVE MODE"))


def _next_number(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(_incidents.c.number), 0))).scalar_one()) + 1


def _row(known: KnownIncident) -> dict[str, Any]:
    snooze = known.snooze
    return {
        **{name: getattr(known, name) for name in _PLAIN},
        "causes": search_json(known.search),
        "snooze_owner": None if snooze is None else snooze.owner,
        "snooze_reason": None if snooze is None else snooze.reason,
        "snooze_until": None if snooze is None else snooze.until,
        "snooze_missing": None if snooze is None else snooze.missing,
    }


def _load_known(row: Mapping[str, Any]) -> KnownIncident:
    silence = (row["snooze_owner"], row["snooze_reason"], row["snooze_until"], row["snooze_missing"])
    return KnownIncident(
        **{name: row[name] for name in _PLAIN},
        search=search_from_json(row["causes"]),
        snooze=None if row["snooze_until"] is None else Snooze(*silence),
    )


def _membership_row(one: Membership) -> dict[str, Any]:
    return {"finding": one.finding, "incident": one.incident, "by_hand": one.by_hand}
