"""Expected intervals and detection limits for the pages: computed from the rules, and cached while these hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import Interval, JudgedRun
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.settings import FeedRules
from ketenwacht.errors import ConfigError
from ketenwacht.messages.report.backtest import DetectionLimitRow
from ketenwacht.messages.report.backtest import view_unseen as view_limits
from ketenwacht.messages.report.data import DetectionLimitView, ReportData
from ketenwacht.workflows.baselines import apply_approved

from .queries import find_limits
from .site import Ask


def rules_of(ask: Ask, feed: str) -> FeedRules:
    """Return the checks of a feed; none when they cannot be read, which `lint` and its finding tell."""
    project = ask.service.project
    try:
        return load_rules(project.settings.feeds[feed], project.root)
    except (ConfigError, KeyError):
        return FeedRules(checks=())


def read_limits(
    ask: Ask, feed: str, segments: Collection[Segment], *, since: date
) -> Mapping[Segment, Mapping[date, Interval]]:
    """Return what the checks of a feed expected of each delivery from a day on, by segment and period."""
    names = {check.name for check in rules_of(ask, feed).checks if traits_of(check).bands}
    return find_limits(ask.service.history, feed, names, segments, since=since) if names else {}


def view_unseen(ask: Ask, feed: Feed, run: JudgedRun | None) -> tuple[DetectionLimitRow, ...]:
    """Return what each kind of evidence would not see, a row a part; () while the history is too short.

    It is computed from every count of the feed, so it is kept until another delivery is judged.
    """
    newest = "" if run is None else run.id
    known = ask.site.unseen.get(feed.name)
    if known is None or known[0] != newest:
        known = ask.site.unseen[feed.name] = newest, _audit(ask, feed)
    limits = known[1]
    data = ReportData(feed=feed.name, generated_at=ask.at, zone=ask.service.project.zone, limits=limits)
    return view_limits(data, ask.formatter_of(feed.name))[0]


def _audit(ask: Ask, feed: Feed) -> tuple[DetectionLimitView, ...]:
    from ketenwacht.workflows.backtest.detection_limits import audit_feed  # noqa: PLC0415 - it computes with scipy

    history = ask.service.history
    rules = apply_approved(rules_of(ask, feed.name), history, feed.name, _ignore)
    exclusions = (*rules.exclusions, *history.exclusions.find(feed.name))
    past = Past.of(history.runs.find_snapshots(feed.name, metrics={ROWS}), exclusions)
    return audit_feed(rules, history.runs.find_states(feed.name), past)


def _ignore(name: str, problem: str) -> None:
    """Ignore a warning that `check` and `baseline show` give."""


def load_statistics() -> None:
    """Load what the checks load when they need it, so that the first page of a feed does not wait for it."""
    import scipy.stats  # noqa: F401 - commands that serve no pages do not pay for it
