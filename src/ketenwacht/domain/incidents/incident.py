"""An incident: findings of one feed that are about the same thing, with one number, onset and owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from ketenwacht.domain.findings.finding import Finding, Severity, Snooze
from ketenwacht.domain.result import Evidence, Missing
from ketenwacht.domain.segment import WHOLE, Segment
from ketenwacht.domain.statement import Statement


class IncidentNature(Enum):
    """What an incident, or a finding, is about. The value is what JSON shows."""

    MISSING = "missing"
    SURPLUS = "surplus"
    LATE = "late"
    UNREADABLE = "unreadable"
    BROKEN_RULE = "broken-rule"
    SCHEMA = "schema"
    PRIVACY = "privacy"
    CANNOT_JUDGE = "cannot-judge"


class IncidentState(Enum):
    """Where an incident is in its life. The value is what JSON shows."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    STOPPED = "stopped"  # no new loss, but persons are still missing
    RESOLVED = "resolved"
    CLOSED = "closed"


NEEDS_ACTION = frozenset(
    {IncidentState.OPEN, IncidentState.ACKNOWLEDGED, IncidentState.SNOOZED, IncidentState.STOPPED}
)
"""The states of an incident that is not over."""


@dataclass(frozen=True, slots=True)
class MissingPart:
    """The missing persons of one part: persons, unrounded.

    Attributes:
        segment: which part; the parts of one number differ in one dimension and share nobody.
        value: persons.
        low: lower end of the 90 % interval.
        high: upper end.
        since: the onset, as its strongest evidence has it.
        evidence: the strongest evidence for it.
    """

    segment: Segment
    value: float
    low: float
    high: float
    since: date
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class AlsoSays:
    """What evidence says that the number does not rest on: `also says 610 (460–770)`."""

    evidence: Evidence
    value: float
    low: float
    high: float
    since: date


@dataclass(frozen=True, slots=True)
class MissingPersons:
    """How many persons are missing: the one number that every surface shows. Persons, unrounded.

    Surfaces round at the end: the ends of the interval outward to tens (`messages.privacy.Privacy.outward`).

    Attributes:
        value: persons.
        low: lower end of the 90 % interval; the ends of parts add up.
        high: upper end.
        since: the onset, as the strongest evidence has it.
        evidence: the strongest evidence that the number rests on.
        parts: largest first; together never more than the whole. Empty when only the whole is known.
        also: other evidence, strongest first.
        until: the day up to which the strongest evidence counts (a register's date); None: not known.
        rests_on: every evidence that the number needs, strongest first.
    """

    value: float
    low: float
    high: float
    since: date
    evidence: Evidence
    parts: tuple[MissingPart, ...] = ()
    also: tuple[AlsoSays, ...] = ()
    until: date | None = None
    rests_on: tuple[Evidence, ...] = ()

    def to_estimate(self) -> Missing:
        """Return the number as an estimate, without its parts."""
        return Missing(self.since, self.value, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why persons are missing: a category that does not arrive, a reason that takes more persons than it did.

    Attributes:
        code: what was found, as a stable code.
        segment: of which part.
        since: since when, as far as is known.
        ended: whether it is over; the persons may still be missing.
        finding: id of the finding that says so.
    """

    code: str
    segment: Segment
    since: date
    ended: bool
    finding: str


@dataclass(frozen=True, slots=True)
class CandidateCause:
    """Something that changed about the onset of an incident, and may be why it happened.

    Attributes:
        said: what changed, as a code of `cause_finders.CODES`.
        since: the delivery's day on which it changed, as far as is known.
        fit: how well it fits, 0 to 1: 1 minus the chance of such a change by accident.
    """

    said: Statement
    since: date
    fit: float


@dataclass(frozen=True, slots=True)
class CauseSearch:
    """What the search for a cause found.

    Attributes:
        candidates: at most three, the best first; empty: the cause is unknown.
        before: deliveries before the onset that were compared.
        after: deliveries from the onset on that were compared.
    """

    candidates: tuple[CandidateCause, ...]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Incident:
    """What people handle. Times are UTC.

    Attributes:
        number: its short number (`#7`), unique in a history.
        feed: name of the feed.
        nature: what it is about.
        state: where it is in its life.
        severity: how bad, by its own number of persons and not by one segment's.
        findings: all of them, the strongest evidence first.
        missing: the one number; None when it is not about missing persons, or nothing proves a number.
        causes: why, oldest first.
        search: what changed about its onset; None: nobody looked.
        not_fitting: findings that are listed here and contradict it; never in its headline.
        segment: the smallest part that holds all of it; empty: the whole feed.
        since: the onset.
        opened_at: when the first of its findings was opened.
        resolved_at: when the last of its findings ended; None while one lives.
        recoded: a shortfall and a surplus in sibling segments cancel out: probably coded otherwise.
        stopped_on: since when nobody more goes missing; None while it grows, or that is not known.
        owner: who looks after it; None: nobody.
        acknowledged_at: when somebody said so.
        snooze: silence that somebody asked for.
        merged_into: the number it is continued in; None: it stands by itself.
    """

    number: int
    feed: str
    nature: IncidentNature
    state: IncidentState
    severity: Severity
    findings: tuple[Finding, ...]
    opened_at: datetime
    since: date
    missing: MissingPersons | None = None
    causes: tuple[Cause, ...] = ()
    search: CauseSearch | None = None
    not_fitting: tuple[Finding, ...] = ()
    segment: Segment = WHOLE
    resolved_at: datetime | None = None
    recoded: bool = False
    stopped_on: date | None = None
    owner: str | None = None
    acknowledged_at: datetime | None = None
    snooze: Snooze | None = None
    merged_into: int | None = None

    @property
    def name(self) -> str:
        """Its short number for people: `#7`."""
        return f"#{self.number}"

    @property
    def active(self) -> bool:
        """Whether it is not over: open, acknowledged, snoozed or stopped."""
        return self.state in NEEDS_ACTION

    @property
    def urgency(self) -> tuple[bool, int, float, int]:
        """The order of incidents on every surface: active ones, then severe ones, then those with most persons."""
        persons = 0.0 if self.missing is None else self.missing.value
        return (not self.active, -self.severity, -persons, self.number)

    @property
    def fitting(self) -> tuple[Finding, ...]:
        """The findings that are evidence for it, the strongest first."""
        apart = {finding.id for finding in self.not_fitting}
        return tuple(finding for finding in self.findings if finding.id not in apart)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every evidence for it, the strongest first."""
        return tuple(dict.fromkeys(finding.evidence for finding in self.fitting))

    @property
    def title_finding(self) -> Finding:
        """The finding that says it best: what its title is about when there is no number."""
        return (self.fitting or self.findings)[0]


@dataclass(frozen=True, slots=True)
class Membership:
    """To which incident a finding belongs.

    Attributes:
        finding: its id.
        incident: the number.
        by_hand: a person put it there, by a split or a merge; grouping never moves it.
    """

    finding: str
    incident: int
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """What a history holds of an incident besides its findings: what people did. Times are UTC.

    Attributes:
        number: its short number.
        feed: name of the feed.
        opened_at: when it began.
        owner: who looks after it.
        acknowledged_at: when somebody said so.
        snooze: silence that somebody asked for.
        merged_into: the number it is continued in.
        told: what people have been told of it, for whoever sends alerts; None: nothing yet.
        search: what the search for its cause found; None: nobody looked.
    """

    number: int
    feed: str
    opened_at: datetime
    owner: str | None = None
    acknowledged_at: datetime | None = None
    snooze: Snooze | None = None
    merged_into: int | None = None
    told: Mapping[str, object] | None = field(default=None, hash=False)
    search: CauseSearch | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class KnownIncidents:
    """What a history knows of the incidents of one feed before a run.

    Attributes:
        incidents: by number, merged ones too.
        memberships: by id of the finding.
        next_number: the first number that nothing in the history has.
    """

    incidents: Mapping[int, KnownIncident] = field(default_factory=dict)
    memberships: Mapping[str, Membership] = field(default_factory=dict)
    next_number: int = 1
