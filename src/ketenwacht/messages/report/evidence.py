"""Evidence for and against completeness: what is available, the account of a chain, and who found what first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ketenwacht.domain.evidence import InquiryCount, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount, Fraction, Persons, Text
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.found_first import FoundFirst, FoundFirstView, view_found_first
from ketenwacht.messages.texts.labels import EVIDENCE_WORD
from ketenwacht.messages.views import clean, segment_text, span_text

from .data import ReportData

MOST_SEGMENTS = 4
"""Segments that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One source of independent evidence. `at_hand` False: there is none of this kind."""

    kind: str
    at_hand: bool
    source: str
    covers: str = ""
    period: str = ""
    newest: str = ""


def view_evidence(data: ReportData, formatter: MessageFormatter) -> tuple[EvidenceRow, ...]:
    """Return the independent evidence, strongest first; a kind without any has a row that says so."""
    known = data.known
    rows = (
        (Evidence.RECONCILIATION, _reconciliations(known.reconciliations, formatter)),
        (Evidence.CONTROL_TOTAL, _control_totals(data.runs, formatter)),
        (Evidence.REFERENCE, _references(known.references, formatter)),
        (Evidence.INQUIRY, _inquiries(known.inquiries, formatter)),
    )
    absent = formatter.label("report.evidence_absent")
    return tuple(
        row
        for kind, found in rows
        for row in found or [EvidenceRow(title_evidence(kind, formatter), at_hand=False, source=absent)]
    )


def _reconciliations(counts: Sequence[ReconciliationCount], formatter: MessageFormatter) -> list[EvidenceRow]:
    if not counts:
        return []
    dates = sorted({c.register_date for c in counts})
    source = formatter.label("report.evidence_register", count=Amount(float(len(dates))))
    return [_row(Evidence.RECONCILIATION, source, [c.segment for c in counts], dates, formatter)]


def _control_totals(runs: Sequence[JudgedRun], formatter: MessageFormatter) -> list[EvidenceRow]:
    """Return two rows: what was *selected* can show a loss that what was *sent* never shows."""
    rows = []
    for field, by_segment, key in (
        ("selected", "selected_by_segment", "report.evidence_selected"),
        ("rows", "rows_by_segment", "report.evidence_sent"),
    ):
        stated = [
            (run.delivery.period, run.delivery.manifest)
            for run in runs
            if run.delivery.manifest is not None
            and (getattr(run.delivery.manifest, field) is not None or getattr(run.delivery.manifest, by_segment))
        ]
        if stated:
            covered = [s for _, manifest in stated for s in getattr(manifest, by_segment)]
            source = formatter.label(key, count=Amount(float(len(stated))))
            rows.append(_row(Evidence.CONTROL_TOTAL, source, covered, sorted(day for day, _ in stated), formatter))
    return rows


def _references(figures: Sequence[ReferenceFigure], formatter: MessageFormatter) -> list[EvidenceRow]:
    by_source: dict[str, list[ReferenceFigure]] = {}
    for figure in figures:
        by_source.setdefault(figure.source, []).append(figure)
    return [
        EvidenceRow(
            title_evidence(Evidence.REFERENCE, formatter),
            at_hand=True,
            source=formatter.label(
                "report.evidence_reference",
                source=clean(formatter.outside(source)),
                uncertainty=Fraction(max(f.uncertainty for f in group)),
            ),
            covers=_covers([f.segment for f in group], formatter),
            period=span_text(min(f.period_from for f in group), max(f.period_to for f in group), formatter),
            newest=formatter.short_day(max(f.published_on for f in group)),
        )
        for source, group in sorted(by_source.items())
    ]


def _inquiries(counts: Sequence[InquiryCount], formatter: MessageFormatter) -> list[EvidenceRow]:
    if not counts:
        return []
    source = formatter.label("report.evidence_inquiries")
    return [_row(Evidence.INQUIRY, source, [c.segment for c in counts], sorted(c.day for c in counts), formatter)]


def _row(
    kind: Evidence, source: str, segments: Sequence[Segment], days: Sequence[date], formatter: MessageFormatter
) -> EvidenceRow:
    return EvidenceRow(
        title_evidence(kind, formatter),
        at_hand=True,
        source=source,
        covers=_covers(segments, formatter),
        period=span_text(days[0], days[-1], formatter),
        newest=formatter.short_day(days[-1]),
    )


def _covers(segments: Sequence[Segment], formatter: MessageFormatter) -> str:
    distinct = sorted(set(segments)) or [WHOLE]
    if len(distinct) <= MOST_SEGMENTS:
        return "; ".join(segment_text(s, formatter) for s in distinct)
    dimensions = sorted({d for s in distinct for d in s.dimensions})
    by = tuple(Text.of(clean(d)) for d in dimensions)
    return formatter.label("report.evidence_covers", count=Amount(float(len(distinct))), by=by)


def title_evidence(kind: Evidence, formatter: MessageFormatter) -> str:
    """Return the words for a kind of evidence, as a heading."""
    word = EVIDENCE_WORD[kind][formatter.language]
    return word[:1].upper() + word[1:]


@dataclass(frozen=True, slots=True)
class ChainCell:
    """One hop of one part of the feed.

    Attributes:
        status: the verdict; None: nothing is known of this part at this hop.
        unexplained: persons who came to the hop before and are not explained, as they may be shown.
        of: of how many who came to the hop before, and since when; or why nothing is known.
    """

    status: Status | None
    unexplained: str
    of: str


@dataclass(frozen=True, slots=True)
class ChainView:
    """The account of one chain, as it stands after the newest delivery that was judged by it.

    Attributes:
        path: all hops in the order in which persons pass them; one that nobody was counted at says so.
        columns: the hops that are held against the last one before them.
        caption: of the table.
        rows: the whole feed first: its name, and a cell a column.
    """

    path: str
    columns: tuple[str, ...]
    caption: str
    rows: tuple[tuple[str, tuple[ChainCell, ...]], ...]


def view_chains(
    runs: Sequence[JudgedRun], hops: Mapping[str, tuple[str, ...]], formatter: MessageFormatter
) -> tuple[ChainView, ...]:
    """Return the chain of each conservation check.

    Args:
        runs: in order of judging.
        hops: the names of its hops, by the name of the check.
        formatter: makes the texts.
    """
    found = (_chain(runs, check, names, formatter) for check, names in hops.items())
    return tuple(chain for chain in found if chain is not None)


def _chain(
    runs: Sequence[JudgedRun], check: str, hops: tuple[str, ...], formatter: MessageFormatter
) -> ChainView | None:
    for run in reversed(runs):
        said = {(r.check, r.segment): r for r in run.results if r.check.startswith(f"{check}.")}
        compared = {name for (name, _), result in said.items() if result.observed is not None}
        if not compared:
            continue
        silent = {name for name, _ in said} - compared
        columns = [hop for hop in hops if f"{check}.{hop}" in compared]
        segments = sorted({segment for _, segment in said} - {WHOLE})
        rows = tuple(
            (
                segment_text(segment, formatter),
                tuple(_cell(said, f"{check}.{hop}", segment, formatter) for hop in columns),
            )
            for segment in (WHOLE, *segments)
        )
        named = (
            formatter.label("report.hop_silent", hop=clean(hop)) if f"{check}.{hop}" in silent else clean(hop)
            for hop in hops
        )
        caption = formatter.label(
            "report.chain_caption", until=formatter.short_day(run.delivery.period), check=clean(check)
        )
        return ChainView(" → ".join(named), tuple(map(clean, columns)), caption, rows)
    return None


def _cell(
    said: Mapping[tuple[str, Segment], CheckResult], check: str, segment: Segment, formatter: MessageFormatter
) -> ChainCell:
    result = said.get((check, segment))
    band = result.expected if result is not None else None
    if result is None or result.observed is None or band is None or band.low is None or band.high is None:
        return ChainCell(None, "", formatter.label("report.hop_unknown"))
    came = (band.low + band.high) / 2  # what is tolerated lies on both sides of it
    lost = result.missing.value if result.missing is not None else max(came - result.observed, 0.0)
    of = formatter.label("report.hop_of", came=Persons(came))
    if result.missing is not None:
        since = formatter.short_day(result.missing.since)
        of = formatter.label("report.hop_of_since", came=Persons(came), since=since)
    return ChainCell(result.status, formatter.value(Persons(lost)), of)


@dataclass(frozen=True, slots=True)
class FoundFirstPanel:
    """Who found the missing first, as a heading and a bar.

    Attributes:
        view: the numbers, and the sentence that says them.
        headline: the same as a heading.
        share_text: the share that an inquiry found first: `12%`, `less than 5%`; empty when nobody was missing.
        bar_text: the bar in words; empty when nobody was missing.
        drawn: the share at which the bar is cut (fraction 0–1): a hidden one halfway.
    """

    view: FoundFirstView
    headline: str
    share_text: str = ""
    bar_text: str = ""
    drawn: float = 0.0


def view_found_first_panel(first: FoundFirst, formatter: MessageFormatter) -> FoundFirstPanel:
    """Return who found the missing first, for showing."""
    view = view_found_first(first, formatter)
    share = view.share
    if share is None:
        return FoundFirstPanel(view, view.sentence)
    halfway = (1.0 + share.limit) / 2 if share.above else share.limit / 2
    rest = formatter.privacy.share(first.by_us, first.by_us + first.by_inquiry)
    return FoundFirstPanel(
        view,
        formatter.label("report.first_headline", us=Persons(first.by_us), inquiry=Persons(first.by_inquiry)),
        formatter.percentage(share),
        formatter.label("report.first_bar", us=formatter.percentage(rest), inquiry=formatter.percentage(share)),
        halfway if share.value is None else share.value,
    )
