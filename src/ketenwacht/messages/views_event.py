"""The view of what happened to an incident: its events in words, those of one moment that say the same as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from ketenwacht.domain.findings.finding_set import SYSTEM
from ketenwacht.domain.incidents.changes import IncidentEvent, IncidentReason
from ketenwacht.domain.statement import Amount

from .formatter import MessageFormatter
from .texts.base import Texts
from .texts.labels_incidents import INCIDENT_EVENT, INCIDENT_NATURE
from .texts.phrases import SEVERITY
from .texts.terms import named
from .views import clean
from .views_finding import last_quiet_day

_BECAME, _BETWEEN = " → ", ", "
_MOST = 1e12  # persons; a history that somebody edited may hold any number
_WORDS: Mapping[str, Texts] = {
    **{severity.name.lower(): texts for severity, texts in SEVERITY.items()},
    **{nature.value: texts for nature, texts in INCIDENT_NATURE.items()},
}


@dataclass(frozen=True, slots=True)
class StepView:
    """Something that happened to an incident.

    Attributes:
        at: when (UTC).
        at_text: the same in the time zone of the configuration, to the minute.
        what: what happened, in a few words.
        actor: who did it.
        detail: what the event adds: a number of persons (rounded), a day, the words of a person; empty without.
        text: what happened, who did it when a person did, and the detail, on one line.
    """

    at: datetime
    at_text: str
    what: str
    actor: str
    detail: str
    text: str


def view_steps(events: Iterable[IncidentEvent], formatter: MessageFormatter) -> tuple[StepView, ...]:
    """Return what happened, in the order given; what the tool notes twice in one minute is one step."""
    steps: list[StepView] = []
    for _, minute in groupby(events, key=lambda one: formatter.moment(one.at)):
        steps += [view_step(one, formatter) for one in _merge_alike(minute)]
    return tuple(steps)


def _merge_alike(events: Iterable[IncidentEvent]) -> list[IncidentEvent]:
    """Return the events of one minute with those of the tool that have the same reason as one.

    Where both count it stands at the first, else at the last: what recovered, returned and recovered is over.
    """
    merged: list[IncidentEvent] = []
    for event in events:
        place = next((i for i, one in enumerate(merged) if _is_alike(one, event)), None)
        merge = _MERGES.get(event.reason)
        if place is not None and merge is not None:
            before = merged[place]
            merged[place] = replace(before, detail=merge(before.detail, event.detail))
            continue
        if place is not None:
            del merged[place]
        merged.append(event)
    return merged


def _is_alike(one: IncidentEvent, other: IncidentEvent) -> bool:
    return one.actor == other.actor == SYSTEM and one.reason == other.reason


def _merge_ends(before: str, after: str) -> str:
    """Return from what the first one came to what the last one went."""
    return f"{before.partition(_BECAME)[0]}{_BECAME}{after.rpartition(_BECAME)[2]}"


_MERGES: Mapping[str, Callable[[str, str], str]] = {
    IncidentReason.JOINED.value: lambda before, after: f"{before}{_BETWEEN}{after}",
    IncidentReason.SEVERITY_GREW.value: _merge_ends,
    IncidentReason.NATURE_CHANGED.value: _merge_ends,
}
"""How what two events store becomes one; of everything else the last one counts."""


def view_step(event: IncidentEvent, formatter: MessageFormatter) -> StepView:
    """Return what happened, in words."""
    reason = {one.value: one for one in IncidentReason}.get(event.reason)
    texts = INCIDENT_EVENT.get(event.reason)
    joined = Amount(len(event.detail.split(_BETWEEN)))
    what = clean(event.reason) if texts is None else formatter.fill(texts, {"count": joined})
    detail = _describe_detail(reason, event.detail, formatter)
    by = "" if event.actor == SYSTEM else clean(event.actor)
    text = formatter.label("event.by", event=what, actor=by) if by else what
    text = formatter.label("event.detail", event=text, detail=detail) if detail else text
    return StepView(event.at, formatter.moment(event.at), what, clean(event.actor), detail, text)


def _describe_detail(reason: IncidentReason | None, detail: str, formatter: MessageFormatter) -> str:
    """Return what an event adds, in words; of one whose number or day cannot be read, that it cannot."""
    describe = _DETAILS.get(reason)
    if describe is None:
        return clean(detail)
    try:
        return describe(detail, formatter)
    except (ValueError, OverflowError):
        return formatter.label("event.unreadable")


def _joined(detail: str, formatter: MessageFormatter) -> str:
    return clean(_BETWEEN.join(dict.fromkeys(named(one, formatter.language) for one in detail.split(_BETWEEN))))


def _persons(detail: str, formatter: MessageFormatter) -> str:
    if not detail:
        return ""
    persons = float(detail)
    if not 0.0 <= persons <= _MOST:  # also what is no number
        raise ValueError(detail)
    return formatter.label("incidents.step_missing", count=formatter.about(persons))


def _day(detail: str, formatter: MessageFormatter) -> str:
    return formatter.label("incidents.step_since", day=date.fromisoformat(detail)) if detail else ""


def _snooze(detail: str, formatter: MessageFormatter) -> str:
    until, _, why = detail.partition(" ")
    day = formatter.short_day(last_quiet_day(datetime.fromisoformat(until), formatter))
    return formatter.label("event.until", day=day, why=clean(why))


def _became(detail: str, formatter: MessageFormatter) -> str:
    ends = detail.split(_BECAME)
    return _BECAME.join(_WORDS[end][formatter.language] if end in _WORDS else clean(end) for end in ends)


_DETAILS: Mapping[IncidentReason | None, Callable[[str, MessageFormatter], str]] = {
    IncidentReason.OPENED: _persons,
    IncidentReason.REOPENED: _persons,
    IncidentReason.GREW: _persons,
    IncidentReason.JOINED: _joined,
    IncidentReason.STOPPED: _day,
    IncidentReason.SNOOZED: _snooze,
    IncidentReason.SEVERITY_GREW: _became,
    IncidentReason.NATURE_CHANGED: _became,
}
"""How what an event stores is shown; everything else are words of a person."""
