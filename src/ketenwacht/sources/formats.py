"""File formats, and how the rows of a file become the table `delivery`. A new format is one line in `FORMATS`."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht import plugins
from ketenwacht.documents import parse_json
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Persons, Statement, Text
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.messages.problem import unreadable
from ketenwacht.plugins import find_plugin, guard_plugin_call, unknown_word

from .base import guard_read
from .columns import MAX_COLUMNS, TABLE, check_column_names, describe_columns, quote_name, quote_text
from .content import open_as_utf8

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class FileRows:
    """The rows of a file, before they are read.

    Attributes:
        select: the query that reads them.
        columns: what it gives, in order.
        why: looks at the file again after a failed read; says what is wrong and on which line, or None; a plug-in
            may say it in words.
    """

    select: str
    columns: tuple[Column, ...]
    why: Callable[[], Statement | str | None]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One file format.

    Attributes:
        name: as the configuration calls it.
        text: whether it is text in some encoding; it is then handed over in UTF-8 without a byte order mark.
        rows: looks at the columns of a file and says how DuckDB reads it; raises UnreadableDelivery.
    """

    name: str
    text: bool
    rows: Callable[[Path, FileSource, duckdb.DuckDBPyConnection], FileRows]


def quote_path(path: Path) -> str:
    """A path as DuckDB's SQL writes it, with nothing in it taken for a wildcard."""
    escaped = "".join(f"[{c}]" if c in "[*?" else c for c in str(path))
    return "'" + escaped.replace("'", "''") + "'"


# CSV: every value is text, every row is as wide as the header, and nothing is guessed.


DELIMITERS = (";", ",", "\t", "|")
_MAX_HEADER = 1 << 20  # characters


def _read_csv(path: Path, source: FileSource, _con: duckdb.DuckDBPyConnection) -> FileRows:
    lines = guard_read("delivery.header_not_read", lambda: _read_header(path))
    delimiter = source.delimiter if source.delimiter is not None else _find_delimiter(lines)
    names = check_column_names(_parse_header(lines, delimiter))
    columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in names)
    wanted = ", ".join(quote_name(name) for name in names)
    select = (
        f"SELECT {wanted} FROM read_csv({quote_path(path)}, "  # noqa: S608 - quoted
        f"columns={{{columns}}}, auto_detect=false, header=true, delim={quote_text(delimiter)}, "
        "quote='\"', escape='\"', strict_mode=true, null_padding=false, ignore_errors=false, compression='none', "
        "hive_partitioning=false)"
    )
    return FileRows(
        select, tuple(Column(name, "text") for name in names), lambda: _explain_csv(path, delimiter, len(names))
    )


def _read_header(path: Path) -> list[str]:
    """The physical lines of the header; a quoted name may hold a line end."""
    lines: list[str] = []
    read, quotes = 0, 0
    with path.open(encoding="utf-8", newline="") as file:
        while line := file.readline(_MAX_HEADER):
            lines.append(line)
            read += len(line)
            quotes += line.count('"')
            if read >= _MAX_HEADER:
                raise unreadable("delivery.header_too_long", most=Amount(_MAX_HEADER))
            if quotes % 2 == 0:
                break
    return lines


def _find_delimiter(lines: list[str]) -> str:
    """The one mark that parts the header, not counting what stands in quotes."""
    there = [mark for mark in DELIMITERS if any(mark in line for line in lines)]
    found = [mark for mark in there if len(_split_header(lines, mark)) > 1]
    if len(found) > 1:
        raise unreadable("delivery.header_delimiters")
    return found[0] if found else DELIMITERS[0]


def _parse_header(lines: list[str], delimiter: str) -> list[str]:
    if not lines:
        raise unreadable("delivery.no_header")
    if not lines[0].strip("\r\n"):
        raise unreadable("delivery.header_empty")
    names = _split_header(lines, delimiter)
    if not names:
        raise unreadable("delivery.header_no_csv")
    return names


def _split_header(lines: list[str], delimiter: str) -> list[str]:
    """The fields of the header; none when it is no CSV with this delimiter."""
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _explain_csv(path: Path, delimiter: str, width: int) -> Statement | None:
    """The first row that is not as wide as the header, found by the standard library's reader."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                if row and len(row) != width:
                    counts = {"fields": Amount(len(row)), "columns": Amount(width)}
                    return Statement("delivery.row_width", {"line": Amount(reader.line_num), **counts})
        except csv.Error:
            return Statement("delivery.row_no_csv", {"line": Amount(reader.line_num)})
    with path.open("rb") as file:
        ends = {line[-2:] == b"\r\n" for line in file if line.endswith(b"\n")}
    return Statement("delivery.line_ends") if len(ends) > 1 else None


CSV = FileFormat("csv", text=True, rows=_read_csv)


# JSON Lines: one object a line. The columns are the union of the keys; the types are those of the JSON.


MAX_LINE = 1 << 20  # bytes
MAX_BRACKETS = 500  # DuckDB walks nested values recursively: depth is bounded by what one line can open

_JSON_OPTIONS = f"maximum_object_size={2 * MAX_LINE}, compression='uncompressed'"

# Which kinds of JSON value a column may hold → its type, and DuckDB's. The first that fits; null fits everywhere.
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
    """Refuse, line by line, what DuckDB must not be shown; keeps nothing."""
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
    """Of every key, those of the first object first and the others by name, the kinds of value it has."""
    sql = (
        "SELECT DISTINCT CAST(json_structure(json) AS VARCHAR), len(json_keys(json)) "  # noqa: S608 - a path, quoted
        f"FROM read_ndjson_objects({quote_path(path)}, {_JSON_OPTIONS})"
    )
    cursor = con.execute(sql)
    found: defaultdict[str, set[str]] = defaultdict(set)
    while (row := cursor.fetchone()) is not None and len(found) <= MAX_COLUMNS:
        structure = json.loads(row[0])
        if not isinstance(structure, dict):
            raise ValueError("not an object")  # noqa: TRY004 - as a foreign failure; `_explain_json_lines` tells where
        if len(structure) != row[1]:
            raise unreadable("delivery.json_key_twice")
        for name, kind in structure.items():
            found[name].add(kind if isinstance(kind, str) else "nested")
    first = _read_first_object(path)
    return {name: found[name] for name in [*first, *sorted(found.keys() - first.keys())]}


def _read_first_object(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        value = parse_json(next((line for line in file if line.strip()), b"{}"))
    return value if isinstance(value, dict) else {}


def _choose_type(kinds: set[str]) -> tuple[str, str]:
    stated = kinds - {"NULL"}
    return next(((ours, duck) for fits, ours, duck in _JSON_TYPES if stated <= fits), _MIXED_TYPE)


def _explain_json_lines(path: Path) -> Statement | None:
    """The first line that is not one JSON object, found by the standard library's reader."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                value = parse_json(line) if line.strip() else {}
            except ValueError:
                return Statement("delivery.json_not_valid", {"line": Amount(number)})
            if not isinstance(value, dict):
                return Statement("delivery.json_no_object", {"line": Amount(number)})
    return None


JSON_LINES = FileFormat("jsonl", text=True, rows=_read_json_lines)


# Parquet: the columns and types that the file states.


def _read_parquet(path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> FileRows:
    file = quote_path(path)
    select = f"SELECT * FROM read_parquet({file}, hive_partitioning=false)"  # noqa: S608 - a path, quoted
    columns = guard_read("delivery.no_parquet", lambda: describe_columns(con, select))
    check_column_names(tuple(column.name for column in columns))
    counted = f"SELECT num_rows FROM parquet_file_metadata({file})"  # noqa: S608 - as above
    found = guard_read("delivery.no_parquet", lambda: con.execute(counted).fetchone())
    rows = int(found[0]) if found is not None else 0
    # A few bytes can repeat a value a billion times: it may unpack into no more cells than text of that size.
    if rows * len(columns) > source.max_bytes:
        raise unreadable("delivery.parquet_too_large", rows=Persons(rows), most=Amount(source.max_bytes))
    return FileRows(select, columns, lambda: None)


PARQUET = FileFormat("parquet", text=False, rows=_read_parquet)

FORMATS: tuple[FileFormat, ...] = (CSV, JSON_LINES, PARQUET)


# From a file to the table `delivery`.


def format_of(source: FileSource) -> FileFormat:
    """The format that a source names; see `find_format`."""
    return find_format(source.reader, "source.reader")


def find_format(word: str, where: str) -> FileFormat:
    """A file format, built in or of a plug-in.

    Args:
        word: as the configuration has it.
        where: it stands, for errors.

    Raises:
        ConfigError: there is none of that name, or its plug-in is broken.
    """
    own = {form.name: form for form in FORMATS}
    plugin = find_plugin(plugins.FORMATS, word, own, where)
    if plugin is None:
        if word not in own:
            raise unknown_word(plugins.FORMATS, word, own, where)
        return own[word]
    form = plugin.load(where)
    if not isinstance(form, FileFormat):
        raise plugin.fault(where, "names no FileFormat")
    if form.name != word:
        raise plugin.fault(where, f"names a format that is called otherwise than `{word}`")
    return replace(form, rows=_Guarded(form.rows, str(plugin)))


@dataclass(frozen=True, slots=True)
class _Guarded:
    """How a plug-in reads rows; what it raises makes a delivery unreadable."""

    rows: Callable[[Path, FileSource, duckdb.DuckDBPyConnection], FileRows]
    plugin: str

    def __call__(self, path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> FileRows:
        return guard_plugin_call(lambda: self.rows(path, source, con), self._failed)

    def _failed(self, cause: str) -> UnreadableDelivery:
        return unreadable("delivery.plugin_failed", plugin=Text.of(self.plugin), cause=Text.of(cause))


@contextmanager
def open_rows(path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> Iterator[FileRows]:
    """The rows of a file, ready to be read while the context lasts.

    Raises:
        UnreadableDelivery: it is not a file of this format.
    """
    form = format_of(source)
    with ExitStack() as stack:
        readable = path
        if form.text:
            readable = guard_read(
                "delivery.not_read", lambda: stack.enter_context(open_as_utf8(path, source.encoding))
            )
        yield form.rows(readable, source, con)


def create_table(
    con: duckdb.DuckDBPyConnection, select: str, rows: FileRows, values: Sequence[object] = ()
) -> None:
    """Make the table `delivery` from a query over rows; on failure no table is left.

    Raises:
        UnreadableDelivery: with the number of the line where it can be told.
    """
    guard_read(
        "delivery.rows_not_read",
        lambda: con.execute(f"CREATE TABLE {TABLE} AS {select}", list(values)),
        why=rows.why,
    )


def drop_table(con: duckdb.DuckDBPyConnection) -> None:
    """Leave nothing of a delivery behind."""
    con.execute(f"DROP TABLE IF EXISTS {TABLE}")


def require_column(rows: FileRows, column: str | None, *, feed: str, setting: str) -> None:
    """Refuse a configuration that names a column which is not there.

    Raises:
        ConfigError: naming the setting.
    """
    if column is not None and column not in {found.name for found in rows.columns}:
        where = f"feeds.{feed}.source.{setting}"
        raise ConfigError(where, f"there is no column {column}", "name a column of the deliveries")
