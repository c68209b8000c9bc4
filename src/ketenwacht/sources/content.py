"""The bytes of a delivery: finds them, checks that they do not change, and hashes them."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Amount, Name
from ketenwacht.messages.formatter import unreadable
from ketenwacht.sql import quote_name, quote_text

from .base import guard_read
from .layouts import private_copy

if TYPE_CHECKING:
    import duckdb

_CHUNK = 1 << 20
_BOM = codecs.BOM_UTF8

# First bytes of a compressed file. Compressed files are refused: their uncompressed size has no limit.
_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"7z\xbc\xaf\x27\x1c": "7-zip",
}


@dataclass(frozen=True, slots=True)
class FileStamp:
    """Identifies one state of a file; times in nanoseconds since the epoch."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class FileContent:
    """The hash and stamp of a file that did not change while it was read."""

    sha256: str
    stamp: FileStamp


def resolve_inside(folder: Path, name: str) -> Path:
    """Return the real path of `name` in `folder`.

    Raises:
        UnreadableDelivery: there is no such file, or it is outside the folder.
    """
    path = guard_read("delivery.not_opened", lambda: (folder / name).resolve(strict=True))
    if not path.is_relative_to(folder.resolve()):
        raise unreadable("delivery.outside_folder")
    return path


def stamp_of(path: Path) -> FileStamp:
    """Return the stamp of a regular file.

    Raises:
        UnreadableDelivery: there is no such file, or it is not a regular file.
    """
    found = guard_read("delivery.not_opened", path.stat)
    if not stat.S_ISREG(found.st_mode):
        raise unreadable("delivery.no_regular_file")
    return FileStamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def examine(path: Path, *, encoding: str | None, max_bytes: int) -> FileContent:
    """Read a file once from beginning to end: hash it and, when it is text, check its encoding.

    Args:
        path: a real path.
        encoding: in which all of it must be valid, without NUL characters; None: the file is not text.
        max_bytes: a larger file is refused before it is read.

    Raises:
        UnreadableDelivery: it is too large, compressed, not text in this encoding (with the line number), or it
            changed while it was read.
    """
    before = stamp_of(path)
    if before.size > max_bytes:
        raise unreadable("delivery.too_large", size=Amount(before.size), most=Amount(max_bytes))
    digest = guard_read("delivery.not_read", lambda: _hash(path, encoding, before.size), foreign=(OSError,))
    if stamp_of(path) != before:
        raise unreadable("delivery.changed")
    return FileContent(digest, before)


def _hash(path: Path, encoding: str | None, size: int) -> str:
    digest = hashlib.sha256()
    text = _TextCheck(encoding) if encoding is not None else None
    read = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if read == 0 and text is not None:
                _refuse_compressed(chunk)
            read += len(chunk)
            if read > size:  # the file grows: report that, whatever the bytes are
                raise unreadable("delivery.changed")
            digest.update(chunk)
            if text is not None:
                text.feed(chunk)
    if text is not None:
        text.feed(b"", final=True)
    return digest.hexdigest()


def _refuse_compressed(head: bytes) -> None:
    for magic, kind in _COMPRESSED.items():
        if head.startswith(magic):
            raise unreadable("delivery.packed", format=Name(kind))


class _TextCheck:
    """Decodes chunk by chunk, and counts lines."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._line = 1
        self._last = ""

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        """Check the next bytes; raises UnreadableDelivery with a line number."""
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeError as error:
            before = chunk[: error.start] if isinstance(error, UnicodeDecodeError) else b""
            line = Amount(self._line + before.count(10))
            fault = unreadable("delivery.encoding", line=line, encoding=Name(self._encoding))
        else:
            nul, mark = text.find("\0"), self._find_mark(text)
            if nul < 0 and mark < 0:
                self._line += text.count("\n")
                self._last = text[-1:] or self._last
                return
            if nul < 0:
                raise unreadable("delivery.mark_inside", line=Amount(self._line + text.count("\n", 0, mark)))
            fault = unreadable("delivery.nul", line=Amount(self._line + text.count("\n", 0, nul)))
        raise fault

    def _find_mark(self, text: str) -> int:
        """Return where a line begins with a byte order mark, as where two files were put together; -1: nowhere."""
        if "\ufeff" not in text:
            return -1
        if self._last == "\n" and text.startswith("\ufeff"):
            return 0
        found = text.find("\n\ufeff")
        return found + 1 if found >= 0 else -1


def is_utf8(encoding: str) -> bool:
    """Return whether text in this encoding is already UTF-8."""
    return codecs.lookup(encoding).name in {"utf-8", "utf-8-sig", "ascii"}


@contextlib.contextmanager
def open_as_utf8(path: Path, encoding: str) -> Iterator[Path]:
    """Yield a path of the text in UTF-8 without a byte order mark: the file itself, or a private copy."""
    if is_utf8(encoding) and not _has_byte_order_mark(path):
        yield path
    else:
        with private_copy() as (copy, readable):
            _transcode(path, encoding, copy)
            yield readable


def _has_byte_order_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_BOM)) == _BOM


def _transcode(path: Path, encoding: str, copy: BinaryIO) -> None:
    source = "utf-8-sig" if is_utf8(encoding) else encoding
    with path.open(encoding=source, errors="strict", newline="") as text:
        first = True
        while piece := text.read(_CHUNK):
            copy.write((piece.removeprefix("\ufeff") if first else piece).encode())
            first = False
    copy.flush()


# The hash of a set of rows. The same rows in another order, or beside other periods, have the same hash.


def hash_rows(con: duckdb.DuckDBPyConnection, table: str, columns: Iterable[Column]) -> str:
    """Return the SHA-256 (hexadecimal) of all rows of a table."""
    sql = f"SELECT sha256(coalesce(string_agg(h, '' ORDER BY h), '')) FROM ({_row_hashes(table, columns)})"  # noqa: S608 - quoted
    found = con.execute(sql).fetchone()
    return str(found[0]) if found is not None else ""


def hash_rows_by_period(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: Iterable[Column],
    period_column: str,
    periods: dict[str, date],
) -> dict[date, str]:
    """Return the SHA-256 (hexadecimal) of the rows of each period.

    Args:
        con: holds `table`.
        table: its name.
        columns: its columns.
        period_column: the column with the period.
        periods: text in that column → its period.
    """
    hashed = _row_hashes(table, columns, f", CAST({quote_name(period_column)} AS VARCHAR) AS raw")
    sql = (
        "SELECT p.day, sha256(string_agg(h, '' ORDER BY h)) "  # noqa: S608 - names are quoted, values are parameters
        f"FROM ({hashed}) JOIN (SELECT unnest(?) AS raw, unnest(?) AS day) p USING (raw) GROUP BY 1"
    )
    return dict(con.execute(sql, [list(periods), list(periods.values())]).fetchall())


def _row_hashes(table: str, columns: Iterable[Column], more: str = "") -> str:
    # A cell is the name of its column and its text, as JSON, so that different rows never give the same text. An
    # empty cell adds nothing: a new column does not change the hash of earlier rows.
    cells = [
        f"CASE WHEN {cell} IS NULL THEN '' ELSE CAST(to_json([{title}, CAST({cell} AS VARCHAR)]) AS VARCHAR) END"
        for title, cell in sorted((quote_text(column.name), quote_name(column.name)) for column in columns)
    ]
    return f"SELECT sha256({' || '.join(cells)}) AS h{more} FROM {quote_name(table)}"  # noqa: S608 - names are quoted
