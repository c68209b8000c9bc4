"""Judge what is new now: find the work, measure it, judge it, and record the outcome of every due delivery."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from ketenwacht.announcements import save_findings
from ketenwacht.config.calendar import dues
from ketenwacht.domain.delivery import FOR_NOW, Delivery, Presence
from ketenwacht.domain.findings import sweep as sweep_findings
from ketenwacht.domain.findings.finding import Finding, Fingerprint
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.result import JudgedRun
from ketenwacht.domain.statement import Name, Statement
from ketenwacht.errors import ConcurrentUpdate, ConfigError
from ketenwacht.messages.compose_incidents import compose_summary
from ketenwacht.scheduler import AHEAD, Judged, Watch, Work, overdue, slots, with_due, worklist

from .feed_faults import FeedFaults
from .intake import load_known
from .measuring import Listing, Measuring, list_here, measure_ahead
from .receipts import write_configured
from .session import FeedSession, declared_pauses, is_paused


def check(
    session: FeedSession,
    *,
    delivery: str | None,
    at: datetime,
    measuring: Measuring = measure_ahead,
    listing: Listing = list_here,
) -> Iterator[JudgedRun]:
    """Judge what is new at `at`, or one delivery; a delivery that was judged before is returned as it was judged.

    The newest delivery is judged by all that is known now. Those before it (an archive, a week without the
    service) are judged by what was known when they came: they cannot show a loss that began later. A register,
    reference, inquiry or acknowledgement that came since makes the newest delivery judged again.

    Args:
        session: the feed.
        delivery: the id of one delivery; None: all new ones, and absences.
        at: now, UTC.
        measuring: measures the deliveries.
        listing: lists the deliveries of the source.

    Yields:
        Each run, after it is saved.

    Raises:
        ConfigError: there is no delivery of that id.
        StoreError: the history cannot be read or written.
    """
    found = listing(session.context, at)
    earlier = _find_earlier_run(session, found, delivery) if delivery is not None else None
    if earlier is not None:
        yield earlier
        return
    due = find_work(session, found, at=at)
    work = due if delivery is None else _select_delivery(session.watch(), found, delivery, at)
    session.intake.read_files(at)
    measured: dict[str, Snapshot] = {}
    archive = len(work) > 1 and not session.history.runs.find_judged(session.context.feed.name)
    if work:
        pipeline = replace(session.open_pipeline(), silent=archive)
        waiting = {
            name for name, mark in session.history.runs.find_judged(session.context.feed.name) if mark == FOR_NOW
        }
        for one, snapshot in zip(work, measuring(session.context, work), strict=True):
            if snapshot.delivery.unreadable_for_now and snapshot.delivery.id in waiting:
                continue  # it was reported, and every check tries again
            moment = at if one is work[-1] else min(one.moment, at)
            session.intake.compare_registers(found, moment, same_day=one is work[-1], listed_at=at)
            measured[snapshot.delivery.id] = snapshot
            yield pipeline.process(snapshot, session.intake.known(moment), at)
    session.intake.compare_registers(found, at, same_day=True)
    run = judge_evidence(session, at=at)
    if run is not None:
        yield run
    faults = FeedFaults(session.project, session.history, session.context.feed)
    faults.record_evidence(session.intake.aside.faults, at)
    record_outcomes(session, found, at=at)
    sweep(session, at=at)
    write_configured(
        session.context.feed,
        session.project.root,
        session.history,
        measured,
        today=at.astimezone(session.project.zone).date(),
        on_warning=session.intake.on_warning,
    )
    if archive:
        _summarise_archive(session, at)


def _summarise_archive(session: FeedSession, at: datetime) -> None:
    """Write one message about all that the first look at an archive found."""
    context, history = session.context, session.history
    incidents = history.incidents.find(context.alerting.policy, context.feed.name)
    summary = compose_summary(
        incidents,
        feed=context.feed,
        alerting=context.alerting,
        formatter=context.formatter,
        key=f"archive/{context.feed.name}",
        at=at,
    )
    history.outbox.add(summary)


def judge_evidence(session: FeedSession, *, at: datetime) -> JudgedRun | None:
    """Judge the newest delivery again when evidence arrived that its verdict does not rest on.

    A second call with the same evidence judges nothing.

    Args:
        session: the feed.
        at: now, UTC.

    Returns:
        The run, saved; None when the evidence is the same.

    Raises:
        StoreError: the history cannot be read or written.
    """
    name = session.context.feed.name
    rests_on = session.history.runs.find_newest_provenance(name)
    if rests_on is None or rests_on.known_at is None or not session.intake.has_news(rests_on, at):
        return None
    known = session.intake.known(at)
    earlier = load_known(session.history, name, rests_on.known_at, session.project.zone, until=rests_on.watermarks)
    if known == earlier:
        return None
    pipeline = session.open_pipeline()
    pipeline.state.known = earlier
    return pipeline.process_evidence(known, at)


def _find_earlier_run(session: FeedSession, found: Sequence[Delivery], delivery: str) -> JudgedRun | None:
    """Return the newest run of a delivery; None when there is none, or its content changed since."""
    here = [d for d in found if d.id == delivery]
    declared = {d.sha256 or d.manifest.sha256 for d in here if d.manifest is not None}
    unread = {d.unread_mark for d in here}
    runs = [run for run in session.history.runs.find(session.context.feed.name) if run.delivery.id == delivery]
    same = [run for run in runs if _is_unchanged(run.delivery, declared, unread)]
    return same[-1] if same else None


def _is_unchanged(judged: Delivery, declared: Collection[str | None], unread: Collection[str | None]) -> bool:
    """Return whether the delivery that is there now is, as far as can be known, the one that was judged."""
    if not judged.read:
        return not unread or judged.mark is None or judged.mark in unread
    return not declared or judged.sha256 in declared


def _select_delivery(watch: Watch, found: Sequence[Delivery], delivery: str, at: datetime) -> tuple[Work, ...]:
    work = tuple(one for one in worklist(watch, found, set(), at=at) if one.delivery.id == delivery)
    if not work:
        raise ConfigError(
            "--delivery", f"there is no delivery {delivery} at that moment", "see `ketenwacht history`"
        )
    return work


# What time alone does to findings, also on days without a delivery.


def sweep(session: FeedSession, *, at: datetime) -> int:
    """End snoozes that are over, excused absences and quiet findings, with their alerts, in one transaction.

    A second sweep at the same moment changes nothing. When somebody acts on one of the findings meanwhile, the
    next sweep does the work.

    Args:
        session: the feed.
        at: now, UTC.

    Returns:
        How many findings changed; snoozes of incidents that ended do not count.

    Raises:
        StoreError: the history cannot be read or written.
    """
    context, history = session.context, session.history
    live = history.findings.find(context.feed.name)
    step = sweep_findings(
        {i.fingerprint: i for i in live},
        policy=context.alerting.policy,
        at=at,
        excused=_find_excused(session, live),
    )
    if not step.incidents and not history.incidents.has_ended_snooze(context.feed.name, at):
        return 0
    try:
        with history.transaction() as work:
            save_findings(
                work,
                step,
                based_on=live,
                feed=context.feed,
                alerting=context.alerting,
                formatter=context.formatter,
                key=f"sweep/{context.feed.name}/{at.isoformat()}",
                at=at,
            )
    except ConcurrentUpdate:
        return 0
    return len(step.incidents)


def _find_excused(session: FeedSession, live: Sequence[Finding]) -> tuple[Fingerprint, ...]:
    """Return the findings of due moments that a declared pause covers."""
    of_moments = [one for one in live if one.active and one.fingerprint.due.startswith(tuple("0123456789"))]
    if not of_moments:
        return ()
    pauses = declared_pauses(session)
    return tuple(
        one.fingerprint
        for one in of_moments
        if is_paused(session, pauses, datetime.fromisoformat(one.fingerprint.due))
    )


# The table of expected deliveries. Each due moment is recorded once and gets one outcome. After a week without the
# service the table holds every moment between the watermark and now, so that they are judged in order.


class DeliveryOutcome(StrEnum):
    """The outcome of an expected delivery."""

    RECEIVED = "received"
    LATE = "late"
    MISSED = "missed"
    EXCUSED = "excused"


def find_work(session: FeedSession, found: Sequence[Delivery], *, at: datetime) -> tuple[Work, ...]:
    """Record what was due up to now, and return what is to be judged: new deliveries and new absences.

    A judged delivery whose file was deleted since did come. An absence during a declared pause is excused. Moments
    before the first check of the feed count only as far as `worklist` counts them.

    Args:
        session: the feed.
        found: the deliveries that are there.
        at: now, UTC.

    Raises:
        StoreError: the history cannot be read or written.
    """
    feed, history, watch = session.context.feed, session.history, session.watch()
    _record_due(session, at)
    here = _add_deleted(session, found)
    judged = history.runs.find_judged(feed.name)
    work = list(worklist(watch, here, judged, at=at))
    known = {name for name, _ in judged} | {one.delivery.id for one in work}
    late = overdue(watch, here, history.expected.find_open(feed.name), at=at)
    work += [one for one in late if one.delivery.id not in known]
    pauses = declared_pauses(session)
    kept = (
        one
        for one in work
        if one.delivery.presence is not Presence.ABSENT or not is_paused(session, pauses, one.delivery.due_at)
    )
    kept = (_name_misnamed(session, one) for one in kept)
    return tuple(sorted(kept, key=lambda one: (one.moment, one.delivery.period, one.delivery.id)))


def _name_misnamed(session: FeedSession, one: Work) -> Work:
    """Return an absence with the name of a file that is probably the delivery, where there is one."""
    delivery = one.delivery
    if delivery.presence is not Presence.ABSENT or delivery.due_at is None:
        return one
    names = session.intake.run(session.context.find_misnamed, delivery.period)
    if not names:
        return one
    problem = Statement("delivery.misnamed", {"due": delivery.due_at, "name": Name(names[0])})
    return replace(one, delivery=replace(delivery, problem=problem))


def record_outcomes(session: FeedSession, found: Sequence[Delivery], *, at: datetime) -> None:
    """Record the outcome of every expected delivery that has none yet, as far as it is known.

    A missed delivery that comes after all becomes late.

    Args:
        session: the feed.
        found: the deliveries that are there.
        at: now, UTC.

    Raises:
        StoreError: the history cannot be read or written.
    """
    feed, history = session.context.feed, session.history
    if feed.schedule is None:
        return
    undecided = {
        one.due: one.verdict
        for one in history.expected.find(feed.name)
        if one.verdict in {None, DeliveryOutcome.MISSED}
    }
    if not undecided:
        return
    judged = history.runs.find_judged(feed.name)
    arrivals = _match_arrivals(session.watch(), _add_deleted(session, found), judged, at)
    pauses = declared_pauses(session)
    for due, before in sorted(undecided.items()):
        delivery, deadline = arrivals.get(due), due + feed.schedule.grace
        if delivery is not None:
            late = before == DeliveryOutcome.MISSED or (
                delivery.arrived_at is not None and delivery.arrived_at > deadline
            )
            outcome = DeliveryOutcome.LATE if late else DeliveryOutcome.RECEIVED
            history.expected.set_verdict(feed.name, due, delivery.id, outcome, at, instead_of=before)
        elif before is None and deadline <= at:
            outcome = DeliveryOutcome.EXCUSED if is_paused(session, pauses, due) else DeliveryOutcome.MISSED
            history.expected.set_verdict(feed.name, due, None, outcome, at)


def _record_due(session: FeedSession, at: datetime) -> None:
    feed, history = session.context.feed, session.history
    until = history.expected.read_watermark(feed.name)
    new: tuple[datetime, ...] = ()
    if until is not None and feed.schedule is not None:  # before the first check nothing was expected
        new = dues(feed.schedule, session.project.settings.timezone, after=until, until=at)
    if until is None or new:
        history.expected.add(feed.name, new, watermark=at)


def _add_deleted(session: FeedSession, found: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """Return the deliveries that are there, and those that were judged and deleted since."""
    ids = {delivery.id for delivery in found}
    past = (
        snapshot.delivery
        for snapshot in session.history.runs.find_snapshots(session.context.feed.name, metrics=())
    )
    deleted = {d.id: d for d in past if d.id not in ids and d.presence is not Presence.ABSENT}
    return (*found, *deleted.values())


def _match_arrivals(
    watch: Watch, here: Sequence[Delivery], judged: Judged, at: datetime
) -> dict[datetime, Delivery]:
    """Return by due moment the first judged delivery that came for it."""
    schedule = watch.feed.schedule
    known = {name for name, _ in judged}
    mine = tuple(d for d in here if d.id in known)
    if schedule is None or not mine:
        return {}
    first = min(d.period for d in mine) + schedule.lag
    placed = with_due(mine, slots(schedule, watch.timezone, first=first, until=at + AHEAD), schedule)
    newest_first = sorted(placed, key=lambda d: (d.arrived_at is None, d.arrived_at or at), reverse=True)
    return {d.due_at: d for d in newest_first if d.due_at is not None}
