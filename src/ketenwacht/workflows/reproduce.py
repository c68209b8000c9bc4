"""Coming to past verdicts again, from what the history holds: the same, bit for bit, or which check differs.

Every run is judged anew from the measurements of its delivery, the strictly earlier ones, the memory that the
checks had, the evidence and declarations that were there, and the rules of that moment. No delivery is read.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import astuple, dataclass, replace

from pydantic import ValidationError

from ketenwacht.config.rules_snapshot import RulesSnapshot, load_rules
from ketenwacht.domain.checks import KINDS
from ketenwacht.domain.checks.base import State
from ketenwacht.domain.measurement import Snapshot
from ketenwacht.domain.past import Past
from ketenwacht.domain.result import DETECTOR, CheckResult, JudgedRun
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import params_json
from ketenwacht.domain.traits import traits_of
from ketenwacht.errors import ConfigError
from ketenwacht.pipeline import FeedContext, FeedState, judge_snapshot
from ketenwacht.render.terminal_history import Reproduction, ReproductionOutcome
from ketenwacht.store import VerdictProvenance
from ketenwacht.workflows.contexts import feed_context
from ketenwacht.workflows.histories import HistoryReader
from ketenwacht.workflows.intake import known_then

_OTHER_OWN_HISTORY = 1  # the detector that differs from today's in own history alone


@dataclass(slots=True)
class _Then:
    """What was remembered just before a run; it goes from run to run, oldest first."""

    past: Past
    states: dict[str, State]


def reproduce(
    reader: HistoryReader,
    *,
    delivery: str | None = None,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Reproduction, ...]:
    """Judge past runs again and hold what comes out against what was said then.

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
    history, context = reader.history, feed_context(reader.project, reader.project.feed(name))
    runs, snapshots, provenance = history.runs(name), history.snapshots(name), history.provenance(name)
    asked = [run for run in runs if delivery in {None, run.delivery.id}][-limit if limit is not None else 0 :]
    if delivery is not None and not asked:
        raise ConfigError("--delivery", f"delivery {delivery} was never judged", "see `ketenwacht history`")
    wanted, then, found = {run.id for run in asked}, _Then(Past(), {}), []
    for run, snapshot in zip(runs, snapshots, strict=True):
        left = history.states_of(run.id)
        if run.id in wanted:
            results, states, why = _again(reader, context, (run, snapshot), provenance.get(run.id), then)
            found.append(_compared(run, left, results, states, why))
            if progress is not None:
                progress(len(found), len(wanted))
        then.past = then.past.extended(snapshot)
        then.states = {**then.states, **left}
    return tuple(found)


_Said = tuple[tuple[CheckResult, ...], Mapping[str, State], str]


def _again(
    reader: HistoryReader,
    context: FeedContext,
    one: tuple[JudgedRun, Snapshot],
    provenance: VerdictProvenance | None,
    then: _Then,
) -> _Said:
    """Results and memory that come out now, and why that cannot be had; empty: it can."""
    run, snapshot = one
    if provenance is None:
        return (), {}, "judged before it was kept what a verdict rests on, or measured elsewhere"
    try:
        rules = load_rules(provenance.rules)
    except (ConfigError, ValidationError):
        return (
            (),
            {},
            f"judged by checks of version {provenance.rules.get('code')} that this version does not know",
        )
    name, until = run.delivery.feed, provenance.watermarks
    exclusions = (*rules.rules.exclusions, *reader.history.exclusions(name, until=until))
    state = FeedState(past=replace(then.past, exclusions=exclusions), states=then.states)
    known = known_then(reader.history, name, provenance.known_at or run.at, reader.project.zone, until=until)
    results, states = judge_snapshot(_as_it_was(context, rules), snapshot, state, known, run.at)
    return results, states, ""


def _as_it_was(context: FeedContext, rules: RulesSnapshot) -> FeedContext:
    feed = replace(context.feed, schedule=rules.schedule)
    return replace(context, feed=feed, rules=rules.rules, expectations=rules.expectations, canaries=rules.canaries)


def _compared(
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
    said, now = (Counter(_told(r, worded) for r in rs) for rs in (run.results, results))
    differing = {(check, segment) for check, segment, _ in (said - now) + (now - said)}
    differing |= {(name, "") for name in {*left, *states} if _exact(left.get(name)) != _exact(states.get(name))}
    if run.detector == _OTHER_OWN_HISTORY:
        # Of own history, judged otherwise then, nothing can be said; the rest is held to what was said.
        own = {kind.kind for kind in KINDS if traits_of(kind).calibrated}
        others = {r.check for r in results if r.code.partition(".")[0] in own}
        differing = {(check, segment) for check, segment in differing if check not in others}
    if not differing:
        return replace(one, outcome=ReproductionOutcome.SAME)
    # Other checks may judge otherwise: whether the history was changed too, nobody can tell.
    outcome = (
        ReproductionOutcome.DIFFERENT
        if run.detector in {DETECTOR, _OTHER_OWN_HISTORY}
        else ReproductionOutcome.UNKNOWN
    )
    return replace(one, outcome=outcome, checks=tuple(sorted(differing)))


def _told(result: CheckResult, worded: Collection[tuple[str, Segment]]) -> tuple[str, str, str]:
    """Check, segment and verdict of a result, to be held against another.

    What is said of a verdict is compared too, save where a release said it that knew no codes (`worded`). The
    impact is kept with the incident, and is no part of the verdict.
    """
    verdict = astuple(replace(result, message="", code="", params={}, impact=None, of_delivery=False, whole=None))
    said: tuple[object, ...] = ()
    if (result.check, result.segment) not in worded:
        said = (result.code, params_json(result.params), result.of_delivery, result.whole)
    return result.check, str(result.segment), _exact((verdict, said))


def _exact(value: object) -> str:
    """Text that two values share only when they are the same to the last bit; a value that is none is none."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{_exact(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_exact(one) for one in value) + "]"
    if isinstance(value, float):
        return "None" if math.isnan(value) else float(value).hex()
    if isinstance(value, int) and not isinstance(value, bool) and type(value) is int:
        return float(value).hex()  # JSON does not tell 1 from 1.0
    return str(value)
