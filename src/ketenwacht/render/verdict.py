"""The verdict in words: what is wrong, who is missing since when, on what evidence, what to do now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from ketenwacht.domain.incident import Nature
from ketenwacht.domain.privacy import SMALL_COUNT
from ketenwacht.domain.result import STRENGTH, Evidence, Missing, Run
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.status import Status
from ketenwacht.messages.findings import Finding, findings, is_loss, overlap, strongest, total_missing

from .data import ReportData
from .impact import impact_lines
from .words import EVIDENCE, clean, day, missing_amount, plural, say, segment_words, since

MOST_CASES = 6
"""More live cases than this are told by their number only."""

_STATUS_OF: Mapping[Nature, Status] = MappingProxyType(
    {
        Nature.ERROR: Status.ERROR,
        Nature.FAILED: Status.FAILED,
        Nature.PRIVACY: Status.FAILED,
        Nature.WARNED: Status.WARNED,
    }
)

_BY_NATURE: Mapping[Nature, str] = MappingProxyType(
    {
        Nature.ERROR: "Find out why it could not be judged, mend that, and judge the delivery again.",
        Nature.PRIVACY: "Set the records apart, do not process them, and tell the privacy officer today: it may "
        "be a data breach, and the term for reporting one is 72 hours.",
    }
)
_TOO_MANY = (
    "Set the extra records apart and ask {sender} why {segment} was delivered; nobody may be notified by mistake."
)
_MORE_THAN_EXPECTED = (
    "Ask {sender} what changed around {since}. If it is meant (a policy, a catch-up, growth), declare it; if not, "
    "have its register compared."
)
_WEAK = frozenset(
    {Evidence.HISTORY, Evidence.REFERENCE}
)  # it says more than expected, not who should not be there
_BY_EVIDENCE: Mapping[Evidence, str] = MappingProxyType(
    {
        Evidence.RECONCILIATION: "Give {sender} the list of missing keys of {segment}, and have them sent as a "
        "declared catch-up.",
        Evidence.CONTROL_TOTAL: "Ask {sender} why it sent fewer of {segment} than it selected, and ask for a "
        "redelivery.",
        Evidence.REFERENCE: "Ask {sender} how many of {segment} it decided and selected since {since}; then "
        "reconcile with its register to learn who is missing.",
        Evidence.HISTORY: "Ask {sender} whether it changed its selection of {segment} around {since}; then "
        "reconcile with its register to learn who is missing.",
        Evidence.INQUIRY: "Persons had to ask. Have {sender} investigate its selection of {segment} since "
        "{since}, and reconcile with its register.",
        Evidence.CONTRACT: "Return the broken rules below to {sender} and ask for a redelivery.",
        Evidence.SCHEDULE: "Ask {sender} for the delivery; a day with nobody in it must come as an empty one.",
    }
)
ASK_FOR_EVIDENCE = "Ask {sender} for control totals (selected, sent, left out by reason) or a register snapshot."


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that is wrong now, in the five answers that somebody needs.

    Attributes:
        status: the worst of its findings.
        who: the segment in words.
        missing: the estimate by the best evidence, None when it is not about persons.
        rests_on: the evidence in words, strongest first.
        findings: everything that speaks of it, the one that is quoted first.
        found: the day on which the earliest of them was made.
        parts: those of `findings` that say, on the same evidence, where in the segment it sits.
        summary: what happened, when no estimate says it.
        action: what to do now.
        meant: where the missing are and which terms run for them, in words; () where nothing counted it.
        places: the parts in which ten or more of them are, with how many; most first.
    """

    status: Status
    who: str
    missing: Missing | None
    rests_on: tuple[str, ...]
    findings: tuple[Finding, ...]
    found: date
    parts: tuple[Finding, ...]
    summary: str
    action: str
    meant: tuple[str, ...] = ()
    places: tuple[tuple[Segment, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a feed.

    Attributes:
        status: the worst of what lives now and of the latest run.
        headline: one sentence.
        detail: the sentence that qualifies it.
        cases: what is wrong now, worst first.
        more: how many further cases there are.
        action: what to do when there is no case to act on; empty when there is nothing to do.
    """

    status: Status
    headline: str
    detail: str
    cases: tuple[Case, ...]
    more: int = 0
    action: str = ""


def verdict(data: ReportData) -> Verdict:
    """Say where the feed stands now."""
    found = findings(data.incidents, data.onsets, data.zone)
    live = [f for f in found if f.live and f.incident.parent is None]
    latest = data.latest
    if not live:
        return _quiet(data, found, latest)
    cases = _cases(live, data.sender)
    missing = total_missing(live)
    status = max(case.status for case in cases)
    headline = _headline(status, missing, cases, live, data)
    detail = _detail(missing, live, data)
    return Verdict(status, headline, detail, tuple(cases[:MOST_CASES]), more=max(0, len(cases) - MOST_CASES))


def _headline(
    status: Status, missing: Missing | None, cases: Sequence[Case], live: Sequence[Finding], data: ReportData
) -> str:
    if missing is not None:
        who = missing_amount(missing).capitalize()
        return f"{who} persons are missing since {total_since(live)}."
    if status is Status.ERROR:
        return f"What {data.sender} delivered could not be judged."
    if status is Status.WARNED:
        return f"{plural(len(cases), 'thing')} to look at; nobody is known to be missing."
    return f"What {data.sender} delivered is wrong."


def total_since(found: Sequence[Finding]) -> str:
    """When the first of these losses began, as its own evidence knows it; not to be asked of none."""
    losses = [(f.incident.missing, f.evidence) for f in strongest(found) if f.incident.missing is not None]
    return since(*min(losses, key=lambda loss: loss[0].since))


def _detail(missing: Missing | None, live: Sequence[Finding], data: ReportData) -> str:
    if missing is None:
        return f"{plural(len(live), 'incident')} open."
    parts = strongest(live)
    best = [e for e in STRENGTH if any(f.evidence is e for f in parts)]
    rests = " and ".join(EVIDENCE[e] for e in best)
    return (
        f"{data.sender} should have sent them to {data.receiver} and did not. "
        f"The number rests on {rests}; it counts nobody twice."
    )


def _quiet(data: ReportData, found: Sequence[Finding], latest: Run | None) -> Verdict:
    if latest is None:
        return Verdict(Status.ERROR, "Nothing was judged.", "There is no delivery in this stretch.", ())
    headline, detail, action = _QUIET[latest.status]
    return Verdict(
        latest.status, headline, f"{detail}{_past(found)}", (), action=action.format(sender=data.sender)
    )


def _past(found: Sequence[Finding]) -> str:
    """What was found in this stretch and is over, as a sentence to add; empty when there was nothing."""
    if not found:
        return ""
    missing = total_missing(found)
    if missing is None:
        return f" {plural(len(found), 'incident')} of this stretch closed."
    first = min((f for f in found if is_loss(f)), key=lambda f: f.number)
    return (
        f" In this stretch {missing_amount(missing)} persons were missing, first found on {day(first.found)} by "
        f"{EVIDENCE[first.evidence]}; every incident about them is closed."
    )


_AGAIN = "Look at the results of the latest delivery below."
_QUIET: Mapping[Status, tuple[str, str, str]] = MappingProxyType(
    {
        Status.PASSED: ("Everybody who should be in it is in it.", "The latest delivery passed every check.", ""),
        Status.SKIPPED: ("The latest delivery was not judged.", "Every check was skipped.", _AGAIN),
        Status.UNPROVEN: (
            "Nothing looks wrong, but nothing proves it complete.",
            "Silence is not evidence: no independent source covers what is listed as unproven below.",
            ASK_FOR_EVIDENCE,
        ),
        Status.WARNED: (
            "Nobody is known to be missing; something is worth a look.",
            "No incident is open.",
            _AGAIN,
        ),
        Status.FAILED: ("The latest delivery is wrong.", "No incident is open for it yet.", _AGAIN),
        Status.ERROR: ("The latest delivery could not be judged.", "No incident is open for it yet.", _AGAIN),
    }
)


def _cases(live: Sequence[Finding], sender: str) -> list[Case]:
    """One case a loss, however many findings speak of the same persons; one each for everything else."""
    groups = [[loss] for loss in strongest(live)]
    for finding in live:
        if any(finding is group[0] for group in groups):
            continue
        # What overlaps a loss by better evidence is that loss seen again, whole or in part.
        same = next((g for g in groups if is_loss(finding) and overlap(finding.segment, g[0].segment)), None)
        if same is None:
            groups.append([finding])
        else:
            same.append(finding)
    return sorted((_case(group, sender) for group in groups), key=_urgency)


def _urgency(case: Case) -> tuple[float, ...]:
    worst = max(f.incident.severity for f in case.findings)
    missing = 0.0 if case.missing is None else abs(case.missing.value)
    return (-worst, -missing, -case.status, case.findings[0].number)


def _case(group: Sequence[Finding], sender: str) -> Case:
    speaker = group[0]
    impact = next((f.incident.impact for f in group if f.incident.impact is not None), None)
    ranked = sorted(group, key=lambda f: (f is not speaker, STRENGTH.index(f.evidence), f.number))
    return Case(
        status=max(_STATUS_OF[f.incident.nature] for f in group),
        who=segment_words(speaker.segment),
        missing=speaker.incident.missing,
        rests_on=tuple(dict.fromkeys(EVIDENCE[f.evidence] for f in ranked)),
        findings=tuple(ranked),
        found=min(f.found for f in group),
        parts=tuple(f for f in ranked[1:] if _is_part(f, speaker)),
        summary=clean(say(speaker.incident.said)),
        action=action(speaker, sender),
        meant=tuple(impact_lines(impact)),
        places=() if impact is None else impact.most(len(impact.parts), small=SMALL_COUNT),
    )


def _is_part(finding: Finding, whole: Finding) -> bool:
    inside = whole.segment.contains(finding.segment) and whole.segment != finding.segment
    return inside and finding.evidence is whole.evidence


def action(finding: Finding, sender: str) -> str:
    """What to do about a finding, in one or two sentences."""
    incident, missing = finding.incident, finding.incident.missing
    words = _BY_NATURE.get(incident.nature)
    if words is None:
        surplus = missing is not None and missing.value < 0
        too_many = _MORE_THAN_EXPECTED if incident.evidence in _WEAK else _TOO_MANY
        words = too_many if surplus else _BY_EVIDENCE[incident.evidence]
    began = since(missing, incident.evidence) if missing is not None else day(incident.period)
    return words.format(sender=clean(sender), segment=segment_words(finding.segment), since=began)
