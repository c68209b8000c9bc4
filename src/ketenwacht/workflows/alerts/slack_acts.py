"""Acts from Slack: the same as from the command line, with event and audit line, by whoever is named for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from ketenwacht.domain.alerting import SlackTarget
from ketenwacht.domain.finding import Finding
from ketenwacht.domain.findings import Act, acknowledge, snooze
from ketenwacht.errors import ConfigError, NotifyError
from ketenwacht.messages import explain
from ketenwacht.store import History
from ketenwacht.workflows import clock
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.queries.history_reader import HistoryReader

from .acting import act, find_incident

if TYPE_CHECKING:
    from ketenwacht.notify.slack_socket import SlackCommand, SlackSocket

DAY = timedelta(days=1)


class SlackActs:
    """Listens to the buttons of every Slack app that is configured with people who may press them."""

    def __init__(
        self, project: LoadedProject, history: History, *, on_warning: Callable[[str, str], None]
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            project: the configuration.
            history: open, and not in memory: acts come in on other threads.
            on_warning: called with what happened to a connection, and why.
        """
        self._project, self._history, self._on_warning = project, history, on_warning
        channels = project.settings.alerts.channels()
        self._waiting = list(targets(each.slack for each in channels if each.slack is not None))
        self._open: list[SlackSocket] = []

    def listen(self) -> None:
        """Connect what is not connected yet; doing so again is harmless, and a fault is left to the next time."""
        for target in tuple(self._waiting):
            socket = self._socket(target)
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
        """Stop listening, for good."""
        self._waiting.clear()
        while self._open:
            self._open.pop().close()

    def handle(self, command: SlackCommand) -> str:
        """Carry out a command; returns what its asker is told.

        Raises:
            ConfigError: there is no such incident, or it cannot be acted on that way.
            StoreError: the history cannot be written.
        """
        reader = HistoryReader(self._project, tuple(self._project.settings.feeds), self._history, replayed=False)
        if command.act == "why":
            return self._why(reader, command.incident)
        at = clock.now()
        done = act(reader, command.incident, lambda found: self._do(command, found, at), at=at, origin="slack")
        return self._project.formatter().phrase("done" if done.changed else "done_before")

    def _do(self, command: SlackCommand, found: Finding, at: datetime) -> Act:
        if command.act == "acknowledge":
            return acknowledge(found, actor=command.actor, at=at)
        if command.until is None:
            raise ConfigError(f"incident {found.id}", "the snooze has no end", "choose a last day")
        # the day that was chosen counts in full, where the organisation is
        end = datetime.combine(command.until + DAY, time(), self._project.zone).astimezone(UTC)
        return snooze(found, actor=command.actor, reason=command.reason, until=end, at=at)

    def _why(self, reader: HistoryReader, said: str) -> str:
        incident = find_incident(reader, said)
        feed = self._project.feed(incident.fingerprint.feed)
        lines = explain(
            incident,
            self._history.events(incident.id),
            feed=feed,
            alerting=self._project.settings.alerts,
            how=self._project.formatter(feed),
        )
        return "\n".join(lines)

    def _socket(self, target: SlackTarget) -> SlackSocket:
        from ketenwacht.notify.slack_socket import SlackSocket  # noqa: PLC0415 - only who listens pays for it

        return SlackSocket(
            target,
            self.handle,
            language=self._project.settings.alerts.language,
            today=lambda: clock.now().astimezone(self._project.zone).date(),
            sleep=clock.sleep,
        )


def targets(configured: Iterable[SlackTarget]) -> tuple[SlackTarget, ...]:
    """One target an app that somebody may act through; routes that share an app share its connection.

    Slack hands an act to any one connection of an app, so only those may act who are named on every such route.
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
