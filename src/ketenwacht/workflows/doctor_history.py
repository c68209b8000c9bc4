"""Examine the history, its disk space, the alert routes and what waits to be sent."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from time import monotonic

from ketenwacht.domain.alerting import CONSOLE, Channel
from ketenwacht.errors import AuditError, ConfigError, KetenwachtError, NotifyError, format_count
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.notify import open_notifiers
from ketenwacht.redaction import hide_secrets
from ketenwacht.store import LEADER, History, build_leader_lock
from ketenwacht.store.migrate import check_creating, examine
from ketenwacht.store.outbox import FAILED, PENDING, SENDING, SENT
from ketenwacht.workflows import clock
from ketenwacht.workflows.clock import audit_keys
from ketenwacht.workflows.feed_faults import find_active_faults
from ketenwacht.workflows.histories import history_file, open_existing
from ketenwacht.workflows.project import LoadedProject

_HEADS = 100  # of the newest heads outside that are looked up
ROOM = 1 << 30
"""Bytes free below which the disk of a history is worth a look."""
NO_ROOM = 100 << 20
"""Bytes free below which the next run may not be kept."""
WAITS = timedelta(minutes=15)
"""An alert that is older than this and still not sent is stuck."""
LATELY = timedelta(days=7)
"""How long a route is reported after an alert that could not arrive."""


def check_store(project: LoadedProject) -> Iterator[Symptom]:
    """Yield whether the history can be reached, fits this version, is sound, and has room to grow."""
    file = history_file(project)
    if file is not None and not file.exists():
        yield Symptom(
            SymptomLevel.ABSENT, "history", f"{file} is not there yet; the first `ketenwacht check` makes it"
        )
    else:
        yield from _check_integrity(project)
    if file is not None:
        yield from _check_space(file)


def _check_integrity(project: LoadedProject) -> Iterator[Symptom]:
    url = project.history_url()
    health = examine(url, audit_keys=audit_keys())
    if health.revision is None:
        yield Symptom(SymptomLevel.ABSENT, "history", "it can be reached and holds nothing yet")
        check_creating(url)
    elif health.revision > health.newest:
        text = f"it was written by a newer version (revision {health.revision}, this one knows {health.newest})"
        yield Symptom(SymptomLevel.UNREACHABLE, "history", text, "install the version that wrote it")
    elif health.revision != health.newest:
        text = f"it is at revision {health.revision} and is brought to {health.newest} when it is next used"
        yield Symptom(SymptomLevel.WARNING, "history", text, "make a backup first")
    elif not health.faults:
        yield make_fine("history", f"revision {health.revision}, sound; its audit log holds")
        yield from _check_heads(project)
        yield from guard_check("history writing", partial(_check_writing, project))
        yield from guard_check("leader lock", partial(_check_lock, project))
    for fault in health.faults:
        yield Symptom(SymptomLevel.UNREACHABLE, "history", fault, "find out who changed it, and restore a backup")


def _check_heads(project: LoadedProject) -> Iterator[Symptom]:
    """Hold the audit log against every head kept outside, and add the newest one."""
    if project.head_file() is None:
        text = "no head of the audit log is kept outside it: an older copy that is put back goes unnoticed"
        yield Symptom(SymptomLevel.ABSENT, "audit log", text, "set history_head_file to a file on another machine")
        return
    with project.history(create=False) as history:
        try:
            history.keep_head(clock.now())
            kept = () if history.heads is None else history.heads.read()
        except AuditError as fault:
            what, _, mend = str(fault).partition(" — ")
            yield Symptom(SymptomLevel.UNREACHABLE, "audit log", what, mend)
            return
        lost = [said for head in kept[-_HEADS:] if (said := history.audit.find_lost(head)) is not None]
    for said in lost:
        mend = "verify it with `history --verify`, and see docs/operations.md"
        yield Symptom(SymptomLevel.UNREACHABLE, "audit log", said, mend)
    if not lost:
        yield make_fine("audit log", "it goes on from the heads that are kept outside")


def _check_writing(project: LoadedProject) -> Iterator[Symptom]:
    """Write a row and roll it back: a replica, a role without rights or a file of another owner refuses it."""
    with project.history(create=False) as history:
        history.leases.try_write(LEADER)
    yield make_fine("history writing", "a row was written and rolled back")


def _check_lock(project: LoadedProject) -> Iterator[Symptom]:
    """Take the leader lock and release it, unless a service holds it."""
    with project.history(create=False) as history:
        worker = f"doctor-{clock.new_id()}"
        lock = build_leader_lock(
            history.leases, LEADER, worker=worker, length=project.settings.service.lease, monotonic=monotonic
        )
        if lock.keep():
            lock.leave()
            yield make_fine("leader lock", "it was taken and released: no service runs on this history")
            return
        if lock.fault is not None:
            yield symptom_of("leader lock", lock.fault)
            return
        holder = history.leases.find_holder(LEADER)
        yield make_fine("leader lock", f"held by {'a service' if holder is None else holder.worker}")


def _check_space(file: Path) -> Iterator[Symptom]:
    if file.exists() and file.stat().st_mode & 0o077:
        text = "others on this machine can read it; it holds exact counts"
        yield Symptom(SymptomLevel.WARNING, "history file", text, f"chmod 600 {file}")
    folder = next(parent for parent in file.parents if parent.exists())
    free = shutil.disk_usage(folder).free
    size = sum(p.stat().st_size for p in (file, file.with_name(file.name + "-wal")) if p.exists())
    text = f"{free / (1 << 30):,.1f} GB free; the history takes {size / (1 << 20):,.1f} MB"
    if free >= ROOM:
        yield make_fine("disk", text)
    else:
        trouble = SymptomLevel.UNREACHABLE if free < NO_ROOM else SymptomLevel.WARNING
        yield Symptom(trouble, "disk", text, f"free some space where {folder} is")


def check_routes(project: LoadedProject) -> Iterator[Symptom]:
    """Yield whether each alert route works, without sending a message."""
    alerting = project.settings.alerts
    notifiers = open_notifiers(alerting, write=lambda _: None, sleep=clock.sleep)
    for channel in alerting.channels():
        subject = f"route {channel.name}"
        unset = _describe_unset(channel)
        if unset is not None and not channel.route.console:
            yield Symptom(SymptomLevel.WARNING, subject, *unset)
        else:
            yield from guard_check(subject, partial(_probe, channel, subject, notifiers[channel.name].probe))
    heard = [f for f in project.settings.feeds if any(c.route.tells(f) for c in alerting.channels())]
    for feed in project.settings.feeds:
        if feed not in heard:
            yield Symptom(
                SymptomLevel.MISCONFIGURED, f"{feed} alerts", "no route tells of it", "add a route under `alerts`"
            )

    if alerting.page is None:
        text = "not set, so that messages name a command instead of a link to the incident"
        yield Symptom(
            SymptomLevel.ABSENT, "alerts.page", text, "set it to https://<your host>/incidents/{incident}"
        )


def _describe_unset(channel: Channel) -> tuple[str, str] | None:
    """Return what an alert route names without its secret, and the remedy; None when nothing is missing."""
    route = channel.route
    if channel.medium != CONSOLE:
        return None
    if route.slack is not None and not route.slack.usable:
        text = "names Slack without a channel or a token, so that alerts are only printed"
        return text, "set the channel and token, or write `console: true` if that is meant"
    if route.apprise is not None and not route.apprise.usable:
        text = "names apprise without a URL, so that alerts are only printed"
        return text, "set the URLs, or write `console: true` if that is meant"
    return None


def _probe(channel: Channel, subject: str, probe: Callable[[], str]) -> Iterator[Symptom]:
    text = probe()
    yield make_fine(subject, text if channel.slack is None else f"{text}, channel {channel.slack.channel}")


def check_outbox(project: LoadedProject, at: datetime) -> Iterator[Symptom]:
    """Yield whether alerts wait too long, or were given up."""
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
            yield from _describe_backlog(history, at)


def check_feed_faults(project: LoadedProject) -> Iterator[Symptom]:
    """Yield what the history knows of feeds that cannot be judged, files set aside, and plug-ins that fail."""
    say = MessageFormatter().say
    file = history_file(project)
    with ExitStack() as stack:
        if file is not None and not file.exists():
            return
        history = open_existing(stack, project)
        found = {} if history is None else find_active_faults(history, project.settings.feeds)
        for feed, findings in found.items():
            for finding in findings:
                mend = "see the faults in docs/operations.md; the finding ends by itself once it is mended"
                yield Symptom(SymptomLevel.UNREACHABLE, f"{feed} judging", say(finding.said), mend)


def _describe_backlog(history: History, at: datetime) -> Iterator[Symptom]:
    counts, oldest = history.outbox.count(), history.outbox.find_oldest_unsent()
    waiting = counts[PENDING] + counts[SENDING]
    failed, broken = history.outbox.find(states=(FAILED,)), history.outbox.find_broken_routes()
    newest = {one.alert.route: one for one in failed if one.alert.route in broken}
    gone = [one for one in failed if at - one.next_attempt_at <= LATELY or one in newest.values()]
    for one in gone:
        text = f"an alert for route {one.alert.route} can never arrive: {one.error}"
        yield Symptom(SymptomLevel.STUCK, "outbox", text, "mend the route, then `ketenwacht alerts test`")
    if oldest is not None and at - oldest > WAITS:
        text = f"waiting: {format_count(waiting, 'alert')}, the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
        yield Symptom(
            SymptomLevel.STUCK, "outbox", text, "`ketenwacht alerts flush` sends them and says what is in the way"
        )
    elif waiting:
        yield make_fine("outbox", f"about to be sent: {format_count(waiting, 'alert')}")
    elif not gone:
        yield make_fine("outbox", f"nothing waits; sent so far: {format_count(counts[SENT], 'alert')}")


# What `doctor` says of one thing, and how any of our errors becomes such a sentence.


class SymptomLevel(Enum):
    """The state of a thing, best first."""

    FINE = "fine"
    ABSENT = "absent"  # optional, and not there
    WARNING = "warning"  # works, and is worth a look
    MISCONFIGURED = "misconfigured"
    UNREACHABLE = "unreachable"
    STUCK = "stuck"  # alerts that should have been sent and were not


@dataclass(frozen=True, slots=True)
class Symptom:
    """One line of `doctor`.

    Attributes:
        trouble: how it is.
        subject: what it is about.
        text: what was found.
        mend: what to do; empty when there is nothing to do.
    """

    trouble: SymptomLevel
    subject: str
    text: str
    mend: str = ""

    def __post_init__(self) -> None:
        """Take secrets out of what was found."""
        object.__setattr__(self, "text", hide_secrets(self.text))


def make_fine(subject: str, text: str) -> Symptom:
    """Return a symptom that needs no action."""
    return Symptom(SymptomLevel.FINE, subject, text)


def symptom_of(subject: str, fault: KetenwachtError) -> Symptom:
    """Return the symptom of one of our own errors."""
    if isinstance(fault, ConfigError):
        return Symptom(SymptomLevel.MISCONFIGURED, subject, f"{fault.where}: {fault.what}", fault.mend)
    what, _, mend = str(fault).partition(" — ")
    permanent = isinstance(fault, NotifyError) and fault.permanent
    return Symptom(SymptomLevel.MISCONFIGURED if permanent else SymptomLevel.UNREACHABLE, subject, what, mend)


def guard_check(subject: str, examine: Callable[[], Iterable[Symptom]]) -> Iterator[Symptom]:
    """Yield the symptoms of an examination; one of our own errors ends it as one more symptom."""
    try:
        yield from examine()
    except KetenwachtError as fault:
        yield symptom_of(subject, fault)
