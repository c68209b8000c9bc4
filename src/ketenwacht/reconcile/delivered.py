"""The keys of everything a feed ever delivered, fed delivery by delivery, so that a register costs one comparison.

An account of records, not of the latest state: which delivery stands for its period is decided when a register is
compared, so the order in which deliveries were added makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, tzinfo
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from ketenwacht.domain.delivery import Delivery, DeliveryKind
from ketenwacht.domain.guard import Guard
from ketenwacht.errors import ConfigError, DeliveryError

from .keys import Form, Keys, find_form, number_sql, parameters, pseudonym_sql, quoted, text
from .outcome import Entry, live
from .survey import KeyColumns, Segments, Survey, day_sql, refuse_malformed, segment_hash, survey
from .tables import DELIVERY, Resources, unquoting, workspace

if TYPE_CHECKING:
    import duckdb

EPOCH = date(1970, 1, 1)
_LINES = 1 << 32  # more than a delivery has


class DeliveredKeys:
    """Pseudonyms of delivered persons with segment, delivery and direction. In memory, or spilled; never kept.

    Deliveries may hold clear keys (then a pseudonym is made with every key, so that registers of an older key
    can still be compared) or pseudonyms (then only registers of that key can).
    """

    def __init__(  # noqa: PLR0913 - what it reads, by what, within what
        self,
        columns: KeyColumns,
        keys: Keys | None = None,
        *,
        zone: tzinfo = UTC,
        resources: Resources | None = None,
        nobody: Sequence[str] = (),
        guard: Guard | None = None,
    ) -> None:
        """Start an empty account.

        Args:
            columns: of a delivery.
            keys: needed when deliveries or registers hold clear keys.
            zone: of the dates in the register; an arrival counts on its local date.
            resources: memory and spilling.
            nobody: keys in clear that are no persons', on neither side.
            guard: what of segment values may be kept; None: what does not look personal.
        """
        self.columns = columns
        self.keys = keys
        self.entries: list[Entry] = []
        self._zone = zone
        self._nobody = tuple(nobody)
        self._unwanted: dict[str, str] = {}
        self._key_ids: dict[str, int] = {}
        self._stack = ExitStack()
        self.connection = self._stack.enter_context(workspace(resources or Resources()))
        self.segments = Segments(self.connection, columns.segments, guard or Guard())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget every key."""
        self._stack.close()

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Key ids under which delivered persons can be compared."""
        return tuple(self._key_ids)

    def add(self, delivery: Delivery, load: Callable[[duckdb.DuckDBPyConnection], object]) -> int:
        """Add the records of one delivery; the same delivery twice adds nothing.

        Args:
            delivery: as feeds found and verified it.
            load: puts its records into table `delivery` of the connection it is given; they are gone afterwards.

        Returns:
            How many records with a key it held.

        Raises:
            DeliveryError: it was not read, cannot be loaded, or has no key column.
            ConfigError: its keys are plain hashes, or clear while there is no key to sign with.
            UnreadableDelivery: some of its keys are not written as the first ones are.
        """
        for entry in self.entries:
            if (entry.delivery.id, entry.delivery.sha256) == (delivery.id, delivery.sha256):
                return entry.rows
        if not delivery.read:
            raise DeliveryError(f"{delivery.feed} {delivery.id}: was not read, so it has no keys")
        where = f"{delivery.feed} {delivery.id}"
        with self._loaded(load), unquoting(where):
            relation = self._relation(where)
            form = find_form(self.connection, relation, self.columns.key, where=where)
            seen = survey(self.connection, relation, self.columns, form)
            rows = gone = 0
            with self.segments.numbered(seen):
                for key_id in self._signers(form, where):
                    rows = self._insert(relation, seen, key_id, where)
                    gone = self.leave_out(self.table(key_id), key_id, len(self.entries))
        arrived = delivery.arrived_at
        arrived_on = arrived.astimezone(self._zone).date() if arrived is not None else delivery.period
        self.entries.append(Entry(len(self.entries), delivery, arrived_on, rows - gone, seen.rows - rows))
        return rows - gone

    def events(self, key_id: str, reference_date: date) -> str:
        """SQL after FROM, one row a record of a period up to `reference_date`.

        Columns: pseudonym; decided; arrived (days since 1970, null for a withdrawal); usual, the same but null in
        a catch-up; segment (null for a withdrawal) and withdrawn, null for a replaced record; newest and oldest,
        each highest for the record that is so: by delivery and line, and in `oldest` by the earliest period, of
        that the last word.
        """
        until = [e for e in self.entries if e.delivery.period <= reference_date]
        standing = live(self.entries, reference_date)
        newest = {entry.number: rank for rank, entry in enumerate(standing)}
        backwards = sorted(standing, key=lambda e: (-e.order[0].toordinal(), *e.order[1:]))
        oldest = {entry.number: rank for rank, entry in enumerate(backwards)}
        self.connection.register(
            "standing",
            {
                "number": np.array([e.number for e in until], dtype=np.int32),
                "arrived": np.array([(e.arrived_on - EPOCH).days for e in until], dtype=np.int32),
                "caught": np.array([e.delivery.kind is DeliveryKind.CATCH_UP for e in until], dtype=np.bool_),
                "newer": np.array([newest.get(e.number, -1) * _LINES for e in until], dtype=np.int64),
                "older": np.array([oldest.get(e.number, -1) * _LINES for e in until], dtype=np.int64),
            },
        )
        return (
            "(SELECT pseudonym, decided, CASE WHEN NOT withdrawn THEN arrived END AS arrived, "  # noqa: S608 - our own names
            "CASE WHEN NOT withdrawn AND NOT caught THEN arrived END AS usual, "
            "CASE WHEN newer >= 0 AND NOT withdrawn THEN segment END AS segment, "
            "CASE WHEN newer >= 0 THEN withdrawn END AS withdrawn, newer + line AS newest, older + line AS oldest "
            f"FROM {self.table(key_id)} JOIN standing USING (number))"
        )

    def table(self, key_id: str) -> str:
        """The table with the records signed with `key_id`, made when new."""
        if key_id not in self._key_ids:
            self._key_ids[key_id] = len(self._key_ids)
            self.connection.execute(
                f"CREATE TABLE delivered_{self._key_ids[key_id]} "
                "(pseudonym UHUGEINT, number INTEGER, line INTEGER, segment INTEGER, "
                "withdrawn BOOLEAN, decided INTEGER)"
            )
        return f"delivered_{self._key_ids[key_id]}"

    def leave_out(self, table: str, key_id: str, number: int | None = None) -> int:
        """Take those who are no persons out of a table with pseudonyms of a key; how many rows that were.

        Args:
            table: in `connection`, with a column `pseudonym`.
            key_id: the key that they were made with; without that key nobody can be told apart, and nobody is.
            number: only rows of this delivery.
        """
        if not self._nobody or self.keys is None or key_id not in self.keys:
            return 0
        if key_id not in self._unwanted:
            self._unwanted[key_id] = f"nobody_{len(self._unwanted)}"
            hexes = [self.keys.pseudonym(key, key_id).partition(":")[2] for key in self._nobody]
            self.connection.register("hexes", {"hex": np.array(hexes, dtype=object)})
            made = f"CREATE TABLE {self._unwanted[key_id]} AS SELECT {number_sql('hex')} AS pseudonym FROM hexes"  # noqa: S608 - our own names
            self.connection.execute(made)
            self.connection.unregister("hexes")
        only = f"number = {number} AND " if number is not None else ""
        gone = self.connection.execute(
            f"DELETE FROM {table} WHERE {only}pseudonym IN (SELECT pseudonym FROM {self._unwanted[key_id]})"  # noqa: S608 - our own names
        ).fetchall()
        return int(gone[0][0])

    @contextmanager
    def _loaded(self, load: Callable[[duckdb.DuckDBPyConnection], object]) -> Iterator[None]:
        """The records of a delivery in table `delivery`, in their order: the last word on a person counts."""
        self.connection.execute("SET preserve_insertion_order = true")
        try:
            load(self.connection)
            self.connection.execute("SET preserve_insertion_order = false")
            yield
        finally:
            self.connection.execute("SET preserve_insertion_order = false")
            self.connection.execute(f"DROP TABLE IF EXISTS {DELIVERY}")

    def _relation(self, where: str) -> str:
        """The delivery with every column we need; a segment column that did not come is empty."""
        present = {str(row[0]) for row in self.connection.execute(f"DESCRIBE {DELIVERY}").fetchall()}
        if self.columns.key not in present:
            raise DeliveryError(f"{where}: has no column {self.columns.key}, so nobody in it can be compared")
        absent = [
            c for c in (*self.columns.segments, self.columns.mutation, self.columns.decided) if c is not None
        ]
        extra = "".join(f", NULL AS {quoted(c)}" for c in absent if c not in present)
        return f"(SELECT *, rowid::INTEGER AS line{extra} FROM {DELIVERY})"  # noqa: S608 - names are quoted

    def _signers(self, form: Form, where: str) -> tuple[str, ...]:
        if form.key_id is not None:
            return (form.key_id,)
        if self.keys is None:
            raise ConfigError(where, "holds clear keys, and there is no key to sign with", "name a key file")
        return self.keys.ids

    def _insert(self, relation: str, seen: Survey, key_id: str, where: str) -> int:
        """Sign the records with a key; how many had one. Nothing is added when one is not what it must be."""
        columns, table, number = self.columns, self.table(key_id), len(self.entries)
        withdrawn = "false"
        if columns.mutation is not None and columns.withdrawn:
            withdrawn = f"{text(columns.mutation)} IN ({', '.join(_literal(v) for v in columns.withdrawn)})"
        self.connection.execute("BEGIN")
        try:
            ((rows,),) = self.connection.execute(
                f"INSERT INTO {table} SELECT {number_sql('hex')}, {number}, line, segment, withdrawn, decided "  # noqa: S608 - names are quoted
                f"FROM (SELECT {pseudonym_sql(columns.key, seen.form)} AS hex, line, "
                f"{segment_hash(columns)} AS segments, {withdrawn} AS withdrawn, "
                f"{day_sql(columns.decided)} AS decided FROM {relation} WHERE {text(columns.key)} <> '') "
                "JOIN numbered USING (segments)",
                parameters(seen.form, self.keys, key_id) or None,
            ).fetchall()
            malformed = f"SELECT count(*) FROM {table} WHERE number = {number} AND pseudonym IS NULL"  # noqa: S608 - our own names
            ((odd,),) = self.connection.execute(malformed).fetchall()
            refuse_malformed(where, seen, malformed=int(odd), column=columns.key)
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return int(rows)


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
