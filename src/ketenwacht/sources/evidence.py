"""Reads files with evidence from outside: reference counts, and inquiries about persons who were not sent."""

from __future__ import annotations

import csv
import json
import math
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from ketenwacht.domain.delivery import FIRST_DAY, LAST_DAY
from ketenwacht.domain.evidence import InquiryCount, ReferenceFigure
from ketenwacht.domain.feed import Source
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal_values import LONGEST_TEXT, looks_personal, shown_file
from ketenwacht.domain.segment import Segment
from ketenwacht.errors import ConfigError, format_count
from ketenwacht.sql import TABLE, quote_name

OUTCOMES = ("known", "should_have_been_sent", "not_obliged", "open")
_REFERENCE = ("period_from", "period_to", "count", "uncertainty", "published_on", "source")
_INQUIRY = ("date", "outcome")

# Signs that a column is about single persons. Evidence files hold segments and counts.
# A citizen service number or alien number in any notation: 999912345, 9999.12.345, V-0123456789.
_PERSON_NUMBER = re.compile(r"[a-z]{0,4}\d{8,10}[a-z]?", re.ASCII | re.IGNORECASE)
_BETWEEN = re.compile(r"[\s.\-/_:]+")
_PERSON_NAMES = (
    "bsn",
    "sofi",
    "vnr",
    "v-nr",
    "v_nr",
    "name",
    "naam",
    "number",
    "nummer",
    "birth",
    "geboorte",
    "address",
    "adres",
    "mail",
    "phone",
    "telefoon",
)
_MEND_PERSON = "remove columns about single persons; a row holds a date, a segment and an outcome"


def read_references(
    origin: CountsOrigin, *, dimensions: Collection[str], guard: Guard | None = None
) -> tuple[ReferenceFigure, ...]:
    """Read reference counts.

    Columns: period_from; period_to; segment columns; count; uncertainty; published_on; source. An empty cell of a
    segment column means that the count is not split by it. Counts of the same source, segment and period get
    version numbers in order of publication.

    Args:
        origin: a CSV in UTF-8, separated by ; , tab or |, or a table.
        dimensions: the segment columns of the feed, in order; there may be any of them, and no other column.
        guard: decides which segment values may be kept; None: those that do not look personal.

    Raises:
        ConfigError: with the line and how to mend it, without the value.
        DeliveryError: a table cannot be read.
    """
    names, rows = read_counts(origin, _REFERENCE)
    segment_columns = [name for name in dimensions if name in names]
    refuse_unknown_columns(origin, set(names) - set(_REFERENCE) - set(dimensions), "a segment column of the feed")
    figures = [_reference(row, segment_columns) for row in rows]
    seen: set[tuple[object, ...]] = set()
    for row, figure in zip(rows, figures, strict=True):
        key = (figure.source, figure.segment, figure.period_from, figure.period_to, figure.published_on)
        if key in seen:
            what = "an earlier line has the same source, segment, period and day of publication"
            raise ConfigError(row.where, what, "keep one; give a restatement a later published_on")
        seen.add(key)
    return _number_versions(guard_figures(figures, guard or Guard()))


def read_inquiries(
    origin: CountsOrigin, *, dimensions: Collection[str] | None = None, guard: Guard | None = None
) -> tuple[InquiryCount, ...]:
    """Read inquiries, one a row, and count them by day, segment and outcome.

    Columns: date; any segment columns; outcome (known, should_have_been_sent, not_obliged, open). An empty
    cell of a segment column makes the segment with the empty string.

    Args:
        origin: a CSV in UTF-8, separated by ; , tab or |, or a table.
        dimensions: the segment columns of the feed, in order; None: any columns that do not look
            like persons.
        guard: decides which segment values may be kept; None: those that do not look personal.

    Raises:
        ConfigError: with the line and what to mend, without the value; also when a column seems to identify
            persons.
        DeliveryError: a table cannot be read.
    """
    names, rows = read_counts(origin, _INQUIRY)
    extra = [name for name in names if name not in _INQUIRY]
    _refuse_persons(origin, extra, rows, expected=dimensions or ())
    if dimensions is not None:
        refuse_unknown_columns(origin, set(extra) - set(dimensions), "a segment column of the feed")
        extra = [name for name in dimensions if name in extra]
    guard = guard or Guard()
    counts = Counter(
        (
            row.read("date", parse_day, DAY_LIKE),
            guard.segment(row.segment(extra)),
            row.read("outcome", _parse_outcome, f"write one of {', '.join(OUTCOMES)}"),
        )
        for row in rows
    )
    return tuple(InquiryCount(day, outcome, n, segment) for (day, segment, outcome), n in sorted(counts.items()))


def _reference(row: EvidenceCsvRow, dimensions: Sequence[str]) -> ReferenceFigure:
    figure = ReferenceFigure(
        segment=row.segment([name for name in dimensions if row.cells[name]]),
        period_from=row.read("period_from", parse_day, DAY_LIKE),
        period_to=row.read("period_to", parse_day, DAY_LIKE),
        count=row.read("count", parse_count, "write a number from 0 to below 10^12, with a point for decimals"),
        uncertainty=row.read("uncertainty", parse_fraction, "write a fraction, such as 0.02 for 2 %"),
        published_on=row.read("published_on", parse_day, DAY_LIKE),
        source=row.source(
            row.read("source", lambda text: text or None, "write who published it and where it can be found")
        ),
    )
    if figure.period_to < figure.period_from:
        raise ConfigError(
            row.where, "period_to is before period_from", "write the first and the last day of the period"
        )
    return figure


def _number_versions(figures: Sequence[ReferenceFigure]) -> tuple[ReferenceFigure, ...]:
    newest: defaultdict[tuple[object, ...], int] = defaultdict(int)
    versions: dict[int, int] = {}
    for index in sorted(range(len(figures)), key=lambda i: figures[i].published_on):
        figure = figures[index]
        key = (figure.source, figure.segment, figure.period_from, figure.period_to)
        newest[key] += 1
        versions[index] = newest[key]
    return tuple(replace(figure, version=versions[index]) for index, figure in enumerate(figures))


def _refuse_persons(
    origin: CountsOrigin, names: Sequence[str], rows: Sequence[EvidenceCsvRow], *, expected: Collection[str]
) -> None:
    """Raise ConfigError when a column seems to identify persons."""
    for number, name in enumerate(names, start=1):
        if name not in expected and any(hint in name.casefold() for hint in _PERSON_NAMES):
            raise ConfigError(
                f"{shown_origin(origin)}:1", f"the name of segment column {number} is about persons", _MEND_PERSON
            )
        for row in rows:
            if _is_person_number(row.cells[name]):
                raise ConfigError(
                    row.where, f"segment column {number} seems to hold the number of a person", _MEND_PERSON
                )


def _is_person_number(value: str) -> bool:
    """Return whether a value could be the number of a person; a date is not."""
    return parse_day(value) is None and _PERSON_NUMBER.fullmatch(_BETWEEN.sub("", value)) is not None


def _parse_outcome(text: str) -> str | None:
    return text if text in OUTCOMES else None


# A small CSV file, read strictly. Errors name the line, never a value.


_MAX_BYTES = 256 << 20
_MAX_FIELD = 200
DAY_LIKE = "write it like 2022-01-31, from 1970 to 2100"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EvidenceCsvRow:
    """One row of an evidence file: its place, and its cells by column name."""

    where: str
    cells: dict[str, str]

    def read(self, column: str, parse: Callable[[str], T | None], mend: str) -> T:
        """Return the parsed cell of a column.

        Raises:
            ConfigError: `parse` returns None.
        """
        value = parse(self.cells[column])
        if value is None:
            raise ConfigError(self.where, f"{column} cannot be read", mend)
        return value

    def segment(self, dimensions: Sequence[str]) -> Segment:
        """Return the segment that the cells of these columns name."""
        return Segment(tuple((name, self.cells[name]) for name in dimensions))

    def source(self, text: str) -> str:
        """Return the source unchanged.

        Raises:
            ConfigError: it could hold the number or address of a person.
        """
        if looks_personal(text, longest=LONGEST_TEXT, dates=True):
            what = "source seems to hold the number or address of a person"
            raise ConfigError(self.where, what, "name a publication or an organisation")
        return text


@dataclass(frozen=True, slots=True)
class CountTable:
    """Counts that are not in a CSV file: a source that is read whole; build it with its setting as its name.

    Attributes:
        name: its setting in the feed, such as `evidence.references.0`; it tells it from others.
        feed: name of the feed, for errors.
        source: as configured.
        root: the folder of config.yaml.
        zone: for moments with an offset.
    """

    name: str
    feed: str
    source: Source = field(repr=False, compare=False)  # it may hold a password
    root: Path
    zone: tzinfo = field(compare=False)

    def read(self) -> CountRows:
        """Return every row, in an order that the values alone decide; no more than a million leave the source.

        Raises:
            ConfigError: it is not there, or has more than a million rows.
            DeliveryError: it cannot be read.
        """
        import duckdb

        from .whole_table import load_whole  # noqa: PLC0415 - files of counts need no database

        setting, most = f"feeds.{self.feed}.{self.name}.source", MOST_ROWS + 1
        with duckdb.connect(":memory:") as scratch:
            columns = load_whole(
                self.source, scratch, setting=setting, root=self.root, zone=self.zone, at_most=most
            )
            ((rows,),) = scratch.execute(f"SELECT count(*) FROM {TABLE}").fetchall()  # noqa: S608 - a constant
            if int(rows) >= most:
                what = f"has more than {MOST_ROWS:,} rows"
                raise ConfigError(setting, what, "name a table of counts, not of persons")
            days = {one.name for one in columns if one.type == "timestamp"}
            texts = ", ".join(
                f"coalesce(CAST({quote_name(one.name)}{'::DATE' if one.name in days else ''} AS VARCHAR), '')"
                for one in columns
            )
            found = scratch.execute(f"SELECT {texts} FROM {TABLE} ORDER BY ALL").fetchall()  # noqa: S608 - names are quoted
        return CountRows(self.name, tuple(one.name.strip() for one in columns), tuple(found))


@dataclass(frozen=True, slots=True)
class CountRows:
    """The rows of a `CountTable`, read once.

    Attributes:
        name: that of the table.
        columns: names of its columns.
        cells: a text for each column of each row, in an order that the values alone decide.
    """

    name: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...] = field(repr=False)

    def digest(self) -> str:
        """Return a SHA-256 of all rows, in any order."""
        return sha256(json.dumps([self.columns, *self.cells]).encode()).hexdigest()


CountsOrigin = Path | CountTable | CountRows
"""Where counts of others are: a CSV file, a table, or a table that was read."""
MOST_ROWS = 1_000_000


def shown_origin(origin: CountsOrigin) -> str:
    """Return the place of counts as it may be shown."""
    return shown_file(origin) if isinstance(origin, Path) else origin.name


def read_counts(origin: CountsOrigin, required: Sequence[str]) -> tuple[list[str], list[EvidenceCsvRow]]:
    """Return the columns and rows of a CSV file or a table, with every cell as text and stripped.

    Raises:
        ConfigError: it cannot be read, or lacks one of the columns `required`.
        DeliveryError: a table cannot be read.
    """
    if isinstance(origin, Path):
        return read_csv(origin, required)
    read = origin.read() if isinstance(origin, CountTable) else origin
    named = _header(f"{read.name}:1", list(read.columns), required)
    places = [f"{read.name}:{number}" for number in range(1, len(read.cells) + 1)]
    return named, [
        EvidenceCsvRow(where, _cells(where, named, one)) for where, one in zip(places, read.cells, strict=True)
    ]


def read_csv(path: Path, required: Sequence[str]) -> tuple[list[str], list[EvidenceCsvRow]]:
    """Return the header and rows of a small CSV file, with every cell stripped.

    Raises:
        ConfigError: it cannot be read, or has no header with the columns `required`.
    """
    lines, named = _lines(path), shown_file(path)
    header = lines[0] if lines else ""
    marks = [mark for mark in ";,\t|" if mark in header] or [";"]
    reader = csv.reader(lines, delimiter=max(marks, key=header.count), strict=True)
    names: list[str] = []
    rows: list[EvidenceCsvRow] = []
    malformed = False
    try:
        for cells in reader:
            where = f"{named}:{reader.line_num}"
            if not names:
                names = _header(where, [cell.strip() for cell in cells], required)
            elif cells:
                rows.append(EvidenceCsvRow(where, _cells(where, names, cells)))
    except csv.Error:
        malformed = True
    if malformed:
        raise ConfigError(f"{named}:{reader.line_num}", "this is not valid CSV", "close every quote")
    if not names:
        raise ConfigError(f"{named}:1", "the file is empty", f"begin with a header: {'; '.join(required)}")
    return names, rows


def _lines(path: Path) -> list[str]:
    problem = "cannot be opened"
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a named pipe would wait for ever
            problem = "is no regular file"
        elif found.st_size > _MAX_BYTES:
            problem = f"is larger than {_MAX_BYTES} bytes"
        else:
            return path.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError:
        problem = "is not UTF-8"
    except OSError:
        pass
    raise ConfigError(f"{shown_file(path)}:1", f"the file {problem}", "give a CSV file in UTF-8")


def _header(where: str, names: list[str], required: Sequence[str]) -> list[str]:
    missing = [name for name in required if name not in names]
    if missing:
        raise ConfigError(where, f"there is no column {missing[0]}", f"begin with a header: {'; '.join(required)}")
    if len(set(names)) != len(names) or not all(names):
        raise ConfigError(where, "a column has no name, or the name of another", "give every column its own name")
    return names


def _cells(where: str, names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if len(cells) != len(names):
        raise ConfigError(where, f"the row has {len(cells)} fields and the header {len(names)}", "mend the row")
    if any(len(cell) > _MAX_FIELD or not cell.isprintable() for cell in cells):
        raise ConfigError(where, "a field is too long or holds control characters", "mend the row")
    return {name: cell.strip() for name, cell in zip(names, cells, strict=True)}


def guard_figures(figures: Iterable[ReferenceFigure], guard: Guard) -> list[ReferenceFigure]:
    """Return figures with guarded segments and reasons; add up figures that become equal."""
    equal: dict[ReferenceFigure, list[ReferenceFigure]] = {}
    for figure in figures:
        guarded = replace(figure, segment=guard.segment(figure.segment), reason=guard.reason(figure.reason))
        equal.setdefault(replace(guarded, count=0.0, uncertainty=0.0), []).append(guarded)
    return [_total(parts) for parts in equal.values()]


def _total(parts: Sequence[ReferenceFigure]) -> ReferenceFigure:
    """Return the sum of figures with independent errors: the variances add up."""
    if len(parts) == 1:
        return parts[0]
    count = sum(one.count for one in parts)
    deviation = math.hypot(*(one.count * one.uncertainty for one in parts))
    return replace(parts[0], count=count, uncertainty=deviation / count if count > 0.0 else 0.0)


def refuse_unknown_columns(origin: CountsOrigin, others: Collection[str], expected: str) -> None:
    """Raise ConfigError when `others` has columns; `expected` says what they should be."""
    if others:
        what = f"{format_count(len(others), 'column is', 'columns are')} not {expected}"
        raise ConfigError(f"{shown_origin(origin)}:1", what, f"remove {'it' if len(others) == 1 else 'them'}")


def parse_day(text: str) -> date | None:
    """Return a date such as 2022-01-31; None when the text is not a date from 1970 to 2100."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def parse_count(text: str) -> float | None:
    """Return a number from 0 to below 10^12; None when the text is not one."""
    return float(text) if re.fullmatch(r"\d{1,12}(\.\d+)?", text, re.ASCII) else None


def parse_whole(text: str) -> float | None:
    """Return a whole number from 0 to below 10^12; None when the text is not one."""
    value = parse_count(text)
    return value if value is not None and value.is_integer() else None


def parse_fraction(text: str) -> float | None:
    """Return a number from 0 to 1; None when the text is not one."""
    value = parse_count(text)
    return value if value is not None and math.isfinite(value) and value <= 1 else None
