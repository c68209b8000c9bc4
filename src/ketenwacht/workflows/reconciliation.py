"""Compare one register on request, with other columns or dates than configured."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from ketenwacht.announcements import save_findings
from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.checks import kind_by
from ketenwacht.domain.checks.base import View
from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.evidence import Known
from ketenwacht.domain.feed import Feed, Register
from ketenwacht.domain.findings import advance
from ketenwacht.domain.findings.finding import Finding
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import CheckResult, Evidence, Status, worst
from ketenwacht.errors import ConcurrentUpdate, ConfigError, DeliveryError
from ketenwacht.pipeline import FeedContext, judge_check
from ketenwacht.reconcile import ReconciliationOutcome, reconcile, write_extra, write_missing
from ketenwacht.sources import compile_pattern
from ketenwacht.store import History
from ketenwacht.store.audit import AuditEntry
from ketenwacht.workflows import clock
from ketenwacht.workflows.clock import KEYS, agreed_keys
from ketenwacht.workflows.contexts import build_context
from ketenwacht.workflows.intake import Intake, open_intake
from ketenwacht.workflows.measuring import list_here
from ketenwacht.workflows.project import LoadedProject
from ketenwacht.workflows.register_snapshots import RegisterSnapshot, list_registers, open_registers

_TRIES = 3


@dataclass(frozen=True, slots=True)
class ManualReconciliation:
    """The result of a comparison on request.

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
        """The worst result of the checks."""
        return worst(result.status for result in self.results)


def compare(
    reconciliation: ReconciliationContext,
    *,
    missing: Path | None,
    extra: Path | None,
) -> ManualReconciliation:
    """Compare, judge and write the requested lists, without changing the history.

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
    compared = reconciliation.register, reconciliation.found, reconciliation.at
    if missing is None and extra is None:
        counted = reconciliation.intake.delivered.compare_in_place(*compared)
        if counted is not None:
            return _describe(reconciliation, *counted)
    sides = reconciliation.intake.sides(*compared)
    outcome = reconcile(*sides)
    described = _describe(reconciliation, outcome, {entry.delivery.id for entry in sides[0].entries})
    return replace(
        described,
        listed_missing=write_missing(*sides, missing) if missing is not None else None,
        listed_extra=write_extra(*sides, extra) if extra is not None else None,
    )


def _describe(
    reconciliation: ReconciliationContext, outcome: ReconciliationOutcome, read: Collection[str]
) -> ManualReconciliation:
    return ManualReconciliation(
        feed=reconciliation.context.feed.name,
        outcome=outcome,
        results=judge_register(reconciliation, outcome),
        unread=len({d.id for d in reconciliation.found} - set(read)),
    )


def judge_register(
    reconciliation: ReconciliationContext, outcome: ReconciliationOutcome
) -> tuple[CheckResult, ...]:
    """Judge the outcome by the feed's reconciliation checks; by the default one when none covers this register."""
    view = View(
        Snapshot(_stand_in(reconciliation), {}),
        Past(),
        at=reconciliation.at,
        known=Known(reconciliations=tuple(outcome.counts)),
    )
    checks = [c for c in reconciliation.context.rules.checks if traits_of(c).evidence is Evidence.RECONCILIATION]
    limits = reconciliation.context.limits
    results = tuple(result for check in checks for result in judge_check(check, view, limits).results)
    spoken = any(result.observed is not None for result in results)
    return results if spoken else (*results, *kind_by(Evidence.RECONCILIATION)().judge(view).results)


def save_comparison(
    reconciliation: ReconciliationContext, comparison: ManualReconciliation, *, who: str
) -> ManualReconciliation:
    """Save the counts, and open, change or end findings, in one transaction with an audit line.

    A register that is older than one compared before is saved and changes no finding: the newer one stands.

    Raises:
        StoreError: the history cannot be written; nothing is written.
    """
    feed, outcome = reconciliation.context.feed.name, comparison.outcome
    known = reconciliation.history.evidence.find_reconciliations(feed, until=None)
    newer = max((c.register_date for c in known if c.register_date > outcome.register_date), default=None)
    description = f"register of {outcome.register_date}: {comparison.status.word}"
    entry = AuditEntry("reconcile", feed, description, "cli", who, reconciliation.at)
    if newer is not None:
        with reconciliation.history.transaction() as work:
            work.audit.add(entry)
            work.evidence.add_reconciliation(feed, outcome.counts)
        return replace(comparison, newer=newer)
    for attempt in range(1, _TRIES + 1):
        try:
            return replace(comparison, changed=_advance_findings(reconciliation, comparison, entry))
        except ConcurrentUpdate:
            if attempt == _TRIES:
                raise
    raise AssertionError("the last try returns or raises")


def _advance_findings(
    reconciliation: ReconciliationContext, comparison: ManualReconciliation, entry: AuditEntry
) -> tuple[Finding, ...]:
    feed, at, alerting = reconciliation.context.feed, reconciliation.at, reconciliation.context.alerting
    standing = reconciliation.history.findings.find(feed.name)
    # Only the findings of reconciliation checks: nothing was delivered, so no other finding may change.
    spoken = {result.check for result in comparison.results}
    live = {i.fingerprint: i for i in standing if i.fingerprint.check in spoken}
    step = advance(
        live,
        comparison.results,
        delivery=_stand_in(reconciliation),
        policy=alerting.policy,
        at=at,
        new_id=clock.new_id,
    )
    with reconciliation.history.transaction() as work:
        work.audit.add(entry)
        work.evidence.add_reconciliation(feed.name, comparison.outcome.counts)
        save_findings(
            work,
            step,
            based_on=tuple(live.values()),
            feed=feed,
            alerting=alerting,
            formatter=reconciliation.context.formatter,
            key=f"reconcile/{feed.name}/{at.isoformat()}",
            at=at,
        )
    return step.incidents


def _stand_in(reconciliation: ReconciliationContext) -> Delivery:
    """Return the delivery that stands for this comparison in the life of findings; its id holds the moment."""
    name = f"register:{reconciliation.day}:{reconciliation.at.isoformat()}"
    return Delivery(
        reconciliation.context.feed.name,
        name,
        max(reconciliation.day, reconciliation.newest),
        arrived_at=reconciliation.at,
    )


# Plan a catch-up: the missing persons, spread over weeks that the next link can process.


# Both sides of a comparison on request: its options, and the feed and history it works on.


IN_MEMORY = "sqlite://"
_PSEUDONYMISED = ".pseudonyms"
"""What `ketenwacht pseudonymise` is told, in the guide, to put before the suffix of a register's name."""


@dataclass(frozen=True, slots=True)
class ReconciliationOptions:
    """How a register is compared, where that differs from the configuration.

    Attributes:
        path: the register; None: the newest snapshot where the configuration says.
        day: its reference date; None: its name says it, or the newest delivery.
        key: the columns that together identify a person; (): as configured.
        decided: column with the date of decision; None: as configured.
        segments: columns that both sides share; (): as configured.
    """

    path: Path | None = None
    day: date | None = None
    key: tuple[str, ...] = ()
    decided: str | None = None
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReconciliationContext:
    """One feed with its register described, ready to be compared.

    Attributes:
        project: the configuration.
        context: the feed; its register is the configured one, changed by the options.
        history: where outcomes are kept.
        intake: reads the deliveries' keys.
        found: the deliveries for periods up to the reference date.
        newest: period of the newest delivery there is.
        register: the snapshot to compare.
        at: now (UTC).
    """

    project: LoadedProject
    context: FeedContext
    history: History
    intake: Intake
    found: tuple[Delivery, ...]
    newest: date
    register: RegisterSnapshot
    at: datetime

    @property
    def day(self) -> date:
        """The register's reference date."""
        return self.register.day


@contextmanager
def open_reconciliation(  # noqa: PLR0913 - what is compared, where to save it, and a callback
    project: LoadedProject,
    feed: str | None,
    options: ReconciliationOptions,
    *,
    kept: bool,
    at: datetime,
    on_warning: Callable[[str, str], None],
) -> Iterator[ReconciliationContext]:
    """Open a feed to compare one register with it; forget every key on leaving.

    Args:
        project: the configuration.
        feed: name of the feed; None: the only one.
        options: the register.
        kept: whether the outcome is to be kept in the configured history; else in one that vanishes.
        at: now, UTC.
        on_warning: called with a delivery that could not be read, and why.

    Raises:
        ConfigError: the register cannot be compared as asked.
        DeliveryError: there is no delivery to compare it with.
        StoreError: the history cannot be opened.
    """
    named = describe_register(project.feed(feed), options)
    if options.path is not None and not options.path.is_file():
        raise ConfigError(str(options.path), "is not a file", "name a CSV or Parquet file")
    context = replace(build_context(project, named), feed=named)
    deliveries = list_here(context, at)
    newest = max((d.period for d in deliveries), default=None)
    register = _choose_snapshot(project, named, options, newest, at)
    day = register.day
    found = tuple(d for d in deliveries if d.period <= day)
    if newest is None or not found:
        raise DeliveryError(f"{named.name}: no delivery for a period up to {day} is there to compare with")
    url = None if kept else IN_MEMORY
    with project.history(url) as history, open_intake(project, context, history, on_warning) as intake:
        yield ReconciliationContext(project, context, history, intake, found, newest, register, at)


def _choose_snapshot(
    project: LoadedProject, feed: Feed, options: ReconciliationOptions, newest: date | None, at: datetime
) -> RegisterSnapshot:
    """Return the register that the options name; without one the newest that is configured, or that of their day.

    Raises:
        ConfigError: there is none.
        DeliveryError: its source cannot be reached.
    """
    if options.path is not None:
        return RegisterSnapshot(reference_date(feed, options, newest), options.path)
    today = at.astimezone(project.zone).date()
    listed = list_registers(open_registers(feed, project.root, project.zone), at)
    usable = [one for one in listed if one.day <= today and options.day in {None, one.day}]
    if not usable:
        what = "no register is named, and none is found where the configuration says"
        raise ConfigError("--register", what, "name a CSV or Parquet file")
    return usable[-1]


def describe_register(feed: Feed, options: ReconciliationOptions) -> Feed:
    """Return the feed with its key and register as configured, changed by the options.

    Raises:
        ConfigError: neither says what is needed.
    """
    key = options.key or feed.key_columns
    if not key:
        raise ConfigError(
            f"feeds.{feed.name}", "has no key, so nobody can be compared", "set `key`, or give --key"
        )
    register = feed.evidence.register
    if register is None:
        if options.path is None:
            raise ConfigError("--register", "no register is named", "name a CSV or Parquet file")
        if options.decided is None:
            raise ConfigError(
                f"feeds.{feed.name}",
                "says nothing of the sender's register",
                "configure `evidence.register`, or give --decided-column and --segments",
            )
        register = Register(path=".", pattern="", decided_column=options.decided)
    register = replace(
        register,
        decided_column=options.decided if options.decided is not None else register.decided_column,
        segments=options.segments or register.segments,
        count_by=register.count_by or _group_by(feed, options.segments or register.segments),
    )
    return replace(feed, key=key, evidence=replace(feed.evidence, register=register))


def _group_by(feed: Feed, shared: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return by what outcomes are counted: as the feed is, where both sides share it; else each shared column."""
    counted = tuple(dims for dims in feed.segments if dims and set(dims) <= set(shared))
    return counted or tuple((name,) for name in shared)


def reference_date(feed: Feed, options: ReconciliationOptions, newest: date | None) -> date:
    """Return the day that a register describes: by its name, the options, or the newest delivery.

    Raises:
        ConfigError: its name says another day than the options, or nothing says any.
    """
    named = _date_in_name(feed, options.path)
    if named is not None and options.day is not None and named != options.day:
        raise ConfigError(
            "--date", f"the name of the register says {named}", "leave --date out, or rename the file"
        )
    day = named or options.day or newest
    if day is None:
        raise ConfigError("--date", "nothing says which day the register speaks of", "give its reference date")
    return day


def _date_in_name(feed: Feed, path: Path | None) -> date | None:
    register = feed.evidence.register
    if path is None or register is None or not register.pattern:
        return None
    match = compile_pattern(register.pattern).match(path.name.replace(_PSEUDONYMISED, ""))
    return match.period if match is not None else None
