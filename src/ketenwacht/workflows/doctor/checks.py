"""By which thresholds own history judges, and which segments are too small to be watched alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.traits import traits_of
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.report.data import WatchedCheck
from ketenwacht.messages.views import segment_text
from ketenwacht.workflows.backtest.auditing import watched_of
from ketenwacht.workflows.baselines.approving import with_approved
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.queries.history_reader import opened

from .symptoms import Symptom, SymptomLevel, fine, plural

_MOST = 6
"""More segments than this are told by their number."""


def monitors_of(project: LoadedProject, feed: Feed) -> Iterator[Symptom]:
    """One symptom on the thresholds of own history, one a check that judges small segments together."""
    told: list[Symptom] = []
    rules = load_rules(feed, project.root)
    watched: tuple[WatchedCheck, ...] = ()

    def outdated(check: str, why: str) -> None:
        told.append(Symptom(SymptomLevel.WARNING, f"{feed.name} {check}", why))

    with ExitStack() as stack:
        history = opened(stack, project)
        if history is not None:
            rules = with_approved(rules, history, feed.name, outdated)
            watched = watched_of(history, feed, rules)
    names = [check.name for check in rules.checks if traits_of(check).calibrated]
    never = [c.name for c in rules.checks if c.name in names and getattr(c, "threshold", None) is None]
    if names:
        own = "threshold and slack follow from the feed's own forecast errors"
        pinned = [name for name in names if name not in never]
        said = f"{', '.join(pinned)}: pinned" if pinned and not never else own
        told.append(fine(f"{feed.name} thresholds", f"{', '.join(names)}: {said}" if never else said))
    yield from told
    how = project.formatter(feed, language="en")
    yield from (_together(feed, one, how) for one in watched if one.together)


def _together(feed: Feed, one: WatchedCheck, how: MessageFormatter) -> Symptom:
    """Small segments are no trouble, and nobody may take them for watched."""
    members = [segment_text(member, how) for part in one.together for member in part.members]
    which = "; ".join(members[:_MOST]) + (f" and {len(members) - _MOST} more" if len(members) > _MOST else "")
    said = f"{plural(len(members), 'segment')} too small to be watched alone are judged with others: {which}"
    return Symptom(SymptomLevel.ABSENT, f"{feed.name} {one.check}", said)
