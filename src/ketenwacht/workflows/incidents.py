"""Find an incident, and act on it from the command line or from Slack."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ketenwacht.announcements import announce_act
from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.findings import Act
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.incidents.changes import IncidentReason
from ketenwacht.errors import ConcurrentUpdate, ConfigError, NotifyError
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views_incident import IncidentView, view_incident
from ketenwacht.store import History, UnitOfWork
from ketenwacht.store.audit import AuditEntry
from ketenwacht.workflows import clock
from ketenwacht.workflows.histories import HistoryReader, open_existing, replay_url
from ketenwacht.workflows.incident_acts import Acknowledge, NumberedAct, SnoozeUntil, perform
from ketenwacht.workflows.project import LoadedProject

if TYPE_CHECKING:
    from ketenwacht.notify.slack.socket import SlackCommand, SlackSocket

SHORTEST = 6
"""An id is never shown shorter than this."""
_TRIES = 3
_NEAR = 3


@dataclass(frozen=True, slots=True)
class ActResult:
    """The result of an act.

    Attributes:
        incident: as it is now.
        changed: False when it was done before.
        alerts: messages that were written for those who follow it.
    """

    incident: Finding
    changed: bool
    alerts: int


def short_ids(incidents: Iterable[Finding]) -> Mapping[str, str]:
    """Return for each id the shortest beginning that no other id has."""
    ids = sorted({incident.id for incident in incidents})
    short = {}
    for i, one in enumerate(ids):
        around = [*ids[max(0, i - 1) : i], *ids[i + 1 : i + 2]]
        shared = max((_shared_length(one, other) for other in around), default=0)
        short[one] = one[: max(SHORTEST, shared + 1)]
    return short


def find_incident(reader: HistoryReader, text: str) -> Finding:
    """Return the one incident whose id begins with a text.

    Raises:
        ConfigError: there is none, or there are several; the text names the nearest.
    """
    incidents = reader.history.findings.find(closed=True)
    found = _match_beginning(incidents, text)
    if len(found) == 1:
        return found[0]
    short = short_ids(incidents)
    where = f"incident {text}"
    if found:
        names = ", ".join(short[i.id] for i in found)
        raise ConfigError(where, f"{len(found)} incidents begin with that", f"write more of it: {names}")
    raise ConfigError(where, "there is no such incident", _suggest(reader, incidents, text))


def _match_beginning(incidents: Sequence[Finding], text: str) -> list[Finding]:
    wanted = text.strip().lower()
    found = [i for i in incidents if wanted and i.id.lower().startswith(wanted)]
    return [i for i in found if i.id.lower() == wanted] or found


def _suggest(reader: HistoryReader, incidents: Sequence[Finding], text: str) -> str:
    if not reader.replayed:
        with ExitStack() as stack:
            replayed = open_existing(stack, reader.project, replay_url(reader.project))
            if replayed is not None and _match_beginning(replayed.findings.find(closed=True), text):
                return "the newest replay has it: add --replay"
    length = max(len(text), SHORTEST)
    known = {incident.id[:length]: None for incident in incidents}
    near = difflib.get_close_matches(text.strip().lower(), list(known), n=_NEAR, cutoff=0.5)
    return f"did you mean {', '.join(near)}?" if near else "see `ketenwacht incidents list --all`"


def view_open(
    project: LoadedProject, feed: str, formatter: MessageFormatter, url: str | None = None
) -> tuple[IncidentView, ...]:
    """Return the incidents of a feed that need somebody, the worst first; none when there is no history.

    Args:
        project: the configuration.
        feed: name of the feed.
        formatter: puts them into words.
        url: of the history; None: the configured one.

    Raises:
        StoreError: the history cannot be read.
    """
    alerting, configured = project.settings.alerts, project.settings.feeds.get(feed)
    with ExitStack() as stack:
        history = open_existing(stack, project, url)
        found = () if history is None else history.incidents.find(alerting.policy, feed)
    active = sorted((one for one in found if one.active), key=lambda one: one.urgency)
    notes = alerting.notes(feed)
    return tuple(view_incident(one, formatter, feed=configured, notes=notes) for one in active)


def act(
    reader: HistoryReader, text: str, action: Callable[[Finding], Act], *, at: datetime, origin: str = "cli"
) -> ActResult:
    """Act on an incident: save its new form, the event, the alerts and the audit line in one transaction.

    Args:
        reader: an open history.
        text: the id of the incident, or its beginning.
        action: makes the act.
        at: now, UTC.
        origin: from where the act comes, for the audit line (cli, slack).

    Raises:
        ConfigError: there is no such incident, or it cannot be acted on that way.
        StoreError: the history cannot be written.
    """
    for attempt in range(1, _TRIES + 1):
        before = find_incident(reader, text)
        done = action(before)
        if done.event is None:
            return ActResult(done.incident, changed=False, alerts=0)
        what, result, event = f"incident {before.id}", done.incident.state.value, done.event
        entry = AuditEntry(event.reason, what, result, origin, event.actor, event.at)
        try:
            with reader.history.transaction() as work:
                work.audit.add(entry)
                work.findings.save([done.incident], [event], based_on=[before])
                alerts = _announce(work, reader.project, done, at)
        except ConcurrentUpdate:
            if attempt == _TRIES:
                raise
            continue
        return ActResult(done.incident, changed=True, alerts=alerts)
    raise AssertionError("the last try returns or raises")


def _announce(work: UnitOfWork, project: LoadedProject, done: Act, at: datetime) -> int:
    """Write the alerts about an act on a finding; they are about its incident."""
    number, event = work.incidents.number_of(done.incident.id), done.event
    feed = project.settings.feeds.get(done.incident.fingerprint.feed)
    if feed is None or number is None or event is None:
        return 0
    return announce_act(
        work,
        number,
        IncidentReason(event.reason),
        actor=event.actor,
        detail=event.detail,
        feed=feed,
        alerting=project.settings.alerts,
        formatter=project.formatter(feed),
        at=at,
    )


def _shared_length(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


# Acts from Slack: the same as from the command line, with event and audit line, by configured users only.


MOST_EVIDENCE = 12
"""Findings that the answer to "why?" names."""


class SlackActs:
    """Handles the buttons of every Slack app that is configured with people who may press them."""

    def __init__(
        self, project: LoadedProject, history: History, *, on_warning: Callable[[str, str], None]
    ) -> None:
        """Prepare, without connecting.

        Args:
            project: the configuration.
            history: open, and not in memory: acts come in on other threads.
            on_warning: called with what happened to a connection, and why.
        """
        self._project, self._history, self._on_warning = project, history, on_warning
        channels = project.settings.alerts.channels()
        self._waiting = list(merge_targets(each.slack for each in channels if each.slack is not None))
        self._open: list[SlackSocket] = []

    def listen(self) -> None:
        """Connect every app that is not connected; leave one that fails for the next call."""
        for target in tuple(self._waiting):
            socket = self._open_socket(target)
            try:
                socket.connect()
            except NotifyError as fault:
                socket.close()
                self._on_warning("failed", str(fault))
                if fault.permanent:
                    self._waiting.remove(target)
                continue
            self._waiting.remove(target)
            self._open.append(socket)
            self._on_warning("connected", "")

    def close(self) -> None:
        """Stop listening for good."""
        self._waiting.clear()
        while self._open:
            self._open.pop().close()

    def handle(self, command: SlackCommand) -> str:
        """Carry out a command, and return the answer for its sender.

        Raises:
            ConfigError: there is no such incident, or it cannot be acted on that way.
            StoreError: the history cannot be written.
        """
        number = self._find_number(command.incident)
        if command.act == "why":
            return self._explain(number)
        act: NumberedAct = Acknowledge()
        if command.act == "snooze":
            if command.until is None:
                raise ConfigError(f"incident #{number}", "the snooze has no end", "choose a last day")
            act = SnoozeUntil(command.until, command.reason)
        done = perform(
            self._project, self._history, number, act, actor=command.actor, at=clock.now(), origin="slack"
        )
        return self._project.formatter().phrase("done" if done.changed else "done_before")

    def _find_number(self, name: str) -> int:
        """Return the number that a button acts on; one of an older message names a finding."""
        number = int(name) if name.isdecimal() else self._history.incidents.number_of(name)
        if number is None:
            raise ConfigError(f"incident {name}", "there is no such incident", "see `ketenwacht incidents list`")
        return number

    def _explain(self, number: int) -> str:
        """Return what is known of an incident: how sure, every evidence, and what does not fit."""
        alerting = self._project.settings.alerts
        incident = self._history.incidents.get(number, alerting.policy)
        if incident is None:
            raise ConfigError(
                f"incident #{number}", "there is no such incident", "see `ketenwacht incidents list`"
            )
        feed = self._project.settings.feeds.get(incident.feed)
        view = view_incident(
            incident, self._project.formatter(feed), feed=feed, notes=alerting.notes(incident.feed)
        )
        lines = [f"{view.name} {view.title}", view.how_sure, *(one.text for one in view.causes)]
        lines += [one.text for one in (*view.evidence, *view.not_fitting)][:MOST_EVIDENCE]
        return "\n".join([*lines, *view.do_now, view.owner_text])

    def _open_socket(self, target: SlackTarget) -> SlackSocket:
        from ketenwacht.notify.slack.socket import SlackSocket  # noqa: PLC0415 - only who listens pays for it

        return SlackSocket(
            target,
            self.handle,
            language=self._project.settings.alerts.language,
            today=lambda: clock.now().astimezone(self._project.zone).date(),
            sleep=clock.sleep,
        )


def merge_targets(configured: Iterable[SlackTarget]) -> tuple[SlackTarget, ...]:
    """Return one target for each app with people who may act; routes that share an app share its connection.

    Slack sends an act to any one connection of an app, so only people named on every such route may act.
    """
    found: dict[tuple[str, str], SlackTarget] = {}
    for target in configured:
        if not target.app_token or target.team is None:
            continue
        known = found.get((target.app_token, target.team))
        both = (
            target if known is None else replace(known, users=tuple(u for u in known.users if u in target.users))
        )
        found[target.app_token, target.team] = both
    return tuple(target for target in found.values() if target.users)
