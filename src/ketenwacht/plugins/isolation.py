"""Call plug-ins in a process of their own: one that hangs, exits or uses all memory stops nothing else.

In a process that measures, and that is bounded itself, the code is called at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from time import monotonic
from typing import TypeVar, cast

from ketenwacht.processes import ChildProcess, ProcessEnded, ProcessLimits, in_child, stop_at_exit

T = TypeVar("T")
_TRIES = 2
_REST = 600.0  # seconds in which a plug-in that ended its process so often in a row is not called


@dataclass(frozen=True, slots=True)
class PluginLimits:
    """What one call of a plug-in may take.

    Attributes:
        time: in all.
        memory: resident bytes of the process of plug-ins.
    """

    time: timedelta = timedelta(seconds=60)
    memory: int = 2048 * 1024**2


_stopped = Event()
_process = stop_at_exit(ChildProcess(going=lambda: not _stopped.is_set()))
_path: list[str] = []
"""Where the process of plug-ins looks for modules."""
_ended: dict[str, tuple[int, float, ProcessEnded]] = {}  # who → how often in a row, when last, and how


def call_apart(who: str, limits: PluginLimits, work: Callable[..., T], *args: object) -> T:
    """Return the result of a function that runs code of a plug-in.

    Args:
        who: the plug-in, or one check of it. After two calls in a row that ended the process it is not called for
            ten minutes, so that one that hangs does not delay all others again and again.
        limits: of the call.
        work: a function of a module.
        args: plain values that can be sent to another process.

    Raises:
        KetenwachtError: as the plug-in raised it.
        CallFault: the plug-in raised anything else, or ended its process.
        WorkStopped: `stop_calls` was called.
    """
    if in_child():
        return work(*args)
    times, last, how = _ended.get(who, (0, 0.0, None))
    if how is not None and times >= _TRIES and monotonic() - last < _REST:
        raise ProcessEnded(how.end, how.cause, how.limit)
    if _path != sys.path:  # a package that was installed since is not found by a process of before
        _process.stop()
        _path[:] = sys.path
    try:
        result = _process.call(work, *args, limits=ProcessLimits(limits.memory, limits.time))
    except ProcessEnded as fault:
        _ended[who] = times + 1, monotonic(), fault
        raise
    finally:
        if _process.bytes > limits.memory // 2:
            _process.stop()
    _ended.pop(who, None)
    return cast("T", result)


def stop_calls(*, stopped: bool = True) -> None:
    """End the call under way, and refuse further ones; with `stopped=False`: allow them again."""
    if stopped:
        _stopped.set()
    else:
        _stopped.clear()
