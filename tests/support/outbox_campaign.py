"""The fault campaign of the outbox: seeded schedules of faults and kills, through the true client.

    python tests/support/outbox_campaign.py [--seeds 1000] [--first 0] [--minutes 10] [--no-history]

In every schedule a few alerts of two topics are written while Slack is limited, breaks before or after
storing, drops, hangs, answers with a proxy's page or revokes its token, and while the sender is killed before or
after a post. Time is virtual, sockets and the SQLite history are real. What must hold in each: every alert arrives
(in its channel or, where its fault is permanent, on the fallback), none twice when history may be read, each topic
in order.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from slack_peer import Fault, SlackPeer

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.incident import Alert
from ketenwacht.domain.message import Message
from ketenwacht.notify import Notifier
from ketenwacht.notify.slack_client import SlackNotifier
from ketenwacht.outbox import flush
from ketenwacht.store import History

START = datetime(2022, 1, 3, 7, tzinfo=UTC)
FAULTS = tuple(Fault)
# how often each is drawn; a hang costs real time, a revoked token ends an alert
WEIGHTS = np.array([3, 1, 3, 4, 3, 4, 1, 3, 3, 1], dtype=float)
TIMEOUT, HANG = 0.15, 0.25  # seconds
MAX_ROUNDS = 400
MAX_FAULTS, MAX_KILLS = 14, 4


class Killed(BaseException):
    """The sender's process ends here: no handler of its own runs."""


@dataclass(slots=True)
class Figures:
    """What a campaign saw."""

    schedules: int = 0
    alerts: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    kills_before: int = 0
    kills_after: int = 0
    calls: int = 0
    on_fallback: int = 0
    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    seconds: float = 0.0
    seeds_at_fault: list[int] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was lost, nothing came twice, all in order."""
        return not (self.lost or self.twice or self.out_of_order)


class Fallback:
    """Keeps what it is told."""

    kind = "console"
    pause = 0.0

    def __init__(self) -> None:
        self.heard: list[str] = []

    def send(self, alert: Alert, thread: str | None) -> str | None:
        self.heard.append(alert.id)
        return thread or alert.id

    def edit(self, alert: Alert, thread: str) -> None:
        pass

    def find(self, alert: Alert, thread: str | None) -> str | None:
        return thread if alert.id in self.heard and thread is not None else None

    def probe(self) -> str:
        return self.kind


class Mortal:
    """A notifier whose process may be killed just before or just after a post, as the seed says."""

    kind = "slack"
    pause = 1.0

    def __init__(self, inner: SlackNotifier, rng: np.random.Generator, figures: Figures) -> None:
        self._inner, self._rng, self._figures, self._kills = inner, rng, figures, 0

    def send(self, alert: Alert, thread: str | None) -> str | None:
        fate = self._rng.random() if self._kills < MAX_KILLS else 1.0
        if fate < 0.08:
            self._kills += 1
            self._figures.kills_before += 1
            raise Killed
        ref = self._inner.send(alert, thread)
        if fate < 0.16:
            self._kills += 1
            self._figures.kills_after += 1
            raise Killed
        return ref

    def edit(self, alert: Alert, thread: str) -> None:
        self._inner.edit(alert, thread)

    def find(self, alert: Alert, thread: str | None) -> str | None:
        return self._inner.find(alert, thread)

    def probe(self) -> str:
        return self._inner.probe()


def run_schedule(seed: int, peer: SlackPeer, history: History, figures: Figures, start: datetime) -> datetime:
    """Run one schedule to its end; returns the virtual time it ended at."""
    rng = np.random.default_rng([2022, seed])
    rate, left = rng.uniform(0.1, 0.6), MAX_FAULTS

    def script(_method: str) -> Fault | None:
        nonlocal left
        if left == 0 or rng.random() >= rate:
            return None
        left -= 1
        fault = FAULTS[int(rng.choice(len(FAULTS), p=WEIGHTS / WEIGHTS.sum()))]
        figures.faults[fault.name] = figures.faults.get(fault.name, 0) + 1
        return fault

    channel = f"C{seed:08d}"
    target = SlackTarget(channel=channel, token="t", base_url=peer.base_url)
    slack = SlackNotifier(target, sleep=lambda _seconds: None, timeout=TIMEOUT)
    fallback = Fallback()
    notifiers: dict[str, Notifier] = {channel: Mortal(slack, rng, figures), "console": fallback}
    waiting = [f"{seed}-{number}" for number in range(int(rng.integers(3, 7)))]
    topics = {name: f"feed/{rng.integers(2)}" for name in waiting}
    written: list[str] = []
    at = start
    peer.script, peer.messages, calls = script, [], len(peer.calls)
    for _ in range(MAX_ROUNDS):
        if waiting and rng.random() < 0.7:
            name = waiting.pop(0)
            body = Message("incident", topics[name], "nl", f"kop {name}", changes=(name,)).to_json()
            history.enqueue([Alert(name, channel, topics[name], "incident", body, at)])
            written.append(name)
        with suppress(Killed):
            flush(history, notifiers, at=at, worker=f"w{at}", sleep=lambda _seconds: None)
        peer.settle()
        at += timedelta(minutes=int(rng.integers(1, 20)))
        if not waiting and history.oldest_unsent() is None:
            break
    figures.calls += len(peer.calls) - calls
    peer.calls.clear()
    _judge(seed, peer, channel, written, topics, fallback.heard, figures)
    return at + timedelta(days=1)


def _judge(
    seed: int,
    peer: SlackPeer,
    channel: str,
    written: list[str],
    topics: dict[str, str],
    heard: list[str],
    figures: Figures,
) -> None:
    arrived = peer.arrived(channel)
    counts = Counter(arrived)
    lost = [name for name in topics if name not in counts and name not in heard]
    twice = [name for name, count in counts.items() if count > 1]
    first = list(dict.fromkeys(arrived))
    disorder = 0
    for topic in set(topics.values()):
        here = [name for name in first if topics[name] == topic]
        disorder += here != sorted(here, key=written.index)
    figures.schedules += 1
    figures.alerts += len(topics)
    figures.on_fallback += len(set(heard))
    figures.lost += len(lost)
    figures.twice += len(twice)
    figures.out_of_order += disorder
    if lost or disorder or (twice and peer.history_scope):
        figures.seeds_at_fault.append(seed)


def campaign(first: int, seeds: int, *, minutes: float = 10, history_scope: bool = True) -> Figures:
    """Run schedules until all seeds are done or the time is up."""
    figures = Figures()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="kw-outbox-") as folder,
        SlackPeer(hang=HANG) as peer,
        History.open(f"sqlite:///{folder}/history.db") as history,
    ):
        peer.history_scope = history_scope
        at = START
        for seed in range(first, first + seeds):
            if time.monotonic() - began > minutes * 60:
                break
            at = run_schedule(seed, peer, history, figures, at)
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def main() -> int:
    """Run the campaign and print its figures as JSON; 1 when something did not hold."""
    parser = argparse.ArgumentParser(description="Fault campaign of the outbox")
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--no-history", action="store_true", help="the token may not read history")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    figures = campaign(given.first, given.seeds, minutes=given.minutes, history_scope=not given.no_history)
    sys.stdout.write(json.dumps(asdict(figures), indent=1) + "\n")
    held = figures.good if not given.no_history else not (figures.lost or figures.out_of_order)
    return 0 if held and figures.schedules == given.seeds else 1


if __name__ == "__main__":
    sys.exit(main())
