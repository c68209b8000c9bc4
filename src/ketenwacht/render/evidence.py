"""The evidence at hand: what speaks for or against completeness, how far it reaches, how fresh it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ketenwacht.domain.evidence import InquiryCount, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.result import Evidence, Run
from ketenwacht.domain.segment import Segment

from .data import ReportData
from .words import EVIDENCE, clean, day, plural, segment_words, span

MOST_SEGMENTS = 4
"""More segments than this are told by their number."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One source of independent evidence. `at_hand` False: there is none of this kind."""

    kind: str
    at_hand: bool
    source: str
    covers: str = ""
    period: str = ""
    newest: str = ""


def evidence_rows(data: ReportData) -> tuple[EvidenceRow, ...]:
    """The independent evidence, strongest first; a kind without any is said to be absent."""
    known = data.known
    rows = (
        (Evidence.RECONCILIATION, _reconciliations(known.reconciliations)),
        (Evidence.CONTROL_TOTAL, _control_totals(data.runs)),
        (Evidence.REFERENCE, _references(known.references)),
        (Evidence.INQUIRY, _inquiries(known.inquiries)),
    )
    return tuple(row for kind, found in rows for row in found or [_absent(kind)])


def _absent(kind: Evidence) -> EvidenceRow:
    return EvidenceRow(_title(kind), at_hand=False, source="none at hand")


def _reconciliations(counts: Sequence[ReconciliationCount]) -> list[EvidenceRow]:
    if not counts:
        return []
    dates = sorted({c.register_date for c in counts})
    return [
        EvidenceRow(
            _title(Evidence.RECONCILIATION),
            at_hand=True,
            source=f"the sender's register, {plural(len(dates), 'snapshot')}",
            covers=_covers([c.segment for c in counts]),
            period=span(dates[0], dates[-1]),
            newest=day(dates[-1]),
        )
    ]


def _control_totals(runs: Sequence[Run]) -> list[EvidenceRow]:
    """Two rows, since what was *selected* can give away a loss that what was *sent* never will."""
    rows = []
    for field, words in (("selected", "records selected"), ("rows", "records sent")):
        by_segment = "selected_by_segment" if field == "selected" else "rows_by_segment"
        stated = [
            (run.delivery.period, run.delivery.manifest)
            for run in runs
            if run.delivery.manifest is not None
            and (getattr(run.delivery.manifest, field) is not None or getattr(run.delivery.manifest, by_segment))
        ]
        if not stated:
            continue
        periods = sorted(period for period, _ in stated)
        rows.append(
            EvidenceRow(
                _title(Evidence.CONTROL_TOTAL),
                at_hand=True,
                source=f"{words}, stated by the sender in {plural(len(stated), 'delivery', 'deliveries')}",
                covers=_covers([s for _, manifest in stated for s in getattr(manifest, by_segment)]),
                period=span(periods[0], periods[-1]),
                newest=day(periods[-1]),
            )
        )
    return rows


def _references(figures: Sequence[ReferenceFigure]) -> list[EvidenceRow]:
    by_source: dict[str, list[ReferenceFigure]] = {}
    for figure in figures:
        by_source.setdefault(figure.source, []).append(figure)
    return [
        EvidenceRow(
            _title(Evidence.REFERENCE),
            at_hand=True,
            source=f"{clean(source)} (known to ±{100 * max(f.uncertainty for f in group):.3g} %)",
            covers=_covers([f.segment for f in group]),
            period=span(min(f.period_from for f in group), max(f.period_to for f in group)),
            newest=day(max(f.published_on for f in group)),
        )
        for source, group in sorted(by_source.items())
    ]


def _inquiries(counts: Sequence[InquiryCount]) -> list[EvidenceRow]:
    if not counts:
        return []
    days = sorted(c.day for c in counts)
    return [
        EvidenceRow(
            _title(Evidence.INQUIRY),
            at_hand=True,
            source="inquiries about persons the receiver did not know",
            covers=_covers([c.segment for c in counts]),
            period=span(days[0], days[-1]),
            newest=day(days[-1]),
        )
    ]


def _covers(segments: Sequence[Segment]) -> str:
    distinct = sorted(set(segments)) or [Segment()]
    if len(distinct) <= MOST_SEGMENTS:
        return "; ".join(segment_words(s) for s in distinct)
    dimensions = sorted({d for s in distinct for d in s.dimensions})
    return f"{plural(len(distinct), 'segment')} by {', '.join(clean(d) for d in dimensions)}"


def _title(kind: Evidence) -> str:
    return EVIDENCE[kind].capitalize()
