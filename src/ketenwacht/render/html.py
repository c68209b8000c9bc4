"""The report: one self-contained HTML file, without script and without a single outside request."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ketenwacht.domain.privacy import shown_missing
from ketenwacht.domain.result import STRENGTH, CheckResult
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.status import Status
from ketenwacht.messages.findings import Finding, delay_text, findings
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.yardstick import FoundFirst, view_found_first, yardstick_of

from . import charts, lanes, words
from . import ledger as books
from .blindness import losses_text
from .chain import Chain, chains
from .data import ReportData, Series, Shown
from .evidence import EvidenceRow, evidence_rows
from .points import describe, is_weekly, points, rows
from .threshold_chart import describe_threshold, threshold_chart
from .verdict import ASK_FOR_EVIDENCE, Verdict, verdict
from .words import say

WIDE, NARROW = 760, 340
"""Widths in which every drawing is made: the page shows one or the other, so that letters keep their size."""
MOST_ROWS = 200
"""More results than this of the latest run are told by their number only."""
MOST_FINDINGS = 150
"""More findings than this: the open ones, then those about most persons, are told, the rest by their number."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing in both widths, with its words."""

    name: str
    wide: object
    narrow: object
    description: str


@dataclass(frozen=True, slots=True)
class SeriesView:
    """One chart and its table."""

    series: Series
    title: str
    drawing: Drawing
    found: tuple[Finding, ...]
    rows: list[tuple[str, str, str, str]]
    weekly: bool


@dataclass(frozen=True, slots=True)
class BaselineView:
    """One version of a baseline with its chart and the days that it learnt from."""

    shown: Shown
    drawing: Drawing
    window: str


@dataclass(frozen=True, slots=True)
class Unproven:
    """What is unproven, and why; one row a reason."""

    check: str
    reason: str
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the template writes down."""

    data: ReportData
    title: str
    generated: str
    stretch: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    told: tuple[Finding, ...]
    timeline: Drawing | None
    first: FoundFirst
    first_sentence: str
    charts: tuple[SeriesView, ...]
    entries: tuple[books.Entry, ...]
    tally: dict[books.Mark, int]
    calendar: Drawing | None
    results: tuple[CheckResult, ...]
    more_results: int
    passed: int
    unproven: tuple[Unproven, ...]
    unproven_action: str
    evidence: tuple[EvidenceRow, ...]
    baselines: tuple[BaselineView, ...]
    chains: tuple[Chain, ...]


def render_report(data: ReportData) -> str:
    """Render the whole report. The same data gives the same bytes; every text in it is escaped."""
    style = stylesheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment().get_template("report.html.j2")
    # The style sheet is ours; its hash in the policy lets no other style and no script at all through.
    return template.render(page=page(data), style=Markup(style), style_hash=digest, words=words) + "\n"  # noqa: S704


def stylesheet() -> str:
    """The style sheet of the report, for pages that serve it from their own origin."""
    return files("ketenwacht.render").joinpath("templates/report.css").read_text(encoding="utf-8")


def page(data: ReportData) -> Page:
    """Work out everything the template shows."""
    found = findings(data.incidents, data.onsets, data.zone)
    told = _told(found)
    entries = books.ledger(data.runs)
    first, last = _stretch(data, found)
    ranked = _ranked(data)
    unproven = tuple(_unproven(data))
    return Page(
        data=data,
        title=words.clean(data.title or data.feed),
        generated=_moment(data),
        stretch=words.span(first, last),
        verdict=verdict(data),
        findings=found,
        told=told,
        timeline=_timeline(found, (first, last)) if found else None,
        first=yardstick_of(data),
        first_sentence=view_found_first(yardstick_of(data), MessageFormatter()).sentence,
        charts=tuple(_series(data, s, i, told, (first, last)) for i, s in enumerate(data.series, 1) if s.days),
        entries=entries,
        tally=books.tally(entries),
        calendar=_calendar(entries) if entries else None,
        results=tuple(ranked[:MOST_ROWS]),
        more_results=max(0, len(ranked) - MOST_ROWS),
        passed=0 if data.latest is None else sum(r.status is Status.PASSED for r in data.latest.results),
        unproven=unproven,
        unproven_action=ASK_FOR_EVIDENCE.format(sender=data.sender) if unproven else "",
        evidence=evidence_rows(data),
        baselines=tuple(_baseline(one, i) for i, one in enumerate(data.baselines, 1)),
        chains=chains(data.runs, data.hops),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ketenwacht.render"),
        autoescape=True,  # everything, whatever the template is called
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clean=words.clean,
        say=words.say,
        day=words.day,
        segment=words.segment_words,
        plural=words.plural,
        amount=words.missing_amount,
        range=words.missing_range,
        since=words.since,
        tens=shown_missing,
        delay=lambda finding: delay_text(finding, MessageFormatter()),
        losses=losses_text,
    )
    return environment


def _stretch(data: ReportData, found: tuple[Finding, ...]) -> tuple[date, date]:
    """First and last day that the report speaks of."""
    days = [run.delivery.period for run in data.runs] + [d for s in data.series for d in s.days]
    days += [f.found for f in found] + [f.ended for f in found if f.ended is not None]
    today = data.generated_at.astimezone(data.zone).date()
    first, last = min(days, default=today), max(days, default=today)
    return first, max(last, first + timedelta(1))


def _moment(data: ReportData) -> str:
    local = data.generated_at.astimezone(data.zone)
    return f"{words.day(local.date())}, {local:%H:%M} {local.tzname() or UTC}"


def _timeline(found: tuple[Finding, ...], stretch: tuple[date, date]) -> Drawing:
    wide, narrow = (lanes.lanes(found, width=w, stretch=stretch) for w in (WIDE, NARROW))
    kinds = [words.EVIDENCE[e] for e in STRENGTH if any(f.evidence is e for f in found)]
    text = f"{words.plural(len(found), 'finding')} by {', '.join(kinds)}; the table below has them all."
    return Drawing("timeline", wide, narrow, text)


def _told(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings with a row of their own, in the order in which they were made."""
    weight = sorted(found, key=lambda f: (not f.live, -_persons(f), -f.incident.severity, f.number))
    return tuple(sorted(weight[:MOST_FINDINGS], key=lambda f: f.number))


def _persons(finding: Finding) -> float:
    return 0.0 if finding.incident.missing is None else abs(finding.incident.missing.value)


def _series(
    data: ReportData, series: Series, number: int, found: tuple[Finding, ...], stretch: tuple[date, date]
) -> SeriesView:
    mine = tuple(
        f for f in found if f.segment == series.segment and (f.incident.missing or series.segment == WHOLE)
    )
    mine = lanes.drawn(mine)
    wide, narrow = (
        charts.chart(series, width=w, found=mine, masks=data.masks, stretch=stretch) for w in (WIDE, NARROW)
    )
    text = describe(series, points(series, data.masks))
    title = words.segment_words(series.segment)
    drawing = Drawing(f"chart-{number}", wide, narrow, text)
    return SeriesView(series, title, drawing, mine, rows(series, data.masks), is_weekly(series))


def _baseline(one: Shown, number: int) -> BaselineView:
    training = one.body["training"]
    wide, narrow = (threshold_chart(one, width=w) for w in (WIDE, NARROW))
    drawing = Drawing(f"baseline-{number}", wide, narrow, describe_threshold(one))
    window = words.span(date.fromisoformat(training["first"]), date.fromisoformat(training["last"]))
    return BaselineView(one, drawing, window)


def _calendar(entries: tuple[books.Entry, ...]) -> Drawing:
    wide, narrow = (books.calendar(entries, width=w) for w in (WIDE, NARROW))
    counts = ", ".join(f"{n} {books.MEANING[mark]}" for mark, n in books.tally(entries).items())
    return Drawing(
        "calendar", wide, narrow, f"Of {words.plural(len(entries), 'delivery', 'deliveries')}: {counts}."
    )


def _ranked(data: ReportData) -> list[CheckResult]:
    """The results of the latest run that are neither passed nor told as unproven, worst first."""
    if data.latest is None:
        return []
    shown = [r for r in data.latest.results if r.status not in {Status.PASSED, Status.UNPROVEN}]
    return sorted(shown, key=lambda r: (-r.status, STRENGTH.index(r.evidence), r.check, r.segment))


def _unproven(data: ReportData) -> list[Unproven]:
    if data.latest is None:
        return []
    groups: dict[tuple[str, str], list[str]] = {}
    for result in data.latest.results:
        if result.status is Status.UNPROVEN:
            key = (words.clean(result.check), words.clean(say(result.said)))
            groups.setdefault(key, []).append(words.segment_words(result.segment))
    return [Unproven(check, reason, tuple(segments)) for (check, reason), segments in groups.items()]
