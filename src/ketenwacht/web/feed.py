"""The page of one feed: verdict, incidents, deliveries, parts, what would go unseen, and the checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.incidents import Incident, count_feed
from ketenwacht.domain.result import JudgedRun, Status
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Amount
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.backtest import DetectionLimitRow
from ketenwacht.messages.texts import named
from ketenwacht.messages.texts.labels import EVIDENCE_WORD, STATUS_MEANING, STATUS_WORD
from ketenwacht.messages.views import ResultView, clean, segment_text, view_run
from ketenwacht.messages.views_missing import value_name, view_missing_persons

from .calendar import DeliveryCalendarView, view_calendar
from .charts import BROAD, YEAR, FeedChartView, make_chart_view, view_counts
from .detection_limits import read_limits, view_unseen
from .overview import IncidentCard, load_incidents, make_card, missing_text, verdict_of
from .queries import CountRow, Proof, find_counts, find_last_read, find_proofs_of_parts, find_segments
from .site import Ask
from .sparkline import Sparkline, make_sparkline

RANGES: Mapping[str, timedelta] = {
    "4w": timedelta(weeks=4),
    "13w": timedelta(weeks=13),
    "1y": YEAR,
}
"""The stretches that may be chosen; the second is shown first."""

MOST_PARTS = 15
"""So many parts are shown under one another, the largest."""


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part of the feed in the tree.

    Attributes:
        depth: 0 for the whole feed.
        missing: how many are missing in it; empty: nobody, as far as is known.
        proven: up to when independent evidence covers it; empty: it is unproven.
    """

    depth: int
    name: str
    text: str
    line: Sparkline | None
    count: str
    missing: str
    proven: str
    proven_by: str
    link: str


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """What one check says of the newest delivery.

    Attributes:
        name: of the check.
        title: what it looks at, in words.
        worst: of its results.
        tally: how many of each status.
        results: those that the filter lets through, the worst first.
    """

    name: str
    title: str
    worst: Status
    worst_text: str
    tally: str
    results: tuple[ResultView, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The whole page.

    Attributes:
        headline: the verdict in a sentence.
        status: the verdict.
        chart: the counts of the chosen part; None: nothing was counted.
        chosen: that part, in words.
        dimensions: by what the parts may be shown, with the link of each; the chosen one has none.
        more_parts: how many smaller parts are not shown.
        checks: of the newest delivery, those that did not pass, or those that are asked for.
        passed: the others.
        statuses: status, words and count of each that occurs in it.
    """

    name: str
    title: str
    parties: str
    headline: str
    detail: str
    status: Status
    status_text: str
    cards: tuple[IncidentCard, ...]
    calendar: DeliveryCalendarView | None
    chart: FeedChartView | None
    chosen: str
    dimensions: tuple[tuple[str, str], ...]
    parts: tuple[PartLine, ...]
    more_parts: int
    unseen: tuple[DetectionLimitRow, ...]
    checks: tuple[CheckGroup, ...]
    passed: tuple[CheckGroup, ...]
    checks_title: str
    statuses: tuple[tuple[str, str, int], ...]


def view_feed(ask: Ask, feed: Feed) -> FeedPage:
    """Return the page of a feed at `ask.at`."""
    formatter, history = ask.formatter_of(feed.name), ask.service.history
    incidents = load_incidents(ask, feed.name)
    open_ = [one for one in incidents if one.active]
    runs = history.runs.find(feed.name, limit=1)
    run = runs[-1] if runs else None
    status = verdict_of(run, open_)
    today = ask.at.astimezone(formatter.zone).date()
    segments = find_segments(history, feed.name)
    chosen = _chosen(ask.query("part"), segments)
    shown = _tree(ask, feed, segments)
    since = today - RANGES["13w"]
    asked = ask.query("status")
    checks = _checks(run, asked, ask.query("check"), formatter)
    counts = find_counts(history, since=since, feed=feed.name, segments=[s for s, _ in shown.parts])
    return FeedPage(
        name=feed.name,
        title=clean(formatter.title(feed)),
        parties=parties_of(feed, formatter),
        headline=_headline(ask, feed, run, open_, formatter),
        detail=_detail(run, open_, formatter),
        status=status,
        status_text=formatter.label("web.not_judged") if run is None else STATUS_WORD[status][formatter.language],
        cards=tuple(make_card(ask, one) for one in sorted(open_, key=lambda one: one.urgency)),
        calendar=view_calendar(ask, feed.name, since=today - max(RANGES[range_of(ask)], RANGES["13w"])),
        chart=_chart(ask, feed, chosen, open_, formatter),
        chosen=segment_text(chosen, formatter),
        dimensions=shown.dimensions,
        parts=tuple(_parts(ask, feed, shown, counts, open_, formatter)),
        more_parts=shown.more,
        unseen=view_unseen(ask, feed, run),
        checks=tuple(one for one in checks if one.worst is not Status.PASSED or asked),
        passed=tuple(one for one in checks if one.worst is Status.PASSED and not asked),
        checks_title="" if run is None else _run_title(run, formatter),
        statuses=tuple(_statuses(run, formatter)),
    )


def parties_of(feed: Feed, formatter: MessageFormatter) -> str:
    """Return who sends to whom; the name of the feed where the configuration names neither."""
    if not feed.sender or not feed.receiver:
        return clean(feed.name)
    return f"{clean(formatter.party(feed.sender))} → {clean(formatter.party(feed.receiver))}"


def range_of(ask: Ask) -> str:
    """Return the chosen stretch."""
    asked = ask.query("range", "13w")
    return asked if asked in RANGES else "13w"


def _headline(
    ask: Ask, feed: Feed, run: JudgedRun | None, open_: Sequence[Incident], formatter: MessageFormatter
) -> str:
    """Return the verdict: what did not arrive comes before what is wrong with what did."""
    if run is None:
        return formatter.label("web.verdict_none")
    if run.delivery.presence is not Presence.READ:
        last = find_last_read(ask.service.history, feed.name)
        if last is None:
            return formatter.label("web.verdict_never")
        return formatter.label("web.verdict_absent", day=last)
    missing = view_missing_persons(count_feed(open_), formatter)
    if missing is not None and not missing.total.nobody:
        since = missing.total.since_text
        return formatter.label("web.verdict_missing", amount=missing_text(missing, formatter), since=since)
    if open_:
        return formatter.label("web.verdict_open", count=Amount(float(len(open_))))
    return formatter.label(f"web.verdict_{run.status.word}")


def _detail(run: JudgedRun | None, open_: Sequence[Incident], formatter: MessageFormatter) -> str:
    if run is None:
        return ""
    missing = view_missing_persons(count_feed(open_), formatter)
    sure = "" if missing is None else missing.how_sure
    return sure or STATUS_MEANING[run.status][formatter.language]


# The chart of the chosen part.


def _chosen(text: str, segments: Sequence[Segment]) -> Segment:
    return next((one for one in segments if one.pairs and part_key(one) == text), WHOLE)


def part_key(segment: Segment) -> str:
    """Return a segment as an address holds it: `group=family,goal=G24`."""
    return ",".join(f"{name}={value}" for name, value in segment.pairs)


def _chart(
    ask: Ask, feed: Feed, segment: Segment, open_: Sequence[Incident], formatter: MessageFormatter
) -> FeedChartView | None:
    last = ask.at.astimezone(formatter.zone).date()
    first = last - RANGES[range_of(ask)]
    first -= timedelta(first.weekday())  # no first week of a day or two
    rows = find_counts(ask.service.history, since=first - YEAR, feed=feed.name, segments=[segment]).get(
        (feed.name, segment), []
    )
    limits = read_limits(ask, feed.name, [segment], since=first).get(segment, {})
    series = view_counts(segment, [row for row in rows if first <= row.period <= last], limits, formatter)
    earlier = [row for row in rows if first - YEAR <= row.period <= last - YEAR]
    before = view_counts(segment, earlier, {}, formatter) if earlier else None
    onset = min((one.since for one in open_ if one.missing is not None), default=None)
    return make_chart_view(
        "counts", series, formatter, stretch=(first, last), before=before, onset=onset, width=BROAD
    )


# The parts of the feed.


@dataclass(frozen=True, slots=True)
class _Tree:
    """The parts that are shown, each with its depth; and by what else they could be."""

    parts: tuple[tuple[Segment, int], ...]
    dimensions: tuple[tuple[str, str], ...]
    more: int


def _tree(ask: Ask, feed: Feed, segments: Sequence[Segment]) -> _Tree:
    """Return the whole feed, its parts in the chosen dimension, and beneath each the parts of that."""
    tops = [dims[0] for dims in feed.segments if len(dims) == 1]
    if not tops:
        return _Tree(((WHOLE, 0),), (), 0)
    by = ask.query("by") if ask.query("by") in tops else tops[0]
    sizes = _sizes(ask, feed, segments, by)
    firsts = sorted((s for s in segments if s.dimensions == (by,)), key=lambda s: (-sizes.get(s, 0.0), s))
    parts: list[tuple[Segment, int]] = [(WHOLE, 0)]
    more = max(0, len(firsts) - MOST_PARTS)
    for first in firsts[:MOST_PARTS]:
        parts.append((first, 1))
        inside = [s for s in segments if len(s.pairs) == 2 and s.dimensions[0] == by and first.contains(s)]  # noqa: PLR2004
        inside.sort(key=lambda s: (-sizes.get(s, 0.0), s))
        parts += [(s, 2) for s in inside[:MOST_PARTS]]
        more += max(0, len(inside) - MOST_PARTS)
    links = tuple((name, "" if name == by else ask.link(by=name)) for name in tops)
    return _Tree(tuple(parts), links if len(links) > 1 else (), more)


def _sizes(ask: Ask, feed: Feed, segments: Sequence[Segment], by: str) -> dict[Segment, float]:
    since = ask.at.date() - RANGES["4w"]
    wanted = [one for one in segments if one.pairs and one.dimensions[0] == by and len(one.pairs) <= 2]  # noqa: PLR2004
    counts = find_counts(ask.service.history, since=since, feed=feed.name, segments=wanted)
    return {segment: sum(row.value or 0.0 for row in rows) for (_, segment), rows in counts.items()}


def _parts(  # noqa: PLR0913, PLR0917 - what a line is made from
    ask: Ask,
    feed: Feed,
    tree: _Tree,
    counts: Mapping[tuple[str, Segment], Sequence[CountRow]],
    open_: Sequence[Incident],
    formatter: MessageFormatter,
) -> list[PartLine]:
    today = ask.at.astimezone(formatter.zone).date()
    proofs = find_proofs_of_parts(ask.service.history, feed.name, known_on=today)
    lines = []
    for segment, depth in tree.parts:
        rows = counts.get((feed.name, segment), ())
        proof: Proof | None = proofs.get(segment)
        lines.append(
            PartLine(
                depth=depth,
                name=value_name(segment, formatter),
                text=segment_text(segment, formatter),
                line=make_sparkline(rows, formatter, today=today),
                count=_last_count(rows, formatter),
                missing=missing_text(view_missing_persons(count_feed(open_, segment), formatter), formatter),
                proven="" if proof is None else formatter.short_day(proof.until),
                proven_by="" if proof is None else EVIDENCE_WORD[proof.evidence][formatter.language],
                link=ask.link(part=part_key(segment)),
            )
        )
    return lines


def _last_count(rows: Sequence[CountRow], formatter: MessageFormatter) -> str:
    """Return what the newest delivery holds of a part."""
    if not rows or rows[-1].value is None:
        return "–"
    own = formatter.privacy.for_delivery(rows[-1].smallest)
    return formatter.shown(own.count(rows[-1].value, of_delivery=True))


# The checks of the newest delivery.


def _run_title(run: JudgedRun, formatter: MessageFormatter) -> str:
    view = view_run(run, formatter)
    return formatter.label("web.checks_of", delivery=view.delivery_text, day=view.period_text)


def _statuses(run: JudgedRun | None, formatter: MessageFormatter) -> list[tuple[str, str, int]]:
    counts = Counter(result.status for result in run.results) if run is not None else Counter[Status]()
    return [(s.word, STATUS_WORD[s][formatter.language], counts[s]) for s in sorted(counts, reverse=True)]


def _checks(run: JudgedRun | None, status: str, check: str, formatter: MessageFormatter) -> list[CheckGroup]:
    if run is None:
        return []
    groups: dict[str, list[ResultView]] = {}
    for result in view_run(run, formatter).results:
        groups.setdefault(result.check, []).append(result)
    found = []
    for name, results in groups.items():
        kept = [one for one in results if not status or one.status.word == status]
        if not kept or check.casefold() not in name.casefold():
            continue
        worst = max(one.status for one in results)
        counts = Counter(one.status for one in results)
        tally = ", ".join(
            f"{counts[s]} {STATUS_WORD[s][formatter.language]}" for s in sorted(counts, reverse=True)
        )
        kept.sort(key=lambda one: (-one.status, one.segment))
        evidence = EVIDENCE_WORD[results[0].evidence][formatter.language]
        word = STATUS_WORD[worst][formatter.language]
        found.append(
            CheckGroup(name, clean(named(name, formatter.language)), worst, word, tally, tuple(kept), evidence)
        )
    return sorted(found, key=lambda group: (-group.worst, group.name))


def day_of(at: datetime, formatter: MessageFormatter) -> date:
    """Return the local day of a moment."""
    return at.astimezone(formatter.zone).date()
