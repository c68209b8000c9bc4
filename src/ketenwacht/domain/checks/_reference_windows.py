"""Outside figures compared with deliveries: windows that can be judged, their persons, and how many to expect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ketenwacht.domain.evidence import ReferenceFigure
from ketenwacht.domain.measurement import DECIDED, ROWS, MetricKey, Snapshot, Unmeasured
from ketenwacht.domain.past import Past
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.stats.lag import Lag, arrivals, count_in_transit, move_to_deliveries
from ketenwacht.domain.stats.negbin import Array
from ketenwacht.domain.stats.triangle import ReportingLag, Triangle, learn_lag

_BLOCK = timedelta(days=28)
_SPLIT_ABOVE = 45  # days; a longer forecast is spread over blocks
_SPREAD = 0.15  # relative sd of a block of a spread figure: it has a season of its own
_JUDGED_FROM = 0.5  # share of a window that must be due before it is judged
_DATED = 0.95  # share of the persons that must have a date of decision
_GUESSED = 0.3  # relative sd of how many were on their way where no figure says who was decided before


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of deliveries that a figure is about.

    Attributes:
        first: first day.
        last: last day, inclusive.
        seen: persons delivered in it.
        meant: persons that the figures say should have been.
        noise: relative standard deviation of its own, not shared with other windows.
        before: variance of the persons on their way at its beginning.
        after: variance of those on their way at its end.
        follows: whether it begins where the last one ended, so that `before` is what that one left behind.
        not_due: persons that the figures imply, who by the learnt lag need not have come yet; None: of a window of
            delivery days.
    """

    first: date
    last: date
    seen: float
    meant: float
    noise: float
    before: float = 0.0
    after: float = 0.0
    follows: bool = False
    not_due: float | None = None


@dataclass(frozen=True, slots=True)
class FigureStream:
    """One source's figures about one segment, as far as they can be judged."""

    segment: Segment
    source: str
    uncertainty: float
    windows: tuple[Window, ...]

    @property
    def not_due(self) -> int | None:
        """Persons of the figures who by the learnt lag need not have come yet; None where no lag was learnt."""
        known = [w.not_due for w in self.windows if w.not_due is not None]
        return round(sum(known)) if known else None


def newest(figures: Iterable[ReferenceFigure], day: date) -> tuple[ReferenceFigure, ...]:
    """Return the last restatement of each figure published by `day`, in order of period."""
    best: dict[tuple[str, Segment, date, date], ReferenceFigure] = {}
    for figure in figures:
        if figure.published_on > day:
            continue
        key = (figure.source, figure.segment, figure.period_from, figure.period_to)
        held = best.get(key)
        if held is None or (figure.version, figure.published_on) > (held.version, held.published_on):
            best[key] = figure
    return tuple(sorted(best.values(), key=lambda f: (f.period_to, f.period_from, f.source, f.segment)))


def streams(
    figures: Iterable[ReferenceFigure], past: Past, lag: Lag, noise: float, *, by_decision: bool = False
) -> tuple[FigureStream, ...]:
    """Return every source and segment with the windows that lie wholly in `past` (which ends with this delivery).

    With `by_decision`, persons are counted by the date of their decision as far as that was measured, and the lag
    is learnt from it; `lag` is of the figures before that.
    """
    by_stream: dict[tuple[Segment, str], list[ReferenceFigure]] = defaultdict(list)
    for figure in figures:
        by_stream[figure.segment, figure.source].append(figure)
    triangles = triangles_of(past) if by_decision else {}
    return tuple(
        FigureStream(
            segment, source, max(f.uncertainty for f in own), _all_windows(own, past, lag, noise, triangles)
        )
        for (segment, source), own in sorted(by_stream.items())
    )


def _all_windows(
    figures: list[ReferenceFigure], past: Past, lag: Lag, noise: float, triangles: Mapping[Segment, Triangle]
) -> tuple[Window, ...]:
    """Return windows of decision days as far as these were measured, of delivery days before that."""
    own, whole = triangles.get(figures[0].segment), triangles.get(WHOLE)
    if own is None or whole is None or not whole.known or not own.complete:
        return _windows(figures, past, lag, noise)
    dated = _windows_by_decision(figures, past, own, learn_lag(own, whole), noise)
    first = dated[0].first if dated else date.max
    earlier = [f for f in figures if f.period_to < first]
    return (*(_windows(earlier, past, lag, noise) if earlier else ()), *dated)


def triangles_of(past: Past) -> dict[Segment, Triangle]:
    """Return the persons of each segment by decision day and delivery."""
    cells: dict[Segment, list[tuple[int, int, float]]] = defaultdict(list)
    rows: dict[Segment, float] = defaultdict(float)
    served: list[int] = []
    for snapshot in past.snapshots:
        whole = snapshot.measurements.get(MetricKey(ROWS), 0.0)
        if isinstance(whole, Unmeasured) or not snapshot.delivery.read or whole == 0.0:
            continue
        dated = _dated_counts(snapshot)
        if not served and not dated:
            continue  # before dates of decision were measured
        day = snapshot.delivery.period.toordinal()
        for key, value in dated:
            cells[key.segment].append((day - int(key.name.removeprefix(DECIDED)), len(served), value))
        for segment in {key.segment for key, _ in dated}:
            here = snapshot.measurements.get(MetricKey(ROWS, segment), 0.0)
            rows[segment] += 0.0 if isinstance(here, Unmeasured) else here
        served.append(day)
    made_good: dict[Segment, list[tuple[int, float]]] = defaultdict(list)
    for snapshot in past.catch_ups:
        for key, value in _dated_counts(snapshot):
            day = snapshot.delivery.period.toordinal() - int(key.name.removeprefix(DECIDED))
            made_good[key.segment].append((day, value))
    found = {}
    for segment, own in cells.items():
        days, at, count = (np.array(column) for column in zip(*own, strict=True))
        complete = bool(count.sum() >= _DATED * rows[segment])
        late = np.array(made_good[segment], dtype=np.float64).reshape(-1, 2)
        caught_up = (late[:, 0].astype(np.intp), late[:, 1])
        found[segment] = Triangle(days, at, count, np.array(served, dtype=np.intp), complete, caught_up)
    return found


def _dated_counts(snapshot: Snapshot) -> list[tuple[MetricKey, float]]:
    """Return the persons of a delivery by how long before it they were decided on."""
    return [
        (key, value)
        for key, value in snapshot.measurements.items()
        if key.name.startswith(DECIDED) and not isinstance(value, Unmeasured)
    ]


def _windows_by_decision(
    figures: list[ReferenceFigure], past: Past, triangle: Triangle, lag: ReportingLag, noise: float
) -> tuple[Window, ...]:
    """Return windows of decision days: who was decided in them and has come, and who should have by now."""
    own = [f for f in _drop_overlaps(figures) if f.period_from.toordinal() > int(triangle.served[0])]
    if not own:
        return ()
    start = own[0].period_from
    length = (max(own[-1].period_to, past.periods[-1]) - start).days + 1
    _, due, _ = _count_days(past, own[0].segment, start, length)
    persons = _spread_decisions(own, due, start, 0)
    ordinals = start.toordinal() + np.arange(length)
    found: list[Window] = []
    for first, last, extra in _list_ended(own, past.periods[-1]):
        part = slice((first - start).days, (last - start).days + 1)
        implied, possible = persons[part], triangle.possible(ordinals[part])
        total, meant = float(implied.sum()), float((implied * lag.due(possible)).sum())
        if meant < _JUDGED_FROM * total or total <= 0.0 or _is_paused(past, own[0].segment, first, last):
            continue
        seen = triangle.count_delivered(first.toordinal(), last.toordinal())
        waiting = lag.variance(implied, possible)
        spread = float(np.hypot(noise, extra))
        found.append(Window(first, last, seen, meant, spread, 0.0, waiting, not_due=total - meant))
    return tuple(found)


def _windows(figures: list[ReferenceFigure], past: Past, lag: Lag, noise: float) -> tuple[Window, ...]:
    """Return windows of one stream, in order of time. Daily figures are taken together by week."""
    periods = past.periods
    if not periods:
        return ()
    own = [f for f in _drop_overlaps(figures) if f.period_from >= periods[0]]
    if not own:
        return ()
    lead = timedelta(days=7 * (len(lag.kernel()) // 7 + 2))  # who is decided in it may arrive in the first window
    start = own[0].period_from - lead
    length = (max(own[-1].period_to, periods[-1]) - start).days + 1
    y, due, delivered = _count_days(past, own[0].segment, start, length)
    decided = _spread_decisions(own, due, start, lead.days)
    meant = move_to_deliveries(arrivals(decided, lag), delivered)
    found: list[Window] = []
    for first, last, extra in _list_ended(own, periods[-1]):
        a, b = (first - start).days, (last - start).days + 1
        if meant[a:b].sum() > 0.0 and not _is_paused(past, own[0].segment, first, last):
            seen, implied = float(y[a:b].sum()), float(meant[a:b].sum())
            waiting, after = count_in_transit(decided, delivered, a, b, lag)
            follows = bool(found) and found[-1].last + timedelta(days=1) == first
            before = found[-1].after if follows else after + (_GUESSED * waiting) ** 2
            found.append(Window(first, last, seen, implied, float(np.hypot(noise, extra)), before, after, follows))
    return tuple(found)


def _drop_overlaps(figures: list[ReferenceFigure]) -> list[ReferenceFigure]:
    """Return figures in order, none counting a day twice; the one that ends first stays."""
    kept: list[ReferenceFigure] = []
    for figure in figures:
        if not kept or figure.period_from > kept[-1].period_to:
            kept.append(figure)
    return kept


def _count_days(past: Past, segment: Segment, start: date, length: int) -> tuple[Array, Array, Array]:
    """Return for each day from `start`: persons delivered, whether one was due, whether rows were counted."""
    y, due, delivered = np.zeros(length), np.zeros(length), np.zeros(length)
    whole = past.series(ROWS)
    for day, count, total in zip(past.periods, _fill(past.series(ROWS, segment), whole), whole, strict=True):
        place = (day - start).days
        if 0 <= place < length:
            due[place] = 1.0
            if not np.isnan(count):
                # A delivery without any row is an outage: what was due comes with the next.
                y[place], delivered[place] = count, float(total != 0.0)
    # Before the first delivery and after the last one they come on the weekdays on which they came.
    weekdays = {day.weekday() for day in past.periods}
    known = range((past.periods[0] - start).days, (past.periods[-1] - start).days + 1)
    for place in range(length):
        if place not in known and (start + timedelta(days=place)).weekday() in weekdays:
            due[place] = delivered[place] = 1.0
    return y, due, delivered


def _fill(counts: Array, whole: Array) -> Array:
    """Return the counts of a segment, estimated by its usual share where a delivery lacks a column of it.

    Such a delivery brought its persons: nobody is missing because they could not be counted by segment.
    """
    lacking = np.isnan(counts) & (whole > 0.0)
    known = ~np.isnan(counts) & ~np.isnan(whole)
    if not lacking.any() or not known.any():
        return counts
    share = counts[known].sum() / max(whole[known].sum(), 1.0)
    return np.where(lacking, whole * share, counts)


def _spread_decisions(figures: list[ReferenceFigure], due: Array, start: date, unknown: int) -> Array:
    """Return decisions a calendar day: each figure spread evenly over its days with a delivery due, or over all.

    On the `unknown` first days, of which no figure speaks, as many are decided as in the fortnight after.
    """
    decided = np.zeros(len(due))
    for figure in figures:
        part = slice((figure.period_from - start).days, (figure.period_to - start).days + 1)
        days = due[part]
        share = days / days.sum() if days.sum() > 0.0 else np.full(len(days), 1.0 / len(days))
        decided[part] += figure.count * share
    fortnight = slice(unknown, unknown + 14)
    decided[:unknown] = due[:unknown] * decided[fortnight].sum() / max(due[fortnight].sum(), 1.0)
    return decided


def _list_ended(figures: list[ReferenceFigure], today: date) -> list[tuple[date, date, float]]:
    """Return the windows that are over: (first day, last day, noise of spreading)."""
    spans: list[tuple[date, date, float]] = []
    week: list[ReferenceFigure] = []
    for figure in figures:
        days = (figure.period_to - figure.period_from).days + 1
        if days == 1:
            if week and figure.period_from.isocalendar()[:2] != week[0].period_from.isocalendar()[:2]:
                spans.append((week[0].period_from, week[-1].period_to, 0.0))
                week = []
            week.append(figure)
        elif days > _SPLIT_ABOVE and figure.published_on <= figure.period_to:
            spans += _blocks(figure)
        else:
            spans.append((figure.period_from, figure.period_to, 0.0))
    return [s for s in spans if s[1] <= today]


def _blocks(figure: ReferenceFigure) -> list[tuple[date, date, float]]:
    """Split a forecast that is known before its period is over into four weeks each.

    Each part may have its own season.
    """
    blocks, first = [], figure.period_from
    while first <= figure.period_to:
        last = min(first + _BLOCK - timedelta(days=1), figure.period_to)
        blocks.append((first, last, _SPREAD))
        first = last + timedelta(days=1)
    return blocks


def _is_paused(past: Past, segment: Segment, first: date, last: date) -> bool:
    return any(
        m.kind in {"pause", "catch-up"} and m.first <= last and m.last >= first and m.segment.contains(segment)
        for m in past.exclusions
    )
