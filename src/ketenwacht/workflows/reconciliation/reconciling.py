"""Comparing a register when somebody asks: what the pipeline does by itself with configured ones."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from ketenwacht.domain.catchup import PLAN_CLOCK, CatchUpPlan, Clock, plan
from ketenwacht.domain.checks import kind_by
from ketenwacht.domain.checks.base import View
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.evidence import Known, ReconciliationCount
from ketenwacht.domain.finding import Finding
from ketenwacht.domain.findings import advance
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import CheckResult, Evidence
from ketenwacht.domain.status import Status, worst
from ketenwacht.domain.traits import traits_of
from ketenwacht.errors import ConfigError, Overtaken
from ketenwacht.messages import compose
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.messages.views_evidence import CatchUpView
from ketenwacht.reconcile import ReconciliationOutcome, reconcile, write_extra, write_missing
from ketenwacht.reconcile.load import weekly_load
from ketenwacht.reconcile.tables import private_file
from ketenwacht.render.charts import catchup_svg
from ketenwacht.store.audit import AuditEntry
from ketenwacht.workflows import clock
from ketenwacht.workflows.project import KEYS, LoadedProject, agreed_keys

from .context import ReconciliationContext, ReconciliationOptions, open_reconciliation

_TRIES = 3


@dataclass(frozen=True, slots=True)
class ManualReconciliation:
    """What a comparison by hand came to.

    Attributes:
        feed: of which feed.
        outcome: the counts.
        results: what the feed's reconciliation checks say of them.
        unread: deliveries that could not be read, so that their persons count as not delivered.
        newer: reference date of a newer register that was compared before: incidents stay as that one left them.
        changed: the incidents that began, went on otherwise or ended.
        listed_missing: persons written to the file that was named; None: none was.
        listed_extra: the same of those not in the register.
    """

    feed: str
    outcome: ReconciliationOutcome
    results: tuple[CheckResult, ...]
    unread: int
    newer: date | None = None
    changed: tuple[Finding, ...] = ()
    listed_missing: int | None = None
    listed_extra: int | None = None

    @property
    def status(self) -> Status:
        """The worst that the checks say."""
        return worst(result.status for result in self.results)


def compare(
    reconciliation: ReconciliationContext,
    asked: ReconciliationOptions,
    *,
    missing: Path | None,
    extra: Path | None,
) -> ManualReconciliation:
    """Compare, judge, and write the lists that somebody asked for; the history is not touched.

    Raises:
        ConfigError: the register cannot be compared, or a list cannot be written or used.
        DeliveryError: the register is not what it claims to be.
        EngineError: it did not fit in the memory and disk allowed.
    """
    if (missing is not None or extra is not None) and agreed_keys() is None:
        raise ConfigError(
            "--missing" if missing is not None else "--extra",
            "its pseudonyms would be made with a key that nobody has afterwards",
            f"give the key that both parties hold in {KEYS}_FILE",
        )
    sides = reconciliation.intake.sides(asked.path, reconciliation.day, reconciliation.found, reconciliation.at)
    outcome = reconcile(*sides)
    read = {entry.delivery.id for entry in sides[0].entries}
    return ManualReconciliation(
        feed=reconciliation.context.feed.name,
        outcome=outcome,
        results=judged(reconciliation, outcome),
        unread=len({d.id for d in reconciliation.found} - read),
        listed_missing=write_missing(*sides, missing) if missing is not None else None,
        listed_extra=write_extra(*sides, extra) if extra is not None else None,
    )


def judged(reconciliation: ReconciliationContext, outcome: ReconciliationOutcome) -> tuple[CheckResult, ...]:
    """What the feed's reconciliation checks say of this register; where none speaks of it, the whole feed's."""
    view = View(
        Snapshot(_moment(reconciliation), {}),
        Past(),
        at=reconciliation.at,
        known=Known(reconciliations=tuple(outcome.counts)),
    )
    checks = [c for c in reconciliation.context.rules.checks if traits_of(c).evidence is Evidence.RECONCILIATION]
    said = tuple(result for check in checks for result in check.judge(view).results)
    spoken = any(result.observed is not None for result in said)
    return said if spoken else (*said, *kind_by(Evidence.RECONCILIATION)().judge(view).results)


def keep(reconciliation: ReconciliationContext, done: ManualReconciliation, *, who: str) -> ManualReconciliation:
    """Keep the counts, and let them begin, change or end incidents, in one transaction with an audit line.

    A register that is older than one compared before is kept, and changes no incident: the newer one stands.

    Raises:
        StoreError: the history cannot be written; nothing is written.
    """
    feed, outcome = reconciliation.context.feed.name, done.outcome
    known = reconciliation.history.reconciliations(feed, until=None)
    newer = max((c.register_date for c in known if c.register_date > outcome.register_date), default=None)
    said = f"register of {outcome.register_date}: {done.status.word}"
    entry = AuditEntry("reconcile", feed, said, "cli", who, reconciliation.at)
    if newer is not None:
        reconciliation.history.add_reconciliation(feed, outcome.counts, entry=entry)
        return replace(done, newer=newer)
    for attempt in range(1, _TRIES + 1):
        try:
            return replace(done, changed=_advanced(reconciliation, done, entry))
        except Overtaken:
            if attempt == _TRIES:
                raise
    raise AssertionError("the last try returns or raises")


def _advanced(
    reconciliation: ReconciliationContext, done: ManualReconciliation, entry: AuditEntry
) -> tuple[Finding, ...]:
    feed, at, alerting = reconciliation.context.feed, reconciliation.at, reconciliation.context.alerting
    standing = reconciliation.history.live_incidents(feed.name)
    # Only what a register speaks of: nothing was delivered, so no other incident may hear of it.
    spoken = {result.check for result in done.results}
    live = {i.fingerprint: i for i in standing if i.fingerprint.check in spoken}
    step = advance(
        live, done.results, delivery=_moment(reconciliation), policy=alerting.policy, at=at, new_id=clock.new_id
    )
    changed = {incident.id: incident for incident in step.incidents}
    alerts = compose(
        step.notices,
        [*(i for i in standing if i.id not in changed), *changed.values()],
        feed=feed,
        alerting=alerting,
        formatter=reconciliation.context.formatter,
        key=f"reconcile/{feed.name}/{at.isoformat()}",
        at=at,
    )
    reconciliation.history.add_reconciliation(
        feed.name,
        done.outcome.counts,
        incidents=step.incidents,
        events=step.events,
        alerts=alerts,
        based_on=tuple(live.values()),
        entry=entry,
    )
    return step.incidents


def _moment(reconciliation: ReconciliationContext) -> Delivery:
    """What stands for the delivery in the life of incidents: the feed as it is now, told apart by the moment."""
    name = f"register:{reconciliation.day}:{reconciliation.at.isoformat()}"
    return Delivery(
        reconciliation.context.feed.name,
        name,
        max(reconciliation.day, reconciliation.newest),
        arrived_at=reconciliation.at,
    )


# From a finding to its repair: who is missing, spread over weeks that the next link can carry.


@dataclass(frozen=True, slots=True)
class CatchUp:
    """A schedule of redelivery, and what it was made of.

    Attributes:
        feed: of which feed.
        whole: the comparison that says who is missing.
        by: columns that the backlog is spread by.
        multiple: of its normal week, at most, for each of them.
        plan: the schedule.
    """

    feed: str
    whole: ReconciliationCount
    by: tuple[str, ...]
    multiple: float
    plan: CatchUpPlan


def plan_catch_up(  # noqa: PLR0913 - what is compared, and how the missing are spread
    project: LoadedProject,
    feed: str | None,
    asked: ReconciliationOptions,
    *,
    by: tuple[str, ...],
    multiple: float,
    start: date,
    clocks: Sequence[Clock] = (PLAN_CLOCK,),
    at: datetime,
    on_warning: Callable[[str, str], None],
) -> CatchUp:
    """Compare a register, and spread those missing over weeks, the oldest decision first; nothing is kept.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        asked: the register.
        by: columns that the backlog is spread by; among those that register and deliveries share.
        multiple: what comes anyway and what is caught up are together at most this many times a normal week.
        start: first day of the first week.
        clocks: terms that run for the missing.
        at: now, UTC.
        on_warning: called with a delivery that could not be read, and why.

    Raises:
        ConfigError: the register cannot be compared, or not by these columns, or `multiple` is below 1.
        DeliveryError: the register is not what it claims to be, or there is nothing to compare it with.
    """
    if not multiple >= 1.0:
        raise ConfigError("--multiple", "is below 1, so that nobody could be caught up", "give 1 or more")
    with open_reconciliation(project, feed, asked, kept=False, at=at, on_warning=on_warning) as reconciliation:
        delivered, register, terms = reconciliation.intake.sides(
            asked.path, reconciliation.day, reconciliation.found, at
        )
        strange = [name for name in by if name not in delivered.columns.segments]
        if not by or strange:
            shared = ", ".join(delivered.columns.segments) or "none"
            raise ConfigError(
                "--by", f"`{', '.join(strange)}` is no column that both sides share", f"use one of: {shared}"
            )
        outcome = reconcile(delivered, register, replace(terms, backlog=by))
        normal = weekly_load(delivered, by, reconciliation.day, key_id=outcome.key_id)
        made = plan(outcome.backlog, normal, multiple=multiple, start=start, clocks=clocks)
        return CatchUp(reconciliation.context.feed.name, outcome.whole, by, multiple, made)


def write_schedule(done: CatchUp, path: Path) -> None:
    """Write the schedule as CSV (`;`), exact and so of mode 0600, all of it or nothing.

    Raises:
        ConfigError: the file cannot be written.
    """
    columns = ("week", *done.by, "persons", "at_most", "oldest_decision")
    with private_file(path) as made, made.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(done.plan.rows())


def write_chart(view: CatchUpView, formatter: MessageFormatter, path: Path) -> None:
    """Draw the schedule as SVG; what is in it may leave.

    Raises:
        ConfigError: the file cannot be written.
    """
    drawn = catchup_svg(view, formatter)
    with private_file(path) as made:
        made.write_text(drawn, encoding="utf-8")
