"""A kind of source: one ZIP file with a CSV file for each day, named YYYY-MM-DD.csv."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import ClassVar

import duckdb

from ketenwacht.plugin_api import (
    TABLE,
    Column,
    Delivery,
    DeliveryError,
    Presence,
    SourceKind,
    UnreadableDelivery,
    quote_path,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipSource:
    """The settings under `source` beside `kind: zip`.

    Attributes:
        path: the ZIP file.
        count_column: the column with a count, when rows are counts; None: a row is a record.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
    path: str
    count_column: str | None = None


@dataclass(frozen=True, slots=True)
class ZipReader:
    """The deliveries of one ZIP file. A plain value: it may be sent to another process."""

    feed: str
    path: Path

    def find(self, at: datetime, *, settle: timedelta, quiet: timedelta) -> tuple[Delivery, ...]:
        """Return a delivery for each day in the archive; each arrived when the archive was written."""
        del settle, quiet  # an archive is written at once
        try:
            with zipfile.ZipFile(self.path) as archive:
                names = archive.namelist()
        except (OSError, zipfile.BadZipFile) as fault:
            raise DeliveryError(f"the archive cannot be read ({type(fault).__name__})") from None
        written = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        days = [date.fromisoformat(name.removesuffix(".csv")) for name in names if name.endswith(".csv")]
        return tuple(
            Delivery(self.feed, day.isoformat(), day, arrived_at=written if written <= at else None)
            for day in days
        )

    def verify(self, delivery: Delivery) -> Delivery:
        """Return the delivery with its size and SHA-256, or unreadable with a reason."""
        try:
            content = self._content(delivery)
        except UnreadableDelivery as fault:
            return replace(delivery, presence=Presence.UNREADABLE, problem=str(fault))
        return replace(delivery, size=len(content), sha256=hashlib.sha256(content).hexdigest())

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """Create the table `delivery`, and return its columns."""
        content = self._content(delivery)
        if delivery.sha256 not in {None, hashlib.sha256(content).hexdigest()}:
            raise UnreadableDelivery("it changed since it was verified")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "delivery.csv"
            file.write_bytes(content)
            into.execute(f"CREATE TABLE {TABLE} AS FROM read_csv({quote_path(file)}, all_varchar=true)")
        return tuple(Column(row[0], "text") for row in into.execute(f"DESCRIBE {TABLE}").fetchall())

    def _content(self, delivery: Delivery) -> bytes:
        try:
            with zipfile.ZipFile(self.path) as archive:
                return archive.read(f"{delivery.id}.csv")
        except (OSError, KeyError, zipfile.BadZipFile) as fault:
            raise UnreadableDelivery(f"it is not in the archive ({type(fault).__name__})") from None


def _build(feed: str, settings: ZipSource, root: Path, zone: tzinfo) -> ZipReader:
    """Return the reader; open nothing."""
    del zone  # the names of the files hold days, not moments
    return ZipReader(feed, root / settings.path)


SOURCE = SourceKind(ZipSource, _build)
