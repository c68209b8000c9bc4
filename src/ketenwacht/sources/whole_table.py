"""A source that is read whole: one side of a comparison, or a table of counts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.feed import FileSource, PluginSource, Source, SparkSource
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.errors import ConfigError

from .columns import check_column_names
from .content import examine
from .database import SourceDatabase, connect
from .formats import create_table, drop_table, encoding_of, open_rows
from .readers import open_file_store
from .spark import SparkTable, spark_table

if TYPE_CHECKING:
    import duckdb

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+_.-]*://")


@dataclass(frozen=True, slots=True)
class WholeTable:
    """One table of a database; build it with `parse_table`.

    Attributes:
        database: holds the table; it may be sent to another process.
        zone: for moments with an offset.
    """

    database: SourceDatabase = field(repr=False)
    zone: tzinfo = UTC

    @property
    def name(self) -> str:
        """The name of the table, safe to show."""
        return shown_text(self.database.table)

    def load(self, into: duckdb.DuckDBPyConnection) -> None:
        """Create the table `delivery` from every row.

        Raises:
            ConfigError: there is no such table.
            DeliveryError: the database cannot be read.
            UnreadableDelivery: a value is not of its column's type.
        """
        drop_table(into)
        columns = self.database.columns()
        check_column_names([column.name for column in columns])
        self.database.copy_all(into, columns, self.zone)


def parse_table(text: str, option: str, *, root: Path, zone: tzinfo = UTC) -> WholeTable | None:
    """Return the table that `URL#table` names; None when the text is no URL, so that it is a path.

    Args:
        text: a SQLAlchemy URL with the table, or schema and table, behind `#`; a `#` in a password is `%23`.
        option: names the place in an error.
        root: the folder that the path of a SQLite file is relative to.
        zone: for moments with an offset.

    Raises:
        ConfigError: the URL names no table or cannot be used; the message does not quote it.
    """
    if not _SCHEME.match(text):
        return None
    url, mark, table = text.partition("#")
    if not mark or not table.strip("."):
        raise ConfigError(option, "names a database and no table", "write it like sqlite:///file.db#table")
    return WholeTable(connect(url, table, root=root, feed="", where=option), zone)


def load_whole(  # noqa: PLR0913 - a source, where to, and options by keyword
    source: Source, into: duckdb.DuckDBPyConnection, *, setting: str, root: Path, zone: tzinfo, at_most: int
) -> tuple[Column, ...]:
    """Create the table `delivery` from the rows of a source, and return its columns.

    Args:
        source: as configured; its period column, if any, is a column as any other.
        into: where the table goes.
        setting: of the source, for errors.
        root: the folder of config.yaml.
        zone: for moments with an offset.
        at_most: no more rows are read.

    Raises:
        ConfigError: it is not there, or a plug-in finds it.
        DeliveryError: it cannot be read.
    """
    drop_table(into)
    if isinstance(source, FileSource):
        return _load_file(source, into, setting, root, at_most)
    if isinstance(source, PluginSource):
        what = f"a source of kind {source.word} is deliveries, not one table"
        raise ConfigError(f"{setting}.kind", what, "use `files`, `table` or `spark`")
    if isinstance(source, SparkSource):
        table: SourceDatabase | SparkTable = spark_table(
            setting.removeprefix("feeds.").removesuffix(".source"), source, root, zone
        )
    else:
        table = connect(source.url, source.table, root=root, feed="", where=setting)
    columns = table.columns()
    check_column_names([column.name for column in columns])
    table.copy_all(into, columns, zone, at_most=at_most)
    return columns


def _load_file(
    source: FileSource, into: duckdb.DuckDBPyConnection, setting: str, root: Path, at_most: int
) -> tuple[Column, ...]:
    store, name = open_file_store(source, root, setting)
    with store.open(name, source.max_bytes) as path:
        examine(path, encoding=encoding_of(source), max_bytes=source.max_bytes)
        with open_rows(path, source, into) as rows:
            create_table(into, f"SELECT * FROM ({rows.select}) LIMIT {at_most}", rows)  # noqa: S608 - a number
            return rows.columns
