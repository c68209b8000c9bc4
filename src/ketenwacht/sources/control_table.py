"""The manifest of a table: a control table beside it, with the counts that the sender declares of each period."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from ketenwacht.domain.delivery import Manifest
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.problems import problem_of
from ketenwacht.domain.statement import Name, Statement, Term
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.messages.formatter import unreadable
from ketenwacht.sql import TABLE, quote_name

from .columns import check_column_names
from .manifest import FIELDS, field_paths, parse_manifest
from .period import describe_forms, parse_period

if TYPE_CHECKING:
    from ketenwacht.domain.feed import SparkSource, TableSource

    from .database import SourceDatabase
    from .spark import SparkTable

_ONCE = (
    *("delivery_uuid", "sequence", "kind", "sender", "receiver"),
    *("created_at", "schema_version", "software_version"),
)
"""Fields that every row of a period states alike, or leaves empty."""
_COUNTS = ("sequence", "rows", "selected")
COLUMNS = {name: FIELDS[name] for name in (*_ONCE, "rows", "selected")} | {"reason": FIELDS["item_reason"]}
"""Our name of a column of a control table → its name by default; every other column is a dimension."""
_TWICE = Term("manifest.stated_twice")
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class ControlTable:
    """A control table; build it with `open_control_table`.

    Attributes:
        table: where its rows are.
        columns: our name of a column → the sender's.
        period_column: the column with the period.
        period_format: how periods are written; None: as in a source.
        zone: for a moment without an offset.
        guard: decides which texts may be kept.
        setting: of the control table, for errors.
    """

    table: SourceDatabase | SparkTable = field(repr=False)
    columns: Mapping[str, str]
    period_column: str
    period_format: str | None
    zone: tzinfo
    guard: Guard
    setting: str

    def read_manifests(self) -> dict[date, Manifest | Statement]:
        """Return the manifest of each period, or what is wrong with it.

        Raises:
            ConfigError: there is no such table or column, or the column does not hold periods.
            DeliveryError: it cannot be read.
        """
        by_day: defaultdict[date, list[Row]] = defaultdict(list)
        for row in self._read_rows():
            day = parse_period(row.pop(self.period_column), self.zone, self.period_format)
            if day is None:
                what = f"column {self.period_column} holds a null, or a value that is not a period"
                raise ConfigError(self.setting, what, describe_forms(self.period_format))
            by_day[day].append(row)
        return {day: self._read_manifest(rows) for day, rows in by_day.items()}

    def _read_rows(self) -> list[dict[str, str]]:
        import duckdb

        columns = self.table.columns()
        names = check_column_names([column.name for column in columns])
        if self.period_column not in names:
            what = f"there is no column {self.period_column} in the control table"
            raise ConfigError(self.setting, what, "name it in `manifest_fields` as `period`")
        with duckdb.connect(":memory:") as scratch:
            self.table.copy_all(scratch, columns, self.zone)
            texts = ", ".join(f"coalesce(trim(CAST({quote_name(name)} AS VARCHAR)), '')" for name in names)
            found = scratch.execute(f"SELECT {texts} FROM {TABLE}").fetchall()  # noqa: S608 - names are quoted
        return [dict(zip(names, row, strict=True)) for row in found]

    def _read_manifest(self, rows: Sequence[Row]) -> Manifest | Statement:
        try:
            body = json.dumps(self._compose(rows)).encode()
            return self.guard.manifest(parse_manifest(body, field_paths({}, where=self.setting)))
        except UnreadableDelivery as fault:
            return problem_of(fault)

    def _compose(self, rows: Sequence[Row]) -> dict[str, object]:
        """Return the rows of a period as the sender would write them into a manifest file.

        Raises:
            UnreadableDelivery: two rows state different things, or a count is no number.
        """
        own = set(self.columns.values())
        body: dict[str, object] = {}
        for name in _ONCE:
            stated = {row[self.columns[name]] for row in rows if row.get(self.columns[name])}
            if len(stated) > 1:
                raise unreadable("delivery.manifest_field", field=Name(FIELDS[name]), fault=_TWICE)
            for text in stated:
                body[FIELDS[name]] = self._parse(name, text)
        totals: dict[str, list[tuple[dict[str, str], object]]] = {"rows": [], "selected": []}
        excluded: dict[str, object] = {}
        for row in rows:
            reason = row.get(self.columns["reason"], "")
            if reason:
                count = self._parse("rows", row.get(self.columns["rows"], ""))
                before = excluded.get(reason, 0)
                # What is no count stays in: reading the manifest says so.
                summed = before + count if isinstance(before, int) and isinstance(count, int) else ""
                excluded[reason] = summed
                continue
            segment = {name: text for name, text in row.items() if name not in own and text}
            for name, found in totals.items():
                if row.get(self.columns[name]):
                    found.append((segment, self._parse(name, row[self.columns[name]])))
        for name, found in totals.items():
            body |= _state_counts(name, found)
        if excluded:
            listed = [{FIELDS["item_reason"]: reason, FIELDS["item_count"]: n} for reason, n in excluded.items()]
            body[FIELDS["excluded"]] = listed
        return body

    def _parse(self, name: str, text: str) -> object:
        """Return a text as a manifest file would hold it; what is wrong with it is found there."""
        if name in _COUNTS:
            whole = text.removesuffix(".0")
            return int(whole) if whole.isascii() and whole.isdecimal() else text
        if name != "created_at":
            return text
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=self.zone)).isoformat()


def _state_counts(name: str, found: Sequence[tuple[dict[str, str], object]]) -> dict[str, object]:
    """Return the fields of one kind of count: the whole and by segment; a whole not stated is their sum."""
    whole = [count for segment, count in found if not segment]
    parts = [(segment, count) for segment, count in found if segment]
    stated: dict[str, object] = {}
    if len(whole) > 1:
        raise unreadable("delivery.manifest_field", field=Name(FIELDS[name]), fault=_TWICE)
    if whole:
        stated[FIELDS[name]] = whole[0]
    elif len({tuple(segment) for segment, _ in parts}) == 1 and all(isinstance(n, int) for _, n in parts):
        stated[FIELDS[name]] = sum(n for _, n in parts if isinstance(n, int))
    if parts:
        listed = [{**segment, FIELDS["item_count"]: count} for segment, count in parts]
        stated[FIELDS[f"{name}_by_segment"]] = listed
    return stated


def _name_columns(renamed: Mapping[str, str], period_column: str, where: str) -> tuple[dict[str, str], str]:
    """Return our name of each column of a control table → the sender's, and the name of its period column.

    Args:
        renamed: our name, or the default one → the sender's; `period` for the period column.
        period_column: that of the source, which the control table has too unless `renamed` says otherwise.
        where: the setting, for the error.

    Raises:
        ConfigError: a name is no column of a control table.
    """
    unknown = sorted(set(renamed) - {*COLUMNS, *COLUMNS.values(), "period"})
    if unknown:
        mend = f"use one of {', '.join(('period', *COLUMNS))}"
        raise ConfigError(where, f"{unknown[0]} is no column of a control table", mend)
    columns = {ours: renamed.get(ours, renamed.get(default, default)) for ours, default in COLUMNS.items()}
    return columns, renamed.get("period", period_column)


def open_control_table(
    source: TableSource | SparkSource, table: SourceDatabase | SparkTable, zone: tzinfo, guard: Guard, setting: str
) -> ControlTable:
    """Return the control table of a source; this opens nothing.

    Args:
        source: as configured.
        table: where the rows of the control table are.
        zone: for moments without an offset.
        guard: decides which texts may be kept.
        setting: of the source, for errors.

    Raises:
        ConfigError: `manifest_fields` has a name that is no column of a control table.
    """
    columns, period = _name_columns(source.manifest_fields, source.period_column, f"{setting}.manifest_fields")
    return ControlTable(table, columns, period, source.period_format, zone, guard, f"{setting}.manifest")
