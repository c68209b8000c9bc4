"""The chaos campaign of the service: a month of four daily feeds, and in each of 200 rounds one thing goes wrong.

    tools/campaigns/service_campaign.py [--rounds 200] [--seed 1] [--minutes 30] [--postgresql] [--only KINDS]

Two real processes of the service run on one history, by a clock that the campaign sets: each round it goes on by
the month's 200th part, and what was to arrive by then arrives (a tenth never, some late, some not readable). Then
one thing goes wrong, at a random moment: the process that works is killed with `kill -9`, or its measuring
process, or both services, or the database server with all its processes; it stands still for longer than its lease
and goes on; the disk is full; the history is locked; the clock jumps ahead or back and later is set right; a
delivery is replaced while it is read; Slack does not answer for a day; the source of one feed hangs, its plug-in
exits, its delivery cannot be read, its settings break; pages are flooded; the history is set read-only, or its
role loses its rights; a service joins whose lock goes through a pool, or whose history is a real standby. Whatever
ended is started again, as systemd would do.

At the end one service is left alone until it is done, and what must hold is counted: see `campaign_verdict.py`.
Exit code 0 when all of it holds, 1 when not.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic

import numpy as np
from campaign_clock import SharedClock
from campaign_faults import Pings, Victim, has_pool, read_only, revoked
from campaign_place import Postgresql, Sqlite, children, kill
from campaign_plan import Month
from campaign_verdict import verdict
from pooled import pooled
from slack_peer import Fault, SlackPeer
from standby import standby

from ketenwacht.errors import KetenwachtError
from ketenwacht.store import History
from ketenwacht.store.audit import AuditEntry
from ketenwacht.workflows.clock import AUDIT_KEYS, audit_keys
from ketenwacht.workflows.project import LoadedProject

LEASE = 2.0  # seconds
DAY = timedelta(days=1)
MONTH = 30 * DAY
_PAUSE = Event()


class Campaign:
    """One history, two services, and what goes wrong."""

    def __init__(
        self,
        folder: Path,
        place: Sqlite | Postgresql,
        slack: SlackPeer,
        seed: int,
        rounds: int,
        only: Sequence[str] = (),
    ) -> None:
        self.place, self.slack, self.rounds = place, slack, rounds
        self.chance = np.random.default_rng(seed)
        self.pings = Pings()
        self.month = Month(folder, place.url, slack.base_url, self.pings.address, LEASE, self.chance)
        self.victim = Victim(folder, self.pings)
        sys.path.insert(0, str(self.victim.site))  # the campaign calls `doctor` itself
        self.clock = SharedClock(folder / "clock", starts=self.month.first)
        self.gone_by, self.ahead = timedelta(0), timedelta(0)
        self.slack_until = timedelta(0)
        self.services: list[subprocess.Popen[bytes]] = []
        self.counts: Counter[str] = Counter()
        self.noted = self.victims = 0
        self.log = (folder / "service.log").open("ab")
        self.project = LoadedProject.open(folder / "config.yaml")
        with self.history() as history:  # it was looked at last before all of it was due
            for feed in self.month.feeds:
                history.expected.add(feed, (), watermark=self.month.first)
        self.faults: dict[str, Callable[[], None]] = {
            "kill the leader": lambda: self.end(self.leader()),
            "kill the worker": self.kill_workers,
            "kill both": lambda: [self.end(one.pid) for one in self.services] and None,
            "stand still": self.stand_still,
            "disk full": self.fill,
            "locked": lambda: self.place.lock(float(self.chance.uniform(1.0, 6.5))),
            "clock ahead": lambda: self.jump(float(self.chance.uniform(0.5, 20.0))),
            "clock back": lambda: self.jump(-float(self.chance.uniform(0.5, 20.0))),
            "replaced": self.replace,
            "Slack down": self.silence,
            "connection flood": lambda: self.victim.flood(self),
        }
        for kind in ("hung source", "exiting plug-in", "unreadable", "bad reload"):
            self.faults[kind] = partial(self.victim.suffer, self, kind)
        if "kill the database" in place.kinds:
            self.faults["kill the database"] = self.kill_database
            self.faults["read-only"] = lambda: self.victim.refuse_writes(self, "read-only", read_only)
            self.faults["revoked"] = lambda: self.victim.refuse_writes(self, "revoked", revoked)
            self.faults["standby"] = self.join_by_standby
            if has_pool():
                self.faults["pooled lock"] = self.join_by_pool
        if only:
            self.faults = {kind: self.faults[kind] for kind in only}
        self.kinds: list[str] = []

    def history(self) -> History:
        """The history, as the services open it."""
        return History.open(self.place.url, audit_keys=audit_keys(), patience=20)

    def keep(self, number: int = 2) -> None:
        """See that so many services run."""
        self.services = [one for one in self.services if one.poll() is None]
        script = Path(__file__).with_name("campaign_serve.py")
        while len(self.services) < number:
            command = [sys.executable, str(script), str(self.month.config), str(self.month.folder / "clock")]
            self.services.append(
                subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, env=self.env())
            )

    def env(self) -> dict[str, str]:
        """The environment of a service: it finds the plug-in of the victim."""
        return {**os.environ, "PYTHONPATH": f"{self.victim.site}:{os.environ.get('PYTHONPATH', '')}"}

    def all_judged(self, history: History) -> bool:
        """Whether everything that came was judged."""
        self.keep()
        return self.month.judged(history)

    def next_day(self) -> str:
        """Return the day of a new delivery of the victim."""
        self.victims += 1
        return str(date(2020, 1, 1) + self.victims * DAY)

    def pass_midnight(self) -> None:
        """Let the clock go on to the next day, on which settings are read anew."""
        now = self.month.first + self.gone_by
        self.go_on(DAY - timedelta(hours=now.hour, minutes=now.minute) + timedelta(minutes=1))

    def join_by_pool(self) -> None:
        """Let a third service join whose leader lock goes through a pool: it never leads, and says why."""
        with pooled(self.place.url, "transaction") as address:
            text = self.month.config.read_text()
            self.join(
                text.replace("feeds:", f"history_lock_url: '{address}'\nfeeds:", 1), self.victim.expect_refused
            )

    def join_by_standby(self) -> None:
        """Let a third service join whose history is a real standby: it cannot write, and says why."""
        with standby(self.place.url, by=self.place.admin_url) as address:
            self.join(self.month.config.read_text().replace(self.place.url, address), self.victim.expect_standby)

    def join(self, config: str, expect: Callable[[Campaign, int], None]) -> None:
        """Let a third service with another configuration join, and see what it says."""
        other = self.month.config.with_name("third.yaml")
        other.write_text(config)
        script = Path(__file__).with_name("campaign_serve.py")
        command = [sys.executable, str(script), str(other), str(self.month.folder / "clock")]
        third = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, env=self.env())
        try:
            expect(self, third.pid)
        finally:
            third.kill()
            third.wait(30)

    def round(self) -> None:
        """Let a part of the month go by, and one thing go wrong."""
        self.keep()
        left = max(1, self.rounds - self.counts.total())
        self.go_on(max(timedelta(0), MONTH - self.gone_by) / left)
        if not self.kinds:  # each kind equally often, in an order of its own
            self.kinds = list(self.faults)
            self.chance.shuffle(self.kinds)
        kind = self.kinds.pop()
        self.counts[kind] += 1
        _PAUSE.wait(float(self.chance.uniform(0.2, 1.5)))
        self.faults[kind]()
        if self.chance.random() < 0.5:  # half of the rounds begin in the middle of the mess
            self.keep()
            self.settle(4.0)
        self.note()

    def go_on(self, span: timedelta) -> None:
        """Set the clock forward; what was to arrive meanwhile arrives."""
        self.gone_by += span
        self.clock.move(span.total_seconds())
        if self.gone_by >= self.slack_until:
            self.slack.script = lambda _: None
        self.month.deliver(self.gone_by)

    def settle(self, patience: float) -> None:
        """Give the services some time to judge what is there."""
        end = monotonic() + patience
        with suppress(KetenwachtError), closing(self.history()) as history:
            while monotonic() < end and not self.month.judged(history):
                _PAUSE.wait(0.2)

    def note(self) -> None:
        """Leave a line in the audit log, as an operator does now and then."""
        if self.chance.random() < 0.3:
            with suppress(KetenwachtError), closing(self.history()) as history:
                history.audit.add(
                    AuditEntry("note", f"round {self.counts.total()}", "ok", "campaign", "operator", self.clock())
                )
                self.noted += 1

    def leader(self) -> int:
        """The process that works, or any."""
        with suppress(KetenwachtError, IndexError, ValueError), closing(self.history()) as history:
            holder = history.leases.find_holder("service")
            if holder is not None:
                pid = int(holder.worker.rsplit("-", 2)[1])
                if any(one.pid == pid and one.poll() is None for one in self.services):
                    return pid
        return self.services[0].pid

    def end(self, pid: int) -> None:
        """Kill one service with `kill -9`."""
        for one in self.services:
            if one.pid == pid and one.poll() is None:
                one.kill()
                one.wait(30)

    def kill_workers(self) -> None:
        """Kill the measuring process of every service."""
        for one in self.services:
            for pid in children(one.pid):
                kill(pid)

    def stand_still(self) -> None:
        """Stop the one that works for longer than its lease, and let it go on as if nothing had happened."""
        pid = self.leader()
        kill(pid, signal.SIGSTOP)
        _PAUSE.wait(2.5 * LEASE)
        kill(pid, signal.SIGCONT)

    def fill(self) -> None:
        """Fill the disk of the history, and free it after a moment."""
        pids = [one.pid for one in self.services if one.poll() is None]
        self.place.disk.fill(pids)
        self.go_on(timedelta(0))
        _PAUSE.wait(float(self.chance.uniform(0.5, 3.0)))
        self.place.disk.free(pids)
        self.place.revive()

    def jump(self, hours: float) -> None:
        """Set the clock wrong, and right again after some time."""
        self.clock.move(3600 * hours)
        _PAUSE.wait(float(self.chance.uniform(0.5, 2.5)))
        self.clock.move(-3600 * hours)

    def replace(self) -> None:
        """Replace a large delivery again and again while somebody reads it."""
        with suppress(StopIteration):
            large = self.month.large(self.gone_by)
            for _ in range(int(self.chance.integers(1, 6))):
                _PAUSE.wait(float(self.chance.uniform(0.0, 0.4)))
                large.write(self.month.folder)

    def silence(self) -> None:
        """Slack is away for a day."""
        self.slack.script = lambda _: Fault.DROP_BEFORE if self.chance.random() < 0.7 else Fault.DROP_AFTER
        self.slack_until = self.gone_by + DAY

    def kill_database(self) -> None:
        """Kill the database server with all its processes, and start it again."""
        self.place.kill()
        _PAUSE.wait(float(self.chance.uniform(0.2, 2.0)))
        self.place.revive()

    def finish(self, patience: float) -> dict[str, object]:
        """Leave one service alone until it is done, end it, and look at what there is."""
        self.services = [one for one in self.services if one.poll() is None]
        for one in self.services[1:]:
            self.end(one.pid)
        self.keep(1)
        self.slack_until = timedelta(0)
        end = monotonic() + patience
        with self.history() as history:
            while monotonic() < end and not self.month.done(history):
                self.go_on(timedelta(hours=3))  # so that every grace, and every wait of the outbox, is over
                _PAUSE.wait(1)
                self.keep(1)
            last = self.services[0]
            while monotonic() < end and last.poll() is None and not self.pages_of(last.pid).exists():
                _PAUSE.wait(0.1)  # a process that has not begun yet cannot take a signal
            last.send_signal(signal.SIGTERM)
            code = self.services[0].wait(60)
            unseen = dict(self.victim.missed)
            return {"exit": code, **verdict(self.month, history, self.slack.arrived(), self.noted, unseen)}

    def pages_of(self, pid: int) -> Path:
        """Return the file in which a service says where its pages are, once it has begun."""
        return self.month.folder / f"pages-{pid}"

    def close(self) -> None:
        """Leave nothing behind."""
        for one in self.services:
            kill(one.pid, signal.SIGCONT)
            if one.poll() is None:
                one.kill()
            one.wait(30)
        self.log.close()
        self.pings.close()
        self.place.close()


def campaign(
    *, rounds: int, seed: int, minutes: float, postgresql: bool, folder: Path, only: Sequence[str] = ()
) -> dict[str, object]:
    """Run one; the figures of what was found."""
    began = monotonic()
    place = Postgresql(folder / "disk") if postgresql else Sqlite(folder / "disk")
    with SlackPeer() as slack, closing(Campaign(folder, place, slack, seed, rounds, only)) as one:
        done = 0
        while done < rounds and monotonic() - began < 60 * minutes:
            one.round()
            done += 1
            if done % 20 == 0:
                sys.stderr.write(f"round {done} of {rounds}, {round(monotonic() - began)} s\n")
        found = one.finish(1200)
        went_wrong = dict(sorted(one.counts.items()))
    seconds = round(monotonic() - began)
    history = "PostgreSQL" if postgresql else "SQLite"
    return {
        "history": history, "seed": seed, "rounds": done, "seconds": seconds, "disk": place.disk.kind,
        "went_wrong": went_wrong, **found,
    }  # fmt: skip


def main() -> int:
    """As the first lines say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--only", help="kinds of faults, separated by commas")
    parser.add_argument("--keep", type=Path, help="a new folder in which everything is kept")
    asked = parser.parse_args()
    os.environ[AUDIT_KEYS] = "campaign:" + np.random.default_rng(asked.seed).bytes(32).hex()
    with tempfile.TemporaryDirectory(prefix="kw-") as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        figures = campaign(
            rounds=asked.rounds,
            seed=asked.seed,
            minutes=asked.minutes,
            postgresql=asked.postgresql,
            folder=folder,
            only=asked.only.split(",") if asked.only else (),
        )
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if figures["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
