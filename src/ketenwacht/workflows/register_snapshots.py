"""Snapshots of the sender's register: which there are, of which day each speaks, and how its rows are loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.feed import Feed, Register
from ketenwacht.domain.guard import Guard
from ketenwacht.sources import FeedReader, compile_pattern, open_source

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb


@dataclass(frozen=True, slots=True)
class RegisterPlace:
    """A register that is no folder of files, or one snapshot of it, as findings and messages name it.

    Attributes:
        name: its setting, and the period of a snapshot.
    """

    name: str


@dataclass(frozen=True, slots=True)
class RegisterSnapshot:
    """One snapshot of a register.

    Attributes:
        day: its reference date.
        path: its file; None: it is a period of the configured source.
        delivery: that period, as its reader found it; None: it is a file.
    """

    day: date
    path: Path | None = None
    delivery: Delivery | None = field(default=None, compare=False)

    @property
    def origin(self) -> Path | RegisterPlace:
        """What findings and messages name."""
        return self.path if self.path is not None else RegisterPlace(f"evidence.register {self.day}")

    @property
    def shown_path(self) -> Path:
        """The file, or a name in place of one."""
        return self.path if self.path is not None else Path(f"register {self.day}")

    def loader(self, reader: FeedReader | None) -> Callable[[duckdb.DuckDBPyConnection], object] | None:
        """Return what loads the rows into table `delivery` of a connection; None: they are in a file."""
        if self.delivery is None or reader is None:
            return None
        return partial(reader.load, self.delivery)


@dataclass(frozen=True, slots=True)
class Registers:
    """Where the snapshots of a register are. A plain value: it may be sent to another process.

    Attributes:
        root: folder of config.yaml.
        register: as configured; None: there is none.
        reader: of its source; None: it is a folder of CSV and Parquet files.
    """

    root: Path
    register: Register | None
    reader: FeedReader | None = None

    @property
    def origin(self) -> RegisterPlace | None:
        """The source as a whole, as findings name it; None for a folder, which may be absent."""
        return RegisterPlace("evidence.register") if self.reader is not None else None


def open_registers(feed: Feed, root: Path, zone: ZoneInfo, guard: Guard | None = None) -> Registers:
    """Return where the register of a feed is; this opens nothing.

    Raises:
        ConfigError: a setting of its source is not valid, or contradicts another.
    """
    register = feed.evidence.register
    reader: FeedReader | None = None
    if register is not None and register.source is not None:
        name = f"{feed.name}.evidence.register"
        reader = open_source(name, register.source, root=root, zone=zone, guard=guard)
    return Registers(root, register, reader)


def list_registers(registers: Registers, at: datetime) -> list[RegisterSnapshot]:
    """Return every snapshot of a register, oldest first; none when its folder does not exist.

    Raises:
        DeliveryError: its source cannot be reached.
        ConfigError: its source has no such table or column, or the column does not hold periods.
    """
    if registers.reader is None:
        return sorted(_find_files(registers), key=lambda one: (one.day, one.path))
    return [RegisterSnapshot(one.period, delivery=one) for one in registers.reader.find(at)]


def _find_files(registers: Registers) -> Iterator[RegisterSnapshot]:
    register = registers.register
    if register is None:
        return
    pattern = compile_pattern(register.pattern)
    folder = registers.root / register.path
    for path in folder.iterdir() if folder.is_dir() else ():
        named = pattern.match(path.name)
        if named is not None and named.period is not None:
            yield RegisterSnapshot(named.period, path)
