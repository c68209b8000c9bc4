"""The overview: what needs somebody, every feed on one line, and what changed since yesterday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from ketenwacht.domain.delivery import Presence
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings.finding import Nature
from ketenwacht.domain.incidents import Incident, IncidentState, count_feed
from ketenwacht.domain.result import JudgedRun, Missing, Status
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import Amount, Persons
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.texts.labels import EVIDENCE_WORD, STATUS_WORD
from ketenwacht.messages.views import clean
from ketenwacht.messages.views_incident import IncidentView, view_incident
from ketenwacht.messages.views_missing import MissingPersonsView, view_missing_persons

from .queries import (
    SHORT,
    NumbersBefore,
    Proof,
    RunRow,
    find_counts,
    find_latest_runs,
    find_numbers_before,
    find_proofs,
)
from .site import Ask
from .sparkline import Sparkline, make_sparkline

MOST_CARDS = 3
"""So many incidents are shown in full; the others have a line each."""

_DAY = timedelta(days=1)
_STATUS_OF = {
    Nature.ERROR: Status.ERROR,
    Nature.FAILED: Status.FAILED,
    Nature.PRIVACY: Status.FAILED,
    Nature.WARNED: Status.WARNED,
}
_IN_HAND = frozenset({IncidentState.ACKNOWLEDGED, IncidentState.SNOOZED})


@dataclass(frozen=True, slots=True)
class IncidentCard:
    """One incident on the overview.

    Attributes:
        incident: as every surface shows it.
        change: how its number changed since yesterday; empty when it did not, or is not about a number.
        age: for how long it is open.
        responsible: who must mend it, with how to reach them.
        sign: ▲ of one that is failing, ? where nothing could be judged.
        link: its page.
    """

    incident: IncidentView
    change: str
    age: str
    responsible: str
    sign: str
    link: str


@dataclass(frozen=True, slots=True)
class OtherIncident:
    """One incident that has a line on the overview; attributes as of a card."""

    incident: IncidentView
    age: str
    sign: str
    link: str


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed in the table.

    Attributes:
        missing: how many persons are missing; empty: nobody, as far as is known.
        verdict: the worst of the newest run and what is open.
        line: its counts of the last 13 weeks; None: none.
        last: when its newest delivery came, or that none did.
        proven: up to when independent evidence covers it, and which.
    """

    name: str
    title: str
    parties: str
    verdict: Status
    verdict_text: str
    missing: str
    line: Sparkline | None
    last: str
    last_note: str
    proven: str
    proven_by: str
    link: str


@dataclass(frozen=True, slots=True)
class OverviewView:
    """The whole page.

    Attributes:
        headline: how many feeds, and what needs somebody.
        nothing: a sentence when nothing needs anybody; empty otherwise.
        cards: the worst incidents.
        others: the other open ones.
        feeds: every feed that the filter lets through, the worst first.
        hidden: how many feeds the filter hides.
        changes: what changed since yesterday.
    """

    headline: str
    nothing: str
    cards: tuple[IncidentCard, ...]
    others: tuple[OtherIncident, ...]
    feeds: tuple[FeedLine, ...]
    hidden: int
    changes: tuple[str, ...]


def load_incidents(ask: Ask, feed: str | None = None, *, closed: bool = False) -> tuple[Incident, ...]:
    """Return the incidents of one feed or of all, by number."""
    service = ask.service
    return ask.site.cache.read(
        ("incidents", feed, closed),
        lambda: service.history.incidents.find(service.project.settings.alerts.policy, feed, closed=closed),
    )


def load_recent_incidents(ask: Ask) -> tuple[Incident, ...]:
    """Return the incidents of all feeds that are not closed, or were closed since yesterday."""
    service, since = ask.service, ask.at.date() - _DAY
    begin = datetime(since.year, since.month, since.day, tzinfo=UTC)
    return ask.site.cache.read(
        "recent incidents",
        lambda: service.history.incidents.find(service.project.settings.alerts.policy, closed_since=begin),
        of=(since,),
    )


def view_of(ask: Ask, incident: Incident) -> IncidentView:
    """Return an incident for showing, in the language of the page."""
    settings, formatter = ask.service.project.settings, ask.formatter_of(incident.feed)

    def view() -> IncidentView:
        feed, notes = settings.feeds.get(incident.feed), settings.alerts.feeds.get(incident.feed)
        return view_incident(incident, formatter, feed=feed, notes=notes)

    return ask.site.cache.read(("view", incident.number, formatter.language), view, of=(formatter, incident))


def view_overview(ask: Ask) -> OverviewView:
    """Return the overview at `ask.at`."""
    feeds = ask.service.project.settings.feeds
    history, formatter, cache = ask.service.history, ask.formatter, ask.site.cache
    incidents = load_recent_incidents(ask)
    mine: dict[str, list[Incident]] = {}
    for one in incidents:
        mine.setdefault(one.feed, []).append(one)
    latest = cache.read("latest runs", lambda: find_latest_runs(history), of_runs=True)
    today = ask.at.astimezone(formatter.zone).date()
    proofs = cache.read("proofs", lambda: find_proofs(history, latest, known_on=today), of=(today,))
    lines = [
        _line(ask, feed, latest.get(name), proofs.get(name), mine.get(name, ())) for name, feed in feeds.items()
    ]
    active = sorted((one for one in incidents if one.active), key=lambda one: (one.state in _IN_HAND, one.urgency))
    before = find_numbers_before(history, ask.at - _DAY)
    wanted = ask.query("q").casefold()
    shown = [line for line in lines if wanted in f"{line.name} {line.title} {line.parties}".casefold()]
    listed = [one for one in active if not wanted or wanted in f"{view_of(ask, one).title} {one.feed}".casefold()]
    waiting = sum(one.state not in _IN_HAND for one in active)
    return OverviewView(
        headline=_headline(len(feeds), waiting, len(active) - waiting, formatter),
        nothing=_nothing(lines, formatter) if not active else "",
        cards=tuple(make_card(ask, one, before.get(one.feed, {})) for one in listed[:MOST_CARDS]),
        others=tuple(_other(ask, one) for one in listed[MOST_CARDS:]),
        feeds=tuple(sorted(shown, key=lambda line: (-line.verdict, line.title))),
        hidden=len(lines) - len(shown),
        changes=tuple(_changes(ask, incidents, latest, before)),
    )


def _headline(feeds: int, waiting: int, in_hand: int, formatter: MessageFormatter) -> str:
    parts = [formatter.label("web.count_feeds", count=Amount(float(feeds)))]
    if waiting:
        parts.append(formatter.label("web.needs_you", count=Amount(float(waiting))))
    if in_hand:
        parts.append(formatter.label("web.in_hand", count=Amount(float(in_hand))))
    parts.append(formatter.label("web.nothing_else" if waiting or in_hand else "web.nothing_open"))
    return " · ".join(parts)


def _nothing(lines: Sequence[FeedLine], formatter: MessageFormatter) -> str:
    unproven = sum(not line.proven for line in lines)
    key = "web.nobody_known_missing" if not unproven else "web.nobody_known_unproven"
    return formatter.label(key, count=Amount(float(unproven)))


def make_card(ask: Ask, incident: Incident, before: NumbersBefore | None = None) -> IncidentCard:
    """Return one incident for the overview.

    Args:
        ask: the request.
        incident: an open one.
        before: what the checks of the feed said of missing persons yesterday; None: it is read.
    """
    if before is None:
        before = find_numbers_before(ask.service.history, ask.at - _DAY, incident.feed).get(incident.feed, {})
    formatter, other = ask.formatter_of(incident.feed), _other(ask, incident)
    return IncidentCard(
        incident=other.incident,
        change=_change(ask, incident, before, formatter),
        age=other.age,
        responsible=responsible_of(ask, incident, formatter),
        sign=other.sign,
        link=other.link,
    )


def _other(ask: Ask, incident: Incident) -> OtherIncident:
    formatter, view = ask.formatter_of(incident.feed), view_of(ask, incident)
    days = max(0, (ask.at.date() - incident.opened_at.date()).days)
    age = formatter.label("web.open_for", days=Amount(float(days))) if days else formatter.label("web.open_today")
    sign = "?" if view.status is Status.ERROR else "▲"
    return OtherIncident(view, age, sign, f"/incidents/{incident.number}")


def responsible_of(ask: Ask, incident: Incident, formatter: MessageFormatter) -> str:
    """Return who must mend it: the sender, or the receiver where the fault may be at this side."""
    settings = ask.service.project.settings
    feed, notes = settings.feeds.get(incident.feed), settings.alerts.feeds.get(incident.feed)
    if feed is None:
        return ""
    ours = incident.nature.value == "cannot-judge"
    party = clean(formatter.party(feed.receiver if ours else feed.sender))
    contact = "" if notes is None else clean(notes.receiver_contact if ours else notes.sender_contact)
    return formatter.label("web.reached_at", party=party, contact=contact) if contact else party


def _change(ask: Ask, incident: Incident, before: NumbersBefore, formatter: MessageFormatter) -> str:
    """Return by how much the number of missing persons changed in a day: between the numbers as they are shown."""
    if incident.missing is None:
        return ""
    if incident.opened_at > ask.at - _DAY:
        return formatter.label("web.new_since")
    now, then = (count_feed([one]) for one in (incident, as_before(incident, before)))
    if now is None or then is None:
        return ""
    shown, old = (formatter.privacy.count(number.value) for number in (now, then))
    if shown.value is None or old.value is None or shown.value == old.value:
        return formatter.label("web.same_since")
    sign = "+" if shown.value > old.value else "−"
    return formatter.label("web.changed_since", sign=sign, count=Persons(abs(shown.value - old.value)))


def as_before(incident: Incident, before: NumbersBefore) -> Incident:
    """Return an incident with the numbers that its checks said earlier; the same object when they are the same."""
    findings = []
    for finding in incident.findings:
        value = before.get((finding.fingerprint.check, finding.fingerprint.segment))
        if finding.missing is None or value == finding.missing.value:
            findings.append(finding)
        elif value is not None:
            since = finding.missing.since
            findings.append(replace(finding, missing=Missing(since, value, value, value)))
    if tuple(findings) == incident.findings:
        return incident
    return replace(incident, findings=tuple(findings), not_fitting=())


def _line(
    ask: Ask, feed: Feed, run: RunRow | None, proof: Proof | None, incidents: Sequence[Incident]
) -> FeedLine:
    formatter = ask.formatter_of(feed.name)
    open_ = [one for one in incidents if one.active]
    number = view_missing_persons(count_feed(open_), formatter)
    verdict = verdict_of(run, open_)
    parties = (
        ""
        if not feed.sender or not feed.receiver
        else f"{clean(formatter.party(feed.sender))} → {clean(formatter.party(feed.receiver))}"
    )
    last, note = describe_last(run, formatter)
    return FeedLine(
        name=feed.name,
        title=clean(formatter.title(feed)),
        parties=parties,
        verdict=verdict,
        verdict_text=formatter.label("web.not_judged")
        if run is None and not open_
        else STATUS_WORD[verdict][formatter.language],
        missing=missing_text(number, formatter),
        line=_draw(ask, feed.name),
        last=last,
        last_note=note,
        proven="" if proof is None else formatter.short_day(proof.until),
        proven_by="" if proof is None else EVIDENCE_WORD[proof.evidence][formatter.language],
        link=f"/feeds/{quote(feed.name)}",
    )


def _draw(ask: Ask, feed: str) -> Sparkline | None:
    """Return the counts of 13 weeks; what was drawn is kept until there are other counts."""
    history, formatter, today = ask.service.history, ask.formatter_of(feed), ask.at.date()
    since = ask.at.astimezone(formatter.zone).date() - SHORT
    cache = ask.site.cache
    counts = cache.read("counts", lambda: find_counts(history, since=since), of=(since,), of_runs=True)
    return cache.read(
        ("line", feed, formatter.language),
        lambda: make_sparkline(counts.get((feed, WHOLE), ()), formatter, today=today),
        of=(since, today, formatter.privacy),
        of_runs=True,
    )


def verdict_of(run: RunRow | JudgedRun | None, open_: Sequence[Incident]) -> Status:
    """Return the worst of the newest run and what is open."""
    worst = Status.SKIPPED if run is None else run.status
    found = (finding for one in open_ for finding in one.findings if finding.active)
    return max([worst, *(_STATUS_OF[finding.nature] for finding in found)])


def missing_text(number: MissingPersonsView | None, formatter: MessageFormatter) -> str:
    """Return how many are missing, without `about`: `880`, `<10`; empty without a number."""
    return "" if number is None or number.total.nobody else formatter.shown(number.total.value)


def describe_last(run: RunRow | None, formatter: MessageFormatter) -> tuple[str, str]:
    """Return when the newest delivery came, and its name; or that none came."""
    if run is None:
        return "–", ""
    if run.presence is Presence.ABSENT:
        return formatter.label("web.nothing_on", day=run.period), ""
    name = clean(run.delivery)
    if run.presence is Presence.UNREADABLE:
        return formatter.label("web.unreadable_on", day=run.period), name
    return formatter.moment(run.arrived_at or run.at), name


def _changes(
    ask: Ask,
    incidents: Sequence[Incident],
    latest: Mapping[str, RunRow],
    before: Mapping[str, NumbersBefore],
) -> list[str]:
    """Return what happened in the last day, a few words each."""
    formatter, since = ask.formatter, ask.at - _DAY
    opened = sum(one.opened_at > since for one in incidents)
    ended = sum(one.resolved_at is not None and one.resolved_at > since for one in incidents)
    said = []
    grown = _grown(ask, incidents, before, formatter)
    if grown:
        said.append(grown)
    said += [
        formatter.label(key, count=Amount(float(count)))
        for key, count in (("web.opened_since", opened), ("web.ended_since", ended))
        if count
    ]
    asked = _inquiries(ask, since.astimezone(formatter.zone).date())
    if asked:
        said.append(formatter.label("web.inquiries_since", count=Persons(asked)))
    said += _arrivals(latest, since, formatter)
    return said


def _grown(
    ask: Ask, incidents: Sequence[Incident], before: Mapping[str, NumbersBefore], formatter: MessageFormatter
) -> str:
    """Return the sum of the shown changes of missing persons; empty when there is none."""
    now = then = 0.0
    since = ask.at - _DAY
    for one in incidents:
        if not one.active or one.missing is None:
            continue
        number = formatter.privacy.count(one.missing.value).value or 0.0
        now += number
        if one.opened_at > since:
            continue
        earlier = as_before(one, before.get(one.feed, {}))
        counted = None if earlier is one else count_feed([earlier])
        then += number if counted is None else formatter.privacy.count(counted.value).value or 0.0
    if now == then:
        return formatter.label("web.as_many_missing") if now else ""
    sign = "+" if now > then else "−"
    return formatter.label("web.missing_changed", sign=sign, count=Persons(abs(now - then)))


def _inquiries(ask: Ask, since: date) -> float:
    history = ask.service.history
    return float(
        sum(
            one.count
            for feed in ask.service.project.settings.feeds.values()
            if feed.evidence.inquiries
            for one in history.evidence.find_inquiries(feed.name, known_on=None)
            if since <= one.day <= ask.at.date()
        )
    )


def _arrivals(latest: Mapping[str, RunRow], since: datetime, formatter: MessageFormatter) -> list[str]:
    fresh = [run for run in latest.values() if run.at > since]
    if not fresh:
        return [formatter.label("web.nothing_judged")]
    if len(fresh) == 1:
        (run,) = fresh
        key = {
            Presence.READ: "web.came",
            Presence.ABSENT: "web.came_not",
            Presence.UNREADABLE: "web.came_unreadable",
        }
        return [formatter.label(key[run.presence], delivery=clean(run.delivery), day=run.period)]
    tally = {presence: sum(run.presence is presence for run in fresh) for presence in Presence}
    keys = {
        Presence.READ: "web.many_came",
        Presence.ABSENT: "web.many_came_not",
        Presence.UNREADABLE: "web.many_unreadable",
    }
    return [formatter.label(keys[one], count=Amount(float(n))) for one, n in tally.items() if n]
