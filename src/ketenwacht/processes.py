"""Run code that may hang, exit or use too much memory in a process of its own, which can be ended.

The process is started by the interpreter itself, not by `multiprocessing`: that would run the main script of a
notebook or of somebody's program again. Function, arguments and answer travel as pickles.
"""

from __future__ import annotations

import atexit
import faulthandler
import importlib
import json
import os
import pickle
import queue
import re
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from ketenwacht.errors import KetenwachtError

if TYPE_CHECKING:
    import subprocess
    from multiprocessing.connection import Connection

_LOOK = 0.1  # seconds between two looks at a process that works
_BEGIN = timedelta(minutes=2)  # that a process may take to begin
_GRACE = 5.0  # seconds that a killed process gets to vanish
_PLACE = 1.0  # seconds in which a process that hangs tells where
_ENTRY = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from ketenwacht.processes import serve; serve()"
_FRAME = re.compile(r'File "([^"]*)", line (\d+)')
_TELL_PLACE = getattr(signal, "SIGUSR1", None)
"""The signal that makes a process tell where it is; None: this system has none."""
_BEGUN = ("begun", None)

T = TypeVar("T")

_state = {"child": False}


class WorkStopped(Exception):  # noqa: N818 - an order, not a fault
    """The work must stop: the lease was lost, or the service ends."""


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What one call may take; None: no limit.

    Attributes:
        memory: resident bytes of the process.
        total: time in all.
        standstill: time without any progress: no processor time, nothing read or written.
    """

    memory: int | None = None
    total: timedelta | None = None
    standstill: timedelta | None = None


class End(StrEnum):
    """Why a process gave no answer."""

    EXITED = "exited"
    TOTAL = "total"
    STANDSTILL = "standstill"
    MEMORY = "memory"


class CallFault(Exception):  # noqa: N818 - either of the two below
    """A call gave no result.

    Attributes:
        cause: class and place of the fault, without any value.
    """

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)


class CallRaised(CallFault):
    """The function raised an exception that is none of ours."""


class ProcessEnded(CallFault):
    """The process ended, or was ended since it went over a limit.

    Attributes:
        end: why.
        limit: the limit that it went over, in seconds or bytes; 0 when it ended by itself.
    """

    def __init__(self, end: End, cause: str, limit: float = 0.0) -> None:
        self.end, self.limit = end, limit
        super().__init__(cause)


def in_child() -> bool:
    """Return whether this process was started by a `ChildProcess`, so that its owner already bounds it."""
    return _state["child"]


def place_in(fault: BaseException) -> str:
    """Return folder, file and line of the innermost frame, as ` at site/mine.py:3`; empty when there is none."""
    frames = traceback.extract_tb(fault.__traceback__)
    return _describe_place(frames[-1].filename, frames[-1].lineno or 0) if frames else ""


def count_cores() -> int:
    """Return how many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux alone has it
    return (os.cpu_count() or 1) if allowed is None else len(allowed(0))


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _describe_place(file: str, line: int) -> str:
    folder, _, name = file.replace("\\", "/").rpartition("/")
    return f" at {folder.rpartition('/')[2]}/{name}:{line}"


class ChildProcess:
    """A process that calls functions, started when it is first needed.

    Attributes:
        going: called all the time while a call goes on; False ends the process at once.
        prepare: a module that the process imports before it is given work.
    """

    def __init__(self, going: Callable[[], bool] = lambda: True, prepare: str | None = None) -> None:
        """Start nothing yet."""
        self.going, self.prepare = going, prepare
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection[Any, Any] | None = None
        self._folder: str | None = None
        self._places: IO[bytes] | None = None
        self._lock = threading.RLock()

    @property
    def pid(self) -> int | None:
        """Its process id; None when there is no process."""
        return None if self._process is None else self._process.pid

    @property
    def bytes(self) -> int:
        """Its resident memory (bytes); 0 without a process, or where the system does not tell."""
        pid = self.pid
        return 0 if pid is None else resident_bytes(pid)

    def call(self, function: Callable[..., object], *args: object, limits: ProcessLimits) -> object:
        """Return what a function of a module returns there.

        Raises:
            KetenwachtError: as the function raised it.
            CallRaised: it raised something else.
            ProcessEnded: the process ended, or was ended.
            WorkStopped: `going` said no.
        """
        with self._lock:
            try:
                answer = self._ask(function, args, limits)
            except (EOFError, OSError):
                status = self._end_and_wait()
                said = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
                raise ProcessEnded(End.EXITED, f"ProcessEnded ({said})") from None
            except BaseException:
                self.stop()
                raise
        kind, value = answer
        if kind == "raised":
            raise value
        if kind == "fault":
            raise CallRaised(value)
        return value

    def stop(self) -> None:
        """End the process, whatever it does, and delete what it wrote to its own folder for temporary files."""
        with self._lock:
            process, self._process = self._process, None
            if self._pipe is not None:
                self._pipe.close()
                self._pipe = None
            if process is not None:
                _wait(process, 0.1)
                process.kill()
                _wait(process, _GRACE)
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None
            if self._places is not None:
                self._places.close()
                self._places = None

    def _end_and_wait(self) -> int:
        """Return the exit status of a process that closed its end; of a signal, its negative number."""
        status = None if self._process is None else _wait(self._process, _GRACE)
        self.stop()
        return status or 0

    def _ask(
        self, function: Callable[..., object], args: tuple[object, ...], limits: ProcessLimits
    ) -> tuple[str, Any]:
        pipe = self._start()
        pipe.send((function, args))
        begun = self._wait_for_answer(pipe, ProcessLimits(limits.memory, _BEGIN))
        # what must be imported to understand the question is not held against the function
        return self._wait_for_answer(pipe, limits) if begun == _BEGUN else begun

    def _wait_for_answer(self, pipe: Connection[Any, Any], limits: ProcessLimits) -> tuple[str, Any]:
        watch = _Watch(limits, self.pid)
        while not pipe.poll(_LOOK):
            if not self.going():
                raise WorkStopped
            over = watch.look()
            if over is not None:
                end, limit = over
                kind = "MemoryError" if end is End.MEMORY else "TimeoutError"
                raise ProcessEnded(end, f"{kind}{self._find_place()}", limit)
        answer: tuple[str, Any] = pipe.recv()
        return answer

    def _find_place(self) -> str:
        """Return where the process is at work; empty when it does not tell."""
        if self._process is None or self._places is None or _TELL_PLACE is None:
            return ""
        self._places.truncate(0)
        with suppress(OSError):
            self._process.send_signal(_TELL_PLACE)
        deadline = monotonic() + _PLACE
        while monotonic() < deadline:
            self._places.seek(0)
            frame = _FRAME.search(self._places.read().decode("utf-8", "replace"))
            if frame is not None:
                return _describe_place(frame[1], int(frame[2]))
            _pause(0.02)
        return ""

    def _start(self) -> Connection[Any, Any]:
        if self._pipe is None or self._process is None or self._process.poll() is not None:
            import subprocess  # noqa: PLC0415 - most commands start no process
            import tempfile  # noqa: PLC0415 - see above
            from multiprocessing.connection import Pipe  # noqa: PLC0415 - see above

            self.stop()
            self._folder = tempfile.mkdtemp(prefix="ketenwacht-")  # mode 0700
            self._places = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - `stop` closes it
            self._pipe, theirs = Pipe()
            fds = (theirs.fileno(), self._places.fileno())
            flags = [part for option in sys.warnoptions for part in ("-W", option)]
            arguments = [json.dumps(sys.path), *map(str, fds), str(os.getpid()), self.prepare or ""]
            self._process = subprocess.Popen(
                [sys.executable, *flags, "-c", _ENTRY, *arguments],
                pass_fds=fds,
                env={**os.environ, "TMPDIR": self._folder},
                stdin=subprocess.DEVNULL,
            )
            theirs.close()
            self._wait_for_answer(self._pipe, ProcessLimits(total=_BEGIN))
        return self._pipe


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Return the status of a process that ends in time; None: it goes on."""
    deadline = monotonic() + seconds
    while process.poll() is None and monotonic() < deadline:
        _pause(0.01)
    return process.poll()


def resident_bytes(pid: int) -> int:
    """Return the resident memory (bytes) of a process; 0 when there is none, or the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


class _Watch:
    """Whether a process still has time to answer, and makes progress."""

    def __init__(self, limits: ProcessLimits, pid: int | None) -> None:
        self._limits, self._pid = limits, pid
        self._began = self._moved = monotonic()
        self._progress = progress(pid)

    def look(self) -> tuple[End, float] | None:
        """Return what ends the wait, and its limit (bytes or seconds); None: go on waiting."""
        memory = self._limits.memory
        if memory is not None and self._pid is not None and resident_bytes(self._pid) > memory:
            return End.MEMORY, memory
        now, seen = monotonic(), progress(self._pid)
        if seen is None or seen != self._progress:  # a system that does not tell is given the benefit of the doubt
            self._moved, self._progress = now, seen
        for end, limit, since in (
            (End.TOTAL, self._limits.total, self._began),
            (End.STANDSTILL, self._limits.standstill, self._moved),
        ):
            if limit is not None and now - since > limit.total_seconds():
                return end, limit.total_seconds()
        return None


def progress(pid: int | None) -> tuple[str, ...] | None:
    """Return what changes while a process works: processor time, bytes read and written. None: unknown."""
    if pid is None:
        return None
    try:
        times = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
        moved = Path(f"/proc/{pid}/io").read_text(encoding="ascii").split()[1:4:2]
    except (OSError, ValueError):
        return None
    return (*times, *moved)


def map_in_processes(
    function: Callable[[Any, Any], T], shared: object, items: Sequence[object], *, workers: int, batch: int = 1
) -> Iterator[T]:
    """Yield `function(shared, item)` of each item, in order, from several processes at once.

    Unlike a pool of `multiprocessing`, they do not run the main script of the caller again.

    Args:
        function: of a module.
        shared: what every call needs; it goes to each process once.
        items: one a call.
        workers: how many processes.
        batch: items that are sent together.

    Raises:
        KetenwachtError: as a call raised it.
        CallFault: a call raised something else, or its process ended.
    """
    batches = [items[start : start + batch] for start in range(0, len(items), batch)]
    wanted = threading.Event()
    wanted.set()
    children = [ChildProcess(wanted.is_set) for _ in range(min(workers, len(batches)))]
    idle: queue.SimpleQueue[ChildProcess] = queue.SimpleQueue()
    for child in children:
        idle.put(child)

    def call(part: Sequence[object]) -> list[T]:
        child, limits = idle.get(), ProcessLimits()
        try:
            if child.pid is None:
                child.call(_keep_shared, function, shared, limits=limits)
            return cast("list[T]", child.call(_call_shared, part, limits=limits))
        finally:
            idle.put(child)

    with ThreadPoolExecutor(max(1, len(children))) as pool:
        try:
            for answers in pool.map(call, batches):
                yield from answers
        finally:
            wanted.clear()
            pool.shutdown(cancel_futures=True)
            for child in children:
                child.stop()


# In the process itself.

_shared: list[tuple[Callable[[Any, Any], object], object]] = []


def _keep_shared(function: Callable[[Any, Any], object], shared: object) -> None:
    _shared[:] = [(function, shared)]
    _state["child"] = False  # nobody bounds its calls: what may hang starts a process of its own


def _call_shared(items: Sequence[object]) -> list[object]:
    ((function, shared),) = _shared
    return [function(shared, item) for item in items]


def serve() -> None:
    """Call what the parent sends until it ends; the main program of a child process."""
    from multiprocessing.connection import Connection  # noqa: PLC0415 - see `ChildProcess`

    pipe, places, parent, prepare = int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    sys.argv[:] = sys.argv[:1]
    _state["child"] = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks decides when this ends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if _TELL_PLACE is not None:
        faulthandler.register(_TELL_PLACE, file=places, all_threads=False)
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    if prepare:
        importlib.import_module(prepare)
    connection: Connection[Any, Any] = Connection(pipe)
    with suppress(EOFError, OSError):
        connection.send(_BEGUN)
        while True:
            connection.send(_answer(connection))


def _answer(connection: Connection[Any, Any]) -> tuple[str, Any]:
    question = connection.recv_bytes()
    try:
        function, args = pickle.loads(question)  # noqa: S301 - from the process that started this one
        connection.send(_BEGUN)
        answer = ("answer", function(*args))
        pickle.dumps(answer)
    except KetenwachtError as fault:
        return "raised", fault
    except BaseException as fault:  # noqa: BLE001 - also an exit
        return "fault", f"{type(fault).__name__}{place_in(fault)}"
    return answer


def _end_with_parent(parent: int) -> None:
    """End this process when its parent was killed, also in the middle of work that hangs."""
    while os.getppid() == parent:
        _pause(1.0)
    shutil.rmtree(os.environ.get("TMPDIR", ""), ignore_errors=True)
    os._exit(1)


_children: list[ChildProcess] = []


def stop_at_exit(child: ChildProcess) -> ChildProcess:
    """End a process when this one ends; returns it."""
    if not _children:
        atexit.register(_stop_children)
    _children.append(child)
    return child


def _stop_children() -> None:
    for child in _children:
        child.stop()
