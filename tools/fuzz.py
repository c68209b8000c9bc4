"""Give every parser and reader broken input, and see that each is refused with an error of ours, in time.

    make fuzz                              200,000 inputs over all readers, seed 1
    tools/fuzz.py --count 2000 --only config,suite --seed 7

An input is a sound file that was changed: bytes flipped, pieces cut out or doubled, cells and values replaced by what
parsers stumble over. A reader may answer or raise a `KetenwachtError`. Everything else is a fault: another exception,
more than ten seconds, a process that dies or hangs, an exit code outside 0 to 4, a traceback, or a history that does
not verify afterwards. The smallest input of each kind of fault is kept in `var/fuzz/`, named with the line of our code
that it broke.

One process reads all inputs. When it dies, or stands still where no alarm of Python reaches, it is replaced, and goes
on after the input that it had. Each input follows from the seed, the reader and its number alone.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import SynchronizedArray
from pathlib import Path
from types import FrameType
from typing import NoReturn, TypeAlias

from fuzz_targets import REFUSED, Target, Workshop

from ketenwacht.errors import KetenwachtError

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "var" / "fuzz"
LIMIT = 10.0  # seconds of processor time that an input may take
_REAL = 60 * LIMIT  # seconds by the clock: a busy machine is no fault of a reader
_STILL = _REAL + 30.0  # seconds after which a process is replaced: code that is not Python does not hear the alarm
_PART = 200  # inputs after which the process reports
_SUSPICIOUS = 200  # inputs of which a reader refuses some, or it does not read them

Targets = Callable[[Path], tuple[Target, ...]]
Here: TypeAlias = "SynchronizedArray[int]"


@dataclass(slots=True)
class Tally:
    """What became of the inputs of one target: how many, how many were refused, and the faults by kind."""

    inputs: int = 0
    refused: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    smallest: dict[str, bytes] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Add the figures of another part of the same target."""
        self.inputs += other.inputs
        self.refused += other.refused
        self.seconds += other.seconds
        self.faults += other.faults
        for fault, data in other.smallest.items():
            self.keep(fault, data)

    def keep(self, fault: str, data: bytes) -> None:
        """Keep the input of a fault if it is the smallest."""
        if len(data) < len(self.smallest.get(fault, data + b"x")):
            self.smallest[fault] = data


class _TookTooLong(BaseException):
    """No library can catch this by accident."""


def _ring(_: int, __: FrameType | None) -> NoReturn:
    raise _TookTooLong


def make_input(target: Target, seed: int, number: int) -> bytes:
    """Return one input of a target; the first ones are its sound inputs."""
    if number < len(target.seeds):
        return target.seeds[number]
    rng = random.Random(f"{seed}/{target.name}/{number}")  # noqa: S311 - chance of a test
    return target.change(rng.choice(target.seeds), rng)


def try_input(target: Target, data: bytes, tally: Tally) -> None:
    """Give one input to a reader, and note what became of it."""
    begin, fault = time.monotonic(), ""
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    signal.setitimer(signal.ITIMER_REAL, _REAL)
    try:
        tally.refused += target.read(data) is REFUSED
    except KetenwachtError:
        tally.refused += 1
    except _TookTooLong:
        fault = f"took more than {LIMIT:.0f} s"
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is what we look for
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "/ketenwacht/" in frame.filename] or list(frames)
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        fault = f"{type(error).__name__} at {place}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    tally.inputs += 1
    tally.seconds += time.monotonic() - begin
    if fault:
        tally.faults[fault] += 1
        tally.keep(fault, data)


# The process that reads, and the one that watches it


@dataclass(slots=True)
class Task:
    """The inputs of one target, and how far they were tried.

    Attributes:
        target: its name.
        count: how many inputs to try.
        done: how many were tried and reported.
        skipped: numbers of inputs that ended or stopped the process.
    """

    target: str
    count: int
    done: int = 0
    skipped: set[int] = field(default_factory=set)


def _read_inputs(make: Targets, tasks: list[Task], seed: int, here: Here, to: Connection) -> None:
    """Try the inputs of each task in turn, and report after each part."""
    signal.signal(signal.SIGALRM, _ring)
    signal.signal(signal.SIGPROF, _ring)
    with tempfile.TemporaryDirectory() as folder:
        targets = {target.name: target for target in make(Path(folder))}
        for place, task in enumerate(tasks):
            target, tally = targets[task.target], Tally()
            for number in range(task.done, task.count):
                here[:] = (place, number)
                if number not in task.skipped:
                    try_input(target, make_input(target, seed, number), tally)
                if (number + 1) % _PART == 0 or number + 1 == task.count:
                    to.send((place, number + 1, tally))
                    tally = Tally()


def fuzz(
    make: Targets, tasks: list[Task], seed: int, *, still: float = _STILL, write: Callable[[str], object] = print
) -> dict[str, Tally]:
    """Try the inputs of every task; a process that dies or stands still is replaced.

    Args:
        make: makes the targets in a folder.
        tasks: changed in place.
        seed: of the inputs.
        still: seconds after which a process that goes on to no other input is replaced.
        write: gets a line for each task that is done.
    """
    context = multiprocessing.get_context("fork")
    tallies = {task.target: Tally() for task in tasks}

    def add(place: int, done: int, part: Tally) -> None:
        task = tasks[place]
        task.done = done
        tallies[task.target].add(part)
        if done == task.count:
            write(format_tally(task.target, tallies[task.target]))

    with tempfile.TemporaryDirectory() as folder:
        targets = {target.name: target for target in make(Path(folder))}
    while any(task.done < task.count for task in tasks):
        here: Here = context.Array("q", 2)  # the task and the number of the input that is being tried
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_read_inputs, args=(make, tasks, seed, here, theirs))
        process.start()
        theirs.close()
        stopped = _follow(process.is_alive, here, ours, still, add)
        if stopped:
            process.kill()
        process.join()
        task = tasks[here[0]]
        if task.done < task.count:
            fault = "stands still" if stopped else f"ends the process ({process.exitcode})"
            task.skipped.add(here[1])
            tally, data = tallies[task.target], make_input(targets[task.target], seed, here[1])
            tally.inputs += 1
            tally.faults[fault] += 1
            tally.keep(fault, data)
    return tallies


def _follow(
    alive: Callable[[], bool], here: Here, reports: Connection, still: float, add: Callable[..., None]
) -> bool:
    """Take the reports of a process until it ends; return whether it stood still instead."""
    seen, since = tuple(here), time.monotonic()
    while True:
        try:
            if reports.poll(0.5):
                add(*reports.recv())
                continue
        except EOFError:
            return False
        if tuple(here) != seen:
            seen, since = tuple(here), time.monotonic()
        elif time.monotonic() - since > still or not alive():
            return alive()


def format_tally(name: str, tally: Tally) -> str:
    """Return the line of one target."""
    kinds = "; ".join(f"{fault} ({number})" for fault, number in tally.faults.most_common(5))
    return f"{name:15} {tally.inputs:8,} {tally.refused:8,} {tally.seconds:7.0f} s  {kinds or 'no fault'}"


def find_suspicious(tallies: dict[str, Tally]) -> list[str]:
    """Return the targets that refused nothing of many inputs, or everything: they may not be read at all."""
    many = {name: tally for name, tally in tallies.items() if tally.inputs >= _SUSPICIOUS}
    return [name for name, tally in many.items() if tally.refused in {0, tally.inputs}]


def _keep(tallies: dict[str, Tally]) -> None:
    shutil.rmtree(KEPT, ignore_errors=True)
    for name, tally in tallies.items():
        for number, (fault, data) in enumerate(sorted(tally.smallest.items())):
            KEPT.mkdir(parents=True, exist_ok=True)
            word = "".join(letter if letter.isalnum() else "-" for letter in fault)[:60]
            (KEPT / f"{name}-{number}-{word}.bin").write_bytes(data)


def make_targets(folder: Path) -> tuple[Target, ...]:
    """Make every target of the product in a folder."""
    return Workshop(folder).targets()


def make_tasks(targets: tuple[Target, ...], count: int) -> list[Task]:
    """Give each target its share of `count` inputs; its sound inputs come first."""
    whole = sum(target.weight for target in targets)
    return [Task(one.name, len(one.seeds) + round(count * one.weight / whole)) for one in targets]


def find_refused_seeds(targets: tuple[Target, ...]) -> list[str]:
    """Return the targets whose sound input is refused, so that nothing would be tried."""
    found = []
    for target in targets:
        tally = Tally()
        for data in target.seeds:
            try_input(target, data, tally)
        if tally.refused or tally.faults:
            found.append(target.name)
    return found


def main() -> int:
    """Run; 0 when no input broke a reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="names of targets, separated by commas")
    asked = parser.parse_args()
    signal.signal(signal.SIGALRM, _ring)
    signal.signal(signal.SIGPROF, _ring)
    with tempfile.TemporaryDirectory() as folder:
        targets = make_targets(Path(folder))
        wanted = set(asked.only.split(",")) if asked.only else {target.name for target in targets}
        targets = tuple(target for target in targets if target.name in wanted)
        if refused := find_refused_seeds(targets):
            raise SystemExit(f"{', '.join(refused)}: a sound input is refused, so that nothing would be tried")
    print(f"{'reader':15} {'inputs':>8} {'refused':>8} {'time':>9}  faults")
    tallies = fuzz(make_targets, make_tasks(targets, asked.count), asked.seed, write=partial(print, flush=True))
    _keep(tallies)
    for name in find_suspicious(tallies):
        print(f"{name}: refused {tallies[name].refused} of {tallies[name].inputs} inputs: is it read?")
    faults = sum(tally.faults.total() for tally in tallies.values())
    inputs, refused = (sum(getattr(one, name) for one in tallies.values()) for name in ("inputs", "refused"))
    print(f"{inputs:,} inputs, seed {asked.seed}: {refused:,} refused, {faults:,} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
