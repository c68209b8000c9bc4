"""Readers that end the process that reads, hang, or eat memory: for the process that measures."""

import os
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.statement import Name, Statement


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


@dataclass
class FlakyReader:
    """A source whose files cannot be opened so many times, and can be from then on."""

    reader: object
    times: int

    def find(self, at, **more):
        return self.reader.find(at, **more)

    def verify(self, delivery):
        self.times -= 1
        if self.times >= 0:
            problem = Statement("delivery.not_opened", {"cause": Name("PermissionError")})
            return replace(delivery, presence=Presence.UNREADABLE, problem=problem)
        return self.reader.verify(delivery)

    def load(self, delivery, into):
        return self.reader.load(delivery, into)


@dataclass(frozen=True)
class HungReader:
    """A source that never answers."""

    reader: object

    def find(self, *_, **__):
        signal.pause()


ODD = {"die": die, "hang": hang, "eat": eat, "toil": toil}
