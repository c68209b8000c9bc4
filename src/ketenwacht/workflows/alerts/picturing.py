"""The picture that goes with an alert: the counts of the segment that lost most, with what was expected of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from ketenwacht.config.rules import load_rules
from ketenwacht.domain.finding import Alert, Finding
from ketenwacht.domain.measurement import ROWS
from ketenwacht.domain.message import Message
from ketenwacht.domain.past import Past
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.problem import cut
from ketenwacht.messages.report.series import view_series
from ketenwacht.messages.views import clean, segment_text
from ketenwacht.notify import Picture
from ketenwacht.render.picture import LONG, Captions, picture
from ketenwacht.store import History
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.queries.bands import expected_counts
from ketenwacht.workflows.queries.trends import series_of

MOST, LEAST, BEFORE = timedelta(days=365), timedelta(days=182), timedelta(days=60)
"""A picture shows half a year, or from some time before the loss began, but no more than a year."""
MOST_LETTERS = 90


def picture_of(project: LoadedProject, history: History, alert: Alert, *, at: datetime) -> Picture | None:
    """The picture of an alert, as things were at `at`; None when it is about no number of persons.

    Args:
        project: the configuration.
        history: where the feed was judged.
        alert: one that holds a message.
        at: now, UTC; what was judged or published later is not shown.

    Raises:
        ConfigError: the checks of the feed cannot be read.
        StoreError: the history cannot be read.
        ValueError: the alert holds no message.
    """
    incident = _shown(history, Message.from_json(alert.body))
    feed = None if incident is None else project.settings.feeds.get(incident.fingerprint.feed)
    if incident is None or incident.missing is None or feed is None:
        return None
    since = incident.missing.since
    today = at.astimezone(project.zone).date()
    first = max(today - MOST, min(today - LEAST, since - BEFORE))
    first -= timedelta(days=first.weekday())  # a week that is cut off would look like a loss
    rules = load_rules(feed, project.root)
    exclusions = (*rules.exclusions, *history.exclusions(feed.name))
    past = Past.of(history.snapshots(feed.name, before=today + timedelta(days=1), metrics={ROWS}), exclusions)
    runs = [run for run in history.runs(feed.name, since=first) if run.at <= at]
    bands = expected_counts(rules, runs, history.references(feed.name, known_on=today), past)
    segment = incident.fingerprint.segment
    series = series_of(past, segment, runs, bands.get(segment, {}), first)
    how = project.formatter(feed)
    name = segment_text(segment, how)
    title = f"{clean(how.title(feed))}: {name}"
    captions = _captions(how, title, how.since(incident.missing, incident.evidence))
    png = picture(view_series(series, how, exclusions, long=LONG), captions, how, since=since)
    if png is None:
        return None
    said = (how.phrase(key, segment=name) for key in ("picture", "picture_text"))
    return Picture(png, f"{today}.png", *said)


def _shown(history: History, message: Message) -> Finding | None:
    """The worst incident of a message that is failing and says how many persons are missing."""
    for problem in message.problems:
        incident = history.incident(problem.incident) if problem.active else None
        if incident is not None and incident.missing is not None:
            return incident
    return None


def _captions(how: MessageFormatter, title: str, since: str) -> Captions:
    return Captions(
        title=cut(title, MOST_LETTERS),
        weekly=how.phrase("picture_weekly"),
        daily=how.phrase("picture_daily"),
        expected=how.phrase("picture_expected"),
        since=how.phrase("picture_since", day=since),
    )
