"""The path of one delivery, from a file to what people hear about it.

    find → measure → judge → advance findings → save → send

1. `scheduler.worklist` finds what is to be judged: new deliveries, and those that are overdue. An absent delivery
   takes the same path; it has no rows to measure.
2. `measure_delivery` reads the rows once and returns numbers, in any process.
3. `FeedPipeline.process` judges these numbers, advances the findings and saves all of it in one transaction.
4. `outbox.flush` sends the saved alerts.

`workflows.check` and `workflows.replay.replay` perform steps 1–3; the service, the API and `run_replay` flush the
alerts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from ketenwacht.announcements import save_findings
from ketenwacht.config.rules_snapshot import RulesSnapshot, dump_rules
from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.base import Check, Expectation, Judgement, State, View
from ketenwacht.domain.checks.overruling import overrule
from ketenwacht.domain.delivery import Delivery, Presence, with_possible_period
from ketenwacht.domain.evidence import Canary, Known, acknowledgement_hop
from ketenwacht.domain.feed import Feed, PluginEngine
from ketenwacht.domain.findings import Advance, advance
from ketenwacht.domain.findings.finding import Finding, Fingerprint
from ketenwacht.domain.findings.finding import State as FindingState
from ketenwacht.domain.guard import Guard, rename_columns
from ketenwacht.domain.incidents.causes import CauseMaterial
from ketenwacht.domain.measurement import Snapshot, smallest_count
from ketenwacht.domain.past import Past
from ketenwacht.domain.problems import MOVED, PROBLEMS, problem_of
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Status
from ketenwacht.domain.settings import FeedRules, ServiceSettings
from ketenwacht.domain.statement import Codes, Name, Text, Value, departures
from ketenwacht.domain.successors import (
    CodeSuccessors,
    Expired,
    renew_known,
    renew_past,
    renew_segment,
    renew_snapshot,
)
from ketenwacht.errors import DeliveryError, EngineError, KetenwachtError
from ketenwacht.measure import Engine, MeasurementPlan, measure, measure_lateness
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.plugins import PluginLimits, call_apart, guard_plugin_call
from ketenwacht.sources import FeedReader, is_foreign
from ketenwacht.sources.base import AT_ONCE, SETTLE
from ketenwacht.store import EvidenceWatermarks, History, VerdictProvenance

CODES: Codes = {
    "plugin.failed": {"kind": Name, "cause": Text},
    "plugin.no_judgement": {"kind": Name},
    "plugin.undeclared": {"kind": Name, "what": Name},
    "segment.succeeded": {},
}
"""The results of a plug-in's check that could not judge, and the end of a code; see `statement.Codes`."""
EXCLUSIONS = "masks"
"""The key of exclusion windows in `EvidenceWatermarks`, as histories hold it."""

_MOST_READS = 5
"""A delivery that is replaced during this many reads is unreadable."""


@dataclass(frozen=True, slots=True)
class FeedContext:
    """Everything about one feed that does not change from delivery to delivery.

    Attributes:
        feed: as configured.
        rules: its checks, declared days and holidays.
        reader: finds and reads its deliveries.
        engine: measures them.
        plan: what to measure.
        expectations: the summary of its suites.
        alerting: the routes of alerts, and the policy of findings.
        zone: of calendar days.
        formatter: writes alerts, in their language.
        canaries: synthetic persons in the feed.
        service: limits of the processes that read, measure and run plug-ins.
        reads_network: whether its files lie on a network, where reading may hang.
    """

    feed: Feed
    rules: FeedRules
    reader: FeedReader
    engine: Engine
    plan: MeasurementPlan
    expectations: tuple[Expectation, ...]
    alerting: Alerting
    zone: tzinfo
    formatter: MessageFormatter
    canaries: tuple[Canary, ...] = ()
    service: ServiceSettings = field(default_factory=ServiceSettings)
    reads_network: bool = False

    @property
    def foreign(self) -> bool:
        """Whether a plug-in reads or measures the deliveries."""
        return isinstance(self.feed.engine, PluginEngine) or is_foreign(self.feed.source)

    @property
    def limits(self) -> PluginLimits:
        """What one call of a plug-in may take."""
        return PluginLimits(self.service.plugin, self.service.memory)

    def find(
        self, at: datetime, *, settle: timedelta = SETTLE, quiet: timedelta = AT_ONCE
    ) -> tuple[Delivery, ...]:
        """Return every delivery that is there; see `FeedReader.find`.

        A delivery with an impossible period is marked unreadable.
        """
        today = at.astimezone(self.zone).date()
        found = self.reader.find(at, settle=settle, quiet=quiet)
        return tuple(with_possible_period(delivery, today) for delivery in found)

    def find_misnamed(self, day: date | None = None) -> tuple[str, ...]:
        """Return the names of files that are probably deliveries but have another name, newest first.

        Args:
            day: only those with this date in their names, in any form; None: all.

        Raises:
            DeliveryError: the folder cannot be listed.
        """
        find: Callable[[], tuple[str, ...]] | None = getattr(self.reader, "find_misnamed", None)
        names = find() if find is not None else ()
        if day is None:
            return names
        forms = {day.strftime(form) for form in ("%Y%m%d", "%d%m%Y", "%m%d%Y", "%y%m%d", "%d%m%y", "%Y%j")}
        return tuple(name for name in names if any(form in re.sub(r"\D", "", name) for form in forms))


@dataclass(slots=True)
class FeedState:
    """What one delivery leaves for the next.

    Attributes:
        past: every measured delivery, with the periods that are excluded from learning.
        states: by check, what it remembers.
        live: the findings that are not closed.
        watermarks: how far the declarations had come that exclude periods.
        known: the evidence that the newest verdict rests on; None: nobody looked it up.
        expired: the codes by whose successors `past` is counted.
    """

    past: Past = field(default_factory=Past)
    states: Mapping[str, State] = field(default_factory=dict)
    live: Mapping[Fingerprint, Finding] = field(default_factory=dict)
    watermarks: EvidenceWatermarks = field(default_factory=dict)
    known: Known | None = None
    expired: Expired = field(default_factory=dict)

    @classmethod
    def load(cls, context: FeedContext, history: History) -> FeedState:
        """Read the state of a feed from its history.

        Raises:
            StoreError: the history cannot be read.
        """
        name, watermarks = context.feed.name, history.evidence.read_watermarks()
        exclusions = (*context.rules.exclusions, *history.exclusions.find(name, until=watermarks))
        return cls(
            past=Past.of(history.runs.find_snapshots(name), exclusions),
            states=history.runs.find_states(name),
            live={i.fingerprint: i for i in history.findings.find(name)},
            watermarks=watermarks,
        )

    def update(self, snapshot: Snapshot, states: Mapping[str, State], findings: Iterable[Finding]) -> None:
        """Add a saved delivery, the new states of its checks and the findings that it changed."""
        self.past = self.past.with_snapshot(renew_snapshot(snapshot, self.expired))
        self.states = {**self.states, **states}
        changed = {**self.live, **{finding.fingerprint: finding for finding in findings}}
        self.live = {key: finding for key, finding in changed.items() if finding.state is not FindingState.CLOSED}

    def renew_codes(self, successors: CodeSuccessors, day: date) -> frozenset[str]:
        """Count every earlier delivery by the codes that are valid on a day or, when later, on the newest period.

        Returns:
            The columns in which codes expired since the newest earlier delivery: what checks remember of them is
            by codes that are over.
        """
        newest = self.past.snapshots[-1].delivery.period if self.past.snapshots else day
        expired = successors.expired_on(max(newest, day))
        if expired != self.expired:
            self.past = renew_past(self.past, expired)
            self.expired = expired
        before = successors.expired_on(newest)
        return frozenset(column for column in expired if expired[column] != before.get(column))


@dataclass(frozen=True, slots=True)
class FeedPipeline:
    """The steps that follow measuring, for the deliveries of one feed in order.

    Attributes:
        context: the feed.
        history: where runs are saved.
        state: what earlier deliveries left; each delivery updates it.
        new_id: returns an id that nothing else has.
        rules: the checks and expectations, as they are saved with every run.
        silent: an archive is judged for the first time: nobody is told of its incidents until they change.
    """

    context: FeedContext
    history: History
    state: FeedState
    new_id: Callable[[], str]
    rules: Mapping[str, Any]
    silent: bool = False

    @classmethod
    def open(cls, context: FeedContext, history: History, new_id: Callable[[], str]) -> FeedPipeline:
        """Return the pipeline of a feed, with the state that its history holds.

        Raises:
            StoreError: the history cannot be read.
        """
        snapshot = RulesSnapshot(context.rules, context.expectations, context.feed.schedule, context.canaries)
        return cls(context, history, FeedState.load(context, history), new_id, dump_rules(snapshot))

    def process(self, snapshot: Snapshot, known: Known, at: datetime) -> JudgedRun:
        """Judge one measured delivery, and save the run with everything that follows from it in one transaction.

        Args:
            snapshot: the measured delivery.
            known: the independent evidence that counts: what is known at `at`, or was when the delivery came.
            at: the moment of judging, UTC.

        Raises:
            StoreError: nothing was saved, and the state is as it was.
        """
        snapshot = mask_new_columns(snapshot, self.state.past, self.context.plan.guard)
        results, states = judge_snapshot(self.context, snapshot, self.state, known, at)
        run = JudgedRun(self.new_id(), snapshot.delivery, at, results, smallest_count(snapshot))
        step = self._advance_findings(run, (*run.results, *end_expired(self.state)))
        self._save(run, snapshot, states, step, self._record_provenance(known, at), known)
        self.state.update(snapshot, states, step.incidents)
        self.state.known = known
        return run

    def process_evidence(self, known: Known, at: datetime) -> JudgedRun | None:
        """Judge the newest delivery again by evidence that arrived after it was judged, and save that run.

        Only the checks that judge by such evidence look again; of the others the run repeats what they said.

        Args:
            known: the evidence that counts now.
            at: the moment of judging, UTC.

        Returns:
            The run; None when there is nothing to judge again: no delivery was read, no check judges by evidence,
            the newest verdict rests on the same evidence already, or this run is in the history.

        Raises:
            StoreError: nothing was saved, and the state is as it was.
        """
        snapshot = next((one for one in reversed(self.state.past.snapshots) if one.delivery.read), None)
        outside = any(traits_of(check).outside for check in self.context.rules.checks)
        if snapshot is None or not outside or known == self.state.known:
            return None
        earlier = self._find_earlier(snapshot.delivery)
        fresh, every = judge_by_evidence(self.context, snapshot, self.state, known, at, earlier=earlier)
        run = JudgedRun(
            self.new_id(), snapshot.delivery, at, every, smallest_count(snapshot), evidence=_digest_evidence(known)
        )
        step = self._advance_findings(run, fresh)
        unmeasured = replace(snapshot, measurements={})
        if not self._save(run, unmeasured, {}, step, self._record_provenance(known, at), known):
            return None
        self.state.update(snapshot, {}, step.incidents)
        self.state.known = known
        return run

    def _find_earlier(self, delivery: Delivery) -> tuple[CheckResult, ...]:
        """Return what the newest run of a delivery said."""
        runs = self.history.runs.find(delivery.feed, since=delivery.period)
        own = [run for run in runs if (run.delivery.id, run.delivery.mark) == (delivery.id, delivery.mark)]
        return own[-1].results if own else ()

    def _advance_findings(self, run: JudgedRun, results: Sequence[CheckResult]) -> Advance:
        return advance(
            self.state.live,
            results,
            delivery=run.delivery,
            policy=self.context.alerting.policy,
            at=run.at,
            new_id=self.new_id,
            evidence=run.evidence,
        )

    def _record_provenance(self, known: Known, at: datetime) -> VerdictProvenance:
        exclusions = self.state.watermarks.get(EXCLUSIONS, 0)
        return VerdictProvenance(self.rules, {**known.until, EXCLUSIONS: exclusions}, known.at or at)

    def _save(  # noqa: PLR0913, PLR0917 - what one run leaves
        self,
        run: JudgedRun,
        snapshot: Snapshot,
        states: Mapping[str, State],
        step: Advance,
        provenance: VerdictProvenance,
        known: Known,
    ) -> bool:
        """Save a run; return False when it was there already: then nothing is saved."""
        context = self.context
        with self.history.transaction() as work:
            saved = work.runs.save(run, snapshot, states=states, provenance=provenance)
            if saved:
                save_findings(
                    work,
                    step,
                    based_on=tuple(self.state.live.values()),
                    feed=context.feed,
                    alerting=context.alerting,
                    formatter=context.formatter,
                    key=run.id,
                    at=run.at,
                    silent=self.silent,
                    material=self._gather_material(snapshot, known),
                )
        return saved

    def _gather_material(self, snapshot: Snapshot, known: Known) -> CauseMaterial:
        """Return what causes are looked for in: the measured deliveries and the evidence known now."""
        earlier = tuple(one for one in self.state.past.snapshots if one.delivery.id != snapshot.delivery.id)
        newest = (renew_snapshot(snapshot, self.state.expired),) if snapshot.measurements else ()
        acknowledged = (one.period_from for one in known.hops if one.hop.startswith(acknowledgement_hop("")))
        return CauseMaterial(
            snapshots=(*earlier, *newest) if newest else self.state.past.snapshots,
            reconciliations=known.reconciliations,
            declared=(*self.state.past.exclusions, *self.state.past.releases),
            columns={one.id: one.columns for one in self.context.expectations},
            acknowledged=tuple(acknowledged),
        )


def _digest_evidence(known: Known) -> str:
    """Return a digest of evidence: the same evidence always gives the same."""
    counts = tuple(replace(count, impact=None) for count in known.reconciliations)
    said = repr((known.references, known.inquiries, counts, known.hops))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


# Measure.


def measure_delivery(context: FeedContext, delivery: Delivery, at: datetime) -> Snapshot:
    """Read the rows of a delivery once, and return its measurements.

    A delivery that is replaced while it is read is read again.

    Args:
        context: the feed.
        delivery: as found.
        at: the moment of judging, UTC.

    Returns:
        The measurements. A delivery that is not what it claims to be comes back as unreadable, with the problem.
    """
    for _ in range(_MOST_READS):
        snapshot = _measure_once(context, delivery, at)
        if snapshot.delivery.problem is None or snapshot.delivery.problem.code not in MOVED:
            break
    return snapshot


def _measure_once(context: FeedContext, delivery: Delivery, at: datetime) -> Snapshot:
    if delivery.read:
        delivery = context.engine.verify(delivery)
    if delivery.read:
        try:
            with context.engine.open(delivery) as dataset:
                names = context.plan.guard.names([column.name for column in dataset.columns])
                return Snapshot(
                    delivery, measure(dataset, delivery, context.plan), rename_columns(dataset.columns, names)
                )
        except DeliveryError as fault:
            delivery = replace(delivery, presence=Presence.UNREADABLE, sha256=None, problem=problem_of(fault))
    return Snapshot(delivery, measure_lateness(delivery, at))


def mask_new_columns(snapshot: Snapshot, past: Past, guard: Guard) -> Snapshot:
    """Replace the name of each column that no earlier delivery has by its position.

    A delivery without its header gives the first person's values as column names. Where the contract lists the
    columns, the guard masks these names already; elsewhere the columns of earlier deliveries count as agreed.
    """
    here = [column.name for column in snapshot.columns]
    if guard.listed or not here or not past.snapshots:
        return snapshot
    names = guard.names(here, {column.name for earlier in past.snapshots for column in earlier.columns})
    columns = rename_columns(snapshot.columns, names)
    if columns == snapshot.columns:
        return snapshot
    return replace(snapshot, measurements=guard.measurements(snapshot.measurements, names), columns=columns)


# Judge.


def judge_snapshot(
    context: FeedContext, snapshot: Snapshot, state: FeedState, known: Known, at: datetime
) -> tuple[tuple[CheckResult, ...], dict[str, State]]:
    """Judge one snapshot by every check, against a past that is strictly earlier; pure.

    Returns:
        The results in the order of the checks, and by check the state to remember.
    """
    changed = state.renew_codes(context.rules.successors, snapshot.delivery.period)
    view = _make_view(context, snapshot, state, known, at)
    results: list[CheckResult] = []
    states: dict[str, State] = {}
    for check in context.rules.checks:
        counts_by = frozenset(getattr(check, "segments", None) or ())  # None: every shape that is counted
        remembered = None if changed & counts_by else state.states.get(check.name)
        judgement = judge_check(check, replace(view, state=remembered), context.limits)
        results += judgement.results
        if judgement.state is not None:
            states[check.name] = judgement.state
    return overrule(results), states


def end_expired(state: FeedState) -> tuple[CheckResult, ...]:
    """Return a result that ends each finding about a code that another one replaced: that one's results go on."""
    return tuple(
        CheckResult(
            finding.fingerprint.check,
            Status.PASSED,
            finding.evidence,
            code="segment.succeeded",
            segment=finding.fingerprint.segment,
        )
        for finding in state.live.values()
        if finding.active
        and not finding.fingerprint.due
        and renew_segment(finding.fingerprint.segment, state.expired) != finding.fingerprint.segment
    )


def _make_view(context: FeedContext, snapshot: Snapshot, state: FeedState, known: Known, at: datetime) -> View:
    return View(
        snapshot=renew_snapshot(snapshot, state.expired),
        past=state.past.before(snapshot.delivery.period),
        at=at,
        known=renew_known(known, state.expired),
        expired=state.expired,
        expectations=context.expectations,
        schedule=context.feed.schedule,
        holidays=context.rules.holidays,
        periods=context.rules.periods,
        canaries=context.canaries,
    )


def judge_by_evidence(  # noqa: PLR0913 - what `judge_snapshot` needs, and what was said before
    context: FeedContext,
    snapshot: Snapshot,
    state: FeedState,
    known: Known,
    at: datetime,
    *,
    earlier: Sequence[CheckResult],
) -> tuple[tuple[CheckResult, ...], tuple[CheckResult, ...]]:
    """Judge a delivery again by the checks that judge by outside evidence; pure.

    Returns:
        What these checks say now, with what they overrule, and the results of every check in their order: of the
        others as in `earlier`.
    """
    state.renew_codes(context.rules.successors, snapshot.delivery.period)
    view = _make_view(context, snapshot, state, known, at)
    every: list[CheckResult] = []
    looked: set[str] = set()
    for check in context.rules.checks:
        if traits_of(check).outside:
            said = judge_check(check, view, context.limits).results
            looked |= {one.check for one in said}
        else:
            own = f"{check.name}."
            said = tuple(one for one in earlier if one.check == check.name or one.check.startswith(own))
        every += said
    now = overrule(every)
    fresh = tuple(one for one, before in zip(now, every, strict=True) if one.check in looked or one != before)
    return fresh, now


def judge_check(check: Check, view: View, limits: PluginLimits) -> Judgement:
    """Return the judgement of a check. A plug-in's check is called in a process of its own, under limits.

    One that fails, hangs or ends its process is an error, as it could not judge.
    """
    if type(check) in KINDS:
        return check.judge(view)
    try:
        found = guard_plugin_call(
            lambda: call_apart(_describe_check(check), limits, _judge, check, view), EngineError
        )
    except KetenwachtError as fault:
        cause = str(fault) if isinstance(fault, EngineError) else type(fault).__name__
        return _fail_check(check, "plugin.failed", cause=Text.of(cause))
    return _verify_judgement(check, found)


def _describe_check(check: Check) -> str:
    return f"{type(check).__module__} {check.name}"


def _judge(check: Check, view: View) -> object:
    return check.judge(view)


def _verify_judgement(check: Check, judgement: object) -> Judgement:
    """Return what a plug-in's check returned, when it is a judgement in codes that it declares, or in words."""
    if not isinstance(judgement, Judgement) or not all(isinstance(one, CheckResult) for one in judgement.results):
        return _fail_check(check, "plugin.no_judgement")
    codes = {**PROBLEMS, **getattr(check, "codes", {})}
    faults = [fault for result in judgement.results for fault in departures(result.said, codes)]
    if faults:
        return _fail_check(check, "plugin.undeclared", what=Name(faults[0].partition(" ")[0]))
    return judgement


def _fail_check(check: Check, code: str, **params: Value) -> Judgement:
    params = {"kind": Name(check.kind), **params}
    return Judgement((CheckResult(check.name, Status.ERROR, Evidence.CONTRACT, code=code, params=params),))
