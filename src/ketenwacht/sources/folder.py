"""The reader of a folder with one file a delivery, with or without a manifest beside each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ketenwacht.domain.delivery import Delivery, Manifest, Presence
from ketenwacht.domain.feed import FileSource
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.measurement import Column
from ketenwacht.domain.problems import problem_of
from ketenwacht.domain.statement import Amount, Name, Statement
from ketenwacht.errors import UnreadableDelivery
from ketenwacht.messages.formatter import make_delivery_error, unreadable

from . import manifest as manifests
from .base import AT_ONCE, SETTLE, arrival_time, written_within
from .content import FileContent, examine, stamp_of
from .formats import create_table, drop_table, encoding_of, find_line, open_rows, require_column
from .names import NamePattern, ParsedName
from .places import FileStore, Listing, read_one

if TYPE_CHECKING:
    import duckdb

_SHA256 = re.compile(rb"[0-9A-Fa-f]{64}(?![0-9A-Za-z])")
_PLAUSIBLE = 1_000_000
"""A manifest may always declare so many persons or bytes, even when almost nothing arrives."""
_MOST_TIMES = 100
"""A manifest may declare so many times the bytes that arrived."""


class _ImpossibleCount(UnreadableDelivery):
    """A manifest states an impossible count."""


@dataclass(frozen=True, slots=True)
class FolderReader:
    """Reads the deliveries of one folder; build it with `open_source`.

    Attributes:
        feed: name of the feed.
        source: as configured.
        store: holds the deliveries.
        pattern: of their names.
        fields: our name of a field → its place in a manifest.
        guard: decides which texts of a manifest may be kept.
    """

    feed: str
    source: FileSource
    store: FileStore
    pattern: NamePattern
    fields: Mapping[str, str]
    guard: Guard

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """See `FeedReader.find`."""
        quiet = max(quiet, self.store.quiet)
        listing = self.store.list(self._is_part)
        matches = ((name, self.pattern.match(name)) for name in listing)
        names = {name: name_parts for name, name_parts in matches if name_parts is not None} | self._orphans(
            listing
        )
        ready = {
            name: name_parts
            for name, name_parts in names.items()
            if not written_within(
                self._written_at(name, listing), quiet if self._is_complete(name, listing) else settle, at
            )
        }
        contents = self.store.read_ahead(self._manifests_of(ready, listing), manifests.MAX_BYTES)
        found = [
            (name_parts, self._delivery(name, name_parts, listing, at, contents))
            for name, name_parts in ready.items()
        ]
        found.sort(key=lambda pair: (pair[1].period, pair[0].sequence or 0, pair[0].id, pair[1].arrived_at or at))
        return tuple(delivery for _, delivery in found)

    def verify(self, delivery: Delivery) -> Delivery:
        """See `FeedReader.verify`."""
        if not delivery.read:
            return delivery
        try:
            with self._open(delivery) as path:
                content = self._examine(path)
            _check_content(delivery.manifest, content, text=encoding_of(self.source) is not None)
            self._check_marker(delivery, content)
        except _ImpossibleCount as error:
            stated = _without_counts(delivery.manifest)
            return replace(delivery, presence=Presence.UNREADABLE, problem=problem_of(error), manifest=stated)
        except UnreadableDelivery as error:
            return replace(delivery, presence=Presence.UNREADABLE, problem=problem_of(error))
        return replace(delivery, sha256=content.sha256, size=content.stamp.size)

    def load(self, delivery: Delivery, into: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """See `FeedReader.load`."""
        drop_table(into)
        verified = delivery if delivery.sha256 is not None else self.verify(delivery)
        if not verified.read:
            raise make_delivery_error(UnreadableDelivery, verified.why)
        with self._open(verified) as path:
            content = self._examine(path)
            if content.sha256 != verified.sha256:
                raise unreadable("delivery.replaced")
            with open_rows(path, self.source, into) as rows:
                require_column(rows, self.source.count_column, feed=self.feed, setting="count_column")
                create_table(into, rows.select, rows)
            if stamp_of(path) != content.stamp:
                drop_table(into)
                raise unreadable("delivery.changed")
        return rows.columns

    def find_line(self, delivery: Delivery, row: int) -> int | None:
        """Return the line of a row of a delivery in its file."""
        with self._open(delivery) as path:
            return find_line(path, self.source, row)

    def find_misnamed(self) -> tuple[str, ...]:
        """Return the names of files that are probably deliveries, but do not match the pattern, newest first."""
        listing = self.store.list(self.pattern.nearly)
        named = [name for name in listing if self.pattern.nearly(name) and not self._is_beside(name)]
        return tuple(sorted(named, key=lambda name: (listing[name], name), reverse=True))

    def _is_beside(self, name: str) -> bool:
        """Return whether a name is that of a manifest or of a marker."""
        layouts = [layout for layout in (self.source.manifest, self.source.marker) if layout is not None]
        parts = [layout.partition("{stem}") for layout in layouts]
        return any(name.startswith(head) and name.endswith(tail) for head, _, tail in parts)

    def _is_part(self, name: str) -> bool:
        """Return whether a name is that of a delivery, or of what lies beside one."""
        return self.pattern.match(name) is not None or self._is_beside(name)

    def _manifest_name(self, name: str) -> str | None:
        return self._beside(name, self.source.manifest)

    def _manifests_of(self, names: Iterable[str], listing: Listing) -> list[str]:
        """Return the names of those manifests that are there."""
        return sorted(
            {part for name in names if (part := self._manifest_name(name)) is not None and part in listing}
        )

    def _marker_name(self, name: str) -> str | None:
        return self._beside(name, self.source.marker)

    def _beside(self, name: str, layout: str | None) -> str | None:
        return layout.replace("{stem}", name.removesuffix(self.pattern.suffix)) if layout is not None else None

    def _orphans(self, listing: Listing) -> dict[str, ParsedName]:
        """Return the names of absent data files whose manifests are present."""
        if self.source.manifest is None:
            return {}
        head, _, tail = self.source.manifest.partition("{stem}")
        found: dict[str, ParsedName] = {}
        for manifest in listing:
            if manifest.startswith(head) and manifest.endswith(tail) and len(manifest) > len(head) + len(tail):
                name = manifest[len(head) : len(manifest) - len(tail)] + self.pattern.suffix
                name_parts = self.pattern.match(name)
                if name not in listing and name_parts is not None:
                    found[name] = name_parts
        return found

    def _is_complete(self, name: str, listing: Listing) -> bool:
        """Return whether the data, the manifest and the marker of a delivery are present."""
        parts = (name, self._manifest_name(name), self._marker_name(name))
        return all(part is None or part in listing for part in parts)

    def _written_at(self, name: str, listing: Listing) -> datetime:
        """Return when the last part of a delivery was written."""
        parts = (name, self._manifest_name(name), self._marker_name(name))
        return max(listing[part] for part in parts if part is not None and part in listing)

    def _delivery(
        self, name: str, name_parts: ParsedName, listing: Listing, at: datetime, contents: Mapping[str, bytes]
    ) -> Delivery:
        written = self._written_at(name, listing)
        manifest: Manifest | None = None
        problem: Statement | None = None
        try:
            manifest = self._manifest(name, listing, contents)
            _check_name(name_parts, manifest)
            if name not in listing:
                problem = Statement("delivery.data_missing")
            elif not self._is_complete(name, listing):
                problem = Statement("delivery.marker_missing")
        except UnreadableDelivery as error:
            problem = problem_of(error)
        period = name_parts.period or (manifest.period_to if manifest is not None else None)
        if period is None and problem is None:
            field = Name(self.fields["period_to"])
            problem = Statement("delivery.manifest_no_period", {"field": field})
        created = manifest.created_at if manifest is not None else None
        return Delivery(
            feed=self.feed,
            id=name_parts.id,
            period=period or written.date(),
            presence=Presence.READ if problem is None else Presence.UNREADABLE,
            arrived_at=created or arrival_time(written, at),
            manifest=self.guard.manifest(manifest) if manifest is not None else None,
            problem=problem,
        )

    def _manifest(self, name: str, listing: Listing, contents: Mapping[str, bytes]) -> Manifest | None:
        manifest_name = self._manifest_name(name)
        if manifest_name is None:
            return None
        if manifest_name not in listing:
            raise unreadable("delivery.manifest_missing")
        data = contents.get(manifest_name)
        if data is None:
            data = read_one(self.store, manifest_name, manifests.MAX_BYTES, "delivery.manifest_too_large")
        return manifests.parse_manifest(data, self.fields)

    def _check_marker(self, delivery: Delivery, content: FileContent) -> None:
        """Raise UnreadableDelivery when the marker states another SHA-256."""
        marker = self._marker_name(self._name(delivery))
        if marker is None:
            return
        stated = _SHA256.match(read_one(self.store, marker, manifests.MAX_BYTES, "delivery.marker_checksum"))
        if stated is not None and stated[0].decode().lower() != content.sha256:
            raise unreadable("delivery.marker_checksum")

    def _name(self, delivery: Delivery) -> str:
        name = self.pattern.name(delivery.id, delivery.period)
        if name is None or self.pattern.match(name) is None:
            raise unreadable("delivery.other_id")
        return name

    def _open(self, delivery: Delivery) -> AbstractContextManager[Path]:
        return self.store.open(self._name(delivery), self.source.max_bytes)

    def _examine(self, path: Path) -> FileContent:
        return examine(path, encoding=encoding_of(self.source), max_bytes=self.source.max_bytes)


def _check_name(name_parts: ParsedName, manifest: Manifest | None) -> None:
    """Raise UnreadableDelivery when the manifest contradicts the name of the file."""
    if manifest is None:
        return
    if name_parts.sequence is not None and manifest.sequence not in {None, name_parts.sequence}:
        raise unreadable("delivery.number_differs")
    first, last = manifest.period_from or manifest.period_to, manifest.period_to or manifest.period_from
    if name_parts.period is None or first is None or last is None:
        return
    if not first <= name_parts.period <= last:
        raise unreadable("delivery.period_differs")


def _check_content(manifest: Manifest | None, content: FileContent, *, text: bool) -> None:
    """Raise UnreadableDelivery when the content differs from what the manifest declares."""
    if manifest is None:
        return
    size = content.stamp.size
    if manifest.size is not None and manifest.size > _MOST_TIMES * max(size, _PLAUSIBLE):
        raise make_delivery_error(_ImpossibleCount, Statement("delivery.size_impossible", {"size": Amount(size)}))
    if manifest.size is not None and manifest.size != size:
        raise unreadable("delivery.size_differs", size=Amount(size), stated=Amount(manifest.size))
    if manifest.sha256 is not None and manifest.sha256 != content.sha256:
        raise unreadable("delivery.checksum_differs")
    if text and manifest.rows is not None and manifest.rows > size:
        raise make_delivery_error(_ImpossibleCount, Statement("delivery.rows_impossible", {"size": Amount(size)}))
    if text and max(_counts(manifest), default=0) > max(size, _PLAUSIBLE):
        raise make_delivery_error(
            _ImpossibleCount, Statement("delivery.counts_impossible", {"size": Amount(size)})
        )


def _counts(manifest: Manifest) -> Iterator[int]:
    for totals in (manifest.rows_by_segment, manifest.selected_by_segment, manifest.excluded):
        yield from totals.values()
    yield manifest.selected or 0


def _without_counts(manifest: Manifest | None) -> Manifest | None:
    """Return the manifest without counts: an impossible count may be the number of a person."""
    if manifest is None:
        return None
    return replace(
        manifest, size=None, rows=None, rows_by_segment={}, selected=None, selected_by_segment={}, excluded={}
    )
