"""Outside evidence, versioned: a figure that is restated is kept beside what it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from ketenwacht.domain.evidence import InquiryCount, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.findings.finding import Alert, Event, Finding

from . import watermarks
from .audit import AuditEntry, record, take_turns
from .codec import built, digest, values_of
from .database import HistoryDatabase, ignore_known, rows_of
from .findings import write_incidents
from .outbox import enqueue
from .provenance import EvidenceWatermarks, as_of

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What makes two rows of a table the same figure, and what of it may be restated."""

    table: Table
    action: str
    restated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Provenance:
    who: str
    why: str
    at: datetime
    origin: str


_REFERENCES = _Ledger(watermarks.reference_figures, "reference import", ("count", "uncertainty", "published_on"))
_INQUIRIES = _Ledger(watermarks.inquiries, "inquiries import", ("count",))


class EvidenceRepository(HistoryDatabase):
    """Reference figures, inquiries and reconciliations of every feed."""

    def add_references(  # noqa: PLR0913 - what, and who, why, when, from where
        self,
        feed: str,
        figures: Sequence[ReferenceFigure],
        *,
        who: str,
        why: str,
        at: datetime,
        origin: str = "cli",
    ) -> int:
        """Keep published figures. The store counts versions itself; `version` of what is given is ignored.

        A figure is the same one when source, segment and period are; with another count, uncertainty or day of
        publication it becomes its next version. One that says what some version said already adds nothing.

        Returns:
            How many rows are new.

        Raises:
            StoreError: the history cannot be written; nothing is written.
        """
        rows = [
            {
                **values_of(figure),
                "identity": digest(
                    figure.source,
                    figure.segment.pairs,
                    figure.period_from.isoformat(),
                    figure.period_to.isoformat(),
                    *((figure.hop, figure.reason) if figure.hop else ()),
                ),
            }
            for figure in figures
        ]
        return self._add(_REFERENCES, feed, rows, _Provenance(who, why, at, origin))

    def references(
        self, feed: str, *, known_on: date | None, until: EvidenceWatermarks | None = None
    ) -> tuple[ReferenceFigure, ...]:
        """Of each outside figure the newest version published by `known_on` (None: ever), by period and source.

        Of those that were here at `until` (None: now).
        """
        table = watermarks.reference_figures
        query = as_of(select(table).where(table.c.feed == feed, table.c.hop == ""), table, until)
        if known_on is not None:
            query = query.where(table.c.published_on <= known_on)
        with self.reading() as connection:
            rows = rows_of(connection, query.order_by(table.c.published_on, table.c.version))
        newest = {row["identity"]: row for row in rows}
        found = [built(ReferenceFigure, row) for row in newest.values()]
        return tuple(sorted(found, key=lambda one: (one.period_from, one.period_to, one.source, one.segment)))

    def hop_counts(self, feed: str, *, until: EvidenceWatermarks | None = None) -> tuple[ReferenceFigure, ...]:
        """Every version of every count taken at a hop of the chain, whenever published, by period and source.

        Of those that were here at `until` (None: now).
        """
        table = watermarks.reference_figures
        query = as_of(select(table).where(table.c.feed == feed, table.c.hop != ""), table, until)
        with self.reading() as connection:
            found = [built(ReferenceFigure, row) for row in rows_of(connection, query)]
        return tuple(sorted(found, key=lambda one: (one.period_from, one.period_to, one.source, one.segment)))

    def add_inquiries(  # noqa: PLR0913 - what, and who, why, when, from where
        self,
        feed: str,
        counts: Sequence[InquiryCount],
        *,
        who: str,
        why: str,
        at: datetime,
        origin: str = "cli",
    ) -> int:
        """Keep counts of inquiries. A day, outcome and segment counted anew becomes the next version.

        An outcome that no longer occurs must be given with count 0: what is left out stays as it was.

        Returns:
            How many rows are new.

        Raises:
            StoreError: the history cannot be written; nothing is written.
        """
        rows = [
            {
                **values_of(count),
                "identity": digest(count.day.isoformat(), count.outcome, count.segment.pairs),
            }
            for count in counts
        ]
        return self._add(_INQUIRIES, feed, rows, _Provenance(who, why, at, origin))

    def inquiries(
        self, feed: str, *, known_on: date | None, until: EvidenceWatermarks | None = None
    ) -> tuple[InquiryCount, ...]:
        """Counts of inquiries up to and including `known_on` (None: all), by day.

        Of each the newest version brought in by then; when all came later (a history brought in afterwards) the
        first one, so that a replay of the past knows each day when it was over. Only those here at `until` count
        (None: now).
        """
        table = watermarks.inquiries
        query = as_of(select(table).where(table.c.feed == feed), table, until)
        if known_on is not None:
            query = query.where(table.c.day <= known_on)
        with self.reading() as connection:
            rows = rows_of(connection, query.order_by(table.c.version))
        chosen: dict[str, dict[str, Any]] = {}
        for row in rows:
            if row["identity"] not in chosen or known_on is None or row["at"].astimezone(UTC).date() <= known_on:
                chosen[row["identity"]] = row
        found = [built(InquiryCount, row) for row in chosen.values()]
        return tuple(sorted(found, key=lambda one: (one.day, one.outcome, one.segment)))

    def add_reconciliation(  # noqa: PLR0913 - one call, since it is one transaction
        self,
        feed: str,
        counts: Sequence[ReconciliationCount],
        *,
        incidents: Sequence[Finding] = (),
        events: Sequence[Event] = (),
        alerts: Sequence[Alert] = (),
        based_on: Sequence[Finding] = (),
        entry: AuditEntry | None = None,
    ) -> None:
        """Keep the outcome of one keyed reconciliation with all that follows from it, in one transaction.

        The same outcome twice adds no counts.

        Args:
            feed: of which feed.
            counts: by segment.
            incidents: incidents that began or changed, as they are now.
            events: their transitions, in order.
            alerts: what must be told, in order.
            based_on: the incidents as they were read before; one that somebody changed since is refused.
            entry: the audit line of who compared what; None when the tool did by itself.

        Raises:
            ConcurrentUpdate: an incident of `based_on` changed meanwhile; nothing is written.
            StoreError: the history cannot be written; nothing is written.
        """
        rows = [
            {
                **values_of(count),
                "feed": feed,
                "identity": digest(
                    count.register_date.isoformat(),
                    count.at.astimezone(UTC).isoformat(),
                    count.segment.pairs,
                ),
            }
            for count in counts
        ]
        with self.writing() as connection:
            if entry is not None:
                record(connection, self.audit_key, entry)
            ignore_known(connection, watermarks.reconciliations, rows)
            write_incidents(connection, incidents, events, based_on)
            enqueue(connection, alerts)

    def reconciliations(
        self, feed: str, *, until: datetime | None, here: EvidenceWatermarks | None = None
    ) -> tuple[ReconciliationCount, ...]:
        """The outcomes of reconciliations done up to and including `until` (UTC; None: all), oldest first.

        Of those that were here at that moment (None: now).
        """
        table = watermarks.reconciliations
        query = as_of(select(table).where(table.c.feed == feed).order_by(table.c.at, table.c.id), table, here)
        if until is not None:
            query = query.where(table.c.at <= until)
        with self.reading() as connection:
            return tuple(built(ReconciliationCount, row) for row in rows_of(connection, query))

    def _add(self, ledger: _Ledger, feed: str, rows: Rows, given: _Provenance) -> int:
        with self.writing() as connection:
            take_turns(connection)
            added = _restate(connection, ledger, feed, rows, given)
            result = f"{added} new of {len(rows)}"
            entry = AuditEntry(ledger.action, feed, result, given.origin, given.who, given.at)
            record(connection, self.audit_key, entry)
        return added


def _restate(connection: Connection, ledger: _Ledger, feed: str, rows: Rows, given: _Provenance) -> int:
    """Write what says something new; how many rows that were."""
    table = ledger.table
    said: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows_of(connection, select(table).where(table.c.feed == feed).order_by(table.c.version)):
        said.setdefault(row["identity"], []).append(tuple(row[name] for name in ledger.restated))
    new = []
    for row in rows:
        versions = said.setdefault(row["identity"], [])
        content = tuple(row[name] for name in ledger.restated)
        if content not in versions:
            versions.append(content)
            provenance = {"who": given.who, "why": given.why, "at": given.at}
            new.append({**row, **provenance, "feed": feed, "version": len(versions)})
    if new:
        connection.execute(insert(table), new)
    return len(new)
