"""The view of an incident: what every surface shows of it, in words and in numbers that may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ketenwacht.domain.alerting import FeedNotes
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding import Finding, Nature, Severity
from ketenwacht.domain.incidents import (
    Cause,
    Incident,
    IncidentNature,
    IncidentState,
    nature_of,
)
from ketenwacht.domain.result import Evidence, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Text

from .formatter import MessageFormatter
from .texts.labels import STATUS_WORD
from .texts.labels_incidents import INCIDENT_NATURE, INCIDENT_STATE
from .texts.phrases import SEVERITY
from .views import clean, segment_text, view_missing
from .views_cause import ProbableCauseView, explain_search, view_search
from .views_deadline import DeadlineView, describe_deadline, impact_of, view_deadline
from .views_finding import (
    FindingView,
    ImpactView,
    SnoozeView,
    describe_action,
    last_quiet_day,
    view_finding,
    view_impact,
)
from .views_missing import MOST_NAMED, MissingPersonsView, describe_evidence, value_name, view_missing_persons


@dataclass(frozen=True, slots=True)
class CauseView:
    """Why persons are missing.

    Attributes:
        name: the last value of its segment: `G24`.
        text: what was found, in a sentence.
        ended: whether it is over.
    """

    code: str
    segment: Segment
    segment_text: str
    name: str
    since: date
    since_text: str
    text: str
    ended: bool


@dataclass(frozen=True, slots=True)
class EvidenceLineView:
    """What one finding says, on one line.

    Attributes:
        finding: its id.
        text: evidence, segment and what it says.
        active: whether it still says so.
    """

    finding: str
    evidence: Evidence
    evidence_text: str
    segment_text: str
    what: str
    text: str
    active: bool


@dataclass(frozen=True, slots=True)
class IncidentView:
    """One incident as it stands, for every renderer.

    Attributes:
        number: short number.
        name: `#7`.
        title: one line, as a phone shows it: what, the feed, the parts. No date.
        headline: what, without the feed and the parts.
        status: failed, warned or error; passed when it is over.
        missing: None when it is not about a number of missing persons.
        how_sure: on what evidence, and how far that came.
        since: the onset.
        do_now: what to do, a sentence each; empty when it is over.
        impact: where those missing are, and which terms run for them; None: not counted.
        deadline: the next one; None: none is known.
        by_when: the same in words, and for how many it is too late; empty: nothing is known.
        owner: who looks after it; None: nobody.
        owner_text: the same in words.
        causes: oldest first.
        probable_causes: what changed about its onset, the best first; None: nobody looked.
        why: the same in one line, `probably: …`, or that no cause was found; empty: nobody looked.
        evidence: a line for each finding that is evidence for it, strongest first.
        not_fitting: a line a finding that contradicts it.
        stopped: `no longer grows since …`; empty while it grows.
        findings: all of them.
        merged_into: `#3` when it is continued there.
    """

    number: int
    name: str
    feed: str
    feed_text: str
    nature: IncidentNature
    nature_text: str
    state: IncidentState
    state_text: str
    active: bool
    severity: Severity
    severity_text: str
    status: Status
    status_text: str
    title: str
    headline: str
    segment: Segment
    segment_text: str
    missing: MissingPersonsView | None
    how_sure: str
    since: date
    since_text: str
    opened_at: datetime
    opened_text: str
    resolved_at: datetime | None
    resolved_text: str
    do_now: tuple[str, ...]
    impact: ImpactView | None
    deadline: DeadlineView | None
    by_when: tuple[str, ...]
    owner: str | None
    owner_text: str
    snooze: SnoozeView | None
    snooze_text: str
    causes: tuple[CauseView, ...]
    probable_causes: tuple[ProbableCauseView, ...] | None
    why: str
    evidence: tuple[EvidenceLineView, ...]
    not_fitting: tuple[EvidenceLineView, ...]
    stopped: str
    findings: tuple[FindingView, ...]
    merged_into: str


def view_incident(
    incident: Incident,
    formatter: MessageFormatter,
    *,
    feed: Feed | None = None,
    notes: FeedNotes | None = None,
) -> IncidentView:
    """Return an incident for showing.

    Args:
        incident: as it is now.
        formatter: of the feed.
        feed: for the names of sender and receiver; None: only the name of the feed is known.
        notes: what the organisation notes about the feed.
    """
    findings = tuple(view_finding(finding, formatter, with_impact=False) for finding in incident.findings)
    viewed = {one.id: one for one in findings}
    missing = view_missing_persons(incident.missing, formatter)
    headline = _headline(incident, missing, formatter).removesuffix(".")
    feed_text = _feed_text(incident, feed, formatter)
    status = max(_STATUS_OF[one.nature] for one in incident.findings if one.active or not incident.active)
    status = status if incident.active else Status.PASSED
    impact = impact_of(incident)
    probable = view_search(incident.search, formatter)
    day = _last_day(incident)
    deadline = view_deadline(impact, formatter, after=day) if incident.active else None
    return IncidentView(
        number=incident.number,
        name=incident.name,
        feed=clean(incident.feed),
        feed_text=feed_text,
        nature=incident.nature,
        nature_text=INCIDENT_NATURE[incident.nature][formatter.language],
        state=incident.state,
        state_text=INCIDENT_STATE[incident.state][formatter.language],
        active=incident.active,
        severity=incident.severity,
        severity_text=SEVERITY[incident.severity][formatter.language],
        status=status,
        status_text=STATUS_WORD[status][formatter.language],
        title=_title(headline, feed_text, missing, formatter),
        headline=headline,
        segment=incident.segment,
        segment_text=segment_text(incident.segment, formatter),
        missing=missing,
        how_sure=missing.how_sure if missing is not None else _how_sure(incident, formatter),
        since=incident.since,
        since_text=missing.total.since_text if missing is not None else formatter.short_day(incident.since),
        opened_at=incident.opened_at,
        opened_text=_day_text(incident.opened_at, formatter),
        resolved_at=incident.resolved_at,
        resolved_text=_day_text(incident.resolved_at, formatter),
        do_now=_do_now(incident, feed, notes, formatter) if incident.active else (),
        impact=view_impact(impact, formatter),
        deadline=deadline,
        by_when=describe_deadline(impact, deadline, formatter, after=day) if incident.active else (),
        owner=None if incident.owner is None else clean(incident.owner),
        owner_text=_owner_text(incident, formatter),
        snooze=_view_snooze(incident, formatter),
        snooze_text=_snooze_text(incident, formatter),
        causes=tuple(_view_cause(cause, incident, formatter) for cause in incident.causes),
        probable_causes=probable,
        why=explain_search(incident.search, probable, formatter),
        evidence=tuple(_view_line(one, viewed, formatter) for one in incident.fitting),
        not_fitting=tuple(view_contradiction(one, formatter, incident.fitting) for one in incident.not_fitting),
        stopped=_stopped(incident, missing, formatter),
        findings=findings,
        merged_into="" if incident.merged_into is None else f"#{incident.merged_into}",
    )


def sort_incidents(incidents: Iterable[Incident]) -> list[Incident]:
    """Return incidents that need action first, the worst before the others."""
    return sorted(incidents, key=lambda one: one.urgency)


def _last_day(incident: Incident) -> date:
    """Return the newest day of which anything is known."""
    return max(finding.last_period or finding.period for finding in incident.findings)


_STATUS_OF = {
    Nature.ERROR: Status.ERROR,
    Nature.FAILED: Status.FAILED,
    Nature.PRIVACY: Status.FAILED,
    Nature.WARNED: Status.WARNED,
}


def _title(headline: str, feed_text: str, missing: MissingPersonsView | None, formatter: MessageFormatter) -> str:
    title = formatter.label("incidents.in_feed", what=headline, feed=feed_text)
    if missing is None or not missing.named:
        return title
    named = tuple(Text.of(one) for one in missing.named)
    return formatter.label("incidents.with_parts", what=title, parts=named)


def _headline(incident: Incident, missing: MissingPersonsView | None, formatter: MessageFormatter) -> str:
    if missing is not None:
        return formatter.label("incidents.missing", count=formatter.shown(missing.total.value))
    if incident.recoded:
        return formatter.label("incidents.recoded")
    speaker = incident.title_finding
    if incident.nature is IncidentNature.MISSING and len(incident.causes) > 1:
        names = [Text.of(value_name(cause.segment, formatter)) for cause in incident.causes[:MOST_NAMED]]
        return formatter.label("incidents.causes", count=Amount(float(len(incident.causes))), names=tuple(names))
    if incident.nature is IncidentNature.MISSING and speaker.nature is Nature.WARNED:
        what = formatter.label("incidents.warned")
    else:
        speaker = next((one for one in incident.fitting if nature_of(one) is incident.nature), speaker)
        what = view_finding(speaker, formatter, with_impact=False).what
    if speaker.fingerprint.segment == WHOLE:
        return what
    segments = _name_segments(incident, speaker, formatter)
    return formatter.label("incidents.segment_says", segment=segments, what=what)


def _name_segments(incident: Incident, speaker: Finding, formatter: MessageFormatter) -> str:
    """Return the segments of which the same is said as of the one in the title."""
    said = (speaker.fingerprint.check, view_finding(speaker, formatter, with_impact=False).what)
    alike = [
        segment_text(one.fingerprint.segment, formatter)
        for one in incident.fitting
        if one.active is speaker.active
        and (one.fingerprint.check, view_finding(one, formatter, with_impact=False).what) == said
    ]
    names = sorted(dict.fromkeys(alike)) or [segment_text(speaker.fingerprint.segment, formatter)]
    if len(names) > MOST_NAMED:
        names[MOST_NAMED:] = [formatter.label("incidents.more", count=Amount(float(len(names) - MOST_NAMED)))]
    return ", ".join(names)


def _feed_text(incident: Incident, feed: Feed | None, formatter: MessageFormatter) -> str:
    """Return the parties when both are named: people know a feed by them. Otherwise return its title."""
    if feed is None:
        return clean(incident.feed)
    if not (formatter.is_named(feed.sender) and formatter.is_named(feed.receiver)):
        return clean(formatter.title(feed))
    return formatter.label(
        "incidents.parties",
        sender=clean(formatter.party(feed.sender)),
        receiver=clean(formatter.party(feed.receiver)),
    )


def _how_sure(incident: Incident, formatter: MessageFormatter) -> str:
    speaker = incident.title_finding
    return describe_evidence(speaker.evidence, speaker.last_period or speaker.period, formatter)


def _do_now(
    incident: Incident, feed: Feed | None, notes: FeedNotes | None, formatter: MessageFormatter
) -> tuple[str, ...]:
    sender = "" if feed is None else feed.sender
    said = describe_action(incident.title_finding, sender, formatter, where=name_where(incident, formatter))
    if notes is None or notes.runbook is None:
        return (said,)
    return said, formatter.phrase("runbook", runbook=clean(notes.runbook))


def name_where(incident: Incident, formatter: MessageFormatter) -> str:
    """Return the parts that miss persons, `group family, asylum`; empty when there are no two of them."""
    parts = () if incident.missing is None else incident.missing.parts
    if len(parts) < 2:  # noqa: PLR2004 - one part is the segment of the finding
        return ""
    names = [segment_text(parts[0].segment, formatter)]
    names += [value_name(part.segment, formatter) for part in parts[1:MOST_NAMED]]
    if len(parts) > MOST_NAMED:
        names.append(formatter.label("incidents.more", count=Amount(float(len(parts) - MOST_NAMED))))
    return ", ".join(names)


def _owner_text(incident: Incident, formatter: MessageFormatter) -> str:
    if incident.owner is None:
        return formatter.label("incidents.nobody")
    return formatter.label("incidents.owned", owner=clean(incident.owner))


def _view_snooze(incident: Incident, formatter: MessageFormatter) -> SnoozeView | None:
    snooze = incident.snooze
    if snooze is None:
        return None
    day = formatter.short_day(last_quiet_day(snooze.until, formatter))
    return SnoozeView(clean(snooze.owner), clean(snooze.reason), snooze.until, day)


def _snooze_text(incident: Incident, formatter: MessageFormatter) -> str:
    view = _view_snooze(incident, formatter)
    if view is None:
        return ""
    return formatter.label("incidents.snoozed", day=view.until_text, owner=view.owner, why=view.reason)


def _view_cause(cause: Cause, incident: Incident, formatter: MessageFormatter) -> CauseView:
    finding = next(one for one in incident.findings if one.id == cause.finding)
    segment = segment_text(cause.segment, formatter)
    view = view_finding(finding, formatter, with_impact=False)
    said = {"segment": segment, "what": view.message, "day": view.ended_text}
    over = cause.ended and view.ended is not None
    return CauseView(
        code=cause.code,
        segment=cause.segment,
        segment_text=segment,
        name=value_name(cause.segment, formatter),
        since=cause.since,
        since_text=formatter.short_day(cause.since),
        text=formatter.label("incidents.cause_over", **said)
        if over
        else formatter.label("incidents.segment_says", segment=segment, what=view.message),
        ended=cause.ended,
    )


def _view_line(
    finding: Finding, viewed: Mapping[str, FindingView], formatter: MessageFormatter
) -> EvidenceLineView:
    view = viewed[finding.id]
    text = formatter.label(
        "incidents.evidence", evidence=view.evidence_text, segment=view.segment_text, what=view.what
    )
    return EvidenceLineView(
        finding.id, finding.evidence, view.evidence_text, view.segment_text, view.what, text, finding.active
    )


def view_contradiction(
    finding: Finding, formatter: MessageFormatter, fitting: Sequence[Finding]
) -> EvidenceLineView:
    """Return what a finding says that does not fit its incident, on one line.

    Where the same evidence also sees too few in that segment, the line says that these are two levels.
    """
    view = view_finding(finding, formatter, with_impact=False)
    since = view.period_text if view.missing is None else view.missing.since_text
    said = {"evidence": view.evidence_text, "segment": view.segment_text, "since": since}
    shortfall = next((one for one in fitting if _is_shortfall_beside(one, finding)), None)
    fewer = None if shortfall is None else view_missing(shortfall.missing, shortfall.evidence, formatter)
    if fewer is None:
        text = formatter.label("incidents.too_many_since", **said)
    else:
        text = formatter.label("incidents.too_many_beside", **said, fewer=fewer.since_text)
    return EvidenceLineView(
        finding.id, finding.evidence, view.evidence_text, view.segment_text, view.what, text, finding.active
    )


def _is_shortfall_beside(one: Finding, surplus: Finding) -> bool:
    """Tell whether a finding says that persons are missing where, by the same evidence, another says too many."""
    alike = one.evidence is surplus.evidence and one.fingerprint.segment == surplus.fingerprint.segment
    return alike and one.missing is not None and one.missing.value > 0.0


def _stopped(incident: Incident, missing: MissingPersonsView | None, formatter: MessageFormatter) -> str:
    if incident.stopped_on is None or missing is None:
        return ""
    day, count = formatter.short_day(incident.stopped_on), formatter.shown(missing.total.value)
    return formatter.label("incidents.stopped", day=day, count=count)


def _day_text(at: datetime | None, formatter: MessageFormatter) -> str:
    return "" if at is None else formatter.short_day(at.astimezone(formatter.zone).date())
