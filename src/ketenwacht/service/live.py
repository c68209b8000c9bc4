"""A live demonstration: a clock that runs fast, and deliveries that arrive when their moment has come.

For demonstrations only. The service itself differs in nothing but its clock.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic

from ketenwacht.errors import ConfigError

MARK = ".ketenwacht-live"
"""A folder with this file in it was made here, and may be emptied here."""
_LOOK = 0.1  # seconds between two looks at what is to be let go


@dataclass(frozen=True, slots=True)
class FastClock:
    """A clock that begins at one moment, runs a number of times faster, and stops at another.

    Attributes:
        first: what it shows at the beginning (UTC).
        last: what it shows at most (UTC).
        speed: seconds that go by on it in a real second.
        begun: when it was started, by a monotonic clock.
    """

    first: datetime
    last: datetime
    speed: float
    begun: float

    @classmethod
    def of(cls, first: datetime, last: datetime, *, day: float) -> FastClock:
        """Return a clock that begins now, on which a day takes `day` seconds.

        Raises:
            ConfigError: a day takes no time.
        """
        if day <= 0:
            raise ConfigError("--day", f"a day cannot take {day:g} seconds", "give more than 0")
        return cls(first, last, timedelta(days=1) / timedelta(seconds=day), monotonic())

    def __call__(self) -> datetime:
        """Return this moment (UTC)."""
        return min(self.last, self.first + timedelta(seconds=self.speed * (monotonic() - self.begun)))


@dataclass(frozen=True, slots=True)
class ScheduledArrival:
    """A file, and when it arrives (UTC)."""

    moment: datetime
    path: Path


def schedule_arrivals(folder: Path) -> tuple[ScheduledArrival, ...]:
    """Return the files of a simulated folder in order of arrival; a delivery's manifest is its last file."""
    found = (
        ScheduledArrival(datetime.fromtimestamp(path.stat().st_mtime, UTC), path) for path in folder.iterdir()
    )
    return tuple(sorted(found, key=lambda one: (one.moment, "manifest" in one.path.name, one.path.name)))


@contextmanager
def deliver_files(
    files: tuple[ScheduledArrival, ...],
    into: Path,
    now: Callable[[], datetime],
    on_arrival: Callable[[ScheduledArrival], object],
) -> Iterator[None]:
    """Copy files into a folder, each complete and at its moment, for as long as the block lasts.

    Args:
        files: in order of arriving.
        into: a folder.
        now: this moment, UTC.
        on_arrival: called with each that arrived.
    """
    ended = Event()

    def let_go() -> None:
        waiting = list(files)
        while waiting and not ended.wait(_LOOK):
            while waiting and waiting[0].moment <= now():
                one = waiting.pop(0)
                part = into / f".{one.path.name}.part"
                shutil.copy2(one.path, part)
                part.replace(into / one.path.name)
                on_arrival(one)

    thread = Thread(target=let_go, name="arriving", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(5)


def prepare_folder(root: Path, stand: Path) -> Path:
    """Make a folder in which the configuration of another folder works on files of its own.

    Args:
        root: where config.yaml, `checks/` and `expectations/` are.
        stand: made anew.

    Returns:
        Its config.yaml.

    Raises:
        ConfigError: `stand` holds something that was not made here.
    """
    if stand.exists():
        if not (stand / MARK).exists():
            raise ConfigError(str(stand), "holds something else", "move it away, or remove it")
        shutil.rmtree(stand)
    stand.mkdir(parents=True)
    (stand / MARK).touch()
    for name in ("checks", "expectations"):
        (stand / name).symlink_to(os.path.relpath(root / name, stand), target_is_directory=True)
    return Path(shutil.copy(root / "config.yaml", stand / "config.yaml"))
