"""Independent evidence about a feed, as it was known at a moment: nothing published later may be in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from .catchup import Impact
from .segment import WHOLE, Segment


@dataclass(frozen=True, slots=True)
class ReferenceFigure:
    """How many persons somebody else says there were, in a segment and period.

    Attributes:
        period_from: first day, inclusive.
        period_to: last day, inclusive.
        count: persons.
        uncertainty: relative standard deviation of the count as a forecast of ours (fraction, 0.02 = 2 %).
        published_on: the day it became known; a check before that day never sees it.
        source: who published it and where it can be found again.
        version: 1 for the first publication of the same source, segment and period, then counting up.
        hop: the hop of the chain that the count was taken at, when it belongs to the account of a chain; then it
            is exact and no forecast. Empty: a figure that outsiders published.
        reason: why the persons counted went no further than before this hop; empty: they came to it.
    """

    segment: Segment
    period_from: date
    period_to: date
    count: float
    uncertainty: float
    published_on: date
    source: str
    version: int = 1
    hop: str = ""
    reason: str = ""


UNDERCOVERAGE = "undercoverage"
"""The hop under which it is kept how lists overlap.

`source` is the names of the lists, joined by `+`; `reason` a digit a list, 1 where it holds the persons counted;
`uncertainty` the fraction of links between two lists that are missed.
"""

REJECTED = "(rejected)"
"""The reason of an acknowledgement that refuses the delivery as a whole."""

CONTENT = "(sha256) "
"""Begins the reason of an acknowledgement that states the SHA-256 of the file that came."""


def acknowledgement_hop(hop: str) -> str:
    """Return the hop under which each delivery's acknowledgement is kept, besides its counts at the hop itself.

    `source` is the delivery's number or id there. A figure without a reason counts the persons accepted.
    """
    return f"acknowledgement:{hop}"


@dataclass(frozen=True, slots=True)
class InquiryCount:
    """Inquiries about persons the receiver did not know, counted by day, segment and outcome.

    `outcome` is one of known, should_have_been_sent, not_obliged, open.
    """

    day: date
    outcome: str
    count: int
    segment: Segment = WHOLE


@dataclass(frozen=True, slots=True)
class ReconciliationCount:
    """The outcome of one keyed reconciliation for one segment; persons.

    `missing` is older than the SLA and never delivered, `pending` is not delivered but still within it,
    `late` arrived after it, `extra` was delivered and is not in the register, `different` arrived with other
    segment values. `first_missing` is the Monday of the week of the oldest decision among the missing: the day
    itself would be one person's own. `recent` arrived in the four weeks up to the register's date, `recent_late`
    of them after the SLA; `age_p50`, `age_p95` and `age_longest` are their days from decision to arrival, None
    where fewer than ten have one. `impact` says where the missing are and which terms run for them, None when
    nobody is. None in all of these: compared by an earlier version.
    """

    register_date: date
    at: datetime
    segment: Segment
    registered: int
    matched: int
    missing: int
    pending: int
    late: int
    extra: int
    different: int
    first_missing: date | None = None
    recent: int | None = None
    recent_late: int | None = None
    age_p50: int | None = None
    age_p95: int | None = None
    age_longest: int | None = None
    impact: Impact | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """All independent evidence that could be known at a moment: that of judging, or that at which a delivery came.

    `at` and `until` say which moment that is (None: not told), and the last row read of each evidence table, so
    that the same evidence can be selected again.
    """

    references: tuple[ReferenceFigure, ...] = ()
    inquiries: tuple[InquiryCount, ...] = ()
    reconciliations: tuple[ReconciliationCount, ...] = ()
    hops: tuple[ReferenceFigure, ...] = ()
    at: datetime | None = field(default=None, compare=False)
    until: Mapping[str, int] = field(default_factory=dict, compare=False)


# Synthetic persons that a sender puts in, one of each legal category, to see whether they come out.


PREFIX = "canary."


@dataclass(frozen=True, slots=True)
class Canary:
    """One synthetic person.

    Attributes:
        number: its place in the declared range of keys; the key itself is nobody's, and is not told either.
        decided: fictional decision date of the synthetic person.
        category: as what it must come out.
    """

    number: int
    decided: date
    category: Segment

    @property
    def metric(self) -> str:
        """Name of the measurement that counts it in a delivery."""
        return f"{PREFIX}{self.number}"
