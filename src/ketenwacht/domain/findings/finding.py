"""A finding: one problem with a life, from the first failing result until it is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, IntEnum, auto

from ketenwacht.domain.catchup import Impact
from ketenwacht.domain.result import Evidence, Missing, Status
from ketenwacht.domain.segment import Segment
from ketenwacht.domain.statement import Statement


class State(Enum):
    """Where a finding is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Severity(IntEnum):
    """The severity of a finding, by the number of missing persons."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Nature(Enum):
    """What sort of problem it is: each has its own name everywhere."""

    ERROR = "error"  # we could not judge
    FAILED = "failed"  # the data is wrong
    WARNED = "warned"  # worth a look
    PRIVACY = "privacy"  # somebody arrived who should not have, or at the wrong receiver


@dataclass(frozen=True, slots=True, order=True)
class Fingerprint:
    """What makes two results the same problem. At most one live finding a fingerprint.

    `due` names the delivery that a finding about one due moment belongs to: the moment (UTC, ISO 8601), or
    `id:` and the id of a delivery that was due at none. Empty for a finding that any delivery can change.
    """

    feed: str
    check: str
    segment: Segment
    due: str = ""


@dataclass(frozen=True, slots=True)
class Snooze:
    """Silence with an owner, a reason and an end (UTC).

    `missing` is the shortfall in persons when it began: a shortfall that grows beyond it breaks the silence.
    """

    owner: str
    reason: str
    until: datetime
    missing: float | None = None


@dataclass(frozen=True, slots=True)
class TrailPoint:
    """What a finding said of missing persons at one time.

    Attributes:
        day: up to which it counted: a register's date, a figure's last day, else the delivery's day.
        value: persons; negative: too many.
        low: lower end of the interval.
        high: upper end.
    """

    day: date
    value: float
    low: float
    high: float


def counted_until(said: Statement, default: date) -> date:
    """Return the day up to which a statement counts: a register's date or a figure's last day, else `default`."""
    for name in ("register", "until"):
        day = said.params.get(name)
        if isinstance(day, date):
            return day
    return default


LONGEST_TRAIL = 120
"""Points of a trail that are kept, the newest."""


def extend_trail(trail: tuple[TrailPoint, ...], missing: Missing | None, day: date) -> tuple[TrailPoint, ...]:
    """Return a trail with what is said now, when that is another number than before.

    Args:
        trail: oldest first.
        missing: what is said now; None: nothing.
        day: up to which it counts.
    """
    if missing is None or (trail and (day < trail[-1].day or _same_number(trail[-1], missing))):
        return trail
    kept = trail[:-1] if trail and trail[-1].day == day else trail
    return (*kept, TrailPoint(day, missing.value, missing.low, missing.high))[-LONGEST_TRAIL:]


def _same_number(point: TrailPoint, missing: Missing) -> bool:
    return (point.value, point.low, point.high) == (missing.value, missing.low, missing.high)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. Times are UTC.

    Attributes:
        id: its name for people and commands.
        period: of the delivery that opened it; `feed/period` is the topic (thread) it is told in, for good.
        said: what the latest failing result says.
        missing: the latest estimate of missing persons (negative: persons too many).
        impact: where the missing are and which terms run for them, as last counted; None when no evidence counted
            it.
        last_status: of the latest result that it was judged by.
        flips: failing or not in the last deliveries, newest last; at most the policy's window.
        parent: id of the finding on a containing segment that represents this one.
        last_delivery: the delivery it was last judged by, so that judging that one again changes nothing.
        last_period: the newest period it was judged by; an older delivery never resolves it.
        told_severity: how bad people have been told it is; None: they have not been told that it is failing.
        told_missing: the shortfall that people have been told, persons.
        trail: its number over time, oldest first; one point a change, the newest ones.
    """

    id: str
    fingerprint: Fingerprint
    state: State
    nature: Nature
    severity: Severity
    evidence: Evidence
    opened_at: datetime
    changed_at: datetime
    period: date
    said: Statement
    missing: Missing | None = None
    impact: Impact | None = None
    owner: str | None = None
    snooze: Snooze | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    last_status: Status = Status.FAILED
    flips: tuple[bool, ...] = ()  # failing or not, the last deliveries, newest last
    parent: str | None = None
    last_delivery: str = ""
    last_period: date | None = None
    told_severity: Severity | None = None
    told_missing: float | None = None
    trail: tuple[TrailPoint, ...] = ()

    @property
    def active(self) -> bool:
        """Whether it is failing as far as we know: open or acknowledged."""
        return self.state in _ACTIVE

    @property
    def came(self) -> bool:
        """Whether the delivery came that this finding waited for; `said` says how then."""
        return bool(self.fingerprint.due) and not self.active and self.last_status <= Status.WARNED

    @property
    def topic(self) -> str:
        """What its messages are about: the feed and period that it began with."""
        return f"{self.fingerprint.feed}/{self.period.isoformat()}"


_ACTIVE = frozenset({State.OPEN, State.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class Event:
    """One transition of one finding, with its named reason: durable, append-only."""

    incident_id: str
    at: datetime
    reason: str
    before: State | None
    after: State
    actor: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """A row of the outbox: something somebody must be told, written with the run that found it.

    Attributes:
        id: stable identity, also the message's metadata at the other side, so that a resend is recognised.
        route: name of the alert route.
        topic: what one root message is about (`feed/period`); alerts of a topic share a thread.
        kind: incident | recovery | update | digest | test.
        body: the neutral message, JSON.
        created_at: UTC.
    """

    id: str
    route: str
    topic: str
    kind: str
    body: str
    created_at: datetime


# Every reason that a decision about a finding can have, and the table of transitions.


class Reason(Enum):
    """Why something happened to a finding, or why nothing did. The value is what events store."""

    # transitions
    OPENED = "opened"
    REOPENED = "reopened"
    RECOVERED = "recovered"
    RESOLVED_BY_HAND = "resolved-by-hand"
    EXCUSED = "excused"  # a declared pause covers the due moment
    ACKNOWLEDGED = "acknowledged"
    CLOSED_QUIET = "closed-quiet"  # resolved and quiet for long enough
    SUPERSEDED = "superseded"  # it failed again, too late to be the same finding
    # changes that keep the state
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
    """What one result says about a finding."""

    FAILING = auto()
    HEALTHY = auto()
    DOUBTFUL = auto()  # a warning: failing for a finding that is itself a warning, else no decision
    SILENT = auto()


SIGNALS = {
    Status.PASSED: Signal.HEALTHY,
    Status.SKIPPED: Signal.SILENT,
    Status.UNPROVEN: Signal.SILENT,
    Status.WARNED: Signal.DOUBTFUL,
    Status.FAILED: Signal.FAILING,
    Status.ERROR: Signal.FAILING,
}

# What a result says about the finding of one due moment: a delivery that came ended it, late or not.
SIGNALS_BY_DUE = {**SIGNALS, Status.WARNED: Signal.HEALTHY}

# A check that gives one of these could judge again: a finding that is only about not judging is over.
JUDGED = frozenset({Status.UNPROVEN, Status.WARNED})

# (state now, what the result says) → (state after, why). None: there is no finding.
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
