"""Loads a sample for `init`: a file or table, read as strictly as a delivery, without a known period."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.feed import FileSource, TableSource
from ketenwacht.domain.measurement import Column
from ketenwacht.errors import ConfigError

from .columns import check_column_names, create_typed_table
from .content import examine
from .database import connect
from .formats import create_table, drop_table, encoding_of, open_rows

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
}
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
    """

    source: FileSource | TableSource
    path: Path | None


def find_sample(text: str) -> Sample:
    """Return the sample that `init --from` names: a file, or `URL#table`.

    A file with a date in its name is one delivery of many: its folder becomes the source, and its name the
    pattern.

    Raises:
        ConfigError: it is neither, or there is no such file.
    """
    if "://" in text:
        url, hash_, table = text.rpartition("#")
        if not hash_ or not table:
            raise ConfigError("--from", "the URL has no table", "write it as URL#table or URL#schema.table")
        return Sample(TableSource(url=url, table=table, period_column=""), None)
    path = Path(text)
    reader = _READERS.get(path.suffix.lower())
    if not path.is_file():
        raise ConfigError("--from", "there is no such file", "name a csv, jsonl or parquet file, or URL#table")
    if reader is None:
        raise ConfigError(
            "--from", f"files that end in {path.suffix or 'nothing'} are not supported", "use csv or jsonl"
        )
    pattern = _pattern(path.name)
    encoding = ENCODINGS[0] if reader == "parquet" else _encoding(path)
    if pattern is None:
        return Sample(FileSource(path=str(path), reader=reader, encoding=encoding), path)
    manifest = next((m for m in _MANIFESTS if path.with_name(m.format(stem=path.stem)).is_file()), None)
    found = FileSource(path=str(path.parent), pattern=pattern, reader=reader, manifest=manifest, encoding=encoding)
    return Sample(found, path)


def load_sample(sample: Sample, into: duckdb.DuckDBPyConnection, *, zone: tzinfo = UTC) -> tuple[Column, ...]:
    """Create the table `delivery` from a sample, and return its columns.

    Raises:
        ConfigError: there is no such table.
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
        return columns
    assert sample.path is not None  # noqa: S101 - only a table has no path
    examine(sample.path, encoding=encoding_of(source), max_bytes=source.max_bytes)
    with open_rows(sample.path, source, into) as rows:
        create_table(into, rows.select, rows)
        return rows.columns


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
