"""Loads the rows of a sample for `init`, and finds what its deliveries do not have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.feed import FileSource, TableSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.personal_values import shown_file
from ketenwacht.errors import ConfigError, DeliveryError, format_count
from ketenwacht.sql import TABLE, quote_name, quote_text

from .columns import check_column_names, create_typed_table
from .content import examine
from .database import connect
from .footers import TOTAL
from .formats import create_table, drop_table, encoding_of, format_of, open_rows
from .names import compile_pattern
from .sample import Sample, choose_spread, sort_by_date
from .sample_layout import ENCODINGS, find_encoding, find_layout

if TYPE_CHECKING:
    import duckdb

ROWS = 1_000_000
"""Rows to read from a table; of a file, all rows are read."""
DAY = '"\x01day"'
"""The column with the day of the delivery that a row is from; no column of a file can have this name."""
_WITH_FOOTER = ("csv", "fixed-width", "jsonl", "excel")


@dataclass(frozen=True, slots=True)
class LoadedSample:
    """A sample whose rows are in the table `delivery`.

    Attributes:
        sample: with the settings that all of its deliveries need.
        columns: those that every delivery has, as in the newest.
        optional: names of columns that only some deliveries have.
        notes: deliveries that were left out and why, and odd rows; no values of a row.
    """

    sample: Sample
    columns: tuple[Column, ...]
    optional: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def load_sample(sample: Sample, into: duckdb.DuckDBPyConnection, *, zone: tzinfo = UTC) -> LoadedSample:
    """Create the table `delivery` from a sample; rows of a delivery have its day in the column `DAY`.

    Raises:
        ConfigError: there is no such table, or most deliveries cannot be read.
        DeliveryError: the sample cannot be read; with a line number if known, never with a value.
    """
    source = sample.source
    drop_table(into)
    if isinstance(source, TableSource):
        database = connect(source.url, source.table, root=Path(), feed="new")
        columns = database.columns()
        check_column_names([column.name for column in columns])
        add_batch = create_typed_table(into, columns, zone)
        database.read_first_rows([column.name for column in columns], ROWS, add_batch)
        return LoadedSample(sample, columns)
    assert sample.path is not None  # noqa: S101 - only a table has no path
    files: list[tuple[date | None, Path]] = [(None, sample.path)]
    if sample.days:
        folder = Path(source.path)
        dated = sort_by_date((path.name for path in folder.iterdir()), source.pattern or "")
        files = [(day, folder / name) for day, name in choose_spread(dated)]
    return _SampleLoader(sample, source, into, files).load()


@dataclass(frozen=True, slots=True)
class _Part:
    """A delivery of a sample, in a table of its own."""

    path: Path
    table: str
    columns: tuple[Column, ...]
    rows: int
    totals: int  # rows that look like totals
    last: int  # how many of these come last
    repeated: int  # rows that repeat the header


class _SampleLoader:
    """Loads the deliveries of a sample one by one. One that cannot be read as the others is left out, with why."""

    def __init__(
        self,
        sample: Sample,
        source: FileSource,
        con: duckdb.DuckDBPyConnection,
        files: Sequence[tuple[date | None, Path]],
    ) -> None:
        self._sample, self._source, self._con, self._files = sample, source, con, files
        self._left_out: list[tuple[Path, str]] = []
        self._notes: list[str] = []

    def load(self) -> LoadedSample:
        """Load them all, and create the table `delivery`."""
        self._agree_on_encoding()
        self._agree_on_delimiter()
        parts = [part for number, (day, path) in enumerate(self._files) for part in self._try(number, day, path)]
        self._tell_left_out()
        parts = self._without_odd_rows(parts)
        self._tell_others(parts)
        union = " UNION ALL BY NAME ".join(f"FROM {part.table}" for part in parts)
        self._con.execute(f"CREATE TABLE {TABLE} AS {union}")
        for part in parts:
            self._con.execute(f"DROP TABLE {part.table}")
        have = Counter(column.name for part in parts for column in part.columns)
        every = {column.name: column for part in reversed(parts) for column in part.columns}
        common = tuple(every[column.name] for column in parts[0].columns if have[column.name] == len(parts))
        optional = tuple(name for name in every if have[name] < len(parts))
        if optional:
            self._notes.append(
                f"{format_count(len(optional), 'column is', 'columns are')} absent from some deliveries: "
                "see `optional` of schema."
            )
        return LoadedSample(replace(self._sample, source=self._source), common, optional, tuple(self._notes))

    def _agree_on_encoding(self) -> None:
        """Choose one encoding for all; a text in another one would be read as something else."""
        if not format_of(self._source).text or "encoding" in self._sample.given:
            return
        found = {path: find_encoding(path, self._source) for _, path in self._files}
        agreed = next((one for one in found.values() if one is not None), ENCODINGS[0])
        self._source = replace(self._source, encoding=agreed)
        other = [path for path, one in found.items() if one not in {None, agreed}]
        self._left_out += [(path, f"It is not in {agreed}, as the newest is.") for path in other]

    def _agree_on_delimiter(self) -> None:
        """Find the layout of every file; leave out those with other lines around their rows."""
        if self._source.reader != "csv":
            return
        main, delimiters = self._source, set[str | None]()
        for _, path in self._files:
            if any(path == other for other, _ in self._left_out):
                continue
            bare = replace(main, delimiter=None, skip_lines=0, skip_footer=0, ignore_unnamed=False)
            given = {name: getattr(main, name) for name in self._sample.given}
            try:
                found = find_layout(path, replace(bare, **given), self._sample.given)
            except DeliveryError:
                continue  # loading it says why
            if (found.skip_lines, found.skip_footer) != (main.skip_lines, main.skip_footer):
                self._left_out.append((path, "It has other lines above its header or below its rows."))
                continue
            delimiters.add(found.delimiter)
            if found.ignore_unnamed:
                self._source = replace(self._source, ignore_unnamed=True)
        if len(delimiters) > 1:
            self._source = replace(self._source, delimiter=None)
            self._notes.append("The files have different delimiters: each is read by that of its own header.")

    def _try(self, number: int, day: date | None, path: Path) -> list[_Part]:
        """Return a delivery as a table, or nothing and keep why."""
        if any(path == other for other, _ in self._left_out):
            return []
        try:
            return [self._load(f"part_{number}", day, path)]
        except DeliveryError as fault:
            if len(self._files) == 1:
                raise
            self._left_out.append((path, str(fault)))
            return []

    def _load(self, table: str, day: date | None, path: Path) -> _Part:
        con, source = self._con, self._source
        examine(path, encoding=encoding_of(source), max_bytes=source.max_bytes)
        with open_rows(path, source, con) as rows:
            dated = f", DATE '{day}' AS {DAY}" if day is not None else ""
            create_table(con, f"SELECT *{dated} FROM ({rows.select})", rows)  # noqa: S608 - a date
        con.execute(f"ALTER TABLE {TABLE} RENAME TO {table}")
        texts = [column.name for column in rows.columns if column.type == "text"]
        total = (
            " OR ".join(f"regexp_matches({quote_name(name)}, {quote_text(TOTAL)})" for name in texts) or "false"
        )
        header = " AND ".join(f"{quote_name(name)} = {quote_text(name)}" for name in texts)
        if len(texts) < len(rows.columns):
            header = "false"
        sql = (
            f"SELECT COUNT(*), COUNT(*) FILTER (WHERE {total}), COUNT(*) FILTER (WHERE {header}), "  # noqa: S608 - quoted
            f"COUNT(*) - 1 - COALESCE(MAX(rowid) FILTER (WHERE ({total}) IS NOT TRUE), -1) FROM {table}"
        )
        count, totals, repeated, last = con.execute(sql).fetchone() or (0, 0, 0, 0)
        return _Part(path, table, rows.columns, count, totals, last, repeated)

    def _tell_left_out(self) -> None:
        if not self._left_out:
            return
        path, why = self._left_out[0]
        number = f"{len(self._left_out)} of {format_count(len(self._files), 'file')}"
        if 2 * len(self._left_out) > len(self._files):
            what = f"{number} cannot be read; {shown_file(Path(path.name))}: {why}"
            mend = (
                "name only files of one feed, or say how to read them with --encoding, --delimiter or --source, "
                "as --source header=false --source 'columns=[nr, code]' for files without a header"
            )
            raise ConfigError("--from", what, mend)
        names = ", ".join(f"`{shown_file(Path(one.name))}`" for one, _ in self._left_out[:_SHOWN])
        self._notes.append(f"left out, and an error when it is judged: {number}, such as {names}. {why}")

    def _tell_others(self, parts: Sequence[_Part]) -> None:
        """Name deliveries without rows, and files whose names nearly match the pattern."""
        empty = sum(part.rows == 0 for part in parts)
        if empty:
            have = "has no rows" if empty == 1 else "have no rows"
            number = f"{empty} of {format_count(len(parts), 'delivery', 'deliveries')}"
            self._notes.append(f"{number} {have}, which fails when they are judged.")
        if self._source.pattern is None or self._sample.address is not None:
            return
        pattern = compile_pattern(self._source.pattern)
        names = [one.name for one in Path(self._source.path).iterdir() if pattern.nearly(one.name)]
        beside = self._source.manifest is not None and self._source.manifest.partition("{stem}")[2]
        near = sorted(name for name in names if not (beside and name.endswith(beside)))
        if near:
            shown = ", ".join(f"`{shown_file(Path(name))}`" for name in near[:_SHOWN])
            match = format_count(len(near), "file nearly matches", "files nearly match")
            are = "is" if len(near) == 1 else "are"
            self._notes.append(f"{match} `pattern`, and {are} not read: {shown}.")

    def _without_odd_rows(self, parts: list[_Part]) -> list[_Part]:
        """Delete rows that are no records, and name them."""
        repeated, totals = sum(one.repeated for one in parts), sum(one.totals for one in parts)
        rows = sum(one.rows for one in parts)
        if repeated:
            self._source = replace(self._source, skip_repeated_header=True)
            self._notes.append(f"{repeated:,} of {rows:,} rows repeat the header, and are left out.")
            parts = [self._delete_repeated(part) for part in parts]
        if not totals:
            return parts
        last = {one.last for one in parts}
        footer = last.pop() if len(last) == 1 and totals == sum(one.last for one in parts) else 0
        if footer and self._can_skip(parts[0], footer):
            self._source = replace(self._source, skip_footer=self._source.skip_footer + footer)
            for part in parts:
                self._con.execute(f"DELETE FROM {part.table} WHERE rowid >= {part.rows - footer}")  # noqa: S608 - numbers
            what = "the last row of every delivery is a total" if footer == 1 else "every delivery ends in totals"
            self._notes.append(f"{what[0].upper()}{what[1:]}, and is left out: see `skip_footer`.")
        else:
            self._notes.append(f"{totals:,} of {rows:,} rows look like totals, and count as records.")
        return parts

    def _delete_repeated(self, part: _Part) -> _Part:
        names = [column.name for column in part.columns]
        header = " AND ".join(f"{quote_name(name)} = {quote_text(name)}" for name in names)
        table = part.table
        self._con.execute(f"CREATE TABLE kept AS SELECT * FROM {table} WHERE ({header}) IS NOT TRUE")  # noqa: S608 - quoted
        self._con.execute(f"DROP TABLE {table}")
        self._con.execute(f"ALTER TABLE kept RENAME TO {table}")
        return replace(part, rows=part.rows - part.repeated)

    def _can_skip(self, part: _Part, footer: int) -> bool:
        """Return whether a delivery has so many rows fewer when so many of its last lines are skipped."""
        if self._source.reader not in _WITH_FOOTER or "skip_footer" in self._sample.given:
            return False
        skipped = replace(self._source, skip_footer=self._source.skip_footer + footer)
        with open_rows(part.path, skipped, self._con) as rows:
            found = self._con.execute(f"SELECT COUNT(*) FROM ({rows.select})").fetchone()  # noqa: S608 - a query of ours
        return found == (part.rows - footer,)


_SHOWN = 3
