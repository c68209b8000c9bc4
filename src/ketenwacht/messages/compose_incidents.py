"""Compose alerts about incidents: one root message an incident, with a title that a phone shows in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from ketenwacht.domain.alerting import Alerting, Channel
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding import Alert, Nature
from ketenwacht.domain.incidents import Incident, IncidentNature
from ketenwacht.domain.incidents.causes import CATEGORY_CAUSES
from ketenwacht.domain.incidents.changes import IncidentReason
from ketenwacht.domain.incidents.notices import IncidentNotice, IncidentNotices
from ketenwacht.domain.message import UPDATE, Message, Problem
from ketenwacht.domain.result import Status
from ketenwacht.domain.statement import Amount, Persons

from . import texts
from .compose import alert_id
from .formatter import MessageFormatter, cut, sentence
from .texts.notices import CHANGED, NOTICE
from .views import clean
from .views_incident import IncidentView, view_incident

MOST_CAUSES = 4
"""Causes that a message names; the others are counted."""
MOST_LINES = 3
"""Other evidence, and what does not fit, that a message names."""
MOST_LETTERS = 400
_OVER = frozenset({IncidentReason.RECOVERED, IncidentReason.RESOLVED_BY_HAND, IncidentReason.CLOSED})


def topic_of(number: int) -> str:
    """Return what the root message of an incident is about."""
    return f"incident/{number}"


def compose_incidents(  # noqa: PLR0913 - what changed, of which feed, for whom and when
    said: IncidentNotices,
    *,
    feed: Feed,
    alerting: Alerting,
    formatter: MessageFormatter,
    key: str,
    at: datetime,
) -> tuple[Alert, ...]:
    """Return the alerts for these notices: one an incident and channel of the feed.

    An incident without a notice whose root message is out of date gets an alert of kind `UPDATE`, which edits the
    root message and notifies nobody; so does one that is continued in another.

    Args:
        said: what must be heard.
        feed: names of sender and receiver.
        alerting: routes and notes.
        formatter: of the feed, in the language of alerts (`LoadedProject.formatter`).
        key: what caused it, for instance the id of the run: the same key never makes a second alert.
        at: now, aware UTC.
    """
    words = _IncidentTexts(feed, alerting, formatter)
    messages = [words.tell(notice, at) for notice in said.notices]
    for was, now in said.quiet:
        before, after = words.message(was, UPDATE), words.message(now, UPDATE)
        if before != after:
            messages.append((now, after))
    alerts = []
    for channel in alerting.channels():
        if channel.route.tells(feed.name):
            for incident, message in messages:
                if incident.severity >= channel.route.least:
                    alerts.append(_alert(channel, message, key, at))
    return tuple(alerts)


def compose_summary(  # noqa: PLR0913 - as `compose_incidents`
    incidents: Iterable[Incident],
    *,
    feed: Feed,
    alerting: Alerting,
    formatter: MessageFormatter,
    key: str,
    at: datetime,
) -> tuple[Alert, ...]:
    """Return one message a channel about what the first look at an archive found; none when nothing needs anybody.

    Incidents get no root message of their own: each gets one at its next change.
    """
    words = _IncidentTexts(feed, alerting, formatter)
    alerts = []
    for channel in alerting.channels():
        shown = [one for one in incidents if one.active and one.severity >= channel.route.least]
        shown = [one for one in shown if any(f.active and f.nature in alerting.policy.told for f in one.findings)]
        if not shown or not channel.route.tells(feed.name):
            continue
        shown.sort(key=lambda one: one.urgency)
        lines = [f"{one.name} {words.view(one).title}" for one in shown]
        headline = formatter.phrase("archive", title=words.title, count=Amount(len(shown)))
        lines.append(formatter.phrase("archive_next"))
        message = Message("digest", f"archive/{feed.name}", formatter.language, headline, lines=tuple(lines))
        alerts.append(_alert(channel, message, key, at))
    return tuple(alerts)


def _alert(channel: Channel, message: Message, key: str, at: datetime) -> Alert:
    name = alert_id(key, channel.name, message.topic)
    return Alert(name, channel.name, message.topic, message.kind, message.to_json(), at)


class _IncidentTexts:
    """Says what is wrong with one feed, an incident at a time."""

    def __init__(self, feed: Feed, alerting: Alerting, formatter: MessageFormatter) -> None:
        self._feed, self._alerting, self._formatter = feed, alerting, formatter
        self._notes = alerting.notes(feed.name)

    @property
    def title(self) -> str:
        """The name of the feed for people."""
        return cut(clean(self._formatter.title(self._feed)))

    def view(self, incident: Incident) -> IncidentView:
        """Return the incident as every surface shows it."""
        return view_incident(incident, self._formatter, feed=self._feed, notes=self._notes)

    def tell(self, notice: IncidentNotice, at: datetime) -> tuple[Incident, Message]:
        """Return the message of a notice, with its line for the thread."""
        incident = notice.incident
        if notice.into is not None:
            return incident, self._continued(notice)
        kind = "recovery" if notice.reason in _OVER else "incident"
        return incident, self.message(
            incident, kind, changes=(self._change(notice, at),), broadcast=notice.broadcast
        )

    def message(
        self, incident: Incident, kind: str, *, changes: tuple[str, ...] = (), broadcast: bool = False
    ) -> Message:
        """Return the message of an incident as it is."""
        view = self.view(incident)
        return Message(
            kind,
            topic_of(incident.number),
            self._formatter.language,
            self._headline(view),
            problems=(self._problem(incident, view),),
            changes=changes,
            broadcast=broadcast,
        )

    def _continued(self, notice: IncidentNotice) -> Message:
        """Return the edit of the root message of an incident that is continued in another."""
        names = {"incident": notice.incident.name, "into": f"#{notice.into}"}
        headline = self._formatter.phrase("continued", **names)
        return Message(UPDATE, topic_of(notice.incident.number), self._formatter.language, headline)

    def _headline(self, view: IncidentView) -> str:
        if view.active:
            return view.title
        return self._formatter.phrase("over", title=view.title)

    def _problem(self, incident: Incident, view: IncidentView) -> Problem:
        say, link = self._formatter.phrase, self._alerting.page
        answers = tuple((say(name), text) for name, text in self._answers(incident, view) if text)
        opened = incident.opened_at.astimezone(self._formatter.zone).date()
        return Problem(
            incident=str(incident.number),
            nature=_nature(incident, view),
            severity=view.severity_text,
            state=say("state", state=view.state_text, day=self._formatter.day(opened)),
            what=view.headline,
            where=view.segment_text,
            evidence=view.how_sure,
            meaning=" ".join(self._meaning(view)),
            action=" ".join(self._do(view)),
            look=f"ketenwacht incidents show {incident.number}",
            link=link.replace("{incident}", str(incident.number)) if link is not None else None,
            active=view.active,
            answers=answers,
        )

    def _answers(self, incident: Incident, view: IncidentView) -> Iterator[tuple[str, str]]:
        """Yield the name of each question and its answer: since, how sure, why, what to do, who, look."""
        yield "ask_since", "; ".join(filter(None, (view.since_text, view.stopped)))
        also = () if view.missing is None else view.missing.also[:MOST_LINES]
        yield "ask_sure", "; ".join((view.how_sure, *also))
        if view.active:
            yield "ask_why", self._why(view)
            yield "ask_apart", "; ".join(line.text for line in view.not_fitting[:MOST_LINES])
            yield "ask_means", " ".join(self._meaning(view))
            yield "ask_when", "; ".join(view.by_when)
            yield "ask_do", " ".join(self._do(view))
            yield "ask_who", self._who(view)
        yield "ask_look", f"{incident.name}, ketenwacht incidents show {incident.number}"

    def _why(self, view: IncidentView) -> str:
        """Return the probable causes; what findings say of causes where these do not name the categories."""
        named = any(one.code in CATEGORY_CAUSES for one in view.probable_causes or ())
        stated = "" if named else self._causes(view)
        found = "" if stated and not view.probable_causes else sentence(view.why)
        return " ".join(filter(None, (found, stated)))

    def _causes(self, view: IncidentView) -> str:
        """Return the causes, those of which the same is said together."""
        alike: dict[str, list[str]] = {}
        for cause in view.causes:
            alike.setdefault(cause.text.removeprefix(f"{cause.segment_text}: "), []).append(cause.name)
        told = []
        for what, names in alike.items():
            shown = names[:MOST_CAUSES]
            if len(names) > MOST_CAUSES:
                shown.append(self._formatter.phrase("and_more", count=Amount(len(names) - MOST_CAUSES)))
            told.append(f"{' · '.join(shown)}: {what}")
        return " ".join(sentence(one) for one in told[:MOST_LINES])

    def _meaning(self, view: IncidentView) -> list[str]:
        language = self._formatter.language
        if view.nature is IncidentNature.MISSING:
            impact = view.impact
            counted = () if impact is None or impact.count.hidden else impact.lines
            stake = self._formatter.text(self._notes.at_stake) or texts.MEANING[Nature.FAILED][language]
            return [sentence(line) for line in (*counted, stake) if line]
        if view.nature is IncidentNature.SURPLUS:
            return [texts.MEANING_SURPLUS[language]]
        if view.nature is IncidentNature.LATE:
            return [texts.MEANING_LATE[language]]
        return [texts.MEANING[view.findings[0].nature][language]]

    def _do(self, view: IncidentView) -> list[str]:
        said, *runbook = view.do_now or ("",)
        return [sentence(cut(said, MOST_LETTERS)), *runbook] if said else runbook

    def _who(self, view: IncidentView) -> str:
        say, notes = self._formatter.phrase, self._notes
        sender, receiver = self._formatter.party(self._feed.sender), self._formatter.party(self._feed.receiver)
        name = receiver if view.nature is IncidentNature.PRIVACY else sender
        contact = notes.receiver_contact if view.nature is IncidentNature.PRIVACY else notes.sender_contact
        party = say("contact", name=name, contact=contact) if contact else name
        return say("responsible", party=party, owner=view.owner_text)

    def _change(self, notice: IncidentNotice, at: datetime) -> str:
        view, formatter = self.view(notice.incident), self._formatter
        came = next((one for one in notice.incident.findings if one.came), None)
        if notice.reason is IncidentReason.RECOVERED and came is not None:
            what = next(one.what for one in view.findings if one.id == came.id)
            day = at.astimezone(formatter.zone).date()
            return formatter.phrase("change", day=day, change=formatter.phrase("came", what=what))
        before = "" if notice.before is None else formatter.phrase("heard", count=Persons(abs(notice.before)))
        said = formatter.fill(
            CHANGED[notice.reason],
            {
                "what": view.headline,
                "before": before,
                "severity": view.severity_text,
                "nature": view.nature_text,
                "stopped": view.stopped,
                "actor": cut(clean(notice.actor or "")),
                "detail": cut(clean(notice.detail)),
            },
        )
        if notice.unsettled:
            said = f"{said} {NOTICE['unsettled'][formatter.language]}"
        day = at.astimezone(formatter.zone).date()
        return formatter.phrase("change", day=day, change=said)


def _nature(incident: Incident, view: IncidentView) -> str:
    if incident.nature is IncidentNature.PRIVACY:
        return "privacy"
    return view.status.word if view.status is not Status.PASSED else Status.FAILED.word
