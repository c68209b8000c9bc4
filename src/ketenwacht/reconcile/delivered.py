"""The keys of all deliveries of a feed, read once, so that each register costs one comparison.

The tables hold every record, not the latest state. A comparison selects the deliveries that count for their
period, so the order of adding deliveries does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta, tzinfo
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from ketenwacht.domain.delivery import Delivery, DeliveryKind
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal_values import plain_form
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import ConfigError, DeliveryError, EngineError
from ketenwacht.sql import quote_name, quote_text

from .keys import Form, Keys, find_form, key_text, number_sql, pseudonym_sql, signing_parameters, text
from .survey import ABSENT, KeyColumns, Segments, Survey, day_sql, refuse_malformed, segment_hash_sql, survey
from .tables import DELIVERY, Resources, hide_values, workspace

if TYPE_CHECKING:
    import duckdb

EPOCH = date(1970, 1, 1)
OTHER_KEY = "signed with "
"""Begins the name of a column with the pseudonyms of an older key, and ends with its id."""
_LINES = 1 << 32  # above the number of lines of any delivery


_REPLACED_BY_REDELIVERY = {DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION}


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """One delivery whose keys were read.

    Attributes:
        number: position in the order of adding, from 0.
        delivery: as found by its source.
        arrived_on: local date of arrival; the period when the arrival is unknown.
        rows: records with a key.
        without_key: records without a key, which cannot match.
    """

    number: int
    delivery: Delivery
    arrived_on: date
    rows: int
    without_key: int

    @property
    def sort_key(self) -> tuple[date, float, int]:
        """Sort key, older states first: period, then arrival, then the order of adding."""
        arrived = self.delivery.arrived_at
        return self.delivery.period, arrived.timestamp() if arrived is not None else 0.0, self.number


def select_current(entries: Iterable[DeliveryEntry], reference_date: date) -> tuple[DeliveryEntry, ...]:
    """Return the deliveries that count for their period, oldest state first.

    Only periods up to `reference_date` count. A redelivery replaces earlier arrivals of its period, a snapshot
    replaces all deliveries up to its period, a correction replaces single records, a catch-up adds records.
    """
    current: list[DeliveryEntry] = []
    for entry in sorted((e for e in entries if e.delivery.period <= reference_date), key=lambda e: e.sort_key):
        kind, period = entry.delivery.kind, entry.delivery.period
        if kind is DeliveryKind.SNAPSHOT:
            current = []
        elif kind is DeliveryKind.REDELIVERY:
            current = [
                e for e in current if e.delivery.period != period or e.delivery.kind not in _REPLACED_BY_REDELIVERY
            ]
        current.append(entry)
    return tuple(current)


@dataclass(frozen=True, slots=True)
class EntryRank:
    """How the records of one delivery stand among those of the others, for one reference date.

    Attributes:
        entry: the delivery, of a period up to the reference date.
        newest: higher for a newer delivery; None: another one replaced it.
        oldest: higher for an earlier period, and for the last arrival of one period; None: as `newest`.
    """

    entry: DeliveryEntry
    newest: int | None
    oldest: int | None


def rank_entries(entries: Iterable[DeliveryEntry], reference_date: date) -> tuple[EntryRank, ...]:
    """Return the deliveries of periods up to the reference date, in the order given, with their ranks."""
    until = [e for e in entries if e.delivery.period <= reference_date]
    current = select_current(until, reference_date)
    newest = {entry.number: rank for rank, entry in enumerate(current)}
    oldest_last = sorted(current, key=lambda e: (-e.sort_key[0].toordinal(), *e.sort_key[1:]))
    oldest = {entry.number: rank for rank, entry in enumerate(oldest_last)}
    return tuple(EntryRank(e, newest.get(e.number), oldest.get(e.number)) for e in until)


class DeliveredKeys:
    """Pseudonyms of delivered persons with segment and delivery, in memory or spilled until closed.

    Deliveries with clear keys get a pseudonym for every key, so that registers of an older key compare too.
    Deliveries with pseudonyms compare with registers of the same key only.
    """

    def __init__(  # noqa: PLR0913 - two required by every caller, four options by keyword
        self,
        columns: KeyColumns,
        keys: Keys | None = None,
        *,
        zone: tzinfo = UTC,
        resources: Resources | None = None,
        excluded: Sequence[str] = (),
        guard: Guard | None = None,
    ) -> None:
        """Open an empty workspace.

        Args:
            columns: of a delivery.
            keys: needed when deliveries or registers hold clear keys.
            zone: of the dates in the register; an arrival counts on its local date.
            resources: memory and spilling.
            excluded: clear keys of synthetic persons, who count on neither side.
            guard: decides which segment values may be stored; None: those that do not look personal.
        """
        self.columns = columns
        self.keys = keys
        self.entries: list[DeliveryEntry] = []
        self._zone = zone
        self._excluded = tuple(excluded)
        self._excluded_tables: dict[str, str] = {}
        self._threads = resources.threads if resources is not None else None
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
        """Drop all keys and close the workspace."""
        self._stack.close()

    def use_threads(self, threads: int | None) -> None:
        """Let the database use so many threads from now on; None: one a core. Few rows are slower with many."""
        if threads != self._threads:
            self.connection.execute("RESET threads" if threads is None else f"SET threads = {threads}")
            self._threads = threads

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of the keys that sign the delivered pseudonyms."""
        return tuple(self._key_ids)

    def add(self, delivery: Delivery, load: Callable[[duckdb.DuckDBPyConnection], object]) -> int:
        """Add the records of one delivery; adding it again does nothing.

        Args:
            delivery: as verified by its source.
            load: writes its records into table `delivery` of the connection; the table is dropped afterwards.

        Returns:
            The number of its records with a key.

        Raises:
            DeliveryError: it was not read, cannot be loaded, or has no key column.
            ConfigError: its keys are plain hashes, or clear while there is no key to sign with.
            UnreadableDelivery: some keys have another form than the first ones.
        """
        for entry in self.entries:
            if (entry.delivery.id, entry.delivery.sha256) == (delivery.id, delivery.sha256):
                return entry.rows
        if not delivery.read:
            raise DeliveryError(f"{delivery.feed} {delivery.id}: was not read, so its keys are unknown")
        where = f"{delivery.feed} {delivery.id}"
        with self._load_records(load), hide_values(where):
            relation, columns = self._build_relation(where)
            form = find_form(self.connection, relation, columns.key, where=where)
            seen = survey(self.connection, relation, columns, form)
            rows = excluded_rows = 0
            with self.segments.numbered(seen):
                for key_id in self._list_key_ids(form, where):
                    rows = self._insert(relation, columns, seen, key_id, where)
                    excluded_rows = self.exclude(self.ensure_table(key_id), key_id, len(self.entries))
                for column, key_id in () if form.clear else self._list_further_keys():
                    signed = replace(columns, key=(column,))
                    self._insert(relation, signed, replace(seen, form=Form(key_id)), key_id, where)
                    self.exclude(self.ensure_table(key_id), key_id, len(self.entries))
        self.note(delivery, rows - excluded_rows, seen.rows - rows)
        return rows - excluded_rows

    def note(self, delivery: Delivery, rows: int, without_key: int) -> DeliveryEntry:
        """Add a delivery whose records are somewhere else, and return its entry."""
        arrived = delivery.arrived_at
        arrived_on = arrived.astimezone(self._zone).date() if arrived is not None else delivery.period
        self.entries.append(DeliveryEntry(len(self.entries), delivery, arrived_on, rows, without_key))
        return self.entries[-1]

    def events_sql(self, key_id: str, reference_date: date) -> str:
        """Return SQL for FROM with one row a record of a period up to `reference_date`.

        Columns: pseudonym; decided and arrived (days since 1970; arrived is null for a withdrawal); regular, the
        same as arrived but null in a catch-up; segment (null for a withdrawal) and withdrawn, both null for a
        replaced record; newest, highest for the last record of a person by delivery and line; oldest, highest for
        the last record of the earliest period.
        """
        ranks = rank_entries(self.entries, reference_date)
        until = [rank.entry for rank in ranks]
        newest = [-1 if rank.newest is None else rank.newest for rank in ranks]
        oldest = [-1 if rank.oldest is None else rank.oldest for rank in ranks]
        self.connection.register(
            "counted",
            {
                "number": np.array([e.number for e in until], dtype=np.int32),
                "arrived": np.array([(e.arrived_on - EPOCH).days for e in until], dtype=np.int32),
                "is_catch_up": np.array([e.delivery.kind is DeliveryKind.CATCH_UP for e in until], dtype=np.bool_),
                "newer": np.array([rank * _LINES for rank in newest], dtype=np.int64),
                "older": np.array([rank * _LINES for rank in oldest], dtype=np.int64),
            },
        )
        return (
            "(SELECT pseudonym, decided, CASE WHEN NOT withdrawn THEN arrived END AS arrived, "  # noqa: S608 - our own names
            "CASE WHEN NOT withdrawn AND NOT is_catch_up THEN arrived END AS regular, "
            "CASE WHEN newer >= 0 AND NOT withdrawn THEN segment END AS segment, "
            "CASE WHEN newer >= 0 THEN withdrawn END AS withdrawn, newer + line AS newest, older + line AS oldest "
            f"FROM {self.ensure_table(key_id)} JOIN counted USING (number))"
        )

    def ensure_table(self, key_id: str) -> str:
        """Return the table with the records signed with `key_id`, and create it when it is new."""
        if key_id not in self._key_ids:
            self._key_ids[key_id] = len(self._key_ids)
            self.connection.execute(
                f"CREATE TABLE delivered_{self._key_ids[key_id]} "
                "(pseudonym UHUGEINT, number INTEGER, line INTEGER, segment INTEGER, "
                "withdrawn BOOLEAN, decided INTEGER)"
            )
        return f"delivered_{self._key_ids[key_id]}"

    def exclude(self, table: str, key_id: str, number: int | None = None) -> int:
        """Delete synthetic persons from a table of pseudonyms, and return the number of deleted rows.

        Args:
            table: in `connection`, with a column `pseudonym`.
            key_id: id of the key behind the pseudonyms; without this key nothing is deleted.
            number: only rows of this delivery.
        """
        if not self._excluded or self.keys is None or key_id not in self.keys:
            return 0
        if key_id not in self._excluded_tables:
            self._excluded_tables[key_id] = f"excluded_{len(self._excluded_tables)}"
            hexes = [self.keys.make_pseudonym(key, key_id).partition(":")[2] for key in self._excluded]
            self.connection.register("hexes", {"hex": np.array(hexes, dtype=object)})
            self.connection.execute(
                f"CREATE TABLE {self._excluded_tables[key_id]} AS "  # noqa: S608 - our own names
                f"SELECT {number_sql('hex')} AS pseudonym FROM hexes"
            )
            self.connection.unregister("hexes")
        only = f"number = {number} AND " if number is not None else ""
        excluded_rows = self.connection.execute(
            f"DELETE FROM {table} WHERE {only}pseudonym IN (SELECT pseudonym FROM {self._excluded_tables[key_id]})"  # noqa: S608 - our own names
        ).fetchall()
        return int(excluded_rows[0][0])

    @contextmanager
    def _load_records(self, load: Callable[[duckdb.DuckDBPyConnection], object]) -> Iterator[None]:
        """Hold the records of a delivery in table `delivery`, in order: the last record of a person counts."""
        self.connection.execute("SET preserve_insertion_order = true")
        try:
            load(self.connection)
            self.connection.execute("SET preserve_insertion_order = false")
            yield
        finally:
            self.connection.execute("SET preserve_insertion_order = false")
            self.connection.execute(f"DROP TABLE IF EXISTS {DELIVERY}")

    def _build_relation(self, where: str) -> tuple[str, KeyColumns]:
        """Return SQL for the delivery with every needed column, and these columns; absent columns are null."""
        present = {str(row[0]) for row in self.connection.execute(f"DESCRIBE {DELIVERY}").fetchall()}
        present = self._restore_names(present)
        columns = self.columns.resolve(present)
        for name in columns.key:
            if name not in present:
                raise DeliveryError(f"{where}: has no column {name}, so its persons cannot be compared")
        no_value = dict.fromkeys(self.columns.segments, quote_text(ABSENT))
        no_value |= {c: "NULL" for c in (self.columns.mutation, self.columns.decided) if c is not None}
        extra = "".join(f", {value} AS {quote_name(c)}" for c, value in no_value.items() if c not in present)
        return f"(SELECT *, rowid::INTEGER AS line{extra} FROM {DELIVERY})", columns  # noqa: S608 - names are quoted

    def _restore_names(self, present: set[str]) -> set[str]:
        """Give columns their agreed names when capitals, spaces or the form of characters alone differ.

        The finding about the changed header says so. The persons came all the same.
        """
        by_form = {plain_form(name): name for name in present}
        for name in self.columns.names:
            written = by_form.get(plain_form(name))
            if name not in present and written is not None:
                renaming = f"ALTER TABLE {DELIVERY} RENAME {quote_name(written)} TO {quote_name(name)}"
                self.connection.execute(renaming)
                present = {*present - {written}, name}
        return present

    def _list_further_keys(self) -> list[tuple[str, str]]:
        """Return each column with the pseudonyms of an older key, and its id: of rows signed where they lie."""
        present = [str(row[0]) for row in self.connection.execute(f"DESCRIBE {DELIVERY}").fetchall()]
        return [(name, name.removeprefix(OTHER_KEY)) for name in present if name.startswith(OTHER_KEY)]

    def _list_key_ids(self, form: Form, where: str) -> tuple[str, ...]:
        if form.key_id is not None:
            return (form.key_id,)
        if self.keys is None:
            raise ConfigError(where, "holds clear keys, and there is no key to sign with", "name a key file")
        return self.keys.ids

    def _insert(self, relation: str, columns: KeyColumns, seen: Survey, key_id: str, where: str) -> int:
        """Sign the records with a key and return their number; on a malformed key nothing is added."""
        table, number = self.ensure_table(key_id), len(self.entries)
        withdrawn = "false"
        if columns.mutation is not None and columns.withdrawn:
            withdrawn = f"{text(columns.mutation)} IN ({', '.join(quote_text(v) for v in columns.withdrawn)})"
        self.connection.execute("BEGIN")
        try:
            ((rows,),) = self.connection.execute(
                f"INSERT INTO {table} SELECT {number_sql('hex')}, {number}, line, segment, withdrawn, decided "  # noqa: S608 - names are quoted
                f"FROM (SELECT {pseudonym_sql(columns.key, seen.form)} AS hex, line, "
                f"{segment_hash_sql(columns)} AS segments, {withdrawn} AS withdrawn, "
                f"{day_sql(columns.decided)} AS decided FROM {relation} WHERE {key_text(columns.key)} <> '') "
                "JOIN numbered USING (segments)",
                signing_parameters(seen.form, self.keys, key_id) or None,
            ).fetchall()
            malformed = f"SELECT count(*) FROM {table} WHERE number = {number} AND pseudonym IS NULL"  # noqa: S608 - our own names
            ((odd,),) = self.connection.execute(malformed).fetchall()
            refuse_malformed(where, seen, malformed=int(odd), column=", ".join(columns.key))
        except BaseException:  # also an interrupt: half a file of keys must not stay behind
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return int(rows)


# The normal number of persons a week, by which a catch-up is spread.

_USUAL = frozenset({DeliveryKind.MUTATION, DeliveryKind.REDELIVERY, DeliveryKind.CORRECTION})
_WEEK = 7


def measure_weekly_load(
    delivered: DeliveredKeys, dimensions: tuple[str, ...], until: date, *, key_id: str, weeks: int = 26
) -> dict[Segment, float]:
    """Return persons a week by segment over the last weeks, without catch-ups and snapshots.

    Args:
        delivered: all deliveries.
        dimensions: columns to count by, among the segment columns of `delivered`.
        until: last day, inclusive.
        key_id: id of the key behind the pseudonyms to count.
        weeks: at most this many; fewer for a younger feed.

    Raises:
        EngineError: the count exceeds the allowed memory and disk.
    """
    import duckdb

    after = until - timedelta(days=_WEEK * weeks)
    usual = [
        e
        for e in select_current(delivered.entries, until)
        if e.delivery.kind in _USUAL and e.delivery.period > after
    ]
    if not usual:
        return {}
    first = min(entry.delivery.period for entry in usual)
    span = max(((until - first).days + 1) / _WEEK, 1.0)
    named = ", ".join(map(quote_name, dimensions))
    numbers = [entry.number for entry in usual]
    try:
        rows = delivered.connection.execute(
            f"SELECT {named}, count(DISTINCT pseudonym) "  # noqa: S608 - names are quoted
            f"FROM {delivered.ensure_table(key_id)} d JOIN segment s ON s.id = d.segment "
            f"WHERE NOT withdrawn AND number IN (SELECT unnest(?::INTEGER[])) GROUP BY {named}",
            [numbers],
        ).fetchall()
    except duckdb.Error as fault:
        raise EngineError(f"counting persons a week failed ({type(fault).__name__})") from None
    return {Segment(tuple(zip(dimensions, row[:-1], strict=True))): int(row[-1]) / span for row in rows}
