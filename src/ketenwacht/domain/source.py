"""Where the deliveries of a feed are, as configured; see `feed` for how these are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

_STRICT = {"extra": "forbid"}
GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """Deliveries as files in a folder, or one file that holds every period.

    Attributes:
        path: the folder that holds the deliveries, or the one file.
        pattern: name of a delivery with `{date:%Y%m%d}` and/or `{sequence:06d}`; with a period column the
            name of the one file of all periods; None when `path` is that file itself.
        reader: csv, jsonl or parquet, or the format of a plug-in.
        manifest: name of a delivery's manifest, `{stem}` standing for its own; None: the feed has none.
        manifest_fields: our name of a manifest field → the sender's, where it differs from the default.
        delimiter: of CSV; None: found from the header among ; , tab and |.
        encoding: of csv and jsonl; anything that is not valid in it makes the delivery unreadable.
        period_column: column with the period, for one file that holds them all; one delivery a distinct value.
        period_format: how its periods are written, a layout of strptime such as `%d-%m-%Y`; None: as
            `2022-01-31`, `20220131`, a moment, `2022-01`, `2022-W05` or a year.
        count_column: column with a count, when rows are counts already; None: a row is a record.
        max_bytes: a larger file is refused.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    kind: Literal["files"] = "files"
    path: str
    pattern: str | None = None
    reader: str = "csv"
    manifest: str | None = None
    manifest_fields: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    encoding: str = "utf-8"
    period_column: str | None = None
    period_format: str | None = None
    count_column: str | None = None
    max_bytes: int = 2 * GIB

    @property
    def place(self) -> str:
        """Where deliveries are, for people."""
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSource:
    """Deliveries as rows of a database table; one delivery a distinct value of `period_column`.

    Attributes:
        url: SQLAlchemy URL of the database.
        table: table or view, optionally `schema.table`.
        period_column: column that holds the period of a row.
        period_format: how its periods are written, a layout of strptime such as `%d-%m-%Y`; None: as
            `2022-01-31`, `20220131`, a moment, `2022-01`, `2022-W05` or a year.
        count_column: column with a count, when rows are counts already; None: a row is a record.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    kind: Literal["table"] = "table"
    url: str = field(repr=False)  # it may hold a password
    table: str
    period_column: str
    period_format: str | None = None
    count_column: str | None = None

    @property
    def place(self) -> str:
        """Where deliveries are, for people."""
        return self.table


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkSource:
    """Deliveries as rows of a table, or of files, that Spark reads; needs `pip install 'ketenwacht[spark]'`.

    Attributes:
        table: table or view in Spark's catalogue, as `catalog.schema.table`.
        path: files in place of a table; a relative one starts at the folder of config.yaml.
        format: of the files, by Spark's name for it.
        remote: URL of a Spark Connect server (`sc://host:15002`); None: Spark runs on this machine.
        master: how Spark runs on this machine; it needs Java 17.
        options: settings of the Spark session, by their full name.
        columns: the columns to read, in this order; the others are never fetched; (): all.
        period_column: column that holds the period of a row.
        period_format: how its periods are written, a layout of strptime such as `%d-%m-%Y`; None: as
            `2022-01-31`, `20220131`, a moment, `2022-01`, `2022-W05` or a year.
        count_column: column with a count, when rows are counts already; None: a row is a record.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    kind: Literal["spark"] = "spark"
    table: str | None = None
    path: str | None = None
    format: str = "parquet"
    remote: str | None = field(default=None, repr=False)  # it may hold a token
    master: str = "local[*]"
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    columns: tuple[str, ...] = ()
    period_column: str
    period_format: str | None = None
    count_column: str | None = None

    @property
    def place(self) -> str:
        """Where deliveries are, for people."""
        return f"table {self.table}" if self.table is not None else f"path {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSource:
    """Deliveries that a plug-in finds; the configuration holds its word as `kind`, and its own settings beside it.

    Attributes:
        word: the plug-in's name for this kind of source.
        settings: as the plug-in describes them, validated.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    kind: Literal["plug-in"] = "plug-in"
    word: str
    settings: Any = field(repr=False)  # it may hold a password

    @property
    def count_column(self) -> str | None:
        """Column with a count, where the plug-in has such a setting."""
        return getattr(self.settings, "count_column", None)

    @property
    def place(self) -> str:
        """Where deliveries are, for people: no setting is shown, it may be a secret."""
        return f"the {self.word}"


Source = FileSource | TableSource | SparkSource | PluginSource
SOURCES = ("files", "table", "spark")
"""Every kind of source that needs no plug-in."""
