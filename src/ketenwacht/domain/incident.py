"""An incident: one problem with a life, from the first failing result until it is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, IntEnum

from .result import Evidence, Missing
from .segment import Segment
from .status import Status


class State(Enum):
    """Where an incident is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Severity(IntEnum):
    """How bad, by persons missing, never by sigmas."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Nature(Enum):
    """What sort of problem it is: these are told apart everywhere."""

    ERROR = "error"  # we could not judge
    FAILED = "failed"  # the data is wrong
    WARNED = "warned"  # worth a look
    PRIVACY = "privacy"  # somebody arrived who should not have, or at the wrong receiver


@dataclass(frozen=True, slots=True, order=True)
class Fingerprint:
    """What makes two results the same problem. At most one live incident a fingerprint."""

    feed: str
    check: str
    segment: Segment


@dataclass(frozen=True, slots=True)
class Snooze:
    """Silence with an owner, a reason and an end (UTC)."""

    owner: str
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """One problem. Times are UTC; `message_ref` is the thread it is told in, once posted."""

    id: str
    fingerprint: Fingerprint
    state: State
    nature: Nature
    severity: Severity
    evidence: Evidence
    opened_at: datetime
    changed_at: datetime
    period: date
    summary: str
    missing: Missing | None = None
    owner: str | None = None
    snooze: Snooze | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    last_status: Status = Status.FAILED
    flips: tuple[bool, ...] = ()  # failing or not, the last deliveries, newest last
    parent: str | None = None  # id of the incident that explains this one


@dataclass(frozen=True, slots=True)
class Event:
    """One transition of one incident, with its named reason: durable, append-only."""

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
        kind: incident | recovery | digest | test.
        body: the neutral message, JSON.
        created_at: UTC.
    """

    id: str
    route: str
    topic: str
    kind: str
    body: str
    created_at: datetime
