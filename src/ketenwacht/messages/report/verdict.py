"""The verdict in words: what is wrong, who is missing since when, on what evidence, what to do now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ketenwacht.domain.catchup import Impact
from ketenwacht.domain.findings.finding import Nature
from ketenwacht.domain.incidents import (
    Incident,
    IncidentNature,
    MissingPersons,
    assemble_findings,
    count_feed,
    count_missing,
)
from ketenwacht.domain.result import STRENGTH, Missing, Status
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.findings import ReportFinding, is_loss, number_findings
from ketenwacht.messages.formatter import MessageFormatter, sentence
from ketenwacht.messages.texts.labels import EVIDENCE_WORD, STATUS_MEANING, STATUS_WORD
from ketenwacht.messages.views import MissingView, clean, segment_text, view_missing
from ketenwacht.messages.views_cause import view_why
from ketenwacht.messages.views_deadline import impact_of
from ketenwacht.messages.views_finding import ImpactView, describe_action, view_finding, view_impact
from ketenwacht.messages.views_incident import name_where, view_contradiction
from ketenwacht.messages.views_missing import MOST_NAMED, MissingPersonsView, view_missing_persons

from .data import ReportData

MOST_CASES = 6
"""Live cases that are listed; the others are counted."""
MOST_PLACES = 5
"""More parts than this are listed beneath a sentence about the largest."""

_STATUS_OF: Mapping[Nature, Status] = MappingProxyType(
    {
        Nature.ERROR: Status.ERROR,
        Nature.FAILED: Status.FAILED,
        Nature.PRIVACY: Status.FAILED,
        Nature.WARNED: Status.WARNED,
    }
)
_QUIET: Mapping[Status, str] = MappingProxyType(
    {
        Status.PASSED: "passed",
        Status.SKIPPED: "skipped",
        Status.UNPROVEN: "unproven",
        Status.WARNED: "warned",
        Status.FAILED: "failed",
        Status.ERROR: "error",
    }
)
"""What the latest delivery says when no incident is open: ending of the keys of headline, detail and action."""


@dataclass(frozen=True, slots=True)
class OpenCaseView:
    """One thing that is wrong now, in the five answers that somebody needs.

    Attributes:
        name: the short number of the incident: `#7`; empty where no history gave it one.
        status: the worst of its findings.
        who: the segment in words.
        missing: the estimate by the best evidence, None when it is not about persons.
        missing_label: what that is: missing, or too many.
        since_text: since when.
        found_text: when the earliest of its findings was made.
        evidence_text: the evidence that is quoted.
        also_text: the other evidence, in words; empty without.
        numbers: of its findings, in order.
        parts: where in the segment it sits, on the same evidence: a line each.
        why: the probable causes in one line; empty: nobody looked.
        summary: what happened, when no estimate says it.
        action: what to do now.
        meant: where the missing are and which terms run for them, a line each; () where nothing counted it.
        places_title: how many parts miss persons that may be told; empty when the lines name them all.
        places: those parts, most first.
    """

    name: str
    status: Status
    status_text: str
    who: str
    missing: MissingView | None
    missing_label: str
    since_text: str
    found_text: str
    evidence_text: str
    also_text: str
    numbers: tuple[int, ...]
    parts: tuple[str, ...]
    why: str
    summary: str
    action: str
    meant: tuple[str, ...]
    places_title: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The verdict on a feed.

    Attributes:
        status: the worst of what lives now and of the latest run.
        status_text: the same in a word, `meaning` in a few.
        headline: one sentence.
        detail: the sentence that qualifies it.
        cases: what is wrong now, worst first.
        more: that there are further cases; empty when all are there.
        action: what to do when there is no case to act on; empty when there is nothing to do.
    """

    status: Status
    status_text: str
    meaning: str
    headline: str
    detail: str
    cases: tuple[OpenCaseView, ...] = ()
    more: str = ""
    action: str = ""


def view_verdict(data: ReportData, formatter: MessageFormatter) -> VerdictView:
    """Return the current verdict on the feed."""
    found = number_findings(data.incidents, data.onsets, data.zone)
    every = data.numbered if data.numbered is not None else assemble_findings(data.incidents)
    incidents = sorted((one for one in every if one.active), key=lambda one: one.urgency)
    if not incidents:
        return _quiet(data, found, formatter)
    numbered = {finding.incident.id: finding for finding in found}
    cases = [_case(incident, numbered, data, formatter) for incident in incidents]
    status = max(case.status for case in cases)
    missing = count_feed(incidents)
    more = len(cases) - MOST_CASES
    return VerdictView(
        status,
        STATUS_WORD[status][formatter.language],
        STATUS_MEANING[status][formatter.language],
        _headline(status, missing, len(cases), data, formatter),
        _detail(missing, len(cases), data, formatter),
        tuple(cases[:MOST_CASES]),
        more=formatter.label("report.more_cases", count=Amount(float(more))) if more > 0 else "",
    )


def persons_text(missing: Missing, formatter: MessageFormatter) -> str:
    """Return a number of persons for use in a sentence: `about 190 persons`, `fewer than 10 persons`."""
    shown = formatter.privacy.count(abs(missing.value))
    if shown.hidden:
        return formatter.label("report.fewer_persons", limit=Amount(shown.limit))
    return formatter.label("report.about_persons", count=Amount(shown.value or 0.0))


def _shown_amount(missing: Missing, formatter: MessageFormatter) -> Amount:
    """Return the number that a sentence shows, so that its verb agrees; 0 when it is hidden."""
    return Amount(formatter.privacy.count(abs(missing.value)).value or 0.0)


def _headline(
    status: Status, missing: MissingPersons | None, cases: int, data: ReportData, formatter: MessageFormatter
) -> str:
    if missing is not None:
        number = missing.to_estimate()
        since = formatter.since(number, missing.evidence)
        persons, count = persons_text(number, formatter), _shown_amount(number, formatter)
        return _begun(formatter.label("report.headline_missing", persons=persons, count=count, since=since))
    if status is Status.WARNED:
        return formatter.label("report.headline_warned", count=Amount(float(cases)))
    key = "report.headline_error" if status is Status.ERROR else "report.headline_failed"
    return formatter.label(key, sender=clean(formatter.party(data.sender)))


def _detail(missing: MissingPersons | None, cases: int, data: ReportData, formatter: MessageFormatter) -> str:
    if missing is None:
        return formatter.label("report.detail_open", count=Amount(float(cases)))
    kinds = {missing.evidence, *missing.rests_on, *(part.evidence for part in missing.parts)}
    rests = formatter.label("report.and").join(
        EVIDENCE_WORD[e][formatter.language] for e in STRENGTH if e in kinds
    )
    sender, receiver = (clean(formatter.party(name)) for name in (data.sender, data.receiver))
    return _begun(formatter.label("report.detail_missing", evidence=rests, sender=sender, receiver=receiver))


def _begun(sentence: str) -> str:
    """Return a sentence with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


def _quiet(data: ReportData, found: Sequence[ReportFinding], formatter: MessageFormatter) -> VerdictView:
    latest = data.latest
    status = Status.ERROR if latest is None else latest.status
    key = "nothing" if latest is None else _QUIET[status]
    detail = f"{formatter.label(f'report.detail_{key}')}{'' if latest is None else _past(found, formatter)}"
    return VerdictView(
        status,
        STATUS_WORD[status][formatter.language],
        STATUS_MEANING[status][formatter.language],
        formatter.label(f"report.quiet_{key}"),
        detail,
        action=quiet_action(key, data, formatter),
    )


def quiet_action(key: str, data: ReportData, formatter: MessageFormatter) -> str:
    """Return what to do when the latest delivery has result `key` and no incident is open; empty: nothing."""
    if key in {"passed", "nothing"}:
        return ""
    asks = key == "unproven"
    return (
        formatter.label("action.ask_for_evidence", sender=clean(formatter.party(data.sender)))
        if asks
        else formatter.label("action.look")
    )


def _past(found: Sequence[ReportFinding], formatter: MessageFormatter) -> str:
    """Return a sentence about closed incidents of this period; empty when there are none."""
    if not found:
        return ""
    number = count_missing(finding.incident for finding in found)
    if number is None:
        return f" {formatter.label('report.past_closed', count=Amount(float(len(found))))}"
    first = min((f for f in found if is_loss(f)), key=lambda f: f.number)
    said = formatter.label(
        "report.past_missing",
        persons=persons_text(number.to_estimate(), formatter),
        count=_shown_amount(number.to_estimate(), formatter),
        found=formatter.day(first.found),
        evidence=EVIDENCE_WORD[first.evidence][formatter.language],
    )
    return f" {said}"


def _shown_number(incident: Incident) -> Missing | None:
    """Return the number of a case: of missing persons its one number; of a surplus what its best finding says.

    A warning says that fewer came than usual, and proves nobody missing: it has none.
    """
    if incident.missing is not None:
        return incident.missing.to_estimate()
    if incident.nature in {IncidentNature.SURPLUS, IncidentNature.PRIVACY}:
        return incident.title_finding.missing
    return None


def _case(
    incident: Incident,
    numbered: Mapping[str, ReportFinding],
    data: ReportData,
    formatter: MessageFormatter,
) -> OpenCaseView:
    live = [one for one in incident.fitting if one.active] or [one for one in incident.findings if one.active]
    speaker, group = live[0], [numbered[one.id] for one in live if one.id in numbered]
    status = max(_STATUS_OF[one.nature] for one in live)
    said, persons = view_finding(speaker, formatter), view_missing_persons(incident.missing, formatter)
    missing = view_missing(_shown_number(incident), speaker.evidence, formatter)
    kinds = list(dict.fromkeys(EVIDENCE_WORD[one.evidence][formatter.language] for one in live))
    impact = impact_of(incident) or next((one.impact for one in live if one.impact is not None), None)
    meant = view_impact(impact, formatter)
    places_title, places = _places(impact, meant, formatter)
    too_many = missing is not None and missing.too_many
    return OpenCaseView(
        name=incident.name if data.numbered is not None else "",
        status=status,
        status_text=STATUS_WORD[status][formatter.language],
        who=segment_text(incident.segment, formatter) if persons is not None else said.segment_text,
        missing=missing,
        missing_label=formatter.label("report.too_many" if too_many else "report.missing"),
        since_text=missing.since_text if missing is not None else said.period_text,
        found_text=formatter.label("report.found_on", day=formatter.short_day(min(f.found for f in group))),
        evidence_text=kinds[0],
        also_text=formatter.label("report.also", evidence=", ".join(kinds[1:])) if len(kinds) > 1 else "",
        numbers=tuple(sorted(f.number for f in group)),
        parts=_case_lines(incident, persons, formatter),
        why=sentence(view_why(incident.search, formatter)),
        summary=said.message,
        action=describe_action(speaker, data.sender, formatter, where=name_where(incident, formatter)),
        meant=() if meant is None else meant.lines,
        places_title=places_title,
        places=places,
    )


def _case_lines(
    incident: Incident, persons: MissingPersonsView | None, formatter: MessageFormatter
) -> tuple[str, ...]:
    """Return the parts of a number, what other evidence says, and what does not fit; a line each."""
    parts = () if incident.missing is None else incident.missing.parts
    told = len(parts) > 1 or any(part.segment != incident.segment for part in parts)
    said = [
        formatter.label(
            "report.of_which", segment=segment_text(part.segment, formatter), amount=formatter.about(part.value)
        )
        for part in parts[:MOST_NAMED]
        if told
    ]
    said += persons.named[len(said) :] if persons is not None and told else ()
    also = () if persons is None else persons.also
    apart = [
        view_contradiction(one, formatter, incident.fitting).text
        for one in incident.not_fitting
        if one.active and one.nature is not Nature.WARNED
    ]
    return (*said, *also, *apart)


def _places(
    impact: Impact | None, meant: ImpactView | None, formatter: MessageFormatter
) -> tuple[str, tuple[str, ...]]:
    told = () if meant is None else meant.shown_parts
    if impact is None or len(told) <= MOST_PLACES:
        return "", ()
    title = formatter.label(
        "report.places", count=Amount(float(len(told))), limit=Amount(float(formatter.privacy.limit))
    )
    return title, tuple(f"{part.segment_text} {part.count_text}" for part in told)
