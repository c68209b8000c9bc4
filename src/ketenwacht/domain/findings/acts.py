"""What people do to incidents, from the command line or from the channel: the same acts, the same events."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ketenwacht.domain.delivery import Delivery
from ketenwacht.domain.finding import Event, Finding, Fingerprint, Snooze, State
from ketenwacht.domain.policy import DELIVERY_CHECK, Policy
from ketenwacht.domain.result import CheckResult, Evidence
from ketenwacht.domain.segment import WHOLE
from ketenwacht.domain.statement import Codes, Statement
from ketenwacht.domain.status import Status
from ketenwacht.errors import ConfigError

from .finding_set import Advance, FindingSet, Notice, group, tell
from .reasons import Reason


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
    return _acted(incident, after, Reason.ACKNOWLEDGED, actor)


def snooze(incident: Finding, *, actor: str, reason: str, until: datetime, at: datetime) -> Act:
    """Ask for silence until a moment (UTC); a growing shortfall breaks it.

    Raises:
        ConfigError: it is not failing any more, no reason is given, or the end is not in the future.
    """
    _must_be_active(incident)
    if not reason.strip():
        raise ConfigError(f"incident {incident.id}", "a snooze needs a reason", "say why it may wait")
    if until <= at:
        raise ConfigError(f"incident {incident.id}", "the snooze ends in the past", "give a later end")
    missing = incident.missing.value if incident.missing is not None else None
    quiet = Snooze(actor, reason.strip(), until, missing)
    if incident.snooze == quiet:
        return Act(incident)
    after = replace(incident, snooze=quiet, owner=incident.owner or actor, changed_at=at)
    return _acted(incident, after, Reason.SNOOZED, actor, f"{until.isoformat()} {reason.strip()}")


def resolve(incident: Finding, *, actor: str, reason: str, at: datetime) -> Act:
    """Say that it is over; when it fails again within the policy's time, it is reopened.

    Raises:
        ConfigError: it is closed.
    """
    if incident.state is State.RESOLVED:
        return Act(incident)
    _must_be_active(incident)
    after = replace(incident, state=State.RESOLVED, resolved_at=at, changed_at=at, snooze=None)
    return _acted(incident, after, Reason.RESOLVED_BY_HAND, actor, reason.strip())


def _must_be_active(incident: Finding) -> None:
    if not incident.active:
        raise ConfigError(
            f"incident {incident.id}",
            f"it is {incident.state.value}",
            "only an open or acknowledged incident can be acted on",
        )


def _acted(before: Finding, after: Finding, reason: Reason, actor: str, detail: str = "") -> Act:
    event = Event(after.id, after.changed_at, reason.value, before.state, after.state, actor, detail)
    if before.told_severity is None:
        return Act(after, event)
    told = replace(after, told_severity=None) if not after.active else after
    return Act(told, event, Notice(told, reason, actor))


# Which results of a run count for incidents: one a fingerprint, and only those that can be trusted now.


CODES: Codes = {"delivery.not_judged": {"problem": Statement}}
"""What is said of a delivery itself; see `statement.Codes`."""


def heard(
    results: Sequence[CheckResult], delivery: Delivery, live: Collection[Fingerprint]
) -> tuple[dict[Fingerprint, CheckResult], frozenset[Fingerprint]]:
    """The worst result a fingerprint, and which of these fingerprints count.

    Of a delivery that could not be read only results about the delivery itself count: evidence `schedule`, or
    the error of reading it. Where a run has none, one is added, so that somebody always hears.
    """
    found = _worst(_with_delivery_result(results, delivery, live), delivery.feed)
    if delivery.read:
        return found, frozenset(found)
    return found, frozenset(key for key, result in found.items() if _about_delivery(result))


def _about_delivery(result: CheckResult) -> bool:
    return result.evidence is Evidence.SCHEDULE or result.check == DELIVERY_CHECK


def _with_delivery_result(
    results: Sequence[CheckResult], delivery: Delivery, live: Collection[Fingerprint]
) -> tuple[CheckResult, ...]:
    if any(result.check == DELIVERY_CHECK for result in results):
        return tuple(results)
    if delivery.read:
        needed = Fingerprint(delivery.feed, DELIVERY_CHECK, WHOLE) in live
        said = CheckResult(DELIVERY_CHECK, Status.PASSED, Evidence.CONTRACT, code="delivery.readable")
    else:
        needed = not any(_about_delivery(result) and result.status >= Status.FAILED for result in results)
        why = {"problem": delivery.why}
        said = CheckResult(DELIVERY_CHECK, Status.ERROR, Evidence.CONTRACT, code="delivery.not_judged", params=why)
    return (*results, said) if needed else tuple(results)


def _worst(results: Sequence[CheckResult], feed: str) -> dict[Fingerprint, CheckResult]:
    found: dict[Fingerprint, CheckResult] = {}
    for result in results:
        fingerprint = Fingerprint(feed, result.check, result.segment)
        kept = found.get(fingerprint)
        if kept is None or _badness(result) > _badness(kept):
            found[fingerprint] = result
    return found


def _badness(result: CheckResult) -> tuple[Status, float]:
    return result.status, abs(result.missing.value) if result.missing is not None else 0.0


def delivery_key(delivery: Delivery) -> str:
    """What makes two deliveries the same one: its id and its bytes."""
    return f"{delivery.id}@{delivery.sha256 or delivery.presence.value}"


def by_fingerprint(results: Mapping[Fingerprint, CheckResult]) -> list[tuple[Fingerprint, CheckResult]]:
    """The results in order of fingerprint."""
    return sorted(results.items(), key=lambda pair: pair[0])


# What time alone does to incidents: snoozes end, and what stayed quiet is closed.


def sweep(live: Mapping[Fingerprint, Finding], *, policy: Policy, at: datetime) -> Advance:
    """End snoozes and close incidents that stayed quiet; pure, and a second sweep changes nothing.

    `advance` does this too; a scheduler calls it for the days on which nothing is delivered.
    """
    finding_set = FindingSet.of(live, at)
    end_snoozes(finding_set)
    close_quiet(finding_set, policy)
    group(finding_set)
    return finding_set.done(tell(finding_set, policy))


def end_snoozes(finding_set: FindingSet) -> None:
    """Take away every snooze whose time is over."""
    for incident in finding_set.walk():
        if incident.snooze is not None and incident.snooze.until <= finding_set.at:
            finding_set.record(incident.state, replace(incident, snooze=None), Reason.SNOOZE_EXPIRED)


def close_quiet(finding_set: FindingSet, policy: Policy) -> None:
    """Close every resolved incident that stayed quiet."""
    for incident in finding_set.walk():
        if quiet_enough(incident, policy, finding_set.at):
            gone = replace(incident, state=State.CLOSED, closed_at=finding_set.at, snooze=None)
            finding_set.record(incident.state, gone, Reason.CLOSED_QUIET)


def quiet_enough(incident: Finding, policy: Policy, at: datetime) -> bool:
    """Whether a resolved incident may be closed.

    Besides the time, a few healthy deliveries in a row are asked for: with one delivery a day, a problem that
    comes and goes would otherwise be a new incident each time, and never be seen to flap.
    """
    if incident.state is not State.RESOLVED or incident.resolved_at is None:
        return False
    quiet_for = at - incident.resolved_at
    last = incident.flips[-policy.settled :]
    settled = len(last) == policy.settled and not any(last) and not policy.flapping(incident)
    return (quiet_for > policy.reopen and settled) or quiet_for > policy.forget
