"""What people do from the command line: find an incident, act on it, try the alert routes, send what waits."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from ketenwacht.domain.finding import Finding
from ketenwacht.domain.findings import Act
from ketenwacht.errors import ConfigError, Overtaken
from ketenwacht.messages import compose, compose_test
from ketenwacht.store import History
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.queries.history_reader import HistoryReader, opened

from .sender import AlertSender

SHORTEST = 6
"""An id is never shown shorter than this."""
_TRIES = 3
_NEAR = 3


@dataclass(frozen=True, slots=True)
class ActResult:
    """What an act came to.

    Attributes:
        incident: as it is now.
        changed: False when it was done before.
        alerts: messages that were written for those who follow it.
    """

    incident: Finding
    changed: bool
    alerts: int


def short_ids(incidents: Iterable[Finding]) -> Mapping[str, str]:
    """For each id the shortest beginning that no other one has."""
    ids = sorted({incident.id for incident in incidents})
    short = {}
    for i, one in enumerate(ids):
        around = [*ids[max(0, i - 1) : i], *ids[i + 1 : i + 2]]
        shared = max((_common(one, other) for other in around), default=0)
        short[one] = one[: max(SHORTEST, shared + 1)]
    return short


def find_incident(reader: HistoryReader, said: str) -> Finding:
    """The one incident whose id begins with what was said.

    Raises:
        ConfigError: there is none, or there are several; the text names the nearest.
    """
    incidents = reader.history.incidents(closed=True)
    found = _beginning(incidents, said)
    if len(found) == 1:
        return found[0]
    short = short_ids(incidents)
    where = f"incident {said}"
    if found:
        names = ", ".join(short[i.id] for i in found)
        raise ConfigError(where, f"{len(found)} incidents begin with that", f"write more of it: {names}")
    raise ConfigError(where, "there is no such incident", _hint(reader, incidents, said))


def _beginning(incidents: Sequence[Finding], said: str) -> list[Finding]:
    wanted = said.strip().lower()
    found = [i for i in incidents if wanted and i.id.lower().startswith(wanted)]
    return [i for i in found if i.id.lower() == wanted] or found


def _hint(reader: HistoryReader, incidents: Sequence[Finding], said: str) -> str:
    if not reader.replayed:
        with ExitStack() as stack:
            replayed = opened(stack, reader.project, reader.project.replay_url())
            if replayed is not None and _beginning(replayed.incidents(closed=True), said):
                return "the newest replay has it: add --replay"
    length = max(len(said), SHORTEST)
    known = {incident.id[:length]: None for incident in incidents}
    near = difflib.get_close_matches(said.strip().lower(), list(known), n=_NEAR, cutoff=0.5)
    return f"did you mean {', '.join(near)}?" if near else "see `ketenwacht incidents list --all`"


def act(
    reader: HistoryReader, said: str, do: Callable[[Finding], Act], *, at: datetime, origin: str = "cli"
) -> ActResult:
    """Do something to an incident: its new form, the event, the messages and the audit line in one transaction.

    Args:
        reader: an open history.
        said: the id of the incident, or its beginning.
        do: the act.
        at: now, UTC.
        origin: from where the act comes, for the audit line (cli, slack).

    Raises:
        ConfigError: there is no such incident, or it cannot be acted on that way.
        StoreError: the history cannot be written.
    """
    for attempt in range(1, _TRIES + 1):
        before = find_incident(reader, said)
        done = do(before)
        if done.event is None:
            return ActResult(done.incident, changed=False, alerts=0)
        feed = reader.project.settings.feeds.get(before.fingerprint.feed)
        alerts = (
            ()
            if feed is None or done.notice is None
            else compose(
                (done.notice,),
                reader.history.live_incidents(feed.name),
                feed=feed,
                alerting=reader.project.settings.alerts,
                how=reader.project.formatter(feed),
                key=f"{before.id}/{done.event.reason}/{at.isoformat()}",
                at=at,
            )
        )
        try:
            reader.history.act(done.incident, done.event, alerts, based_on=before, origin=origin)
        except Overtaken:
            if attempt == _TRIES:
                raise
            continue
        return ActResult(done.incident, changed=True, alerts=len(alerts))
    raise AssertionError("the last try returns or raises")


@dataclass(frozen=True, slots=True)
class RouteTest:
    """How a test message went on one route.

    Attributes:
        route: name of the channel.
        medium: console or slack.
        arrived: whether it did.
        error: why not, None when it did.
    """

    route: str
    medium: str
    arrived: bool
    error: str | None


def try_routes(
    project: LoadedProject,
    route: str | None,
    *,
    write: Callable[[str], object],
    new_id: Callable[[], str],
    at: datetime,
) -> tuple[RouteTest, ...]:
    """Send a test message through each route, or one, in an outbox of its own: nothing else is sent with it.

    Args:
        project: the configuration.
        route: name of a route; None: all.
        write: prints the messages of the console.
        new_id: makes the message a new one.
        at: now, UTC.

    Raises:
        ConfigError: there is no such route.
    """
    alerting = project.settings.alerts
    media = {c.name: c.medium for c in alerting.channels()}
    if route is not None and route not in media:
        raise ConfigError("--route", f"there is no route {route}", f"use one of: {', '.join(media)}")
    composed = compose_test(alerting=alerting, how=project.formatter(), key=new_id(), at=at)
    alerts = [alert for alert in composed if route in {None, alert.route}]
    with project.history("sqlite://") as outbox:
        outbox.enqueue(alerts)
        AlertSender.of(project, write).flush(outbox, at=at)
        return tuple(
            RouteTest(one.alert.route, media[one.alert.route], one.sent_at is not None, one.error)
            for one in outbox.posted()
        )


def flush_all(
    project: LoadedProject, history: History, *, write: Callable[[str], object], at: datetime
) -> AlertSender:
    """Send everything that is due, however much it is; the post says how many arrived and how many did not."""
    post = AlertSender.of(project, write)
    while post.flush(history, at=at):  # what was put back is not due any more
        pass
    return post


def _common(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
