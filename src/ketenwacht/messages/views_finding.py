"""View models of findings, and of what it means that persons are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ketenwacht.domain.catchup import Impact, Running
from ketenwacht.domain.findings.finding import Event, Finding, Nature, Severity, Snooze, State
from ketenwacht.domain.incidents.incident import IncidentNature
from ketenwacht.domain.incidents.natures import nature_of
from ketenwacht.domain.result import Evidence, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Persons, Text

from .formatter import MessageFormatter
from .privacy import Shown
from .public import to_public
from .texts.base import Texts
from .texts.labels import EVIDENCE_WORD, NATURE_MEANING, STATE_WORD, STATUS_WORD
from .texts.phrases import EVENT, SEVERITY
from .texts.terms import named
from .views import MissingView, clean, segment_text, view_missing

MOST_PARTS = 5
"""Parts of an impact that are named in a sentence."""


@dataclass(frozen=True, slots=True)
class TermView:
    """How one term stands for those missing; `text` says it."""

    name: str
    starts: str
    passed: Shown
    soon: Shown
    waiting: Shown
    overdue: Shown
    text: str


@dataclass(frozen=True, slots=True)
class PartView:
    """How many are missing in one part."""

    segment: Segment
    segment_text: str
    count: Shown
    count_text: str


@dataclass(frozen=True, slots=True)
class ImpactView:
    """What it means that persons are missing.

    Attributes:
        count: persons.
        parts: every part, most first; those that are hidden too.
        terms: that run for them.
        lines: where they are, and a line a term.
    """

    count: Shown
    parts: tuple[PartView, ...]
    terms: tuple[TermView, ...]
    lines: tuple[str, ...]

    @property
    def shown_parts(self) -> tuple[PartView, ...]:
        """The segments whose number may be shown, largest first."""
        return tuple(part for part in self.parts if not part.count.hidden)


@dataclass(frozen=True, slots=True)
class SnoozeView:
    """Silence with an owner, a reason and an end (UTC)."""

    owner: str
    reason: str
    until: datetime
    until_text: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding as it stands.

    Attributes:
        check_text: what the check looks at, in words.
        about: what it is about, in the words of an incident's nature.
        message: what its latest failing result says.
        code: the same as a stable code.
        params: what the message is filled with, as it may leave the tool; ready for JSON.
        what: how many are missing since when, or the message where it is not about persons.
        missing: None: it is not about a number of persons.
        impact: None: nobody is missing, or nothing counted it.
        opened: local day.
        ended: local day on which it was resolved, of a closed one closed; None while it lives.
    """

    id: str
    feed: str
    check: str
    check_text: str
    status: Status
    status_text: str
    segment: Segment
    segment_text: str
    evidence: Evidence
    evidence_text: str
    nature: Nature
    nature_text: str
    about: IncidentNature
    severity: Severity
    severity_text: str
    state: State
    state_text: str
    active: bool
    opened_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    period: date
    period_text: str
    opened: date
    opened_text: str
    ended: date | None
    ended_text: str
    message: str
    code: str
    params: Mapping[str, object]
    what: str
    missing: MissingView | None
    impact: ImpactView | None
    owner: str | None
    snooze: SnoozeView | None
    parent: str | None


_STATUS_OF: Mapping[Nature, Status] = {
    Nature.ERROR: Status.ERROR,
    Nature.FAILED: Status.FAILED,
    Nature.PRIVACY: Status.FAILED,
    Nature.WARNED: Status.WARNED,
}


def view_impact(impact: Impact | None, formatter: MessageFormatter) -> ImpactView | None:
    """Return the impact of missing persons; None when nobody is missing, or the impact was not counted."""
    if impact is None or impact.count == 0:
        return None
    parts = tuple(_part(segment, count, formatter) for segment, count in impact.parts)
    terms = tuple(_term(term, formatter) for term in impact.terms)
    named = [f"{_name(p.segment, formatter)} {p.count_text}" for p in parts if not p.count.hidden][:MOST_PARTS]
    lines = [term.text for term in terms]
    if parts:
        most = (
            formatter.label("impact.most", parts=tuple(Text.of(one) for one in named))
            if named
            else formatter.label("impact.none_many", limit=Amount(formatter.privacy.limit))
        )
        by = tuple(Text.of(clean(name)) for name in impact.by)
        lines.insert(0, formatter.label("impact.parts", count=Amount(len(parts)), by=by, most=most))
    return ImpactView(formatter.privacy.count(impact.count), parts, terms, tuple(lines))


def _name(segment: Segment, formatter: MessageFormatter) -> str:
    """Return the values of a segment alone: by what they divide stands before them."""
    return ", ".join(clean(formatter.code(*pair)) for pair in segment.pairs)


def _part(segment: Segment, count: int, formatter: MessageFormatter) -> PartView:
    shown = formatter.privacy.count(count)
    return PartView(segment, segment_text(segment, formatter), shown, formatter.shown(shown))


def _term(term: Running, formatter: MessageFormatter) -> TermView:
    told = {"passed": term.passed, "soon": term.soon, "waiting": term.waiting, "overdue": term.overdue}
    stands = ", ".join(formatter.label(f"impact.{key}", count=Persons(n)) for key, n in told.items() if n > 0)
    name, count = clean(formatter.text(term.clock.name)), formatter.privacy.count
    text = formatter.label(
        "impact.term",
        name=name,
        days=Amount(term.clock.term.days),
        stands=stands or formatter.label("impact.no_risk"),
    )
    return TermView(
        name=name,
        starts=term.clock.starts.value,
        passed=count(term.passed),
        soon=count(term.soon),
        waiting=count(term.waiting),
        overdue=count(term.overdue),
        text=text,
    )


def view_finding(incident: Finding, formatter: MessageFormatter, *, with_impact: bool = True) -> FindingView:
    """Return a finding for showing; its counts are always rounded, since it is about several deliveries.

    Args:
        incident: the finding.
        formatter: of its feed.
        with_impact: whether to show where the missing persons are: a text for each of hundreds of places.
    """
    known_by = incident.fingerprint
    ended = incident.closed_at if incident.state is State.CLOSED else incident.resolved_at
    opened_on, ended_on = (
        _local(incident.opened_at, formatter),
        None if ended is None else _local(ended, formatter),
    )
    missing = view_missing(incident.missing, incident.evidence, formatter)
    message = clean(formatter.say(incident.said))
    status = _STATUS_OF[incident.nature] if incident.active else Status.PASSED
    return FindingView(
        id=incident.id,
        feed=clean(known_by.feed),
        check=clean(known_by.check),
        check_text=clean(named(known_by.check, formatter.language)),
        status=status,
        status_text=STATUS_WORD[status][formatter.language],
        segment=known_by.segment,
        segment_text=segment_text(known_by.segment, formatter),
        evidence=incident.evidence,
        evidence_text=EVIDENCE_WORD[incident.evidence][formatter.language],
        nature=incident.nature,
        nature_text=NATURE_MEANING[incident.nature][formatter.language],
        about=nature_of(incident),
        severity=incident.severity,
        severity_text=SEVERITY[incident.severity][formatter.language],
        state=incident.state,
        state_text=STATE_WORD[incident.state][formatter.language],
        active=incident.active,
        opened_at=incident.opened_at,
        resolved_at=incident.resolved_at,
        closed_at=incident.closed_at,
        period=incident.period,
        period_text=formatter.short_day(incident.period),
        opened=opened_on,
        opened_text=formatter.short_day(opened_on),
        ended=ended_on,
        ended_text="" if ended_on is None else formatter.short_day(ended_on),
        message=message,
        code=incident.said.code,
        params={name: to_public(value, formatter) for name, value in incident.said.params.items()},
        what=(missing.sentence_with_range if missing else "")
        or message
        or NATURE_MEANING[incident.nature][formatter.language],
        missing=missing,
        impact=view_impact(incident.impact, formatter) if with_impact else None,
        owner=None if incident.owner is None else clean(incident.owner),
        snooze=None if incident.snooze is None else _snooze(incident.snooze, formatter),
        parent=incident.parent,
    )


def _snooze(snooze: Snooze, formatter: MessageFormatter) -> SnoozeView:
    day = formatter.short_day(last_quiet_day(snooze.until, formatter))
    return SnoozeView(clean(snooze.owner), clean(snooze.reason), snooze.until, day)


def last_quiet_day(until: datetime, formatter: MessageFormatter) -> date:
    """Return the last day of a snooze; one until midnight ends with the day before."""
    return _local(until - timedelta(microseconds=1), formatter)


@dataclass(frozen=True, slots=True)
class EventView:
    """One step in the life of an incident.

    Attributes:
        at: when (UTC).
        what: what happened.
        actor: who did it.
        text: both in one line.
        before_text: the state that it was in; a dash before the first.
        after_text: the state that it came to.
    """

    at: datetime
    at_text: str
    what: str
    actor: str
    text: str
    before_text: str
    after_text: str


def view_event(event: Event, formatter: MessageFormatter, short: Mapping[str, str]) -> EventView:
    """Put a step into words; `short` has the beginnings of ids by which people know other incidents."""
    what = _EVENTS[event.reason][formatter.language] if event.reason in _EVENTS else clean(event.reason)
    actor = clean(event.actor)
    text = formatter.label("event.by", event=what, actor=actor)
    if event.detail:
        detail = _detail(event.detail, formatter, short)
        what, text = (formatter.label("event.detail", event=one, detail=detail) for one in (what, text))
    return EventView(
        at=event.at,
        at_text=f"{formatter.short_day(_local(event.at, formatter))} {event.at.astimezone(formatter.zone):%H:%M}",
        what=what,
        actor=actor,
        text=text,
        before_text="–" if event.before is None else STATE_WORD[event.before][formatter.language],
        after_text=STATE_WORD[event.after][formatter.language],
    )


def _detail(detail: str, formatter: MessageFormatter, short: Mapping[str, str]) -> str:
    """Say what an event adds: what it was and became, a moment at its beginning, or another incident."""
    ends = detail.split(_BECAME)
    if all(end in _GRADES for end in ends):
        return _BECAME.join(_GRADES[end][formatter.language] for end in ends)
    first, _, rest = detail.partition(" ")
    try:
        until = datetime.fromisoformat(first)
    except ValueError:
        return clean(short.get(detail, detail))
    return formatter.label(
        "event.until", day=formatter.short_day(last_quiet_day(until, formatter)), why=clean(rest)
    )


_EVENTS = {reason.value: texts for reason, texts in EVENT.items()}
_BECAME = " → "
_GRADES: Mapping[str, Texts] = {
    **{severity.name.lower(): texts for severity, texts in SEVERITY.items()},
    **{nature.value: texts for nature, texts in NATURE_MEANING.items()},
}
"""What an event may say that a problem was and became: how bad, and of what sort."""


def describe_standing(
    one: FindingView, formatter: MessageFormatter, *, at: datetime, short: Mapping[str, str]
) -> tuple[str, ...]:
    """Describe the state of an incident, who handles it, and its snooze.

    Args:
        one: the incident.
        formatter: puts it into words.
        at: now.
        short: id → the beginning of it that is enough.
    """
    said = []
    if one.active:
        lasted = Amount(max(0, (_local(at, formatter) - one.opened).days))
        acknowledged = one.state is not State.OPEN
        key = "incident.acknowledged_since" if acknowledged else "incident.open_since"
        said.append(formatter.label(key, day=one.opened_text, lasted=lasted))
        owned = formatter.label("incident.owner", owner=one.owner or "")
        said.append(owned if one.owner else formatter.label("incident.no_owner"))
    else:
        ended = formatter.label("incident.ended", state=one.state_text, day=one.ended_text)
        said.append(
            formatter.label("incident.found", day=one.opened_text, state=ended if one.ended else one.state_text)
        )
    if one.snooze is not None:
        quiet = one.snooze
        said.append(formatter.label("incident.snoozed", day=quiet.until_text, owner=quiet.owner, why=quiet.reason))
    if one.parent is not None:
        said.append(formatter.label("incident.part_of", parent=short.get(one.parent, one.parent)))
    return tuple(said)


def _local(at: datetime, formatter: MessageFormatter) -> date:
    return at.astimezone(formatter.zone).date()


_WEAK = frozenset({Evidence.HISTORY, Evidence.REFERENCE})
"""Evidence that says more than expected came, and not who should not be there."""


def describe_action(incident: Finding, sender: str, formatter: MessageFormatter, *, where: str = "") -> str:
    """Return what to do about an incident, in one or two sentences.

    Args:
        incident: the finding that says most.
        sender: name of the sender.
        formatter: puts it into words.
        where: the segments it is about; empty: the segment of the finding.
    """
    missing = incident.missing
    if incident.nature in {Nature.ERROR, Nature.PRIVACY}:
        key = incident.nature.value
    elif missing is not None and missing.value < 0:
        key = "more_than_expected" if incident.evidence in _WEAK else "too_many"
    else:
        key = incident.evidence.value
    return formatter.label(
        f"action.{key}",
        sender=clean(formatter.party(sender)),
        segment=where or segment_text(incident.fingerprint.segment, formatter),
        since=formatter.since(missing, incident.evidence)
        if missing is not None
        else formatter.day(incident.period),
    )
