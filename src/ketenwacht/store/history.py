"""The history of every feed: repositories, and the unit of work that makes their writes one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from ketenwacht.errors import AuditError

from .audit import AuditRepository, signing
from .audit_heads import Head, HeadFile
from .curves import CurveRepository
from .database import Connections, HistoryDatabase, connect
from .declarations import BaselineRepository, ExclusionRepository
from .evidence import EvidenceRepository
from .expected import ExpectedRepository
from .findings import FindingRepository
from .incidents import IncidentRepository
from .leases import LeaseRepository
from .maintenance import HistoryMaintenance
from .migrate import bring_up, revision
from .outbox import OutboxRepository
from .runs import RunRepository

PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""


class _Repositories:
    """The repositories of one history, all on the same connections.

    Attributes:
        runs: what was measured, judged and remembered of each delivery.
        curves: counts over time, with what was expected of them.
        findings: what each check has been saying over time.
        incidents: what people handle: findings that are about the same thing.
        outbox: alerts, until they are sent.
        expected: what was due, and its outcome.
        evidence: reference figures, inquiries and reconciliations.
        exclusions: declared exclusion windows.
        baselines: proposed, approved and pinned versions.
        audit: who did what.
    """

    def __init__(self, connections: Connections) -> None:
        self.runs = RunRepository(connections)
        self.curves = CurveRepository(connections)
        self.findings = FindingRepository(connections)
        self.incidents = IncidentRepository(connections)
        self.outbox = OutboxRepository(connections)
        self.expected = ExpectedRepository(connections)
        self.evidence = EvidenceRepository(connections)
        self.exclusions = ExclusionRepository(connections)
        self.baselines = BaselineRepository(connections)
        self.audit = AuditRepository(connections)


class UnitOfWork(_Repositories):
    """Repositories that write in one transaction: all of it is committed, or nothing."""


class History(_Repositories):
    """Everything that outlives a process. Several threads may use one, unless it is in memory.

    Each call of a repository is a transaction of its own; `transaction` makes several calls one.

    Attributes:
        database: the connections, for what no repository offers.
        leases: tasks that only one process may do.
        maintenance: retention, backup and restore.
        heads: the file outside in which heads of the audit log are kept; None: there is none.
    """

    def __init__(self, database: HistoryDatabase) -> None:
        super().__init__(database)
        self.heads: HeadFile | None = None
        self.database = database
        self.leases = LeaseRepository(database)
        self.maintenance = HistoryMaintenance(database)

    @classmethod
    def open(  # noqa: PLR0913 - how a history is opened, by keyword
        cls,
        url: str,
        *,
        create: bool = True,
        migrate: bool = True,
        audit_keys: Sequence[bytes] = (),
        patience: float = PATIENCE,
        lock_url: str | None = None,
        head_file: Path | None = None,
    ) -> Self:
        """Open a history and bring its tables to the present revision.

        Args:
            url: `sqlite:///path`, `sqlite://` (in memory) or `postgresql://user:password@host/database`.
            create: make a SQLite file, and its folders, when it is not there.
            migrate: bring its tables to the present revision; otherwise nothing is changed in it.
            audit_keys: HMAC keys of the audit log, oldest first: the last one signs; (): a chain without a key.
            patience: seconds to wait for another process that is writing.
            lock_url: of the PostgreSQL server, for the leader lock alone; None: `url`.
            head_file: where `keep_head` keeps the head of the audit log; None: nowhere.

        Raises:
            StoreError: it cannot be reached, read or written, or was written by a newer version.
        """
        with ExitStack() as undo:
            database = HistoryDatabase(connect(url, create=create, patience=patience), **signing(audit_keys))
            undo.callback(database.close)
            database.lock_url = lock_url
            if migrate:
                bring_up(database)
            undo.pop_all()
        history = cls(database)
        history.heads = None if head_file is None else HeadFile(head_file)
        return history

    def keep_head(self, at: datetime) -> None:
        """Add the head of the audit log to the file outside, unless it is the newest one there already.

        Args:
            at: now (UTC).

        Raises:
            AuditError: the log does not go on from the newest head there (nothing is added then), or the file
                cannot be read or written.
            StoreError: the history cannot be read.
        """
        if self.heads is None:
            return
        head, kept = Head(*self.audit.read_seal_parts()), self.heads.read_last()
        if (kept is None and head.number == 0) or (kept is not None and kept[:2] == head[:2]):
            return
        lost = None if kept is None else self.audit.find_lost(kept)
        if lost is not None:
            raise AuditError(f"audit log, {lost} — verify it with `history --verify`, and see docs/operations.md")
        self.heads.append(head, at)

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Open a unit of work: what its repositories write is committed when the block ends well.

        Raises:
            LeadershipLost: another process works now; nothing was written.
            StoreError: the history cannot be reached or written; nothing was written.
        """
        with self.database.begin() as transaction:
            yield UnitOfWork(transaction)

    def read_revision(self) -> str:
        """Return the revision of its tables."""
        with self.database.reading() as connection:
            return str(revision(connection))

    def ping(self) -> None:
        """Ask the database for an answer.

        Raises:
            StoreError: it gives none.
        """
        self.database.ping()

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
