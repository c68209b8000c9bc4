"""A delivery: one expected or received package of a feed, and what its sender declares about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum

from .segment import Segment
from .statement import Name, Statement, legacy


class DeliveryKind(Enum):
    """What the rows of a delivery mean."""

    MUTATION = "mutation"  # changes since the previous delivery
    SNAPSHOT = "snapshot"  # the full state on a reference date; never added to mutations
    REDELIVERY = "redelivery"  # replaces the mutation delivery of the same period
    CORRECTION = "correction"  # replaces single records of the same period
    CATCH_UP = "catch-up"  # a declared backlog; never a baseline


class Presence(Enum):
    """Whether a delivery is there and can be read, before anything in it is judged."""

    READ = "read"
    ABSENT = "absent"  # due, past its grace, not there
    UNREADABLE = "unreadable"  # there, but not what it claims to be


_WHY = {
    Presence.READ: "delivery.readable",
    Presence.ABSENT: "delivery.absent",
    Presence.UNREADABLE: "delivery.unreadable",
}
UNREADABLE = "unreadable "
"""How the mark of a delivery begins that could not be read."""
FOR_NOW = f"{UNREADABLE}for now"
"""The mark of one that could not be read for a reason that may pass."""
_PASSING = frozenset(
    f"delivery.{code}" for code in ("not_opened", "not_read", "manifest_not_read", "measuring_stood_still")
)
_OUT_OF_REACH = frozenset({"delivery.connection_lost", "delivery.rows_out_of_reach"})
"""What says nothing of the rows, whatever class of error it was: they are measured again by the next check."""
_OWN = frozenset(
    f"delivery.{code}"
    for code in (
        *("measuring_ended", "measuring_failed", "measuring_no_memory", "measuring_took_memory"),
        *("measuring_took_time", "plugin_failed", "plugin_columns", "plugin_no_columns"),
        *("database_not_read", "statement_took_time", "spark_failed", "spark_missing"),
    )
)
_PASSING_CAUSES = frozenset(
    {"OSError", "PermissionError", "FileNotFoundError", "TimeoutError", "BlockingIOError", "InterruptedError"}
    | {"ConnectionError", "ConnectionResetError", "ConnectionAbortedError", "BrokenPipeError"}
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the sender declares of a delivery. None or empty: not stated.

    `rows_by_segment` and `selected_by_segment` hold control totals; `excluded` counts by reason.
    """

    delivery_uuid: str | None = None
    sequence: int | None = None
    kind: DeliveryKind = DeliveryKind.MUTATION
    sender: str | None = None
    receiver: str | None = None
    period_from: date | None = None
    period_to: date | None = None
    created_at: datetime | None = None
    schema_version: str | None = None
    code_table_versions: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None
    sha256: str | None = None
    rows: int | None = None
    rows_by_segment: Mapping[Segment, int] = field(default_factory=dict)
    selected: int | None = None
    selected_by_segment: Mapping[Segment, int] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)
    software_version: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a feed, received or only expected.

    Attributes:
        feed: name of the feed in the configuration.
        id: the delivery's identity in its feed (`000123`, or the period); for an absent one `due:<date>`.
        period: the date that this delivery is for (its reference date).
        presence: whether it could be read.
        arrived_at: when it was complete at the receiver (UTC), None while absent.
        due_at: when it was due (UTC), None when the feed has no schedule or nothing was due.
        sha256: of its bytes, None when absent or unreadable.
        size: bytes, None when absent or not a file.
        manifest: what the sender declares, None without a manifest.
        problem: for ABSENT and UNREADABLE, why (`problems.PROBLEMS`); a text of an older plug-in is taken too.
    """

    feed: str
    id: str
    period: date
    presence: Presence = Presence.READ
    arrived_at: datetime | None = None
    due_at: datetime | None = None
    sha256: str | None = None
    size: int | None = None
    manifest: Manifest | None = None
    problem: Statement | None = None

    def __post_init__(self) -> None:
        """Convert a plain-text problem from an older plug-in to a statement."""
        given: object = self.problem
        if isinstance(given, str):
            object.__setattr__(self, "problem", legacy(given))

    @property
    def read(self) -> bool:
        """Whether its rows were read, so that a count that is not there is 0."""
        return self.presence is Presence.READ

    @property
    def why(self) -> Statement:
        """The reason why an absent or unreadable delivery cannot be judged."""
        return self.problem or Statement(_WHY[self.presence])

    @property
    def mark(self) -> str | None:
        """An identifier of the content, to detect a replaced delivery with the same id; None for an absent one.

        That is its SHA-256. Of one that could not be read it is the moment at which it came: what replaces it
        comes later. A fault that may pass leaves a mark that no content has, so every check reads it again.
        """
        if self.unreadable_for_now:
            return FOR_NOW
        return self.unread_mark if self.presence is Presence.UNREADABLE else self.sha256

    @property
    def unreadable_for_now(self) -> bool:
        """Whether it could not be read for a reason that may pass: of the machine, not of its content."""
        return self.presence is Presence.UNREADABLE and self.problem is not None and _may_pass(self.problem)

    @property
    def unread_mark(self) -> str | None:
        """The mark that it has, or would have, as one that could not be read; None: nobody knows when it came."""
        return None if self.arrived_at is None else f"{UNREADABLE}{self.arrived_at.isoformat()}"

    @property
    def kind(self) -> DeliveryKind:
        """What its rows mean; a delivery without a manifest is a mutation delivery."""
        return self.manifest.kind if self.manifest is not None else DeliveryKind.MUTATION


def _may_pass(problem: Statement) -> bool:
    cause = problem.params.get("cause")
    passing = not isinstance(cause, Name) or cause.text in _PASSING_CAUSES
    return problem.code in _OUT_OF_REACH or (problem.code in _PASSING and passing)


def is_reading_fault(problem: Statement) -> bool:
    """Return whether a problem of a delivery is of the machine, the source or a plug-in, not of its content."""
    return problem.code in _OWN or _may_pass(problem)


FIRST_DAY = date(1970, 1, 1)
"""No delivery is for an earlier day."""
LAST_DAY = date(2100, 12, 31)
"""No figure and no declaration is about a later day."""
MOST_ROWS = 10**12
"""No delivery, manifest or figure counts more: a hundred times the persons on earth."""
FARTHEST = timedelta(days=3653)
"""No delivery is for a day farther ahead than this: ten years, since `check --at` may lie years before a file."""


_IMPOSSIBLE = "delivery.period_impossible"


def has_impossible_period(delivery: Delivery) -> bool:
    """Return whether the delivery is for no day: then it is not what was due on any."""
    return delivery.problem is not None and delivery.problem.code == _IMPOSSIBLE


def with_possible_period(delivery: Delivery, today: date) -> Delivery:
    """Return the delivery, unreadable and for today when its period cannot be: a slip, or a placeholder.

    A single period of the year 9999 would stretch every chart and every search for due moments.
    """
    last = min(today, date.max - FARTHEST) + FARTHEST
    if FIRST_DAY <= delivery.period <= last:
        return delivery
    problem = Statement(_IMPOSSIBLE, {"first": FIRST_DAY, "last": last})
    return replace(delivery, period=today, presence=Presence.UNREADABLE, sha256=None, problem=problem)
