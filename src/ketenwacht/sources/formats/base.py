"""What a file format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.statement import Statement

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


def file_literal(path: Path) -> str:
    """A path as DuckDB's SQL writes it, with nothing in it taken for a wildcard."""
    escaped = "".join(f"[{c}]" if c in "[*?" else c for c in str(path))
    return "'" + escaped.replace("'", "''") + "'"
