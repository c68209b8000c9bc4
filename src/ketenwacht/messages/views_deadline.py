"""The view of deadlines: which terms run for those missing, and by when somebody must act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ketenwacht.domain.catchup import Impact, Running
from ketenwacht.domain.incidents import Incident
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import Persons

from .formatter import MessageFormatter
from .privacy import Shown
from .views import clean

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """The next week in which a term ends for those missing.

    Attributes:
        on: Monday of the week.
        persons: for how many.
        text: both, in a sentence.
    """

    on: date
    persons: Shown
    term: str
    text: str


def view_deadline(impact: Impact | None, formatter: MessageFormatter, *, after: date) -> DeadlineView | None:
    """Return the next week in which a term ends for those missing; None when none is known, or all are over.

    Args:
        impact: what the strongest evidence counted of those missing.
        formatter: puts it into words.
        after: a week that ended before this day is over.
    """
    ahead = [
        (week, count, term)
        for term in (() if impact is None else impact.terms)
        for week, count in term.weeks
        if week + _WEEK > after
    ]
    if not ahead:
        return None
    week, count, term = min(ahead, key=lambda one: one[0])
    return DeadlineView(
        on=week,
        persons=formatter.privacy.count(count),
        term=clean(formatter.text(term.clock.name)),
        text=formatter.label("incidents.deadline", day=formatter.short_day(week), count=Persons(float(count))),
    )


def describe_deadline(
    impact: Impact | None, deadline: DeadlineView | None, formatter: MessageFormatter, *, after: date
) -> tuple[str, ...]:
    """Return by when somebody must act: the next date, then for how many it is too late; empty: nothing is known.

    Args:
        impact: what the strongest evidence counted of those missing.
        deadline: the next one; None: none is known.
        formatter: puts it into words.
        after: a week that ended before this day is over, also when it was not when they were counted.
    """
    said = [] if deadline is None else [deadline.text]
    terms = () if impact is None else impact.terms
    late = max((_count_late(term, after) for term in terms), default=0)
    if late:
        said.append(formatter.label("incidents.too_late", count=Persons(float(late))))
    elif deadline is None and any(term.waiting for term in terms):
        said.append(formatter.label("incidents.term_waits"))
    return tuple(said)


def _count_late(term: Running, after: date) -> int:
    """Return for how many a term is over, or would be had they been delivered in time; persons."""
    since = sum(count for week, count in term.weeks if week + _WEEK <= after)
    return max(term.passed, term.overdue) + since


def impact_of(incident: Incident) -> Impact | None:
    """Return what the strongest evidence counted of those missing, added up over the parts of the number."""
    if incident.missing is None:
        return None
    parts = [part.segment for part in incident.missing.parts] or [WHOLE]
    found = {
        one.fingerprint.segment: one.impact
        for one in reversed(incident.fitting)
        if one.impact is not None and one.fingerprint.segment in parts
    }
    counted = list(found.values())
    return counted[0].merge(counted[1:]) if counted else None
