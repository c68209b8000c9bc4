"""What time alone does to incidents: snoozes end, and what stayed quiet is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ketenwacht.domain.finding import Finding, Fingerprint, State
from ketenwacht.domain.policy import Policy

from .finding_set import Advance, FindingSet
from .grouping import group
from .notices import tell
from .reasons import Reason


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
