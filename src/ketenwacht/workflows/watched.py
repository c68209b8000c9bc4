"""Calls that read files for a command: in a thread of its own, which is left behind when reading stands still.

A worker process, as the service has, would import everything a second time for each command. Only files on a
network are read in one: a thread that waits for a file system that hangs keeps the whole process from ending.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from queue import Empty, Queue
from time import monotonic, process_time, thread_time
from typing import TypeVar, cast

from ketenwacht.domain.feed import CountSource, Feed, FileSource
from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.errors import DeliveryError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.sources.remote import is_remote

T = TypeVar("T")
STOOD_STILL = "delivery.file_stood_still"
"""The code of a call that was given up."""
_LOOK = 0.2  # seconds between two looks at a thread that works
_NETWORK = frozenset((
    "9p", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse", "fuseblk", "glusterfs", "lustre", "ncpfs", "nfs",
    "nfs4", "smb3", "smbfs",
))  # fmt: skip
_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}  # as the kernel writes names


@dataclass(frozen=True, slots=True)
class WatchedCalls:
    """Calls functions that read files, which may hang.

    Attributes:
        standstill: how long a call may make no progress: no processor time, nothing read or written. A system that
            does not tell what was read, such as macOS, is asked for processor time alone.
    """

    standstill: timedelta

    def __call__(self, function: Callable[..., T], /, *args: object) -> T:
        """Return what the function returns.

        Raises:
            DeliveryError: it made no progress; its thread is left behind, and ends with the command.
        """
        answers: Queue[tuple[bool, object]] = Queue(1)

        def work() -> None:
            try:
                answers.put((True, function(*args)))
            except BaseException as fault:  # noqa: BLE001 - the caller raises it
                answers.put((False, fault))

        thread = threading.Thread(target=work, name="reading", daemon=True)
        thread.start()
        good, answer = self._wait(answers)
        if not good:
            raise cast("BaseException", answer)
        return cast("T", answer)

    def _wait(self, answers: Queue[tuple[bool, object]]) -> tuple[bool, object]:
        seen, since = measure_progress(), monotonic()
        while True:
            try:
                return answers.get(timeout=_LOOK)
            except Empty:
                now = measure_progress()
            if any(abs(more - less) >= 1 for more, less in zip(now, seen, strict=True)):
                seen, since = now, monotonic()
            elif monotonic() - since > self.standstill.total_seconds():
                seconds = Amount(self.standstill.total_seconds())
                why = Statement(STOOD_STILL, {"seconds": seconds})
                raise DeliveryError(MessageFormatter().say(why), why)


def measure_progress() -> tuple[float, ...]:
    """Return what changes by 1 or more while other threads than this one work.

    Processor time, bytes read and bytes written of all of them: threads of libraries work for the one that calls.
    """
    own = threading.get_native_id()
    total = [0, 0, 0, 0]
    try:
        tasks = [int(one.name) for one in Path("/proc/self/task").iterdir()]
    except OSError:
        return (_measure_processor_time(), 0, 0, 0)
    for task in set(tasks) - {own}:
        folder = Path(f"/proc/self/task/{task}")
        try:
            times = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
            moved = (folder / "io").read_text(encoding="ascii").split()[1:4:2]
        except (OSError, ValueError):
            continue  # it ended
        total = [known + int(more) for known, more in zip(total, (*times, *moved), strict=True)]
    return tuple(total)


def _measure_processor_time() -> float:
    """Return the processor time of all threads but this one, in tenths of a millisecond; every system tells it.

    Reading costs some, so what comes in slowly counts as well. The two clocks are read microseconds apart, which
    is far less than the 1 that counts as progress.
    """
    return 10_000 * (process_time() - thread_time())


def reads_network(feed: Feed, root: Path) -> bool:
    """Return whether a feed or its evidence has files on a file system that may hang; see `lies_on_network`.

    Args:
        feed: as configured.
        root: folder of config.yaml.
    """
    evidence = feed.evidence
    figures = (
        *evidence.references,
        *evidence.inquiries,
        *(one for hop in evidence.hops.values() for one in hop.counts),
    )
    sources = [feed.source, *(one.source for one in figures if isinstance(one, CountSource))]
    paths = [one.path for one in sources if isinstance(one, FileSource)]
    paths += [one for one in figures if isinstance(one, str)]
    paths += [one for hop in evidence.hops.values() for one in hop.receipts]
    if evidence.register is not None:
        paths.append(evidence.register.path)
    return any(lies_on_network(root / path) for path in paths if path and not is_remote(path))


def lies_on_network(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Return whether a folder lies on a file system that another machine or process serves, and so may hang.

    Nothing of the folder itself is touched. A system that does not list its mounts, such as macOS, says no.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except OSError:
        return False
    place, served = Path(os.path.abspath(folder)), False  # noqa: PTH100 - `resolve` would look at each folder
    longest = -1
    for line in filter(None, lines):  # other blanks than a space and a line end may be part of a name
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4]
        for written, meant in _ESCAPES.items():
            point = point.replace(written, meant)
        if place.is_relative_to(point) and len(point) >= longest:
            longest, served = len(point), after.split(" ")[0].split(".")[0] in _NETWORK
    return served
