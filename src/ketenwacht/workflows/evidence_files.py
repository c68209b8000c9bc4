"""Read the files and tables of evidence of a feed, each when it is new or changed; set aside what cannot be used.

One that cannot be used keeps its fault, and is tried again when it changes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from glob import iglob
from pathlib import Path
from time import monotonic
from typing import TypeVar
from zoneinfo import ZoneInfo

from ketenwacht.domain.evidence import InquiryCount, ReferenceFigure
from ketenwacht.domain.feed import CountSource, Feed, HopCounts
from ketenwacht.domain.guard import Guard
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.domain.statement import Statement
from ketenwacht.errors import ConfigError, DeliveryError, EngineError, describe_file_fault
from ketenwacht.sources import (
    CountsOrigin,
    CountTable,
    read_hop_counts,
    read_inquiries,
    read_receipt,
    read_references,
)
from ketenwacht.store import History
from ketenwacht.workflows.register_snapshots import (
    RegisterPlace,
)
from ketenwacht.workflows.worker import Runner, run_here

T = TypeVar("T")


# Files of counts that others keep: references, inquiries, and counts at the hops of a chain.


ACTOR = "ketenwacht"
_WHY = "configured as evidence of the feed"


@dataclass(slots=True)
class EvidenceFiles:
    """The configured files and tables of counts of one feed; a file is read once, a table when its rows change.

    Attributes:
        feed: as configured.
        root: folder of config.yaml.
        zone: for moments with an offset in a table.
        history: where figures are kept.
        guard: what of their segment values and reasons may be kept.
        aside: takes the files that cannot be read.
        run: calls a function that reads files.
    """

    feed: Feed
    root: Path
    zone: ZoneInfo
    history: History
    guard: Guard
    aside: FilesSetAside
    run: Runner = run_here
    _read: set[str] = field(default_factory=set)
    _digests: dict[CountTable, str] = field(default_factory=dict)
    _hops: tuple[ReferenceFigure, ...] | None = None

    def read(self, at: datetime) -> None:
        """Save the counts in every file that was not read before; set aside what cannot be read."""
        name, dimensions = self.feed.name, self.feed.dimensions
        read = partial(read_references, dimensions=dimensions, guard=self.guard)
        evidence = self.feed.evidence
        self._read_new("evidence.references", evidence.references, read, lambda found: self._save(found, at))

        def save(counts: Sequence[InquiryCount]) -> None:
            self.history.evidence.add_inquiries(name, counts, who=ACTOR, why=_WHY, at=at)

        read_those = partial(read_inquiries, dimensions=dimensions, guard=self.guard)
        self._read_new("evidence.inquiries", evidence.inquiries, read_those, save)
        for hop, where in self.feed.evidence.hops.items():
            self._read_hop(hop, where, dimensions, at)

    def hop_counts(self) -> tuple[ReferenceFigure, ...]:
        """Return every version of every count at a hop, whenever published."""
        if self._hops is None:
            self._hops = self.history.evidence.find_hop_counts(self.feed.name)
        return self._hops

    def _read_hop(self, hop: str, where: HopCounts, dimensions: Sequence[str], at: datetime) -> None:
        counts = partial(read_hop_counts, hop=hop, dimensions=dimensions, guard=self.guard)
        self._read_new(f"evidence.hops.{hop}.counts", where.counts, counts, lambda found: self._save(found, at))
        receipts: list[ReferenceFigure] = []
        for path in self._new_files(where.receipts):
            with self.aside.guard(path):
                read = partial(read_receipt, dimensions=dimensions, fields=where.fields, guard=self.guard)
                receipts += self.run(read, path, hop)
        if receipts:
            self._save(receipts, at)

    def _save(self, figures: Sequence[ReferenceFigure], at: datetime) -> None:
        self.history.evidence.add_references(self.feed.name, figures, who=ACTOR, why=_WHY, at=at)
        self._hops = None

    def _read_new(
        self,
        setting: str,
        places: Sequence[str | CountSource],
        read: Callable[[CountsOrigin], T],
        save: Callable[[T], None],
    ) -> None:
        """Save each file that was not read yet, and each table whose rows changed since; a table is read once."""
        for number, place in enumerate(places):
            if isinstance(place, str):
                for path in self._new_files([place]):
                    with self.aside.guard(path):
                        save(self.run(read, path))
                continue
            table = CountTable(f"{setting}.{number}", self.feed.name, place.source, self.root, self.zone)
            if self.aside.waits(table):
                continue
            with self.aside.guard(table):
                digest, found = self.run(_read_changed, table, self._digests.get(table), read)
                if found is not None:
                    save(found)
                self._digests[table] = digest

    def _new_files(self, globs: Sequence[str]) -> Iterator[Path]:
        for glob in globs:
            for name in self.run(_list_files, str(self.root / glob)):
                path = Path(name)
                if name in self._read or self.aside.waits(path):
                    continue
                yield path
                if path not in self.aside.faults:
                    self._read.add(name)


def _read_changed(table: CountTable, known: str | None, read: Callable[[CountsOrigin], T]) -> tuple[str, T | None]:
    """Return a digest of the rows of a table, and what they say; None where the digest is the known one."""
    rows = table.read()
    digest = rows.digest()
    return digest, None if digest == known else read(rows)


def _list_files(pattern: str) -> list[str]:
    return sorted(iglob(pattern))  # noqa: PTH207 - Path.glob refuses absolute patterns


# Files and tables that cannot be used: each is set aside with its fault, and tried again when it changes.

EvidencePlace = Path | CountTable | RegisterPlace

FileFault = ConfigError | DeliveryError | EngineError | OSError
_FILE_FAULTS = (ConfigError, DeliveryError, EngineError, OSError)
_HUNG = {"delivery.file_ended", "delivery.file_stood_still"}
HUNG_REST = 900.0
"""Seconds for which a file is left alone after reading it stood still or ended its process."""


@dataclass(slots=True)
class FilesSetAside:
    """The files and tables of evidence of one feed that cannot be used now.

    Attributes:
        on_warning: called once for each and state of it, with its name and the fault.
        faults: path or table → why it is not used.
        run: calls a function that reads files.
    """

    on_warning: Callable[[str, str], None]
    faults: dict[EvidencePlace, FileFault] = field(default_factory=dict)
    run: Runner = run_here
    _states: dict[EvidencePlace, object] = field(default_factory=dict)
    _hung: dict[EvidencePlace, float] = field(default_factory=dict)  # when reading it last stood still

    @contextmanager
    def guard(self, path: EvidencePlace) -> Iterator[None]:
        """Use a file or table within this context; a fault sets it aside and does not leave the context."""
        state = self._find_state(path)
        try:
            yield
        except _FILE_FAULTS as fault:
            known = path in self.faults and type(self.faults[path]) is type(fault)
            if _is_hung(fault):
                self._hung[path] = monotonic()
            self.faults[path], self._states[path] = fault, state
            if not known:
                # the text of an OSError holds the name of the file as it is
                said = describe_file_fault(fault) if isinstance(fault, OSError) else str(fault)
                self.on_warning(shown_text(path.name), f"set aside: {said}")
        else:
            self.remove(path)

    def waits(self, path: EvidencePlace) -> bool:
        """Return whether a place is set aside and did not change since; one that hangs waits for some time."""
        if path not in self.faults:
            return False
        if path in self._hung and monotonic() - self._hung[path] < HUNG_REST:
            return True
        state = self._states.get(path)
        return state is not None and state == self._find_state(path)

    def _find_state(self, path: EvidencePlace) -> object:
        if not isinstance(path, Path):
            return None  # nothing cheap tells whether a table changed: it is tried again at every look
        try:
            return self.run(_state_of, path)
        except _FILE_FAULTS:
            return None

    def remove(self, path: EvidencePlace) -> None:
        """Forget the fault of a file that is used, or no longer needed."""
        for kept in (self.faults, self._states, self._hung):
            kept.pop(path, None)

    def forget_gone(self) -> None:
        """Forget the faults of files that were deleted."""
        files = [path for path in self.faults if isinstance(path, Path)]
        for path in self.run(_select_gone, files) if files else ():
            self.remove(path)


def _is_hung(fault: BaseException) -> bool:
    said = fault.statement if isinstance(fault, DeliveryError) else None
    return isinstance(said, Statement) and said.code in _HUNG


def _select_gone(paths: Sequence[Path]) -> list[Path]:
    return [path for path in paths if not os.path.lexists(path)]


def _state_of(path: Path) -> object:
    """Return what changes when a file is written or its access changes; None when it cannot be read now."""
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode):  # opening a named pipe would wait for ever
            with path.open("rb") as file:
                file.read(1)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
