"""Calls that read files for a command: in a thread of its own, which is left behind when reading stands still.

A worker process, as the service has, would import everything a second time for each command.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import TypeVar, cast

from ketenwacht.domain.statement import Amount, Statement
from ketenwacht.errors import DeliveryError
from ketenwacht.messages.formatter import MessageFormatter

T = TypeVar("T")
_LOOK = 0.2  # seconds between two looks at a thread that works


@dataclass(frozen=True, slots=True)
class WatchedCalls:
    """Calls functions that read files, which may hang.

    Attributes:
        standstill: how long a call may make no progress: no processor time, nothing read or written. A system that
            does not tell, such as macOS, sets no limit.
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
        seen, since = None, monotonic()
        while True:
            try:
                return answers.get(timeout=_LOOK)
            except Empty:
                now = measure_progress()
            if now is None or now != seen:
                seen, since = now, monotonic()
            elif monotonic() - since > self.standstill.total_seconds():
                seconds = Amount(self.standstill.total_seconds())
                why = Statement("delivery.file_stood_still", {"seconds": seconds})
                raise DeliveryError(MessageFormatter().say(why), why)


def measure_progress() -> tuple[int, ...] | None:
    """Return what changes while other threads than this one work. None: unknown.

    Processor time, bytes read and bytes written of all of them: threads of libraries work for the one that calls.
    """
    own = threading.get_native_id()
    total = [0, 0, 0, 0]
    try:
        tasks = [int(one.name) for one in Path("/proc/self/task").iterdir()]
    except OSError:
        return None
    for task in set(tasks) - {own}:
        folder = Path(f"/proc/self/task/{task}")
        try:
            times = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
            moved = (folder / "io").read_text(encoding="ascii").split()[1:4:2]
        except (OSError, ValueError):
            continue  # it ended
        total = [known + int(more) for known, more in zip(total, (*times, *moved), strict=True)]
    return tuple(total)
