"""Results of the count checks: status, interval, missing persons, and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

import numpy as np

from ketenwacht.domain.delivery import Manifest
from ketenwacht.domain.past import ExclusionWindow
from ketenwacht.domain.result import CheckResult, Evidence, Interval, Missing, Status
from ketenwacht.domain.statement import Amount, Codes, MissingCount, Name, Persons, Share, Statement, Term, Value
from ketenwacht.domain.stats import missing, own_history
from ketenwacht.domain.stats.detector import ALARM, NONE, QUESTION, DetectorState, OwnHistoryStep
from ketenwacht.domain.stats.rises import Rise

from ._count_memory import CountMemory, SegmentGroup, Stream, stops_judging

LOSS: Mapping[str, type] = {
    "since": date,
    "seen": Persons,
    "meant": Persons,
    "share": Share,
    "missing": MissingCount,
}
"""Parameters of every code that tells a loss or a surplus; `share` is what was seen of what was meant."""


_TOLD_ENDED, _ENDED_DELIVERIES = 91.0, 12.0
"""Days, and deliveries, for which the end of a surplus is stated, so that its finding can recover."""


@dataclass(frozen=True, slots=True)
class CountCheck:
    """What the results of a check of counts need to know of it.

    Attributes:
        kind: its kind, with which its codes begin.
        name: its name.
    """

    kind: str
    name: str

    def together(self, group: SegmentGroup) -> tuple[Statement, ...]:
        """State that several small segments are judged as one; nothing for a segment judged by itself."""
        if group.members == (group.segment,):
            return ()
        return (Statement(f"{self.kind}.together", {"segments": Amount(len(group.members))}),)


def count_codes(kind: str) -> Codes:
    """Return the codes of a check of counts."""
    quiet = {"seen": Persons, "together": Statement}
    return {
        f"{kind}.quiet": quiet,
        f"{kind}.unjudged": {"reason": Term, "together": Statement},
        f"{kind}.absurd": {"seen": Persons, "low": Persons, "high": Persons, "together": Statement},
        f"{kind}.deeper": {**LOSS, "further": date, "together": Statement},
        f"{kind}.shift": {**LOSS, "together": Statement},
        f"{kind}.not_judged": {"declared": Term, "together": Statement},
        f"{kind}.shortfall": {**LOSS, "together": Statement},
        f"{kind}.surplus": {**LOSS, "together": Statement},
        f"{kind}.together": {"segments": Amount},
    }


def count_interval(mu: float, k: float) -> Interval:
    """Return the 90 % interval of one count of mean `mu` and size `k`."""
    from scipy.stats import nbinom

    low, high = (float(nbinom.ppf(p, k, k / (k + mu))) for p in (0.05, 0.95))
    return Interval(low, high)


def state_missing(found: missing.Estimate, days: Sequence[date]) -> Missing:
    """State an estimate as a result does: the date instead of the index, whole persons."""
    return Missing(days[found.onset], *(float(round(v)) for v in (found.value, found.low, found.high)))


def loss_params(found: Missing, seen: float, meant: float) -> dict[str, Value]:
    """Return the parameters of `LOSS`, from the persons seen and expected since the onset."""
    return {
        "since": found.since,
        "seen": Persons(seen),
        "meant": Persons(meant),
        "share": Share(seen, meant),
        "missing": MissingCount(found.value),
    }


def results(
    stream: Stream, memory: CountMemory, seen: OwnHistoryStep, check: CountCheck
) -> tuple[CheckResult, ...]:
    """Return the results of each group of the last delivery of the stream.

    A surplus is a result of its own, `<check>.surplus`: it stays one open question while persons are lost as well.
    """
    at = len(stream.snapshots) - 1
    today = stream.today(memory.groups, at)
    own = memory.own
    if own is None or own.model is None:
        return ()
    track, found = own.track, []
    for i, group in enumerate(memory.groups):
        if today.masked[0, i]:
            found.append(_not_judged(stream, group, check))
            continue
        y = float(today.y[0, i])
        base = CheckResult(
            check.name,
            Status.PASSED,
            Evidence.HISTORY,
            code=f"{check.kind}.quiet",
            params={"seen": Persons(y, of_delivery=True), "together": check.together(group)},
            segment=group.segment,
            observed=y,
            expected=count_interval(float(seen.normal[i]), float(own.model.season.size[i])),
            unit="persons",
            of_delivery=True,
        )
        about_surplus = replace(base, check=f"{check.name}.surplus")
        if track.over_since[i] > 0.0 and _ends_loss(stream, memory, i):
            found.append(about_surplus)
        elif track.over_since[i] > 0.0:
            found.append(_judge_open(stream, memory, i, about_surplus, check, many=True))
        elif seen.day - track.over_ended[i] < max(_TOLD_ENDED, _ENDED_DELIVERIES * own.model.rhythm):
            found.append(about_surplus)
        if seen.absurd[i] and track.short[i] != ALARM:
            found.append(_tell_absurd(stream, float(seen.mu[i]), group, base, check))
        elif track.short[i] != NONE:
            loss = _judge_open(stream, memory, i, base, check, many=False)
            found.append(base if _ends_surplus(stream, memory, i, loss) else loss)
        elif own.model.reason[i]:
            found.append(_skip_group(group, check, own_history.REASONS[own.model.reason[i]]))
        else:
            found.append(base)
    return tuple(found)


def absurd_results(
    stream: Stream, memory: CountMemory, seen: OwnHistoryStep | None, check: CountCheck
) -> tuple[CheckResult, ...]:
    """Return the results of absurd counts alone: all that a history too short to judge can say."""
    if seen is None or not seen.absurd.any():
        return ()
    return tuple(one for one in results(stream, memory, seen, check) if one.code == f"{check.kind}.absurd")


def _tell_absurd(
    stream: Stream, mu: float, group: SegmentGroup, base: CheckResult, check: CountCheck
) -> CheckResult:
    """State that one delivery by itself has impossibly few or many persons."""
    usual = base.expected or Interval()
    low, high, y = usual.low or 0.0, usual.high or mu, base.observed or 0.0
    params: dict[str, Value] = {
        "seen": Persons(y, of_delivery=True),
        "low": Persons(low),
        "high": Persons(high),
        "together": check.together(group),
    }
    lost = Missing(stream.days[-1], *(float(round(expected - y)) for expected in (mu, low, high)))
    return replace(base, status=Status.FAILED, code=f"{check.kind}.absurd", params=params, missing=lost)


def _skip_group(group: SegmentGroup, check: CountCheck, reason: str) -> CheckResult:
    return CheckResult(
        check.name,
        Status.SKIPPED,
        Evidence.HISTORY,
        code=f"{check.kind}.unjudged",
        params={"reason": Term(f"own_history.{reason}"), "together": check.together(group)},
        segment=group.segment,
    )


def _not_judged(stream: Stream, group: SegmentGroup, check: CountCheck) -> CheckResult:
    kinds = sorted({window.kind for window in stream.declared(group)})
    return CheckResult(
        check.name,
        Status.SKIPPED,
        Evidence.HISTORY,
        code=f"{check.kind}.not_judged",
        params={
            "declared": tuple(Term(f"stretch.{kind}") for kind in kinds),
            "together": check.together(group),
        },
        segment=group.segment,
    )


def _ends_surplus(stream: Stream, memory: CountMemory, i: int, loss: CheckResult) -> bool:
    """Return whether an open shortfall is but the end of an open surplus, which then stands for both.

    A level that had not lasted when the counts fell is no level to lose from, as long as as many come as before
    the surplus. A fall from a level that had lasted is always told, wherever it ends.
    """
    own = memory.own
    if own is None or own.model is None or loss.missing is None:
        return False
    over, since = float(own.track.over_since[i]), float(loss.missing.since.toordinal())
    if over <= 0.0 or not over <= since < over + own.model.limit.wait:
        return False
    panel = stream.through(memory.groups, len(stream.snapshots) - 1)
    seen, meant = missing.counts_against_earlier(panel, own, i, since, many=True)
    slack = min(float(own.model.limit.slack[i]), own_history.TOO_RESTLESS)
    return seen >= (1.0 - slack) * meant


def _ends_loss(stream: Stream, memory: CountMemory, i: int) -> bool:
    """Return whether an open surplus is but the end of an open loss: no more come than before that loss."""
    own = memory.own
    if own is None or own.model is None:
        return False
    over, since = float(own.track.over_since[i]), float(own.track.short_since[i])
    if own.track.short[i] == NONE or over <= since:
        return False
    panel = stream.through(memory.groups, len(stream.snapshots) - 1)
    seen, meant = missing.counts_against_earlier(panel, own, i, over, many=False)
    slack = min(float(own.model.limit.slack[i]), own_history.TOO_RESTLESS)
    return seen <= (1.0 + slack) * meant


def _judge_open(  # noqa: PLR0913 - one group of a stream, and what its result begins with
    stream: Stream, memory: CountMemory, i: int, base: CheckResult, check: CountCheck, *, many: bool
) -> CheckResult:
    """State what is open of a group: a shortfall, a further drop inside it, a shift, or (`many`) a surplus."""
    own, group = memory.own, memory.groups[i]
    if own is None or own.model is None:
        return base
    track = own.track
    since = float(track.over_since[i] if many else track.short_since[i])
    at = len(stream.snapshots) - 1
    panel = stream.through(memory.groups, at)
    held = missing.stretch_of(panel, own, i, since, many=many)
    if held is None or not len(held.y):
        return base
    doubt = missing.Doubt(held.error, held.strays, held.freedom, held.temper)
    lost = state_missing(
        missing.estimate(held.y, held.mu, held.size, doubt, many=many), [panel.days[r] for r in held.rows]
    )
    after = np.array([panel.days[r] >= lost.since for r in held.rows])
    counted, meant = float(held.y[after].sum()), float(held.mu[after].sum())
    what, status = _code_of(track, i, many=many)
    params: dict[str, Value] = {**loss_params(lost, counted, meant), "together": check.together(group)}
    if what == "deeper":
        params["further"] = date.fromordinal(int(track.deeper[i]))
    return replace(base, status=status, code=f"{check.kind}.{what}", params=params, missing=lost)


def _code_of(track: DetectorState, i: int, *, many: bool) -> tuple[str, Status]:
    """Return the code's second word and the status of what is open. A question (policy or fault?) warns."""
    if many:
        # Until a level of its own has begun, a surplus is as grave as a shortfall; then it is a question.
        return "surplus", Status.FAILED if track.pending[1, i] > 0.0 else Status.WARNED
    if track.short[i] == QUESTION:
        return "shift", Status.WARNED
    return ("deeper" if track.deeper[i] > 0.0 else "shortfall"), Status.FAILED


# Why the sender left persons out: reasons that are new, and those that take more persons than they used to.


BUSINESS_DAYS = 261  # a year

REASON_CODES: Codes = {
    "ledger.new_reason": {"reason": Name, "persons": Persons},
    "ledger.reason_rises": {"reason": Name, "persons": Persons, "deliveries": Amount, "usual": Persons},
}
"""What is odd about one reason."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What makes a reason odd; as the settings of the `ledger` check say."""

    jump: float
    at_least: int
    learn: int
    false_alarms_per_year: float


@dataclass(slots=True)
class Reasons:
    """Every reason that was ever stated, and how many persons it takes.

    Attributes:
        rises: by reason.
        told: deliveries with a manifest so far.
    """

    rises: dict[str, Rise] = field(default_factory=dict)
    told: int = 0

    def take(
        self, manifest: Manifest, limits: Limits, exclusions: Sequence[ExclusionWindow] = ()
    ) -> list[Statement]:
        """Take the reasons of one more delivery and state what is odd about them.

        Args:
            manifest: of the delivery.
            limits: what is odd.
            exclusions: declared windows that it lies in. A change of policy starts learning anew; a window that
                stops judging also stops learning.
        """
        if any(window.kind == "policy" for window in exclusions):
            self.rises = {reason: Rise() for reason in {*self.rises, *manifest.excluded}}
        elif not any(stops_judging(window) for window in exclusions):
            return self._judge(manifest, limits)
        return []

    def _judge(self, manifest: Manifest, limits: Limits) -> list[Statement]:
        stated = manifest.excluded
        new = sorted(reason for reason, persons in stated.items() if reason not in self.rises and persons > 0)
        height = float(np.log(BUSINESS_DAYS * max(len(self.rises), 1) / limits.false_alarms_per_year))
        jumped = []
        for reason, rise in sorted(self.rises.items()):
            persons = float(stated.get(reason, 0))
            alarm = rise.update(persons, _size(manifest), times=limits.jump, height=height, learn=limits.learn)
            if alarm and persons > 0 and rise.since >= limits.at_least:
                jumped.append(_state_rise(reason, rise))
        self.rises |= {reason: Rise() for reason in new}
        self.told += 1
        if self.told <= limits.learn:
            new = []
        return [_state_new(reason, stated[reason]) for reason in new] + jumped

    def to_state(self) -> dict[str, object]:
        """Return it as plain JSON."""
        return {"told": self.told, "rises": {reason: rise.to_dict() for reason, rise in self.rises.items()}}

    @classmethod
    def from_state(cls, state: Mapping[str, object]) -> Reasons:
        """Read what `to_state` gave."""
        rises = cast("dict[str, dict[str, object]]", state["rises"])
        return cls({reason: Rise.from_dict(body) for reason, body in rises.items()}, cast("int", state["told"]))


def _size(manifest: Manifest) -> float:
    """Return out of how many persons the reasons take theirs; 1 where the sender does not say."""
    left_out = sum(manifest.excluded.values())
    selected = manifest.selected
    if selected is None:
        selected = manifest.rows + left_out if manifest.rows is not None else 1
    return float(max(selected, 1))


def _state_new(reason: str, persons: int) -> Statement:
    return Statement("ledger.new_reason", {"reason": Name(reason), "persons": Persons(persons, of_delivery=True)})


def _state_rise(reason: str, rise: Rise) -> Statement:
    """State that a reason takes more persons than it did, since how many deliveries, and its usual number."""
    return Statement(
        "ledger.reason_rises",
        {
            "reason": Name(reason),
            "persons": Persons(rise.since, of_delivery=rise.length == 1),
            "deliveries": Amount(rise.length),
            "usual": Persons(rise.meant),
        },
    )
