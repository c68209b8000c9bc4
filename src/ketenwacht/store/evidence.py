"""Outside evidence, versioned: a figure that is restated is kept beside what it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, insert, select

from ketenwacht.domain.evidence import InquiryCount, ReconciliationCount, ReferenceFigure

from . import tables
from .audit import AuditEntry, record, record_row, take_turns
from .codec import built, digest, values_of
from .database import Connections, Transaction, inserted, rows_of
from .runs import EvidenceWatermarks, as_of, read_watermarks

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


_REFERENCES = _Ledger(tables.reference_figures, "reference import", ("count", "uncertainty", "published_on"))
_INQUIRIES = _Ledger(tables.inquiries, "inquiries import", ("count",))


class EvidenceRepository:
    """Reference figures, inquiries and reconciliations of every feed."""

    def __init__(self, database: Connections) -> None:
        self._database = database

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
        """Add published figures. The history counts versions itself; `version` of what is given is ignored.

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

    def find_references(
        self, feed: str, *, known_on: date | None, until: EvidenceWatermarks | None = None
    ) -> tuple[ReferenceFigure, ...]:
        """Return the newest version of each outside figure, by period and source.

        Only versions published by `known_on` (None: all) that were here at `until` (None: now).
        """
        table = tables.reference_figures
        query = as_of(select(table).where(table.c.feed == feed, table.c.hop == ""), table, until)
        if known_on is not None:
            query = query.where(table.c.published_on <= known_on)
        with self._database.reading() as connection:
            rows = rows_of(connection, query.order_by(table.c.published_on, table.c.version))
        newest = {row["identity"]: row for row in rows}
        found = [built(ReferenceFigure, row) for row in newest.values()]
        return tuple(sorted(found, key=lambda one: (one.period_from, one.period_to, one.source, one.segment)))

    def find_hop_counts(
        self, feed: str, *, until: EvidenceWatermarks | None = None
    ) -> tuple[ReferenceFigure, ...]:
        """Return every version of every count taken at a hop of the chain, by period and source.

        Of those, whenever published, that were here at `until` (None: now).
        """
        table = tables.reference_figures
        query = as_of(select(table).where(table.c.feed == feed, table.c.hop != ""), table, until)
        with self._database.reading() as connection:
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
        """Add counts of inquiries. A day, outcome and segment counted anew becomes the next version.

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

    def find_inquiries(
        self, feed: str, *, known_on: date | None, until: EvidenceWatermarks | None = None
    ) -> tuple[InquiryCount, ...]:
        """Return counts of inquiries up to and including `known_on` (None: all), by day.

        Of each the newest version brought in by then; when all came later (a history brought in afterwards) the
        first one, so that a replay of the past knows each day when it was over. Only those here at `until` count
        (None: now).
        """
        table = tables.inquiries
        query = as_of(select(table).where(table.c.feed == feed), table, until)
        if known_on is not None:
            query = query.where(table.c.day <= known_on)
        with self._database.reading() as connection:
            rows = rows_of(connection, query.order_by(table.c.version))
        chosen: dict[str, dict[str, Any]] = {}
        for row in rows:
            if row["identity"] not in chosen or known_on is None or row["at"].astimezone(UTC).date() <= known_on:
                chosen[row["identity"]] = row
        found = [built(InquiryCount, row) for row in chosen.values()]
        return tuple(sorted(found, key=lambda one: (one.day, one.outcome, one.segment)))

    def add_reconciliation(self, feed: str, counts: Sequence[ReconciliationCount]) -> None:
        """Add the outcome of one keyed reconciliation, by segment. The same outcome twice adds nothing.

        Raises:
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
        table = tables.reconciliations
        with self._database.begin() as transaction:
            for row in rows:
                number = inserted(transaction.connection, table, row)
                if number is not None:
                    record_row(transaction, table, {**row, "id": number}, row["at"])

    def find_reconciliations(
        self, feed: str, *, until: datetime | None, here: EvidenceWatermarks | None = None
    ) -> tuple[ReconciliationCount, ...]:
        """Return the outcomes of reconciliations done up to and including `until` (UTC; None: all), oldest first.

        Of those that were here at that moment (None: now).
        """
        table = tables.reconciliations
        query = as_of(select(table).where(table.c.feed == feed).order_by(table.c.at, table.c.id), table, here)
        if until is not None:
            query = query.where(table.c.at <= until)
        with self._database.reading() as connection:
            return tuple(built(ReconciliationCount, row) for row in rows_of(connection, query))

    def read_watermarks(self) -> EvidenceWatermarks:
        """Return how far evidence and declarations have come: what comes later has a higher number."""
        with self._database.reading() as connection:
            return read_watermarks(connection)

    def _add(self, ledger: _Ledger, feed: str, rows: Rows, given: _Provenance) -> int:
        with self._database.begin() as transaction:
            connection = transaction.connection
            take_turns(connection)
            added = _restate(transaction, ledger, feed, rows, given)
            result = f"{added} new of {len(rows)}"
            entry = AuditEntry(ledger.action, feed, result, given.origin, given.who, given.at)
            record(connection, self._database.audit_key, entry)
        return added


def _restate(transaction: Transaction, ledger: _Ledger, feed: str, rows: Rows, given: _Provenance) -> int:
    """Insert the rows whose content is new; return their number."""
    table, connection = ledger.table, transaction.connection
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
        numbers = connection.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), new)
        for row, number in zip(new, numbers.scalars(), strict=True):
            record_row(transaction, table, {**row, "id": number}, given.at)
    return len(new)
