"""What people declare and approve: exclusion windows and baselines, each with who and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.errors import StoreError

from . import tables
from .audit import AuditEntry, record, record_row, take_turns
from .codec import built, digest, values_of
from .database import Connections, Transaction, inserted, rows_of
from .runs import EvidenceWatermarks, as_of

PROPOSE, APPROVE, PIN = "propose", "approve", "pin"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who did something, why, and when (UTC)."""

    who: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BaselineVersion:
    """One version of a baseline.

    Attributes:
        feed: of which feed.
        check: which check it is for.
        version: 1 for the first, then counting up.
        body: the baseline itself, a JSON object of the check's own making.
        proposed: by whom, why and when.
        approved: the same of its approval, None while it has none.
        pinned: whether it is used in place of newer ones.
    """

    feed: str
    check: str
    version: int
    body: Mapping[str, Any]
    proposed: Provenance
    approved: Provenance | None
    pinned: bool


class ExclusionRepository:
    """The declared exclusion windows of every feed."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def add(self, feed: str, window: ExclusionWindow, *, at: datetime, origin: str = "cli") -> bool:
        """Add an exclusion window; False when the very same one was declared before.

        Raises:
            StoreError: the history cannot be written.
        """
        said = (
            window.first.isoformat(),
            window.last.isoformat(),
            window.reason,
            window.kind,
            window.segment.pairs,
        )
        row = {**values_of(window), "feed": feed, "at": at, "identity": digest(*said, window.declared_by)}
        what = f"{feed} {window.kind} {window.first} to {window.last} on {window.segment}"
        with self._database.begin() as transaction:
            connection = transaction.connection
            take_turns(connection)
            number = inserted(connection, tables.exclusions, row)
            if number is None:
                return False
            record_row(transaction, tables.exclusions, {**row, "id": number}, at)
            record(
                connection,
                self._database.audit_key,
                AuditEntry("declare", what, "ok", origin, window.declared_by, at),
            )
        return True

    def find(self, feed: str, *, until: EvidenceWatermarks | None = None) -> tuple[ExclusionWindow, ...]:
        """Return the exclusion windows of a feed, by first day; of those that were here at `until` (None: now)."""
        table = tables.exclusions
        query = as_of(select(table).where(table.c.feed == feed).order_by(table.c.first, table.c.id), table, until)
        with self._database.reading() as connection:
            return tuple(built(ExclusionWindow, row) for row in rows_of(connection, query))


class BaselineRepository:
    """The versions of every feed's baselines, and who proposed, approved and pinned them."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    def propose(  # noqa: PLR0913 - what, and who, why, when, from where
        self,
        feed: str,
        check: str,
        body: Mapping[str, Any],
        *,
        who: str,
        why: str,
        at: datetime,
        origin: str = "cli",
    ) -> int:
        """Add a new version of a baseline, to be approved, and return its number.

        Raises:
            StoreError: `body` is no JSON, or the history cannot be written.
        """
        table, given = tables.baselines, Provenance(who, why, at)
        newest = select(func.max(table.c.version)).where(table.c.feed == feed, table.c.check_name == check)
        with self._database.begin() as transaction:
            connection = transaction.connection
            take_turns(connection)
            version = int(connection.execute(newest).scalar_one() or 0) + 1
            row = {"feed": feed, "check_name": check, "version": version, "body": dict(body)}
            connection.execute(insert(table).values(row))
            record_row(transaction, table, row, at)
            self._record(transaction, (feed, check, version), PROPOSE, given, origin)
        return version

    def approve(  # noqa: PLR0913 - which, and who, why, when, from where
        self,
        feed: str,
        check: str,
        version: int,
        *,
        who: str,
        why: str,
        at: datetime,
        origin: str = "cli",
    ) -> None:
        """Approve a version: checks use it, unless another is pinned.

        Raises:
            StoreError: there is no such version, or the history cannot be written.
        """
        with self._database.begin() as transaction:
            take_turns(transaction.connection)
            self._get(transaction.connection, feed, check, version)
            self._record(transaction, (feed, check, version), APPROVE, Provenance(who, why, at), origin)

    def pin(  # noqa: PLR0913 - which, and who, why, when, from where
        self,
        feed: str,
        check: str,
        version: int | None,
        *,
        who: str,
        why: str,
        at: datetime,
        origin: str = "cli",
    ) -> None:
        """Pin an approved version: checks use it in place of any newer one. None: pin none.

        Raises:
            StoreError: there is no such version, or it is not approved, or the history cannot be written.
        """
        with self._database.begin() as transaction:
            connection = transaction.connection
            take_turns(connection)
            if version is not None and self._get(connection, feed, check, version).approved is None:
                raise StoreError(
                    f"baseline {version} of check {check} of {feed} is not approved: approve it first"
                )
            self._record(transaction, (feed, check, version), PIN, Provenance(who, why, at), origin)

    def find(self, feed: str, check: str | None = None) -> tuple[BaselineVersion, ...]:
        """Return the versions of a feed's baselines (of one check, or all), oldest first within a check."""
        with self._database.reading() as connection:
            return _versions(connection, feed, check)

    def find_approved(self, feed: str, check: str) -> BaselineVersion | None:
        """Return the version that a check uses: the pinned one, else the newest approved; None: there is none."""
        approved = [one for one in self.find(feed, check) if one.approved is not None]
        chosen = [one for one in approved if one.pinned] or approved
        return chosen[-1] if chosen else None

    def _get(self, connection: Connection, feed: str, check: str, version: int) -> BaselineVersion:
        for one in _versions(connection, feed, check):
            if one.version == version:
                return one
        raise StoreError(f"there is no baseline {version} of check {check} of {feed}")

    def _record(
        self,
        transaction: Transaction,
        which: tuple[str, str, int | None],
        act: str,
        given: Provenance,
        origin: str,
    ) -> None:
        feed, check, version = which
        row = {"feed": feed, "check_name": check, "version": version, "act": act, **values_of(given)}
        connection, acts = transaction.connection, tables.baseline_acts
        number = connection.execute(insert(acts).values(row).returning(acts.c.id)).scalar_one()
        record_row(transaction, acts, {**row, "id": number}, given.at)
        what = f"{feed} {check} {'none' if version is None else version}"
        record(
            connection,
            self._database.audit_key,
            AuditEntry(f"baseline {act}", what, "ok", origin, given.who, given.at),
        )


def _versions(connection: Connection, feed: str, check: str | None) -> tuple[BaselineVersion, ...]:
    table, acts = tables.baselines, tables.baseline_acts
    bodies = select(table).where(table.c.feed == feed).order_by(table.c.check_name, table.c.version)
    done = select(acts).where(acts.c.feed == feed).order_by(acts.c.id)
    if check is not None:
        bodies, done = bodies.where(table.c.check_name == check), done.where(acts.c.check_name == check)
    given: dict[tuple[str, int, str], Provenance] = {}
    pinned: dict[str, int | None] = {}
    for row in rows_of(connection, done):
        if row["act"] == PIN:
            pinned[row["check_name"]] = row["version"]
        else:  # the first approval is the one that counts
            given.setdefault((row["check_name"], row["version"], row["act"]), built(Provenance, row))
    return tuple(
        BaselineVersion(
            feed=feed,
            check=row["check_name"],
            version=row["version"],
            body=row["body"],
            proposed=given[row["check_name"], row["version"], PROPOSE],
            approved=given.get((row["check_name"], row["version"], APPROVE)),
            pinned=pinned.get(row["check_name"]) == row["version"],
        )
        for row in rows_of(connection, bodies)
    )
