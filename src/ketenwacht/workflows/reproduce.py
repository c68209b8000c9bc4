"""Reach past verdicts again from what the history holds: the same bit for bit, or which check differs.

Every run is judged again from the measurements of its delivery, the strictly earlier ones, the state of the
checks, and the evidence, declarations and rules of that moment. No delivery is read.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import astuple, dataclass, field, replace

from pydantic import ValidationError

from ketenwacht.config.rules_snapshot import RulesSnapshot, load_rules
from ketenwacht.domain.check_traits import traits_of
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.base import State
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import DETECTOR, CheckResult, JudgedRun, Reproduction, ReproductionOutcome
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import params_json
from ketenwacht.domain.successors import Expired, renew_snapshot
from ketenwacht.errors import ConfigError
from ketenwacht.pipeline import FeedContext, FeedState, judge_by_evidence, judge_snapshot
from ketenwacht.store import VerdictProvenance
from ketenwacht.workflows.contexts import build_context
from ketenwacht.workflows.histories import HistoryReader
from ketenwacht.workflows.intake import load_known

_OTHER_OWN_HISTORY = frozenset({1, 2, 3, 4})  # detectors whose own history is not compared with today's


@dataclass(slots=True)
class _PastState:
    """What was remembered just before a run, updated from run to run, oldest first.

    `said` is what the run before of the same delivery said; `expired` are the codes by whose successors `past` is
    counted.
    """

    past: Past
    states: dict[str, State]
    said: tuple[CheckResult, ...] = ()
    expired: Expired = field(default_factory=dict)


def reproduce(
    reader: HistoryReader,
    *,
    delivery: str | None = None,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Reproduction, ...]:
    """Judge past runs again, and compare the results with those that were saved.

    Args:
        reader: the history.
        delivery: only the runs of this delivery; None: all.
        limit: only the newest so many; None: all.
        progress: called with the runs done and all there are.

    Returns:
        One a run, oldest first; empty when nothing was judged.

    Raises:
        ConfigError: there is no such delivery.
    """
    name = reader.feeds[0]
    history, context = reader.history, build_context(reader.project, reader.project.feed(name))
    runs, snapshots, provenance = (
        history.runs.find(name),
        history.runs.find_snapshots(name),
        history.runs.find_provenance(name),
    )
    chosen = [run for run in runs if delivery in {None, run.delivery.id}][-limit if limit is not None else 0 :]
    if delivery is not None and not chosen:
        raise ConfigError("--delivery", f"delivery {delivery} was never judged", "see `ketenwacht history`")
    ids, then, found = {run.id for run in chosen}, _PastState(Past(), {}), []
    measured = iter(snapshots)
    of_delivery: dict[str, Snapshot] = {}
    said: dict[str, tuple[CheckResult, ...]] = {}
    for run in runs:
        of = run.delivery.id
        snapshot = of_delivery[of] if run.by_evidence else next(measured)
        left = history.runs.find_states_of(run.id)
        if run.id in ids:
            then.said = said.get(of, ())
            results, states, why = _judge_again(reader, context, (run, snapshot), provenance.get(run.id), then)
            found.append(_compare(run, left, results, states, why))
            if progress is not None:
                progress(len(found), len(ids))
        of_delivery[of], said[of] = snapshot, run.results
        then.past = then.past.with_snapshot(renew_snapshot(snapshot, then.expired))
        then.states = {**then.states, **left}
    return tuple(found)


_Said = tuple[tuple[CheckResult, ...], Mapping[str, State], str]


def _judge_again(
    reader: HistoryReader,
    context: FeedContext,
    one: tuple[JudgedRun, Snapshot],
    provenance: VerdictProvenance | None,
    then: _PastState,
) -> _Said:
    """Return the results and states that come out now, and why there are none; empty: there are."""
    run, snapshot = one
    if provenance is None:
        return (), {}, "judged before rules and evidence were saved with the verdict, or measured elsewhere"
    try:
        rules = load_rules(provenance.rules)
    except (ConfigError, ValidationError):
        return (
            (),
            {},
            f"judged by checks of version {provenance.rules.get('code')} that this version does not know",
        )
    name, until = run.delivery.feed, provenance.watermarks
    exclusions = (*rules.rules.exclusions, *reader.history.exclusions.find(name, until=until))
    state = FeedState(past=replace(then.past, exclusions=exclusions), states=then.states, expired=then.expired)
    known = load_known(reader.history, name, provenance.known_at or run.at, reader.project.zone, until=until)
    restored = _restore_context(context, rules)
    if run.by_evidence:
        _, results = judge_by_evidence(restored, snapshot, state, known, run.at, earlier=then.said)
        return results, {}, ""
    results, states = judge_snapshot(restored, snapshot, state, known, run.at)
    then.past, then.expired = state.past, state.expired
    return results, states, ""


def _restore_context(context: FeedContext, rules: RulesSnapshot) -> FeedContext:
    feed = replace(context.feed, schedule=rules.schedule)
    return replace(context, feed=feed, rules=rules.rules, expectations=rules.expectations, canaries=rules.canaries)


def _compare(
    run: JudgedRun,
    left: Mapping[str, State],
    results: tuple[CheckResult, ...],
    states: Mapping[str, State],
    why: str,
) -> Reproduction:
    one = Reproduction(
        run.id, run.delivery.id, run.delivery.period, ReproductionOutcome.UNKNOWN, (), why, run.detector
    )
    if why:
        return one
    worded = {(r.check, r.segment) for r in run.results if not r.code}
    before, now = (Counter(_verdict_of(r, worded) for r in rs) for rs in (run.results, results))
    differing = {(check, segment) for check, segment, _ in (before - now) + (now - before)}
    differing |= {(name, "") for name in {*left, *states} if _exact(left.get(name)) != _exact(states.get(name))}
    if run.detector in _OTHER_OWN_HISTORY:
        # That release judged own history by another method, so only the other results are compared.
        own = {kind.kind for kind in KINDS if traits_of(kind).calibrated}
        others = {r.check for r in (*results, *run.results) if r.code.partition(".")[0] in own}
        differing = {(check, segment) for check, segment in differing if check not in others}
    if not differing:
        return replace(one, outcome=ReproductionOutcome.SAME)
    # Other checks may judge differently, so a changed history cannot be recognised.
    outcome = ReproductionOutcome.DIFFERENT if run.detector == DETECTOR else ReproductionOutcome.UNKNOWN
    return replace(one, outcome=outcome, checks=tuple(sorted(differing)))


_STATED_LATER: Mapping[str, Collection[str]] = {"coverage.never_seen": ("since",)}
"""Parameters that results of an earlier release lack."""


def _verdict_of(result: CheckResult, worded: Collection[tuple[str, Segment]]) -> tuple[str, str, str]:
    """Return check, segment and verdict of a result as text that can be compared.

    The text includes the parameters, except for results of a release that knew no codes (`worded`). It leaves out
    the impact, which belongs to the incident.
    """
    plain = replace(result, message="", code="", params={}, impact=None, of_delivery=False, whole=None)
    verdict = astuple(replace(plain, breach=False, by_due=False))  # of the finding, not of the verdict
    params: tuple[object, ...] = ()
    if (result.check, result.segment) not in worded:
        later = _STATED_LATER.get(result.code, ())
        stated = {name: value for name, value in result.params.items() if name not in later}
        params = (result.code, params_json(stated), result.of_delivery, result.whole)
    return result.check, str(result.segment), _exact((verdict, params))


def _exact(value: object) -> str:
    """Return text that two values share only when they are equal to the last bit."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_exact(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_exact(one) for one in value) + "]"
    if isinstance(value, float):
        return "None" if math.isnan(value) else float(value).hex()
    if isinstance(value, int) and not isinstance(value, bool) and type(value) is int:
        return float(value).hex()  # JSON does not tell 1 from 1.0
    return str(value)
