"""The history, the room it has, the routes of alerts and what waits to be sent."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from pathlib import Path

from ketenwacht.domain.alerting import CONSOLE, Channel
from ketenwacht.errors import ConfigError, KetenwachtError, NotifyError
from ketenwacht.notify import open_notifiers
from ketenwacht.store import History
from ketenwacht.store.health import examine
from ketenwacht.store.outbox import FAILED, PENDING, SENDING, SENT
from ketenwacht.workflows import clock
from ketenwacht.workflows.clock import audit_keys
from ketenwacht.workflows.histories import history_file, open_existing
from ketenwacht.workflows.project import LoadedProject

ROOM = 1 << 30
"""Bytes free below which the disk of a history is worth a look."""
NO_ROOM = 100 << 20
"""Bytes free below which the next run may not be kept."""
WAITS = timedelta(minutes=15)
"""An alert that is older than this and still not sent is stuck."""
LATELY = timedelta(days=7)
"""An alert that could never arrive is held against its route for so long."""


def store_of(project: LoadedProject) -> Iterator[Symptom]:
    """Whether the history can be reached, fits this version, is sound, and has room to grow."""
    file = history_file(project)
    if file is not None and not file.exists():
        yield Symptom(
            SymptomLevel.ABSENT, "history", f"{file} is not there yet; the first `ketenwacht check` makes it"
        )
    else:
        yield from _sound(project)
    if file is not None:
        yield from _room(file)


def _sound(project: LoadedProject) -> Iterator[Symptom]:
    url = project.history_url()
    health = examine(url, audit_keys=audit_keys())
    if health.revision is None:
        yield Symptom(SymptomLevel.ABSENT, "history", "it can be reached and holds nothing yet")
    elif health.revision > health.newest:
        said = f"it was written by a newer version (revision {health.revision}, this one knows {health.newest})"
        yield Symptom(SymptomLevel.UNREACHABLE, "history", said, "install the version that wrote it")
    elif health.revision != health.newest:
        said = f"it is at revision {health.revision} and is brought to {health.newest} when it is next used"
        yield Symptom(SymptomLevel.WARNING, "history", said, "make a backup first")
    elif not health.faults:
        yield fine("history", f"revision {health.revision}, sound; its audit log holds")
    for fault in health.faults:
        yield Symptom(SymptomLevel.UNREACHABLE, "history", fault, "find out who changed it, and restore a backup")


def _room(file: Path) -> Iterator[Symptom]:
    folder = next(parent for parent in file.parents if parent.exists())
    free = shutil.disk_usage(folder).free
    size = sum(p.stat().st_size for p in (file, file.with_name(file.name + "-wal")) if p.exists())
    said = f"{free / (1 << 30):,.1f} GB free; the history takes {size / (1 << 20):,.1f} MB"
    if free >= ROOM:
        yield fine("disk", said)
    else:
        trouble = SymptomLevel.UNREACHABLE if free < NO_ROOM else SymptomLevel.WARNING
        yield Symptom(trouble, "disk", said, f"free some space where {folder} is")


def routes_of(project: LoadedProject) -> Iterator[Symptom]:
    """Whether each alert route leads somewhere; nobody is told anything."""
    alerting = project.settings.alerts
    notifiers = open_notifiers(alerting, write=lambda _: None, sleep=clock.sleep)
    for channel in alerting.channels():
        subject = f"route {channel.name}"
        unused = channel.medium == CONSOLE and channel.route.slack is not None and not channel.route.slack.usable
        if unused and not channel.route.console:
            said = "names Slack without a channel or a token, so that alerts are only printed"
            mend = "set the channel and token, or write `console: true` if that is meant"
            yield Symptom(SymptomLevel.WARNING, subject, said, mend)
        else:
            yield from guarded(subject, partial(_probed, channel, subject, notifiers[channel.name].probe))
    heard = [f for f in project.settings.feeds if any(c.route.tells(f) for c in alerting.channels())]
    for feed in project.settings.feeds:
        if feed not in heard:
            yield Symptom(
                SymptomLevel.MISCONFIGURED, f"{feed} alerts", "no route tells of it", "add a route under `alerts`"
            )


def _probed(channel: Channel, subject: str, probe: Callable[[], str]) -> Iterator[Symptom]:
    said = probe()
    yield fine(subject, said if channel.slack is None else f"{said}, channel {channel.slack.channel}")


def outbox_of(project: LoadedProject, at: datetime) -> Iterator[Symptom]:
    """Whether alerts wait too long, or were given up."""
    with ExitStack() as stack:
        file = history_file(project)
        health = (
            None
            if file is not None and not file.exists()
            else examine(project.history_url(), audit_keys=audit_keys())
        )
        if health is None or health.revision != health.newest:
            yield Symptom(SymptomLevel.ABSENT, "outbox", "there is none yet, so that nothing waits")
            return
        history = open_existing(stack, project)
        if history is not None:
            yield from _backlog(history, at)


def _backlog(history: History, at: datetime) -> Iterator[Symptom]:
    counts, oldest = history.outbox_counts(), history.oldest_unsent()
    waiting = counts[PENDING] + counts[SENDING]
    failed, broken = history.posted(states=(FAILED,)), history.broken_routes()
    newest = {one.alert.route: one for one in failed if one.alert.route in broken}
    gone = [one for one in failed if at - one.next_attempt_at <= LATELY or one in newest.values()]
    for one in gone:
        said = f"an alert for route {one.alert.route} can never arrive: {one.error}"
        yield Symptom(SymptomLevel.STUCK, "outbox", said, "mend the route, then `ketenwacht alerts test`")
    if oldest is not None and at - oldest > WAITS:
        said = f"waiting: {plural(waiting, 'alert')}, the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
        yield Symptom(
            SymptomLevel.STUCK, "outbox", said, "`ketenwacht alerts flush` sends them and says what is in the way"
        )
    elif waiting:
        yield fine("outbox", f"about to be sent: {plural(waiting, 'alert')}")
    elif not gone:
        yield fine("outbox", f"nothing waits; sent so far: {plural(counts[SENT], 'alert')}")


# What `doctor` says of one thing, and how any of our errors becomes such a sentence.


class SymptomLevel(Enum):
    """How a thing is, best first."""

    FINE = "fine"
    ABSENT = "absent"  # optional, and not there
    WARNING = "warning"  # works, and is worth a look
    MISCONFIGURED = "misconfigured"
    UNREACHABLE = "unreachable"
    STUCK = "stuck"  # alerts that should have been told and were not


@dataclass(frozen=True, slots=True)
class Symptom:
    """One line of `doctor`.

    Attributes:
        trouble: how it is.
        subject: what it is about.
        said: what was found.
        mend: what to do; empty when there is nothing to do.
    """

    trouble: SymptomLevel
    subject: str
    said: str
    mend: str = ""


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 day`, `2 days`, `1,200 days`; of what is no person."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def fine(subject: str, said: str) -> Symptom:
    """Nothing to do."""
    return Symptom(SymptomLevel.FINE, subject, said)


def of_error(subject: str, fault: KetenwachtError) -> Symptom:
    """The symptom of an error of ours."""
    if isinstance(fault, ConfigError):
        return Symptom(SymptomLevel.MISCONFIGURED, subject, f"{fault.where}: {fault.what}", fault.mend)
    what, _, mend = str(fault).partition(" — ")
    permanent = isinstance(fault, NotifyError) and fault.permanent
    return Symptom(SymptomLevel.MISCONFIGURED if permanent else SymptomLevel.UNREACHABLE, subject, what, mend)


def guarded(subject: str, examine: Callable[[], Iterator[Symptom]]) -> Iterator[Symptom]:
    """The symptoms that an examination finds; an error of ours ends it as one more."""
    try:
        yield from examine()
    except KetenwachtError as fault:
        yield of_error(subject, fault)
