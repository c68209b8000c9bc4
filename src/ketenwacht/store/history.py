"""The history of every feed: one object, open while the program needs it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from .audit import Audit, signing
from .database import connect
from .declared import DeclarationRepository
from .evidence import EvidenceRepository
from .exchange import MeasurementExchange
from .expected import ExpectedRepository
from .findings import FindingRepository
from .leases import LeaseRepository
from .migrate import bring_up, revision
from .outbox import OutboxRepository
from .upkeep import HistoryUpkeep

PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""


class History(
    MeasurementExchange,
    LeaseRepository,
    FindingRepository,
    OutboxRepository,
    ExpectedRepository,
    EvidenceRepository,
    DeclarationRepository,
    Audit,
    HistoryUpkeep,
):
    """Everything that outlives a process. Several threads may use one, unless it is in memory."""

    @classmethod
    def open(
        cls,
        url: str,
        *,
        create: bool = True,
        audit_keys: Sequence[bytes] = (),
        patience: float = PATIENCE,
    ) -> Self:
        """Open a history and bring its tables to the present revision.

        Args:
            url: `sqlite:///path`, `sqlite://` (in memory) or `postgresql://user:password@host/database`.
            create: make a SQLite file, and its folders, when it is not there.
            audit_keys: HMAC keys of the audit log, oldest first: the last one signs; (): a chain without a key.
            patience: seconds to wait for another process that is writing.

        Raises:
            StoreError: it cannot be reached, read or written, or was written by a newer version.
        """
        with ExitStack() as undo:
            history = cls(connect(url, create=create, patience=patience), **signing(audit_keys))
            undo.callback(history.close)
            bring_up(history)
            undo.pop_all()
        return history

    def revision(self) -> str:
        """The revision of its tables."""
        with self.reading() as connection:
            return str(revision(connection))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
