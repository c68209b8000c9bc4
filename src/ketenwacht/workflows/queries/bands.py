"""What was expected of each delivery, gathered from the checks that say so in persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import sqrt

from ketenwacht.domain.evidence import ReferenceFigure
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Interval, JudgedRun
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.traits import by_figures, traits_of

Bands = Mapping[Segment, Mapping[date, Interval]]
"""By segment and period."""


def expected_counts(
    rules: FeedRules, runs: Sequence[JudgedRun], figures: Sequence[ReferenceFigure], past: Past
) -> Bands:
    """What was expected of each delivery: by an outside figure where there is one, else by the feed's own history.

    A figure of a week or month is spread over the deliveries in it so that their sums have its interval again:
    middles add up, and half-widths in squares, as when the report sums days into weeks.

    Args:
        rules: the checks of the feed.
        runs: what was said, in order of judging; a later one replaces an earlier one of its period.
        figures: what others published, as far as it counts.
        past: every delivery, the newest included.
    """
    found: dict[Segment, dict[date, Interval]] = {}
    for segment, day, limits in (*_own(rules, runs), *_outside(rules, figures, past)):
        found.setdefault(segment, {})[day] = limits
    return found


def _own(rules: FeedRules, runs: Sequence[JudgedRun]) -> Iterator[tuple[Segment, date, Interval]]:
    names = {check.name for check in rules.checks if traits_of(check).bands}
    for run in runs:
        for result in run.results:
            if result.check in names and result.unit == "persons" and result.expected is not None:
                yield result.segment, run.delivery.period, result.expected


def _outside(
    rules: FeedRules, figures: Sequence[ReferenceFigure], past: Past
) -> Iterator[tuple[Segment, date, Interval]]:
    if not past.snapshots or not figures:
        return
    known = max(figure.published_on for figure in figures)
    for check in (c for c in rules.checks if by_figures(c)):
        for segment, first, last, limits in check.expected(figures, past, known):
            read = [s for s in past.snapshots if s.delivery.read]
            days = [s.delivery.period for s in read if first <= s.delivery.period <= last]
            yield from ((segment, day, _share(limits, len(days))) for day in days)


def _share(limits: Interval, deliveries: int) -> Interval:
    if limits.low is None or limits.high is None:
        return limits
    middle = (limits.low + limits.high) / 2 / deliveries
    half = (limits.high - limits.low) / 2 / sqrt(deliveries)
    return Interval(max(0.0, middle - half), middle + half)
