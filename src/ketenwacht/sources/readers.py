"""Builds the reader of a configured source; guards the readers of plug-ins.

A new kind is one line in `READERS`.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from ketenwacht import plugins
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import SOURCES, FileSource, PluginSource, Source, SparkSource, TableSource
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.domain.settings import ServiceSettings
from ketenwacht.domain.statement import Statement, Text
from ketenwacht.errors import ConfigError, DeliveryError, KetenwachtError, UnreadableDelivery
from ketenwacht.messages.formatter import make_delivery_error, unreadable
from ketenwacht.plugins import PluginLimits, call_apart, find_source_kind, guard_plugin_call, unknown_word
from ketenwacht.processes import in_child
from ketenwacht.sql import TABLE, quote_text

from .base import AT_ONCE, SETTLE, FeedReader
from .columns import check_column_names
from .control_table import open_control_table
from .folder import FolderReader
from .formats import FORMATS, drop_table, find_format
from .manifest import field_paths
from .names import compile_pattern
from .one_file import OneFileReader
from .period import check_form
from .places import FileStore, LocalFolder
from .remote import RemoteFolder, is_remote, open_remote, split_file

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")
_SHARE = 0.8  # of `service.standstill` that one statement may take


@dataclass(frozen=True, slots=True)
class ReaderKind:
    """One kind of reader.

    Attributes:
        reads: whether it reads a source.
        build: builds it: (name of the feed, source, folder of config.yaml, time zone, guard) → reader.
    """

    reads: Callable[[Source], bool]
    build: Callable[[str, Source, Path, tzinfo, Guard], FeedReader]


def _open_folder(feed: str, source: Source, root: Path, _zone: tzinfo, guard: Guard) -> FeedReader:
    assert isinstance(source, FileSource)  # noqa: S101 - checked by `reads`
    setting = f"feeds.{feed}.source"
    _check_text(source, setting)
    pattern = compile_pattern(source.pattern or "", where=f"{setting}.pattern")
    if source.period_column is not None:
        raise ConfigError(f"{setting}.period_column", "there is also a pattern", "remove one of them")
    if source.period_format is not None:
        what = "there is no period column in this format"
        raise ConfigError(f"{setting}.period_format", what, "remove it: the pattern has the date")
    if source.manifest is None and pattern.date_format is None:
        what = "there is no {date} in the pattern, and no manifest with the period"
        raise ConfigError(f"{setting}.pattern", what, "add {date:%Y%m%d} to it, or set `manifest`")
    if source.manifest is not None:
        name = source.manifest
        if name.count("{stem}") != 1 or "/" in name or "\\" in name:
            raise ConfigError(
                f"{setting}.manifest", "this is not the name of a manifest", "write {stem}.manifest.json"
            )
        if name == "{stem}" + pattern.suffix:
            raise ConfigError(
                f"{setting}.manifest", "this is the name of the delivery itself", "write {stem}.manifest.json"
            )
    _check_marker(source, setting, pattern.suffix)
    fields = field_paths(source.manifest_fields, where=f"{setting}.manifest_fields")
    return FolderReader(feed, source, _open_store(source, root, setting), pattern, fields, guard)


def _check_marker(source: FileSource, setting: str, suffix: str) -> None:
    marker = source.marker
    if marker is None:
        return
    if marker.count("{stem}") != 1 or "/" in marker or "\\" in marker:
        raise ConfigError(f"{setting}.marker", "this is not the name of a marker", "write {stem}.done")
    if marker in {"{stem}" + suffix, source.manifest}:
        what = "this is the name of the delivery or of its manifest"
        raise ConfigError(f"{setting}.marker", what, "write {stem}.done, or remove this setting")


def _open_store(source: FileSource, root: Path, setting: str, path: str | None = None) -> FileStore:
    """Return where the files of a source lie.

    Args:
        source: as configured.
        root: the folder of config.yaml.
        setting: of the source, for errors.
        path: of the folder; None: that of the source.
    """
    path = source.path if path is None else path
    if is_remote(path):
        return open_remote(path, source.storage, root=root, setting=setting)
    if source.storage is not None:
        what = "the files are on this machine"
        raise ConfigError(f"{setting}.storage", what, "remove it, or write `path` as s3://bucket/folder")
    return LocalFolder(root / path)


def _open_one_file(feed: str, source: Source, root: Path, zone: tzinfo, _guard: Guard) -> FeedReader:
    assert isinstance(source, FileSource)  # noqa: S101 - checked by `reads`
    setting = f"feeds.{feed}.source"
    _check_text(source, setting)
    if source.period_column is None:
        mend = "add `pattern` for a folder with a file a period, or `period_column` for one file"
        raise ConfigError(setting, "there is neither a pattern nor a period column", mend)
    if source.manifest is not None:
        raise ConfigError(
            f"{setting}.manifest", "one file with all periods has no manifest", "remove this setting"
        )
    _check_period(source, setting)
    if source.marker is not None:
        raise ConfigError(f"{setting}.marker", "one file with all periods has no marker", "remove this setting")
    store, name = open_file_store(source, root, setting)
    return OneFileReader(feed, source, store, name, source.period_column, zone)


def open_file_store(source: FileSource, root: Path, setting: str) -> tuple[FileStore, str]:
    """Return where the one file of a source lies, and its name; raises ConfigError."""
    if is_remote(source.path):
        folder, name = split_file("/".join(part for part in (source.path, source.pattern) if part))
    else:
        path = root / source.path / (source.pattern or "")
        folder, name = str(path.parent), path.name
    store = _open_store(source, root, setting, folder)
    if isinstance(store, LocalFolder):
        store = replace(store, inside=False)  # the one file may be a link to the newest
    return store, name


def _is_file_per_period(source: Source) -> bool:
    """Return whether each period has its own file; a pattern without {…} names one file with all periods."""
    if not isinstance(source, FileSource) or source.pattern is None:
        return False
    return source.period_column is None or "{" in source.pattern


def _open_table(feed: str, source: Source, root: Path, zone: tzinfo, guard: Guard) -> FeedReader:
    assert isinstance(source, TableSource)  # noqa: S101 - checked by `reads`
    from .database import connect  # noqa: PLC0415 - files need no SQLAlchemy
    from .table import TableReader  # noqa: PLC0415 - see above

    setting = f"feeds.{feed}.source"
    _check_period(source, setting)
    database, control = connect(source.url, source.table, root=root, feed=feed), None
    if source.manifest is not None:
        beside = connect(source.url, source.manifest, root=root, feed=feed, where=f"{setting}.manifest")
        control = open_control_table(source, beside, zone, guard, setting)
    return TableReader(feed, source, database, zone, control=control)


def _open_spark(feed: str, source: Source, root: Path, zone: tzinfo, guard: Guard) -> FeedReader:
    assert isinstance(source, SparkSource)  # noqa: S101 - checked by `reads`
    from .spark import spark_table  # noqa: PLC0415 - see `_open_table`
    from .table import TableReader  # noqa: PLC0415 - see `_open_table`

    table, control = spark_table(feed, source, root, zone), None
    if source.manifest is not None:
        beside = replace(source, table=source.manifest, path=None, columns=())
        control = open_control_table(
            source, spark_table(feed, beside, root, zone), zone, guard, f"feeds.{feed}.source"
        )
    return TableReader(feed, source, table, zone, control=control)


def _open_plugin(feed: str, source: Source, root: Path, zone: tzinfo, guard: Guard) -> FeedReader:
    assert isinstance(source, PluginSource)  # noqa: S101 - checked by `reads`
    where = f"feeds.{feed}.source.kind"
    kind = find_source_kind(source.word, SOURCES, where)
    if kind is None:
        raise unknown_word(plugins.SOURCES, source.word, SOURCES, where)
    mend = "mend its settings, or install another version of the plug-in"
    inner = guard_plugin_call(
        lambda: kind.build(feed, source.settings, root, zone),
        lambda cause: ConfigError(where, f"the plug-in cannot be set up ({cause})", mend),
    )
    return GuardedReader(feed, source.word, inner, guard)


READERS: tuple[ReaderKind, ...] = (
    ReaderKind(_is_file_per_period, _open_folder),
    ReaderKind(lambda source: isinstance(source, FileSource) and not _is_file_per_period(source), _open_one_file),
    ReaderKind(lambda source: isinstance(source, TableSource), _open_table),
    ReaderKind(lambda source: isinstance(source, SparkSource), _open_spark),
    ReaderKind(lambda source: isinstance(source, PluginSource), _open_plugin),
)


def open_source(  # noqa: PLR0913 - where and how, and the limits of a plug-in
    feed: str,
    source: Source,
    *,
    root: Path,
    zone: tzinfo = UTC,
    guard: Guard | None = None,
    service: ServiceSettings | None = None,
) -> FeedReader:
    """Return the reader of a source; this opens nothing.

    Args:
        feed: name of the feed, for deliveries and errors.
        source: as configured.
        root: the folder of config.yaml, which relative paths are relative to.
        zone: for the date of a period that is a moment with an offset.
        guard: decides which texts of a manifest may be kept; None: those that do not look personal.
        service: limits of a plug-in, and of statements inside a database; None: the default.

    Raises:
        ConfigError: a setting is not valid, or contradicts another.
    """
    kind = next(kind for kind in READERS if kind.reads(source))
    reader = kind.build(feed, source, root, zone, guard if guard is not None else Guard())
    return reader if service is None else _limit_reader(reader, service)


def _limit_reader(reader: FeedReader, service: ServiceSettings) -> FeedReader:
    if isinstance(reader, GuardedReader):
        return replace(reader, limits=PluginLimits(service.plugin, service.memory))
    if isinstance(reader, FolderReader | OneFileReader) and isinstance(reader.store, RemoteFolder):
        return replace(reader, store=replace(reader.store, limits=service))
    if not isinstance(reader, FolderReader | OneFileReader):
        from .table import TableReader  # noqa: PLC0415 - see `_open_table`

        if isinstance(reader, TableReader):
            # a statement is stopped before its process is, so that the database does not go on with it
            return replace(reader, limit=service.standstill * _SHARE)
    return reader


def is_foreign(source: Source) -> bool:
    """Return whether a plug-in finds or reads the deliveries of a source."""
    if isinstance(source, FileSource):
        return source.reader not in {form.name for form in FORMATS}
    return isinstance(source, PluginSource)


def _check_period(source: FileSource | TableSource, setting: str) -> None:
    if source.period_format is not None:
        check_form(source.period_format, f"{setting}.period_format")


# Reader → the settings that only it has.
_OF_ONE_FORMAT = {
    "widths": ("fixed-width",),
    "sheet": ("excel",),
    "row_path": ("xml", "json"),
    "delimiter": ("csv",),
    "multiline": ("csv",),
    "comment": ("csv", "fixed-width", "jsonl"),
    "skip_lines": ("csv", "fixed-width", "jsonl", "excel"),
    "skip_footer": ("csv", "fixed-width", "jsonl", "excel"),
    "footer_begins": ("csv", "fixed-width", "jsonl", "excel"),
    "ignore_unnamed": ("csv", "excel"),
    "skip_repeated_header": ("csv", "excel", "fixed-width"),
    "nested": ("jsonl", "json", "parquet"),
}
_UNSET: tuple[object, ...] = (None, 0, False, {}, ())


def _check_layout(source: FileSource, setting: str) -> None:
    """Raise ConfigError for a setting of the shape of a file that its format does not have."""
    own = {form.name for form in FORMATS}
    for name, readers in _OF_ONE_FORMAT.items():
        if source.reader in own and source.reader not in readers and getattr(source, name) not in _UNSET:
            what = f"{source.reader} has no such setting"
            raise ConfigError(f"{setting}.{name}", what, f"remove it, or set reader to {' or '.join(readers)}")
    if source.header and source.columns:
        what = "there is a header already"
        raise ConfigError(f"{setting}.columns", what, "remove this setting, or add `header: false`")
    if not source.header and (not source.columns or source.reader not in {"csv", "excel"}):
        what = "without a header, `columns` names the columns of csv or excel"
        raise ConfigError(f"{setting}.header", what, "add columns: [name, name, …]")
    if source.reader == "fixed-width" and (not source.widths or min(source.widths.values()) < 1):
        what = "fixed-width needs the width of each column"
        raise ConfigError(f"{setting}.widths", what, "add widths: {name: 10, name: 2, …}")
    if source.reader == "xml" and not source.row_path:
        what = "xml needs the path of the element that is a row"
        raise ConfigError(f"{setting}.row_path", what, "add row_path: message/persons/person")
    if source.compression is not None and source.reader in {"parquet", "excel"}:
        what = f"{source.reader} is compressed by itself"
        raise ConfigError(f"{setting}.compression", what, "remove this setting")
    _check_ends(source, setting)


def _check_ends(source: FileSource, setting: str) -> None:
    """Raise ConfigError for a setting of the lines around the rows that cannot be meant."""
    if source.footer_begins is not None and not (source.skip_footer and source.footer_begins.strip()):
        what = "no lines are left out at the end" if source.footer_begins.strip() else "this is no text"
        raise ConfigError(f"{setting}.footer_begins", what, "set `skip_footer` too, or remove this setting")
    for name in ("skip_lines", "skip_footer"):
        if not 0 <= getattr(source, name) <= _MOST_SKIPPED:
            what = f"this is no number of lines from 0 to {_MOST_SKIPPED:,}"
            raise ConfigError(f"{setting}.{name}", what, "write how many lines to leave out")


_MOST_SKIPPED = 10_000


def _check_text(source: FileSource, setting: str) -> None:
    if any(not all(path.split(".")) or "." not in path for path in source.nested):
        what = "this is no path into a column"
        raise ConfigError(f"{setting}.nested", what, "write a column and a key of it: address.city")
    check_encoding(source.encoding, f"{setting}.encoding")
    check_delimiter(source.delimiter, f"{setting}.delimiter")
    find_format(source.reader, f"{setting}.reader")
    _check_layout(source, setting)


def check_encoding(name: str, setting: str) -> None:
    """Refuse a name that is not of an encoding of text.

    Args:
        name: as Python knows it.
        setting: the setting or option that gives it.

    Raises:
        ConfigError: naming `setting`.
    """
    try:
        known = "\0" not in name and codecs.lookup(name) is not None
        text = known and isinstance("".encode(name), bytes)
    except (LookupError, ValueError):
        text = False
    if not text:
        raise ConfigError(setting, "there is no such encoding", "write utf-8, windows-1252 or latin-1")


def check_delimiter(text: str | None, setting: str) -> None:
    """Refuse a delimiter of CSV that is not one character, or that has a meaning of its own.

    Args:
        text: the delimiter; None: it is found from the header.
        setting: the setting or option that gives it.

    Raises:
        ConfigError: naming `setting`.
    """
    if text is not None and (len(text) != 1 or text in '"\r\n\0'):
        raise ConfigError(setting, "this is not one character", 'write for instance ";"')


# The guard around the reader of a plug-in.


@dataclass(frozen=True, slots=True)
class GuardedReader:
    """Calls the reader of a plug-in; build it with `open_source`. See `FeedReader`.

    Attributes:
        feed: name of the feed.
        word: the name of the plug-in, for errors.
        inner: the `FeedReader` of the plug-in.
        guard: decides which texts about a delivery may be kept.
        limits: what one call may take.
    """

    feed: str
    word: str
    inner: Any
    guard: Guard
    limits: PluginLimits = field(default_factory=PluginLimits)

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """See `FeedReader.find`; this sorts the deliveries."""
        found = guard_plugin_call(lambda: self._call(_find, at, settle, quiet), self._unreachable)
        if not all(isinstance(one, Delivery) and one.feed == self.feed for one in found):
            raise DeliveryError(f"the source {self.word} returned something other than deliveries of {self.feed}")
        if any(shown_text(one.id) != one.id for one in found):
            raise DeliveryError(f"the source {self.word} gives a delivery an id that may belong to a person")
        return tuple(sorted(map(self.guard.delivery, found), key=lambda one: (one.period, one.id)))

    def verify(self, delivery: Delivery) -> Delivery:
        """See `FeedReader.verify`."""
        verified = guard_plugin_call(lambda: self._call(_verify, delivery), self._unreachable)
        if not isinstance(verified, Delivery) or verified.id != delivery.id:
            raise DeliveryError(f"the source {self.word} returned another delivery than it was given to verify")
        return self.guard.delivery(verified)

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """See `FeedReader.load`; the columns must be those of the table that the plug-in created."""
        drop_table(into)
        columns: tuple[Column, ...] = ()
        try:
            columns = guard_plugin_call(lambda: self._load(delivery, into), self._unreadable)
        finally:
            if not columns:
                drop_table(into)
        check_column_names([column.name for column in columns])
        created = guard_plugin_call(
            lambda: [row[0] for row in into.execute(f"DESCRIBE {TABLE}").fetchall()], self._unreadable
        )
        if created != [column.name for column in columns]:
            drop_table(into)
            raise unreadable("delivery.plugin_columns", plugin=Text.of(self.word))
        return columns

    def _call(self, work: Callable[..., T], *args: object) -> T:
        return call_apart(f"{self.feed} {self.word}", self.limits, work, self.inner, *args)

    def _load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """Load the rows; outside a process that measures, by a file that another process fills."""
        if in_child():
            return tuple(self.inner.load(delivery, into))
        with TemporaryDirectory(prefix="ketenwacht-") as folder:
            file = str(Path(folder, "rows.duckdb"))
            columns = self._call(_load_into_file, delivery, file)
            into.execute(f"ATTACH {quote_text(file)} AS loaded (READ_ONLY)")
            try:
                into.execute(f"CREATE TABLE {TABLE} AS FROM loaded.{TABLE}")
            finally:
                into.execute("DETACH loaded")
        return columns

    def _unreachable(self, cause: str) -> KetenwachtError:
        return make_delivery_error(DeliveryError, self._failure(cause))

    def _unreadable(self, cause: str) -> KetenwachtError:
        return make_delivery_error(UnreadableDelivery, self._failure(cause))

    def _failure(self, cause: str) -> Statement:
        return Statement("delivery.plugin_failed", {"plugin": Text.of(self.word), "cause": Text.of(cause)})


def _find(inner: FeedReader, at: datetime, settle: timedelta, quiet: timedelta) -> tuple[Delivery, ...]:
    return tuple(inner.find(at, settle=settle, quiet=quiet))


def _verify(inner: FeedReader, delivery: Delivery) -> Delivery:
    return inner.verify(delivery)


def _load_into_file(inner: FeedReader, delivery: Delivery, file: str) -> tuple[Column, ...]:
    import duckdb

    with duckdb.connect(file) as connection:
        return tuple(inner.load(delivery, connection))
