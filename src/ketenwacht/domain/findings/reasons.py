"""Every reason that a decision about an incident can have, and the table of transitions."""

from __future__ import annotations

from enum import Enum, auto

from ketenwacht.domain.finding import State
from ketenwacht.domain.status import Status


class Reason(Enum):
    """Why something happened to an incident, or why nothing did. The value is what events store."""

    # transitions
    OPENED = "opened"
    REOPENED = "reopened"
    RECOVERED = "recovered"
    RESOLVED_BY_HAND = "resolved-by-hand"
    ACKNOWLEDGED = "acknowledged"
    CLOSED_QUIET = "closed-quiet"  # resolved and quiet for long enough
    SUPERSEDED = "superseded"  # it failed again, too late to be the same incident
    # changes that leave the state as it is
    SNOOZED = "snoozed"
    SNOOZE_EXPIRED = "snooze-expired"
    SNOOZE_BROKEN = "snooze-broken"  # the shortfall grew
    SEVERITY_GREW = "severity-grew"
    SHORTFALL_GREW = "shortfall-grew"
    NATURE_CHANGED = "nature-changed"  # what could not be judged proved wrong, or a warning became a failure
    FLAPPING = "flapping"
    STABLE = "stable"  # no longer flapping
    GROUPED = "grouped"  # a containing segment fails the same check and speaks for it
    UNGROUPED = "ungrouped"
    # decisions that leave no event
    STILL_FAILING = "still-failing"
    STILL_HEALTHY = "still-healthy"
    UNDECIDED = "undecided"  # unproven, skipped or doubtful: proves neither failure nor health
    INHIBITED = "inhibited"  # the delivery is missing or unreadable: nothing depends on it now
    SEEN = "seen"  # this delivery was judged before
    OLDER = "older"  # a newer delivery was judged before this healthy one, which therefore proves nothing


class Signal(Enum):
    """What one result says about an incident."""

    FAILING = auto()
    HEALTHY = auto()
    DOUBTFUL = auto()  # a warning: failing for an incident that is itself a warning, else no decision
    SILENT = auto()


SIGNALS = {
    Status.PASSED: Signal.HEALTHY,
    Status.SKIPPED: Signal.SILENT,
    Status.UNPROVEN: Signal.SILENT,
    Status.WARNED: Signal.DOUBTFUL,
    Status.FAILED: Signal.FAILING,
    Status.ERROR: Signal.FAILING,
}

# A check that gives one of these could judge again: an incident that is only about not judging is over.
JUDGED = frozenset({Status.UNPROVEN, Status.WARNED})

# (state now, what the result says) → (state after, why). None: there is no incident.
# A resolved one that fails too late is SUPERSEDED instead of REOPENED: closed, and a new one opened.
TRANSITIONS: dict[tuple[State | None, Signal], tuple[State | None, Reason]] = {
    (None, Signal.FAILING): (State.OPEN, Reason.OPENED),
    (None, Signal.HEALTHY): (None, Reason.STILL_HEALTHY),
    (State.OPEN, Signal.FAILING): (State.OPEN, Reason.STILL_FAILING),
    (State.OPEN, Signal.HEALTHY): (State.RESOLVED, Reason.RECOVERED),
    (State.ACKNOWLEDGED, Signal.FAILING): (State.ACKNOWLEDGED, Reason.STILL_FAILING),
    (State.ACKNOWLEDGED, Signal.HEALTHY): (State.RESOLVED, Reason.RECOVERED),
    (State.RESOLVED, Signal.FAILING): (State.OPEN, Reason.REOPENED),
    (State.RESOLVED, Signal.HEALTHY): (State.RESOLVED, Reason.STILL_HEALTHY),
}

# Reasons that are only decisions; every other one is an event.
QUIET = frozenset(
    {
        Reason.STILL_FAILING,
        Reason.STILL_HEALTHY,
        Reason.UNDECIDED,
        Reason.INHIBITED,
        Reason.SEEN,
        Reason.OLDER,
    }
)

# Told to the whole channel, not only to those who follow the thread.
BROADCAST = frozenset({Reason.SEVERITY_GREW, Reason.REOPENED})
