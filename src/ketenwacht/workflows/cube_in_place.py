"""Compare a register with deliveries inside the one database that holds both: only counts of persons leave it.

The statement has no secret: both sides are in clear, and meet on the text that a pseudonym would be made of. What
it cannot answer exactly as the comparison of copied rows would, is left to that comparison (None).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from ketenwacht.dialects import Dialect, find_dialect
from ketenwacht.domain.delivery import Delivery
from ketenwacht.errors import ConfigError, DeliveryError, EngineError
from ketenwacht.reconcile import (
    CubeCell,
    DeliveredKeys,
    KeyColumns,
    ReconciliationOutcome,
    ReconciliationTerms,
    RegisterCounts,
    rank_entries,
    summarise_counted,
)
from ketenwacht.reconcile.compare import RECENT
from ketenwacht.reconcile.delivered import EPOCH
from ketenwacht.sources.database import SourceDatabase
from ketenwacht.sources.in_database import OpenRows
from ketenwacht.sources.period import parse_period
from ketenwacht.sources.signed_rows import PSEUDONYM, RemoteColumns, find_forms
from ketenwacht.sources.table import TableReader
from ketenwacht.sql import quote_name, quote_text

_PERIODS = {"date", "text", "integer"}
"""Types of a period column whose text in the database is what a driver gives."""
_ORDER = 10
"""Characters in front of segment values by which the last record of a person is found."""
_UNDATED = "0000-00-00"
"""Sorts before every date."""

_PERSONS = """
SELECT k, min(decided) AS decided, count(r_last) AS rows_found, max(r_last) AS r_last, min(r_first) AS r_first,
       min(arrived) AS arrived, min(regular) AS regular, max(s_last) AS s_last, min(s_first) AS s_first,
       max(w_last) AS w_last, min(w_first) AS w_first
FROM (SELECT k, decided, order_up || segs AS r_last, order_down || segs AS r_first, {no_number} AS arrived,
             {no_number} AS regular, {no_text} AS s_last, {no_text} AS s_first, {no_text} AS w_last,
             {no_text} AS w_first
      FROM ({register}) AS r WHERE k <> ''
      UNION ALL
      SELECT k, {no_number}, {no_text}, {no_text}, CASE WHEN gone = '0' THEN arrived END,
             CASE WHEN gone = '0' THEN regular END, CASE WHEN gone = '0' THEN {rank_up} || segs END,
             CASE WHEN gone = '0' THEN {rank_down} || segs END, newest_up || gone, newest_down || gone
      FROM ({delivered}) AS e WHERE k <> '') AS both_sides
GROUP BY k
"""
_CLASSED = """
SELECT rows_found, decided, arrived, regular, registered, delivered, unclear,
       CASE WHEN registered IS NOT NULL AND delivered IS NOT NULL
            THEN CASE WHEN arrived - decided > {sla} THEN 'late' ELSE 'matched' END
            WHEN registered IS NOT NULL
            THEN CASE WHEN {reference} - decided <= {sla} THEN 'pending' ELSE 'missing' END
            WHEN delivered IS NOT NULL THEN 'extra' END AS class
FROM (SELECT rows_found, decided, arrived, regular, substring(r_last, 11) AS registered,
             CASE WHEN substring(w_last, 11) = '0' THEN substring(s_last, 11) END AS delivered,
             CASE WHEN substring(r_last, 11) <> substring(r_first, 11)
                    OR substring(s_last, 11) <> substring(s_first, 11)
                    OR substring(w_last, 11) <> substring(w_first, 11) THEN 1 ELSE 0 END AS unclear
      FROM ({persons}) AS p) AS q
"""
_CUBE = """
SELECT class, registered, delivered, days, recent, count(*), sum(further), sum(unclear)
FROM (SELECT class, registered, CASE WHEN class IN ('matched', 'late', 'extra') THEN delivered END AS delivered,
             CASE WHEN class IN ('matched', 'late') THEN CASE WHEN arrived > decided THEN arrived - decided
                                                              WHEN arrived <= decided THEN 0 END
                  WHEN class = 'missing' THEN {reference} - decided END AS days,
             CASE WHEN class IN ('matched', 'late') AND regular > {reference} - {recent}
                  THEN 1 ELSE 0 END AS recent,
             CASE WHEN rows_found > 1 THEN rows_found - 1 ELSE 0 END AS further, unclear
      FROM ({classed}) AS c) AS cells
GROUP BY class, registered, delivered, days, recent
"""


class _NotHereError(Exception):
    """These tables need the comparison of copied rows."""


@dataclass(frozen=True, slots=True)
class SharedDatabase:
    """A register and deliveries in two tables, or one, of one database; build it with `find_shared_database`.

    Attributes:
        delivered: reads the deliveries.
        register: reads the register.
        dialect: of their database.
    """

    delivered: TableReader
    register: TableReader
    dialect: Dialect

    def compare(  # noqa: PLR0913 - the two sides, and how to compare
        self,
        snapshot: Delivery,
        found: Sequence[Delivery],
        *,
        columns: KeyColumns,
        oldest: bool,
        into: DeliveredKeys,
        terms: ReconciliationTerms,
    ) -> ReconciliationOutcome | None:
        """Return the outcome; None when the comparison of copied rows has to tell it, or what is wrong.

        Args:
            snapshot: the period of the register.
            found: the deliveries that count, each of another period.
            columns: of both sides.
            oldest: whether a person has the segment values of the first record, not of the newest.
            into: an empty workspace for the counts, in which each delivery is noted.
            terms: of the comparison.
        """
        try:
            with self.register.open_period(snapshot) as rows, self.delivered.open_all() as every:
                for statement in self.dialect.before_comparing:
                    rows.query(statement)
                return _Comparison(rows, self.delivered, columns, into, terms).run(every, found, oldest=oldest)
        except (_NotHereError, ConfigError, DeliveryError, EngineError):
            return None


def find_shared_database(delivered: object, register: object) -> SharedDatabase | None:
    """Return the database that holds both sides, when a comparison can run in it; else None."""
    if not isinstance(delivered, TableReader) or not isinstance(register, TableReader):
        return None
    ours, theirs = delivered.database, register.database
    if not isinstance(ours, SourceDatabase) or not isinstance(theirs, SourceDatabase):
        return None
    dialect = find_dialect(delivered.dialect)
    if dialect is None or not dialect.day_number or (ours.url, ours.root) != (theirs.url, theirs.root):
        return None
    return SharedDatabase(delivered, register, dialect)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """One comparison on the connection of the register's rows."""

    rows: OpenRows
    reader: TableReader
    columns: KeyColumns
    into: DeliveredKeys
    terms: ReconciliationTerms

    def run(self, every: OpenRows, found: Sequence[Delivery], *, oldest: bool) -> ReconciliationOutcome:
        register = self._find_columns(self.rows, (*self.columns.key, *self.columns.segments, self.columns.decided))
        without_key, undated = self._look_at_register(register)
        joined = self._join_deliveries(every, found)
        needed = (*self.columns.key, *self.columns.segments, self.columns.mutation)
        delivered = self._find_columns(joined, needed)
        self._note_deliveries(delivered)
        cells = self._read_cells(register, delivered, oldest=oldest)
        assert self.into.keys is not None  # noqa: S101 - a feed has keys
        counts = RegisterCounts(self.into.keys.newest, without_key, undated)
        return summarise_counted(self.into, cells, counts, self.terms)

    def _find_columns(self, rows: OpenRows, needed: Sequence[str | None]) -> RemoteColumns:
        """Return the columns of a side; each that is needed must be there, and its keys in clear."""
        found = RemoteColumns.find(rows, (*self.columns.names, PSEUDONYM))
        if self.columns.resolve(found.names) != self.columns or not set(needed) - {None} <= set(found.names):
            raise _NotHereError
        forms = find_forms(found, self.columns.key)
        if forms.hashed or forms.signed:
            raise _NotHereError
        return found

    def _look_at_register(self, register: RemoteColumns) -> tuple[int, int]:
        """Return the rows without a key, and those with one but without a date; every other date must be one."""
        query, key = register.rows.query, register.key_text(self.columns.key)
        count_if = register.rows.dialect.count_if
        day = self._day_text(register)
        # Only what has the form of a date leaves: anything else may be of a person.
        formed = f"CASE WHEN d = '' OR translate(d, '123456789', '000000000') = '{_UNDATED}' THEN d ELSE '?' END"
        inside = f"(SELECT {key} AS k, {day} AS d FROM ({register.rows.select}) AS r) AS t"  # noqa: S608 - names are quoted
        days = query(f"SELECT DISTINCT {formed} FROM {inside} WHERE k <> ''")[1]  # noqa: S608 - as above
        if not all(_is_usable_day(str(row[0])) for row in days):
            raise _NotHereError
        empty, no_date = count_if("k = ''"), count_if("k <> '' AND d = ''")
        counted = f"count(*), {empty}, {no_date}"
        rows, without_key, undated = map(_whole, query(f"SELECT {counted} FROM {inside}")[1][0])  # noqa: S608 - as above
        if without_key == rows:
            raise _NotHereError
        return without_key, undated if self.columns.decided is not None else 0

    def _day_text(self, register: RemoteColumns) -> str:
        if self.columns.decided is None:
            return "''"
        return f"substring({register.text(self.columns.decided)}, 1, {_ORDER})"

    def _join_deliveries(self, every: OpenRows, found: Sequence[Delivery]) -> OpenRows:
        """Return the rows of the deliveries that count, each beside the ranks of its delivery."""
        column, dialect = self.reader.source.period_column, self.rows.dialect
        types = {one.name: one.type for one in every.columns}
        by_day = {delivery.period: delivery for delivery in found}
        if types[column] not in _PERIODS or not found or len(by_day) != len(found):
            raise _NotHereError
        shown = dialect.cast_to_text(quote_name(column), dict(every.schema)[column])
        listed = self.rows.query(f"SELECT DISTINCT {shown} FROM ({every.select}) AS d")[1]  # noqa: S608 - names are quoted
        texts: dict[str, date] = {}
        for (text,) in listed:
            day = parse_period(str(text), self.reader.zone, self.reader.source.period_format) if text else None
            if day is None:
                raise _NotHereError
            texts[str(text)] = day
        entries = {day: self.into.note(delivery, 0, 0) for day, delivery in by_day.items()}
        ranks = {rank.entry.number: rank for rank in rank_entries(entries.values(), self.terms.reference_date)}
        values = []
        for text, day in texts.items():
            if day not in entries:
                continue
            entry = entries[day]
            rank = ranks[entry.number]
            arrived = (entry.arrived_on - EPOCH).days
            regular = None if entry.delivery.kind.value == "catch-up" else arrived
            ordered = [*_order_texts(rank.newest, dialect), *_order_texts(rank.oldest, dialect)]
            numbers = [str(entry.number), str(arrived), str(regular) if regular is not None else _no_number()]
            values.append(f"({', '.join([quote_text(text), *ordered, *numbers])})")
        names = "kw_period, newest_up, newest_down, oldest_up, oldest_down, kw_number, arrived, regular"
        select = (
            f"SELECT * FROM ({every.select}) AS d JOIN (VALUES {', '.join(values)}) AS c ({names}) "  # noqa: S608 - names are quoted
            f"ON {dialect.by_bytes.format(shown)} = {dialect.by_bytes.format('kw_period')}"
        )
        if not values or {name.casefold() for name in types} & set(names.split(", ")):
            raise _NotHereError
        return replace(self.rows, columns=every.columns, schema=every.schema, select=select)

    def _note_deliveries(self, delivered: RemoteColumns) -> None:
        """Note how many records of each delivery have a key; a period without rows must be declared as empty."""
        key, no_key = delivered.key_text(self.columns.key), delivered.rows.dialect.count_if("k = ''")
        counted = delivered.rows.query(
            f"SELECT kw_number, count(*), {no_key} FROM (SELECT kw_number, {key} AS k "  # noqa: S608 - names are quoted
            f"FROM ({delivered.rows.select}) AS d) AS t GROUP BY kw_number"
        )[1]
        rows = {_whole(number): (_whole(total), _whole(empty)) for number, total, empty in counted}
        for place, entry in enumerate(self.into.entries):
            manifest = entry.delivery.manifest
            if entry.number not in rows and (manifest is None or manifest.rows != 0):
                raise _NotHereError
            total, empty = rows.get(entry.number, (0, 0))
            self.into.entries[place] = replace(entry, rows=total - empty, without_key=empty)

    def _read_cells(self, register: RemoteColumns, delivered: RemoteColumns, *, oldest: bool) -> list[CubeCell]:
        dialect, columns = register.rows.dialect, self.columns
        no_text, no_number = dialect.text.format("NULL"), _no_number()
        reference = (self.terms.reference_date - EPOCH).days
        day = f"CASE WHEN d <> '' THEN {dialect.day_number.format('d')} END"
        up = f"CASE WHEN d <> '' THEN d ELSE '{_UNDATED}' END"
        of_register = (
            f"SELECT {dialect.by_bytes.format('k')} AS k, CAST({day} AS INTEGER) AS decided, "  # noqa: S608 - names are quoted
            f"{dialect.by_bytes.format(up)} AS order_up, "
            f"{dialect.by_bytes.format(_reverse(up))} AS order_down, segs "
            f"FROM (SELECT {register.key_text(columns.key)} AS k, {self._day_text(register)} AS d, "
            f"{_join_values(register, columns.segments)} AS segs FROM ({register.rows.select}) AS r) AS t"
        )
        gone = "'0'"
        if columns.mutation is not None and columns.withdrawn:
            listed = ", ".join(map(quote_text, columns.withdrawn))
            gone = f"CASE WHEN {delivered.text(columns.mutation)} IN ({listed}) THEN '1' ELSE '0' END"
        ordered = ", ".join(
            f"{dialect.by_bytes.format(name)} AS {name}"
            for name in ("newest_up", "newest_down", "oldest_up", "oldest_down")
        )
        of_deliveries = (
            f"SELECT {dialect.by_bytes.format(delivered.key_text(columns.key))} AS k, arrived, regular, "  # noqa: S608 - names are quoted
            f"{ordered}, "
            f"{_join_values(delivered, columns.segments)} AS segs, {gone} AS gone "
            f"FROM ({delivered.rows.select}) AS d"
        )
        persons = _PERSONS.format(
            register=of_register,
            delivered=of_deliveries,
            no_text=no_text,
            no_number=no_number,
            rank_up="oldest_up" if oldest else "newest_up",
            rank_down="oldest_down" if oldest else "newest_down",
        )
        classed = _CLASSED.format(persons=persons, sla=self.terms.sla.days, reference=reference)
        found = self.rows.query(_CUBE.format(classed=classed, reference=reference, recent=RECENT.days))[1]
        if any(_whole(row[-1]) for row in found):  # two last records of a person that differ
            raise _NotHereError
        return [_read_cell(row) for row in found if row[0] is not None]


def _is_usable_day(text: str) -> bool:
    """Return whether a text is a date since 1970 as every database reads it; an empty one is none, and usable."""
    if not text:
        return True
    try:
        return date.fromisoformat(text) >= EPOCH
    except ValueError:
        return False


def _order_texts(rank: int | None, dialect: Dialect) -> tuple[str, str]:
    """Return SQL for a rank as ten digits, and for ten digits in the reverse order; null for none."""
    if rank is None:
        return (dialect.text.format("NULL"),) * 2
    return f"'{rank:010d}'", f"'{10**_ORDER - 1 - rank:010d}'"


def _reverse(digits: str) -> str:
    """Return SQL for a text of digits that sorts in the reverse order."""
    return f"translate({digits}, '0123456789', '9876543210')"


def _join_values(columns: RemoteColumns, segments: Sequence[str]) -> str:
    """Return SQL for the segment values as one text, each behind its length in characters and a colon."""
    dialect = columns.rows.dialect
    values = [columns.text(name) for name in segments]
    joined = " || ".join(f"{dialect.text.format(f'length({value})')} || ':' || {value}" for value in values)
    return dialect.by_bytes.format(joined or "''")


def _split_values(joined: str) -> tuple[str, ...]:
    values, at = [], 0
    while at < len(joined):
        colon = joined.index(":", at)
        end = colon + 1 + int(joined[at:colon])
        values.append(joined[colon + 1 : end])
        at = end
    return tuple(values)


def _read_cell(row: Sequence[object]) -> CubeCell:
    label, registered, delivered, days, recent, persons, further, _ = row
    return CubeCell(
        str(label),
        None if registered is None else _split_values(str(registered)),
        None if delivered is None else _split_values(str(delivered)),
        None if days is None else _whole(days),
        bool(recent),
        _whole(persons),
        _whole(further),
    )


def _no_number() -> str:
    return "CAST(NULL AS INTEGER)"


def _whole(value: object) -> int:
    return int(cast("Any", value) or 0)
