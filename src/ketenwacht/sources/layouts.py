"""Shapes of files around their rows: compressed files, lines before and after the rows, and comments.

Each function yields the path of a plain copy. A copy holds persons: it is in memory where the system supports
that, otherwise in a file that only this user can open, and it is deleted when the context ends.
"""

from __future__ import annotations

import gzip
import io
import os
import tempfile
import zipfile
import zlib
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, cast

from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.statement import Amount, Name, Statement
from ketenwacht.messages.formatter import unreadable

from .footers import refuse_unlike_footer

_CHUNK = 1 << 20
_BLOCKS = 1 << 10
"""Bytes of zstd to unpack at once: each four may stand for 128 KiB."""


@contextmanager
def private_copy() -> Iterator[tuple[BinaryIO, Path]]:
    """Yield an empty file to write to, and the path to read it from."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("delivery"), "wb") as copy:
            yield copy, Path(f"/proc/self/fd/{copy.fileno()}")
    else:
        # `delete=False`: Windows opens no file a second time that is deleted when it is closed
        with tempfile.NamedTemporaryFile(prefix="delivery-", delete=False) as copy:
            try:
                yield cast("BinaryIO", copy), Path(copy.name)
            finally:
                copy.close()
                Path(copy.name).unlink(missing_ok=True)


# Compressed files.


@contextmanager
def open_decompressed(path: Path, source: FileSource) -> Iterator[Path]:
    """Yield the path of a file that is not compressed: the file itself, or a copy.

    Raises:
        UnreadableDelivery: it is not compressed as agreed, holds more than `max_bytes`, or more than one file.
    """
    if source.compression is None:
        yield path
        return
    with private_copy() as (copy, plain):
        size = 0
        try:
            with _OPENERS[source.compression](path) as packed:
                while chunk := packed.read(_CHUNK):
                    size += len(chunk)
                    if size > source.max_bytes:
                        raise unreadable("delivery.unpacked_too_large", most=Amount(source.max_bytes))
                    copy.write(chunk)
        except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as failure:
            refused = type(failure).__name__
        else:
            copy.flush()
            yield plain
            return
        raise unreadable("delivery.not_unpacked", format=Name(source.compression), cause=Name(refused))


def _open_gzip(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb"))


def _open_zstd(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", _ZstdFile(path.open("rb")))


class _ZstdFile(io.RawIOBase):
    """Reads frames of zstd one after the other; a frame that is cut short is an error, which the library hides."""

    def __init__(self, packed: BinaryIO) -> None:
        import zstandard  # noqa: PLC0415 - few deliveries need it

        self._packed, self._make = packed, zstandard.ZstdDecompressor().decompressobj
        self._error: type[Exception] = zstandard.ZstdError
        self._frame = self._make()
        self._rest, self._begun = b"", False

    def read(self, _size: int = -1, /) -> bytes:
        """Return the next bytes, some 130 kB for each block of a frame; nothing at the end."""
        while True:
            chunk = self._rest or self._packed.read(_BLOCKS)
            if not chunk:
                if self._begun and not self._frame.eof:
                    raise EOFError
                return b""
            if self._frame.eof:
                self._frame = self._make()
            try:
                data: bytes = self._frame.decompress(chunk)
            except self._error:
                raise OSError from None
            self._begun, self._rest = True, self._frame.unused_data if self._frame.eof else b""
            if data:
                return data

    def close(self) -> None:
        """Close the file."""
        self._packed.close()
        super().close()


def _open_zip(path: Path) -> IO[bytes]:
    archive = zipfile.ZipFile(path)
    names = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    if len(names) != 1:
        archive.close()
        raise unreadable("delivery.zip_files", files=Amount(len(names)))
    return archive.open(names[0])


_OPENERS: Mapping[str, Callable[[Path], IO[bytes]]] = {
    "gzip": _open_gzip,
    "zstd": _open_zstd,
    "zip": _open_zip,
}


# Lines that hold no row.


@dataclass(frozen=True, slots=True)
class KeptLines:
    """Which lines of a file a copy holds.

    Attributes:
        removed: for each run of removed lines, the number of the last line kept before it, in the copy.
        before: for each run, how many lines were removed up to and with it.
        footer: the lines that were left out at the end, each with its number in the file.
    """

    removed: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    footer: list[tuple[int, str]] = field(default_factory=list)

    def remove(self, kept: int) -> None:
        """Record one removed line after `kept` lines of the copy."""
        total = self.before[-1] + 1 if self.before else 1
        if self.removed and self.removed[-1] == kept:
            self.before[-1] = total
        else:
            self.removed.append(kept)
            self.before.append(total)

    def line(self, number: int) -> int:
        """Return the line of the file that is line `number` of the copy."""
        run = bisect_right(self.removed, number - 1)
        return number + (self.before[run - 1] if run else 0)

    def shift(self, problem: Statement) -> Statement:
        """Return a problem with the lines of the file in place of those of the copy."""
        lines = {name: value for name, value in problem.params.items() if name in {"line", "last"}}
        moved = {name: Amount(self.line(int(one.value))) for name, one in lines.items() if isinstance(one, Amount)}
        return Statement(problem.code, {**problem.params, **moved})


@contextmanager
def open_trimmed(path: Path, source: FileSource) -> Iterator[tuple[Path, KeptLines]]:
    """Yield the path of a text file without the lines that hold no row: the file itself, or a copy.

    Args:
        path: of a text file in UTF-8.
        source: says how many lines to leave out before the header and at the end, and how a comment begins. A line
            inside a quoted value is no comment, and empty lines at the end are no footer.

    Raises:
        UnreadableDelivery: it has fewer lines than are to be left out, or a footer does not begin as agreed.
    """
    kept = KeptLines()
    if not (source.skip_lines or source.skip_footer or source.comment):
        yield path, kept
        return
    with private_copy() as (copy, plain), path.open("rb") as file:
        lines = enumerate(_split_lines(file), start=1)
        for _ in range(source.skip_lines):
            if next(lines, None) is None:
                raise unreadable("delivery.too_few_lines", lines=Amount(source.skip_lines + source.skip_footer))
            kept.remove(0)
        held: deque[tuple[int, bytes]] = deque()
        empty: list[tuple[int, bytes]] = []  # lines that may be the last: these belong to no footer
        comments = _Comments(source)
        written = 0
        for number, line in lines:
            if comments.is_comment(line):
                kept.remove(written + len(held) + len(empty))
                continue
            if source.skip_footer and not line.strip() and len(empty) < _MOST_EMPTY:
                empty.append((number, line))
                continue
            held.extend(empty)
            held.append((number, line))
            empty.clear()
            while len(held) > source.skip_footer:
                copy.write(held.popleft()[1])
                written += 1
        if len(held) < source.skip_footer:
            raise unreadable("delivery.too_few_lines", lines=Amount(source.skip_lines + source.skip_footer))
        kept.footer.extend((number, line.decode()) for number, line in held)
        refuse_unlike_footer(kept.footer, source.footer_begins)
        copy.flush()
        yield plain, kept


_MOST_EMPTY = 10_000  # lines to hold in memory


def _split_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; of one without LF, those that end in CR."""
    head = file.read(_CHUNK)
    file.seek(0)
    if b"\n" in head or b"\r" not in head:
        yield from file
        return
    text = io.TextIOWrapper(file, encoding="latin-1", newline="\r")
    yield from (line.encode("latin-1") for line in text)
    text.detach()


class _Comments:
    """Tells which lines are comments: not one inside a quoted value."""

    def __init__(self, source: FileSource) -> None:
        self._mark = source.comment.encode() if source.comment else None
        self._ends = (source.delimiter or ";,\t|").encode()
        self._inside = False

    def is_comment(self, line: bytes) -> bool:
        """Return whether the next line is a comment."""
        if self._mark is None:
            return False
        if not self._inside and line.startswith(self._mark):
            return True
        at = line.find(b'"') if b'"' in line else -1
        while at >= 0:
            if self._inside:
                doubled = line[at + 1 : at + 2] == b'"'
                self._inside = doubled
                at = line.find(b'"', at + 1 + doubled)
            else:  # only the first character of a value opens a quote
                self._inside = at == 0 or line[at - 1 : at] in self._ends
                at = line.find(b'"', at + 1)
        return False
