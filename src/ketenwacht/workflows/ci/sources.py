"""Load what `ci` compares with: measurements of production, and another run.

Only `import_measurements` writes to a history.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.personal_values import shown_text
from ketenwacht.errors import ConfigError, StoreError, describe_file_fault
from ketenwacht.store import History, exchange
from ketenwacht.store.exchange import ApprovedBaseline, MeasurementFile, load
from ketenwacht.store.migrate import HEAD
from ketenwacht.workflows import clock
from ketenwacht.workflows.agreements import load_guard
from ketenwacht.workflows.histories import history_file
from ketenwacht.workflows.project import LoadedProject


@dataclass(frozen=True, slots=True)
class Production:
    """What production knows: its measurements, oldest first, its exclusion windows and approved baselines."""

    snapshots: tuple[Snapshot, ...] = ()
    exclusions: tuple[ExclusionWindow, ...] = ()
    baselines: tuple[ApprovedBaseline, ...] = ()

    @classmethod
    def of(cls, file: MeasurementFile) -> Production:
        """Return what a measurement file holds of production."""
        return cls(file.snapshots, file.exclusions, file.baselines)


def load_production(project: LoadedProject, feed: str, file: Path | None) -> Production:
    """Return production's measurements: from a file, else the configured history; none when that does not exist.

    Raises:
        ConfigError: the file cannot be read, or is of another feed.
        StoreError: the file is damaged, or the history cannot be read as it is.
    """
    if file is not None:
        return Production.of(read_measurements(project, file, feed, option="--measurements"))
    with open_read_only(project) as history:
        if history is None:
            return Production()
        return Production.of(exchange.read_measured(history, feed))


def load_other_run(project: LoadedProject, feed: str, run: str) -> tuple[Snapshot, ...]:
    """Return the run to compare with: a file that `ci --save` wrote, or a run id of the configured history.

    Raises:
        ConfigError: there is neither such a file nor such a run.
        StoreError: the file is damaged, or the history cannot be read as it is.
    """
    if Path(run).exists():
        return read_measurements(project, Path(run), feed, option="--against").snapshots
    with open_read_only(project) as history:
        runs = () if history is None else history.runs.find(feed)
        snapshots = () if history is None else history.runs.find_snapshots(feed)
    found = tuple(s for r, s in zip(runs, snapshots, strict=True) if r.id == run)
    if not found:
        raise ConfigError(
            "--against",
            "there is no such file, nor a run of that id in the history",
            "write a file with `ketenwacht ci --save FILE` on the current release",
        )
    return found


def read_measurements(project: LoadedProject, file: Path, feed: str, *, option: str) -> MeasurementFile:
    """Return what a measurement file holds.

    Raises:
        ConfigError: it cannot be read, or is of another feed.
        StoreError: it is damaged.
    """
    try:
        with file.open(encoding="utf-8") as lines:
            found = load(lines, load_guard(project, project.feed(feed)))
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(
            option,
            f"{file} cannot be read ({describe_file_fault(fault)})",
            "write it with `ketenwacht measurements export`",
        ) from None
    if found.feed != feed:
        raise ConfigError(
            option, f"{file} holds measurements of {shown_text(found.feed)}", f"export those of {feed}"
        )
    return found


def import_measurements(project: LoadedProject, file: Path, *, who: str, at: datetime) -> int:
    """Add the deliveries of a measurement file to the configured history; return how many were new.

    Raises:
        ConfigError: the file cannot be read, or holds a feed that is not configured.
        StoreError: it is damaged, or the history cannot be written.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(
            "FILE", f"{file} cannot be read ({describe_file_fault(fault)})", "name another file"
        ) from None
    guard = load_guard(project, project.feed(load(lines).feed))
    with project.history() as history:
        return exchange.import_measurements(history, lines, new_id=clock.new_id, who=who, at=at, guard=guard)


@contextmanager
def open_read_only(project: LoadedProject) -> Iterator[History | None]:
    """Open the configured history without making or migrating it; return None when there is none.

    Raises:
        StoreError: it cannot be read, or was written by another version.
    """
    file = history_file(project)
    if file is not None and not file.exists():
        yield None
        return
    url = (
        project.history_url() if file is None else f"sqlite:///file:{quote(str(file.resolve()))}?mode=ro&uri=true"
    )
    with History.open(url, create=False, migrate=False) as history:
        if history.read_revision() != HEAD:
            raise StoreError(
                f"history {history.database.where}: it was not written by this version, and `ci` changes nothing "
                "in it — run a command of this version on it first, or use a file: "
                "`ketenwacht measurements export`"
            )
        yield history
