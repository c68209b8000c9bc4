"""Bring a database to the revision that this version of the code writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from ketenwacht.errors import StoreError

from .audit import AuditRepository, anchor_facts, compare_before_anchor, signing
from .database import HistoryDatabase, connect
from .incidents import group_existing

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0014"
"""The revision that this code reads and writes; a test holds it equal to the newest file of `migrations/`."""

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x6B657465  # "kete": two processes that open a new history at once take turns


def revision(connection: Connection) -> str | None:
    """Return the revision that a database is at, None when it holds no history yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def bring_up(database: HistoryDatabase) -> None:
    """Migrate a database up to HEAD in one transaction; nothing happens when it is there already.

    Raises:
        StoreError: it cannot be reached, or was written by a newer version than this one.
    """
    with database.reading() as connection:
        found = revision(connection)
    if found != HEAD:
        move(database, HEAD)


def move(database: HistoryDatabase, target: str) -> None:
    """Migrate a database up or down to `target` (a revision, or `base` for nothing at all).

    Moving down removes the tables that later revisions added, with what is in them.

    Raises:
        StoreError: it cannot be reached, or was written by a newer version than this one.
    """
    from alembic import command

    config, known = _config(), known_revisions()
    with database.begin() as transaction:
        connection = transaction.connection
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = revision(connection)
        if found is not None and found not in known:
            raise StoreError(
                f"history {database.where}: it is at revision {found}, which this version does not know (newest: "
                f"{HEAD}) — install the version that wrote it, or restore the backup made before that upgrade",
            )
        config.attributes["connection"] = connection
        before = compare_before_anchor(connection)
        if found is None or target == "base" or known.index(target) < known.index(found):
            (command.downgrade if target == "base" else command.upgrade)(config, target)
        else:
            command.downgrade(config, target)
        if found is not None and target == HEAD:
            group_existing(transaction)
            anchor_facts(connection, database.audit_key, HEAD, before)


def known_revisions() -> tuple[str, ...]:
    """Return every revision that this code knows, newest first."""
    from alembic.script import ScriptDirectory

    return tuple(step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    # Here and not above: each command opens a history, and one that is up to date is opened without Alembic.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


# The health of a history, examined without changing it: nothing is made, migrated or repaired.


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
    """Examine a history.

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


def check_creating(url: str, *, patience: float = PATIENCE) -> None:
    """Create a table and roll it back: whether an empty database can become a history.

    Raises:
        StoreError: it cannot: a replica, or a role without CREATE.
    """
    with (
        closing(HistoryDatabase(connect(url, create=False, patience=patience))) as database,
        database.writing() as connection,
    ):
        connection.exec_driver_sql("CREATE TABLE ketenwacht_doctor (number INTEGER)")
        connection.rollback()


def _faults(database: HistoryDatabase) -> Iterator[str]:
    if database.engine.dialect.name == "sqlite":
        with database.reading() as connection:
            said = connection.exec_driver_sql(f"PRAGMA quick_check({_MOST})").scalars().all()
        yield from (f"the file is damaged: {line}" for line in said if line != "ok")
    yield from (f"audit log, {fault}" for fault in AuditRepository(database).verify())
