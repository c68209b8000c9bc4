"""View models: runs and results in words and in numbers that may be shown; renderers lay them out.

Every text is in the language of the formatter, on one line. Every number of persons went through
`messages.privacy`. What stays as it is (status, evidence, segment, dates) is there for sorting and for JSON.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.result import CheckResult, Evidence, Interval, JudgedRun, Missing, Status, by_week
from ketenwacht.domain.segment import Segment

from .formatter import MessageFormatter
from .privacy import Privacy, Shown
from .public import to_public
from .texts.labels import EVIDENCE_WORD, STATUS_MEANING, STATUS_WORD, UNIT

PERSON_UNITS = frozenset({"persons", "rows", "records", "inquiries", None})
"""Units in which a number counts persons; without a unit it does too."""
SHARE_UNITS = frozenset({"share", "fraction"})
"""Units in which a number is a fraction 0–1, shown as a percentage."""


@dataclass(frozen=True, slots=True)
class IntervalView:
    """Where a value was expected. None on a side: no limit there.

    Attributes:
        low: as it may be shown: of persons a whole number, rounded outward where the delivery holds small counts.
        high: likewise.
        text: `21–44`, `at least 21`, `at most 44`; empty without limits.
    """

    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True)
class MissingView:
    """An estimate of persons missing, or too many.

    Attributes:
        value: persons; negative: too many.
        low: lower end of the 90 % interval, rounded outward; negative: too many.
        high: upper end, likewise.
        since: first day of the loss.
        nobody: the estimate is 0, and its sentences are empty.
        too_many: persons arrived who should not have.
        amount_text: `about 190`, `<10`, `about 40 too many`.
        range_text: `120–260`; empty where it is too narrow to be seen, and of a hidden number.
        since_text: `30 May 2022`, `the week of 30 May 2022` where no more is known.
        sentence: `about 190 missing since 30 May 2022`.
        sentence_with_range: the same with its interval.
    """

    value: Shown
    low: float
    high: float
    since: date
    nobody: bool
    too_many: bool
    amount_text: str
    range_text: str
    since_text: str
    sentence: str
    sentence_with_range: str


@dataclass(frozen=True, slots=True)
class ResultView:
    """What one check says of one segment of a delivery.

    Attributes:
        observed: the number that was judged; None: there is none. In the unit of the check.
        observed_text: with its unit, unless that is persons; empty without a number.
        expected: where it should have been; None: nothing was expected.
        expected_text: empty without limits.
        message: what the check found, in words.
        code: the same as a stable code.
        params: what the text is filled with, as it may leave the tool; ready for JSON.
    """

    check: str
    status: Status
    status_text: str
    segment: Segment
    segment_text: str
    evidence: Evidence
    evidence_text: str
    unit: str | None
    observed: Shown | None
    observed_text: str
    expected: IntervalView | None
    expected_text: str
    message: str
    missing: MissingView | None
    code: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RunView:
    """One delivery, judged.

    Attributes:
        id: of the run.
        delivery: the identity of the delivery.
        delivery_name: its identity as people read it: `no delivery` for one that is absent.
        delivery_text: `delivery 000123`, or `no delivery`.
        period: the date it is for.
        status_text: the verdict in one word.
        meaning: the verdict in a few words.
        problem: why it could not be read, empty when it was.
        at: when it was judged (UTC).
        results: of every check, in their order.
        by_evidence: whether evidence that came later made the delivery judged again.
    """

    id: str
    feed: str
    delivery: str
    delivery_name: str
    delivery_text: str
    presence: Presence
    period: date
    period_text: str
    status: Status
    status_text: str
    meaning: str
    problem: str
    at: datetime
    results: tuple[ResultView, ...]
    by_evidence: bool = False


def clean(text: str) -> str:
    """Return text without control, format or surrogate characters, on one line.

    A column name may hold anything.
    """
    if text.isprintable():  # so is almost every text, and this is called for every value that is shown
        return " ".join(text.split())
    kept = (" " if c.isspace() else c if unicodedata.category(c)[0] != "C" else "�" for c in text)
    return " ".join("".join(kept).split())


def view_run(run: JudgedRun, formatter: MessageFormatter, *, with_results: bool = True) -> RunView:
    """Return a run for showing; its own counts as exactly as the delivery allows."""
    own = formatter.with_privacy(formatter.privacy.for_delivery(run.smallest))
    delivery = run.delivery
    absent = delivery.presence is Presence.ABSENT
    return RunView(
        id=run.id,
        feed=clean(delivery.feed),
        delivery=clean(delivery.id),
        delivery_name=formatter.label("run.no_delivery") if absent else clean(delivery.id),
        delivery_text=formatter.label("run.no_delivery")
        if absent
        else formatter.label(
            "run.delivery_by_evidence" if run.by_evidence else "run.delivery", delivery=clean(delivery.id)
        ),
        presence=delivery.presence,
        period=delivery.period,
        period_text=formatter.short_day(delivery.period),
        status=run.status,
        status_text=STATUS_WORD[run.status][formatter.language],
        meaning=STATUS_MEANING[run.status][formatter.language],
        problem="" if delivery.problem is None else clean(formatter.say(delivery.problem)),
        at=run.at,
        results=tuple(view_result(result, own) for result in run.results) if with_results else (),
        by_evidence=run.by_evidence,
    )


def view_result(result: CheckResult, formatter: MessageFormatter) -> ResultView:
    """Return a result for showing; `formatter` has the privacy of its delivery."""
    observed = view_observed(result, formatter)
    expected = view_expected(result.expected, result.unit, formatter, of_delivery=result.of_delivery)
    said = result.said
    return ResultView(
        check=clean(result.check),
        status=result.status,
        status_text=STATUS_WORD[result.status][formatter.language],
        segment=result.segment,
        segment_text=segment_text(result.segment, formatter),
        evidence=result.evidence,
        evidence_text=EVIDENCE_WORD[result.evidence][formatter.language],
        unit=result.unit,
        observed=observed,
        observed_text=_observed_text(observed, result, formatter),
        expected=expected,
        expected_text="" if expected is None else expected.text,
        message=clean(formatter.say(said)),
        missing=view_missing(result.missing, result.evidence, formatter),
        code=said.code,
        params={name: to_public(value, formatter) for name, value in said.params.items()},
    )


def view_observed(result: CheckResult, formatter: MessageFormatter) -> Shown | None:
    """Return the number that a check judged, as it may be shown; None without one."""
    if result.observed is None or not math.isfinite(result.observed):
        return None
    if result.unit in PERSON_UNITS:
        return formatter.privacy.count(result.observed, of_delivery=result.of_delivery)
    if result.unit in SHARE_UNITS and result.whole is not None:
        part = result.observed * result.whole
        return formatter.privacy.share(part, result.whole, of_delivery=result.of_delivery)
    return Shown(result.observed)


def _observed_text(observed: Shown | None, result: CheckResult, formatter: MessageFormatter) -> str:
    unit = result.unit
    if observed is None:
        return "" if result.observed is None else formatter.phrase("unknown")
    if unit in SHARE_UNITS:
        return _share_text(observed, formatter)
    if unit is None or unit in PERSON_UNITS or observed.value is None:
        return formatter.shown(observed)
    named = UNIT[unit][formatter.language] if unit in UNIT else clean(unit)
    return f"{formatter.number(observed.value)} {named}"


def _share_text(share: Shown, formatter: MessageFormatter) -> str:
    """Return a share as a cell of a table: `25%`, `<3%`, `>97%`."""
    if share.value is not None:
        return formatter.percent(share.value)
    if not share.limit:
        return formatter.label("observed.hidden")
    outward = math.floor if share.above else math.ceil
    return f"{'>' if share.above else '<'}{formatter.percent(outward(100 * share.limit) / 100)}"


def view_expected(
    expected: Interval | None, unit: str | None, formatter: MessageFormatter, *, of_delivery: bool = True
) -> IntervalView | None:
    """Return where a value was expected, as it may be shown.

    Limits of persons are the whole numbers that would have been accepted. Beside a count that is rounded they are
    rounded too, outward to the step.
    """
    if expected is None:
        return None
    low, high = expected.low, expected.high
    if unit in PERSON_UNITS:
        exact = formatter.privacy.step == 1 or (formatter.privacy.exact and of_delivery)
        low, high = _whole(low, high) if exact else _outward(low, high, formatter)
    share = unit in SHARE_UNITS
    # 0 and 1 are no limits of a share
    shown = (None if share and low == 0.0 else low, None if share and high == 1.0 else high)
    return IntervalView(low, high, _band(*shown, formatter, share=share))


def _whole(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    low = None if low is None else float(math.ceil(low - 1e-9))
    high = None if high is None else float(math.floor(high + 1e-9))
    if low is not None and high is not None and low > high:  # a band so narrow that it holds no whole number
        return high, low
    return low, high


def _outward(
    low: float | None, high: float | None, formatter: MessageFormatter
) -> tuple[float | None, float | None]:
    down = None if low is None else formatter.privacy.outward(low, low)[0]
    up = None if high is None else formatter.privacy.outward(high, high)[1]
    return down, up


def _band(low: float | None, high: float | None, formatter: MessageFormatter, *, share: bool) -> str:
    def said(limit: float) -> str:
        return formatter.percent(limit) if share else formatter.number(limit)

    if low is None and high is None:
        return ""
    if low is None:
        return formatter.label("expected.at_most", limit=said(high if high is not None else math.inf))
    if high is None:
        return formatter.label("expected.at_least", limit=said(low))
    return said(low) if low == high else f"{said(low)}–{said(high)}"


def view_missing(missing: Missing | None, evidence: Evidence, formatter: MessageFormatter) -> MissingView | None:
    """Return an estimate of missing persons for showing; None without one."""
    if missing is None:
        return None
    value = formatter.privacy.count(missing.value)
    low, high = formatter.privacy.outward(missing.low, missing.high)
    too_many = missing.value < 0.0
    amount = formatter.about(missing.value)
    day = formatter.short_day(missing.since)
    since = formatter.label("missing.week", day=day) if by_week(missing, evidence) else day
    span = formatter.size_if_vague(missing) or "–".join(formatter.ends(missing) or ())
    key = "missing.too_many_since" if too_many else "missing.since"
    nobody = value.value == 0.0
    sentence = "" if nobody else formatter.label(key, amount=amount, since=since)
    return MissingView(
        value=value,
        low=low,
        high=high,
        since=missing.since,
        nobody=nobody,
        too_many=too_many,
        amount_text=formatter.label("missing.too_many", amount=amount) if too_many else amount,
        range_text=span,
        since_text=since,
        sentence=sentence,
        sentence_with_range=formatter.label("missing.in_range", sentence=sentence, range=span)
        if sentence and span
        else sentence,
    )


def segment_text(segment: Segment, formatter: MessageFormatter) -> str:
    """Return a segment in a sentence, on one line: `group family, town (empty)`; `the whole feed`."""
    return clean(formatter.segment(segment))


def span_text(first: date, last: date, formatter: MessageFormatter) -> str:
    """Return a stretch of days, both ends included: `3 Jan 2022 – 30 Jun 2023`."""
    return (
        formatter.short_day(first)
        if first == last
        else f"{formatter.short_day(first)} – {formatter.short_day(last)}"
    )


# View models of the history of a feed: counts over time with what was expected, and the latest runs.


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


def view_trend(series: Counts, formatter: MessageFormatter) -> TrendView:
    """Return a series for showing; each count as exactly as its delivery allows."""
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
        segment_text=segment_text(series.segment, formatter),
        points=tuple(
            _point(
                day, count, Interval(low, high), formatter.with_privacy(formatter.privacy.for_delivery(smallest))
            )
            for day, count, low, high, smallest in rows
        ),
        status=series.status,
        status_text="" if series.status is None else STATUS_WORD[series.status][formatter.language],
    )


def _point(day: date, count: float | None, expected: Interval, formatter: MessageFormatter) -> PointView:
    privacy: Privacy = formatter.privacy
    shown = None if count is None else privacy.count(count, of_delivery=True)
    limits = None if expected == Interval() else view_expected(expected, "persons", formatter)
    return PointView(
        day=day,
        observed=shown,
        observed_text=formatter.label("history.none") if shown is None else formatter.shown(shown),
        expected=limits,
        height=privacy.drawn(count, of_delivery=True),
    )
