"""Leader leases: the holder renews a row; a process that lost the row can no longer write.

No clock decides here. A holder counts up (`beat`) each time that it renews; whoever waits may take the row when it
has watched one and the same beat for long enough, by compare-and-swap on what it saw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, delete, insert, select, text, update

from ketenwacht.errors import LeadershipLost, PooledLock, StoreError

from .database import GRANT_WRITING, HistoryDatabase, faults, inserted, parse_url
from .tables import (
    alerts,
    expected,
    incidents,
    leases,
    memberships,
    metadata,
    numbered_incidents,
    watermarks,
)


@dataclass(frozen=True, slots=True)
class LeaseHolder:
    """Who has a task, and how often it was taken or renewed: a dead holder's count stands still."""

    worker: str
    beat: int


_INSERTED = [table.name for table in metadata.sorted_tables]
_UPDATED = [
    table.name for table in (alerts, expected, incidents, leases, memberships, numbered_incidents, watermarks)
]
_DENIED = text(
    "SELECT name FROM unnest(CAST(:inserted AS text[])) AS name WHERE NOT has_table_privilege(name, 'INSERT')"
    " UNION SELECT name FROM unnest(CAST(:updated AS text[])) AS name"
    " WHERE NOT has_table_privilege(name, 'UPDATE')"
    " UNION SELECT CAST(:deleted AS text) WHERE NOT has_table_privilege(:deleted, 'DELETE') ORDER BY name"
)
"""The tables that the role may not write. A role without UPDATE on the audit log alone is a wise choice."""


class LeaseRepository:
    """Tasks that only one process may do."""

    def __init__(self, database: HistoryDatabase) -> None:
        self._database = database

    @property
    def database(self) -> HistoryDatabase:
        """The database that the tasks are in."""
        return self._database

    def find_holder(self, name: str) -> LeaseHolder | None:
        """Return who has a task; None when nobody has."""
        with self._database.reading() as connection:
            row = connection.execute(select(leases.c.worker, leases.c.beat).where(leases.c.name == name)).first()
        return None if row is None else LeaseHolder(row.worker, row.beat)

    def take(self, name: str, *, worker: str, instead_of: LeaseHolder | None = None) -> bool:
        """Take a task that nobody has, keep one's own, or take one from a holder that is dead.

        Args:
            name: of the task.
            worker: a name that no other process has.
            instead_of: the holder that is dead; it keeps the task when it renewed it since.

        Returns:
            Whether `worker` has it now. Whatever its former holder was writing is over by then.
        """
        taken = leases.c.worker == worker
        if instead_of is not None:
            taken |= (leases.c.worker == instead_of.worker) & (leases.c.beat == instead_of.beat)
        mine = update(leases).where(leases.c.name == name, taken).values(worker=worker, beat=leases.c.beat + 1)
        with self._database.writing(guarded=False) as connection:
            if inserted(connection, leases, {"name": name, "worker": worker, "beat": 1}) is not None:
                return True
            return connection.execute(mine).rowcount == 1

    def release(self, name: str, *, worker: str) -> bool:
        """Give a task back, so that another process need not wait; False when `worker` did not have it."""
        with self._database.writing(guarded=False) as connection:
            mine = delete(leases).where(leases.c.name == name, leases.c.worker == worker)
            return connection.execute(mine).rowcount == 1

    def try_write(self, name: str) -> None:
        """Write the row of a task as it is, or one of its own, and roll it back.

        Raises:
            StoreError: the history cannot be written; nothing says so when another process is writing.
        """
        try:
            with self._database.writing(guarded=False) as connection:
                connection.execute(insert(leases).values(name=f"{name} {token_hex(8)}", worker="", beat=0))
                self._check_rights(connection)
                connection.rollback()
        except StoreError as fault:
            if "another process is writing" not in str(fault):
                raise

    def _check_rights(self, connection: Connection) -> None:
        """Refuse a role of PostgreSQL that may write some tables of a history and not others."""
        if connection.dialect.name != "postgresql":
            return
        asked = {"inserted": _INSERTED, "updated": _UPDATED, "deleted": leases.name}
        denied = list(connection.execute(_DENIED, asked).scalars())
        if denied:
            raise StoreError(
                f"history {self._database.where}: permission denied for {', '.join(denied)} — {GRANT_WRITING}"
            )

    def fence(self, name: str, *, worker: str) -> None:
        """Refuse every later write through this object unless `worker` has the task at that moment.

        Otherwise a process that was suspended while another took over would finish its old work.
        """

        def guard(connection: Connection) -> None:
            query = select(leases.c.worker).where(leases.c.name == name).with_for_update(read=True)
            if connection.execute(query).scalar_one_or_none() != worker:
                raise LeadershipLost(
                    f"history {self._database.where}: another process works now; nothing was written"
                )

        self._database.guard = guard


# The right to work on a history: a row on SQLite, an advisory lock on PostgreSQL. Both fence off a former holder.


_LOCK = 0x6B657477  # "ketw": beside it stands a number made of the schema and the name
_MILLISECOND = timedelta(milliseconds=1)
_TRIES = 3
LEADER = "service"
"""The right to judge, record and send on a history."""


class LeaderLock(Protocol):
    """A right that one process at a time has.

    Attributes:
        fault: why it could not be taken at the last try, beside that another process has it; None: nothing.
    """

    fault: StoreError | None

    def keep(self) -> bool:
        """Take it, or keep it; False when another process has it, or may have it by now.

        Raises:
            StoreError: the history does not answer, and so nobody else can have taken it yet.
        """
        ...

    def leave(self) -> None:
        """Give it back, so that another need not wait.

        Raises:
            StoreError: the history does not answer.
        """
        ...


def build_leader_lock(
    leases: LeaseRepository, name: str, *, worker: str, length: timedelta, monotonic: Callable[[], float]
) -> LeaderLock:
    """Build the kind of lock that the database of a history has.

    Args:
        leases: of an open history, which writes only while it has the lock once it took it.
        name: of the right.
        worker: a name that no other process has.
        length: how long a holder may be silent before another may take it.
        monotonic: seconds of a monotonic clock.
    """
    if leases.database.engine.dialect.name == "postgresql":
        return AdvisoryLock(leases, name, worker, length)
    return LeaseRow(leases, name, worker, length, monotonic)


class LeaseRow:
    """A row that is taken by compare-and-swap, once it was seen not to change for its length."""

    def __init__(
        self, leases: LeaseRepository, name: str, worker: str, length: timedelta, monotonic: Callable[[], float]
    ) -> None:
        self._leases, self._name, self._worker = leases, name, worker
        self._length, self._monotonic = length / timedelta(seconds=1), monotonic
        self._seen: LeaseHolder | None = None
        self._since = 0.0
        self.fault: StoreError | None = None

    def keep(self) -> bool:
        """See `LeaderLock`."""
        found = self._leases.find_holder(self._name)
        if found is not None and found.worker != self._worker:
            now = self._monotonic()
            if found != self._seen:
                self._seen, self._since = found, now
            if now - self._since < self._length:
                return False
        mine = self._leases.take(self._name, worker=self._worker, instead_of=found)
        if mine:
            self._leases.fence(self._name, worker=self._worker)
        return mine

    def leave(self) -> None:
        """See `LeaderLock`."""
        self._leases.release(self._name, worker=self._worker)


class AdvisoryLock:
    """A lock that a connection of its own holds: it is free the moment that the connection is gone.

    The server ends that connection when it hears nothing for the length of the lock, and this side never goes on
    after the connection failed. The row is taken too, for the fence.

    Attributes:
        fault: why it could not be taken at the last try, beside that another process has it; None: nothing.
    """

    def __init__(self, leases: LeaseRepository, name: str, worker: str, length: timedelta) -> None:
        self._leases, self._name, self._worker = leases, name, worker
        self._silent = round(length / _MILLISECOND)
        url = leases.database.lock_url
        self._engine = _make_unpooled_engine(
            leases.database.engine.url if url is None else parse_url(url), self._silent
        )
        self._connection: Connection | None = None
        self._mine = False
        self.fault: StoreError | None = None

    def keep(self) -> bool:
        """See `LeaderLock`; never raises, since a lock whose connection is gone is free."""
        self.fault = None
        try:
            if not self._lock():
                self._hang_up()
                return False
            if self._mine:
                return True
            found = self._leases.find_holder(self._name)
            self._mine = self._leases.take(self._name, worker=self._worker, instead_of=found)
            if self._mine:
                self._leases.fence(self._name, worker=self._worker)
        except StoreError as fault:
            self._mine, self.fault = False, fault
        if not self._mine:
            self._hang_up()
        return self._mine

    def leave(self) -> None:
        """See `LeaderLock`."""
        mine, self._mine = self._mine, False
        try:
            if mine and self._connection is not None:
                self._leases.release(self._name, worker=self._worker)
                with faults(self._where):  # the server is slower to notice that a connection is gone
                    self._connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
        finally:
            self._hang_up()

    @property
    def _where(self) -> str:
        return self._leases.database.where

    def _lock(self) -> bool:
        """Hold the lock on the server; False when another process holds it."""
        with faults(self._where):
            if self._mine and self._connection is not None:
                self._connection.exec_driver_sql("SELECT 1")
                return True
            self._connection = self._engine.connect()
            if _is_pooled(self._connection, self._engine):
                raise PooledLock(
                    f"history {self._where}: a pool gives each transaction another connection, so that the leader "
                    "lock does not hold — set history_lock_url to the address of the server itself, or pool_mode "
                    "= session"
                )
            for setting in ("idle_session_timeout", "tcp_user_timeout"):
                self._connection.exec_driver_sql(f"SET {setting} = {self._silent}")
            query = text("SELECT pg_try_advisory_lock(:lock, hashtext(current_schema() || '/' || :name))")
            return bool(self._connection.execute(query, {"lock": _LOCK, "name": self._name}).scalar_one())

    def _hang_up(self) -> None:
        self._mine = False
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # closed without asking: the other side may be gone
            connection.close()


def _is_pooled(connection: Connection, engine: Engine) -> bool:
    """Return whether a pool may give another server process to the next transaction of a connection.

    A client of the server itself was told which process answers. Behind a pool of transactions, a second client
    that opens a transaction gets the process that answered the first one, or the first one then gets another.
    """
    query = "SELECT pg_backend_pid()"
    driver: Any = connection.connection.driver_connection
    seen = {connection.exec_driver_sql(query).scalar_one()}
    if driver.info.backend_pid in seen:
        return False
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as other:
        for _ in range(_TRIES):
            with other.begin():
                if other.exec_driver_sql(query).scalar_one() in seen:
                    return True
                seen.add(connection.exec_driver_sql(query).scalar_one())
                if len(seen) > 1:
                    return True
    return False


def _make_unpooled_engine(url: URL, silent: int) -> Engine:
    """Make an engine whose connections end when they are closed; a pooled connection would keep the lock."""
    looks = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 3}
    return create_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={
            **looks,
            "tcp_user_timeout": silent,
            "connect_timeout": 5,
            "application_name": "ketenwacht-seat",
            "prepare_threshold": None,
        },
    )
