"""File formats, and how the rows of a file become the table `delivery`. A new format is one line in `FORMATS`."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht import plugins
from ketenwacht.document_limits import parse_json
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.problems import problem_of
from ketenwacht.domain.statement import Amount, Persons, Statement, Text
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.messages.formatter import make_delivery_error, unreadable
from ketenwacht.plugins import find_plugin, guard_plugin_call, unknown_word
from ketenwacht.sql import TABLE, quote_name, quote_text

from .base import guard_read
from .columns import MAX_COLUMNS, check_column_names, describe_columns, select_nested
from .content import examine, open_as_utf8
from .converted import Row, read_excel, read_fixed_width, read_json_document, read_xml
from .delimited import (
    DELIMITERS,
    explain_csv,
    find_delimiter,
    is_table,
    parse_header,
    read_header,
    read_separator,
    refuse_swallowed_lines,
)
from .footers import parse_footer, read_some_rows, refuse_row_as_footer
from .layouts import KeptLines, open_decompressed, open_trimmed, private_copy

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class FileRows:
    """How to read the rows of a file.

    Attributes:
        select: the query that reads them.
        columns: of the query, in order.
        why: examines the file after a failed read; returns what is wrong and on which line, or None. A plug-in may
            return a text.
    """

    select: str
    columns: tuple[Column, ...]
    why: Callable[[], Statement | str | None]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One file format.

    Attributes:
        name: its word in the configuration.
        text: whether it is text; `rows` then gets the file in UTF-8 without a byte order mark.
        rows: examines the columns of a file, and returns how DuckDB reads its rows; raises UnreadableDelivery.
        records: yields the line and the texts by column of each row, slowly, to find a line; None: the format has
            no lines.
    """

    name: str
    text: bool
    rows: Callable[[Path, FileSource, duckdb.DuckDBPyConnection], FileRows]
    records: Callable[[Path, FileSource], Iterator[tuple[int, Mapping[str, object]]]] | None = None


def quote_path(path: Path) -> str:
    """Return a path as an SQL literal of DuckDB, with wildcards escaped."""
    escaped = "".join(f"[{c}]" if c in "[*?" else c for c in str(path))
    return "'" + escaped.replace("'", "''") + "'"


# CSV: every value is text, every row is as wide as the header, and nothing is guessed.


def _read_csv(path: Path, source: FileSource, _con: duckdb.DuckDBPyConnection) -> FileRows:
    lines = guard_read("delivery.header_not_read", lambda: read_header(path))
    delimiter = source.delimiter if source.delimiter is not None else find_delimiter(lines)
    header = parse_header(lines, delimiter) if source.header else list(source.columns)
    named = [name for name in header if name.strip() or not source.ignore_unnamed]
    names = check_column_names(named)
    # A column without a name is read under one that no file can have, and left out.
    read = [name if name in names else f"\x01{number}" for number, name in enumerate(header)]
    columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in read)
    selected = ", ".join(quote_name(name) for name in names)
    select = (
        f"SELECT {selected} FROM read_csv({quote_path(path)}, "  # noqa: S608 - quoted
        f"columns={{{columns}}}, auto_detect=false, header={str(source.header).lower()}, "
        f"delim={quote_text(delimiter)}, quote='\"', escape='\"', strict_mode=true, null_padding=false, "
        "ignore_errors=false, compression='none', hive_partitioning=false)"
    )
    if source.skip_repeated_header:
        repeated = " AND ".join(f"{quote_name(name)} = {quote_text(name)}" for name in names)
        select = f"SELECT * FROM ({select}) WHERE ({repeated}) IS NOT TRUE"  # noqa: S608 - quoted
    if not source.multiline:
        guard_read("delivery.not_read", lambda: refuse_swallowed_lines(path, delimiter))
    return FileRows(
        select, tuple(Column(name, "text") for name in names), lambda: explain_csv(path, delimiter, len(header))
    )


def find_csv_delimiter(path: Path, source: FileSource) -> str:
    """Return the delimiter of a CSV file: the one that makes all of its first rows as wide as the header.

    Raises:
        UnreadableDelivery: several do, or the header cannot be read.
    """
    with open_plain(path, source, CSV) as plain:
        if plain.source.delimiter is not None:
            return plain.source.delimiter
        readable = plain.path
        lines = guard_read("delivery.header_not_read", lambda: read_header(readable))
        fitting = [mark for mark in DELIMITERS if is_table(readable, mark)]
        return fitting[0] if len(fitting) == 1 else find_delimiter(lines)


def _csv_records(path: Path, source: FileSource) -> Iterator[tuple[int, Mapping[str, object]]]:
    delimiter = source.delimiter if source.delimiter is not None else find_delimiter(read_header(path))
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        names = next(reader) if source.header else list(source.columns)
        before = reader.line_num
        for row in reader:
            if row and not (source.skip_repeated_header and row == names):
                yield before + 1, dict(zip(names, row, strict=False))
            before = reader.line_num


CSV = FileFormat("csv", text=True, rows=_read_csv, records=_csv_records)


# JSON Lines: one object a line. The columns are the union of the keys; the types are those of the JSON.


MAX_LINE = 1 << 20  # bytes
MAX_BRACKETS = 500  # DuckDB reads nested values recursively: this limits the depth of one line

_JSON_OPTIONS = f"maximum_object_size={2 * MAX_LINE}, compression='uncompressed'"

# Kinds of JSON value in a column → our type, and DuckDB's. The first that fits applies; null fits everywhere.
_JSON_TYPES: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset(), "empty", "VARCHAR"),
    (frozenset({"VARCHAR"}), "text", "VARCHAR"),
    (frozenset({"BIGINT", "UBIGINT"}), "integer", "BIGINT"),
    (frozenset({"BIGINT", "UBIGINT", "DOUBLE", "HUGEINT"}), "number", "DOUBLE"),
    (frozenset({"BOOLEAN"}), "boolean", "BOOLEAN"),
    (frozenset({"nested"}), "json", "VARCHAR"),
)
_MIXED_TYPE = ("mixed", "VARCHAR")


def _read_json_lines(path: Path, _source: FileSource, con: duckdb.DuckDBPyConnection) -> FileRows:
    guard_read("delivery.not_read", lambda: _refuse_hostile_lines(path))
    found = guard_read(
        "delivery.no_json_lines", lambda: _find_kinds(path, con), why=lambda: _explain_json_lines(path)
    )
    names = check_column_names(tuple(found))
    if not names:
        raise unreadable("delivery.no_objects")
    types = {name: _choose_type(found[name]) for name in names}
    columns = ", ".join(f"{quote_text(name)}: '{types[name][1]}'" for name in names)
    select = (
        f"SELECT {', '.join(quote_name(name) for name in names)} FROM read_json({quote_path(path)}, "  # noqa: S608 - quoted
        f"columns={{{columns}}}, format='newline_delimited', auto_detect=false, ignore_errors=false, "
        f"hive_partitioning=false, {_JSON_OPTIONS})"
    )
    return FileRows(
        select, tuple(Column(name, types[name][0]) for name in names), lambda: _explain_json_lines(path)
    )


def _refuse_hostile_lines(path: Path) -> None:
    """Raise UnreadableDelivery for a line that DuckDB must not read."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise unreadable("delivery.json_too_long", line=Amount(number), most=Amount(MAX_LINE))
            if line.count(b"[") + line.count(b"{") > MAX_BRACKETS:
                raise unreadable("delivery.json_too_deep", line=Amount(number), most=Amount(MAX_BRACKETS))
            if b"\\u0000" in line:
                raise unreadable("delivery.nul", line=Amount(number))


def _find_kinds(path: Path, con: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Return key → kinds of its values: the keys of the first object first, then the others by name."""
    sql = (
        "SELECT DISTINCT CAST(json_structure(json) AS VARCHAR), len(json_keys(json)) "  # noqa: S608 - a path, quoted
        f"FROM read_ndjson_objects({quote_path(path)}, {_JSON_OPTIONS})"
    )
    cursor = con.execute(sql)
    found: defaultdict[str, set[str]] = defaultdict(set)
    while (row := cursor.fetchone()) is not None and len(found) <= MAX_COLUMNS:
        structure = json.loads(row[0])
        if not isinstance(structure, dict):
            raise ValueError("not an object")  # noqa: TRY004 - a failure as of a library
        if len(structure) != row[1]:
            raise unreadable("delivery.json_key_twice")
        for name, kind in structure.items():
            found[name].add(kind if isinstance(kind, str) else "nested")
    for name in _find_long_numbers(path, con, [name for name, kinds in found.items() if "DOUBLE" in kinds]):
        found[name] = {"VARCHAR"}
    first = _read_first_object(path)
    return {name: found[name] for name in [*first, *sorted(found.keys() - first.keys())]}


def _find_long_numbers(path: Path, con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[str]:
    """Return the keys with a whole number of more digits than a fraction holds: it would become another number."""
    plain = [name for name in names if '"' not in name]  # DuckDB has no path to a key with a double quote
    texts = [f"json_extract_string(json, {quote_text('$.' + quote_name(name))})" for name in plain]
    cells = [f"coalesce(bool_or(regexp_full_match({text}, '-?[0-9]{{16,}}')), false)" for text in texts]
    sql = f"SELECT {', '.join(cells)} FROM read_ndjson_objects({quote_path(path)}, {_JSON_OPTIONS})"  # noqa: S608 - quoted
    found = (con.execute(sql).fetchone() if cells else None) or ()
    long = [name for name, is_long in zip(plain, found, strict=False) if is_long]
    return [*long, *(name for name in names if name not in plain)]  # what cannot be checked stays text


def _read_first_object(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        value = parse_json(next((line for line in file if line.strip()), b"{}"))
    return value if isinstance(value, dict) else {}


def _choose_type(kinds: set[str]) -> tuple[str, str]:
    stated = kinds - {"NULL"}
    return next(((ours, duck) for fits, ours, duck in _JSON_TYPES if stated <= fits), _MIXED_TYPE)


def _explain_json_lines(path: Path) -> Statement | None:
    """Return the first line that is not one JSON object, or holds a number that no integer of ours can be."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                value = parse_json(line) if line.strip() else {}
            except ValueError:
                return Statement("delivery.json_not_valid", {"line": Amount(number)})
            if not isinstance(value, dict):
                return Statement("delivery.json_no_object", {"line": Amount(number)})
            if any(type(one) is int and not -_MOST <= one < _MOST for one in value.values()):
                return Statement("delivery.json_number_too_large", {"line": Amount(number)})
    return None


_MOST = 1 << 63


def _json_records(path: Path, _source: FileSource) -> Iterator[tuple[int, Mapping[str, object]]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                value = parse_json(line)
                yield number, value if isinstance(value, dict) else {}


JSON_LINES = FileFormat("jsonl", text=True, rows=_read_json_lines, records=_json_records)


# Parquet: the columns and types that the file states.


def _read_parquet(path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> FileRows:
    file = quote_path(path)
    select = f"SELECT * FROM read_parquet({file}, hive_partitioning=false)"  # noqa: S608 - a path, quoted
    columns = guard_read("delivery.no_parquet", lambda: describe_columns(con, select))
    check_column_names(tuple(column.name for column in columns))
    counted = f"SELECT num_rows FROM parquet_file_metadata({file})"  # noqa: S608 - as above
    found = guard_read("delivery.no_parquet", lambda: con.execute(counted).fetchone())
    rows = int(found[0]) if found is not None else 0
    # A few bytes can repeat a value a billion times. Allow no more cells than a text file of the same limit has.
    if rows * len(columns) > source.max_bytes:
        raise unreadable("delivery.parquet_too_large", rows=Persons(rows), most=Amount(source.max_bytes))
    return FileRows(select, columns, lambda: None)


PARQUET = FileFormat("parquet", text=False, rows=_read_parquet)


# Formats that are written as CSV or JSON Lines first. Their rows are copied into the table `arrived` at once.


def _read_as_csv(
    convert: Callable[[Path, FileSource], Iterator[Row]],
    path: Path,
    source: FileSource,
    con: duckdb.DuckDBPyConnection,
) -> FileRows:
    with private_copy() as (copy, plain):
        text = io.TextIOWrapper(copy, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, delimiter=";", lineterminator="\n")
        guard_read("delivery.not_read", lambda: writer.writerows(_pad_rows(convert(path, source), source)))
        text.flush()
        text.detach()
        agreed = replace(source, delimiter=";", header=True, columns=(), multiline=True)
        return _keep(con, _read_csv(plain, agreed, con))


def _pad_rows(rows: Iterator[Row], source: FileSource) -> Iterator[Row]:
    """Yield rows as wide as the header; a wider row is refused, since a value without a column would be lost.

    A row of no cells is none.
    """
    width = len(source.columns)
    if not source.header:
        yield source.columns
    for number, row in enumerate(rows, start=1 + source.skip_lines):
        if not row:
            continue
        width = width or len(row)
        if any(cell is not None for cell in row[width:]):
            counts = {"fields": Amount(len(row)), "columns": Amount(width)}
            raise unreadable("delivery.row_width", line=Amount(number), **counts)
        yield [*row[:width], *([None] * (width - len(row)))]


def _read_document(path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> FileRows:
    with private_copy() as (copy, plain):
        for value in guard_read("delivery.not_read", lambda: list(read_json_document(path, source))):
            # half a character (a lone surrogate) stays an escape, which is refused as in JSON Lines
            copy.write(json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace") + b"\n")
        copy.flush()
        return _keep(con, _read_json_lines(plain, source, con))


def _keep(con: duckdb.DuckDBPyConnection, rows: FileRows) -> FileRows:
    """Copy rows into the table `arrived`, since their file is about to be deleted."""
    sql = f"CREATE OR REPLACE TEMP TABLE {_ARRIVED} AS {rows.select}"
    guard_read("delivery.rows_not_read", lambda: con.execute(sql), why=rows.why)
    return FileRows(f"SELECT * FROM {_ARRIVED}", rows.columns, lambda: None)  # noqa: S608 - a constant


_ARRIVED = "arrived"
FIXED_WIDTH = FileFormat("fixed-width", text=True, rows=partial(_read_as_csv, read_fixed_width))
EXCEL = FileFormat("excel", text=False, rows=partial(_read_as_csv, read_excel))
XML = FileFormat("xml", text=False, rows=partial(_read_as_csv, read_xml))
JSON_DOCUMENT = FileFormat("json", text=True, rows=_read_document)

FORMATS: tuple[FileFormat, ...] = (CSV, JSON_LINES, PARQUET, JSON_DOCUMENT, XML, EXCEL, FIXED_WIDTH)


# From a file to the table `delivery`.


def format_of(source: FileSource) -> FileFormat:
    """Return the format of a source; see `find_format`."""
    return find_format(source.reader, "source.reader")


def find_format(word: str, where: str) -> FileFormat:
    """Return a file format, built in or from a plug-in.

    Args:
        word: its name in the configuration.
        where: the place of the setting, for errors.

    Raises:
        ConfigError: there is no such format, or its plug-in does not work.
    """
    own = {form.name: form for form in FORMATS}
    plugin = find_plugin(plugins.FORMATS, word, own, where)
    if plugin is None:
        if word not in own:
            raise unknown_word(plugins.FORMATS, word, own, where)
        return own[word]
    form = plugin.load(where)
    if not isinstance(form, FileFormat):
        raise plugin.fault(where, "does not name a FileFormat")
    if form.name != word:
        raise plugin.fault(where, f"names a format whose `name` is not `{word}`")
    return replace(form, rows=_Guarded(form.rows, str(plugin)))


@dataclass(frozen=True, slots=True)
class _Guarded:
    """Calls a plug-in that reads rows; an exception of it makes the delivery unreadable."""

    rows: Callable[[Path, FileSource, duckdb.DuckDBPyConnection], FileRows]
    plugin: str

    def __call__(self, path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> FileRows:
        return guard_plugin_call(lambda: self.rows(path, source, con), self._failure)

    def _failure(self, cause: str) -> UnreadableDelivery:
        return unreadable("delivery.plugin_failed", plugin=Text.of(self.plugin), cause=Text.of(cause))


@contextmanager
def open_rows(path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> Iterator[FileRows]:
    """Yield the rows of a file, to read inside the context.

    Raises:
        UnreadableDelivery: the file does not have this format.
    """
    form = format_of(source)
    with ExitStack() as stack:
        plain = stack.enter_context(open_plain(path, source, form))
        yield _add_nested(_find_rows(form, plain, con), source.nested, con)


def _add_nested(rows: FileRows, paths: Sequence[str], con: duckdb.DuckDBPyConnection) -> FileRows:
    """Return the rows with a column for each path into an object."""
    if not paths:
        return rows
    found = guard_read(
        "delivery.rows_not_read", lambda: select_nested(con, rows.select, rows.columns, paths), why=rows.why
    )
    return replace(rows, select=found[0], columns=found[1])


@dataclass(frozen=True, slots=True)
class PlainFile:
    """A file as its format reads it.

    Attributes:
        path: of the file, unpacked, in UTF-8, with nothing around its rows.
        kept: its lines in the file itself.
        source: how to read it.
    """

    path: Path
    kept: KeptLines
    source: FileSource


def _find_rows(form: FileFormat, plain: PlainFile, con: duckdb.DuckDBPyConnection) -> FileRows:
    """Return the rows of a copy; a problem has the line of the file itself."""
    path, kept, source = plain.path, plain.kept, plain.source
    if not kept.removed:
        rows = form.rows(path, source, con)
        _check_footer(rows, plain, con)
        return rows

    def explain() -> Statement | str | None:
        problem = rows.why()
        return kept.shift(problem) if isinstance(problem, Statement) else problem

    try:
        rows = form.rows(path, source, con)
    except UnreadableDelivery as error:
        problem = kept.shift(problem_of(error))
    else:
        _check_footer(rows, plain, con)
        return replace(rows, why=explain)
    raise make_delivery_error(UnreadableDelivery, problem)


def _check_footer(rows: FileRows, plain: PlainFile, con: duckdb.DuckDBPyConnection) -> None:
    """Raise UnreadableDelivery when a line that is left out as a footer looks like a row."""
    source, lines, names = plain.source, plain.kept.footer, [column.name for column in rows.columns]
    if not lines or source.footer_begins is not None:
        return
    header, delimiter = names, ""
    if source.reader == "csv":
        head = read_header(plain.path)
        delimiter = source.delimiter if source.delimiter is not None else find_delimiter(head)
        header = parse_header(head, delimiter) if source.header else list(source.columns)
    parsed = parse_footer([text for _, text in lines], source, names, header, delimiter)
    some = read_some_rows(con, rows.select, names) if any(cells is not None for cells in parsed) else None
    if some is not None:
        refuse_row_as_footer(lines, parsed, some)


@contextmanager
def open_plain(path: Path, source: FileSource, form: FileFormat) -> Iterator[PlainFile]:
    """Yield a file as its format reads it."""
    with ExitStack() as stack:
        readable = stack.enter_context(open_decompressed(path, source))
        kept = KeptLines()
        if form.text:
            if readable != path:
                examine(readable, encoding=source.encoding, max_bytes=source.max_bytes)
            opened = open_as_utf8(readable, source.encoding)
            readable = guard_read("delivery.not_read", lambda: stack.enter_context(opened))
            if form is CSV and source.skip_lines == 0:
                source = _apply_separator(source, readable)
            readable, kept = stack.enter_context(open_trimmed(readable, source))
        yield PlainFile(readable, kept, source)


def _apply_separator(source: FileSource, path: Path) -> FileSource:
    """Return how to read a file whose first line may state the delimiter; the agreed one counts."""
    separator = guard_read("delivery.header_not_read", lambda: read_separator(path))
    if separator is None:
        return source
    return replace(source, skip_lines=1, delimiter=source.delimiter or separator)


def encoding_of(source: FileSource) -> str | None:
    """Return the encoding in which the bytes of a file must be valid; None when they are not text."""
    return source.encoding if format_of(source).text and source.compression is None else None


def find_line(
    path: Path, source: FileSource, row: int, chosen: Callable[[Mapping[str, object]], bool] | None = None
) -> int | None:
    """Return the line of a row in a file; None when it cannot be found.

    Args:
        path: of the file.
        source: how to read it.
        row: the number of the row, from 1, among those that are chosen.
        chosen: tells from the texts of a row by column whether it counts; None: every row does.
    """
    form = format_of(source)
    if form.records is None:
        return None
    try:
        with open_plain(path, source, form) as plain:
            records = form.records(plain.path, plain.source)
            lines = (line for line, texts in records if chosen is None or chosen(texts))
            found = next(islice(lines, row - 1, None), None)
            return plain.kept.line(found) if found is not None else None
    except (OSError, ValueError, csv.Error):
        return None


def create_table(
    con: duckdb.DuckDBPyConnection, select: str, rows: FileRows, values: Sequence[object] = ()
) -> None:
    """Create the table `delivery` from a query over rows; on failure no table remains.

    Raises:
        UnreadableDelivery: with the number of the line, if known.
    """
    guard_read(
        "delivery.rows_not_read",
        lambda: con.execute(f"CREATE TABLE {TABLE} AS {select}", list(values)),
        why=rows.why,
    )


def drop_table(con: duckdb.DuckDBPyConnection) -> None:
    """Delete the table `delivery`."""
    con.execute(f"DROP TABLE IF EXISTS {TABLE}")


def require_column(rows: FileRows, column: str | None, *, feed: str, setting: str) -> None:
    """Check that the rows have the column of a setting.

    Raises:
        ConfigError: they do not.
    """
    if column is not None and column not in {found.name for found in rows.columns}:
        where = f"feeds.{feed}.source.{setting}"
        raise ConfigError(where, f"there is no column {column}", "name a column of the deliveries")
