"""View models of the history of a feed: counts over time with what was expected, and the latest runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ketenwacht.domain.result import Interval
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.status import Status

from .formatter import MessageFormatter
from .privacy import Privacy, Shown
from .texts.labels import STATUS_WORD
from .views import IntervalView, segment_text, view_expected


class Counts(Protocol):
    """The counts of one segment over time, with what was expected of them; see `report.data.Series`."""

    @property
    def segment(self) -> Segment:
        """Which part of the feed."""
        ...

    @property
    def days(self) -> Sequence[date]:
        """The period of each delivery."""
        ...

    @property
    def observed(self) -> Sequence[float | None]:
        """Rows delivered, one a day; None: nothing was delivered."""
        ...

    @property
    def low(self) -> Sequence[float | None]:
        """Lower end of what was expected; empty: never."""
        ...

    @property
    def high(self) -> Sequence[float | None]:
        """Upper end."""
        ...

    @property
    def smallest(self) -> Sequence[float | None]:
        """The smallest count above 0 of each delivery, None: it holds none; empty: not known."""
        ...

    @property
    def status(self) -> Status | None:
        """The newest verdict."""
        ...


@dataclass(frozen=True, slots=True)
class PointView:
    """One delivery of a series.

    Attributes:
        day: its period.
        observed: persons; None: nothing was delivered.
        observed_text: `none` where nothing was delivered.
        expected: None: nothing was expected.
        height: at which the count is drawn: a hidden one halfway; None: a gap.
    """

    day: date
    observed: Shown | None
    observed_text: str
    expected: IntervalView | None
    height: float | None


@dataclass(frozen=True, slots=True)
class TrendView:
    """The counts of one segment, delivery by delivery.

    Attributes:
        status: the newest verdict on it; None when it was never judged.
    """

    segment: Segment
    segment_text: str
    points: tuple[PointView, ...]
    status: Status | None
    status_text: str


def view_trend(series: Counts, how: MessageFormatter) -> TrendView:
    """A series for showing; each count as exactly as its delivery allows."""
    nothing: list[float | None] = [None] * len(series.days)
    rows = zip(
        series.days,
        series.observed,
        series.low or nothing,
        series.high or nothing,
        series.smallest or [1.0] * len(series.days),
        strict=True,
    )
    return TrendView(
        segment=series.segment,
        segment_text=segment_text(series.segment, how),
        points=tuple(
            _point(day, count, Interval(low, high), how.with_privacy(how.privacy.for_delivery(smallest)))
            for day, count, low, high, smallest in rows
        ),
        status=series.status,
        status_text="" if series.status is None else STATUS_WORD[series.status][how.language],
    )


def _point(day: date, count: float | None, expected: Interval, how: MessageFormatter) -> PointView:
    privacy: Privacy = how.privacy
    shown = None if count is None else privacy.count(count, of_delivery=True)
    limits = None if expected == Interval() else view_expected(expected, "persons", how)
    return PointView(
        day=day,
        observed=shown,
        observed_text=how.label("history.none") if shown is None else how.shown(shown),
        expected=limits,
        height=privacy.drawn(count, of_delivery=True),
    )
