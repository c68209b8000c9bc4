"""The fault campaign of the outbox: seeded schedules of faults and kills, through the true client.

    tools/campaigns/outbox_campaign.py [--seeds 1000] [--first 0] [--minutes 10] [--no-history]

In every schedule a few alerts of two topics are written while Slack is limited, breaks before or after storing,
drops, hangs, answers with a proxy's page or revokes its token, and while the process that sends is killed with
`kill -9` before or after a post. The clock is virtual; processes, sockets and the SQLite history are real. What
must hold in each: every alert arrives (in its channel or, where it can never arrive there, on the fallback), none
twice when history may be read, and the channel is in order.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from outbox_sender import Sender
from slack_peer import Fault, SlackPeer

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings.finding import Alert
from ketenwacht.domain.message import Message
from ketenwacht.store import History

START = datetime(2022, 1, 3, 7, tzinfo=UTC)
FAULTS = tuple(Fault)
# how often each is drawn; a hang costs real time, a revoked token ends an alert
WEIGHTS = np.array([3, 1, 3, 4, 3, 4, 1, 3, 3, 1], dtype=float)
TIMEOUT, HANG = 0.15, 0.25  # seconds
MAX_ROUNDS = 400
MAX_FAULTS, MAX_KILLS, KILL = 14, 4, 0.08


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


class Script:
    """What goes wrong in one schedule, drawn call by call: faults of Slack, and the end of the sender."""

    def __init__(self, rng: np.random.Generator, figures: Figures, kill: Callable[[], None]) -> None:
        self._rng, self._figures, self._kill = rng, figures, kill
        self._rate, self._faults, self._kills = rng.uniform(0.1, 0.6), MAX_FAULTS, MAX_KILLS

    def __call__(self, method: str) -> Fault | None:
        """The fault of a call. A sender that is killed hears no answer: the call is dropped."""
        if method == "chat.postMessage" and self._kills and (outcome := self._rng.random()) < 2 * KILL:
            self._kills -= 1
            self._kill()
            if outcome < KILL:
                self._figures.kills_before += 1
                return Fault.DROP_BEFORE
            self._figures.kills_after += 1
            return Fault.DROP_AFTER
        if not self._faults or self._rng.random() >= self._rate:
            return None
        self._faults -= 1
        fault = FAULTS[int(self._rng.choice(len(FAULTS), p=WEIGHTS / WEIGHTS.sum()))]
        self._figures.faults[fault.name] = self._figures.faults.get(fault.name, 0) + 1
        return fault


def run_schedule(
    seed: int, peer: SlackPeer, history: History, url: str, figures: Figures, start: datetime
) -> datetime:
    """Run one schedule to its end; returns the virtual time it ended at."""
    rng = np.random.default_rng([2022, seed])
    channel = f"C{seed:08d}"
    sender = Sender(url, SlackTarget(channel=channel, token="t", base_url=peer.base_url), TIMEOUT)
    waiting = [f"{seed}-{number}" for number in range(int(rng.integers(3, 7)))]
    topics = {name: f"feed/{rng.integers(2)}" for name in waiting}
    written: list[str] = []
    at = start
    peer.script, peer.messages, calls = Script(rng, figures, sender.kill), [], len(peer.calls)
    for _ in range(MAX_ROUNDS):
        if waiting and rng.random() < 0.7:
            name = waiting.pop(0)
            body = Message("incident", topics[name], "nl", f"kop {name}", changes=(name,)).to_json()
            history.outbox.add([Alert(name, channel, topics[name], "incident", body, at)])
            written.append(name)
        sender.flush(at)
        peer.settle()
        at += timedelta(minutes=int(rng.integers(1, 20)))
        if not waiting and history.outbox.find_oldest_unsent() is None:
            break
    sender.close()
    figures.calls += len(peer.calls) - calls
    peer.calls.clear()
    _judge(seed, peer, channel, written, topics, sender.heard, figures)
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
    disorder = first != sorted(first, key=written.index)
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
        at, url = START, f"sqlite:///{folder}/history.db"
        for seed in range(first, first + seeds):
            if time.monotonic() - began > minutes * 60:
                break
            at = run_schedule(seed, peer, history, url, figures, at)
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
