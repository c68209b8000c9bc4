"""View models of evidence from outside: registers, catch-ups, references, inquiries, declared stretches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ketenwacht.domain.catchup import CatchUpPlan, Risk
from ketenwacht.domain.evidence import InquiryCount, ReconciliationCount, ReferenceFigure
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import CheckResult, Status, worst
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Amount, Persons, Text

from .formatter import MessageFormatter
from .privacy import Shown
from .texts.labels import STATUS_WORD
from .views import ResultView, clean, segment_text, span_text, view_result
from .views_finding import ImpactView, view_impact

CLASSES = ("registered", "matched", "pending", "late", "missing", "extra", "different")
"""The counts of a comparison, in the order in which they are shown."""


class Waited(Protocol):
    """Days that persons waited; for whom, and how many they are."""

    @property
    def count(self) -> int:
        """Persons."""
        ...

    @property
    def p50(self) -> float:
        """Days, the middle person."""
        ...

    @property
    def p95(self) -> float:
        """95th percentile, in days."""
        ...

    @property
    def longest(self) -> int:
        """Days."""
        ...


class Compared(Protocol):
    """What is shown of a comparison of register and deliveries."""

    @property
    def register_date(self) -> date:
        """The register's reference date."""
        ...

    @property
    def counts(self) -> Sequence[ReconciliationCount]:
        """The whole feed first."""
        ...

    @property
    def late(self) -> Waited | None:
        """From decision to arrival, of those late."""
        ...

    @property
    def overdue(self) -> Waited | None:
        """From decision to the reference date, of those missing."""
        ...

    @property
    def differences(self) -> Mapping[str, int]:
        """Persons whose value differs, by column."""
        ...

    @property
    def deliveries(self) -> int:
        """Deliveries in force on the reference date."""
        ...

    @property
    def duplicates(self) -> int:
        """Rows of the register beyond the first for a person."""
        ...

    @property
    def undated(self) -> int:
        """Rows of the register without a date of decision."""
        ...

    @property
    def register_without_key(self) -> int:
        """Rows of the register that can never be matched."""
        ...

    @property
    def delivered_without_key(self) -> int:
        """Delivered rows that can never be matched."""
        ...


@dataclass(frozen=True, slots=True)
class AgesView:
    """Days that persons waited; None in all of them: too few persons to tell. `text` says it."""

    p50: float | None
    p95: float | None
    longest: float | None
    text: str


@dataclass(frozen=True, slots=True)
class ComparedView:
    """A comparison of one segment with the register.

    Attributes:
        counts: persons by class, in the order of `CLASSES`.
        recent: who arrived in the four weeks up to the register's date.
        recent_late: of those, who arrived late.
        ages: their days from decision to arrival.
        ages_text: within how many days 95 % of them arrived; empty where it may not be told.
        found: whether anything is wrong with it, so that a finer part is worth a line.
    """

    segment: Segment
    segment_text: str
    counts: Mapping[str, Shown]
    recent: Shown
    recent_late: Shown
    ages: AgesView
    ages_text: str
    found: bool


@dataclass(frozen=True, slots=True)
class ReconciliationView:
    """One comparison of a register with the deliveries.

    Attributes:
        title: which register against how many deliveries.
        segments: the whole feed first.
        late: from decision to arrival, of those late; None: nobody is.
        missing: from decision to the reference date, of those missing; None: nobody is.
        notes: what else must be known of it, a sentence each.
        impact: None: nobody is missing.
        newer: a newer register was compared before, so that incidents stay as that left them.
    """

    feed: str
    register_date: date
    status: Status
    status_text: str
    title: str
    segments: tuple[ComparedView, ...]
    late: AgesView | None
    missing: AgesView | None
    notes: tuple[str, ...]
    impact: ImpactView | None
    results: tuple[ResultView, ...]
    deliveries: int
    unread: int
    newer: date | None


def view_reconciliation(  # noqa: PLR0913 - one thing to show each
    feed: str,
    outcome: Compared,
    results: Sequence[CheckResult],
    formatter: MessageFormatter,
    *,
    unread: int = 0,
    newer: date | None = None,
) -> ReconciliationView:
    """Return a comparison for showing. All its counts are rounded: they are counted over several deliveries."""
    status = worst(result.status for result in results)
    late = _ages(outcome.late, "late", formatter)
    overdue = _ages(outcome.overdue, "missing", formatter)
    title = formatter.label(
        "reconcile.title",
        feed=clean(feed),
        day=formatter.short_day(outcome.register_date),
        deliveries=Amount(outcome.deliveries),
    )
    return ReconciliationView(
        feed=clean(feed),
        register_date=outcome.register_date,
        status=status,
        status_text=STATUS_WORD[status][formatter.language],
        title=title,
        segments=tuple(_view_comparison(count, formatter) for count in outcome.counts),
        late=late,
        missing=overdue,
        notes=tuple(_notes(outcome, (late, overdue), unread, formatter)),
        impact=view_impact(outcome.counts[0].impact, formatter),
        results=tuple(view_result(result, formatter) for result in results),
        deliveries=outcome.deliveries,
        unread=unread,
        newer=newer,
    )


def _view_comparison(count: ReconciliationCount, formatter: MessageFormatter) -> ComparedView:
    recent = formatter.privacy.count(count.recent or 0)
    ages = AgesView(None, None, None, "")
    if not recent.hidden:
        ages = AgesView(count.age_p50, count.age_p95, count.age_longest, "")
    return ComparedView(
        segment=count.segment,
        segment_text=segment_text(count.segment, formatter),
        counts={name: formatter.privacy.count(getattr(count, name)) for name in CLASSES},
        recent=recent,
        recent_late=formatter.privacy.count(count.recent_late or 0),
        ages=ages,
        ages_text="" if ages.p95 is None else formatter.label("reconcile.days", days=Amount(ages.p95)),
        found=count.missing + count.extra + count.different + count.late > 0,
    )


def _ages(ages: Waited | None, who: str, formatter: MessageFormatter) -> AgesView | None:
    if ages is None:
        return None
    if formatter.privacy.count(ages.count).hidden:
        return AgesView(None, None, None, formatter.label(f"reconcile.{who}_few"))
    days = {"p50": Amount(round(ages.p50)), "p95": Amount(round(ages.p95)), "longest": Amount(ages.longest)}
    return AgesView(ages.p50, ages.p95, ages.longest, formatter.label(f"reconcile.{who}_days", **days))


def _notes(
    outcome: Compared, ages: Sequence[AgesView | None], unread: int, formatter: MessageFormatter
) -> Iterable[str]:
    yield from (one.text for one in ages if one is not None)
    by_column = {clean(name): persons for name, persons in outcome.differences.items() if persons > 0}
    if by_column:
        told = ", ".join(f"{name} {formatter.value(Persons(persons))}" for name, persons in by_column.items())
        yield formatter.label("reconcile.by_column", columns=told)
    if unread:
        yield formatter.label("reconcile.unread", count=Amount(unread))
    without = {
        "undated": outcome.undated,
        "register_without_key": outcome.register_without_key,
        "delivered_without_key": outcome.delivered_without_key,
        "duplicates": outcome.duplicates,
    }
    yield from (
        formatter.label(f"reconcile.{key}", count=Persons(rows)) for key, rows in without.items() if rows > 0
    )


@dataclass(frozen=True, slots=True)
class WeekView:
    """One week of a catch-up.

    Attributes:
        first: its first day.
        persons: delivered in it.
        waiting: still waiting after it.
        height: at which the persons are drawn: a hidden number halfway.
        waiting_height: likewise.
        text: both in words.
    """

    first: date
    first_text: str
    persons: Shown
    persons_text: str
    waiting: Shown
    waiting_text: str
    height: float
    waiting_height: float
    text: str


@dataclass(frozen=True, slots=True)
class RiskView:
    """What a term means for those who wait; `text` says it."""

    name: str
    starts: str
    passed: Shown
    will_pass: Shown
    last_end: date
    text: str


@dataclass(frozen=True, slots=True)
class CatchUpView:
    """A schedule of redelivery.

    Attributes:
        title: how many in which weeks, or that nobody is missing.
        rule: in which order, and how much at once; empty without weeks.
        by: the columns it is spread by.
        height: at which all persons together are drawn.
        first: None: there is nobody to catch up.
    """

    feed: str
    register_date: date
    title: str
    rule: str
    by: tuple[str, ...]
    multiple: float
    persons: Shown
    height: float
    first: date | None
    last: date | None
    weeks: tuple[WeekView, ...]
    risks: tuple[RiskView, ...]


def view_catch_up(  # noqa: PLR0913 - what is planned, for whom, and how it is said
    feed: str,
    register_date: date,
    by: Sequence[str],
    plan: CatchUpPlan,
    formatter: MessageFormatter,
    *,
    multiple: float,
) -> CatchUpView:
    """Return a catch-up for showing; the exact schedule is only in its file."""
    first, named = plan.weeks[0].first if plan.weeks else None, tuple(clean(name) for name in by)
    title = formatter.label("catchup.nobody", feed=clean(feed), day=formatter.short_day(register_date))
    rule = ""
    if first is not None:
        title = formatter.label(
            "catchup.title",
            feed=clean(feed),
            persons=Persons(plan.count),
            weeks=Amount(len(plan.weeks)),
            span=span_text(first, plan.last or first, formatter),
        )
        columns = tuple(Text.of(name) for name in named)
        rule = formatter.label("catchup.rule", by=columns, multiple=Amount(multiple))
    return CatchUpView(
        feed=clean(feed),
        register_date=register_date,
        title=title,
        rule=rule,
        by=named,
        multiple=multiple,
        persons=formatter.privacy.count(plan.count),
        height=formatter.privacy.drawn(plan.count) or 0.0,
        first=first,
        last=plan.last,
        weeks=tuple(_week(*point, formatter) for point in plan.chart()),
        risks=tuple(_risk(risk, formatter) for risk in plan.risks),
    )


def _week(first: date, persons: int, waiting: int, formatter: MessageFormatter) -> WeekView:
    some, others = formatter.privacy.count(persons), formatter.privacy.count(waiting)
    day, counts = (
        formatter.short_day(first),
        {"persons": formatter.shown(some), "waiting": formatter.shown(others)},
    )
    return WeekView(
        first=first,
        first_text=day,
        persons=some,
        persons_text=counts["persons"],
        waiting=others,
        waiting_text=counts["waiting"],
        height=formatter.privacy.drawn(persons) or 0.0,
        waiting_height=formatter.privacy.drawn(waiting) or 0.0,
        text=formatter.label("catchup.week", day=day, **counts),
    )


def _risk(risk: Risk, formatter: MessageFormatter) -> RiskView:
    clock = risk.clock
    text = formatter.label(
        f"catchup.risk_{clock.starts.value}",
        name=clean(formatter.text(clock.name)),
        days=Amount(clock.term.days),
        passed=Persons(risk.passed),
        will_pass=Persons(risk.will_pass),
        last=formatter.short_day(risk.last_end),
    )
    passed, will_pass = formatter.privacy.count(risk.passed), formatter.privacy.count(risk.will_pass)
    return RiskView(clean(formatter.text(clock.name)), clock.starts.value, passed, will_pass, risk.last_end, text)


@dataclass(frozen=True, slots=True)
class SourceView:
    """What one publisher says, in one row; `restated` figures have another version before them."""

    name: str
    figures: int
    segments: int
    first: date
    last: date
    newest: date
    uncertainty: float
    restated: int
    text: str


def view_sources(figures: Iterable[ReferenceFigure], formatter: MessageFormatter) -> tuple[SourceView, ...]:
    """Return the sources of figures with the largest uncertainty of each; the figures themselves are not shown."""
    by_name: defaultdict[str, list[ReferenceFigure]] = defaultdict(list)
    for figure in figures:
        by_name[figure.source].append(figure)
    return tuple(_source(name, some, formatter) for name, some in sorted(by_name.items()))


def _source(name: str, some: Sequence[ReferenceFigure], formatter: MessageFormatter) -> SourceView:
    first, last = min(one.period_from for one in some), max(one.period_to for one in some)
    newest, uncertainty = max(one.published_on for one in some), max(one.uncertainty for one in some)
    segments, restated = len({one.segment for one in some}), sum(one.version > 1 for one in some)
    text = formatter.label(
        "reference.restated" if restated else "reference.source",
        figures=Amount(len(some)),
        restated=Amount(restated),
        segments=Amount(segments),
        span=span_text(first, last, formatter),
        uncertainty=formatter.percent(uncertainty),
        newest=formatter.short_day(newest),
    )
    return SourceView(clean(name), len(some), segments, first, last, newest, uncertainty, restated, text)


@dataclass(frozen=True, slots=True)
class InquiryMonthView:
    """Inquiries of one month by outcome; every outcome that occurs is in every month.

    Attributes:
        first: its first day; None: all months together.
        outcomes: inquiries by outcome.
    """

    first: date | None
    name: str
    outcomes: Mapping[str, Shown]


def view_inquiries(counts: Iterable[InquiryCount], formatter: MessageFormatter) -> tuple[InquiryMonthView, ...]:
    """Return inquiries by month and outcome, in order, then all together; none without an inquiry."""
    tally: Counter[tuple[date, str]] = Counter()
    for one in counts:
        tally[one.day.replace(day=1), one.outcome] += one.count
    outcomes = sorted({outcome for _, outcome in tally})
    months = sorted({month for month, _ in tally})
    if not months:
        return ()
    count = formatter.privacy.count
    together = {name: count(sum(tally[month, name] for month in months)) for name in outcomes}
    return (
        *(
            InquiryMonthView(month, f"{month:%Y-%m}", {name: count(tally[month, name]) for name in outcomes})
            for month in months
        ),
        InquiryMonthView(None, formatter.label("inquiries.together"), together),
    )


@dataclass(frozen=True, slots=True)
class ExclusionView:
    """A declared stretch that says nothing of the normal level."""

    first: date
    last: date
    span_text: str
    kind: str
    segment: Segment
    segment_text: str
    reason: str
    declared_by: str


def view_exclusion(mask: ExclusionWindow, formatter: MessageFormatter) -> ExclusionView:
    """Return a declared stretch for showing."""
    return ExclusionView(
        first=mask.first,
        last=mask.last,
        span_text=span_text(mask.first, mask.last, formatter),
        kind=clean(mask.kind),
        segment=mask.segment,
        segment_text=segment_text(mask.segment, formatter),
        reason=clean(mask.reason),
        declared_by=clean(mask.declared_by),
    )
