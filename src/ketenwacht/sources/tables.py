"""From the rows of a file to the table `delivery` in DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht import plugins
from ketenwacht.domain.source import FileSource
from ketenwacht.domain.statement import Text
from ketenwacht.errors import ConfigError, UnreadableDelivery
from ketenwacht.messages.faults import unreadable
from ketenwacht.plugins import guard_plugin_call, one_named, unknown

from .columns import TABLE
from .content import as_utf8
from .formats import FORMATS, FileFormat, FileRows
from .guard import guarded

if TYPE_CHECKING:
    import duckdb


def format_of(source: FileSource) -> FileFormat:
    """The format that a source names; see `format_named`."""
    return format_named(source.reader, "source.reader")


def format_named(word: str, where: str) -> FileFormat:
    """A file format, built in or of a plug-in.

    Args:
        word: as the configuration has it.
        where: it stands, for errors.

    Raises:
        ConfigError: there is none of that name, or its plug-in is broken.
    """
    own = {form.name: form for form in FORMATS}
    plugin = one_named(plugins.FORMATS, word, own, where)
    if plugin is None:
        if word not in own:
            raise unknown(plugins.FORMATS, word, own, where)
        return own[word]
    form = plugin.load(where)
    if not isinstance(form, FileFormat):
        raise plugin.fault(where, "names no Format")
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
def rows_of(path: Path, source: FileSource, con: duckdb.DuckDBPyConnection) -> Iterator[FileRows]:
    """The rows of a file, ready to be read while the context lasts.

    Raises:
        UnreadableDelivery: it is not a file of this format.
    """
    form = format_of(source)
    with ExitStack() as stack:
        readable = path
        if form.text:
            readable = guarded("delivery.not_read", lambda: stack.enter_context(as_utf8(path, source.encoding)))
        yield form.rows(readable, source, con)


def create(con: duckdb.DuckDBPyConnection, select: str, rows: FileRows, values: Sequence[object] = ()) -> None:
    """Make the table `delivery` from a query over rows; on failure no table is left.

    Raises:
        UnreadableDelivery: with the number of the line where it can be told.
    """
    guarded(
        "delivery.rows_not_read",
        lambda: con.execute(f"CREATE TABLE {TABLE} AS {select}", list(values)),
        why=rows.why,
    )


def drop(con: duckdb.DuckDBPyConnection) -> None:
    """Leave nothing of a delivery behind."""
    con.execute(f"DROP TABLE IF EXISTS {TABLE}")


def require(rows: FileRows, column: str | None, *, feed: str, setting: str) -> None:
    """Refuse a configuration that names a column which is not there.

    Raises:
        ConfigError: naming the setting.
    """
    if column is not None and column not in {found.name for found in rows.columns}:
        where = f"feeds.{feed}.source.{setting}"
        raise ConfigError(where, f"there is no column {column}", "name a column of the deliveries")
