"""Upkeep: removing what is older than its retention, copying the history away and back while it is in use."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime, time
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, update

from ketenwacht.domain.findings.finding import State
from ketenwacht.errors import StoreError

from . import tables
from .audit import RESTORE, AuditEntry, AuditRepository, describe_restore, record, record_facts
from .audit_facts import KIND_OF, key_of
from .database import HistoryDatabase, rows_of
from .migrate import bring_up, known_revisions
from .outbox import FAILED, SENT

KINDS = ("runs", "incidents", "alerts", "expected")
"""What has a retention; evidence, declarations, baselines and the audit log are kept."""


class HistoryMaintenance:
    """Retention, backup and restore."""

    def __init__(self, database: HistoryDatabase) -> None:
        self._database = database

    def prune(  # noqa: PLR0913 - what goes, and who, when, from where
        self,
        feed: str,
        *,
        before: date,
        dry_run: bool,
        who: str,
        at: datetime,
        kinds: Collection[str] = KINDS,
        origin: str = "cli",
    ) -> Mapping[str, int]:
        """Remove what is older than a day.

        Runs go by the period of their delivery (with measurements, results and states; the newest run stays,
        and so does the fact that a delivery was judged, so that a file that still lies there is not judged again),
        incidents by the day they were closed, alerts that were sent or given up by the day they were written,
        expected deliveries with a verdict by their due moment. Days are UTC.

        Args:
            feed: of which feed.
            before: everything strictly older goes.
            dry_run: only count.
            who: has it removed.
            at: now (UTC).
            kinds: which of `KINDS`.
            origin: from where.

        Returns:
            By table, how many rows go (or would).

        Raises:
            StoreError: the history cannot be written; nothing is removed.
        """
        doomed = [(table, which) for kind, table, which in _list_expired(feed, before) if kind in kinds]
        if dry_run:
            with self._database.reading() as connection:
                return _count(connection, doomed)
        with self._database.begin() as transaction:
            connection = transaction.connection
            counts = _count(connection, doomed)
            for table, which in doomed:
                if table in KIND_OF:
                    kind = KIND_OF[table]
                    gone = rows_of(connection, select(*(table.c[name] for name in kind.key)).where(which))
                    record_facts(transaction, {key_of(kind, row): None for row in gone}, at, "prune")
                connection.execute(delete(table).where(which))
            if "runs" in kinds:
                forgotten = update(tables.deliveries).where(*_without_run(feed, before))
                connection.execute(forgotten.values(manifest=None, columns=[], problem=None))
            what = f"{feed} {', '.join(sorted(kinds))} before {before}"
            result = ", ".join(f"{count} {name}" for name, count in counts.items())
            record(connection, self._database.audit_key, AuditEntry("prune", what, result, origin, who, at))
        return counts

    def backup(self, path: Path) -> None:
        """Copy the whole history to a file, as it is at this moment, while others go on writing.

        The copy takes the place of `path` only when it is complete and sound.

        Raises:
            StoreError: this is no SQLite history, or the copy cannot be made.
        """
        self._only_sqlite("back it up with pg_dump")
        part = path.with_name(path.name + ".part")
        with _copying(self._database.where):
            path.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            part.touch(mode=0o600)  # it holds exact counts, as the history does
            with closing(sqlite3.connect(part)) as target, self._raw() as source:
                source.backup(target)
                target.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
                _check_copy(target)
            part.replace(path)

    def restore(self, path: Path, *, who: str, at: datetime, origin: str = "cli") -> None:
        """Make this history what it was when `path` was made by `backup`, while others have it open.

        What was written since is lost, outgoing alerts and audit lines included. A copy of an older revision is
        migrated up. The audit log gets a line that names the last one that was lost, and says whether the log
        that was put back holds.

        Raises:
            StoreError: this is no SQLite history, or `path` is no sound copy of one; then nothing changes.
        """
        self._only_sqlite("restore it with pg_restore")
        with (
            _copying(str(path)),
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as source,
        ):
            _check_copy(source)
            (found,) = source.execute("SELECT version_num FROM alembic_version").fetchone()
            if found not in known_revisions():
                raise StoreError(f"{path}: revision {found} is not known here — install the version that wrote it")
            head = self._read_head()
            with _copying(self._database.where), self._raw() as target:
                source.backup(target)
        bring_up(self._database)
        result = describe_restore(head, AuditRepository(self._database).verify())
        with self._database.writing() as connection:
            record(connection, self._database.audit_key, AuditEntry(RESTORE, path.name, result, origin, who, at))

    def _read_head(self) -> tuple[int, str]:
        """Return the head of the log; (0, "start") when the history is too damaged to be read."""
        with suppress(StoreError):
            return AuditRepository(self._database).read_head()
        return 0, "start"

    def _only_sqlite(self, instead: str) -> None:
        if self._database.engine.dialect.name != "sqlite":
            raise StoreError(
                f"history {self._database.where}: only a SQLite history is copied from here — {instead}"
            )

    @contextmanager
    def _raw(self) -> Iterator[sqlite3.Connection]:
        """Yield the driver's own connection, in no transaction."""
        with closing(self._database.engine.raw_connection()) as lent:
            raw = lent.driver_connection
            if not isinstance(raw, sqlite3.Connection):
                raise StoreError(f"history {self._database.where}: no SQLite connection")
            yield raw


@contextmanager
def _copying(where: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        raise StoreError(f"history {where}: {fault}") from None
    except OSError as fault:
        raise StoreError(f"history {where}: {fault.strerror}") from None


def _check_copy(copy: sqlite3.Connection) -> None:
    if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
        raise StoreError("the copy is damaged: copy again, and check the disk")


def _list_expired(feed: str, before: date) -> list[tuple[str, Table, ColumnElement[bool]]]:
    """Return kind, table and condition of the rows to prune; child tables before their parents."""
    midnight = datetime.combine(before, time(), UTC)
    runs, incidents, alerts, expected = tables.runs.c, tables.incidents.c, tables.alerts.c, tables.expected.c
    of_feed = select(runs.number).join(tables.deliveries).where(tables.deliveries.c.feed == feed)
    newest = select(func.max(of_feed.subquery().c.number)).scalar_subquery()
    old = of_feed.where(tables.deliveries.c.period < before, runs.number < newest)
    closed = (incidents.feed == feed) & (incidents.state == State.CLOSED) & (incidents.closed_at < midnight)
    gone = select(incidents.id).where(closed)
    decided = (expected.feed == feed) & expected.verdict.is_not(None)
    told = alerts.state.in_((SENT, FAILED)) & alerts.topic.startswith(f"{feed}/", autoescape=True)
    return [
        ("runs", tables.measurements, tables.measurements.c.run.in_(old)),
        ("runs", tables.results, tables.results.c.run.in_(old)),
        ("runs", tables.states, tables.states.c.run.in_(old)),
        ("runs", tables.runs, runs.number.in_(old)),
        ("incidents", tables.events, tables.events.c.incident_id.in_(gone)),
        ("incidents", tables.memberships, tables.memberships.c.finding.in_(gone)),
        ("incidents", tables.incidents, closed),
        ("alerts", tables.alerts, told & (alerts.created_at < midnight)),
        ("expected", tables.expected, decided & (expected.due < midnight)),
    ]


def _count(connection: Connection, doomed: Sequence[tuple[Table, ColumnElement[bool]]]) -> dict[str, int]:
    """Count by table the rows that a condition names."""
    queries = ((table.name, select(func.count()).select_from(table).where(which)) for table, which in doomed)
    return {name: int(connection.execute(query).scalar_one()) for name, query in queries}


def _without_run(feed: str, before: date) -> tuple[ColumnElement[bool], ...]:
    facts = tables.deliveries.c
    return facts.feed == feed, facts.period < before, facts.id.not_in(select(tables.runs.c.delivery))
