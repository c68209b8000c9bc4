"""View model of the report of a feed: words, and numbers that may be shown. A renderer lays it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ketenwacht.domain.findings.finding import Severity
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import STRENGTH, Status
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.findings import ReportFinding, describe_delay, number_findings
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.found_first import measure_found_first
from ketenwacht.messages.texts.labels import EVIDENCE_WORD
from ketenwacht.messages.views import ResultView, RunView, clean, segment_text, span_text, view_run
from ketenwacht.messages.views_finding import FindingView, view_finding

from .backtest import DetectionLimitRow, WatchedView, view_unseen
from .baselines import BaselineView, view_baseline
from .data import ReportData, Series
from .evidence import (
    ChainView,
    EvidenceRow,
    FoundFirstPanel,
    title_evidence,
    view_chains,
    view_evidence,
    view_found_first_panel,
)
from .series import LedgerView, SeriesView, exclusion_text, view_ledger, view_series
from .verdict import VerdictView, quiet_action, view_verdict

MOST_ROWS = 200
"""Results of the latest run that are listed; the others are counted."""
MOST_FINDINGS = 150
"""Findings with a row: open ones first, then those about most persons; the others are counted."""
MOST_DRAWN = 40
"""More findings than this are drawn only when they are about missing persons or are severe; the table has all."""
MOST_UNPROVEN = 4
"""Unproven segments that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with a row of its own in the report.

    Attributes:
        finding: the incident with its number and days.
        incident: the same for showing.
        began_text: when it began; empty when it is not about missing persons.
        delay_text: how long after that it was found: `15 days`, `about 38 days` from an estimated beginning.
        now_text: its state, and `now_detail` since when or with whom.
        note: in one line beside a drawing.
    """

    finding: ReportFinding
    incident: FindingView
    found_text: str
    began_text: str
    delay_text: str
    now_text: str
    now_detail: str
    note: str


@dataclass(frozen=True, slots=True)
class ChartView:
    """One series, and the findings that are drawn on it."""

    series: SeriesView
    found: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class UnprovenRow:
    """What is unproven, and why; one row a reason."""

    check: str
    segments: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExclusionRow:
    """An exclusion window, and who declared it."""

    stretch: str
    kind: str
    who: str
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class LatestView:
    """The latest delivery.

    Attributes:
        run: as it was judged.
        title: which it is.
        summary: how many results passed, are unproven, and are to be looked at.
        results: those to be looked at, worst first; at most `MOST_ROWS`.
        more: that there are further ones; empty when all are there.
        caption: of their table.
    """

    run: RunView
    title: str
    summary: str
    results: tuple[ResultView, ...]
    more: str
    caption: str


@dataclass(frozen=True, slots=True)
class LaneView:
    """The findings of one kind of evidence that are drawn on the timeline."""

    title: str
    found: tuple[ReportFinding, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the report says.

    Attributes:
        title: of the feed.
        page_title: of the file.
        first: first day that the report is about; `last` is the last one, at least a day later.
        stretch: the same in words.
        generated: when it was made.
        counts: of the summary strip: what, and how many.
        found: every finding with a row of its own; `found_more` says how many have none.
        found_caption: of their table.
        lanes: the timeline, strongest evidence on top; `timeline_text` says it in words.
        footer: what the words and the numbers of a report mean.
    """

    title: str
    page_title: str
    first: date
    last: date
    stretch: str
    generated: str
    verdict: VerdictView
    counts: tuple[tuple[str, str], ...]
    found: tuple[FindingRow, ...]
    found_more: str
    found_caption: str
    lanes: tuple[LaneView, ...]
    timeline_text: str
    chains: tuple[ChainView, ...]
    first_found: FoundFirstPanel
    charts: tuple[ChartView, ...]
    ledger: LedgerView
    latest: LatestView | None
    unproven: tuple[UnprovenRow, ...]
    unproven_action: str
    evidence: tuple[EvidenceRow, ...]
    exclusions: tuple[ExclusionRow, ...]
    limits: tuple[DetectionLimitRow, ...]
    watched: tuple[WatchedView, ...]
    baselines: tuple[BaselineView, ...]
    footer: tuple[str, ...]


def view_report(data: ReportData, formatter: MessageFormatter) -> ReportView:
    """Work out everything that a report says.

    Args:
        data: what it is made from.
        formatter: language, privacy and time zone of its texts.
    """
    every = number_findings(data.incidents, data.onsets, data.zone)
    told = _select_rows(every)
    rows = {f.incident.id: _finding(f, formatter) for f in told}
    first, last = _stretch(data, every)
    said = view_verdict(data, formatter)
    title, stretch = clean(formatter.text(data.title) or data.feed), span_text(first, last, formatter)
    title = formatter.label("report.before_release", title=title) if data.before_release else title
    found_first = view_found_first_panel(measure_found_first(data), formatter)
    ledger = view_ledger(data.runs, formatter)
    limits, watched = view_unseen(data, formatter)
    more = len(every) - len(told)
    unproven = _view_unproven(data, formatter)
    return ReportView(
        title=title,
        page_title=f"{said.status_text.capitalize()}: {title}, {stretch}",
        first=first,
        last=last,
        stretch=stretch,
        generated=formatter.label("report.made", moment=_moment(data.generated_at, data, formatter)),
        verdict=said,
        counts=_counts(every, ledger, found_first, formatter),
        found=tuple(rows.values()),
        found_more=formatter.label("report.found_more", count=Amount(float(more))) if more else "",
        found_caption=formatter.label("report.found_known" if data.onsets else "report.found_estimated"),
        lanes=_lanes(every, formatter),
        timeline_text=_timeline_text(every, formatter),
        chains=view_chains(data.runs, data.hops, formatter),
        first_found=found_first,
        charts=tuple(_chart(data, series, told, rows, formatter) for series in data.series if series.days),
        ledger=ledger,
        latest=_latest(data, formatter),
        unproven=unproven,
        unproven_action=quiet_action("unproven", data, formatter) if unproven else "",
        evidence=view_evidence(data, formatter),
        exclusions=tuple(_view_exclusion(window, formatter) for window in data.exclusions),
        limits=limits,
        watched=watched,
        baselines=tuple(view_baseline(one, formatter) for one in data.baselines),
        footer=_footer(formatter),
    )


def _stretch(data: ReportData, found: Sequence[ReportFinding]) -> tuple[date, date]:
    """Return the first and last day of the report."""
    days = [run.delivery.period for run in data.runs] + [d for s in data.series for d in s.days]
    days += [f.found for f in found] + [f.ended for f in found if f.ended is not None]
    today = data.generated_at.astimezone(data.zone).date()
    first, last = min(days, default=today), max(days, default=today)
    return first, max(last, first + timedelta(1))


def _moment(at: datetime, data: ReportData, formatter: MessageFormatter) -> str:
    local = at.astimezone(data.zone)
    return f"{formatter.short_day(local.date())}, {local:%H:%M} {local.tzname()}"


def _counts(
    found: Sequence[ReportFinding], ledger: LedgerView, first: FoundFirstPanel, formatter: MessageFormatter
) -> tuple[tuple[str, str], ...]:
    """Return the summary strip: what, and how many."""
    live = sum(f.live for f in found)
    still = (
        formatter.label("report.strip_findings", live=Amount(float(live)))
        if live
        else formatter.label("report.strip_none")
    )
    strip = [(formatter.label("report.strip_deliveries"), formatter.number(float(len(ledger.entries))))]
    odd = {entry.mark for entry in ledger.odd}
    strip += [(text, count) for mark, text, count in ledger.tally if mark in odd]
    strip.append((still, formatter.number(float(len(found)))))
    if first.share_text:
        strip.append((formatter.label("report.strip_first"), first.share_text))
    return tuple(strip)


def _select_rows(found: Sequence[ReportFinding]) -> tuple[ReportFinding, ...]:
    """Return the findings with a row of their own, in the order in which they were found."""
    weight = sorted(found, key=lambda f: (not f.live, -_persons(f), -f.incident.severity, f.number))
    return tuple(sorted(weight[:MOST_FINDINGS], key=lambda f: f.number))


def _persons(finding: ReportFinding) -> float:
    return 0.0 if finding.incident.missing is None else abs(finding.incident.missing.value)


def _finding(finding: ReportFinding, formatter: MessageFormatter) -> FindingRow:
    incident = view_finding(finding.incident, formatter)
    began = "" if finding.began is None else formatter.short_day(finding.began)
    found = formatter.short_day(finding.found)
    note = f"{found}, {incident.evidence_text}"
    if incident.missing is not None:
        since = began if finding.began_known else incident.missing.since_text
        note = formatter.label(
            "report.finding_note", found=found, evidence=incident.evidence_text,
            amount=incident.missing.amount_text, since=since,
        )  # fmt: skip
    detail = clean(finding.incident.owner or "")
    return FindingRow(
        finding,
        incident,
        found,
        began,
        describe_delay(finding, formatter),
        incident.state_text,
        formatter.short_day(finding.ended) if finding.ended is not None else detail,
        note,
    )


def _lanes(found: Sequence[ReportFinding], formatter: MessageFormatter) -> tuple[LaneView, ...]:
    shown = select_drawn(found)
    lanes = ((evidence, tuple(f for f in shown if f.evidence is evidence)) for evidence in STRENGTH)
    return tuple(LaneView(title_evidence(evidence, formatter), mine) for evidence, mine in lanes if mine)


def select_drawn(found: Sequence[ReportFinding]) -> tuple[ReportFinding, ...]:
    """Return the findings that are drawn."""
    if len(found) <= MOST_DRAWN:
        return tuple(found)
    return tuple(f for f in found if f.incident.missing is not None or f.incident.severity >= Severity.HIGH)


def _timeline_text(found: Sequence[ReportFinding], formatter: MessageFormatter) -> str:
    if not found:
        return ""
    kinds = ", ".join(
        EVIDENCE_WORD[e][formatter.language] for e in STRENGTH if any(f.evidence is e for f in found)
    )
    return formatter.label("report.timeline_text", count=Amount(float(len(found))), evidence=kinds)


def _chart(
    data: ReportData,
    series: Series,
    told: Sequence[ReportFinding],
    rows: dict[str, FindingRow],
    formatter: MessageFormatter,
) -> ChartView:
    mine = (f for f in told if f.segment == series.segment and (f.incident.missing or series.segment == WHOLE))
    found = tuple(rows[f.incident.id] for f in select_drawn(tuple(mine)))
    return ChartView(view_series(series, formatter, data.exclusions), found)


def _latest(data: ReportData, formatter: MessageFormatter) -> LatestView | None:
    if data.latest is None:
        return None
    run = view_run(data.latest, formatter)
    results = [r for r in run.results if r.status not in {Status.PASSED, Status.UNPROVEN}]
    ranked = sorted(results, key=lambda r: (-r.status, STRENGTH.index(r.evidence), r.check, r.segment))
    more = len(ranked) - MOST_ROWS
    tally = {status: float(sum(r.status is status for r in run.results)) for status in Status}
    parts = [formatter.label("report.results_passed", count=Amount(tally[Status.PASSED]))]
    if tally[Status.UNPROVEN]:
        parts.append(formatter.label("report.results_unproven", count=Amount(tally[Status.UNPROVEN])))
    if ranked:
        parts.append(formatter.label("report.results_look", count=Amount(float(len(ranked)))))
    return LatestView(
        run=run,
        title=formatter.label("report.latest_title", delivery=run.delivery_text, day=run.period_text),
        summary=f"{', '.join(parts)}.",
        results=tuple(ranked[:MOST_ROWS]),
        more=formatter.label("report.results_more", count=Amount(float(more))) if more > 0 else "",
        caption=_rounding("report.results_caption", formatter),
    )


def _view_unproven(data: ReportData, formatter: MessageFormatter) -> tuple[UnprovenRow, ...]:
    if data.latest is None:
        return ()
    groups: dict[tuple[str, str], list[str]] = {}
    for result in view_run(data.latest, formatter).results:
        if result.status is Status.UNPROVEN:
            groups.setdefault((result.check, result.message), []).append(result.segment_text)
    return tuple(UnprovenRow(check, _some(who, formatter), reason) for (check, reason), who in groups.items())


def _some(segments: Sequence[str], formatter: MessageFormatter) -> str:
    if len(segments) <= MOST_UNPROVEN:
        return "; ".join(segments)
    named = segments[: MOST_UNPROVEN - 1]
    more = Amount(float(len(segments) - len(named)))
    return formatter.label("report.other_segments", segments="; ".join(named), count=more)


def _view_exclusion(window: ExclusionWindow, formatter: MessageFormatter) -> ExclusionRow:
    return ExclusionRow(
        span_text(window.first, window.last, formatter),
        exclusion_text(window, formatter),
        segment_text(window.segment, formatter),
        clean(window.reason),
        clean(window.declared_by),
    )


def _footer(formatter: MessageFormatter) -> tuple[str, ...]:
    return formatter.label("report.foot_words"), _rounding("report.foot_numbers", formatter)


def _rounding(key: str, formatter: MessageFormatter) -> str:
    """Return the text about rounding; the exact variant when counts are not hidden."""
    if formatter.privacy.limit <= 1:
        return formatter.label(f"{key}_exact")
    return formatter.label(
        key, limit=Amount(float(formatter.privacy.limit)), step=Amount(float(formatter.privacy.step))
    )
