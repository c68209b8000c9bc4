"""Readers that end the process that reads, hang, or eat memory: for the process that measures."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Odd:
    """Does something odd so many times, and is a real reader from then on."""

    reader: object
    how: str
    times: int
    counter: str

    def find(self, at):
        return self.reader.find(at)

    def verify(self, delivery):
        return self.reader.verify(delivery)

    def load(self, delivery, room):
        tally = Path(self.counter)
        done = int(tally.read_text()) if tally.exists() else 0
        tally.write_text(str(done + 1))
        if done < self.times:
            ODD[self.how]()
        return self.reader.load(delivery, room)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def hang():
    signal.pause()


def eat():
    hoard = [bytes(1)]
    while True:
        hoard.append(b"x" * 10_000_000)


def toil():
    """Be at work for longer than a process that stands still would be given."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        sum(range(10_000))


@dataclass(frozen=True)
class HungReader:
    """A source that never answers."""

    reader: object

    def find(self, *_, **__):
        signal.pause()


ODD = {"die": die, "hang": hang, "eat": eat, "toil": toil}
