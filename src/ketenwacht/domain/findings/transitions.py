"""Apply one run to the findings of its feed: all results at once, so that one can represent another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.result import CheckResult, Evidence, Status
from ketenwacht.domain.statement import Codes, Statement
from ketenwacht.errors import ConfigError

from .finding import (
    JUDGED,
    QUIET,
    SIGNALS,
    SIGNALS_BY_DUE,
    TRANSITIONS,
    Event,
    Finding,
    Fingerprint,
    Nature,
    Reason,
    Signal,
    Snooze,
    State,
    counted_until,
    extend_trail,
)
from .finding_set import Advance, Decision, FindingSet, Notice, group, tell
from .policy import DELIVERY_CHECK, Policy

# A warning or a failure to judge never makes a known failure look like less.
_RANK = {Nature.WARNED: 0, Nature.ERROR: 1, Nature.FAILED: 2, Nature.PRIVACY: 3}


def advance(  # noqa: PLR0913 - four of them are keywords that every judgement needs
    live: Mapping[Fingerprint, Finding],
    results: Sequence[CheckResult],
    *,
    delivery: Delivery,
    policy: Policy,
    at: datetime,
    new_id: Callable[[], str],
    evidence: str = "",
) -> Advance:
    """Apply the results of one delivery to the live findings of its feed.

    Pure but for `new_id`, which is called once for every finding that is opened. Applying the same delivery
    again to the outcome changes nothing.

    Args:
        live: the findings of this feed that are not closed.
        results: all results of the run.
        delivery: what was judged. When it could not be read, only results about the delivery itself count:
            those with evidence `schedule`, or the error of reading it; what depends on it stays as it is.
        policy: thresholds and times.
        at: now, aware UTC.
        new_id: makes the id of a finding.
        evidence: names the evidence that led to the run (`JudgedRun.evidence`); empty: the delivery itself.
    """
    finding_set = FindingSet.of(live, at)
    end_snoozes(finding_set)
    judging = _Judging(finding_set, delivery, policy, new_id, delivery_key(delivery) + evidence)
    found, counted = heard(results, delivery, live)
    for fingerprint, result in by_fingerprint(found):
        reason = judging.judge(fingerprint, result) if fingerprint in counted else Reason.INHIBITED
        finding_set.decisions.append(Decision(fingerprint, reason))
    close_quiet(finding_set, policy)
    group(finding_set)
    return finding_set.done(tell(finding_set, policy))


@dataclass(frozen=True, slots=True)
class _Judging:
    """Applies the results of one delivery to the findings of a feed."""

    finding_set: FindingSet
    delivery: Delivery
    policy: Policy
    new_id: Callable[[], str]
    key: str

    def judge(self, fingerprint: Fingerprint, result: CheckResult) -> Reason:
        """Apply one result; returns what was decided and why."""
        incident = self.finding_set.live.get(fingerprint)
        signal = self._signal(result, incident)
        ignored = self._reason_to_ignore(incident, signal)
        if ignored is not None:
            return ignored
        after, reason = TRANSITIONS[incident.state if incident is not None else None, signal]
        if after is None:
            return reason
        if incident is None:
            self._open(fingerprint, result, flips=())
            return reason
        if reason is Reason.REOPENED and self._too_late(incident):
            gone = replace(incident, state=State.CLOSED, closed_at=self.finding_set.at, snooze=None)
            self.finding_set.record(incident.state, gone, Reason.SUPERSEDED)
            self._open(fingerprint, result, flips=incident.flips)
            return Reason.SUPERSEDED
        self._move(incident, after, reason, result, failing=signal is Signal.FAILING)
        return reason

    def _reason_to_ignore(self, incident: Finding | None, signal: Signal) -> Reason | None:
        """Return why a result changes nothing, None when it may."""
        if incident is not None and incident.last_delivery == self.key:
            return Reason.SEEN
        if signal is Signal.SILENT:
            return Reason.UNDECIDED
        last = incident.last_period if incident is not None else None
        older = last is not None and self.delivery.period < last
        return Reason.OLDER if older and signal is Signal.HEALTHY else None

    def _signal(self, result: CheckResult, incident: Finding | None) -> Signal:
        """Return the signal of a result.

        A warning never replaces a failure; any judged result ends a finding of nature error.
        """
        status = result.status
        if result.by_due:
            return SIGNALS_BY_DUE[status]
        if incident is not None and incident.nature is Nature.ERROR and status in JUDGED:
            return Signal.HEALTHY if incident.active or status is Status.UNPROVEN else self._doubt(incident)
        signal = SIGNALS[status]
        return self._doubt(incident) if signal is Signal.DOUBTFUL else signal

    def _doubt(self, incident: Finding | None) -> Signal:
        over = incident is None or incident.nature is Nature.WARNED or self._too_late(incident)
        return Signal.FAILING if over and self.policy.warned_opens else Signal.SILENT

    def _too_late(self, incident: Finding) -> bool:
        """Return whether a resolved finding is too old to be reopened; while it flaps that takes longer."""
        if incident.resolved_at is None or incident.active:
            return False
        limit = self.policy.forget if self.policy.flapping(incident) else self.policy.reopen
        return self.finding_set.at - incident.resolved_at > limit

    def _open(self, fingerprint: Fingerprint, result: CheckResult, flips: tuple[bool, ...]) -> None:
        """Open a finding; `flips` come from an earlier one of the same fingerprint."""
        nature = self.policy.nature(result)
        incident = Finding(
            id=self.new_id(),
            fingerprint=fingerprint,
            state=State.OPEN,
            nature=nature,
            severity=self.policy.severity(nature, result.missing),
            evidence=result.evidence,
            opened_at=self.finding_set.at,
            changed_at=self.finding_set.at,
            period=self.delivery.period,
            said=result.said,
            missing=result.missing,
            impact=result.impact,
            last_status=result.status,
            flips=(*flips, True)[-self.policy.flap_window :],
            last_delivery=self.key,
            last_period=self.delivery.period,
            trail=extend_trail((), result.missing, counted_until(result.said, self.delivery.period)),
        )
        incident = self.finding_set.record(None, incident, Reason.OPENED)
        if self.policy.flapping(incident):
            self.finding_set.record(incident.state, incident, Reason.FLAPPING)

    def _move(
        self, incident: Finding, after: State, reason: Reason, result: CheckResult, *, failing: bool
    ) -> None:
        """Bring a finding to the state `after`, with every event on the way."""
        resolved_at = self.finding_set.at if reason is Reason.RECOVERED else incident.resolved_at
        moved = replace(
            incident,
            state=after,
            last_status=result.status,
            last_delivery=self.key,
            last_period=max(self.delivery.period, incident.last_period or self.delivery.period),
            said=result.said if result.by_due else incident.said,  # "came 9 h late" ends it
            flips=(*incident.flips, failing)[-self.policy.flap_window :],
            resolved_at=None if failing else resolved_at,
        )
        if reason in QUIET:
            self.finding_set.put(moved)
        else:
            moved = self.finding_set.record(incident.state, moved, reason)
        if failing:
            moved = self._worsen(moved, result)
        flapped = self.policy.flapping(incident)
        if self.policy.flapping(moved) != flapped:
            self.finding_set.record(moved.state, moved, Reason.STABLE if flapped else Reason.FLAPPING)

    def _worsen(self, incident: Finding, result: CheckResult) -> Finding:
        """Return the finding with what its newest failing result says; nature and severity only ever grow."""
        said = self.policy.nature(result)
        if _RANK[said] < min(_RANK[incident.nature], _RANK[Nature.FAILED]):
            return incident
        nature = max(said, incident.nature, key=lambda each: _RANK[each])
        worse = replace(
            incident,
            nature=nature,
            severity=max(incident.severity, self.policy.severity(nature, result.missing)),
            evidence=result.evidence,
            said=result.said,
            missing=result.missing if result.missing is not None else incident.missing,
            impact=result.impact if result.missing is not None else incident.impact,
            trail=extend_trail(incident.trail, result.missing, counted_until(result.said, self.delivery.period)),
        )
        self.finding_set.put(worse)
        if nature is not incident.nature:
            detail = f"{incident.nature.value} → {nature.value}"
            worse = self.finding_set.record(worse.state, worse, Reason.NATURE_CHANGED, detail)
        if worse.severity > incident.severity:
            detail = f"{incident.severity.name.lower()} → {worse.severity.name.lower()}"
            worse = self.finding_set.record(worse.state, worse, Reason.SEVERITY_GREW, detail)
        snooze = worse.snooze
        broken = snooze is not None and (
            worse.severity > incident.severity or self.policy.grown(snooze.missing, worse.missing)
        )
        return (
            self.finding_set.record(worse.state, replace(worse, snooze=None), Reason.SNOOZE_BROKEN)
            if broken
            else worse
        )


# What people do to findings, from the command line or from the channel: the same acts, the same events.


@dataclass(frozen=True, slots=True)
class Act:
    """What one act did. Without an event it changed nothing: it was done before."""

    incident: Finding
    event: Event | None = None
    notice: Notice | None = None


def acknowledge(incident: Finding, *, actor: str, at: datetime) -> Act:
    """Say that somebody looks after it; the actor becomes its owner.

    Raises:
        ConfigError: it is not failing any more.
    """
    if incident.state is State.ACKNOWLEDGED:
        return Act(incident)
    _must_be_active(incident)
    after = replace(incident, state=State.ACKNOWLEDGED, owner=actor, changed_at=at)
    return _record_act(incident, after, Reason.ACKNOWLEDGED, actor)


LONGEST_SNOOZE = timedelta(days=366)
"""A silence that lasts longer hides a loss that nobody remembers."""


def snooze(incident: Finding, *, actor: str, reason: str, until: datetime, at: datetime) -> Act:
    """Ask for silence until a moment (UTC); a growing shortfall breaks it.

    Raises:
        ConfigError: it is not failing any more, no reason is given, or the end is not in the next year.
    """
    _must_be_active(incident)
    if not reason.strip():
        raise ConfigError(f"incident {incident.id}", "a snooze needs a reason", "say why it may wait")
    if until <= at:
        raise ConfigError(f"incident {incident.id}", "the snooze ends in the past", "give a later end")
    if until > at + LONGEST_SNOOZE:
        what = f"the snooze ends more than {LONGEST_SNOOZE.days} days from now"
        raise ConfigError(f"incident {incident.id}", what, "give an earlier end, or resolve the incident")
    missing = incident.missing.value if incident.missing is not None else None
    quiet = Snooze(actor, reason.strip(), until, missing)
    if incident.snooze == quiet:
        return Act(incident)
    after = replace(incident, snooze=quiet, owner=incident.owner or actor, changed_at=at)
    return _record_act(incident, after, Reason.SNOOZED, actor, f"{until.isoformat()} {reason.strip()}")


def resolve(incident: Finding, *, actor: str, reason: str, at: datetime) -> Act:
    """Say that it is over; when it fails again within the policy's time, it is reopened.

    Raises:
        ConfigError: it is closed.
    """
    if incident.state is State.RESOLVED:
        return Act(incident)
    _must_be_active(incident)
    after = replace(incident, state=State.RESOLVED, resolved_at=at, changed_at=at, snooze=None)
    return _record_act(incident, after, Reason.RESOLVED_BY_HAND, actor, reason.strip())


def _must_be_active(incident: Finding) -> None:
    if not incident.active:
        raise ConfigError(
            f"incident {incident.id}",
            f"it is {incident.state.value}",
            "only an open or acknowledged incident can be acted on",
        )


def _record_act(before: Finding, after: Finding, reason: Reason, actor: str, detail: str = "") -> Act:
    event = Event(after.id, after.changed_at, reason.value, before.state, after.state, actor, detail)
    if before.told_severity is None:
        return Act(after, event)
    told = replace(after, told_severity=None) if not after.active else after
    return Act(told, event, Notice(told, reason, actor))


# Which results of a run count for findings: one a fingerprint, and only those that can be trusted now.


CODES: Codes = {"delivery.not_judged": {"problem": Statement}}
"""Codes of a delivery itself; see `statement.Codes`."""


def heard(
    results: Sequence[CheckResult], delivery: Delivery, live: Mapping[Fingerprint, Finding]
) -> tuple[dict[Fingerprint, CheckResult], frozenset[Fingerprint]]:
    """Return the worst result a fingerprint, and which of these fingerprints count.

    Of a delivery that could not be read only results about the delivery itself count: evidence `schedule`, or
    the error of reading it. Where a run has none, one is added, so that somebody always hears.
    """
    found = _worst(_with_delivery_result(results, delivery, live), delivery, live)
    if delivery.read:
        return found, frozenset(found)
    return found, frozenset(key for key, result in found.items() if _about_delivery(result))


def _about_delivery(result: CheckResult) -> bool:
    return result.evidence is Evidence.SCHEDULE or result.check == DELIVERY_CHECK


def _with_delivery_result(
    results: Sequence[CheckResult], delivery: Delivery, live: Mapping[Fingerprint, Finding]
) -> tuple[CheckResult, ...]:
    if any(result.check == DELIVERY_CHECK for result in results):
        return tuple(results)
    if delivery.read:
        said = CheckResult(DELIVERY_CHECK, Status.PASSED, Evidence.CONTRACT, code="delivery.readable", by_due=True)
        needed = _fingerprint(said, delivery, live) in live
    else:
        needed = not any(_about_delivery(result) and result.status >= Status.FAILED for result in results)
        why = {"problem": delivery.why}
        said = CheckResult(
            DELIVERY_CHECK,
            Status.ERROR,
            Evidence.CONTRACT,
            code="delivery.not_judged",
            params=why,
            by_due=True,
        )
    return (*results, said) if needed else tuple(results)


def _worst(
    results: Sequence[CheckResult], delivery: Delivery, live: Mapping[Fingerprint, Finding]
) -> dict[Fingerprint, CheckResult]:
    found: dict[Fingerprint, CheckResult] = {}
    for result in results:
        fingerprint = _fingerprint(result, delivery, live)
        kept = found.get(fingerprint)
        if kept is None or _badness(result) > _badness(kept):
            found[fingerprint] = result
    return found


def _fingerprint(result: CheckResult, delivery: Delivery, live: Mapping[Fingerprint, Finding]) -> Fingerprint:
    """Return the fingerprint of a result.

    A finding of an earlier release knows no due moment: the delivery of its period decides it.
    """
    plain = Fingerprint(delivery.feed, result.check, result.segment)
    if not result.by_due:
        return plain
    earlier = live.get(plain)
    if earlier is not None and earlier.period == delivery.period:
        return plain
    return replace(plain, due=due_key(delivery))


def due_key(delivery: Delivery) -> str:
    """Name the due moment of a delivery as `Fingerprint.due` does."""
    return f"id:{delivery.id}" if delivery.due_at is None else delivery.due_at.astimezone(UTC).isoformat()


def _badness(result: CheckResult) -> tuple[Status, float]:
    return result.status, abs(result.missing.value) if result.missing is not None else 0.0


def delivery_key(delivery: Delivery) -> str:
    """Return what makes two deliveries the same one: its id and its bytes."""
    return f"{delivery.id}@{delivery.sha256 or delivery.presence.value}"


def by_fingerprint(results: Mapping[Fingerprint, CheckResult]) -> list[tuple[Fingerprint, CheckResult]]:
    """Return the results in order of fingerprint."""
    return sorted(results.items(), key=lambda pair: pair[0])


# What time alone does to findings: snoozes end, and what stayed quiet is closed.


def sweep(
    live: Mapping[Fingerprint, Finding],
    *,
    policy: Policy,
    at: datetime,
    excused: Collection[Fingerprint] = (),
) -> Advance:
    """End snoozes and close findings that stayed quiet; pure, and a second sweep changes nothing.

    `advance` does this too; a scheduler calls it for the days on which nothing is delivered.

    Args:
        live: the findings of a feed that are not closed.
        policy: thresholds and times.
        at: now, aware UTC.
        excused: findings of due moments that a declared pause covers: they end.
    """
    finding_set = FindingSet.of(live, at)
    end_snoozes(finding_set)
    end_excused(finding_set, excused)
    close_quiet(finding_set, policy)
    group(finding_set)
    return finding_set.done(tell(finding_set, policy))


def end_snoozes(finding_set: FindingSet) -> None:
    """Take away every snooze whose time is over."""
    for incident in finding_set.walk():
        if incident.snooze is not None and incident.snooze.until <= finding_set.at:
            finding_set.record(incident.state, replace(incident, snooze=None), Reason.SNOOZE_EXPIRED)


def end_excused(finding_set: FindingSet, excused: Collection[Fingerprint]) -> None:
    """End every finding of a due moment that a declared pause covers."""
    for incident in finding_set.walk():
        if incident.active and incident.fingerprint in excused:
            over = replace(incident, state=State.RESOLVED, resolved_at=finding_set.at, snooze=None)
            finding_set.record(incident.state, over, Reason.EXCUSED)


def close_quiet(finding_set: FindingSet, policy: Policy) -> None:
    """Close every resolved finding that stayed quiet."""
    for incident in finding_set.walk():
        if quiet_enough(incident, policy, finding_set.at):
            gone = replace(incident, state=State.CLOSED, closed_at=finding_set.at, snooze=None)
            finding_set.record(incident.state, gone, Reason.CLOSED_QUIET)


def quiet_enough(incident: Finding, policy: Policy, at: datetime) -> bool:
    """Return whether a resolved finding may be closed.

    Besides the time, a few healthy deliveries in a row are asked for: with one delivery a day, a problem that
    comes and goes would otherwise be a new finding each time, and never be seen to flap.
    """
    if incident.state is not State.RESOLVED or incident.resolved_at is None:
        return False
    quiet_for = at - incident.resolved_at
    if incident.fingerprint.due:  # no other delivery will speak of it
        return quiet_for > policy.reopen
    last = incident.flips[-policy.settled :]
    settled = len(last) == policy.settled and not any(last) and not policy.flapping(incident)
    return (quiet_for > policy.reopen and settled) or quiet_for > policy.forget
