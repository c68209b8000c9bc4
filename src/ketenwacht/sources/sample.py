"""Loads a sample for `init`: files or a table, read as strictly as deliveries, without a known period."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, tzinfo
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ketenwacht.domain.feed import FileSource, TableSource
from ketenwacht.domain.measurement import Column
from ketenwacht.errors import ConfigError
from ketenwacht.sql import TABLE

from .columns import check_column_names, create_typed_table
from .content import examine
from .database import connect
from .formats import create_table, drop_table, encoding_of, find_csv_delimiter, open_rows
from .names import compile_pattern
from .remote import SCHEMES

if TYPE_CHECKING:
    import duckdb

ROWS = 1_000_000
"""Rows to read from a table; of a file, all rows are read."""

_READERS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "json",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
}
_COMPRESSED: dict[str, Literal["gzip", "zstd", "zip"]] = {".gz": "gzip", ".zst": "zstd", ".zip": "zip"}
MOST_FILES = 60
"""Deliveries of a folder to learn from; of more, as many are read, evenly spread."""
DAY = '"\x01day"'
"""The column with the day of the delivery that a row is from; no column of a file can have this name."""
ENCODINGS = ("utf-8", "windows-1252")
"""Encodings to try, in order. The second accepts almost any text."""
_DATE = (re.compile(r"(?<!\d)(?:19|20)\d{6}(?!\d)"), re.compile(r"(?<!\d)(?:19|20)\d{2}-\d{2}-\d{2}(?!\d)"))
_LAYOUTS = ("{date:%Y%m%d}", "{date:%Y-%m-%d}")
_SEQUENCE = re.compile(r"(?<=[_-])(\d{3,7})(?=[_.-])")
_MANIFESTS = ("{stem}.manifest.json", "{stem}.json")


@dataclass(frozen=True, slots=True)
class Sample:
    """A file or table to learn from.

    Attributes:
        source: as in the configuration of a feed; a period column that it needs is still empty.
        path: of the file; None for a table.
        days: the date of each delivery in the folder, oldest first; () when there is one file for all periods.
    """

    source: FileSource | TableSource
    path: Path | None
    days: tuple[date, ...] = ()


def find_sample(text: str, *, delimiter: str | None = None) -> Sample:
    """Return the sample that `init --from` names: a file, a folder, a glob, or `URL#table`.

    A file with a date in its name is one delivery of many: its folder becomes the source, and its name the
    pattern. Of a folder or glob, the names of most files give the pattern.

    Args:
        text: as given.
        delimiter: of CSV; None: found from the header.

    Raises:
        ConfigError: it is none of these, or there is no such file.
    """
    if "://" in text:
        url, hash_, table = text.rpartition("#")
        if text.partition("://")[0].lower() in SCHEMES:
            mend = "copy some deliveries here, name their folder, and set `source.path` to the address afterwards"
            raise ConfigError("--from", "a sample must be on this machine", mend)
        if not hash_ or not table:
            raise ConfigError("--from", "the URL has no table", "write it as URL#table or URL#schema.table")
        return Sample(TableSource(url=url, table=table, period_column=""), None)
    path = _choose_file(text)
    compression = _COMPRESSED.get(path.suffix.lower())
    ending = (path.suffixes[-2] if len(path.suffixes) > 1 else "") if compression else path.suffix
    reader = _READERS.get(ending.lower())
    if reader is None:
        what = f"files that end in {path.suffix or 'nothing'} are not supported"
        raise ConfigError("--from", what, f"use one of: {', '.join(_READERS)}")
    pattern = _pattern(path.name)
    text_file = reader in {"csv", "jsonl", "json"} and compression is None
    encoding = _encoding(path) if text_file else ENCODINGS[0]
    source = FileSource(path=str(path), reader=reader, encoding=encoding, compression=compression)
    if reader == "csv":
        source = replace(source, delimiter=delimiter or find_csv_delimiter(path, source))
    if pattern is None:
        return Sample(source, path)
    manifest = next((m for m in _MANIFESTS if path.with_name(m.format(stem=path.stem)).is_file()), None)
    source = replace(source, path=str(path.parent), pattern=pattern, manifest=manifest)
    return Sample(source, path, tuple(day for day, _ in _list_deliveries(source)))


def _choose_file(text: str) -> Path:
    """Return the file that stands for a sample: of a folder or glob, the newest of its most common name."""
    path = Path(text)
    if path.is_file():
        return path
    if not path.is_dir() and not has_magic(text):
        raise ConfigError("--from", "there is no such file", "name a file, a folder, a glob, or URL#table")
    listed = path.iterdir() if path.is_dir() else map(Path, glob(text))  # noqa: PTH207 - the pattern may be absolute
    files = sorted(one for one in listed if one.is_file() and _is_readable(one))
    kinds = Counter(_pattern(one.name) for one in files)
    dated = [pattern for pattern, _ in kinds.most_common() if pattern is not None]
    if not dated:
        what = "no file there has a date in its name" if files else "there is no file that can be read"
        raise ConfigError("--from", what, "name one file that holds every period")
    return max(one for one in files if _pattern(one.name) == dated[0])


def _is_readable(path: Path) -> bool:
    endings = [ending.lower() for ending in path.suffixes if ending.lower() not in _COMPRESSED]
    manifest = path.name.lower().endswith((".manifest.json", ".manifest.jsonl"))
    return bool(endings) and endings[-1] in _READERS and not manifest


def _list_deliveries(source: FileSource) -> list[tuple[date, Path]]:
    """Return the day and path of each delivery beside a sample, oldest first."""
    pattern, folder = compile_pattern(source.pattern or ""), Path(source.path)
    found = ((pattern.match(path.name), path) for path in folder.iterdir())
    return sorted((name.period, path) for name, path in found if name is not None and name.period is not None)


def load_sample(sample: Sample, into: duckdb.DuckDBPyConnection, *, zone: tzinfo = UTC) -> tuple[Column, ...]:
    """Create the table `delivery` from a sample, and return its columns.

    Raises:
        ConfigError: there is no such table.
        DeliveryError: the sample cannot be read; with a line number if known, never with a value.
    """
    source = sample.source
    drop_table(into)
    if isinstance(source, FileSource) and sample.days:
        return _load_deliveries(source, into)
    if isinstance(source, TableSource):
        database = connect(source.url, source.table, root=Path(), feed="new")
        columns = database.columns()
        check_column_names([column.name for column in columns])
        add_batch = create_typed_table(into, columns, zone)
        database.read_first_rows([column.name for column in columns], ROWS, add_batch)
        return columns
    assert sample.path is not None  # noqa: S101 - only a table has no path
    examine(sample.path, encoding=encoding_of(source), max_bytes=source.max_bytes)
    with open_rows(sample.path, source, into) as rows:
        create_table(into, rows.select, rows)
        return rows.columns


def _load_deliveries(source: FileSource, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
    """Load deliveries of a folder, each row with the day of its delivery in the column `DAY`."""
    deliveries = _list_deliveries(source)
    step = max(1, -(-len(deliveries) // MOST_FILES))
    columns: dict[str, Column] = {}
    parts: list[str] = []
    for number, (day, path) in enumerate(deliveries[::-1][::step]):
        examine(path, encoding=encoding_of(source), max_bytes=source.max_bytes)
        with open_rows(path, source, into) as rows:
            create_table(into, f"SELECT *, DATE '{day}' AS {DAY} FROM ({rows.select})", rows)  # noqa: S608 - a date
        into.execute(f"ALTER TABLE {TABLE} RENAME TO part_{number}")
        parts.append(f"SELECT * FROM part_{number}")  # noqa: S608 - our own names
        columns |= {column.name: column for column in rows.columns if column.name not in columns}
    union = " UNION ALL BY NAME ".join(parts)
    into.execute(f"CREATE TABLE {TABLE} AS {union}")
    for number in range(len(parts)):
        into.execute(f"DROP TABLE part_{number}")
    return tuple(columns.values())


def _encoding(path: Path) -> str:
    """Return the first of `ENCODINGS` that decodes the whole file; the first one when none does."""
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as text:
                while text.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    return ENCODINGS[0]


def _pattern(name: str) -> str | None:
    """Return the name of a file as a pattern for its date and the number after it; None without a date."""
    for form, layout in zip(_DATE, _LAYOUTS, strict=True):
        found = form.search(name)
        if found is not None:
            head, tail = name[: found.start()], name[found.end() :]
            return head + layout + _SEQUENCE.sub(lambda m: f"{{sequence:0{len(m[1])}d}}", tail, count=1)
    return None
