"""The straight line: one delivery, from the moment it was found until what follows from it is kept.

    verify → measure → recall the past → judge → advance the incidents → keep it all in one transaction

Absence walks the same line: it has no rows to measure, and everything after that is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from ketenwacht.config.rules_snapshot import RulesSnapshot, dump_rules
from ketenwacht.domain.alerting import Alerting
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.base import Check, Expectation, Judgement, State, View
from ketenwacht.domain.delivery import Delivery, Presence
from ketenwacht.domain.evidence import Canary, Known
from ketenwacht.domain.feed import Feed
from ketenwacht.domain.findings import advance
from ketenwacht.domain.findings.finding import Finding, Fingerprint
from ketenwacht.domain.findings.finding import State as Life
from ketenwacht.domain.guard import Guard, renamed
from ketenwacht.domain.measurement import Snapshot, smallest_count
from ketenwacht.domain.past import Past
from ketenwacht.domain.problems import MOVED, PROBLEMS, problem_of
from ketenwacht.domain.result import CheckResult, Evidence, JudgedRun, Status
from ketenwacht.domain.settings import FeedRules
from ketenwacht.domain.statement import Codes, Name, Text, Value, departures
from ketenwacht.errors import DeliveryError, EngineError, KetenwachtError
from ketenwacht.measure import Engine, MeasurementPlan, measure, measure_lateness
from ketenwacht.messages import compose_run
from ketenwacht.messages.formatter import MessageFormatter
from ketenwacht.plugins import guard_plugin_call
from ketenwacht.sources import FeedReader
from ketenwacht.store import EvidenceWatermarks, History, VerdictProvenance

CODES: Codes = {
    "plugin.failed": {"kind": Name, "cause": Text},
    "plugin.no_judgement": {"kind": Name},
    "plugin.undeclared": {"kind": Name, "what": Name},
}
"""What is said of the check of a plug-in that could not judge; see `statement.Codes`."""
EXCLUSIONS = "masks"
"""The papers that mask a past; they are read with it, before other evidence is."""

_LOOKS = 5
"""So often a delivery is read that is replaced every time; then it is unreadable."""


@dataclass(frozen=True, slots=True)
class FeedContext:
    """Everything about one feed that does not change from delivery to delivery.

    Attributes:
        feed: as configured.
        rules: its checks, declared days and holidays.
        reader: where its deliveries are.
        engine: where they are measured.
        plan: what is measured.
        expectations: the outline of its suites.
        alerting: who is told, and the policy of incidents.
        zone: of calendar days.
        formatter: says what is told, in the language of alerts.
        canaries: synthetic persons that were put in.
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


@dataclass(slots=True)
class FeedState:
    """What is carried from one delivery to the next: the past, what checks remember, the incidents that live.

    `watermarks` says how far declarations had come that the past is masked by.
    """

    past: Past = field(default_factory=Past)
    states: Mapping[str, State] = field(default_factory=dict)
    live: Mapping[Fingerprint, Finding] = field(default_factory=dict)
    watermarks: EvidenceWatermarks = field(default_factory=dict)

    @classmethod
    def of(cls, context: FeedContext, history: History) -> FeedState:
        """Recall everything that the history holds of the feed."""
        name, watermarks = context.feed.name, history.watermarks()
        exclusions = (*context.rules.exclusions, *history.exclusions(name, until=watermarks))
        return cls(
            past=Past.of(history.snapshots(name), exclusions),
            states=history.states(name),
            live={i.fingerprint: i for i in history.live_incidents(name)},
            watermarks=watermarks,
        )


def measure_delivery(context: FeedContext, delivery: Delivery, at: datetime) -> Snapshot:
    """Read a delivery once and forget its rows: what leaves here is numbers. Runs in any process.

    A delivery that is not what it claims to be comes back as unreadable with a reason, never as an exception. One
    that was replaced while it was read is read anew: what is there now is what was delivered.
    """
    for _ in range(_LOOKS):
        snapshot = _measured_once(context, delivery, at)
        if snapshot.delivery.problem is None or snapshot.delivery.problem.code not in MOVED:
            break
    return snapshot


def _measured_once(context: FeedContext, delivery: Delivery, at: datetime) -> Snapshot:
    if delivery.read:
        delivery = context.engine.verify(delivery)
    if delivery.read:
        try:
            with context.engine.open(delivery) as dataset:
                names = context.plan.guard.names([column.name for column in dataset.columns])
                return Snapshot(
                    delivery, measure(dataset, delivery, context.plan), renamed(dataset.columns, names)
                )
        except DeliveryError as fault:
            delivery = replace(delivery, presence=Presence.UNREADABLE, sha256=None, problem=problem_of(fault))
    return Snapshot(delivery, measure_lateness(delivery, at))


def with_known_columns(snapshot: Snapshot, past: Past, guard: Guard) -> Snapshot:
    """A snapshot in which a column that no earlier delivery had is named by its position.

    Only where nobody listed the columns: then those that came before count as agreed. Without its header, the
    first person of a delivery would otherwise give the columns their names.
    """
    here = [column.name for column in snapshot.columns]
    if guard.listed or not here or not past.snapshots:
        return snapshot
    names = guard.names(here, {column.name for earlier in past.snapshots for column in earlier.columns})
    columns = renamed(snapshot.columns, names)
    if columns == snapshot.columns:
        return snapshot
    return replace(snapshot, measurements=guard.measured(snapshot.measurements, names), columns=columns)


def judge_snapshot(
    context: FeedContext, snapshot: Snapshot, memory: FeedState, known: Known, at: datetime
) -> tuple[tuple[CheckResult, ...], dict[str, State]]:
    """Let every check look at one snapshot, with a past that is strictly earlier; pure.

    Returns:
        The results in the order of the checks, and what each check wants to remember.
    """
    view = View(
        snapshot=snapshot,
        past=memory.past.before(snapshot.delivery.period),
        at=at,
        known=known,
        expectations=context.expectations,
        schedule=context.feed.schedule,
        holidays=context.rules.holidays,
        canaries=context.canaries,
    )
    results: list[CheckResult] = []
    states: dict[str, State] = {}
    for check in context.rules.checks:
        judgement = _judgement(check, replace(view, state=memory.states.get(check.name)))
        results += judgement.results
        if judgement.state is not None:
            states[check.name] = judgement.state
    return tuple(results), states


def _judgement(check: Check, view: View) -> Judgement:
    """What a check says; a check of a plug-in that fails could not judge."""
    if type(check) in KINDS:
        return check.judge(view)
    try:
        return guard_plugin_call(lambda: _held_to_its_word(check, check.judge(view)), EngineError)
    except KetenwachtError as fault:
        cause = str(fault) if isinstance(fault, EngineError) else type(fault).__name__
        return _not_judged(check, "plugin.failed", cause=Text.of(cause))


def _held_to_its_word(check: Check, said: object) -> Judgement:
    """What a check of a plug-in says, when it is a judgement, in codes as it declares them or in words."""
    if not isinstance(said, Judgement) or not all(isinstance(one, CheckResult) for one in said.results):
        return _not_judged(check, "plugin.no_judgement")
    codes = {**PROBLEMS, **getattr(check, "codes", {})}
    found = [fault for one in said.results for fault in departures(one.said, codes)]
    return _not_judged(check, "plugin.undeclared", what=Name(found[0].partition(" ")[0])) if found else said


def _not_judged(check: Check, code: str, **params: Value) -> Judgement:
    said = {"kind": Name(check.kind), **params}
    return Judgement((CheckResult(check.name, Status.ERROR, Evidence.CONTRACT, code=code, params=said),))


@dataclass(frozen=True, slots=True)
class FeedPipeline:
    """One feed's line: a history to keep runs in, a memory that is brought up to date, and a source of ids."""

    context: FeedContext
    history: History
    memory: FeedState
    new_id: Callable[[], str]
    rules: Mapping[str, Any]  # of the station, as they are kept with every run

    @classmethod
    def of(cls, context: FeedContext, history: History, new_id: Callable[[], str]) -> FeedPipeline:
        """The line of a feed, with everything that the history remembers."""
        return cls(
            context,
            history,
            FeedState.of(context, history),
            new_id,
            dump_rules(
                RulesSnapshot(context.rules, context.expectations, context.feed.schedule, context.canaries)
            ),
        )

    def walk(self, snapshot: Snapshot, known: Known, at: datetime) -> JudgedRun:
        """Judge one measured delivery, and keep the run with all that follows from it in one transaction.

        Args:
            snapshot: what was measured.
            known: the independent evidence that counts: what is known at `at`, or was when the delivery came.
            at: the moment of judging, UTC.

        Raises:
            StoreError: nothing was kept, and the memory is as it was.
        """
        context, memory, delivery = self.context, self.memory, snapshot.delivery
        snapshot = with_known_columns(snapshot, memory.past, context.plan.guard)
        results, states = judge_snapshot(context, snapshot, memory, known, at)
        run = JudgedRun(self.new_id(), delivery, at, results, smallest_count(snapshot))
        policy = context.alerting.policy
        step = advance(memory.live, results, delivery=delivery, policy=policy, at=at, new_id=self.new_id)
        self.history.save(
            run,
            snapshot,
            states=states,
            incidents=step.incidents,
            events=step.events,
            alerts=compose_run(step, run, context.feed, context.alerting, context.formatter),
            based_on=tuple(memory.live.values()),
            provenance=VerdictProvenance(
                self.rules, {**known.until, EXCLUSIONS: memory.watermarks.get(EXCLUSIONS, 0)}, known.at or at
            ),
        )
        memory.past = memory.past.extended(snapshot)
        memory.states = {**memory.states, **states}
        changed = {**memory.live, **{i.fingerprint: i for i in step.incidents}}
        memory.live = {fingerprint: i for fingerprint, i in changed.items() if i.state is not Life.CLOSED}
        return run
