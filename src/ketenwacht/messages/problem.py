"""The problem of one incident: the answers to the questions of its reader, and the story of its life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings import Reason
from ketenwacht.domain.findings.finding import Event, Finding, Nature
from ketenwacht.domain.findings.finding_set import SYSTEM
from ketenwacht.domain.findings.policy import DELIVERY_CHECK
from ketenwacht.domain.message import Problem
from ketenwacht.domain.result import STRENGTH, Evidence, Missing
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, MissingCount, Persons, Statement, Value
from ketenwacht.errors import DeliveryError, UnreadableDelivery

from . import texts
from .formatter import MessageFormatter
from .texts.labels import EVIDENCE_WORD
from .views_finding import view_impact

MAX_NAME = 120
MAX_SAID = 400
MAX_CHILDREN = 5
MAX_EVENTS = 12

_COUNTED = frozenset({Evidence.RECONCILIATION, Evidence.CONTROL_TOTAL})
"""Evidence that counts persons instead of estimating them."""
_OF_PERSONS = frozenset({Nature.FAILED, Nature.PRIVACY})
"""Only these say how many persons are missing or too many."""
_OF_A_DELIVERY = {Nature.ERROR: "unreadable", Nature.FAILED: "late"}
"""What the calendar says of a delivery."""
_ANSWERS = ("what", "where", "evidence", "meaning", "action")


def cut(text: str, most: int = MAX_NAME) -> str:
    """The text on one line, shortened with an ellipsis when it is longer than `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def sentence(text: str) -> str:
    """The text as a sentence of its own: with a capital and an end."""
    return text and f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.…!?' else '.'}"


@dataclass(frozen=True, slots=True)
class ProblemTexts:
    """Says what is wrong with one feed, an incident at a time.

    Attributes:
        formatter: says codes, counts, days and segments.
        feed: names of sender and receiver.
        alerting: what the organisation notes about the feed, and where its pages are.
    """

    formatter: MessageFormatter
    feed: Feed
    alerting: Alerting

    def problem(self, incident: Finding, children: Sequence[Finding] = ()) -> Problem:
        """The answers to the questions of a reader."""
        link = self.alerting.page
        return Problem(
            incident=incident.id,
            nature=incident.nature.value,
            severity=texts.SEVERITY[incident.severity][self.formatter.language],
            state=self._state(incident),
            what=self.what(incident),
            where=self.where(incident, children),
            evidence=self._evidence(incident, children),
            meaning=self._meaning(incident),
            action=self._action(incident),
            look=f"ketenwacht incidents show {incident.id}",
            link=link.replace("{incident}", incident.id) if link is not None else None,
            active=incident.active,
        )

    def title(self) -> str:
        """The name of the feed for people."""
        return cut(self.formatter.title(self.feed))

    def segment(self, segment: Segment) -> str:
        """A segment on one line that is not too long."""
        return cut(self.formatter.segment(segment))

    def what(self, incident: Finding) -> str:
        """What is wrong, and how bad; of what is over, what it was."""
        if incident.came:
            return self._said(incident) or self._what(incident)
        said = self._what(incident)
        return said if incident.active else self.formatter.phrase("was", what=said)

    def _what(self, incident: Finding) -> str:
        missing, formatter = incident.missing, self.formatter
        if missing is None or incident.nature not in _OF_PERSONS:
            kind = _what_kind(incident)
            said = "" if incident.nature is Nature.ERROR else self._said(incident)
            named = texts.named(incident.fingerprint.check, formatter.language)
            return said or formatter.fill(texts.WHAT[kind], {"check": cut(named), "period": incident.period})
        too_many = "extra" if incident.nature is Nature.PRIVACY else "surplus"
        kind = too_many if missing.value < 0 else "missing"
        counted = incident.evidence in _COUNTED
        return formatter.fill(
            texts.WHAT[f"{kind}_counted" if counted else kind],
            {
                "count": MissingCount(missing.value) if counted else Persons(abs(missing.value)),
                "since": formatter.since(missing, incident.evidence),
                "interval": self._interval(missing),
            },
        )

    def _interval(self, missing: Missing) -> str:
        ends = self.formatter.ends(missing)
        return "" if ends is None else self.formatter.phrase("interval", low=ends[0], high=ends[1])

    def _said(self, incident: Finding) -> str:
        """What the check says; nothing of a code without a text, or of the English words of an older release.

        Such words may hold counts that no rule can hide.
        """
        said = incident.said
        return sentence(cut(self.formatter.say(said), MAX_SAID)) if self.formatter.knows(said) else ""

    def short(self, incident: Finding) -> str:
        """What is wrong in a few words, for a headline."""
        missing = incident.missing
        if missing is None or incident.nature not in _OF_PERSONS:
            return self.formatter.phrase("one_problem")
        kind = "surplus" if missing.value < 0 else "missing"
        return self.formatter.fill(texts.SHORT[kind], {"count": MissingCount(missing.value)})

    def where(self, incident: Finding, children: Sequence[Finding] = ()) -> str:
        """Return the segment, and its parts that fail the same check."""
        place = self.segment(incident.fingerprint.segment)
        parts = [child for child in children if child.fingerprint.check == incident.fingerprint.check]
        if not parts:
            return place
        worst = sorted(parts, key=lambda c: abs(c.missing.value) if c.missing is not None else 0.0, reverse=True)
        named = [self._child(child) for child in worst[:MAX_CHILDREN]]
        if len(worst) > MAX_CHILDREN:
            named.append(self.formatter.phrase("and_more", count=Amount(len(worst) - MAX_CHILDREN)))
        return f"{place}, {self.formatter.phrase('children', children='; '.join(named))}"

    def _child(self, child: Finding) -> str:
        name = self.segment(child.fingerprint.segment)
        return (
            name
            if child.missing is None
            else f"{name} ({self.formatter.value(Persons(abs(child.missing.value)))})"
        )

    def _state(self, incident: Finding) -> str:
        formatter, ended = self.formatter, incident.resolved_at or incident.changed_at
        days = {"opened": self.local(incident.opened_at), "ended": self.local(ended)}
        state = formatter.fill(texts.STATE[incident.state], days)
        if incident.snooze is None or not incident.active:
            return state
        return f"{state}, {formatter.phrase('snoozed', until=incident.snooze.until)}"

    def local(self, at: datetime) -> date:
        """Return the local day of a moment."""
        return at.astimezone(self.formatter.zone).date()

    def _evidence(self, incident: Finding, children: Sequence[Finding]) -> str:
        formatter, looked = self.formatter, incident.nature is not Nature.ERROR
        parts = [
            texts.EVIDENCE[incident.evidence][formatter.language] if looked else formatter.phrase("no_evidence")
        ]
        others = {c.evidence for c in children if c.fingerprint.check != incident.fingerprint.check}
        if others:
            names = [EVIDENCE_WORD[one][formatter.language] for one in STRENGTH if one in others]
            parts.append(formatter.phrase("also", evidence=", ".join(names)))
        said = self._said(incident)  # last, since a medium may cut off what is long
        if said and said != self._what(incident):
            parts.append(formatter.phrase("check_says", said=said))
        return " ".join(parts)

    def _meaning(self, incident: Finding) -> str:
        language = self.formatter.language
        if not incident.active:
            return texts.MEANING_OVER[language]
        if _surplus(incident):
            return texts.MEANING_SURPLUS[language]
        if _what_kind(incident) == "late":
            return texts.MEANING_LATE[language]
        general = texts.MEANING[incident.nature][language]
        if incident.nature is not Nature.FAILED:
            return general
        stake = self.formatter.text(self.alerting.notes(self.feed.name).at_stake)
        return " ".join((*self._impact(incident), stake or general))

    def _impact(self, incident: Finding) -> list[str]:
        """Return where persons are missing and which terms run; nothing when the count is hidden."""
        counted = view_impact(incident.impact, self.formatter)
        return [] if counted is None or counted.count.hidden else [sentence(line) for line in counted.lines]

    def _action(self, incident: Finding) -> str:
        formatter, notes = self.formatter, self.alerting.notes(self.feed.name)
        if not incident.active:
            return texts.ACTION_OVER[formatter.language]
        about_delivery = incident.evidence is Evidence.SCHEDULE or incident.fingerprint.check == DELIVERY_CHECK
        said = texts.ACTION_SURPLUS if _surplus(incident) else texts.ACTION[incident.nature]
        parties = {
            "sender": self._party(formatter.party(self.feed.sender), notes.sender_contact),
            "receiver": self._party(formatter.party(self.feed.receiver), notes.receiver_contact),
        }
        parts = [formatter.fill(texts.ACTION_DELIVERY if about_delivery else said, parties)]
        if incident.owner is not None:
            parts.append(formatter.phrase("owner", owner=cut(incident.owner)))
        if notes.runbook is not None:
            parts.append(formatter.phrase("runbook", runbook=notes.runbook))
        return " ".join(parts)

    def _party(self, name: str, contact: str) -> str:
        return self.formatter.phrase("contact", name=name, contact=contact) if contact else name


def explain(
    incident: Finding, events: Sequence[Event], *, feed: Feed, alerting: Alerting, formatter: MessageFormatter
) -> tuple[str, ...]:
    """Explain why an incident is there and what happened to it, for the button and the command.

    Args:
        incident: as it is now.
        events: all that happened to it, oldest first.
        feed: names of sender and receiver.
        alerting: notes on the feed.
        formatter: of the feed (`LoadedProject.formatter`).

    Returns:
        Lines: what is wrong, where, the evidence, what it means and what to do; then the newest events.
    """
    problem = ProblemTexts(formatter, feed, alerting).problem(incident)
    lines = [f"{formatter.phrase(name)}: {getattr(problem, name)}" for name in _ANSWERS]
    return (*lines, *(_event(formatter, event) for event in events[-MAX_EVENTS:]))


def _event(formatter: MessageFormatter, event: Event) -> str:
    known: dict[str, Reason] = {reason.value: reason for reason in texts.EVENT}
    reason = known.get(event.reason)
    said = texts.EVENT[reason][formatter.language] if reason is not None else event.reason
    who = "" if event.actor == SYSTEM else f", {cut(event.actor)}"
    return f"{formatter.moment(event.at)}: {said}{who}"


def _surplus(incident: Finding) -> bool:
    return incident.nature is Nature.FAILED and incident.missing is not None and incident.missing.value < 0


def _what_kind(incident: Finding) -> str:
    if incident.fingerprint.check == DELIVERY_CHECK:
        return "unreadable"
    if incident.evidence is Evidence.SCHEDULE and incident.nature in _OF_A_DELIVERY:
        return _OF_A_DELIVERY[incident.nature]
    return incident.nature.value


# Errors about a delivery that hold a code: words for a log or a terminal, a statement for the history.


E = TypeVar("E", bound=DeliveryError)


def make_delivery_error(error: type[E], said: Statement) -> E:
    """Return an error for a problem (`domain.problems`)."""
    return error(MessageFormatter().say(said), said)


def unreadable(code: str, **params: Value) -> UnreadableDelivery:
    """Return the error for an unreadable delivery with this code (`domain.problems`)."""
    return make_delivery_error(UnreadableDelivery, Statement(code, params))
