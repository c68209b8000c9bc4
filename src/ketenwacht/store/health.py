"""How a history is, found out without changing it: nothing is made, migrated or repaired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from .audit import AuditRepository, signing
from .database import HistoryDatabase, connect
from .migrate import HEAD, revision

PATIENCE = 5.0
_MOST = 5


@dataclass(frozen=True, slots=True)
class HistoryHealth:
    """What was found.

    Attributes:
        revision: of its tables, None when it holds no history yet.
        newest: the revision that this version writes.
        faults: a sentence each: pages of the file that do not fit together, lines of the audit log that were
            altered; empty when it is sound.
    """

    revision: str | None
    newest: str
    faults: tuple[str, ...] = ()


def examine(url: str, *, audit_keys: Sequence[bytes] = (), patience: float = PATIENCE) -> HistoryHealth:
    """Look a history over.

    Args:
        url: as for `History.open`, with an absolute path.
        audit_keys: HMAC keys of the audit log, oldest first.
        patience: seconds to wait for another process that is writing.

    Raises:
        StoreError: it is not there, or cannot be reached or read.
    """
    with closing(
        HistoryDatabase(connect(url, create=False, patience=patience), **signing(audit_keys))
    ) as database:
        with database.reading() as connection:
            found = revision(connection)
        if found != HEAD:
            return HistoryHealth(found, HEAD)
        return HistoryHealth(found, HEAD, tuple(_faults(database)))


def _faults(database: HistoryDatabase) -> Iterator[str]:
    if database.engine.dialect.name == "sqlite":
        with database.reading() as connection:
            said = connection.exec_driver_sql(f"PRAGMA quick_check({_MOST})").scalars().all()
        yield from (f"the file is damaged: {line}" for line in said if line != "ok")
    yield from (f"audit log, {fault}" for fault in AuditRepository(database).verify())
