"""Files of counts that others keep: references, inquiries, and counts at the hops of a chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from glob import iglob
from pathlib import Path

from ketenwacht.domain.evidence import ReferenceFigure
from ketenwacht.domain.feed import Feed, HopCounts
from ketenwacht.domain.guard import Guard
from ketenwacht.sources import read_hop_counts, read_inquiries, read_receipt, read_references
from ketenwacht.store import History

ACTOR = "ketenwacht"
_WHY = "configured as evidence of the feed"


@dataclass(slots=True)
class EvidenceFiles:
    """The configured files of one feed; each is read once as long as this lives.

    Attributes:
        feed: as configured.
        root: folder of config.yaml.
        history: where figures are kept.
        guard: what of their segment values and reasons may be kept.
    """

    feed: Feed
    root: Path
    history: History
    guard: Guard
    _read: set[str] = field(default_factory=set)
    _hops: tuple[ReferenceFigure, ...] | None = None

    def read(self, at: datetime) -> None:
        """Keep what stands in every file that was not read before.

        Raises:
            ConfigError: a file is not what it must be; what was read before it stays.
        """
        name, dimensions = self.feed.name, dimensions_of(self.feed)
        for path in self._new_files(self.feed.evidence.references):
            self._keep(read_references(path, dimensions=dimensions, guard=self.guard), at)
        for path in self._new_files(self.feed.evidence.inquiries):
            counts = read_inquiries(path, dimensions=dimensions, guard=self.guard)
            self.history.add_inquiries(name, counts, who=ACTOR, why=_WHY, at=at)
        for hop, where in self.feed.evidence.hops.items():
            self._read_hop(hop, where, dimensions, at)

    def hop_counts(self) -> tuple[ReferenceFigure, ...]:
        """Every version of every count at a hop, whenever published."""
        if self._hops is None:
            self._hops = self.history.hop_counts(self.feed.name)
        return self._hops

    def _read_hop(self, hop: str, where: HopCounts, dimensions: Sequence[str], at: datetime) -> None:
        for path in self._new_files(where.counts):
            self._keep(read_hop_counts(path, hop, dimensions=dimensions, guard=self.guard), at)
        receipts: list[ReferenceFigure] = []
        for path in self._new_files(where.receipts):
            receipts += read_receipt(path, hop, dimensions=dimensions, fields=where.fields, guard=self.guard)
        if receipts:
            self._keep(receipts, at)

    def _keep(self, figures: Sequence[ReferenceFigure], at: datetime) -> None:
        self.history.add_references(self.feed.name, figures, who=ACTOR, why=_WHY, at=at)
        self._hops = None

    def _new_files(self, globs: Sequence[str]) -> Iterator[Path]:
        for glob in globs:
            for name in sorted(iglob(str(self.root / glob))):  # noqa: PTH207 - Path.glob refuses absolute patterns
                if name not in self._read:
                    yield Path(name)
                    self._read.add(name)


def dimensions_of(feed: Feed) -> tuple[str, ...]:
    """Every column that the feed is counted by, in order."""
    return tuple(dict.fromkeys(name for dimensions in feed.segments for name in dimensions))
