"""Who works: a row that its holder renews, and that nobody may write past who has lost it.

No clock decides here. A holder counts up (`beat`) each time that it renews; whoever waits may take the row when it
has watched one and the same beat for long enough, by compare-and-swap on what it saw.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from ketenwacht.errors import LeadershipLost

from .database import HistoryDatabase, inserted
from .tables import leases


@dataclass(frozen=True, slots=True)
class LeaseHolder:
    """Who has a task, and how often it was taken or renewed: a dead holder's count stands still."""

    worker: str
    beat: int


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

    def fence(self, name: str, *, worker: str) -> None:
        """From now on let nothing be written through this object unless `worker` has the task at that moment.

        A process that stood still while another took over would otherwise finish what it had begun.
        """

        def guard(connection: Connection) -> None:
            query = select(leases.c.worker).where(leases.c.name == name).with_for_update(read=True)
            if connection.execute(query).scalar_one_or_none() != worker:
                raise LeadershipLost(
                    f"history {self._database.where}: another process works now; nothing was written"
                )

        self._database.guard = guard
