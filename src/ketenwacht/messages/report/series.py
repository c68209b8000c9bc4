"""The counts of one segment over time, as they may be shown: by delivery, or by week when the series is long."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Literal

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.incidents import share_persons
from ketenwacht.domain.past import RELEASE, ExclusionWindow
from ketenwacht.domain.result import Evidence, Interval, JudgedRun, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.privacy import Privacy, Shown
from ketenwacht.messages.texts.labels import STATUS_WORD
from ketenwacht.messages.views import clean, segment_text, span_text, view_expected

from .data import Series

LONG = 130
"""From this many days on, a daily series is shown as weekly sums."""

Side = Literal["below", "above", "inside", "masked", ""]
"""Where a count lies: outside or inside the expected band, in an exclusion window, or without a band."""

_JUDGED: frozenset[Side] = frozenset({"below", "above", "inside"})
_SIDES: Mapping[Side, str] = MappingProxyType(
    {
        "below": "report.side_below",
        "above": "report.side_above",
        "inside": "report.side_inside",
        "masked": "report.side_masked",
    }
)
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "pause": "mask.pause",
        "incident": "mask.incident",
        "catch-up": "mask.catch_up",
        "policy": "mask.policy",
        "release": "mask.release",
    }
)


@dataclass(frozen=True, slots=True)
class Point:
    """The sum of one stretch of days. All numbers are privacy-safe, because values can be read off a drawing.

    Attributes:
        first: its first day with a delivery due.
        last: its last.
        height: where it is drawn, persons: a hidden count halfway; None: nothing was delivered.
        count_text: `410`, `<10`; empty when nothing was delivered.
        low: lower end of what was expected of the days delivered, None when not known for each of them.
        high: upper end, likewise.
        expected_text: `400–450`; empty without.
        excluded: whether an exclusion window covers any of it, so that its count says nothing.
    """

    first: date
    last: date
    height: float | None
    count_text: str
    low: float | None
    high: float | None
    expected_text: str
    excluded: bool = False

    @property
    def side(self) -> Side:
        """Where the count lies, as far as the shown numbers say it: no more than they do."""
        if self.excluded:
            return "masked"
        if self.height is None or self.low is None or self.high is None:
            return ""
        return "below" if self.height < self.low else "above" if self.height > self.high else "inside"


@dataclass(frozen=True, slots=True)
class ExclusionBand:
    """An exclusion window, with who declared it and why."""

    first: date
    last: date
    title: str


@dataclass(frozen=True, slots=True)
class SeriesView:
    """One series for showing.

    Attributes:
        segment: which part of the feed.
        title: the same in words.
        unit_text: what is counted: `persons a week`.
        weekly: whether points are weekly sums.
        status: the newest verdict, None when it was never judged.
        status_text: the same in a word.
        points: oldest first.
        exclusions: stretches that touch it.
        step: the least distance between two marks of an axis, persons: what a count is rounded to.
        description: the drawing in words, for who cannot see it.
        rows: the drawing as a table: when, delivered, expected, where it lies.
    """

    segment: Segment
    title: str
    unit_text: str
    weekly: bool
    status: Status | None
    status_text: str
    points: tuple[Point, ...]
    exclusions: tuple[ExclusionBand, ...]
    step: float
    description: str
    rows: tuple[tuple[str, str, str, str], ...]


def view_series(
    series: Series, formatter: MessageFormatter, exclusions: Sequence[ExclusionWindow] = (), *, long: int = LONG
) -> SeriesView:
    """Return a series by day, or by week when it has more than `long` days."""
    weekly = is_weekly(series, long=long)
    mine = [window for window in exclusions if share_persons(window.segment, series.segment)]
    shown = make_points(series, formatter, exclusions, long=long)
    return SeriesView(
        segment=series.segment,
        title=segment_text(series.segment, formatter),
        unit_text=formatter.label("report.persons_a_week" if weekly else "report.persons_a_delivery"),
        weekly=weekly,
        status=series.status,
        status_text="" if series.status is None else STATUS_WORD[series.status][formatter.language],
        points=shown,
        exclusions=tuple(ExclusionBand(m.first, m.last, _exclusion_title(m, formatter)) for m in mine),
        step=float(formatter.privacy.step),
        description=_describe(series, shown, formatter, weekly=weekly) if shown else "",
        rows=tuple(_row(point, formatter) for point in shown),
    )


def make_points(
    series: Series, formatter: MessageFormatter, exclusions: Sequence[ExclusionWindow] = (), *, long: int = LONG
) -> tuple[Point, ...]:
    """Return the series by day, or by week when it has more than `long` days.

    A count of one delivery is shown as exactly as that delivery allows, a sum over deliveries is always rounded.
    """
    weekly = is_weekly(series, long=long)
    mine = [window for window in exclusions if share_persons(window.segment, series.segment)]
    groups: dict[date, list[int]] = {}
    for i, day in enumerate(series.days):
        groups.setdefault(day - timedelta(day.weekday()) if weekly else day, []).append(i)
    return tuple(_point(series, group, mine, formatter, weekly=weekly) for group in groups.values())


def is_weekly(series: Series, *, long: int = LONG) -> bool:
    """Return whether the series is long and dense enough to be shown as weekly sums."""
    days = series.days
    return len(days) > long and (days[-1] - days[0]).days < 4 * len(days)


def _point(
    series: Series,
    group: Sequence[int],
    exclusions: Sequence[ExclusionWindow],
    formatter: MessageFormatter,
    *,
    weekly: bool,
) -> Point:
    first, last = series.days[group[0]], series.days[group[-1]]
    excluded = any(m.first <= last and first <= m.last and m.kind != RELEASE for m in exclusions)
    own = formatter.with_privacy(_privacy(series, group, formatter.privacy))
    shown = _show_count([series.observed[i] for i in group], own.privacy, weekly=weekly)
    limits = view_expected(_add_expected(series, group), "persons", own)
    return Point(
        first=first,
        last=last,
        height=None if shown is None else shown.limit / 2 if shown.value is None else shown.value,
        count_text="" if shown is None else own.shown(shown),
        low=None if limits is None else limits.low,
        high=None if limits is None else limits.high,
        expected_text="" if limits is None else limits.text,
        excluded=excluded,
    )


def _show_count(observed: Sequence[float | None], privacy: Privacy, *, weekly: bool) -> Shown | None:
    counts = [count for count in observed if count is not None]
    if not counts:
        return None
    return privacy.total(counts) if weekly else privacy.count(counts[0], of_delivery=True)


def _privacy(series: Series, group: Sequence[int], privacy: Privacy) -> Privacy:
    """Return the privacy rule of a point: exact only where each of its deliveries is."""
    if not series.smallest:
        return privacy.for_delivery(1.0)
    smallest = [n for i in group if (n := series.smallest[i]) is not None]
    return privacy.for_delivery(min(smallest, default=None))


def _add_expected(series: Series, group: Sequence[int]) -> Interval | None:
    """Add up what was expected of the delivered days. Days are independent: half-widths add in squares."""
    if not series.low or not series.high:
        return None
    delivered = [(series.low[i], series.high[i]) for i in group if series.observed[i] is not None]
    known = [(low, high) for low, high in delivered if low is not None and high is not None]
    if len(known) < len(delivered) or not known:
        return None
    middle = sum((low + high) / 2 for low, high in known)
    half = math.sqrt(sum(((high - low) / 2) ** 2 for low, high in known))
    return Interval(max(0.0, middle - half), middle + half)


def _describe(series: Series, shown: Sequence[Point], formatter: MessageFormatter, *, weekly: bool) -> str:
    """Return the chart in two sentences."""
    place = {
        "segment": segment_text(series.segment, formatter),
        "span": span_text(shown[0].first, shown[-1].last, formatter),
    }
    what = formatter.label("report.sums_of_weeks" if weekly else "report.counts_by_delivery", **place)
    judged = sum(p.side in _JUDGED for p in shown)
    if judged == 0:
        return f"{what} {formatter.label('report.nothing_expected')}"
    outside = {side: Amount(float(sum(p.side == side for p in shown))) for side in ("below", "above")}
    said = formatter.label(
        "report.outside_weeks" if weekly else "report.outside", judged=Amount(float(judged)), **outside
    )
    return f"{what} {said}"


def _row(point: Point, formatter: MessageFormatter) -> tuple[str, str, str, str]:
    count = point.count_text or formatter.label("report.none")
    side = formatter.label(_SIDES[point.side]) if point.side else ""
    return span_text(point.first, point.last, formatter), count, point.expected_text, side


def exclusion_text(window: ExclusionWindow, formatter: MessageFormatter) -> str:
    """Return the kind of exclusion window, in a word or two."""
    key = _KINDS.get(window.kind)
    return clean(window.kind) if key is None else formatter.label(key)


def _exclusion_title(window: ExclusionWindow, formatter: MessageFormatter) -> str:
    span = span_text(window.first, window.last, formatter)
    return f"{exclusion_text(window, formatter)}: {clean(window.reason)}, {span}"


# The ledger of deliveries: the outcome of each that was due.


class DeliveryMark(Enum):
    """The outcome of a delivery, from best to worst."""

    RECEIVED = "received"
    LATE = "late"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One period of the ledger.

    Attributes:
        mark: its outcome.
        mark_text: the same in words.
        title: the day and its outcome.
        note: why, when it was not received in time.
    """

    day: date
    day_text: str
    mark: DeliveryMark
    mark_text: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger of deliveries.

    Attributes:
        entries: one a period, oldest first.
        tally: each mark with its words and how many periods have it.
        odd: the entries that were not received in time; `odd_title` says how many.
        description: the calendar in words.
    """

    entries: tuple[LedgerEntry, ...]
    tally: tuple[tuple[DeliveryMark, str, str], ...]
    odd: tuple[LedgerEntry, ...]
    odd_title: str
    description: str


def view_ledger(runs: Sequence[JudgedRun], formatter: MessageFormatter) -> LedgerView:
    """Return one entry a period, oldest first. A delivery that was absent and came later is late."""
    marked: dict[date, tuple[DeliveryMark, str]] = {}
    for run in runs:
        day, (mark, note) = run.delivery.period, _mark(run, formatter)
        earlier = marked.get(day)
        if earlier is not None and earlier[0] is DeliveryMark.MISSING and mark is DeliveryMark.RECEIVED:
            mark, note = DeliveryMark.LATE, note or earlier[1]
        marked[day] = (mark, note)
    entries = tuple(_entry(day, *marked[day], formatter) for day in sorted(marked))
    counts = {mark: sum(entry.mark is mark for entry in entries) for mark in DeliveryMark}
    tally = tuple((mark, _mark_text(mark, formatter), formatter.number(float(n))) for mark, n in counts.items())
    odd = tuple(entry for entry in entries if entry.mark is not DeliveryMark.RECEIVED)
    counted = ", ".join(f"{count} {text}" for _, text, count in tally)
    return LedgerView(
        entries,
        tally,
        odd,
        formatter.label("report.ledger_odd", count=Amount(float(len(odd)))),
        formatter.label("report.ledger_text", count=Amount(float(len(entries))), tally=counted),
    )


def _mark(run: JudgedRun, formatter: MessageFormatter) -> tuple[DeliveryMark, str]:
    delivery = run.delivery
    if delivery.presence is Presence.ABSENT:
        return DeliveryMark.MISSING, clean(formatter.say(delivery.why))
    if delivery.presence is Presence.UNREADABLE:
        return DeliveryMark.UNREADABLE, clean(formatter.say(delivery.why))
    late = [r for r in run.results if r.evidence is Evidence.SCHEDULE and r.status >= Status.WARNED]
    return (DeliveryMark.LATE, clean(formatter.say(late[0].said))) if late else (DeliveryMark.RECEIVED, "")


def _entry(day: date, mark: DeliveryMark, note: str, formatter: MessageFormatter) -> LedgerEntry:
    day_text, text = formatter.short_day(day), _mark_text(mark, formatter)
    return LedgerEntry(day, day_text, mark, text, f"{day_text}: {text}", note)


def _mark_text(mark: DeliveryMark, formatter: MessageFormatter) -> str:
    return formatter.label(f"report.mark_{mark.value}")
