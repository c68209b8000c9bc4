"""Small pieces of text: dates, counts, names, and the problem of one incident."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from ketenwacht.domain.alerting import Alerting, Language
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incident import Incident, Nature
from ketenwacht.domain.message import Problem
from ketenwacht.domain.policy import DELIVERY_CHECK
from ketenwacht.domain.privacy import shown_missing
from ketenwacht.domain.result import STRENGTH, Evidence, Missing, by_week
from ketenwacht.domain.segment import WHOLE, Segment

from . import texts
from .formatter import MessageFormatter
from .impacts import impact_phrase
from .privacy import Privacy

MAX_NAME = 120
MAX_SUMMARY = 400
MAX_CHILDREN = 5

_COUNTED = frozenset({Evidence.RECONCILIATION, Evidence.CONTROL_TOTAL})
"""Evidence that counts persons instead of estimating them."""

# A lone small number, unless it is part of a date or counts something that is not a person.
_NOT_PERSONS = "hours? days? weeks? minutes? columns? fields? codes? deliver(?:y|ies) uur dag(?:en)? velden %"
_MONTH = r"(?:jan|feb|ma|mrt|apr|ma[yi]|jun|jul|aug|sep|o[ck]t|nov|dec)[a-z]*"
_SMALL = re.compile(
    rf"(?<![\w.,:/%#-])(\d{{1,3}})(?![\w%:/-]|[.,]\d|\s*(?:{'|'.join(_NOT_PERSONS.split())}|{_MONTH})(?!\w))",
    re.IGNORECASE,
)


def cut(text: str, most: int) -> str:
    """The text on one line, shortened with an ellipsis when it is longer than `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def hide_small(text: str, small: int) -> str:
    """The text with every lone count below `small` (and above 0) shown as `<small`.

    A check's own words may hold a count of persons; this is the last door it passes.
    """
    return _SMALL.sub(lambda m: f"<{small}" if 0 < int(m[1]) < small else m[1], text)


@dataclass(frozen=True, slots=True)
class Words:
    """Makes texts in one language for one feed."""

    feed: Feed
    alerting: Alerting
    zone: tzinfo

    @property
    def language(self) -> Language:
        """The language of every text made here."""
        return self.alerting.language

    def phrase(self, phrase: str, /, **values: object) -> str:
        """A phrase of the catalogue, filled in."""
        return texts.PHRASE[phrase][self.language].format(**values)

    def day(self, day: date) -> str:
        """`30 mei 2022`."""
        return f"{day.day} {texts.MONTHS[self.language][day.month - 1]} {day.year}"

    def since(self, missing: Missing, evidence: Evidence) -> str:
        """When a loss began: a day, or a week where that is all that is known."""
        shown = self.day(missing.since)
        return self.phrase("week_of", day=shown) if by_week(missing, evidence) else shown

    def moment(self, at: datetime) -> str:
        """`30 mei 2022 08:00`, in the time zone of the configuration."""
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())} {local:%H:%M}"

    def _date(self, at: datetime) -> str:
        return self.day(at.astimezone(self.zone).date())

    def persons(self, count: float) -> str:
        """A number of missing persons as people may see it."""
        shown = shown_missing(count, small=self.alerting.small_count)
        return shown.replace(",", ".") if self.language == "nl" else shown

    def about(self, count: float) -> str:
        """The same as part of a sentence: it is rounded, and says so."""
        shown = self.persons(count)
        return self.phrase("about", count=shown) if shown[0] in "123456789" else shown

    def segment(self, segment: Segment) -> str:
        """The segment by name: `group family, town (empty)`."""
        named = ", ".join(f"{name} {value or self.phrase('empty')}" for name, value in segment.pairs)
        return self.phrase("whole") if segment == WHOLE else cut(named, MAX_NAME)

    def name(self, name: str) -> str:
        """A name from data or configuration, on one line and not too long."""
        return cut(name, MAX_NAME)

    def what(self, incident: Incident) -> str:
        """What is wrong, and how bad; of what is over, what it was."""
        said = self._what(incident)
        return said if incident.active else self.phrase("was", what=said)

    def _what(self, incident: Incident) -> str:
        missing = incident.missing
        if missing is None or incident.nature in {Nature.ERROR, Nature.WARNED}:
            kind, check = _what_kind(incident), incident.fingerprint.check
            found = texts.said(check, self.language)
            if found is not None and (
                kind == Nature.FAILED.value or (kind == Nature.PRIVACY.value and check in texts.SAID)
            ):
                return cut(found, MAX_SUMMARY)
            values = {"check": cut(incident.fingerprint.check, MAX_NAME), "period": self.day(incident.period)}
            return texts.WHAT[kind][self.language].format(**values)
        too_many = "extra" if incident.nature is Nature.PRIVACY else "surplus"
        kind = too_many if missing.value < 0 else "missing"
        counted = incident.evidence in _COUNTED
        return texts.WHAT[f"{kind}_counted" if counted else kind][self.language].format(
            count=self.about(missing.value) if counted else self.persons(missing.value),
            since=self.since(missing, incident.evidence),
            interval=self._interval(missing),
        )

    def short(self, incident: Incident) -> str:
        """What is wrong in a few words, for a headline."""
        missing = incident.missing
        if missing is None or incident.nature in {Nature.ERROR, Nature.WARNED}:
            return texts.SHORT["other"][self.language]
        kind = "surplus" if missing.value < 0 else "missing"
        return texts.SHORT[kind][self.language].format(count=self.about(missing.value))

    def _interval(self, missing: Missing) -> str:
        """The interval in words; nothing when it is too narrow to be seen."""
        low, high = sorted((abs(missing.low), abs(missing.high)))
        shown = self.persons(0.0 if missing.low < 0 < missing.high else low), self.persons(high)
        return "" if shown[0] == shown[1] else self.phrase("interval", low=shown[0], high=shown[1])

    def where(self, incident: Incident, children: Sequence[Incident] = ()) -> str:
        """The segment, and the parts of it that fail the same check."""
        place = self.segment(incident.fingerprint.segment)
        parts = [child for child in children if child.fingerprint.check == incident.fingerprint.check]
        if not parts:
            return place
        worst = sorted(parts, key=lambda c: abs(c.missing.value) if c.missing is not None else 0.0, reverse=True)
        named = [self._child(child) for child in worst[:MAX_CHILDREN]]
        if len(worst) > MAX_CHILDREN:
            named.append(self.phrase("and_more", count=len(worst) - MAX_CHILDREN))
        return f"{place}, {self.phrase('children', children='; '.join(named))}"

    def _child(self, child: Incident) -> str:
        name = self.segment(child.fingerprint.segment)
        return name if child.missing is None else f"{name} ({self.persons(child.missing.value)})"

    def problem(self, incident: Incident, children: Sequence[Incident] = ()) -> Problem:
        """The answers to the questions of a reader."""
        link = self.alerting.page
        return Problem(
            incident=incident.id,
            nature=incident.nature.value,
            severity=texts.SEVERITY[incident.severity][self.language],
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

    def _state(self, incident: Incident) -> str:
        ended = incident.resolved_at or incident.changed_at
        state = texts.STATE[incident.state][self.language].format(
            opened=self._date(incident.opened_at), ended=self._date(ended)
        )
        if incident.snooze is None or not incident.active:
            return state
        return f"{state}, {self.phrase('snoozed', until=self.moment(incident.snooze.until))}"

    def _evidence(self, incident: Incident, children: Sequence[Incident]) -> str:
        looked = incident.nature is not Nature.ERROR
        said = [texts.EVIDENCE[incident.evidence][self.language] if looked else self.phrase("no_evidence")]
        own = self._own_words(incident)
        if own:
            said.append(own)
        others = {c.evidence for c in children if c.fingerprint.check != incident.fingerprint.check}
        if others:
            names = [texts.EVIDENCE_NAME[one][self.language] for one in STRENGTH if one in others]
            said.append(self.phrase("also", evidence=", ".join(names)))
        return " ".join(part for part in said if part)

    def _own_words(self, incident: Incident) -> str:
        """What the check says itself. Its words are English: elsewhere only where no number says enough."""
        if self.language != "en" and incident.missing is not None and incident.nature is not Nature.ERROR:
            return ""
        summary = hide_small(cut(self._said(incident), MAX_SUMMARY), self.alerting.small_count)
        return self.phrase("check_says", summary=_ended(summary)) if summary else ""

    def _said(self, incident: Incident) -> str:
        how = MessageFormatter(self.language, Privacy(self.alerting.small_count), self.zone)
        return how.say(incident.said)

    def _meaning(self, incident: Incident) -> str:
        if not incident.active:
            return texts.MEANING_OVER[self.language]
        if _surplus(incident):
            return texts.MEANING_SURPLUS[self.language]
        if _what_kind(incident) == "late":
            return texts.MEANING_LATE[self.language]
        stake = self.alerting.notes(self.feed.name).at_stake
        said = (
            stake if stake and incident.nature is Nature.FAILED else texts.MEANING[incident.nature][self.language]
        )
        counted = impact_phrase(self, incident.impact) if incident.nature is Nature.FAILED else ""
        return f"{counted} {said}".strip()

    def _action(self, incident: Incident) -> str:
        if not incident.active:
            return texts.ACTION_OVER[self.language]
        notes = self.alerting.notes(self.feed.name)
        about_delivery = incident.evidence is Evidence.SCHEDULE or incident.fingerprint.check == DELIVERY_CHECK
        said = texts.ACTION_SURPLUS if _surplus(incident) else texts.ACTION[incident.nature]
        said = texts.ACTION_DELIVERY if about_delivery else said
        parts = [
            said[self.language].format(
                sender=self._party(self.feed.sender, notes.sender_contact),
                receiver=self._party(self.feed.receiver, notes.receiver_contact),
            )
        ]
        if incident.owner is not None:
            parts.append(self.phrase("owner", owner=cut(incident.owner, MAX_NAME)))
        if notes.runbook is not None:
            parts.append(self.phrase("runbook", runbook=notes.runbook))
        return " ".join(parts)

    def _party(self, name: str, contact: str) -> str:
        return self.phrase("contact", name=name, contact=contact) if contact else name


def _ended(text: str) -> str:
    return text if text[-1] in ".…!?" else f"{text}."


def _surplus(incident: Incident) -> bool:
    return incident.nature is Nature.FAILED and incident.missing is not None and incident.missing.value < 0


def _what_kind(incident: Incident) -> str:
    if incident.fingerprint.check == DELIVERY_CHECK:
        return "unreadable"
    if incident.evidence is Evidence.SCHEDULE and incident.nature is Nature.FAILED:
        return "late"
    return incident.nature.value
