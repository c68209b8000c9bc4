"""The view of what happened to an incident: its events in words, those of one moment that say the same as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from ketenwacht.domain.findings.finding_set import SYSTEM
from ketenwacht.domain.incidents.changes import IncidentEvent, IncidentReason
from ketenwacht.domain.statement import Amount

from .formatter import MessageFormatter
from .texts.base import Texts
from .texts.labels_incidents import INCIDENT_EVENT, INCIDENT_NATURE
from .texts.phrases import SEVERITY
from .views import clean
from .views_finding import last_quiet_day

_BECAME, _BETWEEN = " → ", ", "
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
    """Return what happened, in the order given; findings that joined in one minute are one step."""
    steps: list[StepView] = []
    for (at_text, reason), alike in groupby(events, key=lambda one: (formatter.moment(one.at), one.reason)):
        del at_text
        same = list(alike)
        if reason == IncidentReason.JOINED.value:
            joined = [name for one in same for name in one.detail.split(_BETWEEN)]
            steps.append(_view(same[0], formatter, joined=joined))
        else:
            steps += [view_step(one, formatter) for one in same]
    return tuple(steps)


def view_step(event: IncidentEvent, formatter: MessageFormatter) -> StepView:
    """Return what happened, in words."""
    return _view(event, formatter, joined=event.detail.split(_BETWEEN))


def _view(event: IncidentEvent, formatter: MessageFormatter, *, joined: list[str]) -> StepView:
    reason = {one.value: one for one in IncidentReason}.get(event.reason)
    texts = INCIDENT_EVENT.get(event.reason)
    what = clean(event.reason) if texts is None else formatter.fill(texts, {"count": Amount(len(joined))})
    if reason is IncidentReason.JOINED:
        detail = clean(_BETWEEN.join(dict.fromkeys(joined)))
    else:
        detail = _DETAILS[reason](event.detail, formatter) if reason in _DETAILS else clean(event.detail)
    by = "" if event.actor == SYSTEM else clean(event.actor)
    text = formatter.label("event.by", event=what, actor=by) if by else what
    text = formatter.label("event.detail", event=text, detail=detail) if detail else text
    return StepView(event.at, formatter.moment(event.at), what, clean(event.actor), detail, text)


def _persons(detail: str, formatter: MessageFormatter) -> str:
    return formatter.label("incidents.step_missing", count=formatter.about(float(detail))) if detail else ""


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
    IncidentReason.STOPPED: _day,
    IncidentReason.SNOOZED: _snooze,
    IncidentReason.SEVERITY_GREW: _became,
    IncidentReason.NATURE_CHANGED: _became,
}
"""How what an event stores is shown; everything else are words of a person."""
