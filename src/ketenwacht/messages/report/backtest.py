"""What would go unseen: the blindness audit, backtests, and segments that are too small to be judged alone."""

from __future__ import annotations

from dataclasses import dataclass

from ketenwacht.domain.statement import Amount, Fraction, Term
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import EVIDENCE_WORD
from ketenwacht.messages.views import clean, segment_text

from .data import (
    AuditRow,
    Backtest,
    DetectionLimitView,
    MergedSegments,
    Needed,
    OwnHistoryView,
    ReportData,
    Smallest,
    WatchedCheck,
)

MOST_MEMBERS = 12
"""Small segments that are named; the others are counted."""
FEW_GROUPS = 4
"""So many groups of small segments are shown without a click."""
_FINE = 0.03
_JUDGED = "judged"
_AUDIT = ("page.who", "page.own_history", "audit.reference", "audit.keys")
"""Heads of the blindness audit."""


@dataclass(frozen=True, slots=True)
class DetectionLimitRow:
    """What each kind of evidence can see of one segment: losses within 30 / 90 / 365 days, and what helps."""

    data: DetectionLimitView
    who: str
    history: str
    reference: str
    reconciliation: str
    message: str


@dataclass(frozen=True, slots=True)
class WatchedView:
    """Segments that are too small for one check to judge by themselves.

    Attributes:
        title: how many there are.
        label: of their table.
        open: whether they are few enough to be shown at once.
        rows: as what they are judged, how many, and which.
    """

    data: WatchedCheck
    title: str
    label: str
    open: bool
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """One planted loss: who, how much of it was found, how soon, and how that compares to the best there is."""

    who: str
    evidence: str
    found: str
    half: str
    most: str
    bound: str
    false_alarms: str


@dataclass(frozen=True, slots=True)
class BacktestView:
    """A backtest for showing.

    Attributes:
        title: what the losses were planted in.
        columns: heads of the table of scenarios.
        scenarios: one a planted loss.
        note: what the columns count.
        needed: what shows each planted loss, a line each.
        audit_title: of the blindness audit, `audit_columns` its heads.
        limits: one a segment.
        watched: what is too small to be judged alone.
    """

    data: Backtest
    title: str
    columns: tuple[str, ...]
    scenarios: tuple[ScenarioView, ...]
    note: str
    source: str
    needed: tuple[str, ...]
    audit_title: str
    audit_columns: tuple[str, ...]
    limits: tuple[DetectionLimitRow, ...]
    watched: tuple[WatchedView, ...]


def view_backtest(done: Backtest, formatter: MessageFormatter) -> BacktestView:
    """Return a backtest for showing. Nothing in it counts persons."""
    source = "; ".join(formatter.label(one.code, **one.params) for one in done.source)
    watched = (view_watched(one, formatter) for one in done.watched)
    names = ("loss", "by", "found", "half", "most", "bound", "false_alarms")
    return BacktestView(
        data=done,
        title=formatter.label("backtest.title", feed=clean(done.feed), source=source),
        columns=tuple(formatter.label(f"backtest.head_{name}") for name in names),
        scenarios=tuple(_scenario(row, formatter) for row in done.rows),
        note=formatter.label("backtest.note"),
        source=source,
        needed=tuple(needed_text(one, formatter) for one in done.needed),
        audit_title=formatter.label("audit.title"),
        audit_columns=tuple(formatter.label(key) for key in _AUDIT),
        limits=tuple(view_detection_limit(one, formatter) for one in done.limits),
        watched=tuple(one for one in watched if one is not None),
    )


def _scenario(row: AuditRow, formatter: MessageFormatter) -> ScenarioView:
    bound, alarms = row.bound_days, row.false_alarms_per_year
    loss = formatter.label("backtest.loss", segment=segment_text(row.segment, formatter), loss=Fraction(row.drop))
    return ScenarioView(
        loss,
        EVIDENCE_WORD[row.evidence][formatter.language],
        formatter.percent(row.detected),
        _days(row.delay_p50, formatter),
        _days(row.delay_p90, formatter),
        "–" if bound is None or row.delay_p50 is None else formatter.decimal(row.delay_p50 / bound, 1),
        "–" if alarms is None else formatter.decimal(alarms, 1),
    )


def _days(days: float | None, formatter: MessageFormatter) -> str:
    return "–" if days is None else formatter.label("backtest.days", days=Amount(float(round(days))))


def view_unseen(
    data: ReportData, formatter: MessageFormatter
) -> tuple[tuple[DetectionLimitRow, ...], tuple[WatchedView, ...]]:
    """Return the blindness audit, and what is too small to be watched by itself."""
    watched = (view_watched(one, formatter) for one in data.watched)
    return tuple(view_detection_limit(one, formatter) for one in data.limits), tuple(
        one for one in watched if one is not None
    )


def view_detection_limit(one: DetectionLimitView, formatter: MessageFormatter) -> DetectionLimitRow:
    """Return the blindness audit of one segment."""
    rest = f"{_by_reference(one.rest, formatter)}; {_by_keys(one.rest, formatter)}"
    message = (
        f"{view_own_text(one.own, formatter)} "
        f"{formatter.label('audit.rest', loss=Fraction(one.rest.loss), rest=rest)}"
    )
    return DetectionLimitRow(
        one,
        segment_text(one.segment, formatter),
        losses_text(one.history, formatter),
        losses_text(one.reference, formatter),
        losses_text(one.reconciliation, formatter),
        message,
    )


def view_own_text(one: OwnHistoryView, formatter: MessageFormatter) -> str:
    """Return what own history can show of a segment today, in words."""
    segment = segment_text(one.segment, formatter)
    if one.reason != _JUDGED:
        return formatter.label("audit.own_unjudged", segment=segment, reason=Term(f"own_history.{one.reason}"))
    season = "" if one.season_known else formatter.label("audit.season_unknown")
    season += formatter.label("audit.loss_open") if one.open else ""
    if one.loss is None or one.days is None or one.blind is None:
        return formatter.label("audit.own_shows_nothing", segment=segment, season=season)
    return formatter.label(
        "audit.own_shows",
        segment=segment,
        loss=Fraction(one.loss),
        days=Amount(float(round(one.days))),
        blind=Fraction(one.blind),
        season=season,
    )


def needed_text(one: Needed, formatter: MessageFormatter) -> str:
    """Return what it takes to detect a loss, in words."""
    history = (
        formatter.label("audit.not_by_volume")
        if one.within is None
        else formatter.label("audit.by_volume", days=Amount(float(one.within)))
    )
    loss = formatter.label("backtest.loss", segment=segment_text(one.segment, formatter), loss=Fraction(one.loss))
    return f"{loss}: {history}; {_by_reference(one, formatter)}; {_by_keys(one, formatter)}"


def _by_reference(one: Needed, formatter: MessageFormatter) -> str:
    if one.reference is None:
        return formatter.label("audit.no_reference")
    return formatter.label("audit.by_reference", known=Fraction(one.reference))


def _by_keys(one: Needed, formatter: MessageFormatter) -> str:
    if one.reconciliation is None:
        return formatter.label("audit.name_by_name")
    return formatter.label("audit.by_keys", days=Amount(float(round(one.reconciliation))))


def losses_text(seen: Smallest, formatter: MessageFormatter) -> str:
    """Format losses of one kind of evidence, `25 / 15 / 8%`; below 3 % with a decimal.

    `–` means that not even a total loss is found.
    """
    told = (
        "–" if loss is None else formatter.number(round(100 * loss, int(loss < _FINE))) for loss in seen.values()
    )
    return f"{' / '.join(told)}%"


def view_watched(one: WatchedCheck, formatter: MessageFormatter) -> WatchedView | None:
    """Return what one check judges together; None when it judges every segment by itself."""
    members = sum(len(together.members) for together in one.together)
    if members == 0:
        return None
    title = formatter.label(
        "audit.together",
        check=clean(one.check),
        count=Amount(float(members)),
        limit=Amount(one.at_least),
        alone=Amount(float(one.alone)),
    )
    return WatchedView(
        one,
        title,
        formatter.label("audit.together_of", check=clean(one.check)),
        len(one.together) <= FEW_GROUPS,
        tuple(_together(together, formatter) for together in one.together),
    )


def _together(one: MergedSegments, formatter: MessageFormatter) -> tuple[str, str, str]:
    named = "; ".join(segment_text(member, formatter) for member in one.members[:MOST_MEMBERS])
    rest = len(one.members) - MOST_MEMBERS
    more = f" {formatter.label('report.and_more', count=Amount(float(rest)))}" if rest > 0 else ""
    return segment_text(one.segment, formatter), formatter.number(float(len(one.members))), f"{named}{more}"
